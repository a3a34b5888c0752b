"""Bench: score models on tasks and write the report. Stopping and starting again loses no answer."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.report.build import SAMPLES_FILE, build_findings, write_report
from benchmarks.report.entries import entries_of, notes_of
from benchmarks.report.findings import Findings
from benchmarks.scoring.job import (
    DEFAULT_SETTINGS,
    TOGETHER,
    BenchSettings,
    BenchTask,
    Endpoint,
    Job,
    ModelSpec,
)
from benchmarks.scoring.job_labels import labels_of, seed_groups
from benchmarks.scoring.model_info import subject_of
from benchmarks.scoring.near_duplicates import marked_tasks, tasks_with_training
from benchmarks.scoring.prompt_modes import Loader
from benchmarks.scoring.scoring_job import job_problems, run_job
from benchmarks.tasks.fields import Fields
from benchmarks.tasks.loading import find_task, is_file
from benchmarks.tasks.robustness import original_task
from benchmarks.tasks.splits import ScoringSplit
from runtime.values.errors import InputError, WorkFailed

SPLITS = {split.value: split for split in ScoringSplit}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a bench is: `done` of `total` answers of one model on one task, `correct` of them right."""

    label: str
    task: str
    done: int
    total: int
    correct: int


def parse_tasks(text: str, fields: Fields | None = None) -> tuple[BenchTask, ...]:
    """Tasks as the command line writes them: `gsm8k,svamp:test,aqua:dev,mine.jsonl`.

    `fields` says how the rows of your own files spell question and answer.
    """
    tasks = tuple(_parse_task(part.strip(), fields) for part in text.split(",") if part.strip())
    if not tasks:
        raise InputError(f"tasks {text!r}; expected: names with commas between, such as gsm8k,svamp")
    if len({task.label for task in tasks}) < len(tasks):
        raise InputError(f"tasks {text!r} name one twice; expected: each once")
    if fields and not any(is_file(task.name) for task in tasks):
        raise InputError(f"tasks {text!r} hold no file that fields could describe; expected: a .jsonl file")
    return tasks


def _parse_task(part: str, fields: Fields | None) -> BenchTask:
    if is_file(part):
        return BenchTask(part, fields=fields)
    name, _, split = part.partition(":")
    if split and split not in SPLITS:
        raise InputError(f"split {split!r} of task {name}; expected: {', '.join(SPLITS)}")
    wanted = SPLITS[split or "test"]
    known = [known.value for known in find_task(name).splits if isinstance(known, ScoringSplit)]
    if not known:
        raise InputError(
            f"task {name!r} is for training only, it has no split to score on; expected: another task"
        )
    if wanted.value not in known:
        raise InputError(
            f"task {name!r} has no {wanted.value} split to score on; expected: {', '.join(known)}"
        )
    return BenchTask(name, wanted)


def bench(
    asked: Sequence[Path | ModelSpec],
    tasks: Sequence[BenchTask],
    *,
    out: Path,
    settings: BenchSettings = DEFAULT_SETTINGS,
    baseline: Path | ModelSpec | None = None,
    exclude_near_duplicates: bool = False,
    seeds: bool = False,
    progress: Callable[[Progress], None] | None = None,
    command: str | None = None,
    config: Mapping[str, Any] | None = None,
    load: Loader | None = None,
) -> Findings:
    """Score each model on each task and write its report and samples.jsonl.

    A bare path is asked as `settings.prompt_mode` says. The others are compared with `baseline`, one of `asked`.
    `exclude_near_duplicates` adds rows without the test questions that a task's training split resembles, also where no
    artifact is marked for it; `seeds` adds the spread over artifacts of one kind that differ by training seed. A
    robustness set's originals are asked too. `config` is what the bench was asked for, recorded in report.json. Each
    model runs in a process of its own, unless `load` says how to load it.
    """
    models = [one if isinstance(one, ModelSpec) else ModelSpec(one, settings.prompt_mode) for one in asked]
    _check_ways(models, settings)
    labels = labels_of(models, shots=len(settings.exemplars))
    if baseline is not None and baseline not in asked:
        raise InputError(f"baseline {baseline} is not among what is scored; expected: {', '.join(labels)}")
    jobs = [
        Job(model.source, label, with_originals(tasks), out / SAMPLES_FILE, settings_for(settings, model))
        for model, label in zip(models, labels, strict=True)
    ]
    groups = seed_groups(jobs) if seeds else {}
    for job in jobs:
        subject_of(job)  # what cannot be asked so is said before hours of scoring others
    for job in jobs:
        run(job, progress, load)
    apart = marked_tasks(jobs) | (tasks_with_training(tasks) if exclude_near_duplicates else frozenset())
    findings = build_findings(
        [entry for job in jobs for entry in entries_of(job, apart)],
        title="edgethought bench",
        baseline=None if baseline is None else labels[list(asked).index(baseline)],
        gained_by=None,
        command=command,
        notes=notes_of(jobs, apart),
        groups=groups,
        details={**asdict(settings), **({"config": dict(config)} if config else {})},
    )
    write_report(out, findings)
    return findings


def with_originals(tasks: Sequence[BenchTask]) -> tuple[BenchTask, ...]:
    """The tasks, before each robustness set the one that it is made of, none twice."""
    asked = [
        one
        for task in tasks
        for one in ((replace(task, name=original_task(task.name)), task) if not task.title else (task,))
    ]
    return tuple(dict.fromkeys(asked))


def settings_for(settings: BenchSettings, model: ModelSpec) -> BenchSettings:
    """The settings of one model: ways of answering are students', several problems at a time where it can answer so."""
    together = model.prompt_mode in TOGETHER and not isinstance(model.source, Endpoint)
    own = replace(settings, prompt_mode=model.prompt_mode, streams=settings.streams if together else 1)
    return own if model.prompt_mode == "student" else replace(own, mode="single", deadline_ms=None)


def _check_ways(models: Sequence[ModelSpec], settings: BenchSettings) -> None:
    """Raise InputError for a way of answering that none of these models has."""
    if any(model.prompt_mode == "student" for model in models):
        return
    if settings.mode != "single" or settings.deadline_ms is not None:
        raise InputError(
            f"mode {settings.mode}, deadline {settings.deadline_ms} ms, and no model that is asked as a student; "
            "expected: one, or neither"
        )


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
    command = [sys.executable, "-m", "benchmarks.scoring.scoring_job", job.to_json()]
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
