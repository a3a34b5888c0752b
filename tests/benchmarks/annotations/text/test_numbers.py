"""Every spelling of a number in a question is told; nothing else is."""

from fractions import Fraction

import pytest

from benchmarks.annotations.text.arithmetic import tokenize
from benchmarks.annotations.text.numbers import QuestionNumbers, told_numbers

HALF = Fraction(1, 2)
TOLD = [
    ("He has 1,250 coins.", 1250),
    ("She runs twenty-five laps.", 25),
    ("It costs three hundred and forty dollars.", 340),
    ("It holds 3/8 of it.", Fraction(3, 8)),
    ("Two-thirds of them left.", Fraction(2, 3)),
    ("They ran 2 1/2 miles.", 2 + HALF),
    ("It took 3 and a half hours.", 3 + HALF),
    ("It lasts 1 hour 20 minutes.", 80),
    ("It lasts one hour and 30 minutes.", 1 + HALF),
    ("She pays 48 cents.", Fraction(48, 100)),
    ("He bought 2 dozen eggs.", 24),
    ("It rose by 35%.", Fraction(35, 100)),
    ("It rose by twenty percent.", Fraction(20, 100)),
    ("A house for $280k.", 280_000),
    ("It seats 450 000 people.", 450_000),
    ("The thirteenth day.", 13),
    ("She has a dime.", Fraction(1, 10)),
]


def question_numbers(question: str) -> QuestionNumbers:
    return told_numbers(list(tokenize(question)))


@pytest.mark.parametrize(("question", "value"), TOLD)
def test_a_spelled_number_is_told(question: str, value: Fraction) -> None:
    assert Fraction(value) in question_numbers(question).values


@pytest.mark.parametrize("value", [17, 43, 99, 1234, Fraction(1, 7)])
def test_other_numbers_are_not_told(value: Fraction) -> None:
    assert not question_numbers("He has 5 cats and twelve dogs.").tells(Fraction(value))


@pytest.mark.parametrize(
    ("question", "value", "known"),
    [
        ("How many minutes are left?", 60, True),
        ("How many pens are left?", 60, False),
        ("She walks every day of the week.", 7, True),
        ("She walks with 3 dogs.", 7, False),
        ("A snake is 2 feet long, another 16 inches.", 12, True),
        ("A snake is 2 feet long, another 16 inches.", 24, False),
        ("A dog eats two pounds of meat.", 16, True),
        ("He had 4 worms left on the fourth day.", 16, False),
        ("What percentage is red?", 100, True),
    ],
)
def test_what_everybody_knows_counts_where_the_question_speaks_of_it(
    question: str, value: int, known: bool
) -> None:
    assert question_numbers(question).tells(Fraction(value)) == known
