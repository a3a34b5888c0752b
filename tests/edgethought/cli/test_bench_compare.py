"""`bench-compare` and `bench-plan` print tables for people and JSON for machines."""

import json
from pathlib import Path

import pytest

from benchmarks.scoring.samples import SampleLog
from edgethought.cli.bench.compare import compare_command
from edgethought.cli.bench.plan import plan_command
from runtime.values.errors import InputError
from tests.benchmarks.fakes import model_right_on, scored


def bench(folder: Path, label: str, right: int) -> Path:
    with SampleLog(folder / "samples.jsonl") as log:
        for sample in scored(label, model_right_on(right)).samples:
            log.append(sample)
    return folder


def test_a_comparison_says_difference_noise_and_flips(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    first, second = bench(tmp_path / "a", "old [1]", 10), bench(tmp_path / "b", "new", 30)
    compare_command(first, second, label=None, other=None, flips=3, as_json=False)
    text = " ".join(capsys.readouterr().out.split())  # a narrow terminal folds cells
    assert "old [1]" in text and "+50.0 points" in text and "p < 0.001: more than noise" in text
    assert "20 gained, 0 lost" in text and "17 more" in text and text.count("gained") == 4
    compare_command(first, second, label=None, other=None, flips=3, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["tasks"][0]["flips"]) == 20


def test_noise_is_called_noise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    first, second = bench(tmp_path / "a", "s", 10), bench(tmp_path / "b", "s", 11)
    compare_command(first, second, label=None, other=None, flips=3, as_json=False)
    text = " ".join(capsys.readouterr().out.split())
    assert "p = 1.000: noise (" in text and "points would have shown)" in text
    assert "What changed" not in text


def test_a_plan_is_a_table_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    plan_command(None, points=5, power=0.8, discordance=20, as_json=False)
    table = capsys.readouterr().out
    plan_command(None, points=5, power=0.8, discordance=20, as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert row["discordance"] == 0.2 and str(row["problems"]) in table
    with pytest.raises(InputError, match="expected: one of them"):
        plan_command(Path("runs/bench"), points=5, power=0.8, discordance=20, as_json=False)


@pytest.mark.parametrize(
    ("points", "discordance", "message"),
    [
        (float("nan"), None, "points is nan; expected: above 0, below 100"),
        (100, None, "points is 100; expected"),
        (2, 150, "discordance is 150 %; expected: up to 100"),
        (2, 1, "no less than the 2 points"),
    ],
)
def test_a_plan_for_what_cannot_be_is_refused(points: float, discordance: float | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan_command(None, points=points, power=0.8, discordance=discordance, as_json=False)


def test_a_difference_larger_than_usual_disagreements_has_a_plan(capsys: pytest.CaptureFixture[str]) -> None:
    plan_command(None, points=60, power=0.8, discordance=None, as_json=True)
    assert [one["discordance"] for one in json.loads(capsys.readouterr().out)] == [0.6]
