"""`units`: the same problem in other units, `12 miles` as `12 kilometers`; numbers, steps and answer stay.

Nothing is converted: a unit takes the place of another wherever it stands, and only where the question has no further
unit of its kind, so that no step can rest on what one is in terms of the other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

from benchmarks.annotations.text.numbers import TENS, UNITS
from benchmarks.annotations.text.words import spread
from benchmarks.rewriting.lists import read_list
from benchmarks.rewriting.rewriting import Rewritten
from benchmarks.rewriting.template import Source
from benchmarks.rewriting.words.things import with_things
from runtime.values.rationale import Declined

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d[\d,.]*|[$€£]")
_NUMBER_WORDS = UNITS.keys() | TENS.keys() | spread("hundred thousand million half quarter third")
# What stands before a unit that is meant as one, beside numbers: `how many feet`, `price per pound`, `square yards`.
_MEASURES = _NUMBER_WORDS | spread("many per square cubic each fewer more additional extra every")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's singular and plural, and the sign before its numbers, where it has one."""

    one: str
    several: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A unit and those that may take its place; `unless` are words that forbid it, `not_before` words behind it.

    `measured`: the word has other meanings, so that a number or the like must stand before it. Numbers above `most`
    would make no sense in the new unit.
    """

    old: Unit
    new: tuple[Unit, ...]
    unless: frozenset[str]
    not_before: frozenset[str]
    measured: bool
    most: int | None

    def fits(self, text: str) -> bool:
        """Whether a question has the unit, everywhere as one and alone of its kind."""
        written = _TOKEN.findall(text)
        words = {word.lower() for word in written}
        forms = {self.old.one, self.old.several, *filter(None, [self.old.sign])}
        if forms.isdisjoint(words) or not self.unless.isdisjoint(words):
            return False
        return all(
            self._is_plain(before, word, after)
            for before, word, after in _neighbors(written)
            if word.lower() in forms
        )

    def _is_plain(self, before: str, word: str, after: str) -> bool:
        if word != word.lower() or after.lower() in self.not_before:
            return False
        number = before.rstrip(".,").replace(",", "")
        if self.most is not None and number.replace(".", "").isdigit() and float(number) > self.most:
            return False
        return not self.measured or before[:1].isdigit() or before.lower() in _MEASURES


def _neighbors(words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each word with the one before and the one after."""
    padded = ["", *words, ""]
    for (before, word), (_, after) in pairwise(pairwise(padded)):
        yield before, word, after


@cache
def exchanges() -> tuple[Exchange, ...]:
    """All of them, in the list's order."""
    return tuple(map(_exchange, read_list("units")))


def _exchange(row: Mapping[str, Any]) -> Exchange:
    return Exchange(
        Unit(*row["old"]),
        tuple(Unit(*forms) for forms in row["new"]),
        spread(row.get("unless", "")),
        spread(row.get("not_before", "")),
        bool(row.get("measured")),
        row.get("most"),
    )


class Units:
    """A source whose units may be others."""

    def __init__(self, source: Source, found: Sequence[Exchange]) -> None:
        self._source = source
        self._found = found
        self._words = {word.lower() for word in _TOKEN.findall(source.problem.question)}

    @classmethod
    def prepared(cls, source: Source) -> "Units | Declined":
        """Ready to write, or that no unit may be another."""
        found = [one for one in exchanges() if one.fits(source.problem.question)]
        return cls(source, found) if found else Declined("no_other_unit")

    def write(self, rng: Random) -> Rewritten | Declined:
        """One with another unit in the place of each."""
        words: dict[str, str] = {}
        signs: dict[str, str] = {}
        for exchange in self._found:
            free = [unit for unit in exchange.new if unit.several not in self._words]
            if not free:
                continue
            unit = rng.choice(free)
            words |= {exchange.old.one: unit.one, exchange.old.several: unit.several}
            signs |= {exchange.old.sign: unit.sign} if exchange.old.sign else {}
        question = with_things(self._source.problem.question, words)
        for old, new in signs.items():
            question = question.replace(old, new)
        return Rewritten(question, self._source.annotation, self._source.answer)
