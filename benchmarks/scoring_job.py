"""Scoring one artifact in a process of its own, so that its peak memory and its speed are its own.

`python -m benchmarks.scoring_job JOB` is what `bench` starts: JOB is a job as JSON, progress goes to standard
output as one JSON line an answer, and an error that is the user's to mend as one line on standard error with
its exit status.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.job import BenchSettings, BenchTask, Job, read_job
from benchmarks.raw import FewShot, ZeroShotChat
from benchmarks.samples import Sample, SampleKey, SampleLog, question_hash
from benchmarks.scoring import Solves, Subject, score_samples, warm_up
from benchmarks.tasks import load_scoring
from runtime.engine import Decoding
from runtime.errors import EdgethoughtError, InputError
from runtime.manifest import Manifest, file_sha256, read_manifest
from runtime.modes import Mode
from runtime.problem import Problem
from runtime.prompt import Thought
from runtime.solution import Solution


class Answerer(Protocol):
    """What `runtime.solving.load` gives: a model that solves under a thought and a deadline."""

    def solve(
        self,
        question: str,
        *,
        thought: Thought | None = None,
        deadline_ms: float | None = None,
        mode: Mode = "single",
    ) -> Solution:
        """Answer one question."""
        ...


Loader = Callable[[Path, int | None], AbstractContextManager[Answerer]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A model with its thought and deadline fixed."""

    model: Answerer
    thought: Thought | None
    deadline_ms: float | None
    mode: Mode = "single"

    def solve(self, question: str) -> Solution:
        return self.model.solve(question, thought=self.thought, deadline_ms=self.deadline_ms, mode=self.mode)


def load_model(artifact: Path, threads: int | None) -> AbstractContextManager[Answerer]:
    """Load an artifact with the engine and solver that a user gets."""
    from runtime.solving import load

    return load(artifact, threads=threads)


def artifact_sha256(manifest: Manifest) -> str:
    """One hash over all of an artifact's files: an ONNX graph may stay while its weights change."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(manifest.files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def subject_of(job: Job) -> Subject:
    """What a job scores; raises InputError when the artifact's files are not those of its manifest."""
    manifest = read_manifest(job.artifact)
    for name, digest in manifest.files.items():
        file = job.artifact / name
        if not file.is_file() or file_sha256(file) != digest:
            raise InputError(
                f"{file} is missing or not the file that its manifest describes; export it again"
            )
    return Subject(
        label=job.label,
        sha256=artifact_sha256(manifest),
        settings=_settings_text(job.settings, manifest),
        bytes=manifest.bytes,
        notes=f"{manifest.format} {manifest.quantisation}, {manifest.parameters / 1e6:.0f} M parameters",
    )


def _settings_text(settings: BenchSettings, manifest: Manifest) -> str:
    """What an answer depends on beside artifact and question; the choice of problems is no part of it."""
    limit = manifest.max_tokens if settings.ask == "student" else baseline_decoding(settings).max_tokens
    parts = [
        _asked_how(settings, manifest),
        "greedy",
        f"at most {limit} tokens",
        f"{settings.threads} threads" if settings.threads else "default threads",
    ]
    if settings.deadline_ms is not None:
        parts.append(f"deadline {settings.deadline_ms:g} ms")
    if settings.tolerance != "exact":
        parts.append(f"tolerance {settings.tolerance}")
    return ", ".join(parts)


def _asked_how(settings: BenchSettings, manifest: Manifest) -> str:
    thought = settings.thought or manifest.default_thought
    if settings.ask == "chat":
        return "zero-shot chat, last number"
    if settings.ask == "few-shot":
        shown = hashlib.sha256(repr(settings.exemplars).encode()).hexdigest()[:8]
        return f"{len(settings.exemplars)}-shot {thought} (exemplars {shown})"
    return "pot, eot, cot until solved" if settings.mode == "fallback" else thought


def baseline_decoding(settings: BenchSettings) -> Decoding:
    """Room for an untaught model: a chat reply is prose, a few-shot thought is short."""
    return Decoding(max_tokens=256 if settings.ask == "chat" else 128)


@contextmanager
def _opened(job: Job, load: Loader) -> Iterator[Solves]:
    """What answers the job's questions: a student, or an untaught model asked fairly."""
    settings = job.settings
    if settings.ask == "student":
        with load(job.artifact, settings.threads) as model:
            yield _Asked(model, settings.thought, settings.deadline_ms, settings.mode)
        return
    from runtime.engines.opening import open_engine
    from runtime.solver import Solver

    engine = open_engine(job.artifact, settings.threads)
    decoding = baseline_decoding(settings)
    try:
        if settings.ask == "chat":
            yield ZeroShotChat(engine, decoding=decoding)
        else:
            with Solver() as solver:
                thought = settings.thought or read_manifest(job.artifact).default_thought
                yield FewShot(engine, solver, settings.exemplars, thought=thought, decoding=decoding)
    finally:
        engine.close()


def subsample(problems: Sequence[Problem], limit: int | None, seed: int) -> list[Problem]:
    """A seeded choice of `limit` problems in their own order: a larger limit only ever adds to a smaller one."""
    if limit is None or limit >= len(problems):
        return list(problems)
    ranks = {problem.id: hashlib.sha256(f"{seed}:{problem.id}".encode()).digest() for problem in problems}
    chosen = set(sorted(ranks, key=lambda id: ranks[id])[:limit])
    return [problem for problem in problems if problem.id in chosen]


def job_problems(job: Job, task: BenchTask) -> list[Problem]:
    """The problems of one task that a job asks."""
    problems = subsample(list(load_scoring(task.name, task.split)), job.settings.limit, job.settings.seed)
    if not problems:
        raise InputError(f"{task.label} has no problems; allowed: one or more")
    return problems


def run_job(job: Job, load: Loader = load_model) -> Iterator[Sample]:
    """Score one artifact on every task of its job; yields every sample, also those found finished in the log."""
    subject = subject_of(job)
    asked = {task.label: job_problems(job, task) for task in job.tasks}
    with SampleLog(job.log) as log:
        finished = {task: finished_samples(log, subject, task, problems) for task, problems in asked.items()}
        if all(len(finished[task]) == len(asked[task]) for task in asked):
            for samples in finished.values():
                yield from samples
            return
        with _opened(job, load) as solver:
            load_ms = warm_up(solver).timings.load
            for task, problems in asked.items():
                yield from score_samples(
                    solver,
                    problems,
                    subject,
                    task=task,
                    log=log,
                    tolerance=job.settings.tolerance,
                    load_ms=load_ms,
                )
                load_ms = 0.0


def finished_samples(
    log: SampleLog, subject: Subject, task: str, problems: Sequence[Problem]
) -> list[Sample]:
    """The samples of these problems that the log holds already."""
    keys = (
        SampleKey(subject.sha256, subject.settings, task, problem.id, question_hash(problem.question))
        for problem in problems
    )
    return [sample for key in keys if (sample := log.finished(key))]


def main() -> int:
    """Run the job given on the command line; whatever an engine prints goes to standard error."""
    progress = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        for sample in run_job(read_job(sys.argv[1])):
            print(json.dumps({"task": sample.task, "correct": sample.correct}), file=progress, flush=True)
    except EdgethoughtError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
