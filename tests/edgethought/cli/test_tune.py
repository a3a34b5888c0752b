"""`edgethought tune`: what is measured by default, what is remembered, and wrong input."""

import json
from pathlib import Path

import pytest

from benchmarks import tune as tuning
from edgethought.cli.tune import tune_command
from runtime.answering.default_model import artifact_folder, set_default
from runtime.answering.tuning import remembered
from runtime.values.errors import InputError
from runtime.values.manifest import read_manifest
from tests.runtime.fake_engine import Clock, TimedEngine, fake_manifest


@pytest.fixture
def artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two artifacts, the second twice as quick as the first by a clock of their own."""
    folders = [tmp_path / "slow", tmp_path / "quick"]
    for folder in folders:
        folder.mkdir()
        fake_manifest().save(folder)
    clock = Clock()
    monkeypatch.setattr(tuning, "thread_counts", lambda: [1])
    monkeypatch.setattr(tuning, "perf_counter", lambda: clock.now_s)
    monkeypatch.setattr(
        tuning,
        "open_engine",
        lambda folder, threads, accuracy_level: TimedEngine(clock, 0.004 if folder.name == "slow" else 0.002),
    )
    return folders


@pytest.mark.usefixtures("home")
def test_the_choice_is_what_solve_uses_from_then_on(
    artifacts: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("runtime.answering.default_model.engine_installed", lambda format: True)
    set_default(artifacts)
    assert artifact_folder().name == "slow"
    tune_command([], seconds=1, keep=True, as_json=False)
    assert artifact_folder().name == "quick"
    found = remembered(read_manifest(artifacts[1]))
    assert found is not None and found.threads == 1
    assert "This device" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_without_keep_nothing_is_remembered(
    artifacts: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    tune_command(artifacts, seconds=1, keep=False, as_json=True)
    row = json.loads(capsys.readouterr().out)
    assert row["best"].endswith("quick")
    assert {speed["artifact"].rpartition("/")[2] for speed in row["speeds"]} == {"slow", "quick"}
    assert remembered(read_manifest(artifacts[1])) is None


@pytest.mark.usefixtures("home")
def test_wrong_input_is_told(artifacts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no artifacts to measure"):
        tune_command([], seconds=1, keep=True, as_json=False)
    with pytest.raises(InputError, match="seconds is 0; expected: 1 to 3600"):
        tune_command(artifacts, seconds=0, keep=True, as_json=False)
    with pytest.raises(InputError, match="latency-ms is 0; expected: more than 0"):
        tune_command(artifacts, seconds=1, latency_ms=0, keep=True, as_json=False)
    with pytest.raises(InputError, match="is no artifact"):
        tune_command([tmp_path / "none"], seconds=1, keep=True, as_json=False)
