"""Statistics agree with published worked examples and with simulation."""

import random

import pytest

from benchmarks.scoring.statistics import (
    chance_above,
    compare,
    compare_seeds,
    mcnemar,
    paired_interval,
    percentile,
    smallest_detectable,
    spread,
    time_ratio,
    wilson,
)
from runtime.values.errors import InputError


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [
        # Newcombe (1998), Table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_intervals_are_the_published_ones(correct: int, n: int, low: float, high: float) -> None:
    interval = wilson(correct, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_more_correct_than_asked_is_refused() -> None:
    with pytest.raises(InputError, match="5 correct of 4"):
        wilson(5, 4)


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 6, 0.03125), (0, 5, 0.0625), (2, 12, 0.012939453125), (1, 1, 1.0)],
)
def test_mcnemar_is_the_exact_binomial_test(first: int, second: int, p: float) -> None:
    assert mcnemar(first, second) == mcnemar(second, first) == pytest.approx(p)


def test_mcnemar_stands_thousands_of_disagreements() -> None:
    assert 0 < mcnemar(4000, 4400) < 1e-4


def test_the_paired_interval_is_the_published_one() -> None:
    # Newcombe (1998), paired data, method 10 on the cells 36, 12, 2, 0; his difference is first minus second.
    interval = paired_interval(both=36, only_first=2, only_second=12, neither=0)
    assert (interval.low, interval.high) == pytest.approx((0.0569, 0.3404), abs=6e-4)


@pytest.mark.parametrize("shares", [(0.3, 0.05, 0.2, 0.45), (0.02, 0.01, 0.4, 0.57), (0.8, 0.08, 0.08, 0.04)])
def test_the_paired_interval_holds_the_truth_19_times_in_20(shares: tuple[float, ...]) -> None:
    draw, held, truth = random.Random(3), 0, shares[2] - shares[1]
    for _ in range(600):
        cells = draw.choices(range(4), shares, k=150)
        interval = paired_interval(*(cells.count(cell) for cell in range(4)))
        held += interval.low <= truth <= interval.high
    assert 0.93 <= held / 600 <= 0.985


def test_the_paired_interval_of_no_problems_says_nothing() -> None:
    interval = paired_interval(0, 0, 0, 0)
    assert (interval.low, interval.high) == (-1.0, 1.0)


def test_a_comparison_counts_pairs_and_says_what_it_could_see() -> None:
    first = [True] * 50 + [False] * 150
    second = [True] * 45 + [False] * 5 + [True] * 35 + [False] * 115
    paired = compare(first, second)
    assert (paired.n, paired.both, paired.only_first, paired.only_second) == (200, 45, 5, 35)
    assert paired.gain == pytest.approx(0.15)
    assert paired.interval.low < 0.15 < paired.interval.high
    assert paired.significant and paired.p == mcnemar(5, 35)
    assert 0.05 < paired.smallest < 0.15


def test_equal_answers_are_no_difference() -> None:
    paired = compare([True, False], [True, False])
    assert (paired.gain, paired.p, paired.significant) == (0.0, 1.0, False)
    assert compare([], []).interval.low == -1.0


def test_different_problems_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="2 answers against 1"):
        compare([True, False], [True])


@pytest.mark.parametrize(("n", "disagreement"), [(200, 0.3), (400, 0.2), (1000, 0.1)])
def test_the_smallest_detectable_difference_is_found_four_times_in_five(n: int, disagreement: float) -> None:
    difference = smallest_detectable(n, disagreement)
    draw = random.Random(7)
    wins = (disagreement + difference) / 2
    found = 0
    for _ in range(300):
        disagreeing = sum(draw.random() < disagreement for _ in range(n))
        second = sum(draw.random() < wins / disagreement for _ in range(disagreeing))
        found += mcnemar(disagreeing - second, second) < 0.05
    # The exact test is a little more cautious than the formula.
    assert 0.68 <= found / 300 <= 0.86


@pytest.mark.parametrize(
    ("n", "disagreement", "least"), [(0, 0.0, 1.0), (4, 0.0, 1.0), (60, 0.0, 0.1), (10, 0.1, 0.6)]
)
def test_six_problems_are_the_fewest_that_can_show_anything(
    n: int, disagreement: float, least: float
) -> None:
    assert smallest_detectable(n, disagreement) == pytest.approx(least)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, 0.0), ([7], 0.95, 7), ([3, 1, 2], 0.5, 2), ([0, 10], 0.95, 9.5), ([1, 2, 3, 4], 0.5, 2.5)],
)
def test_percentiles_are_interpolated(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == pytest.approx(expected)


def test_the_spread_over_seeds_is_mean_and_deviation() -> None:
    assert spread([1.0, 3.0]) == (2.0, pytest.approx(2**0.5))
    assert spread([4.0]) == (4.0, 0.0)
    assert spread([]) == (0.0, 0.0)


def test_seeds_are_compared_by_problem() -> None:
    rng = random.Random(1)
    hard = [rng.random() for _ in range(400)]
    better, worse = ([[rng.random() + gain > one for one in hard] for _ in range(2)] for gain in (0.1, 0.0))
    same = compare_seeds(worse, worse)
    assert (same.gain, same.p) == (0.0, 1.0) and same.interval.low == same.interval.high == 0
    found = compare_seeds(worse, better)
    assert found == compare_seeds(worse, better)
    assert (found.problems, found.seeds) == (400, 2)
    assert found.gain == pytest.approx(sum(map(sum, better)) / 800 - sum(map(sum, worse)) / 800)
    assert found.interval.low < found.gain < found.interval.high and found.p < 0.05
    back = compare_seeds(better, worse)
    assert back.gain == pytest.approx(-found.gain) and back.p == pytest.approx(found.p, abs=0.01)
    # Two seeds that say the same are no more evidence than one.
    once, twice = (compare_seeds(worse[:1] * n, better[:1] * n) for n in (1, 2))
    assert once.p == twice.p and once.interval == twice.interval


@pytest.mark.parametrize(
    "sides", [([], []), ([[]], [[]]), ([[True]], [[True, False]]), ([[True]], [[True], [True]])]
)
def test_seeds_of_other_problems_are_refused(sides: tuple[list[list[bool]], list[list[bool]]]) -> None:
    with pytest.raises(InputError, match="expected: the same ones, by as many seeds"):
        compare_seeds(*sides)


def test_the_chance_that_a_right_one_scores_above_a_wrong_one() -> None:
    import numpy as np

    scores, right = np.array([3.0, 2.0, 2.0, 1.0]), np.array([1, 1, 0, 0])
    assert chance_above(scores, right) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert chance_above(scores, np.ones(4)) == chance_above(scores, np.zeros(4)) == 0.5


def test_the_interval_of_a_time_ratio_holds_the_truth_about_as_often_as_it_says() -> None:
    draw, held = random.Random(0), 0
    for _ in range(12):
        first = [draw.lognormvariate(0, 1) for _ in range(60)]
        second = [1.5 * ms * draw.lognormvariate(0, 0.3) for ms in first]
        found = time_ratio(first, second)
        assert found is not None
        # The mean of the factor is 1.5 * exp(0.3 ** 2 / 2).
        held += found.low <= 1.5 * 1.046 <= found.high
    assert held >= 10


def test_a_time_ratio_needs_times() -> None:
    assert time_ratio([], []) is None
    assert time_ratio([0.0], [1.0]) is None
    same = time_ratio([1.0, 2.0], [1.0, 2.0])
    assert same is not None and (same.value, same.low, same.high) == (1, 1, 1) and not same.significant
