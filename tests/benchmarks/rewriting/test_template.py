"""Which number is which literal; what is not certain is declined."""

from dataclasses import replace
from fractions import Fraction

import pytest

from benchmarks.rewriting.template import read_source, read_template
from runtime.values.rationale import Declined
from tests.benchmarks.rewriting.problems import APPLES, MARBLES, asked, source_of, template_of


def test_every_number_is_a_slot_of_the_steps() -> None:
    template = template_of(MARBLES)
    assert [(int(one.value), one.uses, one.fixed) for one in template.quantities] == [
        (12, 1, False),
        (8, 1, False),
        (36, 1, False),
    ]
    assert template.unsure == ""


@pytest.mark.parametrize(
    ("question", "solution", "answer", "value"),
    [
        ("A week has passed. Ann read 7 pages a day. How many pages?", "7*7=49", "49", 7),
        ("Each of 4 dogs has 6 toys. How many legs and toys?", "4*4=16 4*6=24 16+24=40", "40", 4),
        ("Ann has 5 cats. She gives half of 20 treats to them. How many each?", "20/2=10 10/5=2", "2", 20),
    ],
)
def test_a_number_that_could_be_common_knowledge_stays(
    question: str, solution: str, answer: str, value: int
) -> None:
    found = read_template(source_of(asked(question, solution, answer)))
    fixed = {one.value: one.fixed for one in found.quantities} if not isinstance(found, Declined) else {}
    assert isinstance(found, Declined) or fixed[Fraction(value)] == (value != 20)


@pytest.mark.parametrize(
    ("question", "solution", "answer", "reason"),
    [
        (
            "Ann has 6 pens and buys 6 more, then 12 more. How many?",
            "6+6=12 12+12=24",
            "24",
            "ambiguous_number",
        ),
        (
            # The 5 of the last step may be the result of the first, or the days of a week's work.
            "Jo sells half of 10 pens a day, for $20 each, 5 days a week at work. How many dollars a week?",
            "10/2=5 5*20=100 100*5=500",
            "500",
            "ambiguous_number",
        ),
        ("Rain lasts 6 hours from noon on, then 8 more. What time is it?", "6+8=14", "14", "clock"),
        # The step has the half that is paid for the half that is taken off.
        ("A pen of $40 is sold at 50% off. What is paid?", "40*50/100=20", "20", "half"),
        ("Ann has 40 pens in 2 boxes. She buys 6 more. How many are there?", "40+6=46", "46", ""),
        (
            "Ann has 40 pens, 11 of them red. She buys 6 more. How many are there?",
            "40+6=46",
            "46",
            "unused_number",
        ),
    ],
)
def test_numbers_that_may_not_change_together_say_why(
    question: str, solution: str, answer: str, reason: str
) -> None:
    assert template_of(asked(question, solution, answer)).unsure == reason


def test_a_number_from_nowhere_declines_the_problem() -> None:
    found = read_template(
        source_of(asked("Ann runs 6 miles on each of her visits. How far?", "6*4=24", "24"))
    )
    assert found == Declined("counted_number", "4")


@pytest.mark.parametrize(
    ("solution", "answer", "reason"),
    [
        (None, "3", "no_annotation"),
        ("", "3", "no_annotation"),
        ("nothing here\n#### 3", "3", "no_calculation"),
        ("It is 1 + 2 = <<1+2=3>>3.\n#### 3", None, "no_gold"),
        ('{"steps": [["ans", "__import__(1)", ""]]}', "3", "not_explicit"),
        ('{"steps": [["ans", "1 / 0", ""]]}', "3", "not_explicit"),
        ('{"steps": [["ans", "a + 1", ""]]}', "3", "not_explicit"),
        ('{"steps": [["ans", "' + "(" * 500 + '", ""]]}', "3", "not_explicit"),
        ('{"steps": [["b", "3", ""]]}', "3", "rounded"),
        ('{"steps": []}', "3", "damaged"),
    ],
)
def test_what_has_no_exact_annotation_is_declined(
    solution: str | None, answer: str | None, reason: str
) -> None:
    found = read_source(replace(APPLES, solution=solution, answer=answer))
    assert isinstance(found, Declined) and found.reason == reason


def test_a_question_beyond_all_bounds_is_declined() -> None:
    found = read_source(replace(APPLES, question="7 " * 50_000))
    assert isinstance(found, Declined) and found.reason == "too_long"
