"""Which weights become the checkpoint: the last ones, the snapshot that did best on dev problems, or an average."""

from collections.abc import Sequence
from dataclasses import dataclass

from distill.training.report.metrics import DevRow


@dataclass(frozen=True, slots=True)
class SelectedWeights:
    """The weights that were chosen, in words, the step that they are from, and their dev row where there is one."""

    words: str
    step: int
    dev: DevRow | None = None


def best_snapshot(rows: Sequence[DevRow]) -> DevRow | None:
    """The snapshot with the most dev problems right, the earliest of equals; None when none was measured."""
    return max((row for row in rows if row.weights == "snapshot"), key=lambda row: row.accuracy, default=None)


def should_stop(rows: Sequence[DevRow], patience: int) -> bool:
    """Whether the last `patience` snapshots all failed to beat the best before them; 0 never stops."""
    best = best_snapshot(rows)
    if not patience or best is None:
        return False
    since = [row for row in rows if row.weights == "snapshot" and row.step > best.step]
    return len(since) >= patience


def choose(last: SelectedWeights, average: SelectedWeights | None, rows: Sequence[DevRow]) -> SelectedWeights:
    """An average that was not measured, or is no worse than the best snapshot; else that snapshot; else the last."""
    best = best_snapshot(rows)
    if average and (average.dev is None or best is None or average.dev.accuracy >= best.accuracy):
        return average
    if best is None:
        return last
    words = last.words if best.step == last.step else f"the snapshot after {best.step} steps, the best on dev"
    return SelectedWeights(words, best.step, best)
