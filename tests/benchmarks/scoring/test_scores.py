"""Scoring counts honestly, goes on where it stopped, and asks nothing twice."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.scoring.samples import SampleLog, read_samples
from benchmarks.scoring.scores import Latency, ModelInfo, latency, score_samples, summarize, warm_up
from benchmarks.scoring.statistics import wilson
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.problem import Problem
from runtime.values.solution import Solution
from tests.benchmarks.fakes import FakeModel, model_right_on, problems, score, solved

STUDENT = ModelInfo("student", "ab" * 32)


def test_a_score_counts_right_wrong_and_every_failure() -> None:
    result = score(model_right_on(6, wrong=3), problems(10), STUDENT)
    assert (result.n, result.correct, result.accuracy) == (10, 6, 0.6)
    assert result.interval == wilson(6, 10)
    assert result.ledger == {"right": 6, "wrong": 3, "bad_syntax": 1}
    assert sum(result.ledger.values()) == result.n


def test_times_and_rates_come_from_the_samples() -> None:
    model = model_right_on(5)
    load_ms = warm_up(model).timings.load
    result = summarize(list(score_samples(model, problems(10), STUDENT, task="mine", load_ms=load_ms)))
    assert result.latency["total"].p50 == result.latency["total"].p95 == 100
    assert result.latency["load"].p50 == 50
    assert result.prefill_tokens_per_s == pytest.approx(40 / 0.02)
    assert result.decode_tokens_per_s == pytest.approx(20 / 0.07)
    assert result.correct_per_s == pytest.approx(5.0)
    assert result.generated_tokens == 20
    assert result.peak_rss_bytes > 1_000_000


def test_latency_is_three_percentiles() -> None:
    assert latency([float(ms) for ms in range(101)]) == Latency(50.0, 95.0, 99.0)


@pytest.mark.parametrize(("total_ms", "at_500"), [(100.0, 0.5), (500.0, 0.5), (501.0, 0.0)])
def test_accuracy_at_a_deadline_counts_only_answers_in_time(total_ms: float, at_500: float) -> None:
    model = model_right_on(5, total_ms=total_ms)
    warm_up(model)
    result = score(model, problems(10), STUDENT)
    assert result.by_deadline[500] == at_500
    assert result.by_deadline[30_000] == 0.5


def test_nothing_scored_is_no_score_of_zero() -> None:
    with pytest.raises(InputError, match="no answers to count; expected: one or more"):
        summarize([])


class Together(FakeModel):
    """Answers several at a time, and notes how many questions it had read when each answer came."""

    read: list[int]

    def answer_batch(self, questions: Iterable[str]) -> Iterator[Solution]:
        self.read = []
        asked = list(questions)
        for question in asked:
            self.read.append(len(asked))
            yield self.answer(question)


def test_a_solver_of_many_is_handed_only_what_is_left(tmp_path: Path) -> None:
    one, many = model_right_on(6), model_right_on(6)
    many.__class__ = Together
    path = tmp_path / "samples.jsonl"
    with SampleLog(path) as log:
        first = [
            next(score_samples(one, problems(10)[place:], STUDENT, task="mine", log=log)) for place in (1, 5)
        ]
        assert isinstance(many, Together)
        samples = list(score_samples(many, problems(10), STUDENT, task="mine", log=log))
    assert [sample.id for sample in samples] == [problem.id for problem in problems(10)]
    assert [samples[1], samples[5]] == first
    assert many.read == [8] * 8
    assert sum(sample.correct for sample in samples) == 6


def test_a_killed_run_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    first, second = model_right_on(6), model_right_on(6)
    with SampleLog(path) as log:
        running = score_samples(first, problems(10), STUDENT, task="mine", log=log)
        for _ in range(4):
            next(running)
        running.close()
    with SampleLog(path) as log:
        seen = list(score_samples(second, problems(10), STUDENT, task="mine", log=log))
    assert (len(first.asked), len(second.asked), len(seen)) == (4, 6, 10)
    assert [sample.id for sample in read_samples(path)] == [problem.id for problem in problems(10)]
    assert summarize(seen).correct == 6


def test_another_artifact_is_scored_afresh(tmp_path: Path) -> None:
    with SampleLog(tmp_path / "samples.jsonl") as log:
        score(model_right_on(6), problems(10), STUDENT, log=log)
        base = model_right_on(2)
        assert score(base, problems(10), ModelInfo("base", "cd" * 32), log=log).correct == 2
        assert len(base.asked) == 10


@pytest.mark.parametrize(
    ("outcome", "gold", "correct"),
    [
        (solved("5/2"), "2.5", True),
        (solved("1/3"), "0.33", True),
        (solved("1/3"), "0", False),
        (solved(4), "4", True),
        (Outcome("truncated", reason="token limit"), "4", False),
        (Outcome("no_thought"), "0", False),
    ],
)
def test_right_is_what_the_contract_says(outcome: Outcome, gold: str, correct: bool) -> None:
    (sample,) = score_samples(FakeModel({"q": outcome}), [Problem("1", "q", gold)], STUDENT, task="mine")
    assert sample.correct is correct
    assert (sample.status, sample.gold) == (outcome.status, gold)


def test_the_papers_tolerance_is_asked_for_by_name() -> None:
    model = FakeModel({"q": solved("4.0009")})
    assert score(model, [Problem("1", "q", "4")], STUDENT).correct == 0
    assert score(model, [Problem("1", "q", "4")], STUDENT, tolerance="paper").correct == 1


def test_a_problem_without_a_gold_answer_is_refused() -> None:
    with pytest.raises(InputError, match="'1' has no gold answer"):
        score(FakeModel({}), [Problem("1", "q")], STUDENT)


def test_warming_up_is_not_counted_but_its_load_is_kept() -> None:
    model = model_right_on(2)
    load_ms = warm_up(model).timings.load
    samples = list(score_samples(model, problems(2), STUDENT, task="mine", load_ms=load_ms))
    assert [sample.timings_ms["load"] for sample in samples] == [50, 0]
    assert summarize(samples).latency["load"].p50 == 50


def test_an_answers_time_is_without_loading() -> None:
    model = model_right_on(1)
    first, second = score_samples(model, problems(2), STUDENT, task="mine")
    assert (first.timings_ms["load"], second.timings_ms["load"]) == (50, 0)
    assert first.timings_ms["total"] == model.total_ms - 50


def test_what_is_metered_throughout_is_counted_and_nothing_is_guessed() -> None:
    samples = [
        replace(
            sample, cpu_ms=200.0, waited_ms=20.0, energy_j=36.0, mhz=2000.0 + number, throttled=number % 2
        )
        for number, sample in enumerate(score_samples(model_right_on(3), problems(5), STUDENT, task="mine"))
    ]
    found = summarize(samples)
    assert (found.cpu_ms, found.energy_j, found.mhz, found.throttled) == (200, 36, 2002, 2)
    assert found.cores_busy == pytest.approx(5 * 200 / sum(sample.timings_ms["total"] for sample in samples))
    assert found.waited == pytest.approx(found.cores_busy / 10)
    assert found.correct_per_wh == pytest.approx(3600 * 3 / 180)
    partly = summarize([replace(samples[0], energy_j=None, throttled=None), *samples[1:]])
    assert (partly.energy_j, partly.correct_per_wh, partly.throttled) == (None, None, 2)
    old = summarize(
        [
            replace(sample, cpu_ms=0.0, waited_ms=None, energy_j=None, mhz=None, throttled=None)
            for sample in samples
        ]
    )
    assert (old.cpu_ms, old.cores_busy, old.waited, old.energy_j, old.mhz) == (0, 0, None, None, None)
