"""The number behind an answer phrase: how people and models end a chain, and where they leave two values."""

from fractions import Fraction

import pytest

from runtime.solver.budget import Budget
from runtime.solver.sentences import cot

# What stands behind `The answer is`, and the value that it states.
STATED = [
    (" $1,200.50.", "1200.5"),
    (" -5", -5),
    (" - 5.", -5),
    (":\n- 5 apples", 5),
    (" -$5.", -5),
    (" $-5.", -5),
    (" minus 5.", -5),
    (" negative 5 degrees.", -5),
    (" 25%", 25),
    (" 5 1/2%.", "5.5"),
    (" 0.5%.", "0.5"),
    (" 20% of 50.", 10),
    (" 20% * 50 = 10.", 10),
    (" about 12", 12),
    (" approximately **12** clips.", 12),
    (" 3 1/2 hours.", "3.5"),
    (" 2 and 1/2.", "2.5"),
    (" 2 and a half hours.", "2.5"),
    (" 2 and three quarters.", "2.75"),
    (" 5 (five).", 5),
    (" 12 (twelve) apples.", 12),
    (" 17 (8 + 9).", 17),
    (" 2.50 dollars (250 cents).", "2.5"),
    (" 2.5 million.", 2_500_000),
    (" $3 thousand a year.", 3_000),
    (" $5k.", 5_000),
    (" x = 5.", 5),
    (" 5 if x = 3.", 5),
    (" **18**.", 18),
    (" *18*.", 18),
    (" $18$.", 18),
    (" \\(18\\).", 18),
    (" \\boxed{18}.", 18),
    (" $\\boxed{1{,}234}$.", 1_234),
    (" \\boxed{18\\text{ dollars}}.", 18),
    (" \\frac12 of it.", "1/2"),
    (" \\dfrac{3}{4}.", "3/4"),
    (" √9.", 3),
    (" \\sqrt{16}.", 4),
    (" B. 18", 18),
    (" (B) 18.", 18),
    (" [5].", 5),
    (" <answer> 16", 16),
    (" 16</s>", 16),
    (" 16<|im_end|>", 16),
    (" 5...", 5),
    (" .5.", "0.5"),
    (" 60% or 0.6.", 60),
    (" 3/5, or 60%.", "3/5"),
    (" 72 out of 100.", 72),
    (" 72 clips in 2 months.", 72),
    (" $5 per hour for 8 hours.", 5),
    (" 5 km/h.", 5),
    (" 5 dozen eggs.", 5),
    (" 3 times as many.", 3),
    (" at least 5 boxes.", 5),
    (" 72 and that is final.", 72),
    (" 72, because 48 + 24 = 72.", 72),
    (" 72, not 48.", 72),
    (" 100-7=93 dollars.", 93),
    (" 10 apples + 5 oranges = 15 fruits.", 15),
    (" $730 + $800 = 1530", 1530),
    (" 9 * 15 = 135 + 120 = 255", 255),
    (" 80 * (24/24) = 80", 80),
    (" 2(3).", 6),
    (" 5 times 3.", 15),
    (" 2 x 3.", 6),
    (" 20 - 7 = ?", 13),
]

UNSTATED = [
    (" 1/0.", "no_solution", "division by zero"),
    (" \\frac{1}{0}.", "no_solution", "division by zero"),
    (" 5 or 6.", "ambiguous", "5 and 6"),
    (" either 5 or about 6 hours.", "ambiguous", "5 and 6"),
    (" between 5 and 6.", "ambiguous", "5 and 6"),
    (" 5 to 6 hours.", "ambiguous", "5 and 6"),
    (" 5, 6 and 7.", "ambiguous", "5 and 6"),
    (" (5, 6).", "ambiguous", "5 and 6"),
    (" 12 apples and 3 oranges.", "ambiguous", "12 and 3"),
    (" 72 clips in April and 24 in May.", "ambiguous", "72 and 24"),
    (" x = 5 and y = 3.", "ambiguous", "5 and 3"),
    (" 2 hours 30 minutes.", "ambiguous", "2 and 30"),
    (" 5 feet and 6 inches.", "ambiguous", "5 and 6"),
    (" 5 ± 1.", "ambiguous", "5 and 1"),
    (" \\boxed{5 \\text{ or } 6}.", "ambiguous", "5 and 6"),
    (" 1.200,50.", "ambiguous", "1.2 and 50"),
    (" 1 500 000 dollars.", "ambiguous", "side by side"),
    (" 5 1/0.", "ambiguous", "side by side"),
    (" 5–6 clips.", "ambiguous", "range"),
    (" 2023-05-06.", "ambiguous", "range"),
    (" 10 apples + 5 oranges.", "ambiguous", "not worked out"),
    (" half of 5.", "ambiguous", "in words"),
    (" 7 more than 5.", "ambiguous", "in words"),
    (" 5x + 3.", "ambiguous", "unknown, 'x'"),
    (" n + 2.", "ambiguous", "unknown, 'n'"),
    (" price + 2.", "ambiguous", "unknown, 'price'"),
    (" 10:30.", "not_numeric", "10:30"),
    (" 3:2.", "not_numeric", "3:2"),
    (" three.", "not_numeric", "three"),
    (" wrong. She had 5.", "not_numeric", "wrong"),
    (" not 7 but 8.", "not_numeric", "denies"),
    ("n't 7.", "not_numeric", "denies"),
    (" 25π.", "not_numeric", "π"),
    (" 25\\pi.", "not_numeric", "pi"),
    (" 2\\sqrt{3}.", "not_numeric", "sqrt"),
    (" sqrt(2).", "not_numeric", "irrational"),
    (" 2^0.5.", "not_numeric", "irrational"),
    (" 9^9^9.", "over_budget", "digits"),
    (" 1e999.", "over_budget", "exponent"),
]


@pytest.mark.parametrize(("ending", "value"), STATED)
def test_the_number_is_read_as_people_write_it(ending: str, value: object) -> None:
    outcome = cot.solve_cot(f"First this. The answer is{ending}", None, Budget())
    assert (outcome.status, outcome.value) == ("solved", Fraction(str(value))), outcome.reason


@pytest.mark.parametrize(("ending", "status", "reason"), UNSTATED)
def test_no_number_is_guessed(ending: str, status: str, reason: str) -> None:
    outcome = cot.solve_cot(f"First this. The answer is{ending}", None, Budget())
    assert (outcome.status, outcome.value) == (status, None)
    assert reason in outcome.reason


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        (
            "The answer is 70. No: the answer is 72.",
            72,
            "an earlier answer phrase says 70; the last one counts",
        ),
        ("The answer is 5.\n\nThe answer is: 5 dollars", 5, ""),
        ("The answer is 5 or 6. The answer is 6.", 6, ""),
        ("The answer is 1. The answer is 2. The answer is 1. #### 3", 3, "says 1, 2; the last"),
        ("#### Step 1\nAdd 2 + 2 = 4.\n#### 4", 4, ""),
        ("Final answer: The answer is \\boxed{18}.", 18, ""),
        ("1 + 1 = 3. The answer is 3.", 3, "false on the way: 1 + 1 = 3"),
        ("1 + 1 = 3, 2 + 2 = 5, 3 + 3 = 7, 4 + 4 = 9. The answer is 9.", 9, "3 + 3 = 7 and 1 more"),
        ("2 + 2 = 5. The answer is 4. The answer is 5.", 5, "; false on the way: 2 + 2 = 5"),
        ("2 + 2 = 4. The answer is 4.", 4, ""),
    ],
)
def test_the_reason_tells_what_speaks_against_a_solved_chain(text: str, value: int, note: str) -> None:
    outcome = cot.solve_cot(text, None, Budget())
    assert (outcome.status, outcome.value) == ("solved", value)
    assert note in outcome.reason and bool(note) == bool(outcome.reason)
