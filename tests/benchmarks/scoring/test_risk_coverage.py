"""Risk against coverage is computed as its definition says."""

from dataclasses import replace

import pytest

from benchmarks.scoring.risk_coverage import risk_coverage
from benchmarks.scoring.samples import Sample
from tests.benchmarks.fakes import model_right_on, scored

(PLAIN,) = scored("a", model_right_on(1), n=1).samples


def answers(*pairs: tuple[float | None, bool]) -> list[Sample]:
    return [replace(PLAIN, confidence=confidence, correct=right) for confidence, right in pairs]


def test_the_area_is_the_mean_risk_over_coverages() -> None:
    found = risk_coverage(answers((0.9, True), (0.8, False), (0.7, True), (0.1, False)))
    assert found is not None
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    assert found.aurc_best == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)
    assert found.risk == 0.5 and found.curve[-1] == (1.0, 0.5)
    assert found.coverage_at == {0.05: 0.25, 0.1: 0.25, 0.2: 0.25}


def test_equal_confidences_are_in_no_order() -> None:
    one = risk_coverage(answers((0.5, True), (0.5, False)))
    other = risk_coverage(answers((0.5, False), (0.5, True)))
    assert one == other and one is not None and one.aurc == pytest.approx(0.5)


def test_questions_without_an_answer_are_not_covered() -> None:
    unsolved = replace(PLAIN, status="truncated", value=None, correct=False, confidence=None)
    found = risk_coverage([*answers((0.9, True)), unsolved])
    assert found is not None and found.curve == ((0.5, 0.0),) and (found.answered, found.n) == (1, 2)


def test_without_confidence_there_is_no_curve() -> None:
    assert risk_coverage(answers((None, True))) is None
