"""Telling one story: words and numbers are drawn, slots filled, steps worked out."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from benchmarks.annotations.annotation import Annotation, Step
from benchmarks.annotations.text.words import spread
from distill.stories.arithmetic import evaluate, holds, parse, plain, show
from distill.stories.draws import Number, Words, digits, literal, spoken
from distill.stories.template import Template
from distill.stories.words import PEOPLE, PRONOUNS, UNITS, plural, polish, snake
from runtime.values.answers import format_value
from runtime.values.errors import WorkFailed

TRIES = 5000
# Words before a number that rule out "a dozen" after them.
_NOT_BEFORE_DOZEN = spread("the all these those other another every his her their first next last")
_ROLES = ("who", "friend", "third")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([^{}]*)\}")
_RESULT = re.compile(r"\{=([$.%]?)\}")


@dataclass(frozen=True, slots=True)
class Told:
    """A story that was told: the question, its steps, and the answer as printed."""

    question: str
    annotation: Annotation
    answer: str


@dataclass(frozen=True, slots=True)
class _Work:
    """One step with its slots filled: its tree, and what its result may be (`""`, `$`, `.` or `%`)."""

    name: str
    tree: ast.expr
    sentence: str
    kind: str


def tell(template: Template, rng: Random) -> Told:
    """Tell the template's story once; raises WorkFailed when its numbers never fit together."""
    words = _cast(template, rng)
    names = {slot: snake(word) for slot, word in words.items()}
    works = [_work(line, names, rng) for line in template.solve]
    checks = [_named(check, names) for check in template.check]
    shapes = {name: draw.shape for name, draw in template.draw.items() if isinstance(draw, Number)}
    values, results = _numbers(template, works, checks, rng)

    written = {name: spoken(shape, values[name], rng) for name, shape in shapes.items()}
    question = _fill(_chosen(rng.choice(template.ask), rng), words, written, values, rng)

    literals = {name: literal(shape, values[name]) for name, shape in shapes.items()}
    printed = {work.name: plain(results[work.name], cents=work.kind == "$") for work in works}
    figures = {name: digits(shape, values[name]) for name, shape in shapes.items()}
    steps = tuple(
        Step(
            work.name,
            show(work.tree, literals),
            polish(_fill(_worked_out(work, literals | printed), words, figures, values, None)),
        )
        for work in works
    )
    return Told(polish(question), Annotation(steps), format_value(results["ans"]))


def _chosen(text: str, rng: Random) -> str:
    return _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), text)


def _cast(template: Template, rng: Random) -> dict[str, str]:
    """Every slot that is filled with words: people with their pronouns, drawn words with their plurals."""
    words: dict[str, str] = {}
    left = list(PEOPLE)
    for role in _ROLES:
        name, gender = left.pop(rng.randrange(len(left)))
        words[role] = name
        words |= {f"{role}.{slot}": word for slot, word in PRONOUNS[gender].items()}
    words |= {slot: words[f"who.{slot}"] for slot in ("he", "him", "his")}
    for slots, draw in template.draw.items():
        if isinstance(draw, Words):
            row = rng.choice(draw.rows)
            for slot, word in zip(slots.split(), row, strict=True):
                words |= {slot: word, f"{slot}s": plural(word)}
    return words


def _work(line: tuple[str, str, str], names: dict[str, str], rng: Random) -> _Work:
    name, expression, sentence = line
    sentence = _chosen(sentence, rng)
    found = _RESULT.search(sentence)
    if found is None:
        raise ValueError(f"the sentence of step {name!r} shows no result: {sentence!r}")
    return _Work(_named(name, names), parse(_named(expression, names)), sentence, found[1])


def _named(text: str, names: dict[str, str]) -> str:
    return _SLOT.sub(lambda match: names[match[1]], text)


def _numbers(
    template: Template, works: list[_Work], checks: list[str], rng: Random
) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Draw numbers until every step's result is of its kind and every check holds."""
    draws = {name: draw.values for name, draw in template.draw.items() if isinstance(draw, Number)}
    for _ in range(TRIES):
        values = {name: rng.choice(options) for name, options in draws.items()}
        results: dict[str, Fraction] = {}
        for work in works:
            results[work.name] = evaluate(work.tree, values | results)
            if not _allowed(work.kind, results[work.name]):
                break
        else:
            if all(holds(check, values | results) for check in checks):
                return values, results
    raise WorkFailed(f"story template {template.name!r}: no numbers fit in {TRIES} tries; widen its draws")


def _allowed(kind: str, value: Fraction) -> bool:
    """Whether a result is of its kind. Counts and measures are never 1, so that their nouns stay plural."""
    if value <= 0 or (value == 1 and kind in ("", ".")):
        return False
    return (value * (100 if kind in ("$", ".") else 1)).denominator == 1


def _fill(
    text: str, words: dict[str, str], numbers: dict[str, str], values: dict[str, Fraction], rng: Random | None
) -> str:
    """Fill the slots; `rng` may turn 12 eggs into a dozen eggs, None keeps digits."""

    def fill(match: re.Match[str]) -> str:
        slot, _, noun = match[1].partition(" ")
        if not noun:
            return words[slot] if slot in words else numbers[slot]
        thing = " ".join(word if word in _ROLES else words.get(word, word) for word in noun.split())
        before = text[: match.start()].split()[-1:]
        amount = numbers[slot]
        if rng is not None and not _NOT_BEFORE_DOZEN.intersection(before):
            amount = _dozens(values[slot], thing, rng) or amount
        return f"{amount} {thing if values[slot] == 1 else plural(thing)}"

    return _SLOT.sub(fill, text)


def _dozens(value: Fraction, thing: str, rng: Random) -> str | None:
    if value not in (12, 24) or thing.partition(" ")[0] in UNITS.split() or rng.random() > 0.3:
        return None
    return "a dozen" if value == 12 else "two dozen"


def _worked_out(work: _Work, numbers: Mapping[str, str | Fraction]) -> str:
    """The step's sentence with the arithmetic worked out, `3 * 4 = 12`."""
    before, after = ("$" if work.kind == "$" else ""), ("%" if work.kind == "%" else "")
    result = f"{show(work.tree, numbers)} = {before}{numbers[work.name]}{after}"
    return _RESULT.sub(lambda _: result, work.sentence)
