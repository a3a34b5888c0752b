"""Formula fields become steps; equations are solved for their unknown."""

import pytest

from benchmarks.annotations.annotation import ParseFailure
from benchmarks.annotations.formula import read_formula
from runtime.values.problem import Problem

QUESTION = "Ivy had 26 pens and 17 cups. She broke 9 pens, each of 3 boxes had 4 caps. How many?"
READ = [
    ("( 26.0 - 9.0 )", ["ans = 26 - 9"]),
    ("X=(3.0*4.0)", ["ans = 3 * 4"]),
    ("( ( 26.0 + 17.0 ) - 9.0 )", ["total_pens = 26 + 17", "ans = total_pens - 9"]),
    ("x=26.0-(3.0*4.0)", ["total_caps = 3 * 4", "ans = 26 - total_caps"]),
    ("9+x=26", ["ans = 26 - 9"]),
    ("3*x-9=26", ["total_pens = 26 + 9", "ans = total_pens / 3"]),
]


@pytest.mark.parametrize(("equation", "expected"), READ)
def test_formulas_become_steps(equation: str, expected: list[str]) -> None:
    reading = read_formula(Problem("p", QUESTION, "1", None, equation))
    assert not isinstance(reading, ParseFailure)
    assert [f"{step.name} = {step.expression}" for step in reading.steps] == expected


@pytest.mark.parametrize(
    ("equation", "reason"),
    [
        ("", "no_annotation"),
        ("x*x=9", "not_explicit"),
        ("x+y=9; x-y=3", "not_explicit"),
        ("26/(9-9)", "division_by_zero"),
        ("26 - 11", "unexplained_number"),
        ("x=x", "not_explicit"),
    ],
)
def test_other_formulas_are_left_out_with_a_reason(equation: str, reason: str) -> None:
    reading = read_formula(Problem("p", QUESTION, "1", None, equation))
    assert isinstance(reading, ParseFailure)
    assert reading.reason == reason
