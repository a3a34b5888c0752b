"""Statements: the places where a reply says what its answer is.

`<answer>42</answer>`, `\\boxed{42}`, `#### 42`, and phrases such as `The answer is 42` or `**Final Answer:** 42`, also in
the languages that replies are most often in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from benchmarks.scoring.external.extraction.plain import excerpt

StatementKind = Literal["tag", "box", "hashes", "phrase"]
# Of the statements of one kind only the last ones are looked at.
MAX_STATEMENTS = 16
MAX_STATED_CHARACTERS = 1_000

_TAG = re.compile(r"<(?:answer|final_answer|finalanswer)>", re.IGNORECASE)
_TAG_END = re.compile(r"</(?:answer|final_answer|finalanswer)>", re.IGNORECASE)
_BOX = re.compile(r"\\[fd]?boxed|\\fbox")
_HASHES = re.compile(r"(?<!#)####(?!#)")
# `#### 2. Add them` with text below is a heading.
_NUMBERED = re.compile(r"\s?\d{1,3}[.):]\s{1,4}\S")
_PHRASE = re.compile(
    r"\banswers?(?:\s?\([^()\n]{0,40}\))?(?:\s(?:to|for)\s[a-z' ]{1,40}?)?"
    r"(?:\s?[:=≈→]|\s(?:is|are|was|be|equals?|comes\s(?:out\s)?to|(?:would|will|should|must|can\sonly)\s(?:then\s)?be)"
    r"(?![a-z'])\s?[:=]?)"
    r"|^[#*_ ]{0,8}(?:the\s)?(?:final\s)?answer[*_.: ]{0,3}$"
    r"|\b(?:final|the)\s(?:result|value|total)\s?(?:is(?![a-z'])\s?:?|:)"
    r"|答案(?:是|为|為|应该是|應該是)?\s?[::]?|答え(?:は|:)|정답(?:은|:)|답(?:은|:)"
    r"|\brespuesta(?:\s?final)?(?:\ses|\s?:)|\bréponse(?:\s?finale)?(?:\sest|\s?:)|\bresposta(?:\s?final)?(?:\sé|\s?:)"
    r"|\bantwort(?:\sist|\slautet|\s?:)|\brisposta(?:\sè|\s?:)|\bответ\s?[:—-]|उत्तर(?:\sहै|\s?:)|الجواب(?:\sهو|\s?:)|الإجابة(?:\sهي|\s?:)",
    re.IGNORECASE | re.MULTILINE,
)
# What a number is denied by: `not 42`, `cannot be 42`, `rather than 42`; `I do not think that it is 42`.
_NOT = r"(?:\b(?:not|never|no\slonger|cannot)|n't)\s"
_DENIES = re.compile(
    rf"(?:{_NOT}(?:be\s|equal\s(?:to\s)?|simply\s|actually\s|exactly\s|the\s|about\s){{0,2}}|\b(?:rather\sthan|instead\sof)\s)"
    r"[*$(]{0,3}$",
    re.IGNORECASE,
)
_DOUBTS = re.compile(
    rf"{_NOT}(?:think|believe|say|mean|claim)\s(?:that\s)?(?:[a-z]{{1,12}}\s){{0,4}}(?:(?:is|are|was|equals?)\s(?:equal\sto\s)?)?$",
    re.IGNORECASE,
)
MAX_DENYING = 80
_DENIED = re.compile(r"\s{0,3}(?:not|n't|never|no\slonger|neither|unclear)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a reply states as its answer, from `place` on."""

    kind: StatementKind
    place: int
    content: str


def statements(text: str) -> list[Statement]:
    """The statements of a text without emphasis, the last one first."""
    found = [*_tags(text), *_boxes(text), *_hashes(text), *_phrases(text)]
    return sorted(found, key=lambda statement: -statement.place)


def _last(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return list(pattern.finditer(text))[-MAX_STATEMENTS:]


def _tags(text: str) -> Iterator[Statement]:
    for tag in _last(_TAG, text):
        after = excerpt(text, tag.end(), MAX_STATED_CHARACTERS)
        end = _TAG_END.search(after)
        content = after[: end.start()] if end else after
        if content.strip():
            yield Statement("tag", tag.end(), content.strip())


def _boxes(text: str) -> Iterator[Statement]:
    for box in _last(_BOX, text):
        content = _boxed(text, box.end())
        if content:
            yield Statement("box", box.end(), content)


def _boxed(text: str, place: int) -> str:
    """What is in the braces at `place`, those inside it included; without braces the next word."""
    bare = excerpt(text, place, MAX_STATED_CHARACTERS).lstrip(" ")
    if not bare.startswith("{"):
        return bare.partition("\n")[0].partition(" ")[0]
    depth = 0
    for index, character in enumerate(bare):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return bare[1:index].strip("{} \n")
    # Cut off before its end.
    return bare[1:].partition("\n")[0].strip("{} ")


def _hashes(text: str) -> Iterator[Statement]:
    for hashes in _last(_HASHES, text):
        content = _rest_of_line(text, hashes.end())
        heading = _NUMBERED.match(content) and text[hashes.end() + len(content) :].strip()
        if not heading:
            yield Statement("hashes", hashes.end(), content)


def _phrases(text: str) -> Iterator[Statement]:
    for phrase in _last(_PHRASE, text):
        content = _stated_after(text, phrase.end())
        if content and not _DENIED.match(content) and not _doubted(text, phrase.start()):
            yield Statement("phrase", phrase.end(), content)


def is_denied(text: str, place: int) -> bool:
    """Whether what stands at `place` is what its sentence says the answer is not."""
    before = text[max(0, place - MAX_DENYING) : place]
    return _DENIES.search(before) is not None or _doubted(text, place)


def _doubted(text: str, place: int) -> bool:
    return _DOUBTS.search(text[max(0, place - MAX_DENYING) : place]) is not None


def _rest_of_line(text: str, place: int) -> str:
    return excerpt(text, place, MAX_STATED_CHARACTERS).partition("\n")[0]


def _stated_after(text: str, place: int) -> str:
    """The rest of the line, or where it says nothing the next line that does."""
    lines = excerpt(text, place, MAX_STATED_CHARACTERS).split("\n")
    return next((line for line in lines[:6] if _says_something(line)), "")


def _says_something(line: str) -> bool:
    return any(character.isalnum() or character in "¤√π∞‹" for character in line)
