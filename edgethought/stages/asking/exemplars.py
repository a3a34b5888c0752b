"""Worked examples for models that were never taught our format, written by the gold teacher, verified by the solver."""

from collections.abc import Iterable, Iterator
from itertools import islice

from benchmarks.scoring.external.baselines import Exemplar
from distill.teachers.gold.teacher import GoldTeacher
from edgethought.stages.tasks import draw_examples
from runtime.solver.solver import Solver
from runtime.values.answers import matches_gold
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from runtime.values.prompt import Thought

EXAMPLES_FROM = "stories"
DEFAULT_SHOTS = 4
MAX_SHOTS = 32


def worked_examples(
    source: str, thought: Thought, *, shots: int = DEFAULT_SHOTS, seed: int = 0
) -> tuple[Exemplar, ...]:
    """`shots` worked examples of a task's training split, drawn by the seed.

    Raises InputError when the source has no training split, or fewer problems that can be written so.
    """
    if not 1 <= shots <= MAX_SHOTS:
        raise InputError(f"{shots} worked examples; expected: 1 to {MAX_SHOTS}")
    examples = tuple(islice(_written(draw_examples(source, shots, seed), thought), shots))
    if len(examples) < shots:
        raise InputError(f"{source} gives {len(examples)} worked examples as {thought}; expected: up to that")
    return examples


def _written(problems: Iterable[Problem], thought: Thought) -> Iterator[Exemplar]:
    teacher = GoldTeacher()
    with Solver(workers=1) as solver:
        for problem in problems:
            for rationale in teacher.annotate(problem, [thought]):
                outcome = solver.solve(thought, rationale.text)
                if problem.answer and outcome.solved and matches_gold(outcome.value, problem.answer):
                    yield Exemplar(problem.question, rationale.text)
