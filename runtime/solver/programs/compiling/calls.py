"""Calls, attributes and subscripts."""

import ast

from runtime.solver.programs.compiling.compiler import Compiler
from runtime.solver.programs.library.methods import METHODS, attribute
from runtime.solver.programs.library.modules import ATTRIBUTES
from runtime.solver.programs.machine import (
    Env,
    Machine,
    Native,
    Refused,
    Run,
    Value,
    check_keys,
    invoke,
    realise,
    type_name,
)


def attribute_access(compiler: Compiler, node: ast.Attribute) -> Run:
    """`value.name`, refused unless some value of ours has such a name."""
    value, name, machine = compiler.expression(node.value), _public(node.attr), compiler.machine
    return lambda env: attribute(machine, value(env), name)


def _public(name: str) -> str:
    if name not in ATTRIBUTES:
        raise Refused(f"the attribute {name[:40]}")
    return name


def call(compiler: Compiler, node: ast.Call) -> Run:
    """`function(arguments)`."""
    machine = compiler.machine
    arguments = listed(compiler, node.args)
    named = [(keyword.arg, compiler.expression(keyword.value)) for keyword in node.keywords]
    function = _callee(compiler, node.func)

    def run(env: Env) -> Value:
        called = function(env)
        values = arguments(env)
        return invoke(machine, called, values, _named(machine, named, env) if named else {})

    return run


def _callee(compiler: Compiler, node: ast.expr) -> Run:
    """The called value; a listed method is bound without a look at the other attributes."""
    if not isinstance(node, ast.Attribute):
        return compiler.expression(node)
    compiler.nodes += 1
    owner, name, machine = compiler.expression(node.value), _public(node.attr), compiler.machine

    def run(env: Env) -> Value:
        value = owner(env)
        method = METHODS.get(type(value), {}).get(name)
        if method is None:
            return attribute(machine, value, name)
        bound = method
        return Native(name, lambda run_machine, *values, **named: bound(run_machine, value, *values, **named))

    return run


def _named(machine: Machine, pairs: list[tuple[str | None, Run]], env: Env) -> dict[str, Value]:
    named: dict[str, Value] = {}
    for name, value in pairs:
        given = value(env)
        more = {name: given} if name is not None else given
        if not isinstance(more, dict) or not all(type(key) is str for key in more):
            raise TypeError("argument after ** must be a mapping of names")
        if more.keys() & named.keys():
            raise TypeError("an argument is given twice")
        named.update(more)
    return named


def subscript(compiler: Compiler, node: ast.Subscript) -> Run:
    """`value[index]`."""
    value, index, machine = compiler.expression(node.value), compiler.expression(node.slice), compiler.machine
    return lambda env: item(machine, value(env), index(env))


def item(machine: Machine, value: Value, index: Value) -> Value:
    """`value[index]`."""
    if isinstance(value, dict):
        check_keys(machine, len(value), (index,))
        return value[index]
    if type(value) in (list, tuple, str, range):
        if type(index) is slice:
            machine.meter.check_items(len(range(*index.indices(len(value)))))
        return value[index]
    if type(value).__name__ == "deque":
        return value[index]
    raise TypeError(f"{type_name(value)!r} object is not subscriptable")


def slicing(compiler: Compiler, node: ast.Slice) -> Run:
    """`start:stop:step`."""
    parts = [
        None if part is None else compiler.expression(part) for part in (node.lower, node.upper, node.step)
    ]
    return lambda env: slice(*(None if part is None else part(env) for part in parts))


def listed(compiler: Compiler, nodes: list[ast.expr]) -> Run:
    """A closure that gives a new list of the values, stars unpacked."""
    machine = compiler.machine
    if not any(isinstance(node, ast.Starred) for node in nodes):
        parts = [compiler.expression(node) for node in nodes]
        return lambda env: [part(env) for part in parts]
    marked = [
        (True, compiler.expression(node.value))
        if isinstance(node, ast.Starred)
        else (False, compiler.expression(node))
        for node in nodes
    ]

    def run(env: Env) -> list[Value]:
        items: list[Value] = []
        for starred, part in marked:
            if starred:
                more = realise(machine, part(env))
                machine.meter.check_items(len(items) + len(more))
                items += more
            else:
                items.append(part(env))
        return items

    return run
