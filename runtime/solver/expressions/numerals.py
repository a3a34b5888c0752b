"""Numerals: one written number read from a text at a position, for equations and sentences alike."""

from fractions import Fraction

from runtime.solver.budget import OverBudget
from runtime.solver.expressions.failure import Failure, quoted
from runtime.solver.expressions.limits import MAX_DIGITS
from runtime.solver.expressions.tree import Number, Rational

DIGITS = frozenset("0123456789")


def whole(value: Rational) -> Rational:
    """The same value as an `int` where it is whole: whole numbers are ten times faster."""
    return value.numerator if value.denominator == 1 else value


def read_numeral(text: str, start: int, *, in_call: bool = False) -> tuple[Number, int]:
    """The number at `start` (`1,200.50`, `1_000`, `.5`, `1.5e3`) and the index behind it.

    Inside a function's brackets a comma separates arguments, so `max(1,200)` is refused as ambiguous.
    Raises Failure (`bad_syntax`) for that, OverBudget for more than 400 digits.
    """
    size = len(text)
    index = start
    while index < size and text[index] in DIGITS:
        index += 1
    digits = text[start:index]
    if index < size and text[index] in ",_":
        index, digits = _grouped(text, start, index, in_call)
    decimals = 0
    if index < size and text[index] == ".":
        point = index = index + 1
        while index < size and text[index] in DIGITS:
            index += 1
        decimals = index - point
        digits += text[point:index]
    if len(digits) > MAX_DIGITS:
        raise OverBudget(f"a number of {len(digits):,} digits; expected: up to {MAX_DIGITS}")
    value: Rational = int(digits)
    if decimals:
        value = whole(Fraction(value, 10**decimals))
    if index < size and text[index] in "eE":
        index, value = _scientific(text, index, value)
    return Number(value, decimals), index


def _grouped(text: str, start: int, index: int, in_call: bool) -> tuple[int, str]:
    """Thousands in groups of three (`1,200,000`) or digits joined by `_`; any other comma is left for later."""
    size, mark = len(text), text[index]
    pieces = [text[start:index]]
    if mark == "," and not 1 <= len(pieces[0]) <= 3:
        return index, pieces[0]
    while index < size and text[index] == mark:
        end = index + 1
        while end < size and text[end] in DIGITS:
            end += 1
        group = text[index + 1 : end]
        if not group or (mark == "," and len(group) != 3):
            break
        if mark == "," and in_call:
            raise Failure(
                "bad_syntax",
                f"{quoted(text[start:end])} inside a function may be one number or two; write it without the comma, "
                "or with a space after it",
            )
        pieces.append(group)
        index = end
    return index, "".join(pieces)


def _scientific(text: str, index: int, value: Rational) -> tuple[int, Rational]:
    """`1.5e3`; an `e` that no digits follow belongs to the next word."""
    size = len(text)
    start = index + 1
    if start < size and text[start] in "+-":
        start += 1
    end = start
    while end < size and text[end] in DIGITS:
        end += 1
    if end == start or (end < size and (text[end] == "_" or text[end].isalpha())):
        return index, value
    if end - start > 4 or int(text[start:end]) > MAX_DIGITS:
        raise OverBudget(
            f"a number with the exponent {quoted(text[index + 1 : end])}; expected: up to {MAX_DIGITS}"
        )
    return end, whole(value * Fraction(10) ** int(text[index + 1 : end]))
