"""Any other data set: from the hub or from a file, by saying how its rows spell question and answer.

Rows are written in our format, each marked with its split and licence: a row marked as anything but `train` is refused
where a student is trained.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.tasks.catalogue import SCORING_COPIES, TASKS
from benchmarks.tasks.fields import Fields
from benchmarks.tasks.hub import canonical_answer, dataset_rows
from benchmarks.tasks.loading import FILE_ENDINGS
from runtime.values.environment import home_folder
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_jsonl

HUB_PREFIXES = ("hub:", "hf:")
# Files that `datasets` reads, with its name for the way.
BUILDERS = {".csv": "csv", ".json": "json", ".parquet": "parquet"}
TRAIN_MARK, TEST_MARK = "train", "test"


@dataclass(frozen=True, slots=True)
class PreparedData:
    """What was written: the file, its rows, how they are marked, and how many had no single number for an answer."""

    path: Path
    rows: int
    mark: str
    left_out: int


def prepare_foreign(
    source: str,
    spelling: Fields,
    *,
    split: str = TEST_MARK,
    config: str | None = None,
    licence: str = "unstated",
    out: Path | None = None,
) -> PreparedData:
    """Write `hub:OWNER/NAME`, a local folder that `datasets` opens, or a file, in our format.

    `split` is the hub's name; for a file it only says how the rows are marked. By default the result goes to
    EDGETHOUGHT_HOME/data. Raises InputError when a field is not there or no row has a number for an answer.
    """
    name = _plain_name(source)
    mark = TRAIN_MARK if split.partition("[")[0] == TRAIN_MARK else TEST_MARK
    path = out or home_folder() / "data" / f"{name}-{_plain(split)}.jsonl"
    _check_path(path)
    seen, first = 0, ""

    def ours() -> Iterator[dict[str, Any]]:
        nonlocal seen, first
        for number, row in enumerate(_rows(source, split, config), start=1):
            seen, first = number, first or str(row.get(spelling.answer))
            if (found := _our_row(row, spelling, name, number)) is not None:
                yield {**found, "licence": licence, "split": mark}

    written = write_jsonl(path, ours())
    if not written:
        path.unlink()
        raise InputError(
            f"none of {seen} rows of {source} has one number in {spelling.answer!r}; the first reads {first[:60]!r}"
        )
    return PreparedData(path, written, mark, seen - written)


def _rows(source: str, split: str, config: str | None) -> Iterator[dict[str, Any]]:
    if source.startswith(HUB_PREFIXES):
        return dataset_rows(source.partition(":")[2], split, config)
    path = Path(source).expanduser()
    if source.endswith(FILE_ENDINGS):
        return read_jsonl(path)
    if path.is_dir():
        return dataset_rows(str(path), split, config)
    if path.suffix in BUILDERS and path.is_file():
        return dataset_rows(BUILDERS[path.suffix], "train", file=path)
    raise InputError(
        f"data set {source!r}; expected: {', '.join(TASKS)}, hub:OWNER/NAME, a folder that `datasets` opens, or a file "
        f"that is there and ends in {', '.join((*FILE_ENDINGS, *BUILDERS))}"
    )


def _our_row(row: dict[str, Any], spelling: Fields, name: str, number: int) -> dict[str, Any] | None:
    """A foreign row in our format, None where its answer is not one number; InputError when a field is not there."""
    for field in (*spelling.question_parts, spelling.answer):
        if field not in row:
            raise InputError(
                f"row {number} of {name} has no {field!r}; it has {', '.join(row)}; say --fields"
            )
    answer = canonical_answer(str(row[spelling.answer]))
    question = " ".join(
        str(row[field]).strip() for field in spelling.question_parts if row[field] is not None
    )
    if answer is None or not question:
        return None
    return {
        "id": _text(row, spelling.id) or f"{name}-{number:06}",
        "question": question,
        "answer": answer,
        "solution": _text(row, spelling.solution),
        "equation": _text(row, spelling.equation),
        "source": f"{name}#{number}",
    }


def _text(row: dict[str, Any], field: str | None) -> str | None:
    value = row.get(field) if field else None
    return None if value is None else str(value)


def _plain_name(source: str) -> str:
    if source.startswith(HUB_PREFIXES):
        return _plain(source.partition(":")[2])
    return _plain(Path(source).expanduser().resolve().name.partition(".")[0])


def _plain(text: str) -> str:
    """A name as part of a file's name: letters, digits, dot, dash and underscore."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._") or "data"


def _check_path(path: Path) -> None:
    if not path.name.endswith(FILE_ENDINGS[0]):
        raise InputError(f"out {path}; expected: a file that ends in {FILE_ENDINGS[0]}")
    stems = {part.stem for task in TASKS.values() for part in task.splits.values()}
    if path.stem in stems | set(SCORING_COPIES):
        raise InputError(f"{path} is the name of a known data set's file; expected: another name")
