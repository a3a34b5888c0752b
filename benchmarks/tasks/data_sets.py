"""What `edgethought data list` and `data show` print: counts, licences, known label faults, leakage, a few rows."""

import hashlib
from itertools import islice

from benchmarks.tasks.catalogue import DEV_IDS_SHA256, TASKS
from benchmarks.tasks.leakage import is_here, leakage_table, leaks
from benchmarks.tasks.licenses import permitted
from benchmarks.tasks.loading import find_task, load_problems, read_ids, split_path
from benchmarks.tasks.robustness import robustness_tasks
from benchmarks.tasks.splits import Split
from benchmarks.tasks.table import Table
from benchmarks.tasks.task import SplitFile, Task

SHOWN = 3


def list_data() -> Table:
    """Every task: splits with row counts, licence, whether a shipped model may learn from it, what is missing."""
    return Table(
        "Data sets",
        ("task", "train", "dev", "test", "license", "may ship", "kind", "here"),
        tuple(map(_list_row, [*TASKS.values(), *map(find_task, robustness_tasks())])),
        "'May ship': the licence is on the allow-list, so a model that is given away may learn from it. "
        "Scoring is not learning. 'Here': the files are in EDGETHOUGHT_DATA or were fetched by `data prepare`.",
    )


def _list_row(task: Task) -> tuple[str, ...]:
    rows = {split.value: str(part.rows) for split, part in task.splits.items()}
    here = [is_here(part) for part in task.splits.values()]
    return (
        task.name,
        *(rows.get(split, "–") for split in ("train", "dev", "test")),
        task.license,
        "yes" if _may_ship(task) else "no",
        task.kind,
        "yes" if all(here) else "in part" if any(here) else "no",
    )


def _may_ship(task: Task) -> bool:
    """Whether a shipped model may learn from a task; from a robustness set nobody may."""
    return permitted(task.license, "ship") and task.name in TASKS


def show_data(name: str) -> list[Table]:
    """One task in full; raises InputError for an unknown name. Counts rows, so its files must be there for that."""
    task = find_task(name)
    tables = [_about(task), _split_table(task)]
    if task.faults:
        rows = tuple((fault.what, ", ".join(fault.ids) or "–") for fault in task.faults)
        tables.append(Table("Known label faults", ("what", "rows"), rows, texts=2))
    here = [split for split, part in task.splits.items() if is_here(part)]
    if here:
        tables.append(leakage_table(leaks(name)))
        tables.append(_example_table(name, here[0]))
    return [table for table in tables if table.rows]


def _about(task: Task) -> Table:
    rows = (
        ("origin", task.origin),
        ("published", task.published),
        ("license", task.license),
        (
            "may ship",
            "yes"
            if _may_ship(task)
            else "no: only with the licence policy `research`"
            if task.name in TASKS
            else "no: for scoring alone",
        ),
        ("kind", task.kind),
        ("on the hub", task.hub.path or "–" if task.hub else "–"),
    )
    return Table(task.name, ("what", "which"), rows, texts=2)


def _split_table(task: Task) -> Table:
    rows = []
    for split, part in task.splits.items():
        count = sum(1 for _ in load_problems(task.name, split)) if is_here(part) else None
        note = _dev_note(part) if part.ids_from and part.keep_listed and count is not None else ""
        rows.append((split.value, part.stem, str(part.rows), "–" if count is None else str(count), note))
    return Table("Splits", ("split", "file", "expected rows", "rows here", "note"), tuple(rows), texts=2)


def _dev_note(part: SplitFile) -> str:
    """Whether the dev ids are the published ones: figures on another choice do not compare."""
    ids = read_ids(split_path(part).parent / str(part.ids_from))
    digest = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()
    return "the published ids" if digest == DEV_IDS_SHA256 else "a choice of our own, not the published ids"


def _example_table(name: str, split: Split) -> Table:
    rows = tuple(
        (problem.id, problem.question, problem.answer or "–")
        for problem in islice(load_problems(name, split), SHOWN)
    )
    return Table(f"The first {SHOWN} of {split.value}", ("id", "question", "answer"), rows, texts=2)
