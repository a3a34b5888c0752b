"""`distill train` from a rationale set to what is printed, and the dev problems that a recipe asks for."""

import json
from pathlib import Path

import pytest

from distill.labeling.rationale_set import rationale_row
from edgethought.cli.distill.train import train_command
from edgethought.stages.recipe import read_recipe
from edgethought.stages.train import dev_problems
from runtime.values.errors import InputError
from runtime.values.files import write_json, write_jsonl
from tests.distill.training.learning import RATIONALES
from tests.tiny import tiny_checkpoint


@pytest.fixture
def rationales(tmp_path: Path) -> Path:
    write_jsonl(tmp_path / "set/rationales.jsonl", map(rationale_row, RATIONALES))
    write_json(
        tmp_path / "set/manifest.json", {"kind": "rationales", "schema": 2, "near_duplicates": ["svamp"]}
    )
    return tmp_path / "set"


@pytest.mark.torch
def test_training_prints_what_was_done_and_where_everything_is(
    rationales: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tiny_checkpoint(tmp_path / "base")
    changes = [f"train.base={base}", "train.threads=1", "train.batch_size=4", "train.average=ema"]
    for _ in range(2):
        train_command(rationales, "etd", changes, tmp_path / "out")
        first, second, third = capsys.readouterr().out.splitlines()
        assert first.startswith(f"{tmp_path / 'out/checkpoint'}: 6 examples, 4 steps, ")
        assert second == "  weights: a moving average, decay 0.999"
        for word in third.split():
            assert "/" not in word or Path(word).is_file()
    assert json.loads((tmp_path / "out/checkpoint/edgethought.json").read_text())["near_duplicates"] == [
        "svamp"
    ]


def test_dev_problems_are_drawn_from_the_dev_split_by_seed(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"solution": None, "equation": None, "source": "here"}
    problems = [{"id": f"aqua-{n}", "question": f"Question {n}?", "answer": str(n), **row} for n in range(30)]
    write_jsonl(tmp_path / "data/aqua_dev.jsonl", problems)
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path / "data"))
    asked = ["train.snapshot_steps=5", "train.dev_problems=7", "train.dev_task=aqua"]
    dev = dev_problems(read_recipe("etd", asked))
    assert dev and len(dev.problems) == 7 and dev.mode == "fallback"
    assert dev == dev_problems(read_recipe("etd", asked))
    assert dev != dev_problems(read_recipe("etd", [*asked, "seed=1"]))
    assert dev_problems(read_recipe("etd")) is None
    assert {problem.id for problem in dev.problems} <= {row["id"] for row in problems}
    stories = dev_problems(read_recipe("etd", [*asked[:2], "train.dev_task=stories"]))
    assert stories and len(stories.problems) == 7
    with pytest.raises(InputError, match="has no dev split"):
        dev_problems(read_recipe("etd", [*asked[:2], "train.dev_task=svamp"]))


def test_settings_that_do_not_fit_together_are_one_line() -> None:
    with pytest.raises(InputError) as refused:
        read_recipe("etd", ["train.loss=forward_kl"])
    assert str(refused.value) == (
        "setting train: loss forward_kl needs a teacher; expected: next_token or preference alone, or "
        "another loss with teacher=CHECKPOINT"
    )
