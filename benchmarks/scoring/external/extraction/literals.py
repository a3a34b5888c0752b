"""Literals: the digits of one number with what stands between them, as an exact value.

Decided once, for everybody: `1,234` is a thousand and more, as are `1 234`, `1'234`, `1_234`, `1.234.567` and the Indian
`12,34,567`. `1.234` is a decimal. A comma is a decimal comma where it cannot part thousands: `3,5`, `0,125`, `1.234,56`.
`1,2,3` is a list and `1.2.3` a version.
"""

import re
from fractions import Fraction

from runtime.solver.budget import OverBudget
from runtime.solver.expressions.failure import Failure, quoted
from runtime.values.answers import MAX_DIGITS

# A space parts thousands only before exactly three digits that end there.
LITERAL = re.compile(r"\d+(?:[.,'_]\d+|[ ]\d{3}(?![\d/]|-[A-Za-z]))*|\.\d+")
_MARKS = re.compile(r"([.,'_ ])")
_BASE_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
               "twelve": 12, "sixteen": 16}  # fmt: skip
_BASE_NAME = rf"([1-9]\d?|{'|'.join(_BASE_WORDS)})"
_IN_BASE = re.compile(
    rf"\(?(\d[\dA-Za-z]{{0,500}})\)?\s?(?:_\s?\{{?\s?{_BASE_NAME}(?![\dA-Za-z])\s?\}}?"
    rf"|(?:in\s)?\(?base[\s-]?{_BASE_NAME}(?![\dA-Za-z])\)?)",
    re.IGNORECASE,
)
_PREFIXED = re.compile(r"0([xXbBoO])([\dA-Fa-f]{1,500})(?![\dA-Za-z])")
_PREFIXES = {"x": 16, "b": 2, "o": 8}


def read_literal(text: str, start: int) -> tuple[Fraction, int] | None:
    """The literal at `start` and the index behind it, or None where no digit stands.

    Raises Failure (`ambiguous`, `not_numeric`) for a list or a version, OverBudget for more than 400 digits.
    """
    found = LITERAL.match(text, start)
    if found is None:
        return None
    written, end = found[0], found.end()
    first = written.partition(" ")[0]
    if first != written and not re.fullmatch(r"\d{1,3}", first[:4]):
        written, end = first, start + len(first)  # `in 2023 500 people`: two numbers
    if len(written) - len(_MARKS.findall(written)) > MAX_DIGITS:
        raise OverBudget(f"a number of more than {MAX_DIGITS} digits")
    return _value(written), end


def _value(written: str) -> Fraction:
    pieces = _MARKS.split(written)
    groups, marks = pieces[::2], pieces[1::2]
    decimals = ""
    if marks and (_decimal_point(marks) or _decimal_comma(groups, marks)):
        decimals = groups.pop()
        marks.pop()
    if marks and not _parts_thousands(groups, marks):
        status = "ambiguous" if set(marks) == {","} else "not_numeric"
        raise Failure(status, f"{quoted(written)} is no one number")  # type: ignore[arg-type]
    digits = "".join(groups) + decimals
    return Fraction(int(digits or "0"), 10 ** len(decimals))


def _decimal_point(marks: list[str]) -> bool:
    return marks[-1] == "." and "." not in marks[:-1]


def _decimal_comma(groups: list[str], marks: list[str]) -> bool:
    if marks[-1] != "," or "," in marks[:-1]:
        return False
    parts_thousands = len(groups[-1]) == 3 and len(groups[0]) <= 3 and not groups[0].startswith("0")
    return len(marks) > 1 or not parts_thousands


def _parts_thousands(groups: list[str], marks: list[str]) -> bool:
    first, *others = map(len, groups)
    if len(set(marks)) > 1 or not 1 <= first <= 3 or others[-1] != 3:
        return False
    indian = marks[0] == "," and first <= 2 and all(size == 2 for size in others[:-1])
    return all(size == 3 for size in others) or indian


def read_in_base(text: str, start: int) -> tuple[Fraction, int] | None:
    """A number in a base at `start` (`1011_2`, `(101)_{two}`, `101 base 2`, `0x1F`), or None where there is none.

    Raises Failure (`not_numeric`) where its digits are none of its base.
    """
    if prefixed := _PREFIXED.match(text, start):
        return _based(prefixed[2], _PREFIXES[prefixed[1].lower()]), prefixed.end()
    found = _IN_BASE.match(text, start)
    if found is None:
        return None
    name = (found[2] or found[3]).lower()
    return _based(found[1], _BASE_WORDS.get(name) or int(name)), found.end()


def _based(digits: str, base: int) -> Fraction:
    if len(digits) > MAX_DIGITS:
        raise OverBudget(f"a number of more than {MAX_DIGITS} digits")
    if not 2 <= base <= 36 or max(int(digit, 36) for digit in digits) >= base:
        raise Failure("not_numeric", f"{quoted(digits)} is no number in base {base}")
    return Fraction(int(digits, base))
