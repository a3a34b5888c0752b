"""Entries of finished jobs: how one log becomes the rows of a report.

A job gives one entry a task, and with siblings apart a second one without them. Answers to lm-eval's prompts are judged
by its two filters, whatever the log says.
"""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.report.findings import Entry, entry_of
from benchmarks.scoring.attempts import Attempts, attempts_of
from benchmarks.scoring.external.lm_eval import as_filtered
from benchmarks.scoring.job import BenchSettings, BenchTask, Endpoint, Job, PromptMode
from benchmarks.scoring.model_info import subject_of
from benchmarks.scoring.near_duplicates import (
    WITHOUT,
    marked_tasks,
    near_duplicate_hashes,
    near_duplicate_note,
)
from benchmarks.scoring.samples import Sample, SampleLog, question_hash
from benchmarks.scoring.scoring_job import finished_samples, job_problems
from benchmarks.tasks.loading import task_note
from benchmarks.tasks.robustness import original_task
from runtime.values.errors import WorkFailed

# What strict and flexible mean, by the way of asking. Flexible is what a report counts as right.
READINGS: dict[PromptMode, str] = {
    "chat": (
        "chat: 'right' is the flexible reading, the answer that a reply states (\\boxed, ####, 'The answer is' and the "
        "like), else its last bold or last number; strict is a stated answer only."
    ),
    "few-shot": (
        "few-shot: 'right' is the flexible reading, what the solver makes of the thought, else an answer that the "
        "text states in words; strict is the solver's only."
    ),
    "lm-eval": (
        "lm-eval: GSM8K as lm-evaluation-harness asks it (5 examples a question, drawn from the training part with its "
        "seed); 'right' is its flexible filter, the last number; strict reads the number after ####; both compare text."
    ),
}


def entries_of(job: Job, apart: frozenset[str] | None = None) -> Iterator[Entry]:
    """The entries of a finished job, task by task, from its log.

    `apart` names the tasks that are also reported without near duplicates; by default those that the artifact marks.
    Raises WorkFailed where problems have no answer: what was not asked is no wrong answer.
    """
    subject = subject_of(job)
    apart = marked_tasks([job]) if apart is None else apart
    with SampleLog(job.log) as log:
        for task in job.tasks:
            problems = job_problems(job, task)
            samples = finished_samples(log, subject, task.label, problems)
            if len(samples) < len(problems):
                raise WorkFailed(
                    f"{job.label} has {len(samples)} answers to the {len(problems)} problems of {task.label}; "
                    "run again to go on"
                )
            for label, chosen in _parts(task, samples, original_task(task.name) in apart):
                yield entry_of(
                    subject, label, _judged(job, chosen), problems, _attempts(job.settings, chosen)
                )


def _parts(task: BenchTask, samples: Sequence[Sample], apart: bool) -> Iterator[tuple[str, list[Sample]]]:
    yield task.label, list(samples)
    if apart:
        others = [sample for sample in samples if sample.question_hash not in near_duplicate_hashes(task)]
        if others and len(others) < len(samples):
            yield f"{task.label}, {WITHOUT}", others


def _judged(job: Job, samples: list[Sample]) -> list[Sample]:
    return [as_filtered(sample) for sample in samples] if job.settings.prompt_mode == "lm-eval" else samples


def _attempts(settings: BenchSettings, samples: Sequence[Sample]) -> Attempts | None:
    """What k samples are worth: a vote ends once it is decided, so only `best_of` writes all of them."""
    if settings.mode != "best_of" or settings.deadline_ms is not None:
        return None
    return attempts_of(samples, settings.samples, settings.tolerance)


def notes_of(jobs: Sequence[Job], apart: frozenset[str] = frozenset()) -> list[str]:
    """What a reader of these jobs' report must know: about the tasks, siblings, and times of endpoints."""
    notes = [note for task in _tasks(jobs) if (note := task_note(task.name))]
    for task in _tasks(jobs):
        if original_task(task.name) in apart:
            scored = {question_hash(problem.question) for job in jobs for problem in job_problems(job, task)}
            notes.append(near_duplicate_note(task, len(scored & near_duplicate_hashes(task))))
    if any(isinstance(job.source, Endpoint) for job in jobs):
        notes.append(
            "Times of a model behind an endpoint are round trips, network and other people's requests included."
        )
    notes += [
        READINGS[mode] for mode in dict.fromkeys(job.settings.prompt_mode for job in jobs) if mode in READINGS
    ]
    return notes


def _tasks(jobs: Iterable[Job]) -> list[BenchTask]:
    return list(dict.fromkeys(task for job in jobs for task in job.tasks))
