"""Functions that a program defines: `def`, `lambda`, `return`, decorators."""

import ast
from collections.abc import Iterator
from typing import Any

from runtime.solver.programs.compiling.assignments import assigner, check_annotation
from runtime.solver.programs.compiling.compiler import RETURN, Compiler
from runtime.solver.programs.machine import Env, Function, Machine, Refused, Run, Value, invoke

_INNER = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _define(compiler: Compiler, node: ast.FunctionDef) -> Run:
    check_annotation(node.returns)
    decorators = [compiler.expression(decorator) for decorator in reversed(node.decorator_list)]
    make = _maker(compiler, node.name, node.args, _bound_names(node.body), node.body)
    assign = assigner(compiler, ast.copy_location(ast.Name(node.name, ast.Store()), node))
    machine = compiler.machine

    def run(env: Env) -> None:
        function = make(env)
        for decorator in decorators:
            function = invoke(machine, decorator(env), [function], {})
        assign(env, function)

    return run


def _lambda(compiler: Compiler, node: ast.Lambda) -> Run:
    return _maker(compiler, "lambda", node.args, set(), node.body)


def _maker(
    compiler: Compiler, name: str, arguments: ast.arguments, bound: set[str], body: ast.expr | list[ast.stmt]
) -> Run:
    """A closure that makes the function in the environment where it is defined."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    extra = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
    for argument in (*every, *extra):
        check_annotation(argument.annotation)
        compiler.checked_name(argument.arg)
    positional = tuple(argument.arg for argument in (*arguments.posonlyargs, *arguments.args))
    defaults = _defaults(compiler, arguments, positional)
    inner = bound | {argument.arg for argument in (*every, *extra)}
    outer_in_function, compiler.in_function = compiler.in_function, True
    with compiler.inside(inner):
        run_body = _body(compiler, body)
    compiler.in_function = outer_in_function
    keyword_only = tuple(argument.arg for argument in arguments.kwonlyargs)
    rest = None if arguments.vararg is None else arguments.vararg.arg
    keywords = None if arguments.kwarg is None else arguments.kwarg.arg
    machine = compiler.machine

    def make(env: Env) -> Function:
        values = {key: default(env) for key, default in defaults.items()}
        return Function(name, positional, values, keyword_only, rest, keywords, run_body, env, machine)

    return make


def _defaults(compiler: Compiler, arguments: ast.arguments, positional: tuple[str, ...]) -> dict[str, Run]:
    count = len(arguments.defaults)
    named = zip(positional[len(positional) - count :], arguments.defaults, strict=True)
    defaults = {name: compiler.expression(default) for name, default in named}
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            defaults[argument.arg] = compiler.expression(default)
    return defaults


def _body(compiler: Compiler, body: ast.expr | list[ast.stmt]) -> Run:
    if isinstance(body, ast.expr):
        return compiler.expression(body)
    block, machine = compiler.block(body), compiler.machine

    def run(env: Env) -> Value:
        if block(env) is RETURN:
            result, machine.returned = machine.returned, None
            return result
        return None

    return run


def _return(compiler: Compiler, node: ast.Return) -> Run:
    if not compiler.in_function:
        raise Refused("return outside a function")
    machine: Machine = compiler.machine
    value = None if node.value is None else compiler.expression(node.value)

    def run(env: Env) -> object:
        machine.returned = None if value is None else value(env)
        return RETURN

    return run


def _bound_names(body: list[ast.stmt]) -> set[str]:
    """The names that a function's statements bind in its own scope, without those declared global or nonlocal."""
    bound: set[str] = set()
    elsewhere: set[str] = set()
    for node in _own_nodes(body):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
        elif isinstance(node, ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere |= set(node.names)
    return bound - elsewhere


def _own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of the statements, not going into functions, lambdas and comprehensions."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        if isinstance(node, _INNER):
            # `:=` inside a comprehension binds here.
            stack += [child.target for child in ast.walk(node) if isinstance(child, ast.NamedExpr)]
        else:
            stack += ast.iter_child_nodes(node)


FUNCTION_EXPRESSIONS: dict[type[ast.AST], Any] = {ast.Lambda: _lambda}
FUNCTION_STATEMENTS: dict[type[ast.AST], Any] = {ast.FunctionDef: _define, ast.Return: _return}
