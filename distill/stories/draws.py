"""What a template may draw: numbers of several shapes, words, and words that belong together."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Literal

from distill.stories.arithmetic import plain
from distill.stories.words import number_word, part_words

Shape = Literal["count", "money", "percent", "times", "part", "decimal"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number drawn evenly from `values`; its shape decides how people write it."""

    shape: Shape
    values: Sequence[Fraction]


@dataclass(frozen=True, slots=True)
class Words:
    """One of several rows of words; a row fills one slot, or several that belong together."""

    rows: tuple[tuple[str, ...], ...]


Draw = Number | Words


def _grid(low: str | int, high: str | int, step: str | int) -> tuple[Fraction, ...]:
    first, last, width = Fraction(low), Fraction(high), Fraction(step)
    return tuple(first + width * place for place in range(int((last - first) / width) + 1))


def whole(low: int, high: int, step: int = 1) -> Number:
    """A count: `7`, `seven`, `1,200`, `a dozen`."""
    return Number("count", _grid(low, high, step))


def money(low: str | int, high: str | int, step: str | int = 1) -> Number:
    """Dollars: `$7`, `$2.50`."""
    return Number("money", _grid(low, high, step))


def percent(low: int, high: int, step: int = 5) -> Number:
    """A percentage, held as the number before the sign: `20%`, `20 percent`."""
    return Number("percent", _grid(low, high, step))


def times(low: int, high: int) -> Number:
    """A multiple: `twice`, `three times`, `4 times`."""
    return Number("times", _grid(low, high, 1))


def part(*fractions: str) -> Number:
    """A part of something: `half`, `a third`, `2/5`."""
    return Number("part", tuple(Fraction(text) for text in fractions))


def decimal(low: str | int, high: str | int, step: str) -> Number:
    """A measure that may have decimals: `2.5`."""
    return Number("decimal", _grid(low, high, step))


def one_of(*words: str) -> Words:
    """One word or phrase for the slot."""
    return Words(tuple((word,) for word in words))


def together(*rows: str) -> Words:
    """Words that belong together, `baker/loaf/oven`, one for each of the slots named."""
    return Words(tuple(tuple(row.split("/")) for row in rows))


def spoken(shape: Shape, value: Fraction, rng: Random) -> str:
    """A number as a question would have it: mostly digits, now and then words."""
    match shape:
        case "money":
            return f"${_grouped(value, rng, cents=True)}"
        case "percent":
            return f"{plain(value)} percent" if rng.random() < 0.2 else f"{plain(value)}%"
        case "times":
            return _multiple(int(value), rng)
        case "part":
            words = part_words(value.numerator, value.denominator)
            digits = value.denominator > 2 and rng.random() < 0.35
            return f"{value.numerator}/{value.denominator}" if digits or words is None else words
        case "decimal":
            return plain(value)
        case "count":
            return _count(value, rng)


def _multiple(value: int, rng: Random) -> str:
    if value == 2 and rng.random() < 0.9:
        return "twice"
    return f"{number_word(value)} times" if rng.random() < 0.6 else f"{value} times"


def _count(value: Fraction, rng: Random) -> str:
    size = int(value)
    rare = 0.3 if size <= 10 else 0.12 if size <= 20 or (size < 100 and size % 10 == 0) else 0.0
    word = number_word(size)
    return word if word is not None and rng.random() < rare else _grouped(value, rng)


def _grouped(value: Fraction, rng: Random, *, cents: bool = False) -> str:
    if value >= 1000 and value.denominator == 1 and (value >= 10_000 or rng.random() < 0.6):
        return f"{int(value):,}"
    return plain(value, cents=cents)


def literal(shape: Shape, value: Fraction) -> str | Fraction:
    """A number as an expression has it: the digits of the question; a part stays a fraction."""
    return value if shape == "part" else plain(value, cents=shape == "money")


def digits(shape: Shape, value: Fraction) -> str:
    """A number as a worked solution has it: always digits."""
    match shape:
        case "money":
            return f"${plain(value, cents=True)}"
        case "percent":
            return f"{plain(value)}%"
        case "times":
            return f"{plain(value)} times"
        case _:
            return str(value) if shape == "part" else plain(value)
