"""Files that stages hand to each other, written whole or not at all, and folders that one process holds at a time."""

import errno
import fcntl
import gzip
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO

from runtime.values.errors import InputError

LOCK_FILE = ".lock"
# What the system says where no more can be written.
DISK_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
# UTF-8, whether a file begins with a byte order mark or not.
WITH_MARK = "utf-8-sig"


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Each line of a `.jsonl` or `.jsonl.gz` file as a dict; raises InputError naming the line that is none."""
    try:
        with _open_text(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parse_line(line, path, number)
    except FileNotFoundError as error:
        raise InputError(f"no file {path}; expected: a .jsonl file") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder; expected: a .jsonl file") from error
    except (UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is not UTF-8 text; expected: one JSON object a line") from error


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding=WITH_MARK)
    return path.open(encoding=WITH_MARK)


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
    count = 0
    with whole_file(path) as partial, partial.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write one JSON object to a file, whole or not at all."""
    with whole_file(path) as partial:
        partial.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def appending(path: Path, *, start: bytes, foreign: str) -> Iterator[BinaryIO]:
    """Open a file of lines at its end, for this process alone, without a line that a killed run left half written.

    Every line of ours begins with `start`; half a line of anything else raises InputError, the path and `foreign`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise InputError(
            f"cannot write {path} ({error.strerror}); expected: a file in a folder of yours"
        ) from error
    with naming(path), file:
        hold(file, f"another run is writing {path}; wait for it, or choose another file")
        end = _whole_lines(file)
        file.seek(end)
        if not start.startswith(file.read(len(start))):
            raise InputError(f"{path} {foreign}")
        file.truncate(end)
        yield file


def _whole_lines(file: BinaryIO) -> int:
    """How many bytes of a file are complete lines."""
    end = file.seek(0, 2)
    while end > 0:
        start = max(0, end - 65536)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have an error of writing say which file it was: the system names a file that is opened, not one that is full."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in DISK_FULL:
            error.filename = str(path)
        raise


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write a file that is to appear at `path` whole or not at all, whatever ends this process or its power."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    try:
        with naming(path):
            yield partial
            with partial.open("rb") as written:
                os.fsync(written.fileno())
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Where to write a folder that is to take the place of `folder` whole or not at all; it is not there yet."""
    partial = folder.with_name(folder.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with naming(folder):
            yield partial
            shutil.rmtree(folder, ignore_errors=True)
            partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_own_folder(folder: Path, marks: Collection[str]) -> None:
    """Raise InputError for a file, and for a folder that holds other things than a command writes there.

    A folder is ours that is not there yet, is empty, or holds one of `marks`, names that such a command leaves.
    """
    if folder.is_file():
        raise InputError(f"{folder} is a file; expected: a folder, or the name of a new one")
    names = (
        sorted(path.name for path in folder.iterdir() if path.name != LOCK_FILE) if folder.is_dir() else []
    )
    if names and not set(marks) & set(names):
        raise InputError(
            f"{folder} holds other things ({', '.join(names[:3])}{', …' if len(names) > 3 else ''}); expected: a new "
            "folder, or one that this command has begun"
        )


@contextmanager
def locked(folder: Path, expected: str = "wait for it, or another --out") -> Iterator[None]:
    """Hold a folder, made where it is missing; a kill lets go of it.

    Raises InputError when another run works in it; `expected` says what to do then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_FILE).open("w") as lock:
        hold(lock, f"another run works in {folder}; expected: {expected}")
        yield


def hold(file: IO[Any], taken: str) -> None:
    """Lock an open file for this process until it is closed; raises InputError, `taken`, when another has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise InputError(taken) from error
