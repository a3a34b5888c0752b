"""Entries of finished jobs: how one log becomes the rows of a report.

A job gives one entry a task; with siblings apart, a second one without them; and lm-eval's prompts give one entry for
each of its two filters, since both are published figures.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from benchmarks.report.findings import Entry, entry_of
from benchmarks.scoring.attempts import Attempts, attempts_of
from benchmarks.scoring.external.lm_eval import as_filtered
from benchmarks.scoring.job import BenchSettings, BenchTask, Endpoint, Job
from benchmarks.scoring.model_info import subject_of
from benchmarks.scoring.near_duplicates import (
    WITHOUT,
    marked_tasks,
    near_duplicate_hashes,
    near_duplicate_note,
)
from benchmarks.scoring.samples import Sample, SampleLog, question_hash
from benchmarks.scoring.scores import ModelInfo
from benchmarks.scoring.scoring_job import finished_samples, job_problems
from benchmarks.tasks.loading import task_note
from runtime.values.problem import Problem


def entries_of(job: Job, apart: frozenset[str] | None = None) -> Iterator[Entry]:
    """The entries of a finished job, task by task, from its log.

    `apart` names the tasks that are also reported without near duplicates; by default those that the artifact marks.
    """
    subject = subject_of(job)
    apart = marked_tasks([job]) if apart is None else apart
    with SampleLog(job.log) as log:
        for task in job.tasks:
            problems = job_problems(job, task)
            samples = finished_samples(log, subject, task.label, problems)
            for label, chosen in _parts(task, samples, task.name in apart):
                yield from _filtered(job, subject, label, chosen, problems)


def _parts(task: BenchTask, samples: Sequence[Sample], apart: bool) -> Iterator[tuple[str, list[Sample]]]:
    yield task.label, list(samples)
    if apart:
        others = [sample for sample in samples if sample.question_hash not in near_duplicate_hashes(task)]
        if others and len(others) < len(samples):
            yield f"{task.label}, {WITHOUT}", others


def _filtered(
    job: Job, subject: ModelInfo, label: str, samples: list[Sample], problems: Sequence[Problem]
) -> Iterator[Entry]:
    if job.settings.prompt_mode != "lm-eval":
        yield entry_of(subject, label, samples, problems, _attempts(job.settings, samples))
        return
    for name, strictly in (("flexible", False), ("strict", True)):
        chosen = [as_filtered(sample, strictly=strictly) for sample in samples]
        yield entry_of(replace(subject, label=f"{subject.label}, {name}"), label, chosen, problems)


def _attempts(settings: BenchSettings, samples: Sequence[Sample]) -> Attempts | None:
    """What k samples are worth: a vote ends once it is decided, so only `best_of` writes all of them."""
    if settings.mode != "best_of" or settings.deadline_ms is not None:
        return None
    return attempts_of(samples, settings.samples, settings.tolerance)


def notes_of(jobs: Sequence[Job], apart: frozenset[str] = frozenset()) -> list[str]:
    """What a reader of these jobs' report must know: about the tasks, siblings, and times of endpoints."""
    notes = [note for task in _tasks(jobs) if (note := task_note(task.name))]
    for task in _tasks(jobs):
        if task.name in apart:
            scored = {question_hash(problem.question) for job in jobs for problem in job_problems(job, task)}
            notes.append(near_duplicate_note(task, len(scored & near_duplicate_hashes(task))))
    if any(isinstance(job.source, Endpoint) for job in jobs):
        notes.append(
            "Times of a model behind an endpoint are round trips, network and other people's requests included."
        )
    if any(job.settings.prompt_mode == "lm-eval" for job in jobs):
        notes.append(
            "lm-eval: GSM8K as lm-evaluation-harness asks it (5 examples a question, drawn from the training part with "
            "its seed); strict reads the number after ####, flexible the last number; both compare text."
        )
    return notes


def _tasks(jobs: Iterable[Job]) -> list[BenchTask]:
    return list(dict.fromkeys(task for job in jobs for task in job.tasks))
