"""Tasks by name and split: the catalogue's, your own files, and those that are made when they are asked for.

Who asks need not know which of these a task is.
"""

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from benchmarks.annotations.carried import carry
from benchmarks.scoring.job import BenchTask
from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.leakage import is_here
from benchmarks.tasks.loading import (
    find_task,
    is_file,
    is_known,
    load_problems,
    load_scoring,
    load_training,
    training_tasks,
)
from benchmarks.tasks.splits import DEV, TEST, TRAIN, ScoringSplit, Split
from distill.stories import generate
from runtime.values.errors import InputError
from runtime.values.files import write_jsonl
from runtime.values.problem import Problem


@dataclass(frozen=True, slots=True)
class MadeTask:
    """A task whose problems are made: what reports call it, how many a split has without a limit, and what makes them.

    `make` takes a split, a count and a seed; training problems carry their annotation.
    """

    title: str
    counts: Mapping[Split, int]
    make: Callable[[Split, int, int], Iterator[Problem]]


def _stories(split: Split, count: int, seed: int) -> Iterator[Problem]:
    for story in generate(split.value, count, seed):
        yield carry(story.problem, story.annotation) if split is TRAIN else story.problem


MADE = {"stories": MadeTask("unseen story templates", {TRAIN: 2000, DEV: 500, TEST: 500}, _stories)}


def is_task(name: str) -> bool:
    """Whether a name is a task's; a file's is none."""
    return name in MADE or is_known(name)


def _check_known(task: str) -> None:
    """Raise InputError, listing them, for a name that is no task's and no file's."""
    if not is_task(task) and not is_file(task):
        raise InputError(f"no task {task!r}; expected: {', '.join((*MADE, *TASKS))}, or a .jsonl file")


def splits_of(task: str) -> Collection[Split]:
    """The splits that a task has; a file may be either. Raises InputError for an unknown task."""
    _check_known(task)
    if task in MADE:
        return MADE[task].counts
    return (TRAIN, TEST) if is_file(task) else find_task(task).splits


def training_tasks_here() -> list[str]:
    """The tasks with a training split that is in the data folder, and those that are made."""
    return [*(task for task in training_tasks() if is_here(TASKS[task].splits[TRAIN])), *MADE]


def draw(task: str, split: Split, limit: int, seed: int) -> tuple[Iterable[Problem], int]:
    """A split's problems, and how many they are: a seeded sample of `limit`; all (or as many as usual) when it is 0.

    Raises InputError for a task that is unknown, not here, or without this split.
    """
    _check_known(task)
    if task in MADE:
        count = limit or MADE[task].counts[split]
        return MADE[task].make(split, count, seed), count
    problems = _sample(load_problems(task, split), limit, seed)
    return problems, len(problems)


def _sample(problems: Iterable[Problem], limit: int, seed: int) -> list[Problem]:
    """A seeded sample in the problems' own order."""
    every = list(problems)
    if not limit or limit >= len(every):
        return every
    chosen = set(random.Random(seed).sample(range(len(every)), limit))
    return [problem for index, problem in enumerate(every) if index in chosen]


def draw_examples(task: str, count: int, seed: int) -> Iterable[Problem]:
    """Training problems whose neighbours differ, to show to a model: at least `count` where the task has as many."""
    _check_known(task)
    if task in MADE:
        # Of a seed that training does not use; problems of one kind are made one after the other.
        return islice(MADE[task].make(TRAIN, count * 5, seed + 1), 0, None, 5)
    problems = list(load_training(task))
    random.Random(seed).shuffle(problems)
    return problems


def held_out_questions(
    task: str, split: ScoringSplit, limit: int, seed: int, *, needed: bool
) -> Iterator[str]:
    """Every question that a score on a task may rest on: of a made task what `draw` gives, else all dev and test ones.

    A split that is not here raises InputError where it is `needed`.
    """
    if task in MADE:
        yield from (problem.question for problem in draw(task, split, limit, seed)[0])
        return
    splits = splits_of(task)
    for part in [part for part in ScoringSplit if part in splits]:
        try:
            yield from (problem.question for problem in load_scoring(task, part))
        except InputError:
            if needed:
                raise


def bench_task(task: str, split: ScoringSplit, limit: int, seed: int, folder: Path) -> BenchTask:
    """A task as bench knows it; the problems of a made one are written into `folder`."""
    if task not in MADE:
        return BenchTask(task, split)
    path = folder / f"{task}-{split.value}.jsonl"
    write_jsonl(path, map(asdict, draw(task, split, limit, seed)[0]))
    return BenchTask(str(path), split, MADE[task].title)
