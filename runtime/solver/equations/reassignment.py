"""Reassignment: programs say `total = total + 5`, equations cannot; read such a line as a new value where it is safe."""

from typing import NamedTuple

from runtime.solver.budget import Budget
from runtime.solver.expressions.exact import NotExact, evaluate
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.tree import Call, Equation, Name, Node, Number, Power, Product, Rational, Sum

_COST = 40


class Renamed(NamedTuple):
    """A system whose later assignments have names of their own; `target` is the latest name of the target."""

    equations: list[Equation]
    target: str
    # The name and line of each renamed assignment.
    changes: list[tuple[str, int]]


def rename_assigned_again(equations: list[Equation], target: str, meter: Budget) -> Renamed:
    """Give each `name = expression` whose name already has a value, and whose right side is known, a new name.

    Only for a system that is inconsistent as written. Later lines mean the newest name.
    """
    values: dict[str, Rational] = {}
    current: dict[str, str] = {}
    changes: list[tuple[str, int]] = []
    out: list[Equation] = []
    for left, right, line in equations:
        meter.spend(_COST)
        right = _with_names(right, current)
        value = _value(right, values)
        if isinstance(left, Name):
            name = left.name
            if value is not None and current.get(name, name) in values:
                current[name] = f"{name}'{len(changes) + 1}"
                changes.append((name, line))
            latest = current.get(name, name)
            if value is not None:
                values[latest] = value
            left = Name(latest)
        else:
            left = _with_names(left, current)
        out.append(Equation(left, right, line))
    return Renamed(out, current.get(target, target), changes)


def _value(node: Node, values: dict[str, Rational]) -> Rational | None:
    try:
        return evaluate(node, values)
    except (KeyError, NotExact, Failure):
        return None


def _with_names(node: Node, current: dict[str, str]) -> Node:
    """The same expression under the names in `current`."""
    if not current or isinstance(node, Number):
        return node
    if isinstance(node, Name):
        return Name(current.get(node.name, node.name))
    if isinstance(node, Sum):
        return Sum(tuple((negative, _with_names(term, current)) for negative, term in node.terms))
    if isinstance(node, Product):
        rest = tuple((operator, _with_names(factor, current)) for operator, factor in node.rest)
        return Product(_with_names(node.first, current), rest)
    if isinstance(node, Power):
        return Power(_with_names(node.base, current), _with_names(node.exponent, current))
    return Call(node.function, tuple(_with_names(argument, current) for argument in node.arguments))
