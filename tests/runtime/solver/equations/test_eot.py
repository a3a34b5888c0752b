"""Equations of thought: canonical form, the sign of completeness, targets and reasons."""

from fractions import Fraction

import pytest

from runtime.solver.budget import Budget
from runtime.solver.equations import eot
from runtime.values.prompt import TAGS


def test_the_tag_is_the_prompts_and_the_exemplar_solves() -> None:
    assert TAGS["eot"] == eot.TAG
    assert eot.solve_eot(eot.EXEMPLAR, None, Budget()).value == 72
    assert eot.finished(eot.EXEMPLAR + "\n")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 48\nb = a / 2\nans = a + b", "ans = y + x\ny = x / 2\nx = 48"),
        ("x + y = 10\nx - y = 2\nans = x", "ans = p\n2 = p - q\nq + p = 10"),
        ("x = 3\nans = 2 * x * 5", "n = 3\nans = 5 * n * 2"),
        ("ans = max(a, 3)\na = 4", "ans = max(3, b)\n4 = b"),
        ("a = 1; b = 1; c = 2; ans = a + b * c", "p = 2; q = 1; r = 1; ans = r * p + q"),
        ("x = 5\nx = x + 3\nans = x", "n = 5\nm = n + 3\nans = m"),
        ("ans = 20% of 50  % note", "# words\nans = 50 * 0.2"),
    ],
)
def test_systems_equal_up_to_names_and_order_share_a_canonical_form(one: str, other: str) -> None:
    assert eot.canonical(one) is not None
    assert eot.canonical(one) == eot.canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 48\nans = a / 2", "a = 48\nans = 2 / a"),
        ("a = 48\nans = a / 2", "a = 48\nans = a - 2"),
        ("a = 48\nans = a / 2", "a = 49\nans = a / 2"),
        ("a = 5; b = 5; ans = a + b", "a = 5; b = 5; ans = a + a"),
        ("a = 5; ans = a", "ans = 5"),
        ("ans = mod(7, 3)", "ans = mod(3, 7)"),
        ("a = b; b = 2; ans = a", "a = b; b = 2; ans = b"),
        ("x + y = 10; x - y = 2; ans = x", "x + y = 10; x - y = 2; ans = y"),
    ],
)
def test_different_systems_have_different_canonical_forms(one: str, other: str) -> None:
    assert eot.canonical(one) != eot.canonical(other)


@pytest.mark.parametrize("text", ["", "prose", "ans = 5 % 3", "ans = " + "9" * 401])
def test_what_is_no_system_has_no_canonical_form(text: str) -> None:
    assert eot.canonical(text) is None


def test_the_canonical_form_takes_the_callers_target() -> None:
    assert eot.canonical("a = 3\ntotal = a * 2", "total") == eot.canonical("n = 3\nans = 2 * n")


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("a = 48\nans = a / 2\n", True),
        ("a = 48\nans = a / 2", False),
        ("a = 48\nans = a / 2\nb = ", True),
        ("a = 48\n", False),
        ("ans = a / 2\n", False),
        ("ans = a / 2\na = 48\n", True),
        ("x + y = 10\nans = x\n", False),
        ("x + y = 10\nx - y = 2\nans = x\n", True),
        ("total = 5\n", False),
        ("", False),
        ("ans = (\nans = 3\n", False),
    ],
)
def test_finished_means_that_complete_lines_determine_the_answer(text: str, finished: bool) -> None:
    assert eot.finished(text) is finished


def test_finished_computes_nothing() -> None:
    assert eot.finished("ans = 9 ^ 9 ^ 9\n")


def test_the_target_is_never_guessed() -> None:
    assert eot.solve_eot("x = 1\ny = 2", "x", Budget()).value == 1
    assert eot.solve_eot("x = 1\ny = 2", "z", Budget()).status == "ambiguous"
    assert eot.solve_eot("x = 1\nans = 2", "", Budget()).value == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = 5\nans = 5 % 3", "line 2"),
        ("clips = 3\nans = shells + clips", "'shells'"),
        ("x = 3\nx = x + 1\nans = x", "assigned again"),
        ("ans = 48 / 2 = 25", "'48 / 2' and '25' are not equal: 24 and 25"),
        ("a = 1\n\nans = gcd(4, 6)", "line 3: there is no function 'gcd'"),
        ("total = 5", "'ans'"),
        ("x > 3\nans = 1", "inequality"),
        ("a + b = 3\na + b = 4\nans = a", "line 2"),
    ],
)
def test_reasons_name_the_line_and_the_name(text: str, words: str) -> None:
    assert words in eot.solve_eot(text, None, Budget()).reason


def test_reasons_are_short_and_printable_whatever_the_text() -> None:
    for text in ["ans = " + "x" * 5_000, "x" * 5_000 + "(3) = ans", "ans = \x00", "ans = 1 \u202e = 2 ="]:
        reason = eot.solve_eot(text, None, Budget()).reason
        assert 5 < len(reason) < 300
        assert reason.isprintable()


def test_values_stay_fractions() -> None:
    value = eot.solve_eot("ans = 10", None, Budget()).value
    assert isinstance(value, Fraction)
