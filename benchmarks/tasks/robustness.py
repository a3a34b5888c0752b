"""Robustness sets: the problems of a task rewritten by rule, so that a score says what is lost when only that changes.

`gsm8k~numbers` is GSM8K in other numbers. Each problem keeps the id of its original, with which it is compared; a problem
that a rule does not fit has no rewriting. What is drawn follows from the id and the set's number (`gsm8k~numbers-2` is
another drawing). Answers are exact, and kept only where the solver reaches them by the rewritten equations. After
GSM-Symbolic (Mirzadeh et al., 2024), GSM-Plus (Li et al., 2024) and GSM-IC (Shi et al., 2023).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from benchmarks.annotations.annotation import Annotation
from benchmarks.annotations.carried import carry
from benchmarks.annotations.thoughts import write_eot
from benchmarks.rewriting.distract import Distract
from benchmarks.rewriting.names import Names
from benchmarks.rewriting.original import Original, Prepare, of_source, of_template
from benchmarks.rewriting.reorder import Reorder
from benchmarks.rewriting.rewriting import OF
from benchmarks.rewriting.similar import Similar
from benchmarks.rewriting.units import Units
from benchmarks.tasks.splits import DEV, TEST, Split
from runtime.solver.solver import Solver
from runtime.values.answers import format_value
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from runtime.values.rationale import Declined

SEED = 0
MOST = 100
# Sentences that no student learns from.
SENTENCES = "irrelevant_scoring"
PREPARED: dict[str, Prepare] = {
    "numbers": of_template(Similar.only_numbers),
    "names": of_source(Names.prepared),
    "distract": of_source(lambda source: Distract.prepared(source, SENTENCES)),
    "reorder": of_source(Reorder.prepared),
    "units": of_source(Units.prepared),
}
CHANGED = {
    "numbers": "other numbers, the answer recomputed exactly",
    "names": "other first names",
    "distract": "one more sentence, with a number that has nothing to do with it",
    "reorder": "sentences, clauses or items in another order",
    "units": "other units, nothing converted",
}
# Of how many problems there is a first drawing; tasks that bring equations which are read.
COUNTS: dict[str, dict[str, dict[Split, int]]] = {
    "gsm8k": {
        "numbers": {DEV: 600, TEST: 766},
        "names": {DEV: 401, TEST: 571},
        "distract": {DEV: 910, TEST: 1206},
        "reorder": {DEV: 620, TEST: 836},
        "units": {DEV: 314, TEST: 498},
    },
    "svamp": {
        "numbers": {TEST: 173},
        "names": {TEST: 131},
        "distract": {TEST: 299},
        "reorder": {TEST: 220},
        "units": {TEST: 41},
    },
    "multiarith": {
        "numbers": {TEST: 561},
        "names": {TEST: 263},
        "distract": {TEST: 600},
        "reorder": {TEST: 436},
        "units": {TEST: 108},
    },
}
_NAME = re.compile(rf"(?P<task>[^{OF}]+){OF}(?P<kind>[a-z]+)(?:-(?P<number>[1-9]\d*))?")
_MARK = re.compile(rf"{OF}(?:{'|'.join(PREPARED)})(?:-\d+)?(?= )")


class Rewriting(NamedTuple):
    """A robustness set: the task that it is made of, the kind, and which drawing, counted from 1."""

    task: str
    kind: str
    number: int = 1


def rewriting_of(name: str) -> Rewriting | None:
    """The set that a task's name means, None for a plain name or a file's; raises InputError for a kind that is none."""
    if OF not in name or "." in name or "/" in name:
        return None
    match = _NAME.fullmatch(name)
    number = int(match["number"] or 1) if match else 0
    if match is None or match["kind"] not in PREPARED or number > MOST:
        kinds = ", ".join(f"{OF}{kind}" for kind in PREPARED)
        raise InputError(
            f"task {name!r}; expected: a task's name and one of {kinds}, and -2 to -{MOST} for another drawing"
        )
    return Rewriting(match["task"], match["kind"], number)


def robustness_tasks() -> tuple[str, ...]:
    """The names of all sets, their first drawings."""
    return tuple(f"{task}{OF}{kind}" for task, kinds in COUNTS.items() for kind in kinds)


def original_task(name: str) -> str:
    """The task whose problems a set is made of; a plain name as it is."""
    rewriting = rewriting_of(name)
    return rewriting.task if rewriting else name


def original_label(label: str) -> str | None:
    """The label of the task that a robustness set's is compared with: `gsm8k dev` for `gsm8k~names dev`, else None."""
    original = _MARK.sub("", label, count=1)
    return None if original == label else original


def rewritten(problems: Iterable[Problem], rewriting: Rewriting) -> Iterator[Problem]:
    """The problems of a set: those that have a rewriting which the solver confirms, in their order."""
    yield from _rewritten(tuple(problems), rewriting)


@lru_cache(16)
def _rewritten(problems: tuple[Problem, ...], rewriting: Rewriting) -> tuple[Problem, ...]:
    """Kept, because a report asks for the same set several times."""
    found = [(made, problem) for problem in problems if (made := _one(problem, rewriting)) is not None]
    confirmed = _confirmed([(annotation, answer) for (_, annotation, answer), _ in found])
    return tuple(
        carry(
            replace(
                problem,
                question=question,
                answer=answer,
                equation=None,
                source=f"{problem.source}{OF}{rewriting.kind}-{rewriting.number}",
            ),
            annotation,
        )
        for ((question, annotation, answer), problem), right in zip(found, confirmed, strict=True)
        if right
    )


def _one(problem: Problem, rewriting: Rewriting) -> tuple[str, Annotation, str] | None:
    made = Original(problem, SEED, PREPARED).rewritten(rewriting.kind, rewriting.number)
    return None if isinstance(made, Declined) else (made.question, made.annotation, format_value(made.answer))


def _confirmed(found: Sequence[tuple[Annotation, str]]) -> list[bool]:
    """Whether the solver, given the equations alone, comes to each answer."""
    with Solver() as solver:
        outcomes = solver.solve_batch(("eot", write_eot(annotation, "")) for annotation, _ in found)
        return [
            outcome.solved and outcome.value is not None and format_value(outcome.value) == answer
            for outcome, (_, answer) in zip(outcomes, found, strict=True)
        ]
