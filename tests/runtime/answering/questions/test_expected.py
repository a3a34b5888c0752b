"""Which values a question can have: sizes, whole things, and what is left alone."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from runtime.answering.pipeline import Model
from runtime.answering.questions.expected import expected_of
from runtime.answering.votes import best_scored, decided, majority_vote
from runtime.solver.solver import Solver
from runtime.values.answers import Expected
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution
from tests.runtime.fake_engine import FakeEngine, fake_manifest


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver(workers=1) as one:
        yield one


def reached(value: Fraction | int, expected: Expected, score: float | None = None) -> Solution:
    outcome = Outcome("solved", Fraction(value))
    return Solution("pot", f"ans = {value}", outcome, "m", score=score, expected=expected)


@pytest.mark.parametrize(
    "question",
    [
        "Tim has 5 pens and Ann 9. How many fewer has Tim?",
        "HOW MUCH does it cost to replace his movies?",
        "How old was she then?",
        "How many number of trays of 12 did he fill?",
    ],
)
def test_a_size_is_not_negative(question: str) -> None:
    expected = expected_of(question)
    assert expected.size and not expected.admits(Fraction(-4)) and expected.read(Fraction(-4)) == 4
    assert expected.admits(Fraction(4)) and expected.read(Fraction(4)) == 4


@pytest.mark.parametrize(
    "question",
    [
        "What is 5 take away 12?",
        "It is 4 degrees and gets 9 degrees colder. How many degrees is it?",
        "The temperature fell from 3 by 8. How much is it now?",
        "He bought it for $9 and sold it for $4. How much profit did he make?",
        "Three times a number is 12 less than the number. How much is it?",
        "How much is -3 plus 2?",
        "The lift is 3 storeys below ground. How far is it from there to -5?",
        "How much does his balance come to?",
        "I have $20 in my account and spend $50. How much have I then?",
        "Ann had 10 points in a game and lost 25. How many has she now?",
    ],
)
def test_what_may_lie_below_zero_is_left_alone(question: str) -> None:
    expected = expected_of(question)
    assert not expected.size and expected.admits(Fraction(-4)) and expected.read(Fraction(-4)) == -4


def test_nothing_is_expected_unless_it_is_told() -> None:
    for value in (Fraction(-1, 3), Fraction(10**40), Fraction(0)):
        assert Expected().admits(value) and Expected().read(value) == value


def test_a_solution_is_read_as_it_was_asked_and_says_so() -> None:
    solution = reached(-6, expected_of("How many fewer sticks did the girls bring?"))
    assert (solution.answer, solution.value, solution.outcome.value) == ("6", 6, -6)
    assert not solution.credible
    row = solution.to_row()
    assert row["answer"] == "6" and row["status"] == "solved"
    assert row["reason"] == "the working comes to -6, and a size is asked for"
    assert replace(solution, expected=Expected()).to_row()["answer"] == "-6"
    assert reached(6, solution.expected).reason == ""


def test_a_doubted_value_counts_a_quarter_of_a_vote() -> None:
    expected = expected_of("How many pens has each of the 3 children?")
    third = reached(Fraction(7, 3), expected)
    tried = [third] * 3 + [reached(2, expected)]
    chosen = majority_vote(tried, counted=True)
    assert (chosen.answer, chosen.votes) == ("2", {"7/3": 3, "2": 1})
    # Many that agree are still believed, and so is what stands alone.
    assert majority_vote([third, *tried, third], counted=True).answer == "7/3"
    assert majority_vote([third]).answer == "7/3"
    unknown = [replace(solution, expected=Expected()) for solution in tried]
    assert majority_vote(unknown).answer == "7/3"


def test_a_vote_is_decided_by_what_the_votes_weigh() -> None:
    expected = expected_of("How many pens has each?")
    third, two = reached(Fraction(7, 3), expected), reached(2, expected)
    assert decided([two, two], 1) and not decided([two, two], 2)
    assert not decided([third, third], 1) and decided([third] * 5, 1)
    assert not decided([], 1) and decided([two], 0)


def test_the_best_scored_is_doubted_alike() -> None:
    expected = expected_of("How many pens has each?")
    third, two = reached(Fraction(7, 3), expected, 0.9), reached(2, expected, 0.3)
    assert best_scored([third, two]).answer == "2"
    assert best_scored([third, replace(two, score=0.2)]).answer == "7/3"


def test_the_model_reads_every_answer_so(solver: Solver) -> None:
    question = "Amy has 3 pens, Bob 9. How many fewer has Amy?"
    replies = {"Program:": "ans = 3 - 9", "Equations:": "ans = 9 - 3"}

    def model() -> Model:
        return Model(FakeEngine(replies), fake_manifest(), solver)

    assert model().answer(question, thought="pot").answer == "6"
    assert [one.answer for one in model().answer_batch([question], thought="pot")] == ["6"]
    # Samples that a student is to learn from, and answers that a calibration is fitted on, keep their sign.
    assert [one.outcome.value for one in next(model().sample_batch([question], samples=2))] == [-6, 6]
    assert next(model().uncalibrated_batch([question], thought="pot")).answer == "-6"
    # Another thought is asked where the first cannot be.
    fallen = model().answer(question, mode="fallback")
    assert (fallen.thought, fallen.outcome.value) == ("eot", 6)
    agreed = model().answer(question, mode="adaptive", samples=3)
    assert sum(agreed.votes.values()) > 1
