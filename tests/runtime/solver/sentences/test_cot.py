"""Chains of thought: statements that are false, canonical form, the sign of completeness."""

import pytest

from runtime.solver.budget import Budget
from runtime.solver.sentences import cot
from runtime.values.prompt import TAGS


def test_the_tag_is_the_prompts_and_the_exemplar_solves() -> None:
    assert TAGS["cot"] == cot.TAG
    assert cot.solve_cot(cot.EXEMPLAR, None, Budget()).value == 72
    assert cot.wrong_arithmetic(cot.EXEMPLAR) == ()


@pytest.mark.parametrize(
    "text",
    [
        "She sold 48 / 2 = 24 clips in May and 48 + 24 = 72 in all.",
        "5 apples + 3 apples = 8 apples",
        "2 * $100 = $200/day, which is $1,400 a week: $200 * 7 = $1,400.",
        "150 hours/video * 6 videos = 900 hours",
        "20% of 50 = 10 and 20% * 50 = 10 and 5 / 20 * 100 = 25%",
        "3 x 4 = 12, 3 × 4 = 12, 3 times 4 = 12",
        "6 divided by 2 = 3, 3 multiplied by 2 = 6, 5 minus 2 = 3",
        "10 / 3 = 3.33, 10 / 3 = 3.333..., 8 / 3 = 2.66",
        "So \\frac{3}{4} \\times 20 = 15 and \\( 9 + 5 = 14 \\).",
        "<<48/2=24>>24",
        "1 1/2 + 2 = 3 1/2",
        "2^3 = 8 and 2**3 = 8",
        "4(66) + 10 = 274",
        "-5 + 3 = -2",
        "- 5 + 3 = 8",
        "**5 + 3 = 8**",
        "(12 / 4) * 100% = 300%",
        "he has 83 - 2 = 81 two-pointers and a 5-pack",
        "250*.1 + 100 = 125",
    ],
)
def test_true_statements_pass(text: str) -> None:
    assert cot.wrong_arithmetic(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "3x + 5 = 20, so x - 5 = 0 and 5/3 = 25/x",
        "half of 20 + 5 = 15 and twice 13 + 6 = 32",
        "2 hours + 30 minutes = 2.5 hours and 4 feet 6 inches + 6 inches = 5 feet",
        "3 hours = 3 * 60 = 180 minutes",
        "3 * $300 = $900 + $200 = $1100",
        "at 8:25 + 30 minutes = 8:55",
        "Subtract 16 and divide by -1 to get x = 11.",
        "1 500 000 + 500 000 = 2 000 000",
        "total = 5 and price = 3",
        "20 - 7 = ?",
        "2:(7+3+2) = 2:12 = 1:6",
    ],
)
def test_what_is_not_plainly_arithmetic_is_left_alone(text: str) -> None:
    assert cot.wrong_arithmetic(text) == ()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("48 / 2 = 25 clips", ("48 / 2 = 25",)),
        ("a total of $25 + $18 + $16 = $69 per day", ("25 + 18 + 16 = 69",)),
        ("5 x 3 = 16, then 16 + 1 = 17", ("5 * 3 = 16",)),
        ("(100 hours / 2 = 51 hours)", ("100 / 2 = 51",)),
        ("10 / 3 = 3", ("10 / 3 = 3",)),
        ("10 / 3 = 3.35", ("10 / 3 = 3.35",)),
        ("2 + 2 = 5. 3 + 3 = 7.", ("2 + 2 = 5", "3 + 3 = 7")),
        ("12 + 5 = 17 - 3 = 15", ("17 - 3 = 15",)),
    ],
)
def test_false_statements_are_found_and_printed(text: str, wrong: tuple[str, ...]) -> None:
    assert cot.wrong_arithmetic(text) == wrong


def test_a_false_statement_does_not_unsolve_a_chain() -> None:
    text = "2 + 2 = 5. The answer is 5."
    assert cot.solve_cot(text, None, Budget()).value == 5
    assert cot.wrong_arithmetic(text) == ("2 + 2 = 5",)


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("The answer is 72", False),
        ("The answer is 72.", False),
        ("The answer is 72.5", False),
        ("The answer is 72. ", True),
        ("The answer is 72\n", True),
        ("The answer is 1,200 clips.\n", True),
        ("#### 72\n", True),
        ("She sold 48. Then 24.\n", False),
        ("The answer is\n", False),
        ("", False),
    ],
)
def test_finished_means_that_the_answer_is_closed(text: str, finished: bool) -> None:
    assert cot.finished(text) is finished


def test_canonical_forms_forget_words_and_order_but_not_numbers() -> None:
    one = "She sold 48 / 2 = 24 clips. In all 48 + 24 = 72. The answer is 72."
    other = "Altogether $48 + $24 = $72, since 48 ÷ 2 = 24.\nThe answer is $72"
    assert cot.canonical(one) == cot.canonical(other)
    assert cot.canonical(one) != cot.canonical(one.replace("72", "73"))
    assert cot.canonical("no answer here") is None


def test_long_texts_are_refused_at_once() -> None:
    text = "The answer is 5. " * 2_000
    assert cot.solve_cot(text, None, Budget()).status == "over_budget"
    assert cot.canonical(text) is None
    assert cot.wrong_arithmetic(text) != ()
