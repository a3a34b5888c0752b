"""Tuning: every candidate is measured, the quickest is chosen, and noise does not choose."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import tune as tuning
from benchmarks.tune import Choice, Speed, best_artifact, best_streams, tune, tuning_table
from runtime.answering.tuning import Tuned
from tests.runtime.fake_engine import Clock, FakeEngine, TimedEngine, fake_manifest

A, B = Path("a"), Path("b")


def speed(artifact: Path, answer_ms: float, *, streams: int = 1, answers_s: float = 0.0) -> Speed:
    return Speed(artifact, str(artifact), 1, streams, 100.0, 50.0, answer_ms, answers_s)


def manifests(kl_a: float, kl_b: float) -> dict[Path, object]:
    return {path: replace(fake_manifest(), gate={"mean_kl": kl}) for path, kl in ((A, kl_a), (B, kl_b))}


@pytest.mark.parametrize(
    ("a_ms", "b_ms", "best"), [(100.0, 200.0, A), (200.0, 100.0, B), (100.0, 103.0, B), (103.0, 100.0, B)]
)
def test_the_quickest_wins_and_among_equals_the_closest_to_its_checkpoint(
    a_ms: float, b_ms: float, best: Path
) -> None:
    speeds = [speed(A, a_ms), speed(B, b_ms), speed(A, 1.0, streams=4)]
    assert best_artifact(speeds, manifests(0.2, 0.1)) == best  # type: ignore[arg-type]


def test_the_fewest_streams_that_are_as_quick_are_chosen() -> None:
    rates = {1: 3.0, 4: 9.0, 8: 9.8, 16: 10.0, 32: 10.1}
    assert best_streams([speed(A, 1.0, streams=n, answers_s=rate) for n, rate in rates.items()]).streams == 8


def test_the_fewest_lanes_that_are_as_quick_are_chosen() -> None:
    speeds = [
        replace(speed(A, 1.0, streams=8, answers_s=rate), contexts=n)
        for n, rate in ((1, 5.0), (2, 9.9), (4, 10.0))
    ]
    assert best_streams(speeds).contexts == 2


def clocked(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(tuning, "perf_counter", lambda: clock.now_s)
    return clock


def test_every_candidate_is_measured_and_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_manifest().save(tmp_path)
    monkeypatch.setattr(tuning, "thread_counts", lambda: [1, 2])
    clock = clocked(monkeypatch)
    monkeypatch.setattr(
        tuning,
        "open_engine",
        lambda folder, threads, accuracy_level: TimedEngine(clock, 0.0004 / threads),
    )
    told: list[str] = []
    choice = tune([tmp_path], seconds=0.1, progress=lambda done, total, note: told.append(f"{done}/{total}"))
    assert told == [f"{done}/8" for done in range(1, 9)]
    assert {(speed.threads, speed.streams, speed.contexts) for speed in choice.speeds} == {
        (1, 1, 1),
        (2, 1, 1),
        *((2, streams, contexts) for streams in (8, 16, 32) for contexts in (1, 2)),
    }
    assert (choice.best, choice.settings[tmp_path].threads) == (tmp_path, 2)
    table = tuning_table(choice)
    assert sum("default" in row[-1] for row in table.rows) == 1
    assert sum("for files" in row[-1] for row in table.rows) == 1


def test_the_quickest_accuracy_level_is_kept_and_used_for_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    levels = {"4": "model.onnx", "1": "model-accuracy1.onnx"}
    replace(fake_manifest(), format="onnx", accuracy_levels=levels).save(tmp_path)
    opened: list[int | None] = []

    def engine(folder: Path, threads: int, accuracy_level: int | None) -> FakeEngine:
        opened.append(accuracy_level)
        return TimedEngine(clock, 0.004 if accuracy_level == 4 else 0.0004)

    clock = clocked(monkeypatch)
    monkeypatch.setattr(tuning, "thread_counts", lambda: [1])
    monkeypatch.setattr(tuning, "open_engine", engine)
    choice = tune([tmp_path], seconds=0.1)
    assert choice.settings[tmp_path].accuracy_level == 1
    assert opened[:2] == [4, 1] and set(opened[2:]) == {1}
    marked = [row for row in tuning_table(choice).rows if "default" in row[-1]]
    assert [row[0] for row in marked] == ["onnx:none level 1"]


def test_an_artifact_with_one_seat_is_measured_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_manifest().save(tmp_path)
    monkeypatch.setattr(tuning, "thread_counts", lambda: [1])

    class OneSlot(FakeEngine):
        def streams(self, slots: int, max_len: int, contexts: int = 1):  # type: ignore[no-untyped-def]
            return super().streams(1, max_len, contexts)

    monkeypatch.setattr(
        tuning, "open_engine", lambda folder, threads, accuracy_level: OneSlot({"": "12345"}, endless=True)
    )
    choice = tune([tmp_path], seconds=0.1)
    assert choice.settings == {tmp_path: Tuned(1, 1)}
    assert isinstance(choice, Choice)
