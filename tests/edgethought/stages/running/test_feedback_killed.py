"""`edgethought run` of feedback rounds, killed at random moments: what comes out is what comes of a run left alone."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from export.checkpoint import checkpoint_sha256
from runtime.values.files import write_jsonl
from tests.edgethought.stages.running.test_feedback import box_row
from tests.tiny import tiny_checkpoint

KILLS = 10
# What differs between two runs left alone; the report tells milliseconds too.
TIMES = {"seconds", "finished", "tokens_per_second"}


def command(recipe: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "edgethought", "run", str(recipe), "--out", str(out)]


def kill_after(seconds: float, recipe: Path, out: Path) -> bool:
    """Whether the run was still under way after so many seconds, and was killed with all its processes."""
    with subprocess.Popen(
        command(recipe, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as run:
        try:
            assert run.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            return True
    return False


def outcome(out: Path) -> dict[str, Any]:
    """Everything that a run found out, but how long it took."""
    stages = json.loads((out / "run.json").read_text())["stages"]
    noted = {
        name: {key: value for key, value in stage.items() if key not in TIMES}
        for name, stage in stages.items()
        if name != "report"
    }
    kept = {
        str(file.relative_to(out)): file.read_bytes()
        for pattern in ("**/rationales.jsonl", "rounds/*/samples.jsonl")
        for file in sorted(out.glob(pattern))
    }
    weights = {
        str(file.parent.relative_to(out)): checkpoint_sha256(file.parent)
        for file in sorted(out.glob("**/checkpoint/model.safetensors"))
    }
    assert len(weights) > 2
    return {"noted": noted, "kept": kept, "weights": weights}


@pytest.mark.slow
@pytest.mark.torch
def test_killed_ten_times_and_the_same(tmp_path: Path, home: Path) -> None:
    write_jsonl(tmp_path / "mine.jsonl", map(box_row, range(24)))
    recipe = {
        "summary": "two rounds of feedback on a tiny student that learns its problems by heart",
        "data": str(tmp_path / "mine.jsonl"),
        "thoughts": ["eot", "pot"],
        "train": {
            "base": str(tiny_checkpoint(tmp_path / "tiny", spread=0.1)),
            "vocabulary": "trimmed",
            "method": "full",
            "learning_rate": 3.0e-3,
            "epochs": 6,
            "batch_size": 8,
            "threads": 1,
            "save_interval_s": 0.5,
        },
        "rounds": [{"method": "fdd", "samples": 2, "solved": 1.0}] * 2,
        "targets": "gguf:q8_0",
        "score": {"tasks": ["stories"], "limit": 4, "baselines": []},
    }
    file = tmp_path / "fdd.yaml"
    file.write_text(yaml.safe_dump(recipe))
    begun = time.monotonic()
    subprocess.run(command(file, tmp_path / "whole"), check=True, capture_output=True)
    seconds = time.monotonic() - begun
    whole = outcome(tmp_path / "whole")
    told = whole["noted"]["feedback 1"]
    assert told["solved"] and told["failed"] and len(whole["kept"]) > 4
    moments, kills, runs = random.Random(0), 0, 0
    while kills < KILLS:
        runs += 1
        out = tmp_path / f"killed-{runs}"
        while kills < KILLS and kill_after(moments.uniform(0.1, 0.4) * seconds, file, out):
            kills += 1
        subprocess.run(command(file, out), check=True, capture_output=True)
        killed = outcome(out)
        for what in whole:
            assert killed[what] == whole[what]
