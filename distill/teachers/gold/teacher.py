"""The gold teacher: a data set's own annotations, spelled as all three thoughts. No network and no key."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from distill.teachers.gold.annotation import Annotation, ParseFailure
from distill.teachers.gold.carried import carries, read_carried
from distill.teachers.gold.formula import read_formula
from distill.teachers.gold.gsm8k import read_gsm8k
from distill.teachers.gold.program import is_program, read_program
from distill.teachers.gold.text.prose import FINAL
from distill.teachers.gold.value import annotation_value
from runtime.values.answers import format_value, matches_gold
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale


def read_annotation(problem: Problem) -> Annotation | ParseFailure:
    """The annotation in a problem's own solution or formula, or why there is none."""
    if carries(problem):
        return read_carried(problem)
    if problem.answer is None:
        return ParseFailure("no_gold")
    if problem.equation:
        return read_formula(problem)
    if problem.solution and FINAL in problem.solution:
        return read_gsm8k(problem)
    if problem.solution and is_program(problem.solution):
        return read_program(problem)
    return ParseFailure("no_annotation")


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


def write_eot(annotation: Annotation, answer: str) -> str:
    """One equation a line, the last for `ans`."""
    return "\n".join(annotation.equations) or write_pot(annotation, answer)


def write_pot(annotation: Annotation, answer: str) -> str:
    """One assignment a step; its expression is Python as it is."""
    return "\n".join(f"{step.name} = {step.expression}" for step in annotation.steps)


def write_cot(annotation: Annotation, answer: str) -> str:
    """The annotation's own sentences, then the answer phrase."""
    return "\n".join(
        [*(step.sentence for step in annotation.steps if step.sentence), f"The answer is {answer}."]
    )


WRITERS: dict[Thought, Callable[[Annotation, str], str]] = {
    "eot": write_eot,
    "pot": write_pot,
    "cot": write_cot,
}
