"""Statements: assignments, branches, loops, imports, errors."""

import ast
from collections.abc import Callable

from runtime.solver.programs.compiling.assignments import (
    Assign,
    annotated,
    assigner,
    augmented,
    name_assigner,
    plain_assignment,
)
from runtime.solver.programs.compiling.compiler import BREAK, CONTINUE, RETURN, Compiler, nothing
from runtime.solver.programs.compiling.errors import assertion, raising, trying
from runtime.solver.programs.library.modules import MODULES
from runtime.solver.programs.machine import (
    Env,
    Refused,
    Run,
    Value,
    iterate,
    type_name,
)


def _expression(compiler: Compiler, node: ast.Expr) -> Run:
    value = compiler.expression(node.value)

    def run(env: Env) -> None:
        value(env)

    return run


def _if(compiler: Compiler, node: ast.If) -> Run:
    test, body = compiler.expression(node.test), compiler.block(node.body)
    other = compiler.block(node.orelse) if node.orelse else nothing
    return lambda env: body(env) if test(env) else other(env)


def _while(compiler: Compiler, node: ast.While) -> Run:
    test, body, spend = compiler.expression(node.test), compiler.block(node.body), compiler.machine.spend
    other = compiler.block(node.orelse) if node.orelse else nothing

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
    other = compiler.block(node.orelse) if node.orelse else nothing

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


def _binding(steps: list[tuple[Value, Assign]]) -> Run:
    def run(env: Env) -> None:
        for value, assign in steps:
            assign(env, value)

    return run


def _import(compiler: Compiler, node: ast.Import) -> Run:
    return _binding(
        [(_module(alias.name), name_assigner(compiler, alias.asname or alias.name)) for alias in node.names]
    )


def _module(name: str) -> Value:
    if name not in MODULES:
        raise Refused(f"import of {name[:40]}")
    return MODULES[name]


def _import_from(compiler: Compiler, node: ast.ImportFrom) -> Run:
    members = _module(node.module or "." * node.level).members
    steps: list[tuple[Value, Assign]] = []
    for alias in node.names:
        if alias.name == "*":
            steps += [(value, name_assigner(compiler, name)) for name, value in members.items()]
        elif alias.name not in members:
            raise Refused(f"import of {node.module}.{alias.name[:40]}")
        else:
            steps.append((members[alias.name], name_assigner(compiler, alias.asname or alias.name)))
    return _binding(steps)


def _delete(compiler: Compiler, node: ast.Delete) -> Run:
    steps = [_deleter(compiler, target) for target in node.targets]

    def run(env: Env) -> None:
        for step in steps:
            step(env)

    return run


def _deleter(compiler: Compiler, node: ast.expr) -> Run:
    if isinstance(node, ast.Name) and not compiler.scopes:
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


STATEMENTS = {
    ast.Assign: plain_assignment,
    ast.AugAssign: augmented,
    ast.AnnAssign: annotated,
    ast.Expr: _expression,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.Break: _signal(BREAK),
    ast.Continue: _signal(CONTINUE),
    **dict.fromkeys((ast.Pass, ast.Global, ast.Nonlocal), _signal(None)),
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Delete: _delete,
    ast.Assert: assertion,
    ast.Raise: raising,
    ast.Try: trying,
}
