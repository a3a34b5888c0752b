"""Siblings: test questions that have the same story in their own task's training split, with other numbers.

A student that trained on that split has seen those stories, so beside the whole test split it is scored on the rest.
SVAMP is the known case: 60 of its 300 test questions have a sibling among its 700 for training.
"""

from collections.abc import Iterable
from functools import cache

from benchmarks.scoring.job import BenchTask, Endpoint, Job, is_gguf
from benchmarks.scoring.samples import question_hash
from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.loading import load_scoring, load_training
from benchmarks.tasks.overlap import OverlapIndex
from benchmarks.tasks.robustness import original_task
from benchmarks.tasks.splits import TRAIN, TrainingSplit
from export.checkpoint_engine.opening import model_manifest

WITHOUT = "without near duplicates"


def marked_tasks(jobs: Iterable[Job]) -> frozenset[str]:
    """The tasks on whose training split one of these students was trained with siblings kept."""
    return frozenset(task for job in jobs for task in _marks(job))


def _marks(job: Job) -> tuple[str, ...]:
    if isinstance(job.source, Endpoint) or is_gguf(job.source):
        return ()
    return model_manifest(job.source).near_duplicates


def tasks_with_training(tasks: Iterable[BenchTask]) -> frozenset[str]:
    """Those of these tasks that have a training split, so that a test question may have a sibling in it."""
    names = {original_task(task.name) for task in tasks}
    return frozenset(name for name in names if name in TASKS and TRAIN in TASKS[name].splits)


@cache
def near_duplicate_hashes(task: BenchTask) -> frozenset[str]:
    """Hashes of the task's scored questions that equal or nearly equal one of its training questions.

    A rewritten question counts where its original does, too.
    """
    original = original_task(task.name)
    index = OverlapIndex(problem.question for problem in load_training(original, TrainingSplit.TRAIN))
    known = {problem.id for problem in load_scoring(original, task.split) if index.find(problem.question)}
    return frozenset(
        question_hash(problem.question)
        for problem in load_scoring(task.name, task.split)
        if problem.id in known or index.find(problem.question)
    )


def near_duplicate_note(task: BenchTask, scored: int) -> str:
    """Why a report has a row without near duplicates; `scored` is how many of the scored questions have one."""
    return (
        f"{task.label}, {WITHOUT}: {scored} of the scored questions tell the same story as a question of "
        f"{original_task(task.name)}'s training split, with the same or other numbers. A student that trained on "
        "that split knows those stories, so the row leaves them out."
    )
