"""The sentences of a question, and which of them asks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.annotations.text.words import spread

# A point after one of these ends no sentence.
ABBREVIATIONS = spread(
    "mr. mrs. ms. dr. st. jr. sr. vs. no. a.m. p.m. u.s. lbs. oz. ft. in. approx. etc. prof. mt. rs."
)
_END = re.compile(r"[.!?]+[\"”'’)]*(?=\s+[\"“‘'(]?[A-Z0-9$]|\s*$)|\n+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and where it stands in the question, white space around it left out."""

    start: int
    end: int
    text: str

    @property
    def asks(self) -> bool:
        """Whether it ends with a question mark."""
        return self.text.rstrip("\"”'’) ").endswith("?")


@lru_cache(64)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, in order; several kinds ask about one question."""
    return tuple(_sentences(text))


def _sentences(text: str) -> Iterator[Sentence]:
    start = 0
    for match in _END.finditer(text):
        # Some texts have a space before the point.
        words = text[start : match.end()].replace(" .", ".").split()
        if words and words[-1].lower().lstrip('("“') in ABBREVIATIONS and match.end() < len(text.rstrip()):
            continue
        yield from _stripped(text, start, match.end())
        start = match.end()
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[Sentence]:
    piece = text[start:end]
    if piece.strip():
        first = start + len(piece) - len(piece.lstrip())
        yield Sentence(first, first + len(piece.strip()), piece.strip())


def asking(text: str) -> Sentence | None:
    """The sentence that asks, where it is the only one and the last."""
    found = sentences(text)
    if not found or not found[-1].asks or any(sentence.asks for sentence in found[:-1]):
        return None
    return found[-1]
