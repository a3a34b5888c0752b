"""Statements: assignments, branches, loops, imports, errors."""

import ast
from collections.abc import Callable
from typing import Any

from runtime.programs.compiler import BREAK, CONTINUE, RETURN, Compiler
from runtime.programs.expressions import item
from runtime.programs.machine import (
    PROGRAM_ERRORS,
    Env,
    Fault,
    Machine,
    Refused,
    Run,
    Value,
    check_keys,
    iterate,
    realise,
    type_name,
)
from runtime.programs.modules import MODULES
from runtime.programs.operators import BINARY

Assign = Callable[[Env, Value], None]


def assigner(compiler: Compiler, node: ast.expr) -> Assign:
    """A closure that binds a value to a target: a name, an item, or a pattern of targets."""
    if isinstance(node, ast.Name):
        return _name_assigner(compiler, node.id)
    if isinstance(node, ast.Subscript):
        return _item_assigner(compiler, node)
    if isinstance(node, ast.Tuple | ast.List):
        return _pattern_assigner(compiler, node.elts)
    raise Refused("setting attributes")


def _name_assigner(compiler: Compiler, name: str) -> Assign:
    compiler.checked_name(name)
    depth = None if compiler.scope is None else compiler.scope.depth(name)
    if depth is None:
        compiler.stored.add(name)
        variables = compiler.variables

        def assign_module(env: Env, value: Value) -> None:
            variables[name] = value

        return assign_module
    steps = depth

    def assign(env: Env, value: Value) -> None:
        for _ in range(steps):
            env = env.outer  # type: ignore[assignment]
        env.names[name] = value

    return assign


def _item_assigner(compiler: Compiler, node: ast.Subscript) -> Assign:
    owner, index, machine = compiler.expression(node.value), compiler.expression(node.slice), compiler.machine

    def assign(env: Env, value: Value) -> None:
        container, key = owner(env), index(env)
        if isinstance(container, dict):
            check_keys(machine, len(container), (key,))
            if len(container) % 1024 == 0:
                machine.meter.check_items(len(container))
        elif type(container) is not list:
            raise TypeError(f"{type_name(container)!r} object does not support item assignment")
        elif type(key) is slice:
            value = realise(machine, value)
            machine.meter.check_items(len(container) + len(value))
        container[key] = value

    return assign


def _pattern_assigner(compiler: Compiler, nodes: list[ast.expr]) -> Assign:
    stars = [place for place, node in enumerate(nodes) if isinstance(node, ast.Starred)]
    targets = [assigner(compiler, node.value if isinstance(node, ast.Starred) else node) for node in nodes]
    machine = compiler.machine

    def assign(env: Env, value: Value) -> None:
        values = realise(machine, value)
        if stars:
            after = len(nodes) - stars[0] - 1
            end = len(values) - after
            if end >= stars[0]:
                values = [*values[: stars[0]], values[stars[0] : end], *values[end:]]
        if len(values) != len(targets):
            raise ValueError(f"cannot unpack {len(values)} values into {len(targets)} names")
        for target, part in zip(targets, values, strict=True):
            target(env, part)

    return assign


def _assign(compiler: Compiler, node: ast.Assign) -> Run:
    value = compiler.expression(node.value)
    targets = [assigner(compiler, target) for target in node.targets]
    if len(targets) == 1:
        (target,) = targets
        return lambda env: target(env, value(env))

    def run(env: Env) -> None:
        result = value(env)
        for target in targets:
            target(env, result)

    return run


def _augmented(compiler: Compiler, node: ast.AugAssign) -> Run:
    operation, machine = BINARY.get(type(node.op).__name__), compiler.machine
    if operation is None:
        raise Refused(f"the operator {type(node.op).__name__}")
    change, value = operation, compiler.expression(node.value)
    if isinstance(node.target, ast.Subscript):
        return _augmented_item(compiler, node.target, change, value)
    if not isinstance(node.target, ast.Name):
        raise Refused("setting attributes")
    old = compiler.expression(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
    assign = assigner(compiler, node.target)

    def run(env: Env) -> None:
        before, more = old(env), value(env)
        assign(env, _in_place(machine, change, before, more))

    return run


def _augmented_item(compiler: Compiler, target: ast.Subscript, change: Any, value: Run) -> Run:
    owner, index, machine = (
        compiler.expression(target.value),
        compiler.expression(target.slice),
        compiler.machine,
    )

    def run(env: Env) -> None:
        container, key = owner(env), index(env)
        before = item(machine, container, key)
        if type(container) is not list and not isinstance(container, dict):
            raise TypeError(f"{type_name(container)!r} object does not support item assignment")
        container[key] = _in_place(machine, change, before, value(env))

    return run


def _in_place(machine: Machine, change: Any, before: Value, more: Value) -> Value:
    """`before += more`: lists change in place, as in Python."""
    if type(before) is list and change is BINARY["Add"]:
        items = realise(machine, more)
        machine.meter.check_items(len(before) + len(items))
        before.extend(items)
        return before
    return change(machine, before, more)


def _annotated(compiler: Compiler, node: ast.AnnAssign) -> Run:
    check_annotation(node.annotation)
    if node.value is None:
        return lambda env: None
    target, value = assigner(compiler, node.target), compiler.expression(node.value)
    return lambda env: target(env, value(env))


_ANNOTATION_NODES = (
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Tuple,
    ast.List,
    ast.Constant,
    ast.BinOp,
    ast.BitOr,
)


def check_annotation(node: ast.expr | None) -> None:
    """Annotations are not evaluated; only the shapes that name types may stand there."""
    for part in ast.walk(node) if node is not None else ():
        name = getattr(part, "id", None) or getattr(part, "attr", None) or ""
        if not isinstance(part, (*_ANNOTATION_NODES, ast.expr_context)) or name.startswith("_"):
            raise Refused("an annotation that is more than a type")


def _expression(compiler: Compiler, node: ast.Expr) -> Run:
    value = compiler.expression(node.value)

    def run(env: Env) -> None:
        value(env)

    return run


def _if(compiler: Compiler, node: ast.If) -> Run:
    test, body = compiler.expression(node.test), compiler.block(node.body)
    other = compiler.block(node.orelse) if node.orelse else _nothing
    return lambda env: body(env) if test(env) else other(env)


def _nothing(env: Env) -> None:
    return None


def _while(compiler: Compiler, node: ast.While) -> Run:
    test, body, spend = compiler.expression(node.test), compiler.block(node.body), compiler.machine.spend
    other = compiler.block(node.orelse) if node.orelse else _nothing

    def run(env: Env) -> Value:
        while test(env):
            spend(6)
            signal = body(env)
            if signal is BREAK:
                return None
            if signal is RETURN:
                return signal
        return other(env)

    return run


def _for(compiler: Compiler, node: ast.For) -> Run:
    items, assign = compiler.expression(node.iter), assigner(compiler, node.target)
    body, spend = compiler.block(node.body), compiler.machine.spend
    other = compiler.block(node.orelse) if node.orelse else _nothing

    def run(env: Env) -> Value:
        for value in iterate(items(env)):
            spend(6)
            assign(env, value)
            signal = body(env)
            if signal is BREAK:
                return None
            if signal is RETURN:
                return signal
        return other(env)

    return run


def _signal(value: object) -> Callable[[Compiler, ast.stmt], Run]:
    return lambda compiler, node: lambda env: value


def _pass(compiler: Compiler, node: ast.stmt) -> Run:
    return _nothing


def _import(compiler: Compiler, node: ast.Import) -> Run:
    steps = []
    for alias in node.names:
        module = _module(alias.name)
        steps.append((_name_assigner(compiler, alias.asname or alias.name), module))

    def run(env: Env) -> None:
        for assign, value in steps:
            assign(env, value)

    return run


def _module(name: str) -> Value:
    if name not in MODULES:
        raise Refused(f"import of {name[:40]}")
    return MODULES[name]


def _import_from(compiler: Compiler, node: ast.ImportFrom) -> Run:
    members = _module(node.module or "." * node.level).members
    steps: list[tuple[Assign, Value]] = []
    for alias in node.names:
        if alias.name == "*":
            steps += [(_name_assigner(compiler, name), value) for name, value in members.items()]
        elif alias.name not in members:
            raise Refused(f"import of {node.module}.{alias.name[:40]}")
        else:
            steps.append((_name_assigner(compiler, alias.asname or alias.name), members[alias.name]))

    def run(env: Env) -> None:
        for assign, value in steps:
            assign(env, value)

    return run


def _delete(compiler: Compiler, node: ast.Delete) -> Run:
    steps = [_deleter(compiler, target) for target in node.targets]

    def run(env: Env) -> None:
        for step in steps:
            step(env)

    return run


def _deleter(compiler: Compiler, node: ast.expr) -> Run:
    if isinstance(node, ast.Name) and compiler.scope is None:
        name, variables = compiler.checked_name(node.id), compiler.variables
        return lambda env: variables.pop(name)
    if not isinstance(node, ast.Subscript):
        raise Refused("del of anything but a module's name or an item")
    owner, index, machine = compiler.expression(node.value), compiler.expression(node.slice), compiler.machine

    def run(env: Env) -> None:
        container, key = owner(env), index(env)
        if type(container) is not list and not isinstance(container, dict):
            raise TypeError(f"{type_name(container)!r} object doesn't support item deletion")
        machine.spend(2 + len(container) // 8)
        del container[key]

    return run


def _assert(compiler: Compiler, node: ast.Assert) -> Run:
    test = compiler.expression(node.test)
    if node.msg is not None:
        compiler.expression(node.msg)

    def run(env: Env) -> None:
        if not test(env):
            raise Fault("AssertionError", "an assertion does not hold")

    return run


_ERRORS = {error.__name__: error for error in (*PROGRAM_ERRORS, ZeroDivisionError, KeyError, IndexError)}
_ERROR_NAMES = frozenset(
    {*_ERRORS, "Exception", "AssertionError", "NotImplementedError", "NameError", "OverflowError"}
)


def _error_name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    if not isinstance(node, ast.Name) or node.id not in _ERROR_NAMES:
        raise Refused("an exception that is not one of Python's usual ones")
    return node.id


def _raise(compiler: Compiler, node: ast.Raise) -> Run:
    kind = _error_name(node.exc)
    for argument in node.exc.args if isinstance(node.exc, ast.Call) else ():
        compiler.expression(argument)

    def run(env: Env) -> None:
        raise Fault(kind, "raised by the program")

    return run


def _caught(kinds: frozenset[str], error: Exception) -> bool:
    if "Exception" in kinds:
        return True
    if isinstance(error, Fault):
        return error.kind in kinds
    return any(kind.__name__ in kinds for kind in type(error).__mro__)


def _try(compiler: Compiler, node: ast.Try) -> Run:
    """try, except, else and finally; what is over budget or refused cannot be caught."""
    body, after = compiler.block(node.body), compiler.block(node.finalbody) if node.finalbody else _nothing
    other = compiler.block(node.orelse) if node.orelse else _nothing
    handlers = []
    for handler in node.handlers:
        named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        kinds = frozenset("Exception" if kind is None else _error_name(kind) for kind in named)
        bind = None if handler.name is None else _name_assigner(compiler, handler.name)
        handlers.append((kinds, bind, compiler.block(handler.body)))

    def run(env: Env) -> Value:
        try:
            signal = body(env)
        except RecursionError:
            raise
        except (Fault, *PROGRAM_ERRORS) as error:
            chosen = next((handler for handler in handlers if _caught(handler[0], error)), None)
            if chosen is None:
                signal = after(env)
                if signal is None:
                    raise
                return signal
            if chosen[1] is not None:
                chosen[1](env, str(error)[:200])
            signal = chosen[2](env)
        else:
            signal = other(env) if signal is None else signal
        final = after(env)
        return signal if final is None else final

    return run


STATEMENTS = {
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.Expr: _expression,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.Break: _signal(BREAK),
    ast.Continue: _signal(CONTINUE),
    ast.Pass: _pass,
    ast.Global: _pass,
    ast.Nonlocal: _pass,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Delete: _delete,
    ast.Assert: _assert,
    ast.Raise: _raise,
    ast.Try: _try,
}
