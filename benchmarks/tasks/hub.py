"""The catalogue's data sets from the Hugging Face hub, through `datasets` where it is installed, in our format.

Fetching data sets and asking endpoints is all that this package does over the network, and only when it is told to.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.tasks.catalogue import DEV_IDS, HubSource, Task
from benchmarks.tasks.fields import Fields
from benchmarks.tasks.loading import find_task
from benchmarks.tasks.splits import Split
from runtime.values.answers import format_value, parse_answer
from runtime.values.environment import home_folder
from runtime.values.errors import InputError, MissingExtra, WorkFailed
from runtime.values.files import write_jsonl

DEV_ROWS = 1000
_UNIT = re.compile(r"\s*\([^)]*\)\s*$")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was written: the file, its rows, how many had no single number for an answer, which split they are."""

    path: Path
    rows: int
    left_out: int
    mark: str


def hub_rows(source: HubSource, split: Split) -> Iterator[dict[str, Any]]:
    """Raw rows of a catalogued hub data set's split; raises MissingExtra, InputError or WorkFailed."""
    if split not in source.splits:
        have = ", ".join(known.value for known in source.splits)
        raise InputError(f"{source.path} has no {split.value} split on the hub; expected: {have}")
    return dataset_rows(source.path, source.splits[split], source.config)


def dataset_rows(
    path: str, split: str, config: str | None = None, file: Path | None = None
) -> Iterator[dict[str, Any]]:
    """Raw rows of whatever `datasets` opens: a hub name, a folder, or `file` by its builder (`csv`, `json`, `parquet`).

    Raises MissingExtra without `datasets`, WorkFailed when it cannot open this.
    """
    try:
        import datasets
    except ImportError as error:
        raise MissingExtra("fetching data sets needs datasets: pip install datasets") from error
    try:
        rows = datasets.load_dataset(path, config, split=split, data_files=str(file) if file else None)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        first_line = str(error).partition("\n")[0]
        raise WorkFailed(f"could not read {file or path} through datasets: {first_line}") from error
    yield from rows


def our_row(
    row: dict[str, Any], spelling: Fields, *, place: str, id: str, source: str, advice: str = ""
) -> dict[str, Any] | None:
    """A foreign row in our format, None where its answer is not one number or its question is empty.

    `id` is for a row that has none. Raises InputError, naming the row's `place`, for a missing field.
    """
    for field in (*spelling.question_parts, spelling.answer):
        if field not in row:
            raise InputError(
                f"{place} has no {field!r}; it has {', '.join(row)}; expected: one of these{advice}"
            )
    answer, question = canonical_answer(str(row[spelling.answer])), spelling.question_of(row)
    if answer is None or not question:
        return None
    return {
        "id": spelling.text(row, spelling.id) or id,
        "question": question,
        "answer": answer,
        "solution": spelling.text(row, spelling.solution),
        "equation": spelling.text(row, spelling.equation),
        "source": source,
    }


def write_known(path: Path, rows: Iterable[dict[str, Any] | None], mark: str) -> Prepared:
    """Write the rows that are one, and count the others."""
    left_out = 0

    def known() -> Iterator[dict[str, Any]]:
        nonlocal left_out
        for row in rows:
            if row is None:
                left_out += 1
            else:
                yield row

    return Prepared(path, write_jsonl(path, known()), left_out, mark)


def canonical_answer(text: str) -> str | None:
    """`#### 1,200`, `9 (apples)` and `145.00` as `1200`, `9` and `145`; None for what is not one number."""
    printed = _UNIT.sub("", text.rpartition("####")[2].strip())
    try:
        return format_value(parse_answer(printed))
    except InputError:
        return None


def prepare(name: str, folder: Path | None = None, source: HubSource | None = None) -> list[Prepared]:
    """Fetch a task's splits into `folder` (default `~/.edgethought/data`), where the loaders find them."""
    task = find_task(name)
    source = source or task.hub
    if source is None:
        raise InputError(
            f"{name} is not on the hub in a form we read; expected: its files in EDGETHOUGHT_DATA"
        )
    folder = folder or home_folder() / "data"
    done = [_fetch(task, source, split, folder) for split in source.splits]
    if any(part.ids_from == DEV_IDS for part in task.splits.values()):
        _choose_dev(folder, done)
    return done


def _fetch(task: Task, source: HubSource, split: Split, folder: Path) -> Prepared:
    stem = task.splits[split].stem
    ids = map(f"{stem}-{{:05}}".format, count())
    rows = (
        our_row(row, source.spelling, place=source.path, id=id, source=f"{source.path}#{id}")
        for row, id in zip(hub_rows(source, split), ids, strict=False)
    )
    return write_known(folder / f"{stem}.jsonl", rows, split.value)


def _choose_dev(folder: Path, done: Iterable[Prepared]) -> None:
    """Without the published list of dev ids, a fixed choice of our own stands in; `data show` says which it is."""
    path = folder / DEV_IDS
    train = next((part.path for part in done if part.mark == "train"), None)
    if train is None or path.exists():
        return
    ids = [json.loads(line)["id"] for line in train.read_text(encoding="utf-8").splitlines()]
    chosen = sorted(sorted(ids, key=lambda id: hashlib.sha256(id.encode()).digest())[:DEV_ROWS])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(chosen), encoding="utf-8")
