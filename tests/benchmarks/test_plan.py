"""A plan's number of problems is the fewest that McNemar's exact test needs."""

from pathlib import Path

import pytest

from benchmarks.plan import exact_power, plan, plans_of, usual_plans
from benchmarks.scoring.statistics import mcnemar
from runtime.values.errors import InputError
from runtime.values.files import write_json
from tests.benchmarks.fakes import findings, model_right_on, scored


@pytest.mark.parametrize(
    ("n", "discordance", "difference"), [(200, 0.2, 0.08), (400, 0.2, 0.08), (60, 0.5, 0.3)]
)
def test_power_is_what_simulation_finds(n: int, discordance: float, difference: float) -> None:
    import numpy as np

    shares = [(discordance + difference) / 2, (discordance - difference) / 2, 1 - discordance]
    drawn = np.random.default_rng(0).multinomial(n, shares, size=4000)
    found = sum(mcnemar(int(one), int(other)) < 0.05 for one, other, _ in drawn) / 4000
    assert exact_power(n, discordance, difference) == pytest.approx(found, abs=0.025)


@pytest.mark.parametrize(("discordance", "difference"), [(0.2, 0.02), (0.1, 0.1), (0.3, 0.05), (0.5, 0.2)])
def test_a_plan_has_the_power_and_one_problem_in_fifty_less_has_not(
    discordance: float, difference: float
) -> None:
    needed = plan(discordance, difference, 0.8).problems
    assert needed is not None and exact_power(needed, discordance, difference) >= 0.8
    assert exact_power(needed - needed // 50 - 1, discordance, difference) < 0.8


def test_more_disagreement_and_more_power_need_more_problems() -> None:
    needed = [one.problems for one in usual_plans(0.05, 0.8)]
    assert None not in needed and needed == sorted(needed, key=lambda n: n or 0)
    assert (plan(0.2, 0.05, 0.9).problems or 0) > (plan(0.2, 0.05, 0.8).problems or 0)


def test_too_small_a_difference_needs_too_many() -> None:
    assert plan(0.5, 0.0005, 0.8).problems is None


def test_a_report_says_how_often_its_pairs_disagree(tmp_path: Path) -> None:
    write_json(
        tmp_path / "report.json",
        findings(scored("a", model_right_on(4)), scored("b", model_right_on(20)), baseline="a").to_row(),
    )
    (found,) = plans_of(tmp_path, 0.1, 0.8)
    assert found.what == "gsm8k test: a → b, n = 40" and found.discordance == 0.4
    write_json(tmp_path / "report.json", findings(scored("a", model_right_on(4))).to_row())
    with pytest.raises(InputError, match="compares no two artifacts; expected"):
        plans_of(tmp_path / "report.json", 0.1, 0.8)


@pytest.mark.parametrize(
    ("discordance", "difference", "power"), [(0.2, 0, 0.8), (0.2, 0.1, 1), (1.2, 0.1, 0.8)]
)
def test_what_is_no_share_is_refused(discordance: float, difference: float, power: float) -> None:
    with pytest.raises(InputError, match="expected"):
        plan(discordance, difference, power)
