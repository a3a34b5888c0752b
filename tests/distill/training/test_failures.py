"""A full disk, a full memory and an interrupt end training with one line, and leave the last good state."""

import math
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from distill.training.checkpoints.snapshots import STATE_FILE
from distill.training.loop import train
from distill.training.report.metrics import StepRow
from distill.training.state import TrainState
from runtime.values.errors import WorkFailed
from tests.distill.training.learning import RATIONALES, Killed, losses, settings, stop_at


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: to a program that is a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("changes", [{}, {"average": "last", "snapshot_steps": 6}], ids=["state", "snapshot"])
def test_a_full_disk_is_one_line_and_leaves_the_last_good_state(
    base: Path, tmp_path: Path, changes: dict[str, object]
) -> None:
    chosen = settings(base, method="full", save_interval_s=1e-9, **changes)
    train(RATIONALES, chosen, tmp_path / "whole")
    with pytest.raises(Killed):
        train(RATIONALES, chosen, tmp_path / "out", progress=stop_at(4))
    state = (tmp_path / "out" / STATE_FILE).read_bytes()
    with file_limit(100_000), pytest.raises(WorkFailed) as failure:
        train(RATIONALES, chosen, tmp_path / "out")
    told = str(failure.value)
    assert "\n" not in told
    assert told.startswith(f"could not write in {tmp_path / 'out'} (") and "make room" in told
    assert str(tmp_path / "out" / STATE_FILE) in told
    assert (tmp_path / "out" / STATE_FILE).read_bytes() == state
    assert not list((tmp_path / "out").rglob("*.part"))
    train(RATIONALES, chosen, tmp_path / "out")
    assert losses(tmp_path / "out") == losses(tmp_path / "whole")


def test_a_disk_that_is_full_at_the_very_end_keeps_the_work(base: Path, tmp_path: Path) -> None:
    chosen = settings(base, method="full", average="last", snapshot_steps=4)

    def fill(done: int, total: int, note: str) -> None:
        if done == total:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    with file_limit(100_000_000), pytest.raises(WorkFailed, match="could not write"):
        train(RATIONALES, chosen, tmp_path, progress=fill)
    assert not (tmp_path / "checkpoint").exists()
    seen: list[int] = []
    train(RATIONALES, chosen, tmp_path, progress=lambda done, total, note: seen.append(done))
    assert seen == []
    assert (tmp_path / "checkpoint" / "model.safetensors").is_file()


def too_much_for_torch() -> None:
    import torch

    torch.empty(2**50)


def too_much_for_python() -> None:
    bytearray(2**50)


@pytest.mark.parametrize("too_much", [too_much_for_torch, too_much_for_python])
def test_no_memory_is_one_line_and_leaves_the_last_good_state(
    base: Path, tmp_path: Path, too_much: Callable[[], None]
) -> None:
    chosen = settings(base, save_interval_s=1e-9)
    with pytest.raises(WorkFailed) as failure:
        train(RATIONALES, chosen, tmp_path, progress=stop_at(3, too_much))
    told = str(failure.value)
    assert "\n" not in told
    assert told.startswith("out of memory (") and "max_tokens_per_batch below 2048" in told
    train(RATIONALES, chosen, tmp_path)
    assert len(losses(tmp_path)) == 8


def test_a_loss_that_is_no_number_ends_training_before_it_is_saved(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = TrainState.step

    def diverged(self: TrainState, number: int, *rest: Any) -> StepRow:
        row = step(self, number, *rest)
        return replace(row, loss=math.nan) if number == 4 else row

    monkeypatch.setattr(TrainState, "step", diverged)
    with pytest.raises(WorkFailed, match="the loss of step 4 is nan; expected: a learning_rate below"):
        train(RATIONALES, settings(base, save_interval_s=1e-9), tmp_path)
    assert torch_load(tmp_path / STATE_FILE)["step"] == 4 == len(losses(tmp_path))


def torch_load(path: Path) -> dict[str, Any]:
    import torch

    state: dict[str, Any] = torch.load(path, weights_only=True)
    return state


def test_other_errors_are_not_dressed_up(base: Path, tmp_path: Path) -> None:
    def wrong() -> None:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        train(RATIONALES, settings(base), tmp_path, progress=stop_at(2, wrong))


CHILD = """
import os, resource, signal, sys
from pathlib import Path
from runtime.values.files import write_json, write_jsonl
from distill.labeling.rationale_set import rationale_row
from tests.distill.training.learning import RATIONALES
import edgethought.cli.app, distill.training.loop

how, base, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
write_jsonl(out / "set" / "rationales.jsonl", map(rationale_row, RATIONALES))
write_json(out / "set" / "manifest.json", {"kind": "rationales", "schema": 2, "near_duplicates": []})
done = []
step = distill.training.loop.learning_rate

def at_step(number, *rest):
    if number == 3 and how == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
    if number == 3 and how == "memory":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + 2**20, resource.RLIM_INFINITY))
    return step(number, *rest)

distill.training.loop.learning_rate = at_step
changes = ["base=" + base, "threads=1", "save_interval_s=1e-9", "epochs=40", "batch_size=4", "max_tokens_per_batch=65536"]
sets = [word for change in changes for word in ("--set", "train." + change)]
sys.argv = ["edgethought", "distill", "train", str(out / "set"), "--out", str(out / "run"), *sets]
edgethought.cli.app.main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "status", "words"), [("interrupt", 130, "stopped"), ("memory", 1, "error: out of memory")]
)
def test_the_command_line_says_one_line_too(
    base: Path, tmp_path: Path, how: str, status: int, words: str
) -> None:
    command = [sys.executable, "-c", CHILD, how, str(base), str(tmp_path)]
    if how == "memory":
        # Examples of some length, so that a step needs more than the little that is left.
        command[2] = CHILD.replace(
            "RATIONALES\nimport", "RATIONALES as FEW\nRATIONALES = FEW * 60\nimport"
        ).replace("batch_size=4", "batch_size=360")
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == status, ended.stderr
    (line,) = [line for line in ended.stderr.splitlines() if not line.startswith("  ")]
    assert line.startswith(words)
    assert (tmp_path / "run" / STATE_FILE).is_file()
