"""Leakage: which questions of one file also stand in another, and the index that keeps them out of training.

Counted are distinct questions of the test side that have a match on the train side, by the three rules of
`benchmarks.tasks.overlap`: each rule's count includes the stricter ones.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.loading import find_task, load_problems, load_scoring, split_path
from benchmarks.tasks.overlap import OverlapIndex, exact_key
from benchmarks.tasks.robustness import original_task
from benchmarks.tasks.splits import ScoringSplit, Split, TrainingSplit
from benchmarks.tasks.table import Table
from benchmarks.tasks.task import SplitFile
from runtime.values.errors import InputError


@dataclass(frozen=True, slots=True)
class Leak:
    """What the test side shares with the train side, in distinct questions of the test side."""

    train: str
    test: str
    questions: int
    exact: int
    loose: int
    near: int


def held_out_questions(tasks: Iterable[str] | None = None) -> Iterator[str]:
    """Every question of the dev and test splits of these tasks (all that are there by default), never an answer.

    This is what training may know of scoring splits: enough to keep their questions out.
    """
    names = TASKS if tasks is None else tasks
    for name in names:
        splits = [split for split in find_task(name).splits if isinstance(split, ScoringSplit)]
        for split in splits:
            try:
                problems = load_scoring(name, split)
            except InputError:
                if tasks is not None:
                    raise
                continue
            yield from (problem.question for problem in problems)


def count_leak(train: str, test: str, index: OverlapIndex, questions: Iterable[str]) -> Leak:
    """Count the distinct `questions` of the test side that `index`, over the train side, finds."""
    distinct = {exact_key(question): question for question in questions}
    kinds = [found.kind for question in distinct.values() if (found := index.find(question))]
    exact, loose = kinds.count("exact"), kinds.count("loose")
    return Leak(train, test, len(distinct), exact, exact + loose, len(kinds))


def leaks(task: str | None = None, progress: Callable[[str], None] | None = None) -> Iterator[Leak]:
    """The leak of every pair of splits that are there: train side first, none twice. With `task`, only its pairs.

    A robustness set is the scoring split that it is made of, so that it has no pair with that one.
    """
    own = None if task is None else find_task(task).name
    parts = _parts_here()
    if own is not None and own not in TASKS:
        others = [part for part in parts if not _is_original(part, own)]
        parts = [*others, *(_Part(own, part.split) for part in parts if _is_original(part, own))]
    questions = cache(_questions)
    for place, train in enumerate(parts):
        pairs = [test for test in parts[place + 1 :] if own is None or own in (train.task, test.task)]
        if pairs:
            if progress:
                progress(train.label)
            index = OverlapIndex(questions(train))
            yield from (count_leak(train.label, test.label, index, questions(test)) for test in pairs)


def _is_original(part: "_Part", own: str) -> bool:
    return part.task == original_task(own) and isinstance(part.split, ScoringSplit)


@dataclass(frozen=True, slots=True)
class _Part:
    """One split of one task."""

    task: str
    split: Split

    @property
    def label(self) -> str:
        return f"{self.task} {self.split.value}"


# Unions of other sets stand before their parts, so that the parts are what is counted.
_UNIONS = ("mawps_asdiv_a", "mawps")


def _parts_here() -> list[_Part]:
    """Every split whose file is there: what is trained on first, then dev, then test."""
    parts = [_Part(name, split) for name, task in TASKS.items() for split in task.splits]
    order = [*TrainingSplit, *ScoringSplit]
    names = [*_UNIONS, *(name for name in TASKS if name not in _UNIONS)]
    parts.sort(key=lambda part: (order.index(part.split), names.index(part.task)))
    return [part for part in parts if is_here(TASKS[part.task].splits[part.split])]


def is_here(part: SplitFile) -> bool:
    """Whether a split's file is in the data folder."""
    try:
        split_path(part)
    except InputError:
        return False
    return True


def _questions(part: _Part) -> tuple[str, ...]:
    return tuple(problem.question for problem in load_problems(part.task, part.split))


def leakage_table(found: Iterable[Leak]) -> Table:
    """The leaks that are any, as a table."""
    rows = tuple(
        (
            leak.train,
            leak.test,
            str(leak.exact),
            str(leak.loose),
            str(leak.near),
            f"{leak.near} of {leak.questions}",
        )
        for leak in found
        if leak.near
    )
    return Table(
        "Leakage between splits",
        ("train side", "test side", "exact", "loose", "near", "of the test side"),
        rows,
        "Distinct questions of the test side that the train side holds: equal but for case and spaces; equal in letters "
        "and digits; the same story with other numbers (Jaccard similarity of word trigrams, numbers masked, 0.8 or "
        "more). Pairs not listed share none.",
        texts=2,
    )
