"""A student's own samples on training problems, right and wrong: what scorers and rejection sampling learn from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from runtime.answering.pipeline import Model
from runtime.values.answers import matches_gold
from runtime.values.errors import InputError
from runtime.values.files import appending, read_jsonl
from runtime.values.manifest import artifact_key
from runtime.values.problem import Problem
from runtime.values.solution import Solution

# Samples stray further here than where one answer is wanted: a scorer is to see what goes wrong.
TEMPERATURE = 0.8
# How every line of a file begins, and what is said of one that holds anything else.
LINE_START = b'{"id": '
NO_SAMPLES = "holds other things than samples; expected: a new file, or one of `distill sample`"
# Of an artifact's hash, enough to tell two of one name apart.
ARTIFACT_DIGITS = 16


class Progress(Protocol):
    """How far sampling is."""

    def __call__(self, done: int, total: int, note: str, /) -> None:
        """Say it."""


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What a file has of the problems that were asked for: samples and right ones; and samples of `others`."""

    rows: int
    right: int
    others: int


def draw_samples(
    model: Model, problems: Sequence[Problem], out: Path, *, samples: int, seed: int, progress: Progress
) -> SampleReport:
    """Append `samples` of every problem to `out`, a row each.

    Problems that `out` has already are not asked again; each problem's rows are on their way to the disk before the next
    one's. Raises InputError where `out` holds something else, or another artifact's samples.
    """
    artifact = artifact_key(model.manifest)[:ARTIFACT_DIGITS]
    with appending(out, start=LINE_START, foreign=NO_SAMPLES) as file:
        wanted = {_key(problem.id, problem.question) for problem in problems}
        there, rows, right, others = set(), 0, 0, 0
        for row in _written(out, model.manifest.name, artifact):
            key = _key(row["id"], row["question"])
            there.add(key)
            rows, right = rows + (key in wanted), right + (key in wanted and row["right"])
            others += key not in wanted
        todo = [problem for problem in problems if _key(problem.id, problem.question) not in there]
        decoding = model.decoding(temperature=TEMPERATURE, seed=seed)
        drawn = model.sample_batch((one.question for one in todo), decoding=decoding, samples=samples)
        skipped = len(problems) - len(todo)
        for done, (problem, solutions) in enumerate(zip(todo, drawn, strict=True), start=skipped + 1):
            new = [_row(problem, solution, artifact) for solution in solutions]
            # In one piece, so that a problem is there with all its samples or not at all.
            file.write("".join(map(_line, new)).encode("utf-8", "backslashreplace"))
            file.flush()
            rows, right = rows + len(new), right + sum(row["right"] for row in new)
            progress(done, len(problems), f"{right} right")
    return SampleReport(rows, right, others)


def check_samples_file(out: Path) -> None:
    """Raise InputError where samples cannot go, before any model is loaded for them."""
    there = out.exists()
    with appending(out, start=LINE_START, foreign=NO_SAMPLES):
        pass
    if not there:
        out.unlink()


def _key(problem_id: str, question: str) -> tuple[str, str]:
    """What tells a problem from others: a story's number means another one under another seed."""
    return problem_id, question


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _row(problem: Problem, solution: Solution, artifact: str) -> dict[str, Any]:
    outcome = solution.outcome
    right = outcome.solved and problem.answer is not None and matches_gold(outcome.value, problem.answer)
    return {
        "id": problem.id,
        "question": problem.question,
        "answer": problem.answer,
        "license": problem.license,
        "thought": solution.thought,
        "text": solution.text,
        "status": outcome.status,
        "right": right,
        "teacher": solution.model,
        "artifact": artifact,
    }


def _written(out: Path, name: str, artifact: str) -> Iterator[dict[str, Any]]:
    """The rows of a file; rows of before they named an artifact's hash are told by its name."""
    for number, row in enumerate(read_jsonl(out), start=1):
        if not {"id", "question", "thought", "text", "right", "teacher"} <= row.keys():
            raise InputError(
                f"{out} row {number} is no sample; expected: a new file, or one of `distill sample`"
            )
        if (row["teacher"], row.get("artifact", artifact)) != (name, artifact):
            raise InputError(
                f"{out} row {number} is a sample of {row['teacher']} ({row.get('artifact') or 'no hash'}); expected: one "
                f"of {name} ({artifact}), or another --out"
            )
        yield row
