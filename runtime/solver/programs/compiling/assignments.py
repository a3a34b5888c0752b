"""Assignments: targets and patterns, `+=`, annotations."""

import ast
from collections.abc import Callable
from typing import Any

from runtime.solver.programs.compiling.calls import item
from runtime.solver.programs.compiling.compiler import Compiler
from runtime.solver.programs.machine import (
    Env,
    Machine,
    Refused,
    Run,
    Value,
    check_keys,
    realise,
    type_name,
)
from runtime.solver.programs.operators import BINARY

Assign = Callable[[Env, Value], None]


def assigner(compiler: Compiler, node: ast.expr) -> Assign:
    """A closure that binds a value to a target: a name, an item, or a pattern of targets."""
    if isinstance(node, ast.Name):
        return name_assigner(compiler, node.id)
    if isinstance(node, ast.Subscript):
        return _item_assigner(compiler, node)
    if isinstance(node, ast.Tuple | ast.List):
        return _pattern_assigner(compiler, node.elts)
    raise Refused("setting attributes")


def name_assigner(compiler: Compiler, name: str) -> Assign:
    """A closure that binds a value to a name, in the scope that Python would choose."""
    compiler.checked_name(name)
    depth = compiler.depth(name)
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


def plain_assignment(compiler: Compiler, node: ast.Assign) -> Run:
    """`target = other = value`."""
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


def augmented(compiler: Compiler, node: ast.AugAssign) -> Run:
    """`target += value` and its kin."""
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


def annotated(compiler: Compiler, node: ast.AnnAssign) -> Run:
    """`target: type = value`; the annotation is checked, not evaluated."""
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
