"""Extraction reads what lm-evaluation-harness's two GSM8K filters read."""

from fractions import Fraction

import pytest

from benchmarks.scoring.external.extraction import flexible, number, same_as_gold, strict

TEXTS = [
    ("She sold 24.\n#### 72", "72", "72"),
    ("#### 1,200 or #### 3", "1,200", "3"),
    ("####72", None, "72"),
    ("The answer is $18.50.", None, "$18.50."),
    ("From 3 to -4", None, "-4"),
    ("#### -5.", "-5.", "-5."),
    ("no number", None, None),
    ("7", None, "7"),
    ("... and so on", None, "..."),
    ("about 3 eggs, or so.", None, "3"),
]


@pytest.mark.parametrize(("text", "by_strict", "by_flexible"), TEXTS)
def test_filters_take_what_lm_eval_takes(text: str, by_strict: str | None, by_flexible: str | None) -> None:
    assert strict(text) == by_strict
    assert flexible(text) == by_flexible


@pytest.mark.parametrize(
    ("written", "gold", "same"),
    [
        ("72.", "72", True),
        ("$1,200", "1200", True),
        ("72.0", "72", False),
        (None, "72", False),
        ("7", "72", False),
    ],
)
def test_lm_eval_compares_as_text(written: str | None, gold: str, same: bool) -> None:
    assert same_as_gold(written, gold) is same


@pytest.mark.parametrize(
    ("written", "value"),
    [("$18.50.", Fraction(37, 2)), ("-4", Fraction(-4)), ("1.2.3", None), ("...", None), (None, None)],
)
def test_a_number_is_exact_or_none(written: str | None, value: Fraction | None) -> None:
    assert number(written) == value


def test_a_very_long_line_of_digits_is_read_at_once() -> None:
    assert flexible("9" * 200_000) == "9" * 200_000
    assert number("9" * 200_000) is None
