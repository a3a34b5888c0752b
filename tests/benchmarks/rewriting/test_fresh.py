"""Fresh numbers: plausible one by one, and every result on the way as sensible as it was."""

from fractions import Fraction
from random import Random

import pytest

from benchmarks.annotations.text.arithmetic import tokenize
from benchmarks.rewriting.numbers.fresh import Drawing
from benchmarks.rewriting.numbers.plausible import candidates, is_alike
from benchmarks.rewriting.numbers.spans import number_spans
from benchmarks.rewriting.numbers.spelling import number_word, printed, says_an, spelled
from benchmarks.rewriting.template import Quantity
from runtime.values.problem import Problem
from runtime.values.rationale import Declined
from tests.benchmarks.rewriting.problems import APPLES, MARBLES, asked, template_of


def quantity(text: str) -> Quantity:
    spans = tuple(number_spans(text, list(tokenize(text))))
    return Quantity(spans[0].value, spans, 1, fixed=False)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3 cats", 2, 7),
        ("12 cats", 7, 23),
        ("48 cats", 24, 76),
        ("1200 people", 600, 1920),
        ("20%", 5, 32),
        ("95%", 45, 99),
        ("5 days a week", 2, 7),
        ("20 hours a day", 10, 24),
        ("45 minutes", 20, 60),
        ("$1.50", "0.5", 3),
        ("$0.40", "0.2", "0.8"),
        ("$4.99", "2.99", "9.98"),
    ],
)
def test_candidates_stay_in_the_neighborhood(text: str, low: int | str, high: int | str) -> None:
    one = quantity(text)
    found = candidates(one)
    assert len(found) > 1 and one.value not in found and 1 not in found
    assert Fraction(low) <= min(found) and max(found) <= Fraction(high)


def test_candidates_are_as_round_as_the_number_and_keep_its_article() -> None:
    assert all(value % 50 == 0 for value in candidates(quantity("600 people")))
    assert all(value % 1 == Fraction("0.99") for value in candidates(quantity("$4.99")))
    assert not any(says_an(Fraction(value)) for value in candidates(quantity("a 12-foot rope")))
    assert all(says_an(Fraction(value)) for value in candidates(quantity("an 8-foot rope")))


@pytest.mark.parametrize(
    ("new", "old", "alike"),
    [
        (4, 3, True),
        (Fraction(7, 2), 3, False),
        (-1, 3, False),
        (0, 3, False),
        (1, 3, False),
        (3, 1, False),
        (1, 1, True),
        (Fraction(5, 4), Fraction(3, 2), True),
        (Fraction(1, 3), Fraction(1, 2), False),
        (Fraction(3, 2), Fraction(1, 2), False),
        (500, 3, False),
    ],
)
def test_a_result_stays_as_sensible_as_it_was(new: int | Fraction, old: int | Fraction, alike: bool) -> None:
    assert is_alike(new, old, 1000) == alike


@pytest.mark.parametrize("problem", [MARBLES, APPLES])
def test_draws_differ_and_keep_what_they_must(problem: Problem) -> None:
    template = template_of(problem)
    drawing = Drawing(template)
    seen = set()
    for seed in range(40):
        values = drawing.draw(Random(seed))
        assert not isinstance(values, Declined)
        assert values["ans"].denominator == 1 and values["ans"] > 1
        assert all(values[one.slot] != one.value for one in template.free)
        seen.add(values["ans"])
    assert len(seen) > 10


def test_the_same_seed_draws_the_same() -> None:
    drawing = Drawing(template_of(MARBLES))
    assert drawing.draw(Random("7")) == drawing.draw(Random("7"))


def test_shares_of_a_whole_still_make_a_whole() -> None:
    text = "60% of 300 tickets were red and 40% were blue. How many were red, and at $2 for a blue one, what came in?"
    drawing = Drawing(template_of(asked(text, "300*60/100=180 300*40/100=120 120*2=240 240+180=420", "420")))
    for seed in range(20):
        values = drawing.draw(Random(seed))
        assert not isinstance(values, Declined) and values["#60"] + values["#40"] == 100


def test_what_cannot_be_drawn_is_declined_after_a_bounded_time() -> None:
    template = template_of(
        asked(
            "Ann shares 97 nuts and 3 more among 10 squirrels and 10 mice. How many each?",
            "97+3=100 100/10=10 10+10=20",
            "20",
        )
    )
    assert isinstance(Drawing(template).draw(Random(0)), (Declined, dict))


def test_numbers_are_spelled_as_before() -> None:
    text = "Three men pay $1.50, 1,200 women pay $7"
    three, price, many, seven = number_spans(text, list(tokenize(text)))
    assert [
        spelled(Fraction(value), span, text)
        for value, span in ((14, three), (2, price), (1350, many), (9, seven))
    ] == [
        "Fourteen",
        "2.00",
        "1,350",
        "9",
    ]
    assert number_word(Fraction(42)) == "forty-two" and number_word(Fraction(100)) is None
    assert printed(Fraction(1, 3)) == "1/3" and printed(Fraction(5, 2), 2) == "2.50"
