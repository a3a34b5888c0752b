"""The replay teacher: says again what somebody has already written for a problem, a person or another model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from runtime.values.problem import Problem
from runtime.values.prompt import THOUGHTS, Thought
from runtime.values.rationale import Rationale


@dataclass(frozen=True, slots=True)
class Stored(Problem):
    """A problem with one rationale that is stored for it.

    `thought` is as written, so it may be none of ours; `task` is the benchmark that the question is from, if known.
    `fault` says why the row is of no use, empty when it is.
    """

    thought: str = ""
    text: str = ""
    teacher: str = ""
    text_source: str = ""
    text_license: str = ""
    task: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ReplayTeacher:
    """Gives back the rationale that a stored problem brings."""

    name: str = "replay"

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale]:
        """The stored rationale, when it is one of the thoughts asked for."""
        if not isinstance(problem, Stored) or problem.fault:
            return
        thought = next((known for known in thoughts if known == problem.thought), None)
        if thought is not None:
            yield Rationale(
                problem,
                thought,
                problem.text,
                problem.teacher,
                source=problem.text_source,
                license=problem.text_license,
            )

    def declined(self, problem: Problem) -> str:
        """What is wrong with the row, or that its thought was not asked for."""
        if not isinstance(problem, Stored):
            return "nothing_stored"
        return problem.fault or ("thought_not_asked" if problem.thought in THOUGHTS else "unknown_thought")
