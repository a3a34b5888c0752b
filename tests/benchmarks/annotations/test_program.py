"""Straight-line programs become steps with names; programs that do more are left out with a reason."""

import pytest

from benchmarks.annotations.annotation import Annotation, ParseFailure
from benchmarks.annotations.reading import read_annotation
from runtime.values.problem import Problem

QUESTION = "a shop sells 40 lamps at 25 dollars , 10 % of them broken . what is lost ?"
READ = [
    ("n0 = 40.0\nn1 = 25.0\nanswer = n0 * n1\nprint(answer)", ["ans = 40 * 25"]),
    (
        "n0 = 40.0\nn1 = 25.0\nn2 = 10.0\nt0 = n0 * n2\nt1 = t0 / 100.0\nanswer = t1 * n1\nprint(answer)",
        ["total_broken = 40 * 10", "amount = total_broken / 100", "ans = amount * 25"],
    ),
    (
        "n0 = 40.0\nn1 = 25.0\nt0 = n0 + n1\nt1 = n0 - n1\nanswer = t1 * t1",
        ["lamps_left = 40 - 25", "ans = lamps_left * lamps_left"],
    ),
    ("n0 = 40.0\nn1 = 25.0\nanswer = (n0 - n1) / n1", ["lamps_left = 40 - 25", "ans = lamps_left / 25"]),
]


def program(solution: str, answer: str = "1") -> Problem:
    return Problem("p", QUESTION, answer, solution)


@pytest.mark.parametrize(("solution", "expected"), READ)
def test_programs_become_steps(solution: str, expected: list[str]) -> None:
    reading = read_annotation(program(solution))
    assert isinstance(reading, Annotation)
    assert [f"{step.name} = {step.expression}" for step in reading.steps] == expected


@pytest.mark.parametrize(
    ("solution", "reason"),
    [
        ("n0 = 40.0\nanswer = n0 ** min(n0, 5)", "not_explicit"),
        ("n0 = 40.0\nanswer = math.sqrt(n0)", "not_explicit"),
        ("n0 = 40.0\nprint(n0)", "not_explicit"),
        ("n0 = 40.0\nfor i in n0: pass\nanswer = n0", "not_explicit"),
        ("n0 = 40.0\nanswer = n0 / (n0 - n0)", "division_by_zero"),
        ("n0 = 41.0\nanswer = n0 * 2.0", "unexplained_number"),
        ("n0 = (\nanswer = n0", "not_explicit"),
        ("n0 = " + "(" * 300 + "1" + ")" * 300, "not_explicit"),
        ("n0 = " + "1 + " * 5000 + "1", "not_explicit"),
        ("n0 = __import__('os').system('true')\nanswer = n0", "not_explicit"),
        ("def f(): pass", "no_annotation"),
    ],
)
def test_other_programs_are_left_out_with_a_reason(solution: str, reason: str) -> None:
    reading = read_annotation(program(solution))
    assert isinstance(reading, ParseFailure)
    assert reading.reason == reason
