"""Teachers: whatever writes rationales for problems. They never verify; that is the solver's part."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale


class Teacher(Protocol):
    """One writer of rationales."""

    @property
    def name(self) -> str:
        """How rationale sets name this teacher."""

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale]:
        """Rationales for one problem, none verified yet; nothing when the teacher has none to give."""

    def declined(self, problem: Problem) -> str:
        """In a word, why `annotate` gives nothing for this problem."""
