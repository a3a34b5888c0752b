"""`harder`: one more step that goes on from what the question asks for, with a question of its own."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

from distill.teachers import Declined
from distill.teachers.gold.annotation import Annotation, Step
from distill.teachers.gold.text.naming import name_of_words
from distill.teachers.gold.value import value_of
from distill.teachers.symbolic.lists import read_list
from distill.teachers.symbolic.numbers.spelling import printed
from distill.teachers.symbolic.rewriting import Rewritten
from distill.teachers.symbolic.template import Source
from distill.teachers.symbolic.words.asked import Asked, what_is_asked
from distill.teachers.symbolic.words.people import somebody
from runtime.values.answers import format_value

PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth"}
LARGEST = 10**7
TRIES = 12


@dataclass(frozen=True, slots=True)
class Continuation:
    """One way to go on: what is said, the numbers to draw from, the new step and its sentence.

    `only` are the topics that it needs, `unit` the only unit that it fits, `most` the largest old answer.
    """

    say: str
    numbers: tuple[int, ...]
    expression: str
    sentence: str
    part: bool
    only: frozenset[str]
    unit: str
    most: int


@cache
def continuations() -> Mapping[str, tuple[Continuation, ...]]:
    """All of them, by what is asked for."""
    return {family: tuple(map(_continuation, rows)) for family, rows in read_list("continuations").items()}


def _continuation(row: Mapping[str, Any]) -> Continuation:
    part = bool(row.get("part"))
    return Continuation(
        row["say"],
        tuple(PARTS if part else row.get("n", (0,))),
        row["steps"],
        row["sentence"],
        part,
        frozenset(row.get("only", "").split()),
        row.get("unit", ""),
        row.get("most", LARGEST),
    )


def harder(source: Source, rng: Random) -> Rewritten | Declined:
    """The problem with one more step, or why there is none."""
    asked = what_is_asked(source)
    if asked is None:
        return Declined("unit_unread")
    if not 2 <= source.answer <= LARGEST:
        return Declined("answer_too_small" if source.answer < 2 else "answer_too_large")
    fitting = [one for one in continuations()[asked.family] if _fits(one, asked, source.answer)]
    for one, number in _drawn(fitting, rng):
        found = _continued(source, asked, one, number, somebody(source.problem.question, rng))
        if found is not None:
            return found
    return Declined("no_fitting_step")


def _fits(one: Continuation, asked: Asked, answer: Fraction) -> bool:
    return (
        answer <= one.most
        and (not one.unit or one.unit == asked.unit)
        and (not one.only or not one.only.isdisjoint(asked.topics))
    )


def _drawn(fitting: list[Continuation], rng: Random) -> Iterator[tuple[Continuation, int]]:
    for _ in range(TRIES if fitting else 0):
        one = rng.choice(fitting)
        yield one, rng.choice(one.numbers)


def _continued(source: Source, asked: Asked, one: Continuation, number: int, friend: str) -> Rewritten | None:
    """The problem with this step added, None where it comes to nothing sensible."""
    steps = source.annotation.steps
    name = name_of_words(
        tuple(re.split(" of | per ", asked.unit)[0].split()[-2:]), {step.name for step in steps}
    )
    expression = one.expression.format(it=name, n=number)
    answer = value_of_text(expression, {name: source.answer})
    if not _is_sensible(answer, source.answer, number, money=asked.family == "money"):
        return None
    words = {"n": str(number), "part": PARTS.get(number, ""), "unit": asked.unit, "friend": friend}
    shown = {"it": _shown(source.answer, asked), "ans": _shown(answer, asked)}
    added = Step("ans", expression, one.sentence.format(**words, **shown))
    question = f"{source.problem.question.rstrip()} {one.say.format(**words)}"
    return Rewritten(question, Annotation((*steps[:-1], replace(steps[-1], name=name), added)))


def value_of_text(expression: str, known: Mapping[str, Fraction]) -> Fraction:
    """What an expression of our own comes to."""
    return value_of(ast.parse(expression, mode="eval").body, known)


def _is_sensible(answer: Fraction, before: Fraction, number: int, *, money: bool) -> bool:
    if answer < 2 or answer > LARGEST or number > before * 2 or answer == before:
        return False
    if before.denominator == 1 or not money:
        return answer.denominator == 1
    return 100 % answer.denominator == 0


def _shown(value: Fraction, asked: Asked) -> str:
    decimals = 2 if asked.family == "money" and value.denominator != 1 else 0
    return printed(value, decimals) if value.denominator != 1 else format_value(value)
