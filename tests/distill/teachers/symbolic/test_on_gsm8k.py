"""Properties of what is made of real problems: the first 300 of GSM8K's training split."""

import re
from fractions import Fraction
from itertools import islice

import pytest

from benchmarks.annotations.annotation import ParseFailure
from benchmarks.annotations.carried import carries, read_carried
from benchmarks.annotations.text.arithmetic import tokenize
from benchmarks.annotations.text.numbers import told_numbers
from benchmarks.rewriting.numbers.fresh import compute
from benchmarks.rewriting.template import read_source, read_tree
from benchmarks.tasks.loading import load_training
from distill.labeling.filters import failure
from distill.teachers.symbolic.settings import SymbolicSettings
from distill.teachers.symbolic.teacher import SymbolicTeacher, variants_of
from distill.teachers.symbolic.variants import KINDS, Kind
from runtime.solver.solver import Solver
from runtime.values.answers import parse_answer
from runtime.values.environment import data_folder
from runtime.values.problem import Problem
from runtime.values.prompt import THOUGHTS
from runtime.values.rationale import Declined, Rationale

pytestmark = pytest.mark.skipif(data_folder() is None, reason="EDGETHOUGHT_DATA is not set")
COUNT = 300


@pytest.fixture(scope="module")
def parents() -> dict[str, Problem]:
    return {problem.id: problem for problem in islice(load_training("gsm8k"), COUNT)}


def made(parents: dict[str, Problem], kind: Kind, seed: int = 1) -> list[Problem]:
    settings = SymbolicSettings(kinds=(kind,), seed=seed)
    return [one for one in variants_of(parents.values(), settings) if carries(one)]


@pytest.mark.parametrize("kind", KINDS)
def test_most_problems_have_one_and_every_thought_reaches_its_answer(
    parents: dict[str, Problem], kind: Kind
) -> None:
    problems = made(parents, kind)
    assert len(problems) >= 0.58 * COUNT
    teacher = SymbolicTeacher(SymbolicSettings())
    rationales = [
        one
        for problem in problems
        for one in teacher.annotate(problem, THOUGHTS)
        if isinstance(one, Rationale)
    ]
    with Solver() as solver:
        outcomes = list(solver.solve_batch((one.thought, one.text) for one in rationales))
    wrong = [
        (one.text, drop)
        for one, outcome in zip(rationales, outcomes, strict=True)
        if (drop := failure(one, outcome))
    ]
    assert [drop for _, drop in wrong if drop.thought != "cot"] == []
    assert len(wrong) <= 0.03 * len(rationales)  # the data set's own sentences are not all true


@pytest.mark.parametrize("kind", ["similar", "harder"])
def test_what_was_whole_stays_whole_and_nothing_is_negative(parents: dict[str, Problem], kind: Kind) -> None:
    for problem in made(parents, kind):
        annotation = read_carried(problem)
        source = read_source(parents[problem.id.partition("~")[0]])
        assert not isinstance(annotation, ParseFailure) and not isinstance(source, Declined)
        known: dict[str, Fraction | int] = {}
        old = list(source.values.values())
        for place, step in enumerate(annotation.steps):
            value = compute(read_tree(step.expression), known)
            assert value is not None
            known[step.name] = value
            before = old[min(place, len(old) - 1)]
            assert before < 0 or value >= 0
            assert before.denominator > 1 or value.denominator == 1


def test_numbers_of_the_equations_are_those_of_the_question(parents: dict[str, Problem]) -> None:
    for problem in made(parents, "similar"):
        annotation = read_carried(problem)
        assert not isinstance(annotation, ParseFailure)
        told = told_numbers(list(tokenize(problem.question)))
        literals = {
            Fraction(number)
            for step in annotation.steps
            for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", step.expression)
        }
        assert {value for value in literals if not told.tells(value)} == set()


def test_answers_of_what_only_reads_otherwise_stay(parents: dict[str, Problem]) -> None:
    for kind in ("distract", "reorder"):
        for problem in made(parents, kind):
            parent = parents[problem.id.partition("~")[0]]
            assert parse_answer(problem.answer or "") == parse_answer(parent.answer or "")
            assert problem.question != parent.question


def test_the_same_seed_gives_the_same_text(parents: dict[str, Problem]) -> None:
    few = dict(islice(parents.items(), 60))
    assert made(few, "similar", 9) == made(few, "similar", 9) != made(few, "similar", 10)
