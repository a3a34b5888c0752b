"""The fit of a confidence: what generated the answers is found again, and judged on answers it was not fitted on."""

import random
from math import exp

import pytest

from distill.recipes.confidence import fit


def made(n: int, weight: float, seed: int = 0) -> list[tuple[dict[str, float], bool]]:
    order = random.Random(seed)
    rows = []
    for _ in range(n):
        one, other = order.gauss(2, 3), order.gauss(-5, 1)
        rows.append(({"scorer": one, "noise": other}, order.random() < 1 / (1 + exp(1 - weight * one))))
    return rows


def test_the_weights_that_made_the_answers_are_found() -> None:
    found = fit(made(4000, 0.8), 100, {"task": "made"})
    assert found.calibration.weights["scorer"] == pytest.approx(0.8, abs=0.08)
    assert abs(found.calibration.weights["noise"]) < 0.1
    assert found.ece < 0.03 and 0.8 < found.auc < 0.95
    assert (found.n, found.solved) == (4100, 4000)
    assert found.calibration.about["n"] == 4100 and found.calibration.about["task"] == "made"
    means = [mean for mean, _, _ in found.bins]
    assert means == sorted(means) and sum(count for _, _, count in found.bins) == 4000


def test_the_surest_are_right_more_often() -> None:
    found = fit(made(2000, 0.8), 0, {})
    shares = [right for _, right in found.coverage]
    assert shares[0] > 0.95 > shares[4] > shares[9]
    # Answering everything, unsolved ones too, has the accuracy of all.
    assert shares[9] == pytest.approx(found.right / found.n)


def test_what_says_nothing_is_no_confidence() -> None:
    found = fit(made(2000, 0.0), 0, {})
    assert 0.4 < found.auc < 0.6 and found.ece < 0.05


def test_a_feature_that_tells_all_has_no_infinite_weight() -> None:
    rows = [({"scorer": float(n)}, n >= 50) for n in range(100)]
    found = fit(rows, 0, {})
    assert found.auc > 0.99 and found.calibration.weights["scorer"] < 100


def test_features_that_only_some_have_are_left_out() -> None:
    rows = made(400, 0.8)
    rows[3] = ({"scorer": 1.0}, True)
    assert set(fit(rows, 0, {}).calibration.weights) == {"scorer"}


@pytest.mark.parametrize("rows", [[], made(20, 0.8), [({"scorer": 1.0}, True)] * 100])
def test_too_few_of_either_kind(rows: list[tuple[dict[str, float], bool]]) -> None:
    with pytest.raises(ValueError, match=r"right and .* wrong answers"):
        fit(rows, 0, {})
