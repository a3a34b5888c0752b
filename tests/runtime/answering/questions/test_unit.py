"""What an answer counts: read where the question says it, and left empty elsewhere."""

from fractions import Fraction

import pytest

from runtime.answering.pipeline import Model
from runtime.answering.questions.unit import unit_of
from runtime.solver.solver import Solver
from runtime.values.outcome import Outcome
from runtime.values.solution import Solution
from tests.runtime.fake_engine import FakeEngine, fake_manifest


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("Tom has 3 pens and buys 4. How many pens does he have?", "pens"),
        ("2/5 of them walk to school. How many pupils walk to school?", "pupils"),
        ("How many more red marbles has Ann than Ben?", "red marbles"),
        ("In total, how many pounds of carrots did Kelly harvest?", "pounds"),
        ("How many miles per hour did it go on the way back?", "miles per hour"),
        ("How many people are on the bus after the third stop?", "people"),
        ("HOW MANY   boxes\nare there?", "boxes"),
        ("How many square feet of glass does he need?", "square feet"),
        ("How many dollars less would he pay?", "$"),
        ("A pen is $2. How much do 3 pens cost?", "$"),
        ("A pen is £2. How much money does he have left?", "£"),
        ("He had 20 dollars and paid 4. How much change did he receive?", "$"),
        ("How much did they spend altogether, in cents?", "cents"),
        ("What percentage of the girls like basketball?", "%"),
        ("How old is her brother?", "years"),
        ("How long is Derrick's yard, in yards?", "yards"),
        ("How many pens are red? There are 3 boxes. How many boxes are full?", "boxes"),
    ],
)
def test_what_is_counted_is_read_from_the_question(question: str, unit: str) -> None:
    assert unit_of(question) == unit


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Tom has 3 pens and buys 4. How many has he?",
        "How many of Tom's pens are blue?",
        "How many pens and pencils did she have left?",
        "How many pens does he buy and how many pencils?",
        "How many billions of miles would they have travelled?",
        "How much does the bag weigh?",
        "The bag was $4. How much does it weigh?",
        "It costs $2 or £1. How much money does he need?",
        "How much money does he need?",
        "How much pressure in ounces per square inch does each leg undergo?",
        "How long will it take?",
        "What is 3 plus 4?",
    ],
)
def test_what_is_not_plain_is_left_empty(question: str) -> None:
    assert unit_of(question) == ""


@pytest.mark.parametrize(
    ("value", "unit", "amount"),
    [
        (Fraction(21), "pens", "21 pens"),
        (Fraction(1), "pens", "1"),
        (Fraction(21), "", "21"),
        (Fraction(7, 2), "$", "$3.50"),
        (Fraction(13, 4), "$", "$3.25"),
        (Fraction(-7, 2), "$", "-$3.50"),
        (Fraction(7, 3), "£", "£7/3"),
        (Fraction(36), "%", "36%"),
        (Fraction(60), "km/h", "60 km/h"),
    ],
)
def test_an_amount_is_the_answer_with_its_unit(value: Fraction, unit: str, amount: str) -> None:
    assert Solution("pot", "", Outcome("solved", value), "m", unit=unit).amount == amount
    assert Solution("pot", "", Outcome("no_solution"), "m", unit=unit).amount is None


def test_a_long_question_takes_no_long_time() -> None:
    assert unit_of("how many " * 400 + "?") == unit_of("How much is the " * 250) == ""


def test_the_row_of_an_answer_has_its_unit_where_there_is_one() -> None:
    with Solver(workers=1) as solver:
        model = Model(FakeEngine({"Program:": "ans = 3 + 4"}), fake_manifest(), solver)
        assert model.answer("How many pens are 3 and 4 pens?", thought="pot").to_row()["unit"] == "pens"
        assert "unit" not in model.answer("How many are 3 and 4?", thought="pot").to_row()
