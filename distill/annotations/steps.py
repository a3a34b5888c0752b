"""The calculations of a written solution in order, up to the one that gives the answer.

A solution is read in up to three ways, each with more recovered than the one before: its own calculations; with
equations of one unknown solved where only the unknown's value is stated; with the last step that is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from distill.annotations.algebra import Equation, equations
from distill.annotations.arithmetic import Token, evaluate
from distill.annotations.prose import Calculation, Sentence


@dataclass(frozen=True, slots=True)
class Found:
    """A calculation and the sentence it stands in."""

    line: int
    sentence: Sentence
    calculation: Calculation


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
    said: list[Equation] = []
    values: list[Fraction] = []
    found: list[Found] = []
    for line, sentence in enumerate(lines):
        for equation in equations(sentence.tokens):
            said.append(equation)
            values.append(evaluate(equation.solution, {}))
        places = {item.place: item for item in sentence.calculations if item.tree is not None}
        for place, calculation in _stated(sentence, places):
            if calculation.value in values:
                solution = said[values.index(calculation.value)].solution
                places[place] = replace(calculation, tree=solution)
        found += [Found(line, sentence, places[place]) for place in sorted(places)]
    return found


def _stated(sentence: Sentence, places: dict[int, Calculation]) -> Iterator[tuple[int, Calculation]]:
    """Bare results: marks that hold only a value, and `x = 5`."""
    for calculation in sentence.calculations:
        if calculation.tree is None:
            yield calculation.place, calculation
    tokens = sentence.tokens
    for name, equals, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if _is_letter(name) and equals.kind == "=" and value.kind == "number" and value.start not in places:
            yield value.start, Calculation(None, value.value, name.start, value.start, value.end)


def _is_letter(token: Token) -> bool:
    return len(token.text) == 1 and token.text.isascii() and token.text.isalpha()


def up_to_answer(steps: list[Found], gold: Fraction) -> tuple[list[Found], Fraction]:
    """The steps up to the last that gives the answer, and what its value is multiplied with (100 for a percentage)."""
    for scale in (Fraction(1), Fraction(100)):
        for at in range(len(steps), 0, -1):
            if steps[at - 1].calculation.value * scale == gold:
                return steps[:at], scale
    return [], Fraction(1)
