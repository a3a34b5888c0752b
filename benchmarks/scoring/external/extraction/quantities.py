"""Quantities: one number as people write it, with sign, power, fraction, percent and words of size, as an exact value.

Percent is read as it is written (`25%` is 25), as the solver's sentences have it. Nothing is computed beyond what one
number's own writing asks for, and that only up to 400 digits.
"""

import re
from fractions import Fraction

from benchmarks.scoring.external.extraction.literals import read_in_base, read_literal
from benchmarks.scoring.external.extraction.powers import factorial_of, raised, read_root
from benchmarks.scoring.external.extraction.words import SCALES, read_part, read_words
from runtime.solver.budget import OverBudget
from runtime.solver.expressions.failure import Failure
from runtime.values.answers import MAX_DIGITS

_SIGN = re.compile(
    r"(?:(?P<minus>-|minus\s|negative\s)|\+)?\s?(?P<negative>‹)?(?=[\d.A-Za-z(√∛∜])", re.IGNORECASE
)
_EXPONENT = re.compile(r"[eE]([-+]?)(\d+)(?!\w)")
_TIMES_TEN = re.compile(r"\s?[×xX*]\s?10\s?(?:\^|\*\*)\s?[{(]?\s?([-+]?)\s?(\d+)\s?[})]?")
_POWER = re.compile(r"(?:\s?\^\s?|\*\*)[{(]{0,2}\s?[-+]?\s?(?=\d)")
_OVER = re.compile(r"\s?/\s?(?=\d)")
_MIXED = re.compile(r"(?:\s{1,3}|\s?(?:and|&)\s)(\d{1,9})\s?/\s?(\d{1,9})(?![\d/])")
_AND_PART = re.compile(r"\s(?:and|&)\s(?=[A-Za-z])")
_SCALE = re.compile(rf"\s?({'|'.join(SCALES)}|bn|k)s?(?![A-Za-z])", re.IGNORECASE)
_SHORT = {"bn": 10**9, "k": 10**3}
_PERCENT = re.compile(r"\s?(?:%|percent(?:age points?)?\b|per cent\b|pct\b)", re.IGNORECASE)


def read_quantity(text: str, start: int, *, words: bool = False) -> tuple[Fraction, int] | None:
    """The number whose sign or first digit is at `start` and the index behind it, or None where none is.

    With `words` it may be written out. Raises Failure (`ambiguous`, `not_numeric`) for what looks like a number and is
    none, OverBudget for more than 400 digits.
    """
    sign = _SIGN.match(text, start)
    if sign is None:
        return None
    read = _unsigned(text, sign.end(), words)
    if read is None:
        return None
    value, end = read
    percent = _PERCENT.match(text, end)
    negative = bool(sign["minus"]) or bool(sign["negative"])
    return -value if negative else value, percent.end() if percent else end


def _unsigned(text: str, start: int, words: bool) -> tuple[Fraction, int] | None:
    special = read_in_base(text, start) or read_root(text, start)
    if special is not None:
        return special
    literal = read_literal(text, start)
    if literal is None:
        return read_words(text, start) if words else None
    value, end = _powered(text, *factorial_of(text, *literal))
    value, end = _fraction(text, value, end)
    return _scaled(text, value, end)


def _powered(text: str, value: Fraction, end: int) -> tuple[Fraction, int]:
    """The value with what is written as a power: `1.5e3`, `2^{10}`, `1.5 × 10^{3}`."""
    if found := _EXPONENT.match(text, end):
        return value * _power_of_ten(*found.groups()), found.end()
    value, end = raised(text, value, end, 0)
    if found := _TIMES_TEN.match(text, end):
        if _POWER.match(text, found.end()):
            raise OverBudget("a power of a power of ten")
        return value * _power_of_ten(*found.groups()), found.end()
    return value, end


def _power_of_ten(sign: str, digits: str) -> Fraction:
    if len(digits.lstrip("0")) > 3 or int(digits) > MAX_DIGITS:
        raise OverBudget(f"a power of ten beyond {MAX_DIGITS} digits")
    return Fraction(10) ** int(sign + digits)


def _fraction(text: str, value: Fraction, end: int) -> tuple[Fraction, int]:
    """The value with the fraction that it is part of: `1/2`, `2 1/2`, `2 and 1/2`, `2 and a half`."""
    if value.denominator == 1:
        if mixed := _MIXED.match(text, end):
            part = Fraction(int(mixed[1]), int(mixed[2]) or 1)
            if not 0 < part < 1:
                raise Failure("ambiguous", "two numbers side by side")
            return value + part, mixed.end()
        behind_and = _AND_PART.match(text, end)
        if behind_and and (read := read_part(text, behind_and.end())):
            return value + read[0], read[1]
    over = _OVER.match(text, end)
    literal = read_literal(text, over.end()) if over else None
    if literal is None:
        return value, end
    below, end = raised(text, *literal, 1)
    if _OVER.match(text, end):
        raise Failure("not_numeric", "a date, or a division of a division")
    if not below:
        raise Failure("not_numeric", "a division by zero")
    return value / below, end


def _scaled(text: str, value: Fraction, end: int) -> tuple[Fraction, int]:
    """The value with words of size behind it: `2.5 million`, `5k`, `3 dozen`."""
    for _ in range(2):
        found = _SCALE.match(text, end)
        if found is None:
            break
        word = found[1].lower()
        if word == "k" and found.start(1) != end:
            break
        value, end = value * (_SHORT.get(word) or SCALES[word]), found.end()
    return value, end
