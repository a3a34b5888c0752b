"""What a training run measured of itself, one JSON row at a time: `metrics.jsonl` by step, `dev.jsonl` by snapshot."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runtime.values.files import write_jsonl

METRICS_FILE = "metrics.jsonl"
DEV_FILE = "dev.jsonl"


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step over all processes. `loss` in nats a label, `tokens` without padding, `samples` the student's own."""

    step: int
    loss: float
    rate: float
    tokens: int
    labels: int
    seconds: float
    samples: bool = False


@dataclass(frozen=True, slots=True)
class DevRow:
    """How many of `n` dev problems the weights after `step` steps got right, answering as an artifact.

    `weights` is `snapshot`, or `average` for what was averaged at the end.
    """

    step: int
    tokens: int
    weights: str
    right: int
    n: int
    seconds: float

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.right / self.n


class Metrics:
    """The rows of a run so far, in memory and on disk. Only one process of a run writes them."""

    def __init__(self, folder: Path, *, done: int, writes: bool = True) -> None:
        """Take up a run after `done` steps: rows of later steps belong to work that is lost, so they go."""
        self._folder, self._writes = folder, writes
        self.steps = [StepRow(**row) for row in read_rows(folder / METRICS_FILE) if done][:done]
        self.dev = [DevRow(**row) for row in read_rows(folder / DEV_FILE) if done and row["step"] <= done]
        if writes:
            write_jsonl(folder / METRICS_FILE, map(asdict, self.steps))
            if self.dev or (folder / DEV_FILE).exists():
                write_jsonl(folder / DEV_FILE, map(asdict, self.dev))

    @property
    def seconds(self) -> float:
        """Time in steps, interrupted work not counted."""
        return sum(row.seconds for row in self.steps)

    @property
    def tokens(self) -> int:
        """Tokens seen so far, padding not counted."""
        return sum(row.tokens for row in self.steps)

    @property
    def labels(self) -> int:
        """Labelled tokens seen so far."""
        return sum(row.labels for row in self.steps)

    @property
    def loss(self) -> float:
        """The last step's loss."""
        return self.steps[-1].loss if self.steps else math.nan

    def add(self, row: StepRow | DevRow) -> None:
        """Keep a row, and append it to its file."""
        if isinstance(row, StepRow):
            self.steps.append(row)
            name = METRICS_FILE
        else:
            self.dev.append(row)
            name = DEV_FILE
        if self._writes:
            with (self._folder / name).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(row)) + "\n")


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a file; a last line that was cut off by a kill is no row."""
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                yield json.loads(line)
