"""Reading: which of the numbers in a reply is its answer, by one rule for everybody.

1. The last statement (tag, box, `####`, phrase) that goes on with its number at once. Strict reading knows only this.
2. Else the last phrase whose sentence holds a number: the last one in it.
3. Else, in the last line that holds a number, the last bold one.
4. Else the last number of that line, behind an `=` what it comes to.

What is chosen and is no number (`3:4`, `5 or 6`, `3x`) is said to be none: no other one is taken in its place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from benchmarks.scoring.external.extraction.joined import Stated, read_stated
from benchmarks.scoring.external.extraction.plain import end_of, plain_reply, without_emphasis
from benchmarks.scoring.external.extraction.powers import mark_alone, mark_factorials
from benchmarks.scoring.external.extraction.statements import Statement, StatementKind, is_denied, statements
from runtime.values.outcome import Outcome, Status

Rule = Literal[StatementKind, "sentence", "bold", "last number"]
MAX_LINE_CHARACTERS = 1_000
MAX_LINES = 400
MAX_WRITTEN = 80

# What may stand between a statement and its number.
_LEAD = re.compile(
    r"(?:[\s:=≈→~>|_*\"'({\[\\]|(?:about|approximately|approx\.?|roughly|around|exactly|nearly|almost|simply|just|only|"
    r"therefore|thus|indeed|equal\sto|equals|is|be|a\stotal\sof|at\sleast|at\smost|text|boxed|fbox)(?![A-Za-z]))*",
    re.IGNORECASE,
)
# The letter of a choice, or a name that is given the number.
_LABEL = re.compile(r"\(?[A-Ha-h][).:]\s{1,3}|[A-Za-z][A-Za-z_ ]{0,30}(?:\([a-z]\)|_\{?\w\}?)?\s?[=≈]\s?")
_NEXT_SIDE = re.compile(r"[)}\]]{0,3}[A-Za-z°%]{0,12}(?:\s[A-Za-z]{1,20}\.?){0,3}[\s,)}\]]{0,3}[=≈→]\s?")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)")
# Where a number begins in prose: not inside a word, an index, a power or a root, and not behind `step`.
_START = re.compile(
    r"(?<![A-Za-z0-9_)\]}%.^√])(?<!\d )(?=(?:[√∛∜]|(?:sq|cb)rt\s?[({]|(?:square|cube)\sroot\sof\s\(?\d))"
    r"|(?<![A-Za-z0-9_])(?=(?:log|ln|lg|exp|sin|cos|tan|gcd|lcm|max|min|abs|floor|ceil|round|factorial)"
    r"(?:_\{?\d{1,3}\}?)?\s?\(\s?[-\d])|"
    r"(?<![A-Za-z0-9_)\]}%.^√-])[-+](?=\.?\d)"
    r"|(?<![A-Za-z0-9_.^√-])(?<![\^_√]\{)(?<![Ss]tep )(?<![A-Za-z)][+*/×])(?<![A-Za-z)] [+*/×-] )(?=\.?\d)"
    r"|(?<=[a-z] )(?:minus|negative)\s(?=\.?\d)"
)
_LINE_LABEL = re.compile(r"[\s>*#-]{0,12}(?:\(?\d{1,3}[.)]\s{1,4}(?=\S)|[Ss]tep\s\d{1,3}\b[:.]?)")
_LIST_ITEM = re.compile(r"\s?\d{1,3}[.):]\s{1,4}\S")
_BOLD = re.compile(
    r"\*\*([^*\n]{1,200})\*\*|__([^_\n]{1,200})__|<(?:b|strong)>([^<\n]{1,200})</(?:b|strong)>"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply says its answer is: an exact value, or why what it says is none, and the rule that chose it.

    `written` is where it was read, in plain characters.
    """

    status: Status
    value: Fraction | None
    written: str
    rule: Rule
    reason: str = ""

    @property
    def outcome(self) -> Outcome:
        """The reading as a solver's result."""
        return Outcome(self.status, self.value, self.reason and f"{self.written!r} is {self.reason}")


@dataclass(frozen=True, slots=True)
class Readings:
    """Both readings of one reply: `strict` where it states its answer in a known form, `flexible` by the best rule."""

    strict: Reading | None
    flexible: Reading | None


def extract_answer(text: str) -> Readings:
    """Read a model's reply, thinking left out, in time linear in it; no text raises.

    >>> extract_answer("3 boxes of 14 are 42.\\n\\n**Answer:** $42").strict.value
    Fraction(42, 1)
    >>> extract_answer("So she has 42 apples.").strict is None
    True
    """
    marked = mark_factorials(plain_reply(text))
    plain = without_emphasis(marked)
    found = statements(plain)
    strict = next(filter(None, map(_direct, found)), None)
    return Readings(
        strict, strict or next(filter(None, map(_in_sentence, found)), None) or _last_line(marked)
    )


def _reading(text: str, stated: Stated, rule: Rule) -> Reading:
    written = text[stated.start : stated.end].strip(" .,;")[:MAX_WRITTEN]
    return Reading(stated.status, stated.value, written, rule, stated.reason)


def _direct(statement: Statement) -> Reading | None:
    """The number that a statement goes on with; a box or a tag that holds anything else holds no number."""
    closed = statement.kind in ("box", "tag")
    content = statement.content if statement.kind == "phrase" else mark_alone(statement.content)
    stated = _first(content)
    if stated is None and closed:
        stated = _last_of(content) or Stated("not_numeric", None, 0, len(content), "no number")
    return _reading(content, stated, statement.kind) if stated else None


def _first(content: str) -> Stated | None:
    """The number that a text begins with, or what its first chain of equations comes to."""
    place = _led(content)
    opening = content[place : place + 2] == "- "  # a minus that a list would have
    stated, _ = _chain(content, place + (2 if opening else 0), words=True)
    if opening and stated is not None and stated.value is not None:
        return Stated("solved", -stated.value, place, stated.end)
    return stated


def _led(content: str) -> int:
    """The index behind what may stand in front of a stated number."""
    place = _LEAD.match(content).end()  # type: ignore[union-attr]
    for _ in range(2):
        if label := _LABEL.match(content, place):
            place = _LEAD.match(content, label.end()).end()  # type: ignore[union-attr]
    return place


def _chain(text: str, place: int, *, words: bool = False) -> tuple[Stated | None, int]:
    """What is stated at `place`, of equations their last side that is a number; and the index behind all sides."""
    best: Stated | None = None
    end = place
    for _ in range(MAX_LINE_CHARACTERS):
        stated = read_stated(text, place, words=words)
        if stated is None:
            break
        end = stated.end
        if best is None or stated.solved or not best.solved:
            best = stated
        side = _NEXT_SIDE.match(text, end)
        if side is None:
            break
        place, words = side.end(), False
    return best, end


def _in_sentence(statement: Statement) -> Reading | None:
    """The last number in the sentence that a phrase opens."""
    if statement.kind != "phrase":
        return None
    end = _SENTENCE_END.search(statement.content)
    sentence = statement.content[: end.start()] if end else statement.content
    stated = _last_of(sentence)
    return _reading(sentence, stated, "sentence") if stated else None


def _last_of(text: str) -> Stated | None:
    last = None
    for last in _all_of(text):  # noqa: B007 - the last one is what is asked for
        pass
    return last


def _all_of(text: str, place: int = 0) -> Iterator[Stated]:
    """Everything that is stated in a text, one after the other."""
    while start := _START.search(text, place):
        stated, end = _chain(text, start.start())
        if stated is not None and not is_denied(text, start.start()):
            yield stated
        place = max(start.end(), end, place + 1)


def _last_line(marked: str) -> Reading | None:
    """The answer of a reply that states none: the last bold number of its last line with a number, or the last one."""
    for line in reversed(marked.split("\n")[-MAX_LINES:]):
        line = end_of(line, MAX_LINE_CHARACTERS)
        label = _LINE_LABEL.match(line)
        plain = mark_alone(without_emphasis(line[label.end() if label else 0 :]))
        stated = _last_of(plain) or _words_alone(plain)
        if stated is not None:
            return _last_bold(line) or _reading(plain, stated, "last number")
    return None


def _words_alone(line: str) -> Stated | None:
    """A line that is a number in words and nothing else."""
    stated = _first(line)
    return stated if stated and not line[stated.end :].strip(" .!*_)}") else None


def _last_bold(line: str) -> Reading | None:
    for match in list(_BOLD.finditer(line))[::-1]:
        content = without_emphasis(next(filter(None, match.groups()))).strip()
        stated = _first(content)
        if stated and not content.endswith(":") and not _LIST_ITEM.match(content):
            return _reading(content, stated, "bold")
    return None
