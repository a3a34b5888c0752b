"""The working of a solved thought: names in words, numbers filled in, each step's value."""

from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.answering.working import told, working
from runtime.solver.solver import Solver
from runtime.values.prompt import Thought
from runtime.values.solution import Solution


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver(workers=1) as one:
        yield one


def lines(solver: Solver, thought: Thought, text: str) -> list[str]:
    return list(told(working(Solution(thought, text, solver.solve(thought, text), "m"), solver)))


@pytest.mark.parametrize(
    ("thought", "text", "expected"),
    [
        (
            "pot",
            "clips_in_april = 48 / 2\nans = 48 + clips_in_april",
            ["clips in april = 48 / 2 = 24", "answer = 48 + 24 = 72"],
        ),
        ("eot", "pens = 3\nans = pens * 1.50", ["pens = 3", "answer = 3 * 1.50 = 4.5"]),
        # Equations hold in any order, and one may have an unknown on both sides.
        ("eot", "ans = a + 1\na = 2 * 3", ["answer = 6 + 1 = 7", "a = 2 * 3 = 6"]),
        ("eot", "x + 3 = 2 * x\nans = x", ["x + 3 = 2 * x", "answer = x = 3"]),
        # A name that is given another number has the one of its line.
        ("pot", "a = 2\na = a + 1\nans = a * 10", ["a = 2", "a = 2 + 1 = 3", "answer = 3 * 10 = 30"]),
        ("pot", "a = 0\nfor i in range(4):\n    a = a + i\nans = a", None),
        ("pot", "debt = 3 - 5\nans = 10 * debt", ["debt = 3 - 5 = -2", "answer = 10 * (-2) = -20"]),
        ("pot", "share = 1 / 3\nans = share * 6", ["share = 1 / 3", "answer = (1/3) * 6 = 2"]),
        ("pot", "a = 5  # apples\nans = a - 1", ["a = 5", "answer = 5 - 1 = 4"]),
        ("cot", "He has 3 + 4 = 7 pens.\nThe answer is 7.", ["He has 3 + 4 = 7 pens.", "The answer is 7."]),
        ("pot", "a = 3\nans = b", ["a = 3", "ans = b"]),
        ("pot", "a = (", ["a = ("]),
    ],
)
def test_each_step(solver: Solver, thought: Thought, text: str, expected: list[str] | None) -> None:
    found = lines(solver, thought, text)
    if expected is None:
        assert found == ["a = 0", "for i in range(4):", "    a = a + i", "answer = a = 6"]
    else:
        assert found == expected


@given(
    thought=st.sampled_from(get_args(Thought)),
    text=st.text(st.sampled_from("abns 0123=+-*/()\n%#.:"), max_size=60),
)
def test_any_text_has_a_line_for_each_of_its_own(solver: Solver, thought: Thought, text: str) -> None:
    assert len(lines(solver, thought, text)) == sum(bool(line.strip()) for line in text.splitlines())
