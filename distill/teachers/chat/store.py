"""The reply store: every reply to every request, one JSON line each, appended once and never changed.

A line begins with the hash of its request, the run that paid for it and its tokens, in this order, so that opening a
store need not read the replies themselves. A line is with the system before anybody is told of the reply: a kill loses
nothing, a power cut the last half minute at most, and a line that either tore is cut off at the next opening. One
process holds a store at a time.
"""

import errno
import json
import os
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from distill.teachers.chat.offsets import OffsetTable, fingerprint
from runtime.values.environment import home_folder
from runtime.values.errors import InputError, WorkFailed
from runtime.values.files import LOCK_FILE, hold

REPLIES_FILE = "replies.jsonl"
_HEAD = re.compile(
    rb'\{"key": "([0-9a-f]{64})", "run": "([0-9a-f]*)", "input": (\d+), "output": (\d+), "cached": (\d+), '
)
_COPY = 1 << 20


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of a request and its reply; `cached` of the input were read before."""

    input: int = 0
    output: int = 0
    cached: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.input + self.output

    def plus(self, other: "TokenCount") -> "TokenCount":
        """Both together."""
        return TokenCount(self.input + other.input, self.output + other.output, self.cached + other.cached)


def check_store(chosen: str, setting: str) -> None:
    """Raise InputError where the folder that a setting chose for replies cannot be made; none is left behind."""
    if not chosen:
        return
    place = Path(chosen).expanduser()
    new = [folder for folder in (place, *place.parents) if not folder.exists()]
    try:
        place.mkdir(parents=True, exist_ok=True)
        for folder in new:
            folder.rmdir()
    except OSError as error:
        told = f"{setting}={chosen} cannot be made ({error.strerror})"
        raise InputError(f"{told}; expected: a folder of yours") from error


def replies_folder(chosen: str, name: str, identity: str) -> Path:
    """Where a model's replies are kept: in the folder that was chosen, else at home; `identity` tells it from others."""
    home = Path(chosen).expanduser() if chosen else home_folder() / "replies"
    readable = "".join(c if c.isalnum() or c in "-._" else "_" for c in name)[:80]
    return home / f"{readable}-{sha256(identity.encode()).hexdigest()[:12]}"


class ReplyStore:
    """A context manager. One thread may append while others read; `setting` is what names another folder."""

    def __init__(self, folder: Path, setting: str) -> None:
        self.folder, self._setting = folder, setting
        self.path = folder / REPLIES_FILE
        self._table = OffsetTable()
        self._lock = threading.Lock()
        self._spent: dict[str, TokenCount] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._held = (self.folder / LOCK_FILE).open("w")
        try:
            hold(
                self._held,
                f"another run asks the same model and keeps replies in {self.folder}; expected: wait for it, "
                f"or another --set {self._setting}=FOLDER",
            )
            # Not buffered: what is written is with the system, whatever becomes of this process.
            self._file = self.path.open("ab", buffering=0)
            self._read: BinaryIO = self.path.open("rb")
            self._end = self._scan()
            self._file.truncate(self._end)
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            os.fsync(self._file.fileno())
        finally:
            for file in (self._file, self._read):
                file.close()
            if not self._end:  # nothing was asked: leave no trace
                with suppress(OSError):
                    self.path.unlink()
                    (self.folder / LOCK_FILE).unlink()
                    self.folder.rmdir()
            self._held.close()

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return self._table.get(fingerprint(key)) is not None

    def spent(self, run: str) -> TokenCount:
        """What a run has paid for, over all the times that it was started."""
        return self._spent.get(run, TokenCount())

    def get(self, key: str) -> dict[str, Any] | None:
        """The row of a request's hash, None where there is none."""
        with self._lock:
            offset = self._table.get(fingerprint(key))
            if offset is None:
                return None
            self._read.seek(offset)
            line = self._read.readline()
        row: dict[str, Any] = json.loads(line)
        return row if row["key"] == key else None

    def append(
        self, key: str, run: str, count: TokenCount, row: Mapping[str, Any], *, secret: str | None = None
    ) -> None:
        """Keep a reply; `secret` is cut out of whatever the server says. Raises WorkFailed when the disk is full."""
        head = {"key": key, "run": run, "input": count.input, "output": count.output, "cached": count.cached}
        text = json.dumps({**head, **row}, ensure_ascii=False)
        if secret:
            text = text.replace(secret, "***")
        line = text.encode("utf-8", "backslashreplace") + b"\n"
        self._write(line)
        with self._lock:
            self._table.put(fingerprint(key), self._end)
        self._end += len(line)

    def _write(self, line: bytes) -> None:
        try:
            if self._file.write(line) == len(line):
                return
            told = os.strerror(errno.ENOSPC)
        except OSError as error:
            told = str(error.strerror)
        self._file.truncate(self._end)
        raise WorkFailed(f"{self.path}: {told}; the replies before are kept, and the same call goes on")

    def _scan(self) -> int:
        """Note where every whole line stands; returns where the last one ends."""
        offset = 0
        with self.path.open("rb", buffering=_COPY) as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if (head := _HEAD.match(line)) and line.endswith(b"}\n"):
                    key, run = head[1].decode(), head[2].decode()
                    self._table.put(fingerprint(key), offset)
                    count = TokenCount(int(head[3]), int(head[4]), int(head[5]))
                    self._spent[run] = self.spent(run).plus(count)
                offset += len(line)
        return offset
