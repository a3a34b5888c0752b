"""Rationale: one thought for one problem, who wrote it, whether the solver confirmed it; and one that was not written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.values.problem import Problem
from runtime.values.prompt import Thought


@dataclass(frozen=True, slots=True)
class Rationale:
    """A thought's text for a problem. `verified` is set by the solver alone, never by a teacher.

    `source` and `license` are the text's own; empty means that they are the problem's. `provenance` is how a model was
    asked for it, as JSON has it: prompt and its hash, the request's hash, the model that answered.
    """

    problem: Problem
    thought: Thought
    text: str
    teacher: str
    verified: bool = False
    source: str = ""
    license: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Declined:
    """A text that a teacher was asked for and did not give: the reason in a word, and the detail for people."""

    reason: str
    detail: str = ""
    thought: Thought | None = None
