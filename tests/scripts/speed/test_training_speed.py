"""The training benchmark gives everybody the same steps, counts only useful work, and its rounds can be read back."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from distill.training.examples import Example
from runtime.values.errors import InputError, MissingExtra
from scripts.speed.training_contenders import CONTENDERS, _arguments, _padded, _rows, trl_trainer
from scripts.speed.training_rounds import MARK, Rounds, Task, read_task, write_task
from scripts.speed.training_speed import MICRO, make_steps, print_table

STEPS = ((Example((5, 6, 7, 8), 2), Example((5, 6, 2), 1)),)
TASK = Task("lora", 1e-3, 8, 1, 1, "bfloat16", STEPS)


def test_a_task_survives_the_way_into_another_process() -> None:
    assert read_task(write_task(TASK)) == TASK


def test_the_others_rows_are_by_length_and_labelled_on_completions_only() -> None:
    assert _rows(TASK) == [
        {"input_ids": [5, 6, 2], "labels": [-100, 6, 2]},
        {"input_ids": [5, 6, 7, 8], "labels": [-100, -100, 7, 8]},
    ]


@pytest.mark.torch
def test_padding_is_neither_labelled_nor_seen() -> None:
    batch = _padded(_rows(TASK))
    assert batch["labels"].tolist() == [[-100, 6, 2, -100], [-100, -100, 7, 8]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]


def test_a_step_is_one_update_whatever_the_micro_batch() -> None:
    assert _arguments(TASK)["gradient_accumulation_steps"] == 2
    assert not _arguments(TASK)["gradient_checkpointing"]


def test_a_round_is_told_in_one_marked_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("go\n"))
    monkeypatch.setattr("scripts.speed.training_rounds.product_peaks", lambda compute: (2e9, 3e9))
    rounds = Rounds("float32")
    assert rounds.begin()
    rounds.add(1.5)
    rounds.end()
    assert not rounds.begin()
    row = json.loads(capsys.readouterr().out.removeprefix(MARK))
    assert row["losses"] == [1.5]
    assert row["peak"] == 2e9
    assert row["seconds"] >= 0


def test_every_contender_has_sizes_to_search() -> None:
    assert MICRO.keys() == CONTENDERS.keys()


def test_without_trl_the_install_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trl", None)
    with pytest.raises(MissingExtra, match="pip install trl"):
        trl_trainer(TASK, Rounds("float32"))


def test_too_few_rationales_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("scripts.speed.training_speed.base_checkpoint", lambda name: tmp_path)
    monkeypatch.setattr("scripts.speed.training_speed.read_rationales", lambda folder: [])
    with pytest.raises(InputError, match="expected: 0 examples in all"):
        make_steps(tmp_path, 1)


def test_the_table_compares_with_the_better_rival_of_the_same_method(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def row(trainer: str, speed: float) -> dict[str, Any]:
        names = ("micro", "tokens_per_s", "share_of_peak", "peak_memory_mb")
        return {"method": "full", "trainer": trainer, "examples_per_s": speed, **dict.fromkeys(names, 0)}

    print_table([row("ours", 6.0), row("trainer", 2.0), row("trl", 3.0)])
    first = capsys.readouterr().out.splitlines()[2]
    assert first.endswith("| 2.00 |")
