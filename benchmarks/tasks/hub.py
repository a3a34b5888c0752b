"""The catalogue's data sets from the Hugging Face hub, through `datasets` where it is installed, in our format.

Fetching data sets and asking endpoints is all that this package does over the network, and only when it is told to.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.tasks.catalogue import DEV_IDS
from benchmarks.tasks.fields import READERS, AnswerForm, Fields
from benchmarks.tasks.loading import find_task
from benchmarks.tasks.splits import TEST, Split
from benchmarks.tasks.task import HubSource, Task
from runtime.solver.solver import Solver
from runtime.values.environment import home_folder
from runtime.values.errors import InputError, MissingExtra, WorkFailed
from runtime.values.files import read_jsonl, write_jsonl

DEV_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was written: the file, its rows, how many had no single number for an answer, which split they are."""

    path: Path
    rows: int
    left_out: int
    mark: str


def hub_rows(source: HubSource, split: Split) -> Iterator[dict[str, Any]]:
    """Raw rows of a catalogued hub data set's split; raises MissingExtra, InputError or WorkFailed."""
    if not source.path:
        raise InputError(
            "the data set is not on the hub in a form we read; expected: --file, its authors' own"
        )
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


def file_rows(path: Path, spelling: Fields) -> Iterator[dict[str, Any]]:
    """Raw rows of a data set's own file: `.jsonl`, `.json` (an array, or lines), `.tsv` of question and answer, or what
    `datasets` opens (`.csv`, `.parquet`). Raises InputError for a file that is not there or none of these.
    """
    if not path.is_file():
        raise InputError(f"no file {path}; expected: the data set's own file")
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from read_jsonl(path)
    elif path.suffix == ".json":
        text = path.read_text(encoding="utf-8")
        yield from _array(text, path) if text.lstrip().startswith("[") else read_jsonl(path)
    elif path.suffix == ".tsv":
        for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
            yield dict(zip((spelling.question, spelling.answer), line.split("\t"), strict=False))
    elif path.suffix in (".csv", ".parquet"):
        yield from dataset_rows(path.suffix.removeprefix("."), "train", file=path)
    else:
        raise InputError(f"file {path}; expected: .jsonl, .json, .tsv, .csv or .parquet")


def _array(text: str, path: Path) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = json.loads(text)
    except ValueError as error:
        raise InputError(f"{path} is no JSON ({error}); expected: an array of rows") from error
    return rows


def our_row(
    row: dict[str, Any],
    spelling: Fields,
    *,
    place: str,
    id: str,
    source: str,
    advice: str = "",
    form: AnswerForm = "printed",
    solver: Solver | None = None,
) -> dict[str, Any] | None:
    """A foreign row in our format, None where its answer is not one number or its question is empty.

    `id` is for a row that has none; programs are run by `solver`. Raises InputError, naming the row's `place`, for a
    missing field.
    """
    if not isinstance(row, dict):
        raise InputError(f"{place} is {str(row)[:40]!r}; expected: an object with the fields of a row")
    for field in (*spelling.question_parts, spelling.answer):
        if field not in row:
            raise InputError(
                f"{place} has no {field!r}; it has {', '.join(row) or 'nothing'}; expected: it, or fields that are "
                f"there{advice}"
            )
    answer, question = READERS[form](row, spelling, solver), spelling.question_of(row)
    if answer is None or not question:
        return None
    return {
        "id": spelling.text(row, spelling.id) or id,
        "question": question,
        "answer": answer,
        "solution": spelling.text(row, spelling.solution),
        "equation": _equation(row, spelling),
        "source": source,
    }


def _equation(row: dict[str, Any], spelling: Fields) -> str | None:
    """A row's formula, also where it is the only one of a list."""
    value = row.get(spelling.equation) if spelling.equation else None
    if isinstance(value, list):
        return str(value[0]) if len(value) == 1 else None
    return None if value is None else str(value)


def write_known(path: Path, rows: Iterable[dict[str, Any] | None], mark: str) -> Prepared:
    """Write the rows that are one, and count the others; without any, what is there already stays as it is."""
    left_out = 0

    def known() -> Iterator[dict[str, Any]]:
        nonlocal left_out
        for row in rows:
            if row is None:
                left_out += 1
            else:
                yield row

    found = known()
    first = next(found, None)
    return Prepared(path, 0 if first is None else write_jsonl(path, chain([first], found)), left_out, mark)


def check_not_itself(path: Path, source: Path) -> None:
    """Raise InputError where what is written would take the place of what is read, by whatever name."""
    if path.exists() and source.exists() and path.samefile(source):
        raise InputError(f"{source} would be written over itself; expected: --out with another file")


def prepare(
    name: str,
    folder: Path | None = None,
    source: HubSource | None = None,
    *,
    file: Path | None = None,
    split: Split = TEST,
) -> list[Prepared]:
    """Fetch a task's splits into `folder` (default `~/.edgethought/data`), where the loaders find them.

    `file`, the data set's own, is read as one `split` in the place of the hub. Raises InputError where no row is of use.
    """
    task = find_task(name)
    source = source or task.hub
    if source is None:
        raise InputError(
            f"{name} is not on the hub in a form we read; expected: its files in EDGETHOUGHT_DATA"
        )
    folder = folder or home_folder() / "data"
    if file:
        if split not in source.splits:
            have = ", ".join(known.value for known in source.splits)
            raise InputError(f"task {name!r} has no {split.value} split in files; expected: {have}")
        check_not_itself(folder / f"{task.splits[split].stem}.jsonl", file)
        return [_written(task, source, split, folder, file_rows(file, source.spelling), str(file))]
    done = [_written(task, source, one, folder, hub_rows(source, one), source.path) for one in source.splits]
    if any(part.ids_from == DEV_IDS for part in task.splits.values()):
        _choose_dev(folder, done)
    return done


def _written(
    task: Task, source: HubSource, split: Split, folder: Path, rows: Iterable[dict[str, Any]], place: str
) -> Prepared:
    """One split's rows in our format, in the file where the loaders look for it."""
    stem = task.splits[split].stem
    with closing(Solver()) as solver:
        ours = (
            our_row(
                row,
                source.spelling,
                place=place,
                id=f"{stem}-{number:05}",
                source=f"{source.path or task.origin}#{stem}-{number:05}",
                form=source.form,
                solver=solver,
            )
            for number, row in enumerate(rows)
        )
        made = write_known(folder / f"{stem}.jsonl", ours, split.value)
    if not made.rows:
        raise InputError(
            f"none of {made.left_out} rows of {place} has a question with one number for an answer; "
            f"expected: {task.name} as its authors publish it"
        )
    return made


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
