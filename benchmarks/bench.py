"""Bench: score models on tasks and write the report. Stopping and starting again loses no answer."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.child import answers_of_child
from benchmarks.devices.limits import Limits
from benchmarks.devices.profiled import ProfiledRun
from benchmarks.devices.rates import rates_under
from benchmarks.report.build import SAMPLES_FILE, build_findings, empty_notes, write_report
from benchmarks.report.entries import entries_of, notes_of
from benchmarks.report.findings import Findings, waiting_notes
from benchmarks.report.profile_tables import ceiling_notes
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
from runtime.values.errors import EdgethoughtError, InputError, WorkFailed

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
    tasks = _told_apart([_parse_task(part.strip(), fields) for part in text.split(",") if part.strip()])
    if not tasks:
        raise InputError(f"tasks {text!r}; expected: names with commas between, such as gsm8k,svamp")
    if len({task.label for task in tasks}) < len(tasks):
        raise InputError(f"tasks {text!r} name one twice; expected: each once")
    if fields and not any(is_file(task.name) for task in tasks):
        raise InputError(f"tasks {text!r} hold no file that fields could describe; expected: a .jsonl file")
    return tasks


def _told_apart(tasks: Sequence[BenchTask]) -> tuple[BenchTask, ...]:
    """The tasks, files of one name told apart by as much of their folders as it takes; the same file stays as it is."""
    counts = Counter(task.label for task in tasks)
    parts = {task.name: Path(task.name).resolve().parts for task in tasks if is_file(task.name)}
    alike = {task.name for task in tasks if counts[task.label] > 1 and task.name in parts}
    for length in range(2, max((len(parts[name]) for name in alike), default=0) + 1):
        titles = {name: "/".join(parts[name][-length:]) for name in alike}
        if len(set(titles.values())) == len({parts[name] for name in alike}):
            return tuple(replace(task, title=titles.get(task.name, task.title)) for task in tasks)
    return tuple(tasks)


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
    profiles: Sequence[Limits] = (),
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
    model runs in a process of its own, unless `load` says how to load it; with `profiles` once under each. Where some
    are not finished, the report has the others; then WorkFailed is raised.
    """
    models = [one if isinstance(one, ModelSpec) else ModelSpec(one, settings.prompt_mode) for one in asked]
    _check_ways(models, settings)
    labels = labels_of(models, shots=len(settings.exemplars))
    if baseline is not None and baseline not in asked:
        raise InputError(f"baseline {baseline} is not among what is scored; expected: {', '.join(labels)}")
    baseline_label = None if baseline is None else labels[list(asked).index(baseline)]
    jobs = [
        Job(
            model.source,
            profiled_label(label, limits, profiles),
            with_originals(tasks),
            out / SAMPLES_FILE,
            settings_for(replace(settings, limits=limits), model),
        )
        for limits in profiles or (None,)
        for model, label in zip(models, labels, strict=True)
    ]
    groups = seed_groups(jobs) if seeds else {}
    for job in jobs:
        subject_of(job)  # what cannot be asked so is said before hours of scoring others
    failures = _run_all(jobs, progress, load)
    unfinished = [f"{label} was not finished: {error}" for label, error in failures.items()]
    jobs = [job for job in jobs if job.label not in failures]
    apart = marked_tasks(jobs) | (tasks_with_training(tasks) if exclude_near_duplicates else frozenset())
    profiled = [ProfiledRun(limits, None if load else rates_under(limits)) for limits in profiles]
    entries = [entry for job in jobs for entry in entries_of(job, apart)]
    findings = build_findings(
        entries,
        title="edgethought bench",
        baseline=baseline_label,
        gained_by=None,
        command=command,
        notes=[
            *unfinished,
            *empty_notes(entries),
            *waiting_notes(entries),
            *ceiling_notes(entries, profiled),
            *notes_of(jobs, apart),
        ],
        groups=groups,
        details={**asdict(settings), **({"config": dict(config)} if config else {})},
        profiles=profiled,
    )
    write_report(out, findings)
    if unfinished:
        raise WorkFailed(f"{'; '.join(unfinished)}. {out} has the report of the others")
    return findings


def profiled_label(label: str, limits: Limits | None, profiles: Sequence[Limits]) -> str:
    """What a model is called: with its profile where there are several."""
    return f"{label}, {limits.profile}" if limits and len(profiles) > 1 else label


def _run_all(
    jobs: Sequence[Job], progress: Callable[[Progress], None] | None, load: Loader | None
) -> dict[str, EdgethoughtError]:
    """Run every job; the errors of those that were not finished by label. Where none was, the first one is raised."""
    failures: dict[str, EdgethoughtError] = {}
    for job in jobs:
        try:
            run(job, progress, load)
        except EdgethoughtError as error:
            failures[job.label] = error
    if len(failures) == len(jobs):
        raise next(iter(failures.values()))
    return failures


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
    for task, right in _answers_here(job, load) if load else answers_of_child(job):
        done[task] += 1
        correct[task] += right
        if progress:
            progress(Progress(job.label, task, done[task], totals[task], correct[task]))


def _answers_here(job: Job, load: Loader) -> Iterator[tuple[str, bool]]:
    for sample in run_job(job, load):
        yield sample.task, sample.correct
