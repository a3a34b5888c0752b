"""The per-example log: one JSON line for each answered problem. Reports, votes and feedback rounds read it.

The log only grows. A run that was killed goes on where it stopped: finished problems are skipped, and a line that was
cut off is left out, since its problem was never finished; at the end it is dropped.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple

from runtime.values.errors import InputError
from runtime.values.files import hold, naming
from runtime.values.prompt import Thought, tidy_question

# How the line of every sample begins.
_LINE_START = b'{"id": '


class SampleKey(NamedTuple):
    """What makes a sample the answer to this very question by this very artifact."""

    artifact_sha256: str
    settings: str
    task: str
    id: str
    question_hash: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One answered problem. `value` is printed as people do; `timings_ms` has a Solution's stages.

    Of a model that is none of ours `value` and `correct` are its flexible reading, and the strict one stands beside them;
    `strict_correct` is None for our own. `cpu_ms` is the scoring process's time on processors, 0 where it is not known;
    `waited_ms` for a processor, `energy_j`, the clock `mhz` and how often it was `throttled` are None where nothing
    meters them.
    """

    id: str
    task: str
    question: str
    question_hash: str
    gold: str
    artifact: str
    artifact_sha256: str
    settings: str
    thought: Thought
    text: str
    status: str
    reason: str
    value: str | None
    correct: bool
    tokens: dict[str, int]
    timings_ms: dict[str, float]
    votes: dict[str, int] = field(default_factory=dict)
    peak_rss_bytes: int = 0
    confidence: float | None = None
    score: float | None = None
    strict_value: str | None = None
    strict_correct: bool | None = None
    cpu_ms: float = 0.0
    waited_ms: float | None = None
    energy_j: float | None = None
    mhz: float | None = None
    throttled: int | None = None

    @property
    def key(self) -> SampleKey:
        """The key by which a later run knows that this one is finished."""
        return SampleKey(self.artifact_sha256, self.settings, self.task, self.id, self.question_hash)


_FIELDS = tuple(one.name for one in fields(Sample))


def question_hash(question: str) -> str:
    """Sixteen hex digits of the tidy question's sha256."""
    return hashlib.sha256(tidy_question(question).encode()).hexdigest()[:16]


def read_samples(path: Path) -> Iterator[Sample]:
    """Samples of a log, finished or not; lines that a kill or a power cut left half written are left out.

    Raises InputError for any other line that is no sample.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.endswith(b"\n") and not _cut(line):
                    yield _parse(line, path, number)
    except FileNotFoundError as error:
        raise InputError(f"no file {path}; expected: a samples.jsonl that scoring wrote") from error


def _cut(line: bytes) -> bool:
    """Whether a line is the beginning of a sample, or what a file system filled in for one, and no whole JSON."""
    if not line.startswith((_LINE_START, b"\0")):
        return False
    try:
        json.loads(line)
    except ValueError:
        return True
    return False


def _parse(line: bytes, path: Path, number: int) -> Sample:
    try:
        row: dict[str, Any] = json.loads(line)
        if not isinstance(row["correct"], bool):
            raise ValueError(f"correct is {row['correct']!r}")
        return Sample(**row)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{path} line {number} is no sample ({error}); expected: what scoring wrote, or without this line"
        ) from error


class SampleLog:
    """An open log: knows what is finished, and appends. A context manager; one writer at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file: BinaryIO = path.open("ab+")
        try:
            hold(self._file, f"another run is writing {path}; wait for it, or choose another --out")
            self._drop_cut_off_line()
            self._finished = {sample.key: sample for sample in read_samples(path)}
        except InputError:
            self._file.close()
            raise

    def _drop_cut_off_line(self) -> None:
        self._file.seek(0)
        whole = sum(len(line) for line in self._file if line.endswith(b"\n"))
        if whole != self._file.seek(0, os.SEEK_END):
            self._file.truncate(whole)

    def finished(self, key: SampleKey, gold: str) -> Sample | None:
        """The sample that an earlier run wrote for this key and judged by this gold answer, or None."""
        sample = self._finished.get(key)
        return sample if sample and sample.gold == gold else None

    def append(self, sample: Sample) -> None:
        """Write one sample; it survives the death of this process as soon as this returns."""
        with naming(self.path):
            # Not `asdict`, which copies what is inside, and costs more than all else that scoring does with an answer.
            row = {name: getattr(sample, name) for name in _FIELDS}
            self._file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            self._file.flush()
        self._finished[sample.key] = sample

    def close(self) -> None:
        """Let the next writer in."""
        with naming(self.path):
            self._file.close()

    def __enter__(self) -> "SampleLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
