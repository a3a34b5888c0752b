"""Confidence: a logistic regression says how probable an answer is right, fitted on problems nobody learned from.

Platt scaling (Platt 1999) over a few features of the answer; how well it fits is told by cross-validation, so that no
answer judges what it was fitted on. Expected calibration error: Guo et al., arXiv 1706.04599.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.scoring.statistics import chance_above
from runtime.answering.confidence import MOST_ODDS, Calibration

FOLDS = 10
BINS = 10
RIDGE = 1.0
STEPS = 50
# Answers of either kind: fewer, and a weight says nothing.
LEAST = 25


@dataclass(frozen=True, slots=True)
class Fit:
    """Calibration and what it is worth on answers that it was not fitted on.

    `solved` answers of `n`, of which `right` are; `ece` is the expected calibration error over ten bins of like size,
    `auc` the chance that a right answer has the higher confidence; `bins` are (mean confidence, share right, answers);
    `coverage` says of the surest half and so on which share is right (of all problems, unsolved ones the least sure).
    """

    calibration: Calibration
    n: int
    solved: int
    right: int
    ece: float
    auc: float
    bins: tuple[tuple[float, float, int], ...]
    coverage: tuple[tuple[float, float], ...]


def fit(
    answers: Sequence[tuple[dict[str, float], bool]], unsolved: int, about: dict[str, Any], *, seed: int = 0
) -> Fit:
    """Fit on the features of solved answers and whether each is right; `unsolved` is how many others there were.

    Features that only some answers have are left out. Raises ValueError where there are too few of either kind.
    """
    names = sorted(set.intersection(*(set(known) for known, _ in answers))) if answers else []
    rows = np.array([[known[name] for name in names] for known, _ in answers], dtype=float)
    right = np.array([one for _, one in answers], dtype=float)
    if min(right.sum(), len(right) - right.sum()) < LEAST:
        raise ValueError(f"{int(right.sum())} right and {int(len(right) - right.sum())} wrong answers")
    order = random.Random(seed).sample(range(len(rows)), len(rows))
    likely = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = np.array(order[fold::FOLDS])
        kept = np.setdiff1d(np.arange(len(rows)), held)
        weights, constant = _regression(rows[kept], right[kept])
        likely[held] = _share(rows[held] @ weights + constant)
    weights, constant = _regression(rows, right)
    bins = _bins(likely, right)
    n = len(rows) + unsolved
    figures = {"n": n, "solved": len(rows), "right": int(right.sum())}
    ece = sum(count * abs(mean - share) for mean, share, count in bins) / len(rows)
    auc = chance_above(likely, right)
    told = {**about, **figures, "ece": round(ece, 4), "auc": round(auc, 4), "folds": FOLDS}
    named = {name: round(float(weight), 6) for name, weight in zip(names, weights, strict=True)}
    calibration = Calibration(named, round(constant, 6), told)
    return Fit(calibration, n, len(rows), int(right.sum()), ece, auc, bins, _coverage(likely, right, n))


def _share(odds: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(odds, -MOST_ODDS, MOST_ODDS)))


def _regression(rows: Any, right: Any) -> tuple[Any, float]:
    """Weights and constant of the features as they are, by Newton's method over centred ones, with a small ridge."""
    mean, spread = rows.mean(0), np.maximum(rows.std(0), 1e-6)
    inputs = np.hstack([(rows - mean) / spread, np.ones((len(rows), 1))])
    ridge = np.diag([RIDGE] * rows.shape[1] + [0.0])
    found = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        share = _share(inputs @ found)
        slope = inputs.T @ (right - share) - ridge @ found
        bend = (inputs * (share * (1 - share))[:, None]).T @ inputs + ridge + 1e-9 * np.eye(len(found))
        step = np.linalg.solve(bend, slope)
        found = found + step
        if np.abs(step).max() < 1e-9:
            break
    weights = found[:-1] / spread
    return weights, float(found[-1] - weights @ mean)


def _bins(likely: Any, right: Any) -> tuple[tuple[float, float, int], ...]:
    parts = np.array_split(np.argsort(likely, kind="stable"), BINS)
    return tuple(
        (float(likely[part].mean()), float(right[part].mean()), len(part)) for part in parts if len(part)
    )


def _coverage(likely: Any, right: Any, n: int) -> tuple[tuple[float, float], ...]:
    """Of the surest tenth, two tenths … of all `n` problems, the share that is right."""
    hits = np.cumsum(right[np.argsort(-likely, kind="stable")])
    counts = [round(n * tenth / 10) for tenth in range(1, 11)]
    return tuple((count / n, float(hits[min(count, len(hits)) - 1]) / count) for count in counts if count)
