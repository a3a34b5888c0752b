"""Rationale: one thought for one problem, who wrote it, and whether the solver confirmed it."""

from dataclasses import dataclass

from runtime.values.problem import Problem
from runtime.values.prompt import Thought


@dataclass(frozen=True, slots=True)
class Rationale:
    """A thought's text for a problem. `verified` is set by the solver alone, never by a teacher.

    `source` and `license` are the text's own; empty means that they are the problem's.
    """

    problem: Problem
    thought: Thought
    text: str
    teacher: str
    verified: bool = False
    source: str = ""
    license: str = ""
