"""What scoring costs beside the model: `python -m scripts.speed.harness_overhead ARTIFACT [--questions 20]`.

A job of GSM8K's dev questions is scored as `bench` scores it, in this process, with clocks of processor time around the
model: loading and answering are the model's, the solver's part included; reading problems, hashing the artifact, judging,
metering and the log are the harness's. Processor time does not change with what else a machine does. What happens once
is told beside it: start and imports, and the report. Ends with status 1 above 3 % of the model's time; 1 % is the goal.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Any, Unpack

from benchmarks.report.build import build_findings, write_report
from benchmarks.report.entries import entries_of
from benchmarks.scoring.job import BenchSettings, BenchTask, Job
from benchmarks.scoring.prompt_modes import Answerer, Loader, load_model
from benchmarks.scoring.scoring_job import run_job
from benchmarks.tasks.splits import DEV
from runtime.answering.modes import AnswerOptions
from runtime.engines.engine import Decoding
from runtime.values.solution import Solution
from scripts.speed.harness import arguments, show

ALLOWED, GOAL = 0.03, 0.01


class Clocked:
    """A model, and the processor seconds that it took: loading, a warm-up, and its answers."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.asked_at: float | None = None
        self.model: Answerer | None = None

    @contextmanager
    def load(self, artifact: Path, threads: int | None, opening: Loader = load_model) -> Iterator["Clocked"]:
        """Load the artifact by the clock; what runs while it is open is not the model's."""
        with self._counting():
            context = opening(artifact, threads)
            self.model = context.__enter__()
        try:
            yield self
        finally:
            with self._counting():
                context.__exit__(None, None, None)

    @contextmanager
    def _counting(self) -> Iterator[None]:
        begun = process_time()
        try:
            yield
        finally:
            self.seconds += process_time() - begun

    def answer(self, question: str, **options: Unpack[AnswerOptions]) -> Solution:
        """Answer by the clock."""
        assert self.model is not None
        if self.asked_at is None:
            self.asked_at = process_time() - self.seconds
        with self._counting():
            return self.model.answer(question, **options)

    def decoding(self, *, grammar: bool = False) -> Decoding:
        """The model's decoding."""
        assert self.model is not None
        return self.model.decoding(grammar=grammar)


def main() -> int:
    """Measure, and print a row for each part."""
    parser = arguments(__doc__)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--questions", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = BenchSettings(limit=options.questions, threads=1)
        job = Job(
            options.artifact,
            "artifact",
            (BenchTask("gsm8k", DEV),),
            Path(folder) / "samples.jsonl",
            settings,
        )
        rows = [*scoring_rows(job), *once_rows(job)]
    show(rows, options.json)
    return int(rows[1]["of the model's"] > ALLOWED)


def scoring_rows(job: Job, opening: Loader = load_model) -> list[dict[str, Any]]:
    """Score the job, and tell the model's processor time and the harness's, as a share of the model's."""
    clocked = Clocked()
    begun = process_time()
    with Path(os.devnull).open("w", encoding="utf-8") as progress:
        count = 0
        for sample in run_job(job, lambda artifact, threads: clocked.load(artifact, threads, opening)):
            print(json.dumps({"task": sample.task, "correct": sample.correct}), file=progress, flush=True)
            count += 1
    harness = process_time() - begun - clocked.seconds
    once = (clocked.asked_at or begun) - begun
    return [
        _row(f"model, {count} answers, one thread", clocked.seconds, clocked.seconds),
        _row(f"harness, {count} answers", harness, clocked.seconds),
        _row("of it once: problems read, artifact hashed", once, clocked.seconds),
        _row("of it with every answer", (harness - once) / count, clocked.seconds / count),
    ]


def once_rows(job: Job) -> list[dict[str, Any]]:
    """What a bench does once, whatever the number of questions; told in seconds alone."""
    before = _children_seconds()
    subprocess.run([sys.executable, "-c", "import benchmarks.scoring.scoring_job"], check=True)
    start = _children_seconds() - before
    begun = process_time()
    findings = build_findings(list(entries_of(job)), title="harness overhead", command="")
    write_report(job.log.parent, findings)
    return [
        _row("once: a process started, imports", start, None),
        _row("once: the report, its picture and page", process_time() - begun, None),
    ]


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _row(part: str, seconds: float, model: float | None) -> dict[str, Any]:
    return {
        "part": part,
        "processor seconds": round(seconds, 4),
        "of the model's": "" if model is None else round(seconds / model, 4),
    }


if __name__ == "__main__":
    sys.exit(main())
