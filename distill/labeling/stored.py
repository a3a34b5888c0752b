"""Stored rationales, read as a stream: a JSONL file, one of our own rationale sets, or a data set of the hub.

A file's rows spell question, answer, text, thought and teacher by names of their own; `ReplaySettings` maps them. A row
that cannot be used is no error but a fault that the ledger counts; a field that is not there is the user's mistake.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.tasks.hub import dataset_rows
from benchmarks.tasks.licenses import UNSTATED
from benchmarks.tasks.loading import final_number
from distill.labeling.origins import Origin, Origins, text_license
from distill.labeling.rationale_set import ROWS_FILE, read_set_manifest
from distill.labeling.settings import ReplaySettings
from distill.teachers.replay import Stored
from runtime.values.answers import format_value
from runtime.values.environment import data_folder
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl

HUB = "hub:"
SUFFIXES = (".jsonl", ".jsonl.gz")
# How rows spell the text: stored files, and our own sets.
TEXT_FIELDS = ("rationale", "text")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredRationales:
    """Rationales to be read as often as one likes. `count` tells how many there are, which may mean reading them."""

    read: Callable[[], Iterator[Stored]]
    count: Callable[[], int]


def open_stored(source: str, settings: ReplaySettings, origins: Origins) -> StoredRationales:
    """The rationales of a `.jsonl` file, a rationale set's folder, `hub:OWNER/NAME`, or a name in EDGETHOUGHT_DATA.

    Raises InputError saying what is allowed.
    """
    if source.startswith(HUB):
        name = source.removeprefix(HUB)
        rows: Callable[[], Iterator[Row]] = partial(
            dataset_rows, name, settings.split, settings.config or None
        )
        count = partial(_count, rows)
    else:
        file = _file(source)
        name = file.name.partition(".jsonl")[0] if file.name != ROWS_FILE else file.parent.name
        rows, count = partial(read_jsonl, file), partial(_count_lines, file)

    def read() -> Iterator[Stored]:
        for number, row in enumerate(rows(), start=1):
            yield stored_row(row, f"{name}#{number}", settings, origins)

    return StoredRationales(read, count)


def stored_files() -> list[str]:
    """Names of the rationale files in EDGETHOUGHT_DATA/rationales."""
    folder = data_folder()
    found = [path.name for path in (folder / "rationales").glob("*.jsonl*")] if folder else []
    return sorted(name.partition(".jsonl")[0] for name in found)


def _file(source: str) -> Path:
    path = Path(source).expanduser()
    if path.is_dir():
        read_set_manifest(path)
        return path / ROWS_FILE
    if source.endswith(SUFFIXES):
        return path
    if source in stored_files():
        folder = data_folder()
        assert folder is not None
        return next(
            file for suffix in SUFFIXES if (file := folder / f"rationales/{source}{suffix}").is_file()
        )
    known = ", ".join(stored_files()) or "none in EDGETHOUGHT_DATA/rationales"
    raise InputError(
        f"no stored rationales {source!r}; expected: a .jsonl file, a folder that `distill label` wrote, hub:OWNER/NAME, "
        f"or a stored file ({known})"
    )


def _count_lines(path: Path) -> int:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
    except FileNotFoundError as error:
        raise InputError(f"no file {path}; expected: one JSON object a line") from error
    except gzip.BadGzipFile as error:
        raise InputError(f"{path} is no gzip file; expected: one JSON object a line") from error


def _count(rows: Callable[[], Iterator[Row]]) -> int:
    return sum(1 for _ in rows())


def stored_row(row: Row, place: str, settings: ReplaySettings, origins: Origins) -> Stored:
    """One row as a stored problem; raises InputError naming a field that is not there."""
    question = _field(row, settings.question, "question", place)
    answer, fault = _answer(_field(row, settings.answer, "answer", place), place)
    named = settings.text or next((known for known in TEXT_FIELDS if known in row), TEXT_FIELDS[0])
    text = _field(row, named, "text", place)
    thought = settings.thought or _field(row, "thought", "thought", place)
    if not isinstance(text, str) or not text.strip():
        text, fault = "", "no_text"
    if not isinstance(question, str) or not question.strip():
        question, fault = "", "no_question"
    if settings.only and _field(row, settings.only, "only", place) is not True:
        fault = "not_chosen"
    teacher = settings.teacher or str(row.get("teacher") or "unknown")
    license = row.get("license") or row.get("licence")
    own = row.get("text_license") or row.get("text_licence")
    stated = str(own or settings.license or license or "")
    origin = origins.find(question) or Origin(  # in no public training set: from where its row says
        "", str(row.get("source") or place), str(license or stated or UNSTATED)
    )
    return Stored(
        id=str(row.get("id", place)),
        question=question,
        answer=answer,
        source=origin.source,
        license=origin.license,
        thought=str(thought),
        text=text,
        teacher=teacher,
        text_source=str(row.get("text_source") or row.get("source") or place),
        text_license=text_license(teacher, stated),
        task=origin.task,
        fault=fault,
    )


def _field(row: Row, name: str, setting: str, place: str) -> object:
    if name not in row:
        raise InputError(
            f"{place} has no field {name!r}; it has {', '.join(row) or 'none'}; "
            f"expected: that one of them is named, --set replay.{setting}=..."
        )
    value: object = row[name]
    return value


def _answer(value: object, place: str) -> tuple[str | None, str]:
    """A gold answer as printed, and what is wrong with it."""
    if value is None:
        return None, "no_gold"
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return format_value(Fraction(str(value))), ""
    try:
        return final_number(str(value), place), ""
    except InputError:
        return None, "answer_no_number"
