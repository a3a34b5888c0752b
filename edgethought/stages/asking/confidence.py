"""Confidence of an artifact's answers: dev problems answered in one way, and a calibration fitted on them.

The answers are kept, so a run that was stopped goes on. What is fitted goes into the artifact's `confidence.json`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tasks.splits import ScoringSplit
from edgethought.stages.progress import progress_bar
from edgethought.stages.tasks import draw
from runtime.answering.confidence import (
    CONFIDENCE_FILE,
    features,
    read_calibrations,
    to_rows,
    way,
)
from runtime.answering.default_model import artifact_folder
from runtime.answering.modes import DEFAULT_SAMPLES, SAMPLING, Mode
from runtime.answering.questions.expected import expected_of
from runtime.answering.questions.files import Row, answer_rows
from runtime.values.answers import matches_gold, parse_answer
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_json
from runtime.values.manifest import artifact_key, read_manifest
from runtime.values.outcome import Outcome
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.solution import Solution

if TYPE_CHECKING:
    from distill.recipes.confidence import Fit


@dataclass(frozen=True, slots=True)
class Answering:
    """How the problems are answered: which and how many, and in what way; None is the artifact's own default."""

    task: str = "gsm8k"
    limit: int = 1000
    mode: Mode = "single"
    thought: Thought | None = None
    samples: int = DEFAULT_SAMPLES
    streams: int | None = None
    threads: int | None = None
    seed: int = 0


def confidence_stage(artifact: Path | None, answering: Answering, out: Path) -> tuple[Path, str, "Fit"]:
    """Answer dev problems, fit, and put the calibration into the artifact; gives its folder and the way's name too.

    Raises InputError where there is no dev problem, the way is none that has a confidence, or too few answers are right.
    """
    from distill.recipes.confidence import fit
    from runtime.answering.pipeline import load

    if answering.mode == "fallback" or (answering.mode in SAMPLING and answering.thought):
        given = f"mode {answering.mode}" + (f" of thought {answering.thought}" if answering.thought else "")
        raise InputError(
            f"{given} has no confidence; expected: mode single, or {', '.join(SAMPLING)} of all thoughts"
        )
    folder = artifact_folder(artifact)
    problems = list(draw(answering.task, ScoringSplit.DEV, answering.limit, answering.seed)[0])
    if not problems:
        raise InputError(f"{answering.task} has no dev problems; expected: a task with at least one")
    manifest = read_manifest(folder)
    name = way(answering.mode, answering.thought or manifest.default_thought)
    samples = answering.samples if answering.mode in SAMPLING else 1
    if out.is_file():
        raise InputError(f"{out} is a file; expected: a folder, or the name of a new one")
    file = out / f"{artifact_key(manifest)[:12]}-{name.replace(' ', '-')}-{samples}.jsonl"
    known = read_calibrations(folder)
    with load(folder, threads=answering.threads) as model, progress_bar("dev problems") as bar:
        rows = [Row(problem.id, problem.question, number) for number, problem in enumerate(problems, start=1)]
        answers = answer_rows(
            rows,
            file,
            lambda questions: model.uncalibrated_batch(
                questions,
                thought=answering.thought,
                mode=answering.mode,
                samples=answering.samples,
                streams=answering.streams,
            ),
        )
        for progress in answers:
            bar(progress.done, progress.total, "")
    judged = list(_judged(file, {problem.id: problem for problem in problems}))
    solved = [(known, right) for known, right in judged if known is not None]
    about = {"task": f"{answering.task}:dev", "model": manifest.name, "samples": samples}
    try:
        found = fit(solved, len(judged) - len(solved), about, seed=answering.seed)
    except ValueError as error:
        raise InputError(f"{file}: {error}; expected: more of both, by a larger --limit") from error
    write_json(folder / CONFIDENCE_FILE, to_rows({**known, name: found.calibration}))
    return folder, name, found


def _judged(file: Path, problems: dict[str, Problem]) -> Iterator[tuple[dict[str, float] | None, bool]]:
    """Of the kept answers to these problems the features, None where one is not solved, and whether each is right."""
    for row in read_jsonl(file):
        problem = problems.get(row["id"])
        if problem is None or problem.answer is None:
            continue
        value = parse_answer(row["answer"]) if row["answer"] is not None else None
        solution = Solution(
            row["thought"],
            row["text"],
            Outcome(row["status"], value),
            row["model"],
            generated_tokens=row["tokens"]["generated"],
            votes=row["votes"],
            logprob=row.get("logprob"),
            score=row.get("score"),
            expected=expected_of(problem.question),
        )
        known = features(solution) if solution.outcome.solved else None
        yield known, matches_gold(solution.value, problem.answer)
