"""Continuous batching: order, slots taken at once, follow-up thoughts, deadlines, questions that need more room."""

import time
from collections.abc import Iterator

import pytest

from runtime.answering.pipeline import Model
from runtime.engines.engine import Decoding
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from tests.runtime.fake_engine import FakeEngine, FakeStreams, fake_manifest


def model(solver: Solver, engine: FakeEngine, max_tokens: int = 200) -> Model:
    return Model(engine, fake_manifest(max_tokens=max_tokens), solver)


def streams_of(engine: FakeEngine) -> FakeStreams:
    assert engine.last_streams is not None
    return engine.last_streams


def questions(count: int) -> list[str]:
    return [f"How many are <{number}>?" for number in range(count)]


def replies(count: int) -> dict[str, str]:
    """Question 0 takes the longest, so that later ones are finished before it."""
    return {f"<{number}>": "\n" * (3 * (count - number)) + f"ans = {number}" for number in range(count)}


def test_answers_come_in_the_order_of_the_questions(solver: Solver) -> None:
    engine = FakeEngine(replies(10))
    solutions = list(model(solver, engine).answer_batch(questions(10), streams=4))
    assert [solution.answer for solution in solutions] == [str(number) for number in range(10)]


def test_a_slot_is_taken_again_at_once(solver: Solver) -> None:
    engine = FakeEngine({f"<{n}>": "ans = 1" + " " * (60 if n == 0 else 0) for n in range(13)})
    list(model(solver, engine).answer_batch(questions(13), streams=4))
    streams = streams_of(engine)
    # One long stream and three short ones at a time: four rounds of eight steps beside the long one's.
    assert (streams.most, streams.free()) == (4, 4)
    assert streams.steps <= 70


def test_no_more_questions_are_read_than_there_are_slots(solver: Solver) -> None:
    read = 0

    def source() -> Iterator[str]:
        nonlocal read
        for question in questions(50):
            read += 1
            yield question

    solutions = model(solver, FakeEngine({"<": "ans = 1"})).answer_batch(source(), streams=4)
    next(solutions)
    assert read <= 8


def test_each_question_follows_its_own_plan(solver: Solver) -> None:
    engine = FakeEngine({"<0>?\nProgram:": "ans = 5", "Program:": "ans = x", "Equations:": "ans = 6"})
    solutions = list(model(solver, engine).answer_batch(questions(3), mode="fallback", streams=2))
    assert [(solution.thought, solution.answer) for solution in solutions] == [
        ("pot", "5"),
        ("eot", "6"),
        ("eot", "6"),
    ]


def test_votes_are_counted_question_by_question(solver: Solver) -> None:
    engine = FakeEngine({"<1>": "ans = 4", "Program:": "ans = 2", "Equations:": "ans = 2", "Steps:": "none"})
    solutions = list(model(solver, engine).answer_batch(questions(2), mode="vote", samples=3, streams=4))
    assert [solution.votes for solution in solutions] == [{"2": 2}, {"4": 2}]


def test_a_group_larger_than_the_slots_is_written_in_turns(solver: Solver) -> None:
    engine = FakeEngine({"<": "ans = 2"})
    (solution,) = model(solver, engine).answer_batch(
        questions(1), thought="eot", mode="vote", samples=9, streams=2
    )
    assert solution.votes == {"2": 5}
    assert streams_of(engine).most == 2


def test_a_limit_is_told_as_in_single_answers(solver: Solver) -> None:
    engine = FakeEngine({"<": "a = 1\n"}, endless=True)
    many = list(model(solver, engine, max_tokens=30).answer_batch(questions(3), streams=2))
    one = model(solver, engine, max_tokens=30).answer(questions(1)[0])
    assert {(s.outcome.status, s.outcome.reason, s.generated_tokens, s.text) for s in [*many, one]} == {
        ("truncated", one.outcome.reason, 30, one.text)
    }


def test_the_deadline_counts_from_where_a_question_is_begun(solver: Solver) -> None:
    engine = FakeEngine({"<": "a = 1\n"}, endless=True, token_s=0.002)
    started = time.perf_counter()
    solutions = list(
        model(solver, engine, max_tokens=2000).answer_batch(questions(4), streams=2, deadline_ms=60)
    )
    assert time.perf_counter() - started < 1.0
    assert all("deadline" in solution.outcome.reason for solution in solutions)


def test_a_long_question_waits_for_longer_slots(solver: Solver) -> None:
    asked = questions(3)
    asked[1] += " why" * 200
    engine = FakeEngine({f"<{number}>": f"ans = {number}" for number in range(3)})
    solutions = list(model(solver, engine).answer_batch(asked, streams=2))
    assert [solution.answer for solution in solutions] == ["0", "1", "2"]
    assert [slots for slots, _ in engine.opened] == [2, 2]
    assert engine.opened[1][1] > 1000


def test_leaving_early_ends_every_stream(solver: Solver) -> None:
    engine = FakeEngine({"<": "ans = 1\n"}, endless=True)
    solutions = model(solver, engine).answer_batch(questions(20), streams=4)
    next(solutions)
    solutions.close()  # type: ignore[attr-defined]
    assert streams_of(engine).free() == 4


@pytest.mark.parametrize("streams", [0, 129])
def test_a_wrong_number_of_streams_is_refused(solver: Solver, streams: int) -> None:
    with pytest.raises(InputError, match=r"streams is .*; expected: 1 to 128"):
        model(solver, FakeEngine({})).answer_batch(questions(1), streams=streams)


def test_wrong_options_are_refused_before_anything_is_written(solver: Solver) -> None:
    engine = FakeEngine({})
    with pytest.raises(InputError, match="max tokens is 0"):
        model(solver, engine).answer_batch(questions(1), decoding=Decoding(max_tokens=0))
    assert engine.prompts == []


def test_a_vote_that_is_decided_is_not_written_to_the_end(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "ans = 2", "Equations:": "ans = 2", "Steps:": "a long story " * 15})
    (solution,) = model(solver, engine).answer_batch(questions(1), mode="vote", samples=3)
    assert (solution.answer, solution.votes) == ("2", {"2": 2})
    assert engine.generated < 30
    assert streams_of(engine).free() == streams_of(engine).slots


def test_votes_that_can_still_turn_are_waited_for(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "ans = 5", "Equations:": "ans = 2 ", "Steps:": "So. The answer is 2."})
    (solution,) = model(solver, engine).answer_batch(questions(1), mode="vote", samples=3)
    assert (solution.answer, solution.votes) == ("2", {"2": 2, "5": 1})


def test_times_are_shares_of_the_clock(solver: Solver) -> None:
    engine = FakeEngine({"<": "ans = 1"}, token_s=0.001)
    started = time.perf_counter()
    solutions = list(model(solver, engine).answer_batch(questions(12), streams=4))
    clock_ms = (time.perf_counter() - started) * 1e3
    shares = sum(solution.timings.total for solution in solutions)
    assert 0.7 * clock_ms <= shares <= clock_ms
    assert all(solution.timings.decode >= 6 for solution in solutions)
