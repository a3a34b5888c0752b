"""Artifacts against each other: each in its own tokens and its own process, ratios to the first."""

import json
from pathlib import Path

import pytest

from export.building.build import export_checkpoint
from export.targets import parse_targets
from scripts.speed import artifact_speed, harness
from tests.tiny import tiny_checkpoint
from tests.tiny_seq2seq import one_thread


@pytest.mark.torch
@pytest.mark.slow
def test_every_artifact_gets_a_row_and_the_first_is_the_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    (data / "splits").mkdir(parents=True)
    ids = ["a", "b", "c"]
    rows = [{"id": name, "question": f"Tom has {name} pens. How many?", "answer": "1"} for name in ids]
    (data / "gsm8k_train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (data / "splits/gsm8k_dev_1000.json").write_text(json.dumps(ids))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(data))
    monkeypatch.setattr(harness, "SETTLE_S", 0)
    with one_thread():
        checkpoint = tiny_checkpoint(tmp_path / "checkpoint")
        export_checkpoint(checkpoint, parse_targets("gguf:bf16,gguf:q8_0"), tmp_path)
    first, other = artifact_speed.compare([tmp_path / "gguf-bf16", tmp_path / "gguf-q8_0"], 3, 1)
    assert first["decode ratio"] == 1 and other["decode ratio"] > 0
    assert other["MB"] < first["MB"]
    assert first["prompt tokens"] == other["prompt tokens"] > 20
    assert first["decode tok/s"] > 0 and first["peak MB"] > 0
