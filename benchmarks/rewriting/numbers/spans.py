"""Where a question says a number that may be another one, and how it is spelled there.

Fixed are fractions, ratios, dates, clock times, ages, labels (`Athlete 1`, `page 90`), ordinals, and numbers that count
what the text lists. What is not found here stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from benchmarks.annotations.text.arithmetic import CURRENCY, Token
from benchmarks.annotations.text.numbers import PARTS, SCALES, TENS, UNITS
from benchmarks.annotations.text.words import spread

Form = Literal["digits", "word"]
GLUED_UNITS = spread("ml l kg g mg cm m km mm lb lbs oz ft mph in hrs hr mins min k")
LABELS = spread(
    """page chapter grade level room number no day week month year step question exit route highway unit size lane
    channel apartment version gate floor age ages aged athlete player team class group section part phase round jar box"""
)
MONTHS = spread("january february march april may june july august september october november december")
CLOCK = spread("am pm a.m p.m o'clock noon midnight")
DEFINITE = spread("the these those all other both of last first next past only")
LISTED = spread(
    "types kinds varieties kind type different sorts colors flavors ways categories sizes shifts stages"
)
PEOPLE = spread(
    """friends friend brothers sisters siblings children kids sons daughters people students boys girls athletes players
    cousins workers classmates roommates employees parents men women members teams sisters grandchildren nephews nieces"""
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_WORDS = {word: value for words in (UNITS, TENS) for word, value in words.items() if value > 1}


@dataclass(frozen=True, slots=True)
class Span:
    """One number of a text: its place, value and spelling, and the words around it in lower case.

    `decimals` and `comma` are how digits are printed; `signs` are a currency sign before and a percent sign after.
    """

    start: int
    end: int
    value: Fraction
    form: Form
    fixed: bool
    money: bool = False
    percent: bool = False
    decimals: int = 0
    comma: bool = False
    before: str = ""
    after: tuple[str, ...] = ()


def number_spans(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """Every number of a text in digits or a simple number word."""
    names = len({token.text for token in tokens if token.kind == "word" and _is_name(text, token)})
    for at, token in enumerate(tokens):
        if token.kind == "number":
            yield _digits(text, tokens, at, names)
        elif token.kind == "word" and (value := spelled_value(token.text)) is not None:
            before, after = _neighbors(tokens, at)
            fixed = _in_a_longer_number(tokens, at) or _fixed_by_words(before, after, Fraction(value), names)
            percent = bool(after) and after[0].startswith("percent")
            yield Span(
                token.start,
                token.end,
                Fraction(value),
                "word",
                fixed,
                percent=percent,
                before=before,
                after=after,
            )


def spelled_value(word: str) -> int | None:
    """The value of a number word from two to ninety-nine."""
    lower = word.lower()
    tens, dash, unit = lower.partition("-")
    if dash and tens in TENS and UNITS.get(unit, 10) < 10:
        return TENS[tens] + UNITS[unit]
    return _WORDS.get(lower)


def _digits(text: str, tokens: Sequence[Token], at: int, names: int) -> Span:
    token = tokens[at]
    before, after = _neighbors(tokens, at)
    percent = _kind(tokens, at + 1) == "%" or (bool(after) and after[0].startswith("percent"))
    money = token.start > 0 and text[token.start - 1] in CURRENCY
    fixed = (
        _in_a_longer_number(tokens, at)
        or _is_glued(text, token)
        or _is_label(text, tokens, at, money=money)
        or _fixed_by_words(before, after, token.value, names)
    )
    decimals = len(token.text.partition(".")[2])
    return Span(
        token.start,
        token.end,
        token.value,
        "digits",
        fixed,
        money,
        percent,
        decimals,
        "," in text[token.start : token.end],
        before,
        after,
    )


def _neighbors(tokens: Sequence[Token], at: int) -> tuple[str, tuple[str, ...]]:
    before = tokens[at - 1].text.lower() if at else ""
    after: list[str] = []
    for token in tokens[at + 1 : at + 5]:
        if token.kind == "number" or token.text in ".,;:?!()":
            break
        if token.kind == "word":
            after.append(token.text.lower())
    return before, tuple(after)


def _kind(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].kind if 0 <= at < len(tokens) else ""


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text.lower() if 0 <= at < len(tokens) else ""


def _in_a_longer_number(tokens: Sequence[Token], at: int) -> bool:
    """Fractions, mixed numbers, ratios, ranges and number words that go together."""
    for side in (-1, 1):
        near, far = at + side, at + 2 * side
        if _kind(tokens, near) == "number" or (
            _text(tokens, near) in ("/", ":", "-", "–", "x", "*", "+", "=", "to", "out", "and", "or")
            and _kind(tokens, near) in ("operator", "mark", "=")
            and _is_number(tokens, far)
        ):
            return True
    pieces = {*_text(tokens, at + 1).split("-")}
    if pieces & (SCALES.keys() | PARTS.keys() | _WORDS.keys()) or _text(tokens, at - 1) in SCALES:
        return True
    around = [_text(tokens, place) for place in range(at - 4, at + 5)]
    if "out" in around and "of" in around:
        return True
    if _text(tokens, at + 1) == "to" and _is_number(tokens, at + 2):
        return True
    if _text(tokens, at - 1) == "to" and _is_number(tokens, at - 2):
        return True
    return _text(tokens, at + 1) == "and" and bool(
        {"half", "quarter", "a"} & {_text(tokens, at + 2), _text(tokens, at + 3)} & {"half", "quarter"}
    )


def _is_number(tokens: Sequence[Token], at: int) -> bool:
    return _kind(tokens, at) == "number" or spelled_value(_text(tokens, at)) is not None


def _is_glued(text: str, token: Token) -> bool:
    """Digits that are part of something longer: `5th`, `4x4`, `B12`, `5:30`, `#7`."""
    if token.start and (text[token.start - 1].isalpha() or text[token.start - 1] in "#:.'’"):
        return True
    following = re.match(r"[^\W\d_]+", text[token.end :])
    return following is not None and following[0].lower() not in GLUED_UNITS


def _is_label(text: str, tokens: Sequence[Token], at: int, *, money: bool) -> bool:
    before = tokens[at - 1] if at else None
    if before is None or money:
        return False
    if before.text.lower() == "and" and at > 2 and tokens[at - 3].text.lower() in LABELS:
        return True
    if before.text.lower() in LABELS or (before.text.lower() in MONTHS and before.text[0].isupper()):
        return True
    if _YEAR.fullmatch(tokens[at].text) and (
        before.text.lower() in ("in", "year", "since", "of", "by", "until", "from")
    ):
        return True
    return (
        _kind(tokens, at - 1) == "word"
        and before.text[0].isupper()
        and not _begins_sentence(text, before.start)
    )


def _begins_sentence(text: str, start: int) -> bool:
    ahead = text[:start].rstrip(" \"'“‘(")
    return not ahead or ahead[-1] in ".!?:\n"


def _is_name(text: str, token: Token) -> bool:
    return token.text[0].isupper() and not _begins_sentence(text, token.start)


def _fixed_by_words(before: str, after: tuple[str, ...], value: Fraction, names: int) -> bool:
    """Ages, clock times, numbers that count what is listed, and those that a definite word says are known."""
    first = after[0] if after else ""
    if value <= 1 and not (value.denominator > 1):
        return True
    if "old" in after[:2] or first in ("year-old", "years-old", "year-olds") or before == "age":
        return True
    if first in CLOCK or first.startswith("o’clock") or first in MONTHS:
        return True
    if value <= 12 and (before in DEFINITE or LISTED & set(after[:2])):
        return True
    if first in ("digit", "digits", "sided", "wheeled", "legged") and value <= 12:
        return True
    return value <= 6 and bool(PEOPLE & set(after[:2])) and abs(names - value) <= 1
