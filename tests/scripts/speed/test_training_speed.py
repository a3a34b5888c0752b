"""The training benchmark gives everybody the same steps, counts only useful work, and its rounds can be read back."""

import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from distill.training.examples import Example
from runtime.values.errors import InputError, MissingExtra
from scripts.speed import training_speed
from scripts.speed.training_contenders import (
    CONTENDERS,
    Rounds,
    Task,
    _arguments,
    _padded,
    _rows,
    read_task,
    trl_trainer,
)
from scripts.speed.training_speed import MICRO, make_steps, measure

STEPS = ((Example((5, 6, 7, 8), 2), Example((5, 6, 2), 1)),)
TASK = Task("smollm2-135m", "lora", 1e-3, 8, 1, 1, "bfloat16", STEPS)


def test_a_task_survives_the_way_into_another_process() -> None:
    assert read_task(json.loads(json.dumps(asdict(TASK)))) == TASK


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


class FakeChannel:
    """Says the word once and keeps what is told."""

    def __init__(self) -> None:
        self.words: list[dict[str, Any]] = [{}]
        self.told: list[dict[str, Any]] = []
        self.send = self.told.append

    def receive(self) -> dict[str, Any] | None:
        return self.words.pop() if self.words else None


def test_a_round_is_told_in_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = {"seconds": 2e9, "processor_s": 3e9}
    monkeypatch.setattr("scripts.speed.training_contenders.product_peaks", lambda compute: peaks)
    channel: Any = FakeChannel()
    rounds = Rounds("float32", channel)
    assert rounds.begin()
    rounds.add(1.5)
    rounds.end()
    assert not rounds.begin()
    (row,) = channel.told
    assert row["losses"] == [1.5]
    assert row["peaks"] == peaks
    assert row["seconds"] >= 0 and row["processor_s"] >= 0


def test_every_contender_has_sizes_to_search() -> None:
    assert MICRO.keys() == CONTENDERS.keys()


def test_without_trl_the_install_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trl", None)
    with pytest.raises(MissingExtra, match="pip install trl"):
        channel: Any = FakeChannel()
        trl_trainer(TASK, Rounds("float32", channel))


def test_too_few_rationales_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("scripts.speed.training_speed.read_rationales", lambda folder: [])
    with pytest.raises(InputError, match="expected: 0 examples in all"):
        make_steps(tmp_path, tmp_path, 1)


class FakeContender:
    """Takes a known time a round."""

    def __init__(self, seconds: float) -> None:
        self._row = {"seconds": seconds, "losses": [1.0], "memory_mb": 9, "peaks": {"seconds": 1e9}}

    def ask(self, row: dict[str, Any]) -> dict[str, Any]:
        return self._row


@pytest.mark.torch
def test_everybody_is_compared_with_the_better_rival(monkeypatch: pytest.MonkeyPatch) -> None:
    running = {name: FakeContender(seconds) for name, seconds in (("ours", 1), ("trainer", 3), ("trl", 2))}
    monkeypatch.setattr(training_speed, "contenders", lambda task, micros: nullcontext(running))
    monkeypatch.setattr(training_speed, "useful_operations", lambda task, tokens, labels: 5e8)
    rows = {row["trainer"]: row for row in measure(TASK, dict.fromkeys(running, 1), 2, "seconds")}
    assert rows["ours"]["examples_per_s"] == 2.0 and rows["ours"]["share_of_peak"] == 0.5
    assert [rows[name]["times_best_rival"] for name in running] == [2.0, 0.67, 1.0]
