"""Which numbers of a question may be others: not dates, ages, labels, fractions, or what counts a list."""

from fractions import Fraction

import pytest

from benchmarks.annotations.text.arithmetic import tokenize
from benchmarks.rewriting.numbers.spans import Span, number_spans, spelled_value


def spans(text: str) -> list[Span]:
    return list(number_spans(text, list(tokenize(text))))


@pytest.mark.parametrize(
    "text",
    [
        "She buys 12 apples",
        "She pays $1.50 a piece",
        "a discount of 20%",
        "twenty-five chairs",
        "It weighs 250g of flour",
        "a town of 1,200 people",
        "He ran 3 times as far",
        "a 12-foot rope",
    ],
)
def test_a_plain_number_is_free(text: str) -> None:
    assert [span.fixed for span in spans(text)] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "She eats 3/4 of it",
        "for 2 1/2 hours",
        "a ratio of 3:5",
        "In 1998 she moved",
        "on March 12 it rained",
        "at 5 pm he left",
        "at 7:30 he left",
        "She is 12 years old",
        "a 9-year-old boy",
        "Athlete 2 ran",
        "she reads page 90",
        "the 5th day",
        "the three friends",
        "all 4 walls",
        "3 kinds of fruit",
        "1 dog",
        "3 out of 10 people",
        "about 5 thousand people",
        "2 and a half hours",
        "Highway 66 is long",
        "the other 3",
        "ages 6 and 10",
    ],
)
def test_a_number_that_means_something_else_is_fixed(text: str) -> None:
    assert spans(text) and all(span.fixed for span in spans(text))


def test_friends_who_are_listed_are_counted() -> None:
    (span,) = spans("Her three friends Ben, Carl and Dora share it")
    assert span.fixed


def test_spelling_and_surroundings_are_kept() -> None:
    price, share, count = spans("It costs $1,250.50, of which 15% is tax for 3 boxes")
    assert price.money and price.comma and price.decimals == 2 and price.value == Fraction("1250.5")
    assert share.percent and not share.money
    assert count.after[0] == "boxes"


@pytest.mark.parametrize(
    ("word", "value"),
    [("three", 3), ("Forty-two", 42), ("ninety", 90), ("one", None), ("tenth", None), ("-", None)],
)
def test_number_words_have_values(word: str, value: int | None) -> None:
    assert spelled_value(word) == value


@pytest.mark.parametrize(
    "text", ["", "٣ apples", "9" * 5000, "½ cup", "1e999", "x" * 3000 + " 7", "\x00 5 \ud800"]
)
def test_hostile_text_is_read_without_error(text: str) -> None:
    assert all(0 <= span.start < span.end <= len(text) for span in spans(text))
