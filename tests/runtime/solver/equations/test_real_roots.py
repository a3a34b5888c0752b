"""Roots in one unknown: rational ones exactly, irrational ones counted, and whole systems solved through them."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.solver.budget import Budget, NeedsSympy, OverBudget
from runtime.solver.equations import eot
from runtime.solver.equations.real_roots import real_roots


@pytest.mark.parametrize(
    ("coefficients", "rational", "irrational"),
    [
        ([-6, 2], [3], 0),
        ([6, -5, 1], [2, 3], 0),
        ([-2, 0, 1], [], 2),
        ([1, 0, 1], [], 0),
        ([9, -6, 1], [3], 0),
        ([-30, -1, 0, 0, 0, 1], [2], 0),
        ([1, 1, 0, 1], [], 1),
        ([0, -2, 0, 1], [0], 2),
        ([-1, 0, 0, 0, 1], [-1, 1], 0),
        ([Fraction(-1, 8), 0, 0, 1], [Fraction(1, 2)], 0),
        ([-8, 12, -6, 1], [2], 0),
        ([2, -1, -2, 1], [-1, 1, 2], 0),
        ([-(10**30), 0, 0, 1], [10**10], 0),
        ([Fraction(-1331, 1000), 0, 0, 1], [Fraction(11, 10)], 0),
    ],
)
def test_roots_are_exact_and_counted(
    coefficients: list[int | Fraction], rational: list[int | Fraction], irrational: int
) -> None:
    assert real_roots(coefficients, Budget()) == (rational, irrational)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.fractions(-20, 20, max_denominator=7), min_size=1, max_size=4),
    st.sampled_from([[1], [1, 0, 1], [5, 1, 1], [-2, 0, 1], [-7, -1, 3]]),
)
def test_the_roots_of_a_product_are_those_of_its_factors(linear: list[Fraction], rest: list[int]) -> None:
    product = [Fraction(value) for value in rest]
    for value in linear:
        shifted = [Fraction(0), *product]
        product = [high - value * low for high, low in zip(shifted, [*product, Fraction(0)], strict=True)]
    irrational = 2 if rest[0] < 0 else 0
    assert real_roots(product, Budget()) == (sorted(set(linear)), irrational)


def test_absurd_coefficients_are_over_budget() -> None:
    with pytest.raises(OverBudget):
        real_roots([-(2**4_000), 1, 1, 1, 2**3_999], Budget())


@pytest.mark.parametrize(
    ("text", "status", "value"),
    [
        ("x * x = 49\nans = x", "solved", 7),
        ("w * l = 24\nl = w + 2\nans = 2 * w + 2 * l", "solved", 20),
        ("a^2 + b^2 = 25\na + b = 7\nans = a * b", "solved", 12),
        ("60 / x + 60 / (x + 5) = 7\nans = x", "solved", 15),
        ("side * side = 81\narea = side * side\nans = area + 4 * side", "solved", 117),
        ("x^2 = 16\ny^2 = x\nans = y", "solved", 2),
        ("x^5 - x = 30\nans = x", "solved", 2),
        ("p = 100\np * (1 + r)^3 = 133.1\nans = r", "solved", Fraction(1, 10)),
        ("1000 * (1 + r)^10 = 2593.7424601\nans = r", "solved", Fraction(1, 10)),
        ("(1 + r)^20 = 2\nans = r", "not_numeric", None),
        ("x^65 = 1\nans = x", "over_budget", None),
        ("x^2 = 9\nx^3 = -27\nans = x", "solved", -3),
        ("x^2 = 9\ny + z = x\nans = x", "solved", 3),
        ("x^2 - 5x + 6 = 0\nans = x", "ambiguous", None),
        ("x * (x^2 - 2) = 0\nans = x", "ambiguous", None),
        ("x^2 = 2\nans = x", "not_numeric", None),
        ("x^3 + x + 1 = 0\nans = 2 * x", "not_numeric", None),
        ("x^2 = -1\nans = x", "no_solution", None),
        ("x^2 = 9\nx^3 = 8\nans = x", "no_solution", None),
        ("x / (x - 2) = 2 / (x - 2)\nans = x", "no_solution", None),
        ("\n".join(f"x{i}^2 = {i + 2} * x{i + 1}" for i in range(9)) + "\nans = x0", "ambiguous", None),
        ("\n".join(f"x{i} * x{(i + 1) % 9} = {i}" for i in range(9)) + "\nans = x0", "over_budget", None),
    ],
)
def test_systems_are_solved_without_sympy(text: str, status: str, value: Fraction | None) -> None:
    outcome = eot.solve_eot(text, None, Budget())
    assert (outcome.status, outcome.value) == (status, value), outcome.reason


@pytest.mark.parametrize(
    "text",
    [
        "x^2 = 2\nans = x * x",
        "a * b = 6\nb * c = 12\na * c = 8\nans = a + b + c",
        "sqrt(x) = 3\nans = x",
        "abs(x - 3) = 2\nans = x",
        "2 ^ x = 8\nans = x",
        "(1 + r)^n = 2\nr = 0.5\nans = n",
    ],
)
def test_the_rest_is_sympys(text: str) -> None:
    with pytest.raises(NeedsSympy):
        eot.solve_eot(text, None, Budget())


WHOLE = st.integers(-6, 6)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 3), WHOLE, WHOLE, WHOLE, st.sampled_from(["ans = x", "ans = y", "ans = x + y"]))
def test_sympy_finds_the_same(a: int, b: int, c: int, d: int, asked: str) -> None:
    """The two ways to the same answer agree; `0 * sqrt(1 + 1)` keeps a system from the exact one."""
    system = f"{a} * x * x + {b} * x + {c} = 0\ny = x + {d}\n{asked}"
    ours = eot.solve_eot(system, None, Budget())
    rooted = system.replace(" = 0", " = 0 * sqrt(1 + 1)", 1)
    with pytest.raises(NeedsSympy):
        eot.solve_eot(rooted, None, Budget())
    theirs = eot.solve_eot(rooted, None, Budget(symbolic=True))
    assert (ours.status, ours.value) == (theirs.status, theirs.value)
