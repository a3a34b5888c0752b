"""Calculations that an annotator did in the head: a number that nothing told and no step computed.

It is explained only when exactly one calculation gives it, and that calculation uses a result which nothing else uses
(people compute what they need) or, where every result is used, two numbers of the question.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import partial, reduce
from itertools import combinations

from benchmarks.annotations.evidence import Draft
from benchmarks.annotations.text.arithmetic import Number, Operation, Tree, literals, replace_leaves
from benchmarks.annotations.text.numbers import QuestionNumbers

# Below this nearly every number is some sum or product of a question's numbers.
SMALLEST = 13


def explain(drafts: list[Draft], numbers: QuestionNumbers) -> None:
    """Replace each unexplained literal by its one explanation, where there is one."""
    for index, draft in enumerate(drafts):

        def change(_: int, leaf: Tree, index: int = index) -> Tree:
            if not isinstance(leaf, Number) or told_or_share(leaf.value, numbers):
                return leaf
            if any(earlier.shown == leaf.value for earlier in drafts[:index]):
                return leaf
            beside = set(literals(drafts[index].tree))
            loose = [value for value in loose_results(drafts, index) if value not in beside]
            return explanation(leaf.value, drafts[:index], loose, numbers, beside) or leaf

        draft.tree = replace_leaves(draft.tree, change)


def told_or_share(value: Fraction, numbers: QuestionNumbers) -> bool:
    """Whether a reader knows the literal, as it is or as what a percentage leaves or adds."""
    shares = (value * 100, (1 - value) * 100, (value - 1) * 100, 100 - value, value - 100)
    return numbers.tells(value) or not numbers.percents.isdisjoint(shares)


def loose_results(drafts: list[Draft], index: int) -> list[Fraction]:
    """Results of the steps before `index` that no step's literals mention."""
    mentioned = {value for draft in drafts for value in literals(draft.tree)}
    return [draft.shown for draft in drafts[:index] if draft.shown not in mentioned]


def explanation(
    value: Fraction,
    before: list[Draft],
    loose: list[Fraction],
    numbers: QuestionNumbers,
    beside: set[Fraction],
) -> Tree | None:
    """The one calculation that gives the value, or None when there is none or more than one.

    `beside` are the other literals of the same step, which it does not use.
    """
    asked = [told for told in numbers.values if told >= 2 and told not in beside]
    results = [draft.shown for draft in before if draft.shown not in beside]
    if loose:
        return last_step(value, loose, [*asked, *results])
    if value < SMALLEST:
        return None
    found = {tree for one, other in combinations(sorted(asked), 2) for tree in _joins(one, other, value)}
    return found.pop() if len(found) == 1 else None


def last_step(value: Fraction, loose: list[Fraction], others: Iterable[Fraction]) -> Tree | None:
    """The one calculation with loose results, first among themselves, then with others, that gives the value."""
    if len(loose) > 2 and sum(loose) == value:
        terms: list[Tree] = [Number(term) for term in loose]
        return reduce(partial(Operation, "+"), terms)
    for pairs in (combinations(loose, 2), ((one, other) for one in loose for other in others)):
        found = {tree for one, other in pairs for tree in _ways(one, other, value)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _joins(one: Fraction, other: Fraction, value: Fraction) -> Iterator[Tree]:
    if one + other == value:
        yield Operation("+", Number(one), Number(other))
    if one * other == value:
        yield Operation("*", Number(one), Number(other))


def _ways(one: Fraction, other: Fraction, value: Fraction) -> Iterator[Tree]:
    yield from _joins(one, other, value)
    for left, right in {(one, other), (other, one)}:
        if left - right == value:
            yield Operation("-", Number(left), Number(right))
        if right and left / right == value:
            yield Operation("/", Number(left), Number(right))
