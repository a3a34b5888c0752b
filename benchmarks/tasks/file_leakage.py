"""Leakage between whole files, counted from both sides: the table that comes with the public data, row by row.

`benchmarks.tasks.leakage` counts between splits, which is what scoring needs. Here a file is taken as a whole (GSM8K's
training file with its dev part), and since "near" need not pair questions one to one, both counts are given.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.leakage import Leak, count_leak, is_here
from benchmarks.tasks.loading import split_path
from benchmarks.tasks.overlap import OverlapIndex
from benchmarks.tasks.splits import ScoringSplit
from benchmarks.tasks.table import Table
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl

# Unions of other sets stand before their parts.
_UNIONS = ("mawps_asdiv_a_train", "mawps_train")


@dataclass(frozen=True, slots=True)
class FileLeak:
    """Two files: the second's distinct questions that the first holds, and the first's that the second holds."""

    of_second: Leak
    of_first: Leak


def file_leaks(progress: Callable[[int, int, str], None] | None = None) -> Iterator[FileLeak]:
    """Every pair of files that are there, what is trained on first; InputError when there are none."""
    stems = _stems_here()
    if not stems:
        raise InputError("no data set's files are here; expected: EDGETHOUGHT_DATA set to their folder")
    questions = {stem: _questions(stem) for stem in stems}
    indices = {stem: OverlapIndex(questions[stem]) for stem in stems}
    pairs = [(first, second) for place, first in enumerate(stems) for second in stems[place + 1 :]]
    for done, (first, second) in enumerate(pairs, start=1):
        yield FileLeak(
            of_second=count_leak(first, second, indices[first], questions[second]),
            of_first=count_leak(second, first, indices[second], questions[first]),
        )
        if progress:
            progress(done, len(pairs), first)


def _stems_here() -> list[str]:
    """The files' stems: those that are trained on first, then the others in the catalogue's order."""
    split_of = {
        part.stem: split for task in TASKS.values() for split, part in task.splits.items() if is_here(part)
    }
    order = [*(stem for stem in _UNIONS if stem in split_of), *split_of]
    return sorted(dict.fromkeys(order), key=lambda stem: stem not in _UNIONS and _only_scored(stem))


def _only_scored(stem: str) -> bool:
    """Whether a file holds scoring splits and nothing to train on."""
    splits = [split for task in TASKS.values() for split, part in task.splits.items() if part.stem == stem]
    return all(isinstance(split, ScoringSplit) for split in splits)


def _questions(stem: str) -> list[str]:
    part = next(part for task in TASKS.values() for part in task.splits.values() if part.stem == stem)
    return [str(row["question"]) for row in read_jsonl(split_path(part))]


def file_leakage_table(found: Iterable[FileLeak]) -> Table:
    """The pairs that share anything, as a table."""
    rows = tuple(
        (pair.of_second.train, pair.of_second.test, *_counts(pair.of_second), *_counts(pair.of_first))
        for pair in found
        if pair.of_second.near or pair.of_first.near
    )
    return Table(
        "Leakage between files",
        ("first", "second", "exact", "loose", "near", "of first: exact", "of first: loose", "of first: near"),
        rows,
        "Distinct questions of the second file that the first one holds, then of the first that the second holds: equal "
        "but for case and spaces; equal in letters and digits; the same story with other numbers (Jaccard similarity of "
        "word trigrams, numbers masked, 0.8 or more). Counts include the stricter ones. Pairs not listed share none.",
        texts=2,
    )


def _counts(leak: Leak) -> tuple[str, str, str]:
    return str(leak.exact), str(leak.loose), str(leak.near)
