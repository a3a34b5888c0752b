"""Any other data set: from the hub or from a file, by saying how its rows spell question and answer.

Rows are written in our format, each marked with its split and licence: a row marked as anything but `train` is refused
where a student is trained.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.tasks.catalogue import SCORING_COPIES, TASKS
from benchmarks.tasks.fields import Fields
from benchmarks.tasks.hub import Prepared, check_not_itself, dataset_rows, our_row, write_known
from benchmarks.tasks.loading import FILE_ENDINGS
from runtime.values.environment import home_folder
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl

HUB_PREFIXES = ("hub:", "hf:")
# Files that `datasets` reads, with its name for the way.
BUILDERS = {".csv": "csv", ".json": "json", ".parquet": "parquet"}
TRAIN_MARK, TEST_MARK = "train", "test"


def prepare_external(
    source: str,
    spelling: Fields,
    *,
    split: str = TEST_MARK,
    config: str | None = None,
    license: str = "unstated",
    out: Path | None = None,
) -> Prepared:
    """Write `hub:OWNER/NAME`, a local folder that `datasets` opens, or a file, in our format.

    `split` is the hub's name; for a file it only says how the rows are marked. By default the result goes to
    EDGETHOUGHT_HOME/data. Raises InputError when a field is not there or no row has a number for an answer.
    """
    name = _plain_name(source)
    mark = TRAIN_MARK if split.partition("[")[0] == TRAIN_MARK else TEST_MARK
    path = out or home_folder() / "data" / f"{name}-{_plain(split)}.jsonl"
    _check_path(path)
    check_not_itself(path, Path(source).expanduser())
    first = ""

    def ours() -> Iterator[dict[str, Any] | None]:
        nonlocal first
        for number, row in enumerate(_rows(source, split, config), start=1):
            first = first or str(row.get(spelling.answer))
            found = our_row(
                row,
                spelling,
                place=f"row {number} of {name}",
                id=f"{name}-{number:06}",
                source=f"{name}#{number}",
                advice=", --fields says which",
            )
            yield found and {**found, "license": license, "split": mark}

    made = write_known(path, ours(), mark)
    if not made.rows:
        raise InputError(
            f"none of {made.left_out} rows of {source} has one number in {spelling.answer!r}; "
            f"the first reads {first[:60]!r}; expected: the field with the number, --fields answer=NAME"
        )
    return made


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
