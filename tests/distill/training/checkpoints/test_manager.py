"""A run that was killed anywhere goes on as if nothing had happened, bit for bit."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import distill.training.checkpoints.manager
import distill.training.loop
from distill.training.checkpoints.dev_accuracy import Dev, DevScore
from distill.training.loop import train
from runtime.values.errors import InputError
from tests.distill.training.learning import RATIONALES, Killed, losses, rows, same, settings, stop_at, weights
from tests.tiny import tiny_checkpoint

RIGHT = {"snapshot after 2 steps": 1, "snapshot after 4 steps": 5, "snapshot after 6 steps": 4}
MEASURED = {
    "snapshot_steps": 2,
    "dev_problems": 10,
    "average": "last",
    "average_last": 2,
    "save_interval_s": 1e-9,
}
DEV = Dev([RATIONALES[0].problem])


def measure_by(*arguments: object) -> Callable[[Path, str], DevScore]:
    """Dev accuracy by script instead of by an artifact."""

    def measure(checkpoint: Path, label: str) -> DevScore:
        assert (checkpoint / "model.safetensors").is_file()
        return DevScore(RIGHT.get(label, 3), 10, 0.5)

    return measure


@pytest.fixture(scope="module")
def whole(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A measured run that nobody killed."""
    out = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distill.training.loop, "measure_by", measure_by)
        train(RATIONALES, settings(base, **MEASURED), out, dev=DEV)
    return out


def kept(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lora", "full"])
def test_sigkill_changes_nothing(base: Path, tmp_path: Path, method: str) -> None:
    changes = f'{{"method": "{method}", "save_interval_s": 1e-9, "average": "ema", "snapshot_steps": 3}}'
    command = [sys.executable, "-m", "tests.distill.training.learning", str(base)]
    subprocess.run([*command, str(tmp_path / "whole"), changes], check=True)
    for at in ("2", "5", "6"):
        killed = subprocess.run([*command, str(tmp_path / "killed"), changes, at], check=False)
        assert killed.returncode == -9
    subprocess.run([*command, str(tmp_path / "killed"), changes], check=True)
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")
    assert same(weights(tmp_path / "killed"), weights(tmp_path / "whole"))


PLACES = {
    "before the state is in place": ("distill.training.checkpoints.manager.save_state", 3),
    "before a snapshot is there": ("distill.training.checkpoints.manager.Snapshots.save", 2),
    "before a snapshot is measured": ("distill.training.checkpoints.manager.save_checkpoint", 2),
    "before older snapshots go": ("distill.training.checkpoints.manager.Snapshots.keep", 3),
    "before the average is measured": ("distill.training.checkpoints.manager.Snapshots.mean", 1),
    "before the checkpoint is written": ("distill.training.loop.save_checkpoint", 1),
    "before the report is written": ("distill.training.loop.write_json", 1),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_kill_at_any_place_is_forgotten(
    base: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    name, call = PLACES[place]
    chosen = settings(base, **MEASURED)
    monkeypatch.setattr(distill.training.loop, "measure_by", measure_by)
    with monkeypatch.context() as patch:
        calls = 0
        function = _resolve(name)

        def killed(*arguments: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            if calls == call:
                raise Killed
            return function(*arguments, **named)

        patch.setattr(name, killed)
        with pytest.raises(Killed):
            train(RATIONALES, chosen, tmp_path, dev=DEV)
    report = train(RATIONALES, chosen, tmp_path, dev=DEV)
    assert report.weights == "the snapshot after 4 steps, the best on dev"
    assert (report.dev_right, report.dev_n) == (5, 10)
    for file in ("metrics.jsonl", "dev.jsonl"):
        assert rows(tmp_path, file) == rows(whole, file)
    assert same(weights(tmp_path), weights(whole))
    assert kept(tmp_path) == kept(whole)


def _resolve(name: str) -> Callable[..., Any]:
    found: Any = distill
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


def test_a_finished_run_is_not_done_again(base: Path, tmp_path: Path) -> None:
    chosen = settings(base)
    first = train(RATIONALES, chosen, tmp_path)
    assert train(RATIONALES, chosen, tmp_path, progress=stop_at(1)) == first
    with pytest.raises(InputError, match="finished student of other data or settings"):
        train(RATIONALES[:3], chosen, tmp_path)


def test_a_damaged_last_row_is_not_believed(base: Path, tmp_path: Path) -> None:
    chosen = settings(base, save_interval_s=1e-9)
    train(RATIONALES, chosen, tmp_path / "whole")
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path / "killed", progress=stop_at(5))
    with (tmp_path / "killed/metrics.jsonl").open("a") as file:
        file.write('{"step": 5, "lo')
    train(RATIONALES, chosen, tmp_path / "killed")
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")


def test_other_weights_under_the_same_name_are_another_run(tmp_path: Path) -> None:
    chosen = settings(tiny_checkpoint(tmp_path / "base"), save_interval_s=1e-9)
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path / "out", progress=stop_at(3))
    tiny_checkpoint(tmp_path / "base", seed=1)
    with pytest.raises(InputError, match="other data or settings"):
        train(RATIONALES, chosen, tmp_path / "out")
