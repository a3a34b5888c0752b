"""The parts of the language tier: sizes, linear time, elimination, symbolic choice, text from other keyboards."""

import sys
from fractions import Fraction
from time import process_time

import pytest

from runtime.solver.budget import Budget, NeedsSympy, OverBudget
from runtime.solver.equations import eot
from runtime.solver.expressions.exact import NotExact, power, root
from runtime.solver.expressions.failure import Failure, quoted
from runtime.solver.expressions.plain_text import plain
from runtime.solver.expressions.printing import print_system
from runtime.solver.expressions.reading import read_system
from runtime.solver.sentences import cot

ABSURD = [
    ("ans = " + "9" * 5_000, "over_budget"),
    ("ans = " + "x" * 100_000, "over_budget"),
    ("ans = " + "x" * 19_000, "ambiguous"),
    ("ans = " + "1+" * 9_000 + "1", "solved"),
    ("ans = " + "2*" * 9_000 + "2", "over_budget"),
    ("ans = " + "(" * 10_000, "over_budget"),
    ("ans = " + "-" * 19_000 + "1", "solved"),
    ("ans = " + "√" * 19_000 + "1", "over_budget"),
    ("ans = " + "2^" * 9_000 + "2", "over_budget"),
    ("ans = " + "1," * 9_000 + "1", "bad_syntax"),
    ("ans = " + "2 / " * 4_900 + "1", "over_budget"),
    ("a " * 9_900 + "= 1", "ambiguous"),
    ("ans = " + "3 x " * 4_900 + "1", "over_budget"),
    ("= " * 9_900, "bad_syntax"),
    ("x = x + 1\n" * 1_900, "over_budget"),
    ("\n".join(f"x{i} = x{i + 1} + 1" for i in range(190)), "ambiguous"),
    ("\n".join(f"x{i} + x{i + 1} + x{i + 2} = {i}" for i in range(190)), "ambiguous"),
    ("\n".join(f"x{i} * x{i + 1} = {i}" for i in range(190)) + "\nans = x0", "ambiguous"),
    ("\n".join(f"x{i} * x{(i + 1) % 10} = {i + 2}" for i in range(10)) + "\nans = x0", "over_budget"),
    ("sqrt(x + sqrt(x)) = 7\nans = x", "needs sympy"),
    ("ans = (a+b+c+d+e+f)^8 * (a+b+c+d+e+f)^8", "over_budget"),
    ("ans = 7^(7^7)", "over_budget"),
    ("ans = 0.5^100000", "over_budget"),
    ("ans = 1e400 * 1e400 * 1e400 * 1e400 * 1e400", "over_budget"),
    ("a = 2^3000\n" + "\n".join("a = a * a" for _ in range(50)) + "\nans = a", "over_budget"),
    ("ans = round(1.5, 10^9)", "refused"),
    ("ans = 2^(1/1000000)", "over_budget"),
    ("½" * 19_000, "bad_syntax"),
    ("% " * 9_900, "no_thought"),
    ("ans = 5" + " " * 19_000 + "% x", "solved"),
    ("ans = max(" + "1, " * 6_000 + "1)", "bad_syntax"),
    ("ans = '" + "'" * 9_000, "bad_syntax"),
    ("\u0301" * 19_000, "no_thought"),
]


@pytest.mark.parametrize(("text", "status"), ABSURD, ids=[text[:14] for text, _ in ABSURD])
def test_absurd_texts_are_answered_quickly(text: str, status: str) -> None:
    started = process_time()
    try:
        found: str = eot.solve_eot(text, None, Budget()).status
    except NeedsSympy:
        found = "needs sympy"
    assert found == status
    assert cot.solve_cot(text, None, Budget()).status != "solved"
    eot.canonical(text)
    eot.finished(text)
    cot.wrong_arithmetic(text)
    assert process_time() - started < 1.0


def test_reading_takes_a_number_of_calls_that_grows_with_the_length_alone() -> None:
    def calls(length: int) -> int:
        count = 0

        def note(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        text = "ans = " + "clips + 17 * " * (length // 13) + "1"
        sys.setprofile(note)
        try:
            eot.solve_eot(text, None, Budget())
        finally:
            sys.setprofile(None)
        return count

    calls(2_000)
    assert calls(16_000) < 10 * calls(2_000)


def test_sums_of_a_thousand_terms_do_not_nest() -> None:
    assert eot.solve_eot("ans = " + "1 + " * 2_000 + "1", None, Budget()).value == 2_001


@pytest.mark.parametrize(
    ("line", "ascii_line"),
    [
        ("x² × ４ − ٣", "x^2 * 4 - 3"),
        ("x¹⁰", "x^10"),
        ("a₁ = 5", "a1 = 5"),
        ("5€", "5$"),
        ("a\u00a0=\u20095", "a = 5"),
        ("a\u200b = 5", "a = 5"),
        ("½ ≈ .5", "½ = .5"),
        ("größe", "größe"),
    ],
)
def test_text_from_other_keyboards_becomes_plain(line: str, ascii_line: str) -> None:
    assert plain(line) == ascii_line


@pytest.mark.parametrize(
    ("value", "degree", "expected"),
    [(49, 2, 7), (Fraction(9, 4), 2, Fraction(3, 2)), (27, 3, 3), (0, 5, 0), (1, 9, 1), (10**60, 6, 10**10)],
)
def test_rational_roots_are_exact(value: int, degree: int, expected: int | Fraction) -> None:
    assert root(value, degree) == expected


@pytest.mark.parametrize(("value", "degree"), [(2, 2), (50, 2), (26, 3), (Fraction(1, 3), 2)])
def test_irrational_roots_are_never_rounded(value: int, degree: int) -> None:
    with pytest.raises(NotExact):
        root(value, degree)


def test_powers_check_their_size_before_they_are_computed() -> None:
    with pytest.raises(OverBudget):
        power(3, 10**12)
    assert power(-1, 10**12 + 1) == -1
    assert power(Fraction(1, 2), 3) == Fraction(1, 8)
    with pytest.raises(Failure, match="zero"):
        power(0, -1)


def test_quotes_from_the_text_are_short() -> None:
    assert quoted("clips") == "'clips'"
    assert len(quoted("x" * 1_000)) == 42


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a = b = 3", "a = b\nb = 3"),
        ("ans = -(2 + x) * 3^2", "ans = (-(2 + x)) * 3 ^ 2"),
        ("ans = 2 - (3 - 4)", "ans = 2 - (3 - 4)"),
        ("ans = 1.50 * 20%", "ans = 1.50 * 0.2"),
        ("ans = 2 1/2", "ans = 2.5"),
        ("ans = max(1, x) / 1/3", "ans = max(1, x) / 1 / 3"),
        ("ans = (2/3)^2", "ans = (2 / 3) ^ 2"),
        ("ans = a - -3", "ans = a - -3"),
    ],
)
def test_systems_are_printed_with_the_brackets_they_need(text: str, printed: str) -> None:
    assert print_system(read_system(text, "ans", Budget())) == printed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x + y + z = 6\nx - y = 0\ny - z = 0\nans = z", 2),
        ("ans = (a + b) / 2\na + b = 10", 5),
        ("x * y = 12\nans = x\ny = 4", 3),
        ("a * b = 12\nb = c\nc + c = 8\nans = a", 3),
        ("ans = min(x, y)\nx + y = 10\nx - y = 4", 3),
        ("1/x + 1/y = 1/z\nx = 6\ny = 3\nans = z", 2),
        ("(x + 1)^2 - x^2 = 11\nans = x", 5),
        ("total = adults + children\n5 * adults + 2 * children = 74\ntotal = 22\nans = children", 12),
    ],
)
def test_elimination_is_exact(text: str, value: int) -> None:
    assert eot.solve_eot(text, None, Budget()).value == value


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("x * x = 49\nans = x", "2 roots; took the only solution without negative values"),
        ("x * (x + 3) = 40\nans = x + 20", "2 roots; took the only solution without negative values"),
        ("a * a = 16\nb = -a\nans = b", "2 roots; took the only positive root"),
        ("(x - 2) * (x - 1/2) = 0\nans = x", "2 roots; took the only whole one"),
        ("x^3 = 27\nans = x", ""),
    ],
)
def test_a_chosen_root_is_explained(text: str, note: str) -> None:
    outcome = eot.solve_eot(text, None, Budget(symbolic=True))
    assert (outcome.status, outcome.reason) == ("solved", note)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("x^2 = 5 * x\nans = x", "solved"),
        ("x^2 + 10 * x = 0\nans = x", "ambiguous"),
        ("x^2 = 1/4\nans = x", "solved"),
        ("(x - 2) * (x - 1/2) = 0\nans = x", "solved"),
        ("x * y = 12\nans = x", "ambiguous"),
        ("a * b * c * d = e * f\nans = a", "ambiguous"),
        ("x^3 = 27\nans = x", "solved"),
        ("x^100 = 1\nans = x", "over_budget"),
        ("abs(x) = 4\nans = x", "solved"),
        ("x^2 = -4\nans = x", "no_solution"),
        ("ans = floor(sqrt(2))", "refused"),
    ],
)
def test_the_symbolic_tier_takes_only_roots_that_make_sense(text: str, status: str) -> None:
    assert eot.solve_eot(text, None, Budget(symbolic=True)).status == status
