"""Overlap: whether a question is already among other questions, exactly, loosely or with other numbers.

Three rules, the strictest first: `exact` after lower-casing and squeezing white space; `loose` when only
letters and digits are compared; `near` when word trigrams, numbers masked, have a Jaccard similarity of at
least 0.8, which also finds the same story with other numbers. Near matches come from an inverted index over
the rarest trigrams (prefix filtering: Bayardo, Ma and Srikant, "Scaling up all pairs similarity search", WWW
2007) and are then checked exactly, so none is missed.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

OverlapKind = Literal["exact", "loose", "near"]
# Jaccard >= 4/5, kept as integers so that a pair at exactly 0.8 counts.
NEAR_NUMERATOR, NEAR_DENOMINATOR = 4, 5
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SEPARATORS = re.compile(r"[\W_]+")
_WORD = re.compile(r"#|[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Overlap:
    """One match: its kind, which indexed question it is (`position`, from 0) and how similar (0.8 to 1)."""

    kind: OverlapKind
    position: int
    question: str
    similarity: float


def exact_key(question: str) -> str:
    """The question in lower case with white space squeezed."""
    return " ".join(question.lower().split())


def loose_key(question: str) -> str:
    """The question's letters and digits alone, in lower case."""
    return _SEPARATORS.sub("", question.lower())


def masked_trigrams(question: str) -> set[str]:
    """Word trigrams with every number masked as `#`; a question under three words is one gram."""
    masked = _NUMBER.sub("#", question.lower().replace("’", "'").replace("#", " "))
    words = _WORD.findall(masked)
    if len(words) < 3:
        return {" ".join(words)} if words else set()
    return {" ".join(words[start : start + 3]) for start in range(len(words) - 2)}


def _at_least(size: int) -> int:
    """The smallest number of shared trigrams that a near match of a set of `size` must have."""
    return -(-size * NEAR_NUMERATOR // NEAR_DENOMINATOR)


class OverlapIndex:
    """An index over questions that finds which of them, if any, a new question overlaps; read-only."""

    def __init__(self, questions: Iterable[str]) -> None:
        self._questions = list(questions)
        self._exact: dict[str, int] = {}
        self._loose: dict[str, int] = {}
        for position, question in enumerate(self._questions):
            self._exact.setdefault(exact_key(question), position)
            self._loose.setdefault(loose_key(question), position)
        self._loose.pop("", None)
        self._ranks = self._rank_trigrams()
        self._grams = [self._ranked(question) for question in self._questions]
        self._postings: dict[int, list[int]] = {}
        for position, ranked in enumerate(self._grams):
            for rank in ranked[: len(ranked) - _at_least(len(ranked)) + 1]:
                self._postings.setdefault(rank, []).append(position)

    def __len__(self) -> int:
        return len(self._questions)

    def _rank_trigrams(self) -> dict[str, int]:
        """Each known trigram's place in one order, the rarest first."""
        counts = Counter(gram for question in self._questions for gram in masked_trigrams(question))
        ordered = sorted(counts, key=lambda gram: (counts[gram], gram))
        return {gram: rank for rank, gram in enumerate(ordered)}

    def _ranked(self, question: str) -> "array[int]":
        """The ranks of a question's known trigrams, the rarest first."""
        return array(
            "I", sorted(self._ranks[gram] for gram in masked_trigrams(question) if gram in self._ranks)
        )

    def find(self, question: str) -> Overlap | None:
        """The closest overlap with the indexed questions (exact before loose before near), or None."""
        equal: dict[OverlapKind, int | None] = {
            "exact": self._exact.get(exact_key(question)),
            "loose": self._loose.get(loose_key(question)),
        }
        for kind, position in equal.items():
            if position is not None:
                return Overlap(kind, position, self._questions[position], 1.0)
        return max(self.near(question), key=lambda overlap: overlap.similarity, default=None)

    def near(self, question: str) -> Iterator[Overlap]:
        """Every indexed question that is nearly this one or the same."""
        for position, shared, union in self._near(masked_trigrams(question)):
            yield Overlap("near", position, self._questions[position], shared / union)

    def _near(self, grams: set[str]) -> Iterator[tuple[int, int, int]]:
        """Positions that are similar enough to `grams`, with the sizes of intersection and union."""
        known = sorted(self._ranks[gram] for gram in grams if gram in self._ranks)
        needed = _at_least(len(grams))
        if not grams or len(known) < needed:
            return
        # Unknown trigrams are the rarest of all, so they use up the prefix first.
        prefix = known[: len(known) - needed + 1]
        own = set(known)
        for position in sorted({place for rank in prefix for place in self._postings.get(rank, ())}):
            other = self._grams[position]
            if len(other) < needed or len(grams) < _at_least(len(other)):
                continue
            shared = len(own.intersection(other))
            union = len(grams) + len(other) - shared
            if shared * NEAR_DENOMINATOR >= union * NEAR_NUMERATOR:
                yield position, shared, union
