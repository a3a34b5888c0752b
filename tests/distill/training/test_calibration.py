"""A run computes in what its machine multiplies fastest, keeps that, and fits into its time."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from distill.training import calibration
from distill.training.calibration import (
    CALIBRATION_FILE,
    Calibration,
    calibrate,
    duration,
    fit_steps,
    product_gflops,
)
from distill.training.distributed.processes import open_distributed
from distill.training.examples import Example
from distill.training.loop import train
from distill.training.losses.objective import Objective
from distill.training.settings import ComputeType, TrainSettings
from distill.training.state import open_train_state
from runtime.values.errors import InputError
from tests.distill.training.learning import RATIONALES, Killed, losses, rows, same, settings, stop_at, weights

AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
TYPES: tuple[ComputeType, ...] = ("bfloat16", "float32", "float16")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], None]:
    """Be a machine that multiplies at these rates, in float32 and in bfloat16."""

    def be(float32: float, bfloat16: float) -> None:
        rates = {"float32": float32, "bfloat16": bfloat16}
        monkeypatch.setattr(calibration, "product_gflops", lambda types: rates)

    return be


@pytest.mark.parametrize(("rates", "chosen"), [((125, 13), "float32"), ((195, 440), "bfloat16")])
def test_auto_takes_what_is_fastest_and_says_why(
    tmp_path: Path, machine: Callable[..., None], rates: tuple[float, float], chosen: str
) -> None:
    machine(*rates)
    found = calibrate(TrainSettings(), tmp_path, torch.device("cpu"))
    assert found.compute == chosen
    assert found.line == (
        f"computes in {chosen}: the fastest here, float32 {rates[0]}, bfloat16 {rates[1]} GFLOP/s"
    )
    assert json.loads((tmp_path / CALIBRATION_FILE).read_text())["gflops"]["bfloat16"] == rates[1]


def test_a_gpu_computes_in_bfloat16_and_what_is_asked_for_is_taken(tmp_path: Path) -> None:
    assert calibrate(TrainSettings(), tmp_path / "gpu", torch.device("cuda")).compute == "bfloat16"
    asked = calibrate(TrainSettings(compute="float16"), tmp_path / "asked", torch.device("cpu"))
    assert (asked.compute, asked.gflops) == ("float16", {})


def test_a_run_keeps_its_type_on_another_machine_and_says_so(
    base: Path, tmp_path: Path, machine: Callable[..., None]
) -> None:
    chosen = settings(base, compute="auto", save_interval_s=1e-9)
    machine(10, 100)
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path, progress=stop_at(3))
    machine(100, 10)
    lines: list[str] = []
    report = train(RATIONALES, chosen, tmp_path, say=lines.append)
    assert report.compute == "bfloat16"
    assert lines[0].startswith("computes in bfloat16: the run began in it, though on this machine float32 is")
    assert "| computed in | bfloat16," in (tmp_path / "checkpoint/README.md").read_text()


def test_another_type_than_the_run_began_in_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train(RATIONALES, settings(base, save_interval_s=1e-9), tmp_path, progress=stop_at(3))
    with pytest.raises(InputError, match=r"train\.compute float32, but the run in .* began in bfloat16"):
        train(RATIONALES, settings(base, compute="float32"), tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"compute": "int8", "reason": ""}',
        '{"compute": 1}',
        '{"compute": "float32", "reason": "", "steps": -3}',
        '{"compute": "float32", "reason": 1}',
        '{"compute": "float32", "reason": "", "gflops": null}',
        '{"compute": "float32", "reason": "", "another": 1}',
    ],
)
def test_a_damaged_calibration_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / CALIBRATION_FILE).write_text(text)
    with pytest.raises(InputError, match="expected: another folder"):
        calibrate(TrainSettings(), tmp_path, torch.device("cpu"))


@pytest.mark.parametrize("method", ["lora", "full"])
@pytest.mark.parametrize("compute", TYPES)
def test_a_student_learns_in_every_type_and_goes_on_after_a_kill(
    base: Path, tmp_path: Path, method: str, compute: str
) -> None:
    chosen = settings(base, method=method, compute=compute, save_interval_s=1e-9)
    train(RATIONALES, chosen, tmp_path / "whole")
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path / "killed", progress=stop_at(5))
    train(RATIONALES, chosen, tmp_path / "killed")
    curve = losses(tmp_path / "whole")
    assert curve[-1] < 0.9 * curve[0]
    assert losses(tmp_path / "killed") == curve
    assert same(weights(tmp_path / "killed"), weights(tmp_path / "whole"))


@pytest.mark.parametrize("method", ["lora", "full"])
def test_types_give_the_same_curve_within_their_rounding(base: Path, tmp_path: Path, method: str) -> None:
    for compute in TYPES:
        train(
            RATIONALES, settings(base, method=method, compute=compute, learning_rate=1e-3), tmp_path / compute
        )
    exact = losses(tmp_path / "float32")
    assert losses(tmp_path / "bfloat16") == pytest.approx(exact, rel=0.05)
    assert losses(tmp_path / "float16") == pytest.approx(exact, rel=0.005)


def test_in_float32_master_and_weight_are_one_tensor(base: Path) -> None:
    train_state = open_train_state(base, settings(base, method="full"), open_distributed(), torch.float32)
    assert all(
        weight is copy
        for weight, copy in zip(train_state.masters.weights, train_state.masters.copies, strict=True)
    )
    rounded = open_train_state(base, settings(base, method="full"), open_distributed(), torch.bfloat16)
    assert all(copy.dtype == torch.float32 for copy in rounded.masters.copies)


def test_a_float16_gradient_that_overflows_halves_the_scale_and_is_made_again(base: Path) -> None:
    distributed = open_distributed()
    train_state = open_train_state(base, settings(base, method="full"), distributed, torch.float16)
    train_state.optimizer.loss_scale = 2.0**40
    before = [copy.clone() for copy in train_state.masters.copies]
    objective = Objective(settings(base), 2, distributed.device)
    train_state.step(0, [[Example((9, 8, 7, 20, 21, 2), 3)]], 1e-3, objective, distributed, 1.0)
    assert 1 < train_state.loss_scale < 2.0**40
    assert train_state.optimizer.steps == 1
    assert any(not torch.equal(old, new) for old, new in zip(before, train_state.masters.copies, strict=True))


PLAN = [[[Example(tuple(range(50)), 1)] * 2] for _ in range(40)]


@pytest.mark.parametrize(("budget", "steps"), [(0, None), (100, None), (21, 20), (1, 8)])
def test_a_plan_is_cut_to_its_time(budget: float, steps: int | None) -> None:
    """The first step takes two seconds, each later one a second: twenty end at 21 s."""
    found, line = fit_steps(Calibration("float32", ""), PLAN, [2, 1, 1], budget)
    assert found.steps == steps
    assert ("cut to" in line) == (steps is not None)
    assert "40 steps take about 41 s" in line


def test_a_cut_run_is_the_same_after_a_kill(base: Path, tmp_path: Path) -> None:
    chosen = settings(base, epochs=8, time_budget_s=1e-6, save_interval_s=1e-9)
    lines: list[str] = []
    report = train(RATIONALES, chosen, tmp_path / "whole", say=lines.append)
    assert (report.steps, report.planned_steps) == (8, 16)
    assert "cut to 8" in lines[1]
    for at in (2, 3, 5):
        with pytest.raises(Killed):
            train(RATIONALES, chosen, tmp_path / "killed", progress=stop_at(at))
    train(RATIONALES, chosen, tmp_path / "killed", say=lines.append)
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")
    assert same(weights(tmp_path / "killed"), weights(tmp_path / "whole"))


@pytest.mark.parametrize(("seconds", "words"), [(40, "40 s"), (560, "9 min"), (11_000, "3.1 h")])
def test_durations_are_for_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_products_are_measured_in_every_type() -> None:
    rates = product_gflops(TYPES, (16, 32, 64), 0.001)
    assert rates.keys() == set(TYPES)
    assert all(rate > 0 for rate in rates.values())


ONE_STEP = """
import json, sys
from pathlib import Path
import torch
from distill.training.calibration import calibrate
from distill.training.loop import train
from tests.distill.training.learning import RATIONALES, losses, settings
base, out = map(Path, sys.argv[1:])
chosen = settings(base, compute="auto", epochs=1, batch_size=6, threads=1)
found = calibrate(chosen, out, torch.device("cpu"))
report = train(RATIONALES, chosen, out)
print(json.dumps({"gflops": found.gflops, "compute": report.compute, "loss": losses(out)[0]}))
"""


def test_a_cpu_without_bfloat16_products_takes_float32_and_has_the_same_loss(
    base: Path, tmp_path: Path
) -> None:
    found = forced(base, tmp_path / "avx2")
    assert found["compute"] == max(found["gflops"], key=found["gflops"].get) == "float32"
    train(RATIONALES, settings(base, epochs=1, batch_size=6), tmp_path / "bfloat16")
    train(RATIONALES, settings(base, epochs=1, batch_size=6, compute="float32"), tmp_path / "float32")
    rounding = abs(losses(tmp_path / "bfloat16")[0] - losses(tmp_path / "float32")[0])
    assert abs(found["loss"] - losses(tmp_path / "float32")[0]) <= 1e-4
    assert abs(found["loss"] - losses(tmp_path / "bfloat16")[0]) <= rounding + 1e-4


def forced(base: Path, out: Path) -> dict[str, Any]:
    """One step of training in a process whose libraries use AVX2 at most."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_STEP, str(base), str(out)],
        env={**os.environ, **AVX2},
        capture_output=True,
        text=True,
        check=True,
    )
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row
