"""Several processes learn what one does: same batches, same labels under the loss, same student."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from distill.training.distributed.processes import Distributed, Share
from tests.distill.training.learning import losses, rows, weights
from tests.tiny import tiny_checkpoint
from tests.tiny_seq2seq import CORPUS, tiny_t5


@dataclass
class FakeAccelerator:
    process_index: int
    num_processes: int
    distributed_type: str = "NO"
    is_main_process: bool = False
    device: str = "cpu"


@dataclass
class Kind:
    value: str


def shares(rank: int, count: int, micros: int, kind: str = "MULTI_CPU") -> list[Share]:
    accelerator = FakeAccelerator(rank, count, Kind(kind))  # type: ignore[arg-type]
    return list(Distributed(accelerator).shares(micros))


@pytest.mark.parametrize("micros", range(8))
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_every_micro_batch_is_one_processs(micros: int, count: int) -> None:
    every = [share for rank in range(count) for share in shares(rank, count, micros)]
    assert sorted(share.index for share in every) == list(range(micros))
    assert all(share.counted for share in every)


@pytest.mark.parametrize("micros", range(1, 8))
@pytest.mark.parametrize("count", [2, 3, 8])
def test_with_a_sharded_student_all_go_forward_equally_often(micros: int, count: int) -> None:
    ranks = [shares(rank, count, micros, "FSDP") for rank in range(count)]
    assert len({len(own) for own in ranks}) == 1
    counted = [share.index for own in ranks for share in own if share.counted]
    assert sorted(counted) == list(range(micros))


def launch(distributed: int, base: Path, out: Path, changes: dict[str, Any], *kill: str) -> int:
    """Train in processes of accelerate's; returns the exit status."""
    learning = ["-m", "tests.distill.training.learning", str(base), str(out), json.dumps(changes), *kill]
    # Port 0 is any free one; the usual one may still be held by a launch that has just ended.
    port = ["--main_process_port", "0"]
    launcher = ["-m", "accelerate.commands.launch", "--multi_gpu", *port, "--num_processes", str(distributed)]
    command = [sys.executable, *(launcher if distributed > 1 else []), *learning]
    return subprocess.run(command, check=False).returncode


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"method": "full"},
        {"method": "lora", "average": "ema"},
        {"method": "full", "family": "t5"},
        {"method": "full", "sharded": True, "average": "ema"},
        {"method": "lora", "sharded": True, "snapshot_steps": 3, "average": "last"},
        {"method": "full", "sharded": True, "family": "t5"},
    ],
    ids=["full", "lora", "encoder-decoder", "sharded", "sharded lora", "sharded encoder-decoder"],
)
def test_two_processes_learn_what_one_does(tmp_path: Path, changes: dict[str, Any]) -> None:
    changes = {"max_tokens_per_batch": 130, "compute": "float32", "thought_weights": {"pot": 2}, **changes}
    make = tiny_t5 if changes.pop("family", "") else tiny_checkpoint
    base = make(tmp_path / "base", CORPUS) if make is tiny_t5 else make(tmp_path / "base")
    assert launch(1, base, tmp_path / "1", {**changes, "sharded": False}) == 0
    assert launch(2, base, tmp_path / "2", changes) == 0
    assert losses(tmp_path / "2") == pytest.approx(losses(tmp_path / "1"), rel=1e-4)
    for one, two in zip(rows(tmp_path / "1"), rows(tmp_path / "2"), strict=True):
        assert (one["tokens"], one["labels"]) == (two["tokens"], two["labels"])
    first, second = weights(tmp_path / "1"), weights(tmp_path / "2")
    # Checkpoints are bfloat16: what differs may be its last bit.
    assert all(bool((first[name] - second[name]).abs().max() <= 0.01) for name in first)
    assert sum(int((first[name] != second[name]).sum()) for name in first) < 0.01 * sum(
        one.numel() for one in first.values()
    )


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.parametrize("sharded", [False, True])
def test_two_processes_resume_and_one_may_go_on_alone(tmp_path: Path, sharded: bool) -> None:
    base = tiny_checkpoint(tmp_path / "base")
    whole = {"max_tokens_per_batch": 130, "compute": "float32", "save_interval_s": 1e-9, "average": "ema"}
    changes = {**whole, "sharded": sharded}
    assert launch(1, base, tmp_path / "one", whole) == 0
    assert launch(2, base, tmp_path / "two", changes, "3") != 0
    assert not (tmp_path / "two/checkpoint").exists()
    assert launch(2, base, tmp_path / "two", changes, "6") != 0
    assert launch(1, base, tmp_path / "two", whole) == 0
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)
