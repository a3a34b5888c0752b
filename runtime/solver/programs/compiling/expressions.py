"""Expressions: literals, names, operators, calls, attributes, subscripts and f-strings."""

import ast
import builtins
from fractions import Fraction

from runtime.solver.budget import MAX_BITS, OverBudget
from runtime.solver.programs.compiling.assignments import name_assigner
from runtime.solver.programs.compiling.calls import attribute_access, call, listed, slicing, subscript
from runtime.solver.programs.compiling.compiler import Compiler
from runtime.solver.programs.library.text import format_value, to_repr
from runtime.solver.programs.literals import read_number
from runtime.solver.programs.machine import (
    Env,
    Fault,
    Refused,
    Run,
    Value,
    check_keys,
    type_name,
)
from runtime.solver.programs.operators import BINARY, COMPARISONS, UNARY

HOST_NAMES = frozenset(dir(builtins))

_MISSING = object()


def _constant(compiler: Compiler, node: ast.Constant) -> Run:
    value: Value = node.value
    kind = type(value)
    if kind is float:
        value = _decimal(compiler, node)
    elif kind is int:
        if value.bit_length() > MAX_BITS:
            raise OverBudget("a number of more than 9,800 digits")
    elif kind not in (str, bool, type(None)):
        raise Refused(f"{kind.__name__} literals")
    return lambda env: value


def _decimal(compiler: Compiler, node: ast.Constant) -> Fraction:
    """A float literal as it is written: 0.1 is 1/10."""
    written = compiler.lines[node.lineno - 1][node.col_offset : node.end_col_offset]
    return Fraction(read_number(compiler.machine, written.decode("ascii")))


def _name(compiler: Compiler, node: ast.Name) -> Run:
    name = compiler.checked_name(node.id)
    depth = compiler.depth(name)
    if depth is None:
        return _module_name(compiler, name)
    if depth == 0:
        return lambda env: _local(env, name)
    steps = depth

    def run(env: Env) -> Value:
        for _ in range(steps):
            env = env.outer  # type: ignore[assignment]
        return _local(env, name)

    return run


def _local(env: Env, name: str) -> Value:
    value = env.names.get(name, _MISSING)
    if value is _MISSING:
        raise Fault("UnboundLocalError", f"{name[:40]!r} has no value yet")
    return value


def _module_name(compiler: Compiler, name: str) -> Run:
    compiler.loaded.add(name)
    variables, prepared = compiler.variables, compiler.prepared

    def run(env: Env) -> Value:
        if name in variables:
            return variables[name]
        if name in prepared:
            return prepared[name]
        raise Fault("NameError", f"name {name[:40]!r} is not defined")

    return run


def _binary(compiler: Compiler, node: ast.BinOp) -> Run:
    operation = BINARY.get(type(node.op).__name__)
    if operation is None:
        raise Refused(f"the operator {type(node.op).__name__}")
    left, right, machine = compiler.expression(node.left), compiler.expression(node.right), compiler.machine
    return lambda env: operation(machine, left(env), right(env))


def _unary(compiler: Compiler, node: ast.UnaryOp) -> Run:
    operand, machine = compiler.expression(node.operand), compiler.machine
    if isinstance(node.op, ast.Not):
        return lambda env: not operand(env)
    operation = UNARY[type(node.op).__name__]
    return lambda env: operation(machine, operand(env))


def _bool(compiler: Compiler, node: ast.BoolOp) -> Run:
    parts = [compiler.expression(value) for value in node.values]
    stop_at = isinstance(node.op, ast.Or)

    def run(env: Env) -> Value:
        value: Value = None
        for part in parts:
            value = part(env)
            if bool(value) is stop_at:
                break
        return value

    return run


def _compare(compiler: Compiler, node: ast.Compare) -> Run:
    machine = compiler.machine
    first = compiler.expression(node.left)
    steps = [
        (COMPARISONS[type(operator).__name__], compiler.expression(other))
        for operator, other in zip(node.ops, node.comparators, strict=True)
    ]
    if len(steps) == 1:
        ((operation, second),) = steps
        return lambda env: operation(machine, first(env), second(env))

    def run(env: Env) -> Value:
        left = first(env)
        result: Value = True
        for operation, other in steps:
            right = other(env)
            result = operation(machine, left, right)
            if not result:
                break
            left = right
        return result

    return run


def _conditional(compiler: Compiler, node: ast.IfExp) -> Run:
    test, yes, no = (compiler.expression(part) for part in (node.test, node.body, node.orelse))
    return lambda env: yes(env) if test(env) else no(env)


def _list(compiler: Compiler, node: ast.List) -> Run:
    return listed(compiler, node.elts)


def _tuple(compiler: Compiler, node: ast.Tuple) -> Run:
    items = listed(compiler, node.elts)
    return lambda env: tuple(items(env))


def _set(compiler: Compiler, node: ast.Set) -> Run:
    items, machine = listed(compiler, node.elts), compiler.machine

    def run(env: Env) -> set[Value]:
        values = items(env)
        check_keys(machine, len(values), values)
        return set(values)

    return run


def _dict(compiler: Compiler, node: ast.Dict) -> Run:
    machine = compiler.machine
    pairs = [
        (None if key is None else compiler.expression(key), compiler.expression(value))
        for key, value in zip(node.keys, node.values, strict=True)
    ]

    def run(env: Env) -> dict[Value, Value]:
        table: dict[Value, Value] = {}
        for key, value in pairs:
            if key is None:
                more = value(env)
                if not isinstance(more, dict):
                    raise TypeError(f"{type_name(more)!r} object is not a mapping")
                machine.meter.check_items(len(table) + len(more))
                table.update(more)
            else:
                name = key(env)
                check_keys(machine, len(table), (name,))
                table[name] = value(env)
        return table

    return run


def _joined(compiler: Compiler, node: ast.JoinedStr) -> Run:
    parts, machine = [compiler.expression(value) for value in node.values], compiler.machine

    def run(env: Env) -> str:
        texts = [part(env) for part in parts]
        machine.meter.check_items(sum(map(len, texts)))
        return "".join(texts)

    return run


def _formatted(compiler: Compiler, node: ast.FormattedValue) -> Run:
    value, machine, as_repr = compiler.expression(node.value), compiler.machine, node.conversion in (97, 114)
    spec = None if node.format_spec is None else compiler.expression(node.format_spec)

    def run(env: Env) -> str:
        shown = to_repr(machine, value(env)) if as_repr else value(env)
        return format_value(machine, shown, "" if spec is None else spec(env))

    return run


def _walrus(compiler: Compiler, node: ast.NamedExpr) -> Run:
    """`(name := value)`; inside a comprehension it binds the scope around."""
    assign, value = name_assigner(compiler, node.target.id), compiler.expression(node.value)

    def run(env: Env) -> Value:
        result = value(env)
        assign(env, result)
        return result

    return run


EXPRESSIONS = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _bool,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.Attribute: attribute_access,
    ast.Call: call,
    ast.Subscript: subscript,
    ast.Slice: slicing,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
    ast.NamedExpr: _walrus,
}
