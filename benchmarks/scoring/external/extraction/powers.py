"""Powers, roots and factorials of numbers: worked out exactly, up to 400 digits, or said to be no number."""

import re
from fractions import Fraction
from math import factorial as whole_factorial

from benchmarks.scoring.external.extraction.literals import read_literal
from runtime.solver.budget import OverBudget
from runtime.solver.expressions.exact import whole_root
from runtime.solver.expressions.failure import Failure
from runtime.values.answers import MAX_DIGITS

# 400 digits in bits.
MAX_BITS = 1_329
BEYOND = 10**MAX_DIGITS
MAX_TOWER = 3
# The least whole number whose factorial has more than 400 digits.
MAX_FACTORIAL = 211
MAX_DEGREE = 100
# What a factorial's mark is written as, so that an exclamation is none: `42! Great`.
FACTORIAL = "‼"
_MARK_INSIDE = re.compile(r"(?<=\d)!(?=\s?[-+*/×÷^]\s?[\d(]|\s?=(?!=)|\s?≈)")
_MARK_ALONE = re.compile(r"[\s$*(]{0,6}[\d.,]{1,12}!(?:[\s$*).]{0,6}|\s?=.{0,100})")
_NAMED = re.compile(rf"{FACTORIAL}|\sfactorial\b", re.IGNORECASE)
_POWER = re.compile(r"(?:\s?\^\s?|\*\*)([{(]{0,2})\s?([-+]?)\s?(?=\d)")
_POWER_OF_ELSE = re.compile(r"\s?\^(?!\{?\s?(?:st|nd|rd|th)\b)")
_OVER = re.compile(r"\s?/\s?(?=\d)")
_CLOSERS = re.compile(r"[})]{0,4}")
_ROOT = re.compile(
    r"(?:√(?:\s?\[\s?(\d{1,3})\s?\])?|(∛)|(∜)|sqrt|(cbrt)|square\sroot\sof|(cube\sroot\sof))\s?[{(]{0,2}\s?(?=[\d√])",
    re.IGNORECASE,
)
# What a function of a number is called; its argument is no answer, and it is not worked out.
FUNCTION = re.compile(
    r"(?:log|ln|lg|exp|sin|cos|tan|gcd|lcm|max|min|abs|floor|ceil|round|factorial)(?:_\{?\d{1,3}\}?)?\s?\(\s?[-\d][^()\n]{0,60}\)?",
    re.IGNORECASE,
)


def mark_factorials(text: str) -> str:
    """The text with the sign of a factorial told from an exclamation by what follows it: `3! = 6`, `4! × 2`."""
    return _MARK_INSIDE.sub(FACTORIAL, text) if "!" in text else text


def mark_alone(text: str) -> str:
    """The same for a text that is this number and nothing else: the content of a box or a tag, or a line: `5!`."""
    return text.replace("!", FACTORIAL, 1) if "!" in text and _MARK_ALONE.fullmatch(text) else text


def read_root(text: str, start: int, depth: int = 0) -> tuple[Fraction, int] | None:
    """The exact root at `start` and the index behind it, or None where none is.

    Raises Failure (`not_numeric`) where it is irrational or not a root of a number alone.
    """
    found = _ROOT.match(text, start)
    if found is None:
        return None
    degree = int(found[1] or (3 if found[2] or found[4] or found[5] else 4 if found[3] else 2))
    inner = read_root(text, found.end(), depth + 1) if depth < MAX_TOWER else None
    read = inner or read_literal(text, found.end())
    if read is None:
        raise Failure("not_numeric", "a root of something that is no number")
    value, end = raised(text, *read, 1)
    if over := _OVER.match(text, end) if found[0].rstrip().endswith(("{", "(")) else None:
        below = read_literal(text, over.end())
        value, end = (value / below[0], below[1]) if below and below[0] else (value, end)
    if found[0].rstrip().endswith(("{", "(")) and text[end : end + 1] not in ("}", ")", ""):
        raise Failure("not_numeric", "a root of what is not worked out")
    return root(value, degree), _CLOSERS.match(text, end).end()  # type: ignore[union-attr]


def behind_sign(text: str, start: int) -> int:
    """The index behind the sign of a root at `start`, or behind its first character."""
    found = _ROOT.match(text, start)
    return found.end() if found else start + 1


def factorial_of(text: str, value: Fraction, end: int) -> tuple[Fraction, int]:
    """The value's factorial where its mark follows, else the value. Raises OverBudget beyond 400 digits."""
    found = _NAMED.match(text, end)
    if found is None:
        return value, end
    if value.denominator != 1 or value < 0 or _NAMED.match(text, found.end()):
        raise Failure("not_numeric", "a factorial of no whole number")
    if value >= MAX_FACTORIAL:
        raise OverBudget(f"a factorial of more than {MAX_DIGITS} digits")
    return Fraction(whole_factorial(int(value))), found.end()


def raised(text: str, value: Fraction, end: int, depth: int) -> tuple[Fraction, int]:
    """The value to the power that follows it, if one does; a tower is read from its top."""
    found = _POWER.match(text, end)
    if found is None:
        if _POWER_OF_ELSE.match(text, end):
            raise Failure("not_numeric", "a power of something that is no number")
        return value, end
    literal = read_literal(text, found.end()) if depth < MAX_TOWER else None
    if literal is None:
        raise OverBudget(f"a tower of more than {MAX_TOWER} powers")
    exponent, end = raised(text, *literal, depth + 1)
    over = _OVER.match(text, end) if found[1] else None
    if over and (below := read_literal(text, over.end())):
        if not below[0]:
            raise Failure("not_numeric", "a division by zero")
        exponent, end = exponent / below[0], below[1]
    return power(value, -exponent if found[2] == "-" else exponent), _CLOSERS.match(text, end).end()  # type: ignore[union-attr]


def power(value: Fraction, exponent: Fraction) -> Fraction:
    """The value to a power. Raises OverBudget before it has more than 400 digits, Failure where it is not exact."""
    if exponent.denominator != 1:
        return power(root(value, exponent.denominator), Fraction(exponent.numerator))
    if value == 0 and exponent < 0:
        raise Failure("not_numeric", "a power that is no exact number")
    if abs(value) in (0, 1):
        return value ** (int(exponent) % 2 or (2 if exponent else 0))
    # At least so many bits, looked at first: the power itself is computed only where it is small.
    least_bits = (max(abs(value.numerator), value.denominator).bit_length() - 1) * abs(exponent)
    found = value ** int(exponent) if least_bits <= MAX_BITS else None
    if found is None or max(abs(found.numerator), found.denominator) >= BEYOND:
        raise OverBudget(f"a power of more than {MAX_DIGITS} digits")
    return found


def root(value: Fraction, degree: int) -> Fraction:
    """The exact root of a value that is not negative; raises Failure (`not_numeric`) where there is none."""
    if value >= 0 and 1 <= degree <= MAX_DEGREE:
        above, below = (whole_root(part, degree) for part in (value.numerator, value.denominator))
        if above is not None and below is not None:
            return Fraction(above, below)
    raise Failure("not_numeric", "a root that is no exact number")
