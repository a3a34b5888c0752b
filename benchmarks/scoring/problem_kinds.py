"""Kinds of problems: accuracy by steps and operations of the gold working, where that is known, and by length.

The gold working is a data set's own annotation: GSM8K's `<<48/2=24>>`, or an equation. A step is one arithmetic
operation in it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.scoring.samples import Sample, question_hash
from benchmarks.scoring.statistics import Interval, wilson
from runtime.values.problem import Problem

KindOf = Literal["steps", "operation", "words"]
# From this many steps on, problems are counted together.
MOST_STEPS = 7
WORD_BOUNDS = (25, 40, 60)
OPERATIONS = {"+": "addition", "-": "subtraction", "*": "multiplication", "/": "division"}
_ANNOTATION = re.compile(r"<<([^<>=]*)=[^<>]*>>")
# An operator stands behind a number, a name or a bracket; what stands elsewhere is a sign.
_OPERATOR = re.compile(r"(?<=[\w.)%])\s*(\*\*|[-+*/])(?=\s*[-\w.($])")


@dataclass(frozen=True, slots=True)
class Group:
    """The problems of one kind: how many were asked and answered rightly."""

    by: KindOf
    name: str
    n: int
    correct: int

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval:
        """Its 95 % interval."""
        return wilson(self.correct, self.n)

    def to_row(self) -> dict[str, Any]:
        """The group as a JSON object."""
        return {
            "by": self.by,
            "name": self.name,
            "n": self.n,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": {"low": self.interval.low, "high": self.interval.high},
        }


def operators(problem: Problem) -> list[str] | None:
    """The operators of a problem's gold working in order, `**` as `*`; None where the working is not known."""
    working = _ANNOTATION.findall(problem.solution or "") or ([problem.equation] if problem.equation else [])
    found = [sign[0] for part in working for sign in _OPERATOR.findall(part)]
    return found or None


def groups_of(samples: Sequence[Sample], problems: Iterable[Problem]) -> tuple[Group, ...]:
    """Accuracy by kind. A problem counts under each of its operations; a kind without problems is left out."""
    known = {question_hash(problem.question): operators(problem) for problem in problems}
    counts: dict[tuple[KindOf, str], list[bool]] = defaultdict(list)
    for sample in samples:
        for kind in _kinds(sample, known):
            counts[kind].append(sample.correct)
    return tuple(
        Group(by, name, len(counts[by, name]), sum(counts[by, name]))
        for by, name in _order()
        if (by, name) in counts
    )


def _kinds(sample: Sample, known: Mapping[str, list[str] | None]) -> Iterator[tuple[KindOf, str]]:
    signs = known.get(sample.question_hash)
    if signs:
        yield "steps", _steps_name(len(signs))
        for sign in set(signs):
            yield "operation", OPERATIONS[sign]
    yield "words", _words_name(len(sample.question.split()))


def _order() -> Iterator[tuple[KindOf, str]]:
    yield from (("steps", _steps_name(count)) for count in range(1, MOST_STEPS + 1))
    yield from (("operation", name) for name in OPERATIONS.values())
    yield from (("words", _words_name(bound)) for bound in (*WORD_BOUNDS, WORD_BOUNDS[-1] + 1))


def _steps_name(count: int) -> str:
    return str(count) if count < MOST_STEPS else f"{MOST_STEPS} or more"


def _words_name(words: int) -> str:
    low = 1
    for bound in WORD_BOUNDS:
        if words <= bound:
            return f"{low} to {bound}"
        low = bound + 1
    return f"{low} or more"
