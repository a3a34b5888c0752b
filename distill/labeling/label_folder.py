"""The folder of a labelling run: unfinished beside its place, finished in it, resumable from any kill.

`OUT.part` holds rows, drops and the keys of kept rationales, all append-only, and `progress.json`, which says how many
bytes of each belong to the problems that are decided. Whatever follows them is work that a kill interrupted: it is cut
off, and the run goes on with the next problem. A digest over the problems tells whether they are still the same.
"""

import json
import os
import shutil
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from distill.labeling.filters import Drop
from distill.labeling.rationale_filter import Verdict
from distill.labeling.rationale_set import DROPPED_FILE, ROWS_FILE
from distill.labeling.stats import LabelStats
from distill.teachers.replay import Stored
from runtime.values.errors import InputError
from runtime.values.files import hold, write_json
from runtime.values.problem import Problem
from runtime.values.schema import SCHEMA, migrated, with_current_keys

KEYS_FILE, PROGRESS_FILE, LOCK_FILE = "keys.bin", "progress.json", ".lock"
FILES = (ROWS_FILE, DROPPED_FILE, KEYS_FILE)
# A kill loses at most the work of this time.
SAVE_EVERY_S = 5.0
REPEATED = Drop("duplicate")


class LabelFolder:
    """A context manager; leaving it saves what is decided, whatever the reason."""

    def __init__(self, out: Path, described: Mapping[str, Any]) -> None:
        """`described` is everything but the problems that decides what the rows are."""
        self.out = out
        self.ledger = LabelStats()
        self.resumed = 0
        self.path = out.with_name(out.name + ".part")
        self._described = {"schema": SCHEMA, "version": metadata.version("edgethought"), **described}
        self._keys: set[int] = set()
        self._digest = new_digest()
        self._expected_digest = ""
        self._files: dict[str, BinaryIO] = {}
        # Whether the files hold whole problems only and the digest is theirs, so that they may be saved.
        self._whole = True
        self._saved_at = time.monotonic()

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = (self.path / LOCK_FILE).open("w")
        try:
            hold(self._lock, f"another run labels into {self.out}; wait for it, or choose another")
        except InputError:
            self._lock.close()
            raise
        sizes = self._resume() or dict.fromkeys(FILES, 0)
        for name, size in sizes.items():
            file = self._files[name] = (self.path / name).open("ab")
            file.truncate(size)
        self._keys.update(array("Q", (self.path / KEYS_FILE).read_bytes()[: sizes[KEYS_FILE]]))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._files and self._whole:
            self.save()
        nothing = bool(self._files) and not self.ledger.problems
        self._close()
        if nothing:
            shutil.rmtree(self.path)

    def _close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._lock.close()

    def _resume(self) -> dict[str, int] | None:
        """Take over what an earlier run of the same kind decided; the sizes of its files, or None to start afresh."""
        try:
            progress = with_current_keys(json.loads((self.path / PROGRESS_FILE).read_text(encoding="utf-8")))
            sizes = {name: int(progress["bytes"][name]) for name in FILES}
            there = migrated(progress["described"], self.path)
            now = json.loads(json.dumps(self._described))
            if {**there, "version": ""} != {**now, "version": ""}:
                raise InputError(
                    f"{self.path} was begun with other settings; expected: the same ones, another --out, or remove it"
                )
            if there != now or any((self.path / name).stat().st_size < size for name, size in sizes.items()):
                return None
            self.ledger.restore(progress["counts"])
            self._expected_digest = str(progress["digest"])
        except (OSError, ValueError, KeyError, TypeError):
            self.ledger = LabelStats()
            return None
        self.resumed = self.ledger.problems
        self._whole = False
        return sizes

    def undecided(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems that no earlier run decided; raises InputError when those before them have changed."""
        stream = iter(problems)
        for _ in range(self.resumed):
            problem = next(stream, None)
            if problem is None:
                break
            self._digest.update(_told(problem))
        if self.resumed and self.digest != self._expected_digest:
            raise InputError(
                f"{self.path} was begun with other problems; expected: the same ones, another --out, or remove it"
            )
        self._whole = True
        yield from stream

    def add(self, problem: Problem, verdict: Verdict) -> None:
        """Write one problem's rows and drops; a rationale that the folder has already is dropped here."""
        self._whole = False
        self.ledger.read(problem)
        for item in verdict:
            if isinstance(item, Drop):
                self._drop(problem, item)
            elif item.key in self._keys:
                self._drop(problem, REPEATED._replace(thought=item.thought))
            else:
                self._keys.add(item.key)
                self._files[KEYS_FILE].write(item.key.to_bytes(8, "little"))
                self._files[ROWS_FILE].write(item.line.encode("utf-8", "backslashreplace"))
                self.ledger.keep(problem, item)
        self._digest.update(_told(problem))
        self._whole = True

    def _drop(self, problem: Problem, drop: Drop) -> None:
        self.ledger.drop(problem, drop)
        row = {
            "id": problem.id,
            "thought": drop.thought,
            "reason": drop.reason,
            "detail": drop.detail,
            "source": problem.source,
        }
        line = json.dumps(row, ensure_ascii=False) + "\n"
        self._files[DROPPED_FILE].write(line.encode("utf-8", "backslashreplace"))

    def save_if_due(self) -> None:
        """Save every few seconds; call it as often as you like."""
        if time.monotonic() - self._saved_at >= SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Put everything decided so far on the disk."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        progress = {
            "described": self._described,
            "bytes": {name: file.tell() for name, file in self._files.items()},
            "digest": self.digest,
            "counts": self.ledger.state(),
        }
        write_json(self.path / PROGRESS_FILE, progress)
        self._saved_at = time.monotonic()

    def finish(self) -> None:
        """Put the finished folder in its place, where at most an empty one is."""
        self._close()
        for name in (KEYS_FILE, PROGRESS_FILE, LOCK_FILE):
            (self.path / name).unlink()
        self.path.rename(self.out)

    @property
    def digest(self) -> str:
        """A hash over the problems that are decided, in their order."""
        return self._digest.hexdigest()


def new_digest() -> blake2b:
    """A hash that problems are told to, one after the other."""
    return blake2b(digest_size=16)


def problems_digest(problems: Iterable[Problem]) -> str:
    """The hash over problems that a run has which decided them all."""
    digest = new_digest()
    for problem in problems:
        digest.update(_told(problem))
    return digest.hexdigest()


def _told(problem: Problem) -> bytes:
    """What a problem says, as bytes."""
    parts = [
        problem.id,
        problem.question,
        problem.answer or "",
        problem.solution or "",
        problem.equation or "",
        problem.license,
    ]
    if isinstance(problem, Stored):
        parts += [problem.thought, problem.text, problem.teacher, problem.text_license]
    return "\x1f".join(parts).encode("utf-8", "backslashreplace") + b"\x1e"
