"""A student's own samples on training problems, right and wrong: what scorers and rejection sampling learn from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from runtime.answering.pipeline import Model
from runtime.values.answers import matches_gold
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_jsonl
from runtime.values.problem import Problem

# Samples stray further here than where one answer is wanted: a scorer is to see what goes wrong.
TEMPERATURE = 0.8
# Questions whose samples reach the disk together; a run that is killed loses no more.
AT_ONCE = 64


class Progress(Protocol):
    """How far sampling is."""

    def __call__(self, done: int, total: int, note: str, /) -> None:
        """Say it."""


def draw_samples(
    model: Model, problems: Sequence[Problem], out: Path, *, samples: int, seed: int, progress: Progress
) -> tuple[int, int]:
    """Write `samples` of every problem to `out`, a row each; returns how many rows there are and how many are right.

    Problems that `out` has already are not asked again. Raises InputError where `out` holds something else.
    """
    rows = [*_written(out)] if out.exists() else []
    there, right = {row["id"] for row in rows}, sum(row["right"] for row in rows)
    todo = [problem for problem in problems if problem.id not in there]
    for start in range(0, len(todo), AT_ONCE):
        some = todo[start : start + AT_ONCE]
        decoding = model.decoding(temperature=TEMPERATURE, seed=seed)
        drawn = model.sample_batch((one.question for one in some), decoding=decoding, samples=samples)
        for number, (problem, solutions) in enumerate(zip(some, drawn, strict=True), start=start + 1):
            new = [_row(problem, solution) for solution in solutions]
            rows += new
            right += sum(row["right"] for row in new)
            progress(len(there) + number, len(problems), f"{right} right")
        write_jsonl(out, rows)
    return len(rows), right


def _row(problem: Problem, solution: Any) -> dict[str, Any]:
    outcome = solution.outcome
    right = outcome.solved and problem.answer is not None and matches_gold(outcome.value, problem.answer)
    return {
        "id": problem.id,
        "question": problem.question,
        "answer": problem.answer,
        "thought": solution.thought,
        "text": solution.text,
        "status": outcome.status,
        "right": right,
        "teacher": solution.model,
    }


def _written(out: Path) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(read_jsonl(out), start=1):
        if not {"id", "thought", "text", "right"} <= row.keys():
            raise InputError(
                f"{out} row {number} is no sample; expected: a new file, or one of `distill sample`"
            )
        yield row
