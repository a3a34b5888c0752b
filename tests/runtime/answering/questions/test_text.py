"""Questions copied from wherever people have them mean what they meant there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.answering.questions.text import plain_question


@pytest.mark.parametrize(
    ("copied", "plain"),
    [
        ("2½ cups and ¾ of a cup", "2.5 cups and 3/4 of a cup"),
        ("2 ½ cups, 1⅓ and 12⅝ more", "2.5 cups, 1 1/3 and 12.625 more"),
        ("2 1/2 cups, 2-1/2-inch and 3 3/4.", "2.5 cups, 2.5-inch and 3.75."),
        ("2 5/4, 3 1/2/4, 1.5 1/2, 1/2 of 3 and 1/2/2024", "2 5/4, 3 1/2/4, 1.5 1/2, 1/2 of 3 and 1/2/2024"),
        ("1⁄2 of it, 3∕4 of it", "1/2 of it, 3/4 of it"),
        ("10\u2009000 m, 1\u202f234\u202f567 m and 12\u00a0500 m", "10,000 m, 1,234,567 m and 12,500 m"),
        # No thousands: a number and another, a decimal, four digits.
        ("at 10\u00a0cm, 3.5\u00a0123 and 5\u00a01234", "at 10\u00a0cm, 3.5\u00a0123 and 5\u00a01234"),
        ("\uff11\uff12 and ٣٤ and \uff04\uff15", "12 and 34 and $5"),
        ("from \u22125 to 5", "from -5 to 5"),
        (
            "Tom\u2019s \u201cnew\u201d bag costs £5 × 2 ÷ 4",
            "Tom\u2019s \u201cnew\u201d bag costs £5 × 2 ÷ 4",
        ),
        ("\ufeffpens\u200b and pa\u00adper", "pens and paper"),
        ("5 cm³, x² and 5 %", "5 cm³, x² and 5 %"),
    ],
)
def test_what_was_meant(copied: str, plain: str) -> None:
    assert plain_question(copied) == plain


@given(st.text())
def test_nothing_fails_and_a_second_time_changes_nothing(text: str) -> None:
    once = plain_question(text)
    assert plain_question(once) == once


@given(st.text(st.characters(max_codepoint=127, exclude_characters="/")))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain_question(text) == text
