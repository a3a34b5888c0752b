"""Each kind of rewriting on problems of our own: what it says, what it computes, what it declines."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from benchmarks.annotations.annotation import Annotation
from benchmarks.annotations.thoughts import write_eot, write_pot
from benchmarks.annotations.value import annotation_value
from benchmarks.rewriting.distract import Distract
from benchmarks.rewriting.reorder import Reorder
from benchmarks.rewriting.rewriting import Rewritten, Writer
from benchmarks.rewriting.similar import Similar
from distill.teachers.symbolic.backward import Backward
from distill.teachers.symbolic.harder import Harder, continuations
from runtime.solver.solver import Solver
from runtime.values.problem import Problem
from runtime.values.rationale import Declined
from tests.benchmarks.rewriting.problems import APPLES, MARBLES, SHARES, asked, source_of, template_of


def written(writer: Writer | Declined, count: int = 20) -> list[Rewritten]:
    assert not isinstance(writer, Declined), writer
    found = [writer.write(Random(seed)) for seed in range(count)]
    return [one for one in found if isinstance(one, Rewritten)]


def test_similar_says_its_numbers_and_computes_its_answer() -> None:
    for one in written(Similar.prepared(template_of(MARBLES))):
        first, last = one.annotation.steps
        bags, pounds = first.expression.split(" * ")
        assert f"has {bags} bags" in one.question and f"holds {pounds} pounds" in one.question
        assert annotation_value(one.annotation) == one.answer and one.answer > 1
        assert f"= {int(bags) * int(pounds)} pounds" in first.sentence and str(one.answer) in last.sentence
        assert "Tom" not in one.question + first.sentence + first.name


def test_similar_renames_people_and_things_in_the_steps_too() -> None:
    texts = {one.question for one in written(Similar.prepared(template_of(APPLES)))}
    assert len(texts) > 15 and not any("Anna" in text for text in texts)
    assert any("apples" not in text and "pears" not in text for text in texts)


def test_similar_keeps_shares_of_a_whole() -> None:
    found = Similar.prepared(template_of(SHARES))
    assert isinstance(found, Declined) and found.reason == "unused_number"


def test_a_chain_that_cannot_be_told_is_left_out() -> None:
    problem = replace(MARBLES, solution=(MARBLES.solution or "").replace("He has 96", "In 17 ways he has 96"))
    for one in written(Similar.prepared(template_of(problem))):
        assert not any(step.sentence for step in one.annotation.steps)


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("Ann has 6 pens and buys 8. How many pens does she have?", "pens"),
        ("Ann has 6 pens and buys 8. How many pens in total does she have?", "pens"),
        ("Ann saves $6 and then $8. How much money does she save?", "dollars"),
        ("Ann runs for 6 minutes, then 8 minutes. How many minutes does she run?", "minutes"),
        ("Ann runs 6 miles, then 8 miles. How many miles does she run?", "miles"),
    ],
)
def test_harder_goes_on_from_what_is_asked(question: str, unit: str) -> None:
    for one in written(Harder.prepared(source_of(asked(question, "6+8=14", "14")))):
        assert one.question.startswith(question) and len(one.annotation.steps) == 2
        assert (
            annotation_value(one.annotation) == one.answer and one.answer.denominator == 1 and one.answer > 1
        )
        assert one.answer != 14 and one.annotation.steps[0].name not in ("ans", "")
        assert unit in one.question.removeprefix(question) or unit == "dollars" or "minutes" in unit


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("Ann has 6 pens and 8 cups. How many pens and cups does she have?", "14", "unit_unread"),
        ("Ann has 6 and 8. What percentage is that?", "14", "unit_unread"),
        ("Ann has 6 pens and buys 8. How many are there?", "14", "unit_unread"),
        ("Ann has 6 pens and buys 8.", "14", "unit_unread"),
    ],
)
def test_harder_declines_what_it_cannot_read(question: str, answer: str, reason: str) -> None:
    found = Harder.prepared(source_of(asked(question, "6+8=14", answer)))
    assert isinstance(found, Declined) and found.reason == reason


def test_every_continuation_is_complete() -> None:
    for family, rows in continuations().items():
        assert len(rows) >= (6 if family == "age" else 9)
        for row in rows:
            assert row.say.endswith("?") and row.sentence.endswith(".") and "{ans}" in row.sentence


def test_distract_adds_one_sentence_with_a_number_and_nothing_else() -> None:
    for one in written(Distract.prepared(source_of(MARBLES))):
        added = one.question.replace(MARBLES.question, "")
        story, _, asks = MARBLES.question.rpartition(". ")
        assert added != one.question or (one.question.startswith(story) and one.question.endswith(asks))
        assert len(one.question) > len(MARBLES.question) and one.answer == 60


def test_distract_never_makes_a_pronoun_mean_somebody_else() -> None:
    problem = asked("Tom has 6 pens. Paul has 8 pens more. How many does he have?", "6+8=14", "14")
    for one in written(Distract.prepared(source_of(problem))):
        assert one.question.endswith("Tom has 6 pens. Paul has 8 pens more. How many does he have?")


@pytest.mark.parametrize(
    ("question", "orders"),
    [
        (
            "Tom has 6 pens. He buys 8 more pens. How many pens does he have?",
            {"How many pens does Tom have? Tom has 6 pens. He buys 8 more pens."},
        ),
        (
            "A farmer has 6 cows. If he buys 8 cows, how many cows does the farmer have?",
            {"A farmer has 6 cows. How many cows does the farmer have if he buys 8 cows?"},
        ),
        (
            "There are 6 red pens and 8 blue pens. How much pens are these?",
            {"There are 8 blue pens and 6 red pens. How much pens are these?"},
        ),
        (
            "Tom has 6 pens. Anna has 8 pens. Rain falls. How many pens do they have?",
            {"Anna has 8 pens. Tom has 6 pens. Rain falls. How many pens do they have?"},
        ),
    ],
)
def test_reorder_moves_what_stands_alone(question: str, orders: set[str]) -> None:
    found = written(Reorder.prepared(source_of(asked(question, "6+8=14", "14"))))
    assert {one.question for one in found} == orders


@pytest.mark.parametrize(
    "question",
    [
        "Tom and Paul have 6 and 8 pens. How many more does he need?",
        "It is 6 or 8 miles away. How far is it?",
        "Tom and his brother have 6 and then 8 pens. How many pens does he need?",
    ],
)
def test_reorder_declines_what_points_back(question: str) -> None:
    found = Reorder.prepared(source_of(asked(question, "6+8=14", "14")))
    assert isinstance(found, Declined) and found.reason == "points_back"


def solved(annotation: Annotation) -> list[Fraction | None]:
    texts = [("eot", write_eot(annotation, "")), ("pot", write_pot(annotation, ""))]
    with Solver() as solver:
        return [outcome.value for outcome in solver.solve_batch(texts)]  # type: ignore[arg-type]


@pytest.mark.parametrize("problem", [MARBLES, APPLES])
def test_backward_asks_for_a_given_number_that_the_system_determines(problem: Problem) -> None:
    hidden = set()
    for one in written(Backward.prepared(template_of(problem)), 8):
        assert " x" in one.question.replace("$x", " x") and (problem.answer or "") in one.question
        assert solved(one.annotation) == [one.answer, one.answer]
        hidden.add(one.answer)
    assert len(hidden) > 1


def test_backward_hides_no_number_that_is_used_twice() -> None:
    found = Backward.prepared(
        template_of(asked("Tom has 6 pens. Anna has 8 times as many. How many pens?", "6*8=48 48+6=54", "54"))
    )
    assert {one.answer for one in written(found)} == {8}


def test_backward_has_no_equations_where_the_unknown_divides() -> None:
    found = written(
        Backward.prepared(
            template_of(asked("48 pens are in 6 boxes. How many pens are in a box?", "48/6=8", "8"))
        )
    )
    systems = {one.answer: one.annotation.equations for one in found}
    assert systems == {48: ("ans / 6 = 8",), 6: ()}
