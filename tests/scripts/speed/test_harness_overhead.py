"""What scoring costs beside the model: the model's time is the model's, and the rest is the harness's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Unpack

import pytest

from benchmarks.scoring.job import BenchSettings, BenchTask, Job
from runtime.answering.modes import AnswerOptions
from runtime.values.solution import Solution
from scripts.speed.harness_overhead import once_rows, scoring_rows
from tests.benchmarks.conftest import mine as mine
from tests.benchmarks.fakes import FakeModel, fake_artifact, model_right_on

ANSWER_S, LOAD_S = 0.05, 0.2


def busy(seconds: float) -> None:
    begun = process_time()
    while process_time() - begun < seconds:
        pass


class BusyModel(FakeModel):
    """Takes its time on the processor for an answer, as a small student does."""

    def answer(self, question: str, **options: Unpack[AnswerOptions]) -> Solution:
        busy(ANSWER_S)
        return super().answer(question, **options)


@contextmanager
def opening(artifact: Path, threads: int | None) -> Iterator[BusyModel]:
    busy(LOAD_S)
    yield BusyModel(model_right_on(5).outcomes)


def test_the_harness_s_part_is_told_apart_from_the_model_s(tmp_path: Path, mine: BenchTask) -> None:
    job = Job(
        fake_artifact(tmp_path / "a", "a"), "a", (mine,), tmp_path / "s.jsonl", BenchSettings(threads=1)
    )
    model, harness, once, each = scoring_rows(job, opening)  # type: ignore[arg-type]
    assert model["processor seconds"] >= LOAD_S + 21 * ANSWER_S
    assert harness["of the model's"] > 0
    assert once["processor seconds"] + 20 * each["processor seconds"] == pytest.approx(
        harness["processor seconds"], abs=0.002
    )
    start, report = once_rows(job)
    assert start["processor seconds"] > 0 and report["processor seconds"] > 0
