"""`harder`: one more step that goes on from what the question asks for, with a question of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.annotations.annotation import Annotation, Step
from benchmarks.annotations.text.arithmetic import Tree, evaluate
from benchmarks.annotations.text.naming import name_of_words
from benchmarks.rewriting.lists import read_list
from benchmarks.rewriting.numbers.spelling import printed
from benchmarks.rewriting.rewriting import Rewritten
from benchmarks.rewriting.template import Source, read_tree
from benchmarks.rewriting.words.people import somebody, words_in
from distill.teachers.symbolic.asked import Asked, what_is_asked
from runtime.values.answers import format_value
from runtime.values.rationale import Declined

DATA = Path(__file__).parent / "data"
PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth"}
LARGEST = 10**7
# So many times smaller is a change that nobody would ask about.
NOTHING_TO = 100
TRIES = 12


@dataclass(frozen=True, slots=True)
class Continuation:
    """One way to go on: what is said, the numbers to draw from, the new step and its sentence.

    `only` are the topics that it needs, `unit` the only unit that it fits, `most` the largest old answer.
    """

    say: str
    numbers: tuple[int, ...]
    expression: str
    tree: Tree
    sentence: str
    only: frozenset[str]
    unit: str
    most: int


@cache
def continuations() -> Mapping[str, tuple[Continuation, ...]]:
    """All of them, by what is asked for."""
    return {
        family: tuple(map(_continuation, rows)) for family, rows in read_list("continuations", DATA).items()
    }


def _continuation(row: Mapping[str, Any]) -> Continuation:
    part = bool(row.get("part"))
    return Continuation(
        row["say"],
        tuple(PARTS if part else row.get("n", (0,))),
        row["steps"],
        read_tree(row["steps"].format(it="it", n="n")),
        row["sentence"],
        frozenset(row.get("only", "").split()),
        row.get("unit", ""),
        row.get("most", LARGEST),
    )


class Harder:
    """Problems with one step more than a source; `prepared` says why there are none."""

    def __init__(self, source: Source, asked: Asked) -> None:
        steps = source.annotation.steps
        self._source = source
        self._asked = asked
        self._words = words_in(source.problem.question)
        self._fitting = [one for one in continuations()[asked.family] if _fits(one, asked, source.answer)]
        nouns = re.split(" of | per ", asked.unit)[0].split()[-2:]
        self._name = name_of_words(tuple(nouns), {step.name for step in steps})
        self._steps = (*steps[:-1], replace(steps[-1], name=self._name))

    @classmethod
    def prepared(cls, source: Source) -> "Harder | Declined":
        """Ready to write, or why there is nothing that follows."""
        asked = what_is_asked(source)
        if asked is None:
            return Declined("unit_unread")
        if not 2 <= source.answer <= LARGEST:
            return Declined("answer_too_small" if source.answer < 2 else "answer_too_large")
        return cls(source, asked)

    def write(self, rng: Random) -> Rewritten | Declined:
        """One with a step drawn from those that come to something sensible."""
        for _ in range(TRIES if self._fitting else 0):
            one = rng.choice(self._fitting)
            found = self._continued(one, rng.choice(one.numbers), rng)
            if found is not None:
                return found
        return Declined("no_fitting_step")

    def _continued(self, one: Continuation, number: int, rng: Random) -> Rewritten | None:
        source, asked = self._source, self._asked
        answer = evaluate(one.tree, {"it": source.answer, "n": Fraction(number)})
        if not _is_sensible(answer, source.answer, number, money=asked.family == "money"):
            return None
        words = {
            "n": str(number),
            "part": PARTS.get(number, ""),
            "unit": asked.unit,
            "friend": somebody(self._words, rng),
        }
        shown = {"it": _shown(source.answer, asked), "ans": _shown(answer, asked)}
        expression = one.expression.format(it=self._name, n=number)
        added = Step("ans", expression, one.sentence.format(**words, **shown))
        question = f"{source.problem.question.rstrip()} {one.say.format(**words)}"
        return Rewritten(question, Annotation((*self._steps, added)), answer)


def _fits(one: Continuation, asked: Asked, answer: Fraction) -> bool:
    return (
        answer <= one.most
        and (not one.unit or one.unit == asked.unit)
        and (not one.only or not one.only.isdisjoint(asked.topics))
    )


def _is_sensible(answer: Fraction, before: Fraction, number: int, *, money: bool) -> bool:
    if answer < 2 or answer > LARGEST or number > before * 2 or abs(answer - before) * NOTHING_TO < before:
        return False
    if before.denominator == 1 or not money:
        return answer.denominator == 1
    return 100 % answer.denominator == 0


def _shown(value: Fraction, asked: Asked) -> str:
    decimals = 2 if asked.family == "money" and value.denominator != 1 else 0
    return printed(value, decimals) if value.denominator != 1 else format_value(value)
