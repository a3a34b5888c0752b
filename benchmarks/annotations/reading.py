"""Whatever annotation a problem brings, read by the reader that knows its form."""

from benchmarks.annotations.annotation import Annotation, ParseFailure
from benchmarks.annotations.carried import carries, read_carried
from benchmarks.annotations.formula import read_formula
from benchmarks.annotations.gsm8k import read_gsm8k
from benchmarks.annotations.program import is_program, read_program
from benchmarks.annotations.text.prose import FINAL
from runtime.values.problem import Problem


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
