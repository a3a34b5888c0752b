"""The pot thought: exemplar, canonical form and the sign that a growing program is complete."""

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.solver.budget import Budget
from runtime.solver.equations import eot
from runtime.solver.programs import pot

ROOT = Path(__file__).parents[4]


def test_the_exemplar_is_solved() -> None:
    assert pot.solve_pot(pot.EXEMPLAR, None, Budget()).value == 72
    assert pot.TAG == "Program:"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 3\nb = 4\nans = a * b", "y = 4\nx = 3\nans = y * x"),
        ("a = 3\nans = a + 0.5", "total=3 # comment\nans=total+0.50"),
        ("s = 0\nfor i in range(3):\n    s += i\nans = s", "t=0\nfor k in range(3): t += k\nans = t"),
        ("def f(x):\n    return x + 1\nans = f(2)", "def g(x):\n    return x + 1\nans = g(2)"),
    ],
)
def test_names_and_order_do_not_count(one: str, other: str) -> None:
    assert pot.canonical(one) is not None
    assert pot.canonical(one) == pot.canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 3\nans = a + 1", "a = 3\nans = a - 1"),
        ("a = 3\nans = a / 2", "a = 3\nans = a // 2"),
        ("s = 0\nfor i in range(3):\n    s += i\nans = s", "s = 0\nfor i in range(4):\n    s += i\nans = s"),
    ],
)
def test_different_calculations_differ(one: str, other: str) -> None:
    assert pot.canonical(one) != pot.canonical(other)


def test_a_program_and_its_equations_have_one_form() -> None:
    text = "a = 48\nb = a / 2\nans = a + b"
    assert pot.canonical(text) == eot.canonical(text)


@pytest.mark.parametrize("text", ["ans = (", "(" * 500, "-" * 19_000 + "1", "x = 1" + " " * 30_000, "\0"])
def test_what_is_no_program_has_no_form_and_no_end(text: str) -> None:
    assert pot.canonical(text) is None
    assert not pot.finished(text + "\n")


def test_python_prints_no_warnings_about_a_models_text() -> None:
    text = "x = 1if 2else 3\ny = 5 is 5\nans = x + len('\\d')\n"
    code = f"from runtime.solver.programs import pot; pot.finished({text!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("a = 3\nans = a * 2\n", True),
        ("a = 3\nans = a * 2", False),
        ("a = 3\nans =\n", False),
        ("ans = 0\n", False),
        ("a = 3\nb = 4\nans = a * 2\n", False),
        ("def f(x):\n    ans = x\n", False),
        ("x = 3\nprint(x * 2)\n", True),
        ("x = 3\n", False),
        ("", False),
    ],
)
def test_decoding_stops_when_the_answer_is_there_and_not_before(text: str, done: bool) -> None:
    assert pot.finished(text) is done
