"""Files that stages hand to each other, written whole or not at all, and folders that one process holds at a time."""

import fcntl
import gzip
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from runtime.values.errors import InputError

LOCK_FILE = ".lock"


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Each line of a `.jsonl` or `.jsonl.gz` file as a dict; raises InputError naming the line that is none."""
    try:
        with _open_text(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parse_line(line, path, number)
    except FileNotFoundError as error:
        raise InputError(f"no file {path}") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder; expected: a .jsonl file") from error
    except (UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is not UTF-8 text; expected: one JSON object a line") from error


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _parse_line(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{path} line {number} is no JSON; expected: one JSON object a line") from error
    if not isinstance(row, dict):
        raise InputError(f"{path} line {number} is {type(row).__name__}; expected: one JSON object a line")
    return row


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows to a new file, whole or not at all; returns how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    count = 0
    with partial.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
    return count


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write one JSON object to a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder, made where it is missing; raises InputError when another run works in it. A kill lets go of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"another run works in {folder}; expected: wait for it, or another --out"
            ) from error
        yield
