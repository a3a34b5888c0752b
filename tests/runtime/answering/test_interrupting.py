"""Deadlines, cancelling and interrupts: inside a pass, from other threads, under load, and nothing stays behind."""

import threading
import time
from pathlib import Path

import pytest

from runtime.answering.completion import alarm
from runtime.answering.generation import BatchScheduler
from runtime.answering.modes import Mode
from runtime.answering.pipeline import Model, load
from runtime.engines.engine import Decoding, Engine, Interrupted
from runtime.solver.solver import Solver
from tests.runtime.fake_engine import FakeEngine, fake_manifest

LONG = "Ann has 48 clips and sells half as many in May, and then some. " * 60


def test_an_interrupt_ends_a_prefill_long_before_its_end(engine: Engine) -> None:
    prompt = engine.encode(LONG)
    started = time.perf_counter()
    assert len(list(engine.generate(prompt, Decoding(1)))) == 1
    whole_s = time.perf_counter() - started
    threading.Timer(whole_s / 10, engine.interrupt).start()
    started = time.perf_counter()
    assert list(engine.generate(prompt, Decoding(1))) == []
    assert time.perf_counter() - started < 0.7 * whole_s
    assert not engine.ended()


def test_what_comes_after_an_interrupt_is_as_if_there_had_been_none(engine: Engine) -> None:
    prompt = engine.encode(LONG[:200])
    before = list(engine.generate(prompt, Decoding(8), shared=20))
    threading.Timer(0.02, engine.interrupt).start()
    list(engine.generate(engine.encode(LONG), Decoding(8), shared=20))
    engine.interrupt()
    assert list(engine.generate(prompt, Decoding(8), shared=20)) == before
    streams = engine.streams(1, 256)
    engine.interrupt()
    streams.start(prompt[:20], [(prompt[20:], Decoding(4))])
    written = []
    while tokens := streams.step():
        written += [token.id for token in tokens]
    streams.close()
    assert written == before[:4]


def test_streams_end_inside_a_pass_for_good_and_the_engine_goes_on(engine: Engine) -> None:
    prompt = engine.encode(LONG)
    before = list(engine.generate(prompt[:40], Decoding(4)))
    started = time.perf_counter()
    streams = engine.streams(1, len(prompt) + 8)
    streams.start([], [(prompt, Decoding(4))])
    streams.step()
    whole_s = time.perf_counter() - started
    streams.close()
    streams = engine.streams(1, len(prompt) + 8)
    threading.Timer(whole_s / 10, streams.interrupt).start()
    started = time.perf_counter()
    with pytest.raises(Interrupted):
        streams.start([], [(prompt, Decoding(4))])
        streams.step()
    assert time.perf_counter() - started < 0.7 * whole_s
    streams.close()
    assert list(engine.generate(prompt[:40], Decoding(4))) == before


@pytest.mark.parametrize("mode", ["single", "fallback", "vote"])
def test_a_deadline_holds_inside_the_prefill_of_a_long_question(gguf_artifact: Path, mode: Mode) -> None:
    question = LONG[: len(LONG) // 2]
    with load(gguf_artifact) as model:
        started = time.perf_counter()
        model.answer(question, decoding=Decoding(1), mode=mode)
        whole_ms = (time.perf_counter() - started) * 1e3
        started = time.perf_counter()
        solution = model.answer(question, deadline_ms=whole_ms / 20, mode=mode)
        took_ms = (time.perf_counter() - started) * 1e3
        assert solution.outcome.status == "truncated" and "the deadline came after" in solution.outcome.reason
        # Of a vote's first time eight samples' writing is a part, so a twentieth of it may reach beyond the reading.
        assert mode == "vote" or solution.outcome.reason == "the deadline came after 0 tokens"
        assert took_ms < 0.6 * whole_ms
        # What came inside of a pass does not end the next one.
        assert model.answer(LONG[:100], deadline_ms=60_000, mode=mode).generated_tokens > 0


@pytest.mark.parametrize("mode", ["single", "fallback", "vote"])
def test_a_deadline_before_anything_is_begun_writes_nothing(solver: Solver, mode: Mode) -> None:
    model = Model(FakeEngine({"": "ans = 1"}), fake_manifest(), solver)
    for _ in range(3):
        solution = model.answer("How many?", mode=mode, samples=2, deadline_ms=1e-6)
        assert (solution.outcome.status, solution.generated_tokens) == ("truncated", 0)
    assert model.answer("How many?", mode="vote", samples=2).answer == "1"


def test_deadlines_hold_while_other_programs_take_the_cores(gguf_artifact: Path) -> None:
    stop = threading.Event()
    hogs = [
        threading.Thread(target=lambda: [sum(range(20_000)) for _ in iter(stop.is_set, True)]) for _ in "ab"
    ]
    with load(gguf_artifact) as model:
        for hog in hogs:
            hog.start()
        try:
            started = time.perf_counter()
            solutions = list(
                model.answer_batch([LONG[:120]] * 6, deadline_ms=150, decoding=Decoding(700), streams=3)
            )
            took_s = time.perf_counter() - started
        finally:
            stop.set()
            for hog in hogs:
                hog.join()
    assert len(solutions) == 6
    assert took_s < 10
    # Nobody writes 700 tokens in that time: what is cut was cut by its deadline.
    cut = [solution.outcome.reason for solution in solutions if solution.outcome.status == "truncated"]
    assert all("the deadline came" in reason for reason in cut)


def test_another_thread_cancels_a_single_answer(solver: Solver) -> None:
    engine = FakeEngine({"Equations:": "a = 1\n"}, endless=True, token_s=0.005)
    model = Model(engine, fake_manifest(max_tokens=2000), solver)
    threading.Timer(0.1, model.cancel).start()
    started = time.perf_counter()
    solution = model.answer("How many?")
    assert time.perf_counter() - started < 2
    assert solution.outcome.status == "truncated"
    assert "cancelled after" in solution.outcome.reason


def test_another_thread_cancels_many_answers_and_the_next_call_is_not_affected(solver: Solver) -> None:
    engine = FakeEngine({"<0>": "ans = 1", "Equations:": "a = 1\n"}, endless=True, token_s=0.002)
    model = Model(engine, fake_manifest(max_tokens=2000), solver)
    threading.Timer(0.2, model.cancel).start()
    solutions = list(model.answer_batch([f"<{number}> how many?" for number in range(1, 50)], streams=4))
    assert len(solutions) == 4
    assert {solution.outcome.status for solution in solutions} == {"truncated"}
    assert model.answer("<0> how many?", decoding=Decoding(20)).outcome.reason.startswith(
        "the model wrote 20"
    )


def test_an_alarm_rings_once_at_its_time_and_never_after_its_block() -> None:
    rung: list[float] = []
    with alarm(time.perf_counter() + 0.02, lambda: rung.append(time.perf_counter())):
        time.sleep(0.06)
    with alarm(time.perf_counter() + 0.02, lambda: rung.append(0.0)):
        pass
    with alarm(None, lambda: rung.append(0.0)):
        time.sleep(0.03)
    assert len(rung) == 1
    assert rung[0] > 0


def test_a_vote_cancelled_before_its_first_pass_still_comes_back(
    solver: Solver, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine({"Equations:": "a = 1\n"}, endless=True)
    model = Model(engine, fake_manifest(max_tokens=2000), solver)
    open_slots = model._open_slots

    def cancelled_and_open(slots: int, contexts: int, *, states: bool) -> BatchScheduler[int]:
        model.cancel()
        return open_slots(slots, contexts, states=states)

    monkeypatch.setattr(model, "_open_slots", cancelled_and_open)
    solution = model.answer("How many?", thought="eot", mode="vote", samples=3)
    assert solution.outcome.status == "truncated"
    assert "cancelled after" in solution.outcome.reason
