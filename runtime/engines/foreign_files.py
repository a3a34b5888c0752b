"""Files that are not what they should be: a page saved under a model's name, and one whose bytes have another hash."""

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path

from runtime.values.environment import home_folder
from runtime.values.errors import InputError
from runtime.values.manifest import file_sha256

# How a file begins that was saved in a model's place.
_BEGINNINGS = {
    b"<!doctype": "an HTML page",
    b"<html": "an HTML page",
    b"<?xml": "an XML page",
    b"version https://git-lfs": "a Git LFS pointer, which only names the model",
    b"pk\x03\x04": "a zip archive",
}
_HEAD_BYTES = 512
# Hashing takes a second for 200 MB on a small device, so a file that has not changed since is not hashed again.
FOLDER = "verified"
_MOST_REMEMBERED = 256


def what_it_looks_like(file: Path) -> str:
    """What a file is by its first bytes, where that is plainly no model; empty otherwise."""
    with file.open("rb") as opened:
        head = opened.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not file.stat().st_size:
        return "empty"
    return next((name for start, name in _BEGINNINGS.items() if head.startswith(start)), "")


def check_hashes(folder: Path, files: Mapping[str, str], promised_by: str) -> None:
    """Raise InputError, naming the first file of a folder that has another hash than `promised_by` names.

    `files` maps names to sha256; one that is missing is left to who opens it, and an empty hash promises nothing.
    """
    for name, expected in files.items():
        file = folder / name
        if not expected or not file.is_file() or _is_remembered(file, expected):
            continue
        found = file_sha256(file)
        if found != expected:
            looks = what_it_looks_like(file)
            what = f"is {looks}" if looks else f"has {file.stat().st_size:,} bytes and the sha256 {found}"
            raise InputError(
                f"{file} {what}; expected: the sha256 {expected[:64]} of {promised_by}, copy or get it again"
            )
        _remember(file, expected)


def _mark(file: Path, expected: str) -> Path:
    """The empty file that says that this very file, unchanged since, had this hash."""
    stat = file.stat()
    words = f"{file.resolve()} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino} {expected}"
    return home_folder() / FOLDER / hashlib.sha256(words.encode()).hexdigest()


def _is_remembered(file: Path, expected: str) -> bool:
    try:
        return _mark(file, expected).is_file()
    except OSError:
        return False


def _remember(file: Path, expected: str) -> None:
    """Where nothing can be written, the file is hashed again the next time."""
    with contextlib.suppress(OSError):
        mark = _mark(file, expected)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        marks = sorted(mark.parent.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in marks[_MOST_REMEMBERED:]:
            old.unlink(missing_ok=True)
