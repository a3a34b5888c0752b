"""Unread: why a problem's own solution gives no annotation."""

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
class ParseFailure:
    """The reason in a word, and the detail for people."""

    reason: Reason
    detail: str = ""
