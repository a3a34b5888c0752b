"""Which literals of a step are the results of earlier steps.

A number that the question does not tell and one earlier step computed is that step. Where more than one reading is
possible, all readings of a solution are weighed together: each by its evidence, and each against results that it leaves
unused, because people compute what they need. Linking by name also removes the rounding of a printed result: `33.33`
becomes the exact third.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import prod

from benchmarks.annotations.evidence import (
    JUST_BEFORE,
    LATEST,
    Draft,
    Told,
    for_question,
    for_result,
    is_factor,
)
from benchmarks.annotations.text.arithmetic import Number, leaves, operator_at

UNUSED, TWICE_IN_A_STEP, SQUARED, USED_AGAIN, FACTOR_AGAIN, ORDER = 2.2, 2.5, 0.55, 0.15, 0.65, 0.01
# More readings than this are decided literal by literal.
MAX_READINGS = 4096
QUESTION = -1


@dataclass(frozen=True, slots=True)
class _Literal:
    """One literal that may be an earlier result: where it stands, and the score of each reading.

    `factor` says that it is a small factor, `once` that a step has little reason to use one result for it twice.
    """

    index: int
    position: int
    value: Fraction
    factor: bool
    once: bool
    scores: dict[int, float]


def link(drafts: list[Draft], told: Told) -> None:
    """Fill each draft's `links`: index of a literal (in `leaves` order) -> index of the step that it is."""
    literals = list(_literals(drafts, told))
    for literal, source in zip(literals, _best(literals, len(drafts)), strict=True):
        if source != QUESTION:
            drafts[literal.index].links[literal.position] = source


def _literals(drafts: list[Draft], told: Told) -> Iterator[_Literal]:
    for index, draft in enumerate(drafts):
        for position, leaf in enumerate(leaves(draft.tree)):
            if not isinstance(leaf, Number):
                continue
            sources = _distinct(
                [earlier for earlier in range(index) if drafts[earlier].shown == leaf.value], drafts
            )
            if not sources:
                continue
            scores = {
                source: for_result(draft, position, leaf.value, drafts[source], told)
                + JUST_BEFORE * (source == index - 1)
                + LATEST * (len(sources) > 1 and source == sources[-1])
                for source in sources
            }
            if told.numbers.tells(leaf.value):
                scores[QUESTION] = for_question(drafts, index, position, leaf.value, told)
            yield _Literal(
                index,
                position,
                leaf.value,
                is_factor(draft, position, leaf.value),
                leaf.value in told.numbers.values
                or len(sources) > 1
                or operator_at(draft.tree, position) in ("-", "/"),
                scores,
            )


def _distinct(sources: list[int], drafts: list[Draft]) -> list[int]:
    """Without those whose result is only the next one's expression (`1/3 * 30 = 30 / 3 = 10`)."""
    spans = {source: drafts[source].span for source in sources}
    begun = {(line, start) for line, start, place in spans.values() if start < place}
    return [source for source in sources if (spans[source][0], spans[source][2]) not in begun]


def _best(literals: Sequence[_Literal], steps: int) -> tuple[int, ...]:
    """The reading of every literal that agrees best with all the others."""
    while prod(len(literal.scores) for literal in literals) > MAX_READINGS:
        literals = _with_one_decided(literals)
    return max(
        product(*(literal.scores for literal in literals)), key=lambda chosen: _worth(literals, chosen, steps)
    )


def _worth(literals: Sequence[_Literal], chosen: tuple[int, ...], steps: int) -> float:
    worth = 0.0
    used: set[int] = set()
    within: set[tuple[int, int]] = set()
    plain: set[tuple[int, Fraction]] = set()
    last: dict[int, int] = {}
    for literal, source in zip(literals, chosen, strict=True):
        worth += literal.scores[source]
        if source == QUESTION:
            if (literal.index, literal.value) in plain:
                worth -= SQUARED
            plain.add((literal.index, literal.value))
            continue
        if source in used:
            worth -= FACTOR_AGAIN if literal.factor else USED_AGAIN
        used.add(source)
        if (literal.index, source) in within and literal.once:
            worth -= TWICE_IN_A_STEP
        within.add((literal.index, source))
        if source < last.get(literal.index, -1):
            worth -= ORDER
        last[literal.index] = source
    return worth - UNUSED * (steps - 1 - len(used))


def _with_one_decided(literals: Sequence[_Literal]) -> list[_Literal]:
    """The literals with the clearest choice made."""

    def lead(literal: _Literal) -> float:
        first, second = sorted(literal.scores.values(), reverse=True)[:2]
        return first - second

    clearest = max((literal for literal in literals if len(literal.scores) > 1), key=lead)
    best = max(clearest.scores, key=clearest.scores.__getitem__)
    decided = replace(clearest, scores={best: clearest.scores[best]})
    return [decided if literal is clearest else literal for literal in literals]


def needed(drafts: list[Draft]) -> list[int]:
    """The steps that the last one rests on, itself included, in order."""
    seen: set[int] = set()
    waiting = [len(drafts) - 1]
    while waiting:
        index = waiting.pop()
        if index not in seen:
            seen.add(index)
            waiting.extend(drafts[index].links.values())
    return sorted(seen)
