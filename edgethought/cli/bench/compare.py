"""What `edgethought bench-compare` does."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tasks.table import Table
from edgethought.cli.table_printing import print_table

if TYPE_CHECKING:
    from benchmarks.compare import BenchComparison, Change, TaskComparison

QUESTION_CHARACTERS = 70


def compare_command(
    first: Path, second: Path, *, label: str | None, other: str | None, flips: int, as_json: bool
) -> None:
    """Compare two benches and print what changed, the differences and some problems that flipped."""
    from benchmarks.compare import compare_benches, read_bench

    found = compare_benches(read_bench(first), read_bench(second), label, other)
    if as_json:
        print(json.dumps(found.to_row(), ensure_ascii=False))
        return
    for table in _tables(found, flips):
        if table.rows:
            print_table(table)
    print(
        "Intervals are 95 %. Points: McNemar's exact test at 5 %, each task by itself. Time: bootstrap over problems."
    )


def _tables(found: "BenchComparison", flips: int) -> Iterator[Table]:
    changes = dict.fromkeys(change for task in found.tasks for change in task.changes)
    yield _change_table([*changes, *found.changes])
    for task in found.tasks:
        yield difference_table(task)
        yield _flip_table(task, flips)


def _change_table(changes: "Sequence[Change]") -> Table:
    rows = tuple((change.what, change.first, change.second) for change in changes)
    return Table("What changed", ("what", "first", "second"), rows, texts=3)


def difference_table(task: "TaskComparison") -> Table:
    """Accuracy and time of both on the same problems, and whether the difference is more than noise."""
    from benchmarks.report.findings import p_value, percent, points
    from benchmarks.report.frontier import time_text

    paired, time, seen = task.paired, task.time, "more than noise"
    if not paired.significant:
        from benchmarks.report.findings import smallest_told

        smallest = smallest_told(paired)
        seen = (
            "noise (so few would show nothing)"
            if smallest == "none"
            else f"noise ({smallest} points would have shown)"
        )
    rows = [
        (
            "right",
            *(
                percent((paired.both + only) / max(1, paired.n))
                for only in (paired.only_first, paired.only_second)
            ),
            f"{points(paired.gain)} points ({points(paired.interval.low)} to {points(paired.interval.high)}), "
            f"{p_value(paired.p)}: {seen}",
        ),
        ("only this one right", str(paired.only_first), str(paired.only_second), ""),
    ]
    if time:
        means = (time_text(ms / 1000) for ms in task.mean_ms)
        told = "more than noise" if time.significant else "noise"
        rows.append(
            (
                "time an answer, mean",
                *means,
                f"× {time.value:.2f} ({time.low:.2f} to {time.high:.2f}): {told}",
            )
        )
    who = task.first if task.first == task.second else f"{task.first} → {task.second}"
    return Table(
        f"{task.task}, {who}, n = {paired.n}",
        ("", "first", "second", "second against first"),
        tuple(rows),
        texts=1,
    )


def _flip_table(task: "TaskComparison", limit: int) -> Table:
    gained = sum(flip.gained for flip in task.flips)
    left = len(task.flips) - limit
    rows = tuple(
        (
            "gained" if flip.gained else "lost",
            flip.id,
            flip.question
            if len(flip.question) <= QUESTION_CHARACTERS
            else f"{flip.question[:QUESTION_CHARACTERS]} …",
            flip.gold,
            flip.first or "–",
            flip.second or "–",
        )
        for flip in task.flips[:limit]
    )
    return Table(
        f"Flipped on {task.task}: {gained} gained, {len(task.flips) - gained} lost",
        ("", "id", "question", "gold", "first", "second"),
        rows,
        f"{left} more; --flips shows more of them, --json all." if left > 0 else "",
        texts=3,
    )
