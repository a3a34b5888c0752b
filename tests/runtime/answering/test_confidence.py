"""Confidence by calibration: from what an answer comes with, in the way it was fitted for, and abstaining by it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import exp
from pathlib import Path

import pytest

from runtime.answering.confidence import (
    CONFIDENCE_FILE,
    Calibration,
    abstained,
    features,
    read_calibrations,
    sure,
    to_rows,
    way,
)
from runtime.answering.pipeline import Model
from runtime.answering.questions.expected import expected_of
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution
from tests.runtime.answering.test_scorer import prefers_long, write_tensors
from tests.runtime.fake_engine import FakeEngine, fake_manifest

REPLIES = {"apples": "ans = 3 + 4", "children": "ans = 1 / 3", "hopeless": "ans = ("}
SCORED = Calibration({"scorer": 1.0, "logprob": 0.5}, -0.25, {"n": 7})
QUESTION = "How many apples?"
SOLVED = Solution("pot", "ans = 7", Outcome("solved", Fraction(7)), "m", generated_tokens=3)


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver(workers=1) as one:
        yield one


def scored_model(solver: Solver, tmp_path: Path, **calibrations: Calibration) -> Model:
    file = write_tensors(tmp_path / "scorer.safetensors", prefers_long())
    manifest = replace(fake_manifest(), scorer={"kind": "probe"})
    known = {name.replace("_", " "): one for name, one in calibrations.items()}
    return Model(FakeEngine(REPLIES, state_width=4), manifest, solver, scorer_file=file, calibrations=known)


def test_what_a_solution_says_of_itself() -> None:
    assert features(SOLVED).keys() == {"tokens", "plausible", "positive"}
    voted = replace(SOLVED, votes={"7": 3, "5": 1}, logprob=-2.0, score=0.5)
    known = features(voted)
    assert known["agree"] == 0.75 and known["logprob"] == -2.0 and known["scorer"] == 0.0
    # Certainty is a large number, not none.
    assert features(replace(SOLVED, score=1.0))["scorer"] == 15.0
    assert features(replace(SOLVED, score=0.0))["scorer"] == -15.0


@pytest.mark.parametrize(
    ("value", "question", "plausible"),
    [
        (Fraction(7), "How many pens?", True),
        (Fraction(7, 2), "How many pens?", False),
        (Fraction(7, 2), "Half of the 7 pens?", True),
        (Fraction(15, 4), "A pen costs $2.50. How much?", True),
        (Fraction(1, 3), "A pen costs $2.50. How much?", False),
        (Fraction(1, 1000), "What is 20% of it?", False),
        (Fraction(5, 4), "Halfway there are 5 pens", False),
    ],
)
def test_values_that_such_a_question_has(value: Fraction, question: str, plausible: bool) -> None:
    solution = replace(SOLVED, outcome=Outcome("solved", value), expected=expected_of(question))
    known = features(solution)
    assert known["plausible"] == plausible and known["positive"] == 1
    assert features(replace(solution, outcome=Outcome("solved", -value)))["positive"] == 0


def test_a_calibration_is_a_logistic_regression() -> None:
    known = replace(SOLVED, score=0.5, logprob=-2.0)
    expected = 1 / (1 + exp(-(-0.25 + 0.5 * -2.0)))
    assert sure(known, SCORED).confidence == pytest.approx(expected)
    # Nothing is said of what is not solved, lacks a feature, or was never calibrated.
    unsolved = replace(known, outcome=Outcome("bad_syntax"))
    for one, calibration in ((unsolved, SCORED), (SOLVED, SCORED), (known, None)):
        assert sure(one, calibration) == one


def test_answers_come_with_it_where_the_way_is_calibrated(solver: Solver, tmp_path: Path) -> None:
    model = scored_model(solver, tmp_path, single_eot=SCORED)
    raw = next(model.uncalibrated_batch(["How many apples?"]))
    assert raw.score is not None and raw.logprob is not None and raw.confidence is None
    expected = sure(raw, SCORED).confidence
    one = model.answer("How many apples?")
    assert one.confidence == pytest.approx(expected) and one.answer == "7"
    (many,) = model.answer_batch(["How many apples?"])
    assert many.confidence == pytest.approx(expected)
    assert model.answer("hopeless").confidence is None
    assert model.tells_confidence() and not model.tells_confidence("single", "pot")
    assert model.answer("How many apples?", thought="pot").confidence is None
    plain = scored_model(solver, tmp_path)
    assert plain.answer("How many apples?").confidence is None and not plain.tells_confidence()


def test_a_vote_has_its_own(solver: Solver, tmp_path: Path) -> None:
    model = scored_model(solver, tmp_path, vote=Calibration({"agree": 2.0}, -1.0, {}))
    answer = model.answer("How many apples?", mode="vote", samples=4)
    assert answer.confidence == pytest.approx(1 / (1 + exp(-1.0)))
    # Of one thought alone it was not calibrated.
    assert not model.tells_confidence("vote", "pot")
    assert model.answer("How many apples?", mode="vote", samples=4, thought="pot").confidence is None


def test_adaptive_asks_for_more_only_where_the_first_is_not_sure(solver: Solver, tmp_path: Path) -> None:
    def model(odds: float) -> Model:
        return scored_model(solver, tmp_path, single_pot=Calibration({"scorer": 0.0}, odds, {}))

    sure_of_it, doubts = model(1.0), model(-1.0)
    alone = sure_of_it.answer(QUESTION, mode="adaptive", samples=4)
    assert (alone.thought, alone.votes) == ("pot", {"7": 1})
    assert alone.confidence == pytest.approx(1 / (1 + exp(-1.0)))
    several = doubts.answer(QUESTION, mode="adaptive", samples=4)
    # What the scorer says of the best of them.
    assert several.votes == {"7": 3} and several.score is not None and several.confidence is None
    many = list(sure_of_it.answer_batch([QUESTION, "hopeless"], mode="adaptive", samples=4))
    assert [one.votes for one in many] == [{"7": 1}, {}]
    assert many[0].confidence == alone.confidence
    # A value that such a question has not is never sure; nor is anything sure of a thought that was not calibrated.
    children = sure_of_it.answer("How many third children?", mode="adaptive", samples=4)
    assert children.outcome.value == Fraction(1, 3) and sum(children.votes.values()) == 3
    assert sum(sure_of_it.answer(QUESTION, mode="adaptive", samples=4, thought="eot").votes.values()) == 2


def test_adaptive_with_no_scorer_votes_where_the_first_is_not_sure(solver: Solver) -> None:
    engine = FakeEngine({"Program:": "ans = 6", "Equations:": "ans = 3 + 4", "Steps:": "The answer is 7."})

    def answer(odds: float) -> Solution:
        known = {"single pot": Calibration({"logprob": 0.0}, odds, {})}
        model = Model(engine, fake_manifest(), solver, calibrations=known)
        return model.answer(QUESTION, mode="adaptive", samples=3)

    assert (answer(2.0).answer, answer(-2.0).answer) == ("6", "7")


def test_abstaining_keeps_the_thought_and_says_why() -> None:
    known = replace(SOLVED, confidence=0.31)
    left = abstained(known, 0.5)
    assert (left.answer, left.outcome.status, left.text) == (None, "abstained", "ans = 7")
    assert left.outcome.reason == "confidence 0.31 is below 0.5"
    assert abstained(known, 0.3) == known and abstained(SOLVED, 0.9) == SOLVED


def test_ways_of_answering_have_names() -> None:
    names = [way("single", "pot"), way("fallback", "eot"), way("vote", "pot"), way("best_of", "eot")]
    assert names == ["single pot", "fallback eot", "vote", "best_of"]


def test_the_file_is_read_back_and_a_wrong_one_is_one_line(tmp_path: Path) -> None:
    assert read_calibrations(tmp_path) == {}
    (tmp_path / CONFIDENCE_FILE).write_text(json.dumps(to_rows({"single pot": SCORED})))
    assert read_calibrations(tmp_path) == {"single pot": SCORED}
    assert read_calibrations(tmp_path, "any") == {"single pot": SCORED}
    of_another = {"single pot": Calibration({"tokens": 1.0}, 0.0, {"model": "another"})}
    (tmp_path / CONFIDENCE_FILE).write_text(json.dumps(to_rows(of_another)))
    assert read_calibrations(tmp_path, "another") == of_another
    with pytest.raises(InputError, match="is of another, not of this one; expected"):
        read_calibrations(tmp_path, "this one")
    unfit = (
        '{"vote": {"weights": {"tokens": NaN}, "constant": 0}}',
        '{"vote": {"weights": {"wat": 1}, "constant": 0}}',
        '{"vote": {"weights": {"tokens": 1}, "constant": Infinity}}',
        "[" * 100_000,
    )
    for wrong in (
        *unfit,
        "",
        "[]",
        '{"single pot": {}}',
        '{"vote": {"weights": [1], "constant": 0}}',
        '{"vote": 3}',
    ):
        (tmp_path / CONFIDENCE_FILE).write_text(wrong)
        with pytest.raises(InputError, match="holds no calibrations; expected") as error:
            read_calibrations(tmp_path)
        assert "\n" not in str(error.value)
