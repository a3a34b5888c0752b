"""Joined: what stands behind a number may make it another one, one of several, or none.

`3:4` and `10:30` are no numbers. `5 or 6`, `5-6`, `5 apples and 6 pears`, `2 hours 30 minutes` are two, `48 + 24` is not
worked out, `3x` and `5√3` are not numbers alone: of none of these is a part taken for the answer.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from benchmarks.scoring.external.extraction.powers import FUNCTION, behind_sign
from benchmarks.scoring.external.extraction.quantities import read_quantity
from runtime.solver.budget import OverBudget
from runtime.solver.expressions.failure import Failure
from runtime.solver.sentences.runs import MEASURES
from runtime.values.outcome import Status

_RATIO = re.compile(r"\s?:\s?\d")
_IRRATIONAL = re.compile(r"\s?×?\s?(?:[√∛∜π¤±∞]|pi\b|sqrt\b)")
_NO_NUMBER = re.compile(r"[π¤±∞]")
# A number beside a number, with nothing that says how they belong together; `in 2023 500 people` has a year.
_SIDE = re.compile(r"(?<!\b[Ii]n 1[5-9]\d\d)(?<!\b[Ii]n 20\d\d)[ ]{1,3}(?=\d)")
_UNKNOWN = re.compile(r"(?:[xyznab](?![A-Za-z'])|[xyzn]\s?\^)(?!\s[a-z]{2})|\s[xyz]\s?[-+=^]")
_CALCULATION = re.compile(
    r"-(?=[\d.(])|\s?[-+*/×÷]\s?(?=[\d.√(])|\s[xX]\s(?=\d)|\((?=\d)|\s?(?:of|times)\s(?:the\s)?(?=\d)"
    r"|(?:\s[A-Za-z]{1,20}){1,3}\s[-+*/×÷]\s(?=[\d.(])|\schoose\s(?=\d)"
)
# Up to four words, then what puts a second number beside the first.
_JOIN = re.compile(
    r"[A-Za-z°]{0,12}['\")}\]]{0,3}(?:\s[A-Za-z]{1,20}\.?){0,3}"
    r"(?:\s?[,;&]\s?(?:or\s|and\s)?|\s(?:or|and|to)\s)(?:about\s|only\s)?(?:[A-Za-z]{1,20}\s?=\s?)?(?=[-+]?\.?\d)"
)
_MEASURE = re.compile(r"\s?([A-Za-z]{1,12})\.?\s(?=\d)|['\"](?=\d)")
_UNIT = re.compile(r"\s?([A-Za-z]{1,12})|[\"']")
_SHORT_MEASURES = frozenset(
    ["h", "hr", "min", "m", "s", "sec", "ft", "lb", "oz", "kg", "g", "km", "cm", "in"]
)
# Behind a second number these say that it tells about the first: `72 apples, 24 more than Bob`.
_TELLS = re.compile(r"\s(?:[A-Za-z]{1,20}\s)?(?:more|less|fewer|of|each|per|times|extra|left|from)\b")
# Behind what is no number its numbers and signs are passed over, up to the next side of an equation.
_REST = re.compile(
    r"[\d.,'_]*(?:[^A-Za-z=≈→\n,;]|(?:of|times|the|pi|sqrt|plus|minus|choose|[A-Za-z])(?![A-Za-z])){0,120}"
)
MAX_JOINED = 20


@dataclass(frozen=True, slots=True)
class Stated:
    """A number where a text states it, or why what stands there is none; `start` and `end` are its place."""

    status: Status
    value: Fraction | None
    start: int
    end: int
    reason: str = ""

    @property
    def solved(self) -> bool:
        """Whether it is a number."""
        return self.status == "solved"


def read_stated(text: str, start: int, *, words: bool = False) -> Stated | None:
    """What is stated at `start`, where a sign, a digit or (with `words`) a word of number begins; else None."""
    if call := FUNCTION.match(text, start):
        return Stated("ambiguous", None, start, call.end(), "a calculation that is not worked out")
    try:
        if _NO_NUMBER.match(text, start):
            raise Failure("not_numeric", "no rational number")
        read = read_quantity(text, start, words=words)
        if read is None:
            return None
        value, end = read
        _refuse_rest(text, end)
        others, last = _joined(text, end)
    except Failure as failure:
        return Stated(failure.status, None, start, _behind(text, start), failure.reason)
    except OverBudget as verdict:
        return Stated("over_budget", None, start, _behind(text, start), str(verdict))
    if all(_agree(value, _percent(text, end), *other) for other in others):
        return Stated("solved", value, start, last)
    return Stated("ambiguous", None, start, last, "several numbers")


def _behind(text: str, start: int) -> int:
    behind = behind_sign(text, start)
    found = _REST.match(text, behind)
    return found.end() if found else behind


def _refuse_rest(text: str, end: int) -> None:
    """Refuse a number that what follows makes another one."""
    if _RATIO.match(text, end):
        raise Failure("not_numeric", "a ratio or a time of day")
    if _IRRATIONAL.match(text, end):
        raise Failure("not_numeric", "a multiple of no rational number")
    if _UNKNOWN.match(text, end):
        raise Failure("ambiguous", "an unknown is still in it")
    if _CALCULATION.match(text, end):
        raise Failure("ambiguous", "a range, or a calculation that is not worked out")
    measure = _MEASURE.match(text, end)
    if measure and _is_measure(measure[1] or "ft"):
        second = read_quantity(text, measure.end())
        if second and _followed_by_measure(text, second[1]):
            raise Failure("ambiguous", "two measures")


def _is_measure(word: str) -> bool:
    return word.lower() in _SHORT_MEASURES or word.lower().removesuffix("s") in MEASURES


def _followed_by_measure(text: str, end: int) -> bool:
    found = _UNIT.match(text, end)
    return found is not None and _is_measure(found[1] or "in")


def _joined(text: str, end: int) -> tuple[list[tuple[Fraction, bool]], int]:
    """The values that stand beside the one which ends at `end`, each with whether it is in percent, and their end."""
    others: list[tuple[Fraction, bool]] = []
    for _ in range(MAX_JOINED):
        join = _JOIN.match(text, end) or _SIDE.match(text, end)
        second = read_quantity(text, join.end()) if join else None
        if second is None or _TELLS.match(text, second[1]):
            break
        value, end = second
        others.append((value, _percent(text, end)))
    return others, end


def _percent(text: str, end: int) -> bool:
    return text[max(0, end - 8) : end].endswith(("%", "percent", "pct"))


def _agree(value: Fraction, percent: bool, other: Fraction, other_percent: bool) -> bool:
    """Whether two values are one, as `60% or 0.6` are."""
    return value == other or (percent != other_percent and value in (other * 100, other / 100))
