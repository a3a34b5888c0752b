"""The filters read what lm-evaluation-harness's two GSM8K filters read."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scoring.external.lm_eval_filters import (
    filtered_outcome,
    flexible,
    number,
    same_as_gold,
    strict,
)

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


@given(st.text(st.sampled_from("0123456789.,$- #a\n"), max_size=60))
def test_reading_from_the_end_finds_the_last_match_of_lm_evals_expression(text: str) -> None:
    matches = [found[0] for found in re.finditer(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", text)]
    assert flexible(text) == (matches[-1] if matches else None)


@pytest.mark.parametrize(
    ("written", "status"), [("7", "solved"), ("1.2.3", "not_numeric"), (None, "no_thought")]
)
def test_what_a_filter_reads_has_a_status(written: str | None, status: str) -> None:
    assert filtered_outcome(written).status == status


def test_a_very_long_line_of_digits_is_read_at_once() -> None:
    assert flexible("9" * 200_000) == "9" * 200_000
    assert number("9" * 200_000) is None
