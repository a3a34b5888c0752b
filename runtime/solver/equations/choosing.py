"""Choosing: which of several solutions a word problem means, or that it could mean more than one."""

from typing import NamedTuple

from runtime.solver.expressions.failure import Failure, quoted
from runtime.solver.expressions.printing import print_value
from runtime.solver.expressions.tree import Rational

# Values that a reason lists.
_LISTED = 4


class Candidate(NamedTuple):
    """The target's value in one solution, and whether every unknown is positive there."""

    value: Rational
    positive: bool


class Chosen(NamedTuple):
    """The target's value, and what the person should know of it: why it was preferred, how lines were read."""

    value: Rational
    note: str = ""


def choose(candidates: list[Candidate], irrational: bool, target: str) -> Chosen:
    """The one value that makes sense: of the only solution in which every unknown is positive, else the only
    positive one, else the only positive whole one.

    `irrational` tells that the target has irrational values beside the candidates. Raises Failure: `not_numeric` where
    it has no others, `no_solution` where it has none, `ambiguous` where several make sense.
    """
    distinct = sorted({candidate.value for candidate in candidates})
    if irrational and not distinct:
        raise Failure("not_numeric", f"the value of {quoted(target)} is irrational")
    if not distinct:
        raise Failure("no_solution", "the equations have no common solution in real numbers")
    if irrational:
        raise _ambiguous(target, distinct, " or an irrational value")
    if len(distinct) == 1:
        return Chosen(distinct[0])
    tests = [
        ("the only solution without negative values", {value for value, positive in candidates if positive}),
        ("the only positive root", {value for value in distinct if value > 0}),
        ("the only whole one", {value for value in distinct if value.denominator == 1 and value > 0}),
    ]
    for why, left in tests:
        if len(left) == 1:
            return Chosen(left.pop(), f"{len(distinct)} roots; took {why}")
    raise _ambiguous(target, distinct, "")


def _ambiguous(target: str, values: list[Rational], more: str) -> Failure:
    listed = ", ".join(map(print_value, values[:_LISTED]))
    return Failure("ambiguous", f"{quoted(target)} may be {listed}{more}")
