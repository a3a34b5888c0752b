"""Training runs side by side: what each learned from, how fast, and its dev accuracy on the way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.scoring.statistics import wilson
from benchmarks.tasks.table import Table
from distill.training.report.metrics import DEV_FILE, METRICS_FILE, DevRow, StepRow, read_rows
from export.checkpoint import CARD_FILE
from runtime.values.errors import InputError


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A run's folder as it stands; `thoughts` is empty until it is finished, `dev` holds its snapshots' accuracies."""

    name: str
    thoughts: tuple[str, ...]
    steps: tuple[StepRow, ...]
    dev: tuple[DevRow, ...]

    @property
    def tokens(self) -> int:
        """Tokens learned from, padding not counted."""
        return sum(row.tokens for row in self.steps)

    @property
    def tokens_per_s(self) -> float:
        """The median step's speed: a run that was held up now and then is not slower for it."""
        return median(row.tokens / max(row.seconds, 1e-9) for row in self.steps)


def read_run(folder: Path) -> TrainingRun:
    """A run from the folder that `distill train` writes; raises InputError when it is none or has done no step."""
    steps = tuple(StepRow(**row) for row in read_rows(folder / METRICS_FILE))
    if not steps:
        raise InputError(f"no step in {folder / METRICS_FILE}; expected: a folder that `distill train` wrote")
    dev = tuple(DevRow(**row) for row in read_rows(folder / DEV_FILE))
    card = folder / "checkpoint" / CARD_FILE
    thoughts = json.loads(card.read_text(encoding="utf-8"))["thoughts"] if card.is_file() else ()
    snapshots = tuple(row for row in dev if row.weights == "snapshot")
    return TrainingRun(folder.resolve().name, tuple(thoughts), steps, snapshots)


def run_table(runs: Sequence[TrainingRun]) -> Table:
    """A row a run; accuracy is that of its last snapshot."""
    rows = [_cells(run) for run in runs]
    return Table(
        "Training runs",
        tuple(rows[0]),
        tuple(tuple(row.values()) for row in rows),
        "Tokens without padding; dev accuracy of the last snapshot, answering as an artifact through the solver.",
        texts=2,
    )


def _cells(run: TrainingRun) -> dict[str, str]:
    last = run.dev[-1] if run.dev else None
    interval = wilson(last.right, last.n) if last else None
    return {
        "run": run.name,
        "thoughts": "+".join(run.thoughts) or "–",
        "steps": f"{len(run.steps):,}",
        "tokens": f"{run.tokens:,}",
        "labels": f"{sum(row.labels for row in run.steps):,}",
        "tokens/s": f"{run.tokens_per_s:.0f}",
        "last loss": f"{run.steps[-1].loss:.3f}",
        "dev right": f"{100 * last.accuracy:.1f} %" if last else "–",
        "95 %": f"{100 * interval.low:.1f} to {100 * interval.high:.1f}" if interval else "–",
        "n": f"{last.n:,}" if last else "–",
    }
