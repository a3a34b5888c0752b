"""One thought a problem instead of every thought: more different problems for the same number of tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from distill.teachers import Teacher
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Declined, Rationale


def thought_in_turn(problem: Problem, thoughts: Sequence[Thought]) -> Thought:
    """The one of these thoughts whose turn it is with this problem."""
    return thoughts[sha256(problem.id.encode()).digest()[0] % len(thoughts)]


@dataclass(frozen=True, slots=True)
class RoundRobinTeacher:
    """Has another teacher write one of the thoughts asked for: which one follows from the problem's id alone."""

    teacher: Teacher

    @property
    def name(self) -> str:
        """The teacher that really writes."""
        return self.teacher.name

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale | Declined]:
        """At most one rationale."""
        yield from self.teacher.annotate(problem, [thought_in_turn(problem, thoughts)])

    def declined(self, problem: Problem) -> str:
        """The teacher's reason."""
        return self.teacher.declined(problem)
