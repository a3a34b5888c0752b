"""Fresh numbers for a template: drawn step by step, so that every result on the way is as sensible as it was.

The numbers of a step are drawn when it is reached. Where none of a few draws does, all is begun again, and after some
attempts the problem is declined.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from random import Random

from benchmarks.annotations.text.arithmetic import APPLY, Name, Number, Tree, leaves
from benchmarks.rewriting.numbers.plausible import Value, candidates, ceiling, in_order, is_alike, plain
from benchmarks.rewriting.template import Quantity, Template
from runtime.values.rationale import Declined

ATTEMPTS = 60
DRAWS = 12
MOST_IN_A_GROUP = 7


@dataclass(frozen=True, slots=True)
class _Step:
    """A step to draw for: its name and tree, old result and ceiling, and the free quantities it is the first to use."""

    name: str
    tree: Tree
    old: Value
    most: Value
    own: tuple[int, ...]


class Drawing:
    """Everything about a template that its draws have in common."""

    def __init__(self, template: Template) -> None:
        self._quantities = template.quantities
        self._slots = [one.slot for one in template.quantities]
        self._candidates = [[] if one.fixed else candidates(one) for one in template.quantities]
        self._orders = list(_orders(template.quantities))
        self._sums = list(_sums(template.quantities))
        self._steps = list(_steps(template))
        self._fixed: dict[str, Value] = {
            one.slot: plain(one.value) for one in template.quantities if one.fixed
        }
        self._start = [plain(one.value) if one.fixed else None for one in template.quantities]

    @property
    def stuck(self) -> bool:
        """Whether some quantity has no other value."""
        return any(
            not one.fixed and not found for one, found in zip(self._quantities, self._candidates, strict=True)
        )

    def draw(self, rng: Random) -> Mapping[str, Fraction] | Declined:
        """New values of all slots and steps, or why there are none."""
        if self.stuck:
            return Declined("no_other_number")
        for _ in range(ATTEMPTS):
            found = self._attempt(rng)
            if found is not None:
                return {name: Fraction(value) for name, value in found.items()}
        return Declined("no_fitting_numbers")

    def _attempt(self, rng: Random) -> Mapping[str, Value] | None:
        drawn = list(self._start)
        known = dict(self._fixed)
        for step in self._steps:
            if not self._drawn_for(step, rng, drawn, known):
                return None
        return known if self._adds_up(drawn) else None

    def _drawn_for(
        self, step: _Step, rng: Random, drawn: list[Value | None], known: dict[str, Value]
    ) -> bool:
        for _ in range(DRAWS if step.own else 1):
            for number in step.own:
                drawn[number] = None
            if all(self._take(number, rng, drawn, known) for number in step.own):
                result = compute(step.tree, known)
                if result is not None and is_alike(result, step.old, step.most):
                    known[step.name] = result
                    return True
        return False

    def _take(self, number: int, rng: Random, drawn: list[Value | None], known: dict[str, Value]) -> bool:
        value = self._forced(number, drawn) or rng.choice(self._candidates[number])
        if not in_order(value, drawn, *self._orders[number]):
            return False
        drawn[number] = value
        known[self._slots[number]] = value
        return True

    def _forced(self, number: int, drawn: list[Value | None]) -> Value | None:
        """What a number must be because it is a term or the total of a sum whose other numbers are drawn."""
        for terms, total in self._sums:
            if number in terms or number == total:
                whole = 100 if total is None else drawn[total]
                parts = [drawn[term] for term in terms if term != number]
                known = [part for part in parts if part is not None]
                if len(known) == len(parts) and (number == total or whole is not None):
                    value = sum(known) if number == total or whole is None else whole - sum(known)
                    return value if value > 1 else None
        return None

    def _adds_up(self, drawn: list[Value | None]) -> bool:
        """Whether numbers of the question that were the sum of others still are."""
        values = [one.value if new is None else new for one, new in zip(self._quantities, drawn, strict=True)]
        return all(
            sum(values[term] for term in terms) == (100 if total is None else values[total])
            for terms, total in self._sums
        )


def compute(tree: Tree, known: Mapping[str, Value]) -> Value | None:
    """A tree's exact value, whole numbers as int, which is faster; None where it divides by zero."""
    if isinstance(tree, Name):
        return known[tree.name]
    if isinstance(tree, Number):
        return plain(tree.value)
    left, right = compute(tree.left, known), compute(tree.right, known)
    if left is None or right is None:
        return None
    if tree.operator == "+":
        return left + right
    if tree.operator == "-":
        return left - right
    if tree.operator == "*":
        return _tidy(left * right)
    if right == 0:
        return None
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return _tidy(APPLY[tree.operator](Fraction(left), Fraction(right)))


def _tidy(value: Value) -> Value:
    return value if isinstance(value, int) else plain(value)


def _steps(template: Template) -> Iterator[_Step]:
    numbers = {one.slot: number for number, one in enumerate(template.quantities) if not one.fixed}
    seen: set[int] = set()
    for step, tree in zip(template.source.annotation.steps, template.trees, strict=True):
        used = [
            numbers[leaf.name] for leaf in leaves(tree) if isinstance(leaf, Name) and leaf.name in numbers
        ]
        own = tuple(dict.fromkeys(number for number in used if number not in seen))
        seen.update(own)
        old = template.source.values[step.name]
        yield _Step(step.name, tree, plain(old), plain(ceiling(old, frozenset(step.name.split("_")))), own)


def _orders(quantities: tuple[Quantity, ...]) -> Iterator[tuple[list[int], list[int]]]:
    """For each quantity the smaller and the larger ones of its group, which keep their order.

    Money, percentages and all others are a group each.
    """
    groups = [_group(quantity) for quantity in quantities]
    for one, group in zip(quantities, groups, strict=True):
        members = [
            (number, other.value) for number, other in enumerate(quantities) if groups[number] == group
        ]
        lower = [number for number, value in members if value < one.value]
        yield lower, [number for number, value in members if value > one.value]


def _group(quantity: Quantity) -> str:
    first = quantity.spans[0]
    return "money" if first.money else "percent" if first.percent else "other"


def _sums(quantities: tuple[Quantity, ...]) -> Iterator[tuple[tuple[int, ...], int | None]]:
    """Numbers of one group that add up to another of it, or percentages that add up to a hundred (None)."""
    groups: dict[str, list[int]] = {}
    for number, one in enumerate(quantities):
        groups.setdefault(_group(one), []).append(number)
    for group, members in groups.items():
        totals = {quantities[number].value: number for number in members}
        sizes = {2, 3, len(members) - 1, len(members)} if len(members) <= MOST_IN_A_GROUP else {2}
        for terms in (terms for size in sizes if size > 1 for terms in combinations(members, size)):
            value = sum((quantities[number].value for number in terms), Fraction(0))
            if value in totals:
                yield terms, totals[value]
            elif value == 100 and group == "percent":
                yield terms, None
