"""Branching: one equation in one unknown gives its roots, and each root is carried on through the rest of the system.

This solves quadratics and what hangs on them exactly and without sympy, which costs a device seconds to start.
"""

from collections.abc import Iterator, Mapping

from runtime.solver.budget import Budget
from runtime.solver.equations.choosing import Candidate, Chosen, choose
from runtime.solver.equations.elimination import Open, as_zero, connected, eliminate
from runtime.solver.equations.polynomial import (
    ONE,
    Polynomial,
    UnknownArgument,
    added,
    coefficients,
    multiplied,
)
from runtime.solver.equations.real_roots import Roots, real_roots
from runtime.solver.expressions.exact import NotExact
from runtime.solver.expressions.failure import Failure
from runtime.solver.expressions.tree import Equation, Rational

# Roots taken one after the other; a word problem has one quadratic, rarely two.
_MAX_ROOTS_DEEP = 3


class _NotOurs(Exception):
    """The system needs more than roots in one unknown: sympy may know."""


def solve_by_roots(
    equations: list[Equation], rest: Open, values: Mapping[str, Rational], target: str, meter: Budget
) -> Chosen | None:
    """The target's value in the open `equations`, where every step has one unknown; None where that is not so.

    Raises Failure as `choose` does, and where no root fits the other equations.
    """
    unknowns = connected(target, rest) - values.keys()
    try:
        found = list(_carried_on(equations, rest, dict(values), target, meter, _MAX_ROOTS_DEEP))
    except _NotOurs:
        return None
    candidates = [
        Candidate(branch[target], all(branch[name] > 0 for name in unknowns & branch.keys()))
        for branch in found
        if branch is not None
    ]
    return choose(candidates, None in found, target)


def _carried_on(
    equations: list[Equation], rest: Open, values: dict[str, Rational], target: str, meter: Budget, deep: int
) -> Iterator[dict[str, Rational] | None]:
    """The values of each solution, None for those in which the target is irrational."""
    near = connected(target, rest)
    others = [equation for equation in rest.others if near & equation.names()]
    name, roots = _first_roots(others, rest, values, meter)
    if roots.irrational:
        if len(others) > 1 or not _follows(target, name, rest):
            raise _NotOurs
        yield None
    for root in roots.rational:
        branch = {**values, name: root}
        try:
            left = eliminate(equations, branch, meter)
        except Failure:
            continue
        if target in branch:
            _refuse_open(left, near)
            yield branch
        elif deep:
            yield from _carried_on(equations, left, branch, target, meter, deep - 1)
        else:
            raise _NotOurs


def _refuse_open(left: Open, near: set[str]) -> None:
    """Equations near the target that nobody has checked may still rule this solution out."""
    if any(near & equation.names() for equation in left.others):
        raise _NotOurs


def _follows(target: str, name: str, rest: Open) -> bool:
    """Whether the target is that unknown, or grows with it in a straight line."""
    return target == name or any(monomial == (name,) for monomial in rest.rows.get(target, {}))


def _first_roots(
    others: list[Equation], rest: Open, values: Mapping[str, Rational], meter: Budget
) -> tuple[str, Roots]:
    """The roots of the first equation that has one unknown once the linear rows are put in."""
    for equation in others:
        try:
            polynomial = _with_rows(as_zero(equation, values, [], meter), rest.rows, meter)
        except (NotExact, UnknownArgument):
            raise _NotOurs from None
        names = {name for monomial in polynomial for name in monomial}
        if len(names) == 1:
            return names.pop(), real_roots(coefficients(polynomial), meter)
    raise _NotOurs


def _with_rows(polynomial: Polynomial, rows: Mapping[str, Polynomial], meter: Budget) -> Polynomial:
    """The polynomial with every name that a linear row gives replaced by what it equals."""
    total: Polynomial = {}
    for monomial, coefficient in polynomial.items():
        term: Polynomial = ONE
        for name in monomial:
            term = multiplied(term, rows.get(name, {(name,): 1}), meter)
        total = added(total, term, coefficient)
    return total
