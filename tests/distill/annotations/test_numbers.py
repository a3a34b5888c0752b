"""Every spelling of a number in a question is told; nothing else is."""

from fractions import Fraction

import pytest

from distill.annotations.numbers import question_numbers

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


@pytest.mark.parametrize(("question", "value"), TOLD)
def test_a_spelled_number_is_told(question: str, value: Fraction) -> None:
    assert Fraction(value) in question_numbers(question).values


@pytest.mark.parametrize("value", [17, 43, 99, 1234, Fraction(1, 7)])
def test_other_numbers_are_not_told(value: Fraction) -> None:
    assert not question_numbers("He has 5 cats and twelve dogs.").tells(Fraction(value))
