"""Calibration: how often a share of agreeing samples was right, on problems whose answer is known."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.scoring.statistics import wilson
from benchmarks.tasks.table import Table
from distill.recipes.agree.poll import Poll
from runtime.values.answers import matches_gold
from runtime.values.errors import InputError

# Shares are told apart by hundredths; with more samples than this they are rounded down to twentieths.
EXACT_SAMPLES = 20
# Fewer problems than this above a share say nothing about it.
MIN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class ShareRow:
    """Problems with exactly this share, and with at least it: how many, and how many of those were right."""

    share: float
    n: int
    right: int
    kept: int
    kept_right: int

    @property
    def precision(self) -> float:
        """The part of the problems with at least this share that was right."""
        return self.kept_right / self.kept


@dataclass(frozen=True, slots=True)
class Calibration:
    """Rows by share, the least first; `problems` were asked, `refused` of them have no answer at any share."""

    problems: int
    refused: int
    rows: tuple[ShareRow, ...]

    def least_share(self, precision: float) -> float:
        """The least share at which what is kept is right this often; raises InputError where there is none."""
        for row in self.rows:
            if row.kept >= MIN_PROBLEMS and row.precision >= precision:
                return row.share
        counted = [row.precision for row in self.rows if row.kept >= MIN_PROBLEMS]
        best = (
            f"{max(counted):.3f} at most, of {MIN_PROBLEMS} problems or more"
            if counted
            else "too few problems"
        )
        raise InputError(
            f"agree.precision={precision:g}, which no share reaches on {self.problems} problems ({best}); expected: "
            "less, more samples, or a larger --limit"
        )

    def table(self) -> Table:
        """What to print."""
        header = (
            "share",
            "problems",
            "right",
            "right there",
            "kept",
            "right of kept",
            "95 % interval",
            "of all",
        )
        return Table(
            "Samples that agree, and how often they are right", header, tuple(self._cells()), self._note()
        )

    def _cells(self) -> Iterable[tuple[str, ...]]:
        for row in self.rows:
            interval = wilson(row.kept_right, row.kept)
            yield (
                f"{row.share:.3f}",
                str(row.n),
                str(row.right),
                f"{row.right / row.n:.3f}",
                str(row.kept),
                f"{row.precision:.3f}",
                f"{interval.low:.3f} to {interval.high:.3f}",
                f"{row.kept / self.problems:.3f}",
            )

    def _note(self) -> str:
        return (
            f"kept: problems with at least this share. Of {self.problems} problems {self.refused} have no answer that "
            "more samples reach than any other, or none that every thought reaches"
        )

    def as_json(self) -> dict[str, Any]:
        """The same as JSON has it."""
        rows = []
        for row in self.rows:
            here, kept = wilson(row.right, row.n), wilson(row.kept_right, row.kept)
            rows.append(
                {
                    "share": row.share,
                    "n": row.n,
                    "right": row.right,
                    "interval": [round(here.low, 4), round(here.high, 4)],
                    "kept": row.kept,
                    "kept_right": row.kept_right,
                    "precision": round(row.precision, 4),
                    "precision_interval": [round(kept.low, 4), round(kept.high, 4)],
                }
            )
        return {"problems": self.problems, "refused": self.refused, "shares": rows}


def calibrate(polls: Iterable[Poll], *, every_thought: bool) -> Calibration:
    """Count polls about problems with gold answers by their share; those with none are left out."""
    seen, right = Counter[float](), Counter[float]()
    problems = refused = 0
    for poll in polls:
        if poll.problem.answer is None:
            continue
        problems += 1
        if poll.majority is None or (every_thought and not poll.of_every_thought()):
            refused += 1
            continue
        share = share_bin(poll.agreeing, len(poll.votes))
        seen[share] += 1
        right[share] += matches_gold(poll.majority, poll.problem.answer)
    return Calibration(problems, refused, tuple(_rows(sorted(seen), seen, right)))


def share_bin(agreeing: int, samples: int) -> float:
    """A share as rows have it: never more than it is, so that a row's problems reach it."""
    steps = samples if samples <= EXACT_SAMPLES else EXACT_SAMPLES
    return int(agreeing * steps / samples) / steps


def _rows(shares: Sequence[float], seen: Counter[float], right: Counter[float]) -> Iterable[ShareRow]:
    for place, share in enumerate(shares):
        above = shares[place:]
        kept, kept_right = sum(seen[one] for one in above), sum(right[one] for one in above)
        yield ShareRow(share, seen[share], right[share], kept, kept_right)
