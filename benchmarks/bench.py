"""Bench: score artifacts on tasks and write the report. Stopping and starting again loses no answer."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.findings import Entry, Findings, entry_of
from benchmarks.job import DEFAULT_SETTINGS, BenchSettings, BenchTask, Job
from benchmarks.report import SAMPLES_FILE, build_findings, write_report
from benchmarks.samples import SampleLog
from benchmarks.scoring_job import Loader, finished_samples, job_problems, run_job, subject_of
from benchmarks.splits import ScoringSplit
from benchmarks.tasks import find_task
from runtime.errors import InputError, WorkFailed
from runtime.manifest import read_manifest

SPLITS = {split.value: split for split in ScoringSplit}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a bench is: `done` of `total` answers of one artifact on one task, `correct` of them right."""

    label: str
    task: str
    done: int
    total: int
    correct: int


def parse_tasks(text: str) -> tuple[BenchTask, ...]:
    """Tasks as the command line writes them: `gsm8k,svamp:test,aqua:dev,mine.jsonl`."""
    tasks = tuple(_parse_task(part.strip()) for part in text.split(",") if part.strip())
    if not tasks:
        raise InputError(f"tasks {text!r}; allowed: names with commas between, such as gsm8k,svamp")
    if len({task.label for task in tasks}) < len(tasks):
        raise InputError(f"tasks {text!r} name one twice; allowed: each once")
    return tasks


def _parse_task(part: str) -> BenchTask:
    if part.endswith((".jsonl", ".jsonl.gz")):
        return BenchTask(part)
    name, _, split = part.partition(":")
    if split and split not in SPLITS:
        raise InputError(f"split {split!r} of task {name}; allowed: {', '.join(SPLITS)}")
    wanted = SPLITS[split or "test"]
    known = [known.value for known in find_task(name).splits if isinstance(known, ScoringSplit)]
    if wanted.value not in known:
        raise InputError(
            f"task {name!r} has no {wanted.value} split to score on; allowed: {', '.join(known) or 'none'}"
        )
    return BenchTask(name, wanted)


def bench(
    artifacts: Sequence[Path],
    tasks: Sequence[BenchTask],
    *,
    out: Path,
    settings: BenchSettings = DEFAULT_SETTINGS,
    baseline: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    command: str | None = None,
    load: Loader | None = None,
) -> Findings:
    """Score each artifact on each task and write report.json, report.md, report.html, frontier.png, samples.jsonl.

    `baseline` is the one of `artifacts` that the others are compared with. Each artifact runs in a process of
    its own, unless `load` says how to load it here.
    """
    labels = artifact_labels(artifacts)
    if baseline is not None and baseline not in artifacts:
        raise InputError(
            f"baseline {baseline} is not among the artifacts; allowed: {', '.join(map(str, artifacts))}"
        )
    jobs = [
        Job(artifact, label, tuple(tasks), out / SAMPLES_FILE, settings)
        for artifact, label in zip(artifacts, labels, strict=True)
    ]
    for job in jobs:
        run(job, progress, load)
    findings = build_findings(
        [entry for job in jobs for entry in entries_of(job)],
        title="edgethought bench",
        baseline=None if baseline is None else labels[list(artifacts).index(baseline)],
        gained_by=None,
        command=command,
        details=asdict(settings),
    )
    write_report(out, findings)
    return findings


def artifact_labels(artifacts: Sequence[Path]) -> list[str]:
    """A short name for each artifact: its manifest's, or with its folder's where two are called the same."""
    if not artifacts:
        raise InputError("no artifacts; allowed: one or more folders that `edgethought export` wrote")
    if len({path.resolve() for path in artifacts}) < len(artifacts):
        raise InputError("an artifact is named twice; allowed: each once")
    names = [read_manifest(path).name for path in artifacts]
    counts = Counter(names)
    labels = [
        name if counts[name] == 1 else f"{path.resolve().parent.name}/{path.resolve().name}"
        for name, path in zip(names, artifacts, strict=True)
    ]
    if len(set(labels)) == len(labels):
        return labels
    return [str(path) for path in artifacts]


def run(job: Job, progress: Callable[[Progress], None] | None = None, load: Loader | None = None) -> None:
    """Run one job, in a process of its own or, with `load`, here."""
    totals = {task.label: len(job_problems(job, task)) for task in job.tasks}
    done: Counter[str] = Counter()
    correct: Counter[str] = Counter()
    for task, right in _answers_here(job, load) if load else _answers_of_child(job):
        done[task] += 1
        correct[task] += right
        if progress:
            progress(Progress(job.label, task, done[task], totals[task], correct[task]))


def _answers_here(job: Job, load: Loader) -> Iterator[tuple[str, bool]]:
    for sample in run_job(job, load):
        yield sample.task, sample.correct


def _answers_of_child(job: Job) -> Iterator[tuple[str, bool]]:
    command = [sys.executable, "-m", "benchmarks.scoring_job", job.to_json()]
    errors = job.log.with_suffix(".stderr")
    errors.parent.mkdir(parents=True, exist_ok=True)
    with errors.open("w+", encoding="utf-8", errors="replace") as complaints:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True)
        try:
            assert child.stdout is not None
            for line in child.stdout:
                row = json.loads(line)
                yield row["task"], row["correct"]
            status = child.wait()
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        complaints.seek(0)
        last = next((line for line in reversed(complaints.read().splitlines()) if line.strip()), "")
    if status == InputError.exit_status:
        raise InputError(last)
    if status:
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        raise WorkFailed(f"scoring {job.label} ended with {how}: {last or 'no message'}; run again to go on")
    errors.unlink(missing_ok=True)


def entries_of(job: Job) -> Iterator[Entry]:
    """The entries of a finished job, task by task, from its log."""
    subject = subject_of(job)
    with SampleLog(job.log) as log:
        for task in job.tasks:
            problems = job_problems(job, task)
            yield entry_of(subject, task.label, finished_samples(log, subject, task.label, problems))
