"""The calculations of a written solution in order, up to the one that gives the answer.

Where a solution states only the value of an unknown (`x = 5`), the first equation of one unknown that says so is solved.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from benchmarks.annotations.text.algebra import Equation, equations
from benchmarks.annotations.text.arithmetic import Token, evaluate
from benchmarks.annotations.text.prose import Calculation, Sentence
from benchmarks.annotations.text.words import spread


@dataclass(frozen=True, slots=True)
class Found:
    """A calculation, the sentence it stands in, and for an unknown the words that define its letter."""

    line: int
    sentence: Sentence
    calculation: Calculation
    defined: tuple[Token, ...] = ()


def computed(lines: list[Sentence]) -> list[Found]:
    """The calculations that a solution spells out."""
    return [
        Found(line, sentence, calculation)
        for line, sentence in enumerate(lines)
        for calculation in sentence.calculations
        if calculation.tree is not None
    ]


def with_algebra(lines: list[Sentence]) -> list[Found]:
    """The same with `x = 5` computed from the first equation before it that says so."""
    said: dict[Fraction, Equation] = {}
    found: list[Found] = []
    for line, sentence in enumerate(lines):
        if any(token.is_letter for token in sentence.tokens):
            for equation in equations(sentence.tokens):
                said.setdefault(evaluate(equation.solution, {}), equation)
        here = {
            item.place: Found(line, sentence, item) for item in sentence.calculations if item.tree is not None
        }
        for place, stated in _stated(sentence, set(here)) if said else ():
            if stated.value in said:
                equation = said[stated.value]
                known = definition(lines, equation.letter)
                here[place] = Found(line, sentence, replace(stated, tree=equation.solution), known)
        found += [here[place] for place in sorted(here)]
    return found


def definition(lines: list[Sentence], letter: str) -> tuple[Token, ...]:
    """The words after `let x be`, `x represents` or `x =` where they are no calculation."""
    for sentence in lines:
        tokens = sentence.tokens
        for at, token in enumerate(tokens[:-2]):
            if token.text == letter and tokens[at + 1].text in DEFINES and tokens[at + 2].kind == "word":
                rest = tokens[at + 1 : at + 14]
                stop = next((end for end, word in enumerate(rest) if _ends_definition(word, end)), len(rest))
                return rest[:stop]
    return ()


DEFINES = spread("be represent represents is equal stand stands denote denotes =")


def _ends_definition(token: Token, at: int) -> bool:
    return token.text in (".", ",", ";", "and") or (at > 0 and token.kind in ("=", "number", "operator"))


def _stated(sentence: Sentence, places: set[int]) -> Iterator[tuple[int, Calculation]]:
    """Bare results: marks that hold only a value, and `x = 5`."""
    for calculation in sentence.calculations:
        if calculation.tree is None:
            yield calculation.place, calculation
    tokens = sentence.tokens
    for name, equals, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if name.is_letter and equals.kind == "=" and value.kind == "number" and value.start not in places:
            yield value.start, Calculation(None, value.value, name.start, value.start, value.end)


def up_to_answer(steps: list[Found], gold: Fraction) -> tuple[list[Found], Fraction]:
    """The steps up to the last that gives the answer, and what its value is multiplied with (100 for a percentage)."""
    for scale in (Fraction(1), Fraction(100)):
        for at in range(len(steps), 0, -1):
            if steps[at - 1].calculation.value * scale == gold:
                return steps[:at], scale
    return [], Fraction(1)
