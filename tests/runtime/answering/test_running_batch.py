"""A batch that jobs of every kind join while it runs."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest

from runtime.answering.batch_solver import BatchSolver, Job
from runtime.answering.completion import Writing
from runtime.answering.pipeline import Model
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from tests.runtime.fake_engine import FakeEngine, fake_manifest

REPLIES = {
    "long\nEquations:": "# " + "x" * 60 + "\nans = 1\n",
    "short\nEquations:": "ans = 2\n",
    "broken\nProgram:": "ans = (\n",
    "broken\nEquations:": "ans = 3\n",
    "Once": "upon a time",
}


@pytest.fixture
def model(solver: Solver) -> Iterator[Model]:
    yield Model(FakeEngine(REPLIES), fake_manifest(), solver)


def answers(batch: BatchSolver, *jobs: Job) -> list[tuple[str, str | None]]:
    """Questions with their answers, in the order in which they ended."""
    waiting = deque(jobs)
    found = batch.finished(lambda: waiting.popleft() if waiting else None)
    return [(job.question, job.solution(tried).answer) for job, tried in found]


def test_jobs_of_every_mode_end_as_they_are_done(model: Model) -> None:
    with model.running_batch(4) as batch:
        told = answers(
            batch,
            model.job("long"),
            model.job("short", mode="vote", samples=2, thought="eot"),
            model.job("broken", mode="fallback"),
        )
    assert told[-1] == ("long", "1")
    assert sorted(told) == [("broken", "3"), ("long", "1"), ("short", "2")]


def test_a_job_joins_while_another_is_written(model: Model) -> None:
    late = deque([model.job("short")])
    steps = 0

    def next_job() -> Job | None:
        if steps == 0:
            return long if not begun and not begun.append(True) else None  # type: ignore[func-returns-value]
        return late.popleft() if late and steps > 5 else None

    def between() -> None:
        nonlocal steps
        steps += bool(begun)

    long, begun = model.job("long"), list[bool]()
    with model.running_batch(4) as batch:
        told = [job.question for job, _ in batch.finished(next_job, between)]
    assert told == ["short", "long"]


def test_a_dropped_job_is_written_no_further(model: Model) -> None:
    jobs = [model.job("long"), model.job("short")]
    waiting, steps = deque(jobs), 0
    with model.running_batch(4) as batch:

        def between() -> None:
            nonlocal steps
            steps += 1
            if steps == 3:
                batch.drop(jobs[0])

        told = [
            job.question for job, _ in batch.finished(lambda: waiting.popleft() if waiting else None, between)
        ]
    assert told == ["short"]
    assert steps < 20


def test_a_text_is_followed_token_by_token_and_solved_by_nobody(model: Model) -> None:
    texts: list[str] = []

    def follow(place: int, writing: Writing) -> bool:
        texts.append(model.text(writing.ids))
        return texts[-1].endswith("a")

    with model.running_batch(2) as batch:
        job = model.text_job("Once", model.decoding(max_tokens=50), follow=follow)
        jobs = iter([job])
        assert list(batch.finished(lambda: next(jobs, None))) == [(job, [])]
    assert texts == ["u", "up", "upo", "upon", "upon ", "upon a"]


def test_a_deadline_ends_a_job_with_what_there_is(model: Model) -> None:
    with model.running_batch(2) as batch:
        job = model.job("long", deadline=time.perf_counter() - 1)
        ((question, answer),) = answers(batch, job)
    assert (question, answer) == ("long", None)


@pytest.mark.parametrize("question", ["", "x" * 4001, "a\x07b"])
def test_what_cannot_be_asked_is_refused_before_it_joins(model: Model, question: str) -> None:
    with pytest.raises(InputError, match="expected"):
        model.job(question)


def test_a_prompt_that_does_not_fit_is_refused(model: Model) -> None:
    for prompt, decoding in (("", model.decoding()), ("x" * 8190, model.decoding(max_tokens=10))):
        with pytest.raises(InputError, match="expected: 1 to"):
            model.text_job(prompt, decoding)
    with pytest.raises(InputError, match="max tokens"):
        model.text_job("x", replace(model.decoding(), max_tokens=0))
