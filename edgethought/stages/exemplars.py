"""Worked examples for models that were never taught our format, written by the gold teacher, verified by the solver."""

import random
from collections.abc import Iterable, Iterator
from itertools import islice

from benchmarks.scoring.external.baselines import Exemplar
from benchmarks.tasks.loading import load_training
from distill.stories import generate
from distill.teachers.gold.carried import carry
from distill.teachers.gold.teacher import GoldTeacher
from runtime.solver.solver import Solver
from runtime.values.answers import matches_gold
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from runtime.values.prompt import Thought

STORIES = "stories"
DEFAULT_SHOTS = 4
MAX_SHOTS = 32


def worked_examples(
    source: str, thought: Thought, *, shots: int = DEFAULT_SHOTS, seed: int = 0
) -> tuple[Exemplar, ...]:
    """`shots` worked examples: of `stories`, from training templates, or of a task's training split, drawn by the seed.

    Raises InputError when the source has no training split, or fewer problems that can be written so.
    """
    if not 1 <= shots <= MAX_SHOTS:
        raise InputError(f"{shots} worked examples; expected: 1 to {MAX_SHOTS}")
    problems = _stories(shots, seed) if source == STORIES else _drawn(source, seed)
    examples = tuple(islice(_written(problems, thought), shots))
    if len(examples) < shots:
        raise InputError(f"{source} gives {len(examples)} worked examples as {thought}; expected: up to that")
    return examples


def _stories(shots: int, seed: int) -> Iterator[Problem]:
    """Every fifth story of a seed that training does not use, so that neighbours differ."""
    for story in islice(generate("train", shots * 5, seed + 1), 0, None, 5):
        yield carry(story.problem, story.annotation)


def _drawn(task: str, seed: int) -> list[Problem]:
    problems = list(load_training(task))
    random.Random(seed).shuffle(problems)
    return problems


def _written(problems: Iterable[Problem], thought: Thought) -> Iterator[Exemplar]:
    teacher = GoldTeacher()
    with Solver(workers=1) as solver:
        for problem in problems:
            for rationale in teacher.annotate(problem, [thought]):
                outcome = solver.solve(thought, rationale.text)
                if problem.answer and outcome.solved and matches_gold(outcome.value, problem.answer):
                    yield Exemplar(problem.question, rationale.text)
