"""A model shared by threads and tasks: every call gets its own answer, and who leaves stops the work."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runtime.answering.pipeline import Model, load
from runtime.answering.turns import Turn
from runtime.engines.engine import Decoding
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.solution import Solution
from tests.runtime.fake_engine import FakeEngine, fake_manifest

REPLIES = {f"number {n}?": f"a = {n}\nans = a + 0" for n in range(40)}


@pytest.fixture
def model() -> Iterator[Model]:
    with Model(FakeEngine(REPLIES, token_s=0.0005), fake_manifest(), Solver(workers=1)) as one:
        yield one


def test_threads_get_their_own_answers(model: Model) -> None:
    def ask(n: int) -> list[str | None]:
        if n % 3 == 0:
            return [one.answer for one in model.answer_batch([f"number {n}?", f"number {n + 1}?"], streams=2)]
        mode = "vote" if n % 3 == 1 else "single"
        return [model.answer(f"number {n}?", mode=mode, samples=2).answer]  # type: ignore[arg-type]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(36)))
    assert found == [[str(n), str(n + 1)] if n % 3 == 0 else [str(n)] for n in range(36)]


def test_a_call_inside_the_reading_of_a_batch(model: Model) -> None:
    found = []
    for solution in model.answer_batch([f"number {n}?" for n in range(4)], streams=2):
        inner = model.answer(f"number {int(solution.answer or 0) + 20}?", mode="vote", samples=2)
        found.append((solution.answer, inner.answer))
    assert found == [(str(n), str(n + 20)) for n in range(4)]


def test_a_batch_thrown_away_half_read_leaves_the_model_free(model: Model) -> None:
    half = model.answer_batch([f"number {n}?" for n in range(6)], streams=2)
    assert next(half).answer == "0"
    waiting = threading.Thread(target=model.answer, args=("number 7?",))
    waiting.start()
    time.sleep(0.05)
    assert waiting.is_alive()
    del half
    waiting.join(5)
    assert not waiting.is_alive()


def test_tasks_wait_for_each_other_and_not_for_the_loop(model: Model) -> None:
    async def ask() -> tuple[list[str | None], int]:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0.002)
                beats += 1

        heart = asyncio.create_task(beat())
        found = await asyncio.gather(*(model.answer_async(f"number {n}?") for n in range(8)))
        heart.cancel()
        return [one.answer for one in found], beats

    answers, beats = asyncio.run(ask())
    assert answers == [str(n) for n in range(8)] and beats > 5


def test_a_task_that_is_cancelled_ends_its_writing_alone() -> None:
    engine = FakeEngine({"long": "1" * 4000, **REPLIES}, token_s=0.001)
    with Model(engine, fake_manifest(), Solver(workers=1)) as model:

        async def leave() -> str | None:
            long = asyncio.create_task(model.answer_async("long", decoding=Decoding(4000)))
            await asyncio.sleep(0.05)
            other = asyncio.create_task(model.answer_async("number 5?"))
            never = asyncio.create_task(model.answer_async("number 6?"))
            await asyncio.sleep(0.05)
            never.cancel()
            long.cancel()
            for task in (long, never):
                with pytest.raises(asyncio.CancelledError):
                    await task
            return (await other).answer

        started = time.perf_counter()
        assert asyncio.run(leave()) == "5"
        assert time.perf_counter() - started < 3
        assert not any("number 6?" in prompt for prompt in engine.prompts)


def test_a_turn_is_taken_again_by_its_thread_and_given_back_by_any() -> None:
    turn = Turn()
    with turn, turn:
        pass
    turn.__enter__()
    other = threading.Thread(target=lambda: turn.__exit__(None, None, None))
    other.start()
    other.join()
    with turn:
        pass


def closed_while(answering: Callable[[Model], object], model: Model) -> list[object]:
    """What a thread's answer came to when the model was closed in its middle."""
    found: list[object] = []

    def ask() -> None:
        try:
            found.append(answering(model))
        except InputError as error:
            found.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.05)
    model.close()
    thread.join(10)
    assert not thread.is_alive()
    return found


def test_closing_waits_for_the_answer_that_it_ends() -> None:
    engine = FakeEngine({"": "a = 1\n"}, endless=True, token_s=0.002)
    model = Model(engine, fake_manifest(max_tokens=4000), Solver(workers=1))
    (solution,) = closed_while(lambda one: one.answer("slow?"), model)
    assert isinstance(solution, Solution) and solution.outcome.status == "truncated"
    assert engine.closed
    model.close()
    calls: list[Callable[[], object]] = [
        lambda: model.answer("again?"),
        lambda: list(model.answer_batch(["again?"])),
        lambda: next(model.sample_batch(["again?"])),
    ]
    for call in calls:
        with pytest.raises(InputError, match="fake was closed; expected: a model that is open"):
            call()


def test_closing_from_inside_of_an_answer_takes_effect_behind_it() -> None:
    engine = FakeEngine({"Equations:": "a = 3\nans = a"}, token_s=0.001)
    model = Model(engine, fake_manifest(), Solver(workers=1))
    solution = model.answer("now?", watch=lambda thought, line: model.close())
    assert solution.text.startswith("a = 3") and engine.closed


def test_a_batch_half_read_is_closed_between_two_answers(model: Model) -> None:
    batch = model.answer_batch([f"number {n}?" for n in range(6)], streams=2)
    assert next(batch).answer == "0"
    model.close()
    with pytest.raises(InputError, match="was closed"):
        next(batch)


def test_leaving_a_model_ends_the_task_that_asks_it(gguf_artifact: Path) -> None:
    async def left() -> object:
        with load(gguf_artifact, threads=1) as model:
            task = asyncio.create_task(model.answer_async("How many?", decoding=Decoding(400)))
            await asyncio.sleep(0.2)
        return await asyncio.gather(task, return_exceptions=True)

    (ended,) = asyncio.run(left())  # type: ignore[misc]
    assert isinstance(ended, Solution | InputError)


def test_threads_on_a_real_artifact(gguf_artifact: Path) -> None:
    questions = [f"Ann has {n} apples and buys {n + 1} more. How many has she?" for n in range(6)]
    with load(gguf_artifact) as model:
        alone = [model.answer(question, decoding=Decoding(8)).text for question in questions]
        with ThreadPoolExecutor(4) as pool:
            shared = list(
                pool.map(lambda question: model.answer(question, decoding=Decoding(8)).text, questions)
            )
    assert shared == alone
