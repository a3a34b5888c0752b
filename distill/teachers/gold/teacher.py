"""The gold teacher: a data set's own annotations, spelled as all three thoughts. No network and no key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.annotations.annotation import Annotation, ParseFailure
from benchmarks.annotations.reading import read_annotation
from benchmarks.annotations.thoughts import WRITERS
from benchmarks.annotations.value import annotation_value
from runtime.values.answers import format_value, matches_gold
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale


@dataclass(frozen=True, slots=True)
class GoldTeacher:
    """Writes one rationale a thought from the annotation that a problem brings."""

    name: str = "gold"

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale]:
        """One rationale for each thought asked for, or nothing."""
        annotation = read_annotation(problem)
        if isinstance(annotation, ParseFailure):
            return
        answer = stated_answer(annotation, problem)
        for thought in thoughts:
            yield Rationale(problem, thought, WRITERS[thought](annotation, answer), self.name)

    def declined(self, problem: Problem) -> str:
        """The reader's reason."""
        annotation = read_annotation(problem)
        return annotation.reason if isinstance(annotation, ParseFailure) else "no_rationale"


def stated_answer(annotation: Annotation, problem: Problem) -> str:
    """The gold answer as printed where the steps reach it, else what they really compute, so that the solver sees it."""
    value = annotation_value(annotation)
    if value is None or (problem.answer is not None and matches_gold(value, problem.answer)):
        return problem.answer or "unknown"
    return format_value(value)
