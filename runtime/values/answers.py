"""Numbers as people print them, and the one rule by which a value is compared with a gold answer."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from runtime.values.errors import InputError

Tolerance = Literal["exact", "paper"]
PAPER_TOLERANCE = Fraction(1, 1000)
MAX_DIGITS = 400
_PRINTED = re.compile(r"[+-]?(\d{1,%d})(?:\.(\d{1,%d}))?(?:/(\d{1,%d}))?" % ((MAX_DIGITS,) * 3), re.ASCII)


@dataclass(frozen=True, slots=True)
class Expected:
    """What values the answer to a question can have; unless told otherwise any at all.

    A `size` is not negative; without `parts` (None: not known) things are whole.
    """

    size: bool = False
    parts: bool | None = None

    def admits(self, value: Fraction) -> bool:
        """Whether such a question has such an answer, by what training problems have: at most two decimals, if any."""
        if self.size and value < 0:
            return False
        return self.parts is None or self.whole(value)

    def whole(self, value: Fraction) -> bool:
        """Whether a value is whole, or has no more than two decimals where there are parts."""
        return value.denominator == 1 or (bool(self.parts) and 100 % min(value.denominator, 101) == 0)

    def read(self, value: Fraction) -> Fraction:
        """The value as it was asked for: of a difference that was taken the other way round, its size."""
        return abs(value) if self.size else value


def parse_answer(text: str) -> Fraction:
    """Read a gold answer such as `72`, `-1,200.50` or `5/2`; raises InputError for anything else."""
    cleaned = text.strip().replace(",", "").lstrip("$").strip()
    match = _PRINTED.fullmatch(cleaned)
    if match is None or (match[2] and match[3]) or (match[3] and not int(match[3])):
        raise InputError(f"answer {text[:40]!r} is no number; expected: 72, -3.5, 1,200 or 5/2")
    return Fraction(cleaned)


def printed_decimals(text: str) -> int:
    """How many decimals a printed number shows: 0 for `72` and `5/2`, 2 for `3.50`."""
    return len(text.strip().partition(".")[2])


def format_value(value: Fraction) -> str:
    """Print an exact value: a terminating decimal of at most 12 places, else a fraction `p/q`."""
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > 12:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def matches_gold(value: Fraction | None, gold: str, tolerance: Tolerance = "exact") -> bool:
    """Whether a value counts as the gold answer.

    Equal exactly; or, where the gold is printed with d >= 1 decimals, the value rounds to it at d decimals (halves
    either way). Integer gold is exact. `paper` is |a - b| <= 1e-3, for standing beside published figures.
    """
    if value is None:
        return False
    expected = parse_answer(gold)
    if tolerance == "paper":
        return abs(value - expected) <= PAPER_TOLERANCE
    if value == expected:
        return True
    decimals = printed_decimals(gold)
    return decimals > 0 and abs(value - expected) <= Fraction(1, 2 * 10**decimals)
