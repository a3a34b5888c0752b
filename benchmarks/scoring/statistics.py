"""Statistics for accuracy: intervals, paired tests and what a sample of this size can show at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev
from typing import Any

from runtime.values.errors import InputError

Z95 = NormalDist().inv_cdf(0.975)
Z_POWER = NormalDist().inv_cdf(0.8)
SIGNIFICANT = 0.05
# Fewer pairs cannot be significant at all: with five on one side the exact test says 0.06.
FEWEST_SIGNIFICANT = 6
RESAMPLES, RESAMPLES_AT_ONCE = 10_000, 500


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval of a share or of a difference of shares, as fractions of one."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Paired:
    """Two artifacts on the same problems. `gain` is second minus first, `p` McNemar's exact two-sided test.

    `smallest` is the true difference that a sample like this one finds with 80 % probability.
    """

    n: int
    both: int
    only_first: int
    only_second: int
    gain: float
    interval: Interval
    p: float
    smallest: float

    @property
    def significant(self) -> bool:
        """Whether chance alone would show such a difference less than once in twenty times."""
        return self.p < SIGNIFICANT


def wilson(correct: int, n: int) -> Interval:
    """The 95 % score interval of a share (Wilson, 1927); all of [0, 1] when nothing was counted."""
    if not 0 <= correct <= n:
        raise InputError(f"{correct} correct of {n}; expected: 0 to n")
    if n == 0:
        return Interval(0.0, 1.0)
    share, square = correct / n, Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    # At the edges the formula is exact but for the last bit.
    return Interval(0.0 if correct == 0 else middle - half, 1.0 if correct == n else middle + half)


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p-value of McNemar's test: how surprising this split of the disagreements is."""
    disagreements = only_first + only_second
    tail, ways = 0, 1
    for k in range(min(only_first, only_second) + 1):
        tail += ways
        ways = ways * (disagreements - k) // (k + 1)
    return min(1.0, 2 * tail / (1 << disagreements))


def paired_interval(both: int, only_first: int, only_second: int, neither: int) -> Interval:
    """The 95 % interval of second minus first on the same problems (Newcombe, 1998, paired method 10)."""
    n = both + only_first + only_second + neither
    if n == 0:
        return Interval(-1.0, 1.0)
    first, second = both + only_first, both + only_second
    share_1, share_2 = first / n, second / n
    bounds_1, bounds_2 = wilson(first, n), wilson(second, n)
    phi = _correlation(both, only_first, only_second, neither)
    down_1, up_1 = share_1 - bounds_1.low, bounds_1.high - share_1
    down_2, up_2 = share_2 - bounds_2.low, bounds_2.high - share_2
    below = math.sqrt(max(0.0, down_2**2 - 2 * phi * down_2 * up_1 + up_1**2))
    above = math.sqrt(max(0.0, up_2**2 - 2 * phi * up_2 * down_1 + down_1**2))
    gain = share_2 - share_1
    return Interval(gain - below, gain + above)


def _correlation(both: int, only_first: int, only_second: int, neither: int) -> float:
    """Newcombe's phi, with his continuity correction where the correlation is positive."""
    n = both + only_first + only_second + neither
    scale = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if scale == 0:
        return 0.0
    product = both * neither - only_first * only_second
    if product > 0:
        product = max(0.0, product - n / 2)  # type: ignore[assignment]
    return product / math.sqrt(scale)


def smallest_detectable(n: int, disagreement: float) -> float:
    """The smallest true difference that McNemar's test finds at 5 % with 80 % power on `n` shared problems.

    `disagreement` is the share of problems on which exactly one of the two is right. Solves the sample size
    formula of Connor (1987) for the difference; never below six problems, the fewest that can be significant
    at all.
    """
    if n < FEWEST_SIGNIFICANT:
        return 1.0
    least = FEWEST_SIGNIFICANT / n
    low, high = 0.0, disagreement
    if _needed(high, disagreement) > n:
        return max(least, disagreement)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _needed(middle, disagreement) <= n else (middle, high)
    return max(least, high)


def _needed(difference: float, disagreement: float) -> float:
    if difference <= 0:
        return math.inf
    spread = math.sqrt(max(0.0, disagreement - difference**2))
    return ((Z95 * math.sqrt(disagreement) + Z_POWER * spread) / difference) ** 2


def compare(first: Sequence[bool], second: Sequence[bool]) -> Paired:
    """Compare two artifacts' right and wrong answers to the same problems, in the same order."""
    if len(first) != len(second):
        raise InputError(
            f"{len(first)} answers against {len(second)}; expected: the same problems on both sides"
        )
    n = len(first)
    both = sum(a and b for a, b in zip(first, second, strict=True))
    only_first, only_second = sum(first) - both, sum(second) - both
    neither = n - both - only_first - only_second
    return Paired(
        n=n,
        both=both,
        only_first=only_first,
        only_second=only_second,
        gain=(only_second - only_first) / n if n else 0.0,
        interval=paired_interval(both, only_first, only_second, neither),
        p=mcnemar(only_first, only_second),
        smallest=smallest_detectable(n, (only_first + only_second) / n if n else 0.0),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, interpolated; 0 when there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation over seeds; the deviation of fewer than two values is 0."""
    if not values:
        return 0.0, 0.0
    return fmean(values), stdev(values) if len(values) > 1 else 0.0


@dataclass(frozen=True, slots=True)
class SeedGain:
    """What one way of training gains over another, both with the same seeds and asked the same problems.

    `gain` is the difference of the mean shares, `interval` its 95 % bootstrap interval and `p` a sign-flip test, both
    over problems: a problem counts once, with all its seeds. What other seeds would give is not in them.
    """

    problems: int
    seeds: int
    gain: float
    interval: Interval
    p: float


def compare_seeds(first: Sequence[Sequence[bool]], second: Sequence[Sequence[bool]]) -> SeedGain:
    """Second minus first, each the answers of some seeds to the same problems: `seeds` x `problems` right or wrong.

    Raises InputError for other numbers of seeds or problems, or none.
    """
    import numpy as np

    shapes = [[len(answers) for answers in side] for side in (first, second)]
    if shapes[0] != shapes[1] or not shapes[0] or len(set(shapes[0])) > 1 or not shapes[0][0]:
        raise InputError(
            f"answers of {shapes[0]} and {shapes[1]} problems; expected: the same ones, by as many seeds"
        )
    differences = np.asarray(second, float).mean(axis=0) - np.asarray(first, float).mean(axis=0)
    count, gain, rng = len(differences), float(differences.mean()), np.random.default_rng(0)
    drawn, flipped = [], []
    for _ in range(RESAMPLES // RESAMPLES_AT_ONCE):
        shape = (RESAMPLES_AT_ONCE, count)
        drawn.append(differences[rng.integers(0, count, shape)].mean(axis=1))
        flipped.append((rng.integers(0, 2, shape) * 2 - 1) @ differences / count)
    low, high = np.quantile(np.concatenate(drawn), [0.025, 0.975])
    as_far = int((np.abs(np.concatenate(flipped)) >= abs(gain) - 1e-12).sum())
    p = (1 + as_far) / (1 + RESAMPLES)
    return SeedGain(count, len(first), gain, Interval(float(low), float(high)), p)


def chance_above(scores: Any, right: Any) -> float:
    """The chance that a right one scores above a wrong one, equals counted half (AUC); 0.5 where there is one kind only.

    Both are arrays (answer,); `right` is 1 or 0.
    """
    import numpy as np

    good, bad = scores[right == 1], np.sort(scores[right == 0])
    if not len(good) or not len(bad):
        return 0.5
    below, to = (np.searchsorted(bad, good, side) for side in ("left", "right"))
    return float(((below + to) / 2).mean() / len(bad))


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def significant(self) -> bool:
        """Whether the interval leaves out one."""
        return not self.low <= 1 <= self.high


def time_ratio(first: Sequence[float], second: Sequence[float]) -> Ratio | None:
    """Second's time by first's for the same problems, summed, with a bootstrap interval over problems.

    A problem is drawn with both of its times. None where either side measured nothing.
    """
    import numpy as np

    times = np.asarray([first, second], float)
    if not times.size or not times.sum(axis=1).all():
        return None
    count, rng, drawn = times.shape[1], np.random.default_rng(0), []
    for _ in range(RESAMPLES // RESAMPLES_AT_ONCE):
        sums = times[:, rng.integers(0, count, (RESAMPLES_AT_ONCE, count))].sum(axis=2)
        drawn.append(sums[1] / np.maximum(sums[0], 1e-12))
    low, high = np.quantile(np.concatenate(drawn), [0.025, 0.975])
    totals = times.sum(axis=1)
    return Ratio(float(totals[1] / totals[0]), float(low), float(high))
