"""Batch: a file of questions in, a file of solutions out. Stopping and starting again loses nothing.

The whole input is checked before the first answer is written, so a bad line costs one message and no work.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from runtime.answering.questions.text import plain_question
from runtime.values.errors import InputError
from runtime.values.files import appending, read_jsonl
from runtime.values.prompt import checked_question
from runtime.values.solution import Solution

RowId = str | int
# Solutions of some questions, in their order.
AnswerBatch = Callable[[Iterable[str]], Iterator[Solution]]
# How every line of an output begins.
_LINE_START = b'{"id": '
_JSON = 'one {"question": "..."} a line'
_ONE_A_ROW = {".csv": "a column question", ".txt": "one question a line"}
_NO_SOLUTIONS = "holds other things than solutions; expected: a new file, or one `solve` wrote"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the input: its id (the line's number where it names none) and the question."""

    id: RowId
    question: str
    number: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch has come: `done` of `total` rows, of which `skipped` were finished by an earlier run."""

    done: int
    total: int
    skipped: int
    row_id: RowId
    solution: Solution


def read_rows(file: Path) -> list[Row]:
    """Every question of a file: JSON lines of `{"id"?, "question"}`, `.csv` with such columns, `.txt` with one a line.

    Raises InputError naming the first row that is wrong.
    """
    rows: list[Row] = []
    lines: dict[RowId, int] = {}
    read = {".csv": _read_csv, ".txt": _read_lines}.get(file.suffix.lower(), read_jsonl)
    for number, values in enumerate(read(file), start=1):
        row = _read_row(values, number, f"{file} row {number}")
        if row.id in lines:
            raise InputError(
                f"{file} row {number}: id {row.id!r} is already row {lines[row.id]}'s; expected: one of its own"
            )
        lines[row.id] = number
        rows.append(row)
    if not rows:
        raise InputError(f"{file} holds no question; expected: {_ONE_A_ROW.get(file.suffix.lower(), _JSON)}")
    return rows


def _read_csv(file: Path) -> Iterator[dict[str, object]]:
    with _text(file) as text:
        table = csv.DictReader(text, strict=True)
        names = [name.strip().lower() for name in table.fieldnames or ()]
        if "question" not in names:
            raise InputError(
                f"{file} has the columns {', '.join(names) or 'of nothing'}; expected: question, and id if you like"
            )
        table.fieldnames = names
        try:
            yield from ({**row} for row in table)
        except csv.Error as error:
            raise InputError(
                f"{file} is no CSV after line {table.line_num} ({error}); expected: commas and double quotes"
            ) from error


def _read_lines(file: Path) -> Iterator[dict[str, object]]:
    with _text(file) as text:
        yield from (
            {"id": number, "question": line} for number, line in enumerate(text, start=1) if line.strip()
        )


@contextmanager
def _text(file: Path) -> Iterator[TextIO]:
    """A text file that may begin with a byte order mark; raises InputError for one that is none."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield text
    except FileNotFoundError as error:
        raise InputError(f"no file {file}; expected: questions in .jsonl, .csv or .txt") from error
    except IsADirectoryError as error:
        raise InputError(f"{file} is a folder; expected: a file of questions") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text; expected: {_ONE_A_ROW[file.suffix.lower()]}") from error


def _read_row(values: dict[str, object], number: int, where: str) -> Row:
    row_id = values.get("id", number)
    if isinstance(row_id, bool) or not isinstance(row_id, str | int):
        raise InputError(f"{where}: id is {json.dumps(row_id)[:40]}; expected: text or a whole number")
    question = values.get("question")
    if not isinstance(question, str):
        raise InputError(f'{where} has no question; expected: {{"question": "..."}}, with an id if you like')
    try:
        return Row(row_id, checked_question(plain_question(question)), number)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def finished_ids(out: Path, rows: Iterable[Row] = ()) -> set[RowId]:
    """The ids that an earlier run wrote to `out`.

    Raises InputError when the file is something else, or has the answer to another question under the id of one of
    these rows.
    """
    if not out.exists():
        return set()
    asked = {row.id: row.question for row in rows}
    finished: set[RowId] = set()
    for row in read_jsonl(out):
        row_id = row.get("id")
        if not _is_solution(row, out) or not isinstance(row_id, str | int):
            continue
        finished.add(row_id)
        answered = row.get("question")
        if isinstance(answered, str) and answered != asked.get(row_id, answered):
            raise InputError(
                f"{out} answers {answered[:40]!r} as {row_id!r}, which is {asked[row_id][:40]!r} now; expected: the "
                "questions that it was begun with, or another --out"
            )
    return finished


def _is_solution(row: dict[str, object], out: Path) -> bool:
    if "id" not in row or "status" not in row:
        raise InputError(f"{out} {_NO_SOLUTIONS}")
    return True


def answer_rows(rows: list[Row], out: Path, answer_batch: AnswerBatch) -> Iterator[Progress]:
    """Append one solution a row to `out` in input order, skipping finished ids; yields after each row.

    `answer_batch` is handed the questions and gives their solutions in the same order. Each line is on its way to the
    disk before the next is asked for, so a killed run loses only the rows that were being written.
    """
    with appending(out, start=_LINE_START, foreign=_NO_SOLUTIONS) as file:
        finished = finished_ids(out, rows)
        todo = [row for row in rows if row.id not in finished]
        skipped = len(rows) - len(todo)
        solutions = answer_batch(row.question for row in todo)
        for done, (row, solution) in enumerate(zip(todo, solutions, strict=True), start=skipped + 1):
            line = json.dumps(
                {"id": row.id, "question": row.question, **solution.to_row()}, ensure_ascii=False
            )
            file.write(line.encode("utf-8", "backslashreplace") + b"\n")
            file.flush()
            yield Progress(done, len(rows), skipped, row.id, solution)
