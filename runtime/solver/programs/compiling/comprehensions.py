"""List, set and dict comprehensions and generator expressions, each with a scope of its own."""

import ast
from collections.abc import Callable, Iterator

from runtime.solver.programs.compiling.assignments import Assign, assigner
from runtime.solver.programs.compiling.compiler import Compiler
from runtime.solver.programs.machine import Env, Lazy, Refused, Run, Value, check_keys, iterate

Loops = list[tuple[Run, Assign, list[Run]]]
Turns = Callable[[Env], Iterator[None]]


def _target_names(generators: list[ast.comprehension]) -> set[str]:
    return {
        node.id
        for generator in generators
        for node in ast.walk(generator.target)
        if isinstance(node, ast.Name)
    }


def _loops(compiler: Compiler, generators: list[ast.comprehension]) -> Loops:
    """Iterable, target and conditions of every `for`, inside the comprehension's scope."""
    loops: Loops = []
    for generator in generators:
        if generator.is_async:
            raise Refused("async")
        items = compiler.expression(generator.iter)
        target = assigner(compiler, generator.target)
        loops.append((items, target, [compiler.expression(test) for test in generator.ifs]))
    return loops


def _turns(compiler: Compiler, loops: Loops, env: Env, level: int = 0) -> Iterator[None]:
    """One turn for every combination that passes the conditions; the variables stand in `env`."""
    items, assign, tests = loops[level]
    spend = compiler.machine.spend
    for item in iterate(items(env)):
        spend(10)
        assign(env, item)
        if all(test(env) for test in tests):
            if level + 1 == len(loops):
                yield
            else:
                yield from _turns(compiler, loops, env, level + 1)


def _list(compiler: Compiler, node: ast.ListComp) -> Run:
    turns, element = _compiled(compiler, node.generators, node.elt)
    machine = compiler.machine

    def run(env: Env) -> list[Value]:
        inner = Env({}, env)
        found: list[Value] = []
        for _ in turns(inner):
            found.append(element(inner))
            if len(found) % 1024 == 0:
                machine.meter.check_items(len(found))
        return found

    return run


def _set(compiler: Compiler, node: ast.SetComp) -> Run:
    turns, element = _compiled(compiler, node.generators, node.elt)
    machine = compiler.machine

    def run(env: Env) -> set[Value]:
        inner = Env({}, env)
        found: set[Value] = set()
        for _ in turns(inner):
            value = element(inner)
            check_keys(machine, len(found), (value,))
            found.add(value)
        machine.meter.check_items(len(found))
        return found

    return run


def _dict(compiler: Compiler, node: ast.DictComp) -> Run:
    pair = ast.copy_location(ast.Tuple([node.key, node.value], ast.Load()), node)
    turns, element = _compiled(compiler, node.generators, pair)
    machine = compiler.machine

    def run(env: Env) -> dict[Value, Value]:
        inner = Env({}, env)
        found: dict[Value, Value] = {}
        for _ in turns(inner):
            key, value = element(inner)
            check_keys(machine, len(found), (key,))
            found[key] = value
        machine.meter.check_items(len(found))
        return found

    return run


def _generator(compiler: Compiler, node: ast.GeneratorExp) -> Run:
    turns, element = _compiled(compiler, node.generators, node.elt)

    def run(env: Env) -> Lazy:
        inner = Env({}, env)
        return Lazy(element(inner) for _ in turns(inner))

    return run


def _compiled(
    compiler: Compiler, generators: list[ast.comprehension], element: ast.expr
) -> tuple[Turns, Run]:
    with compiler.inside(_target_names(generators)):
        loops = _loops(compiler, generators)
        made = compiler.expression(element)
    return (lambda env: _turns(compiler, loops, env)), made


COMPREHENSIONS = {
    ast.ListComp: _list,
    ast.SetComp: _set,
    ast.DictComp: _dict,
    ast.GeneratorExp: _generator,
}
