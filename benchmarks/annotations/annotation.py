"""Annotation: a solution as named steps, from which every kind of thought is written.

Whatever knows a problem's solution exactly (a data set's formulas, a story template, a symbolic rewriter) says it as
an `Annotation`; only `benchmarks.annotations.thoughts` knows how thoughts are spelled.
"""

from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "no_gold",
    "no_annotation",
    "no_calculation",
    "answer_not_computed",
    "unexplained_number",
    "rounded",
    "division_by_zero",
    "not_explicit",
    "damaged",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One computed quantity.

    `name` is a readable snake_case noun (`clips_in_may`; the last step's is `ans`). `expression` is arithmetic over
    literals and the names of earlier steps with + - * / ** and parentheses, valid Python and valid eot alike.
    `sentence` is what a person would write for the step, with the numbers worked out and no closing full stop missing.
    """

    name: str
    expression: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """The steps that lead to a problem's answer, in order; the last one is named `ans`.

    `equations` say the same as a system that leaves the solving to the reader; without them the steps are the system.
    """

    steps: tuple[Step, ...]
    equations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """Why a problem's own solution gives no annotation: the reason in a word, and the detail for people."""

    reason: Reason
    detail: str = ""
