"""The one way from a problem to its annotation: which reader is asked depends on what the problem brings."""

from distill.teachers.gold.annotation import Annotation
from distill.teachers.gold.carried import carries, read_carried
from distill.teachers.gold.formula import read_formula
from distill.teachers.gold.gsm8k import read_gsm8k
from distill.teachers.gold.program import is_program, read_program
from distill.teachers.gold.text.prose import FINAL
from distill.teachers.gold.unread import ParseFailure
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
