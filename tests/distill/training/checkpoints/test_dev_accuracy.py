"""Dev accuracy in training is that of an artifact that answers, and the student that answered best is kept."""

from pathlib import Path

import pytest

from distill.training.checkpoints.dev_accuracy import Dev, dev_target
from distill.training.loop import train
from export.checkpoint import read_card
from runtime.values.errors import InputError
from tests.distill.training.learning import RATIONALES, Killed, rows, settings, stop_at
from tests.tiny_seq2seq import tiny_t5

pytest.importorskip("llama_cpp")
EQUATIONS = [row for row in RATIONALES if row.thought == "eot"]
DEV = Dev([row.problem for row in EQUATIONS])


@pytest.mark.slow
@pytest.mark.parametrize("target", ["gguf:bf16", "checkpoint"])
def test_snapshots_answer_and_training_stops_without_gain(base: Path, tmp_path: Path, target: str) -> None:
    chosen = settings(
        base,
        method="full",
        epochs=100,
        batch_size=1,
        snapshot_steps=40,
        dev_problems=3,
        dev_target=target,
        dev_patience=1,
        average="last",
    )
    with pytest.raises(Killed):
        train(EQUATIONS, chosen, tmp_path, dev=DEV, progress=stop_at(45))
    report = train(EQUATIONS, chosen, tmp_path, dev=DEV)
    measured = rows(tmp_path, "dev.jsonl")
    snapshots = [row["right"] for row in measured if row["weights"] == "snapshot"]
    # What it learned by heart it answers; once nothing gets better it ends, long before 100 epochs.
    assert 2 <= max(snapshots) <= 3
    assert report.dev_right == max(row["right"] for row in measured)
    assert snapshots[-1] <= max(snapshots[:-1])
    assert report.steps == 40 * len(snapshots) < 300
    assert measured[-1]["weights"] == "average"
    assert [row["step"] for row in measured[:-1]] == list(range(40, report.steps + 1, 40))
    log = (tmp_path / "dev/samples.jsonl").read_text().splitlines()
    assert len(log) == 3 * len(measured)
    card = (tmp_path / "checkpoint/README.md").read_text()
    assert f"| dev accuracy | {report.dev_right} of 3 (" in card
    assert read_card(tmp_path / "checkpoint").data_sha256 in card
    names = {path.name for path in tmp_path.iterdir()}
    files = {"calibration.json", "dev.jsonl", "metrics.jsonl", "training.json", "training.png"}
    assert names == {".lock", "checkpoint", "dev", *files}
    assert {path.name for path in (tmp_path / "dev").iterdir()} == {"problems.jsonl", "samples.jsonl"}


def test_dev_accuracy_without_problems_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="dev_problems is 5, but there are none"):
        train(EQUATIONS, settings(base, snapshot_steps=1, dev_problems=5), tmp_path)


def test_the_usual_target_is_the_students_own(base: Path, tmp_path: Path) -> None:
    assert str(dev_target(base, "")) == "gguf:q4_0"
    assert str(dev_target(base, "gguf:bf16")) == "gguf:bf16"
    assert dev_target(base, "checkpoint") is None
    t5 = tiny_t5(tmp_path / "t5")
    assert str(dev_target(t5, "")) == "onnx:int8"
    with pytest.raises(InputError, match="encoder-decoder student; expected: onnx"):
        dev_target(t5, "gguf:q4_0")
    with pytest.raises(InputError, match=r"checkpoint.*expected: "):
        dev_target(t5, "checkpoint")
    with pytest.raises(InputError, match="expected: one target"):
        dev_target(base, "gguf:q4_0,gguf:bf16")
