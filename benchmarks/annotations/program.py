"""Straight-line programs (MathQA's formulas as Lila spells them: `n0 = 3.0`, `t0 = n0 * 100.0`, `answer = t0 / n1`).

Variables that only hold a number of the question become that number again, every calculation becomes a step with a name
from the question's nouns. The program is walked as a tree, never run.
"""

import ast
import re
from fractions import Fraction

from benchmarks.annotations.annotation import Annotation, ParseFailure, Step
from benchmarks.annotations.formula import StepWriter
from benchmarks.annotations.grounding import unexplained
from benchmarks.annotations.text.arithmetic import (
    PYTHON,
    NoArithmetic,
    Number,
    Operation,
    Tree,
    evaluate,
    tokenize,
)
from benchmarks.annotations.text.numbers import told_numbers
from runtime.values.problem import Problem

LONGEST = 4000
TARGETS = ("answer", "ans", "result")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w* = ")
_NAME = re.compile(r"[a-z_]\w*")


def is_program(solution: str) -> bool:
    """Whether a solution begins as such a program does."""
    return _ASSIGNMENT.match(solution) is not None


def read_program(problem: Problem) -> Annotation | ParseFailure:
    """The annotation of a problem whose solution is a straight-line program, or why there is none."""
    solution = problem.solution or ""
    question = list(tokenize(problem.question))
    told = told_numbers(question)
    writer = StepWriter(question)
    try:
        trees, target = _assigned(solution, writer)
        evaluate(trees[target], writer.known)
    except (NoArithmetic, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return ParseFailure("not_explicit", str(error)[:80])
    except ZeroDivisionError:
        return ParseFailure("division_by_zero")
    steps = writer.of(trees[target])
    return unexplained(sorted(writer.literals), told) or Annotation(tuple(_needed(steps)))


def _needed(steps: list[Step]) -> list[Step]:
    """The steps that the last one rests on."""
    wanted = {steps[-1].name}
    kept = []
    for step in reversed(steps):
        if step.name in wanted:
            kept.append(step)
            wanted |= set(_NAME.findall(step.expression))
    return kept[::-1]


def _assigned(solution: str, writer: StepWriter) -> tuple[dict[str, Tree], str]:
    """Every variable's tree, and the name of the one that is asked for; raises NoArithmetic."""
    if len(solution) > LONGEST:
        raise NoArithmetic(f"{len(solution)} characters")
    known: dict[str, Tree] = {}
    last = ""
    for statement in ast.parse(solution).body:
        if isinstance(statement, ast.Expr) and ast.unparse(statement) == f"print({last})":
            continue
        if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
            raise NoArithmetic(f"{type(statement).__name__} is no assignment")
        name = statement.targets[0].id
        tree = _tree(statement.value, known)
        last = name
        known[name] = tree if name in TARGETS else writer.reference(tree)
    if last not in TARGETS:
        raise NoArithmetic(f"the last variable is {last!r}, not one of {', '.join(TARGETS)}")
    return known, last


def _tree(node: ast.expr, known: dict[str, Tree]) -> Tree:
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            return Number(Fraction(str(value)))
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in PYTHON:
            return Operation(PYTHON[type(op)], _tree(left, known), _tree(right, known))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("-", Number(Fraction(0)), _tree(operand, known))
    raise NoArithmetic(f"{ast.unparse(node)[:40]!r} is no arithmetic")
