"""The small English and the small arithmetic that the story templates lean on."""

from fractions import Fraction
from random import Random

import pytest

from distill.stories.arithmetic import evaluate, holds, parse, plain, show
from distill.stories.draws import Shape, digits, spoken
from distill.stories.words import number_word, part_words, plural, polish, snake


@pytest.mark.parametrize(
    ("noun", "several"),
    [
        ("pencil", "pencils"),
        ("box of crayons", "boxes of crayons"),
        ("loaf", "loaves"),
        ("bookshelf", "bookshelves"),
        ("cherry", "cherries"),
        ("toy", "toys"),
        ("child", "children"),
        ("grandchild", "grandchildren"),
        ("goldfish", "goldfish"),
        ("sheep", "sheep"),
        ("bus", "buses"),
        ("radish", "radishes"),
        ("mango", "mangoes"),
        ("square foot", "square feet"),
        ("human", "humans"),
        ("goose", "geese"),
    ],
)
def test_nouns_get_their_plural(noun: str, several: str) -> None:
    assert plural(noun) == several


@pytest.mark.parametrize(
    ("rough", "text"),
    [
        ("he has a apple. she has a pear.", "He has an apple. She has a pear."),
        ("a 8-page story", "An 8-page story"),
        ("a $80 bill", "An $80 bill"),
        ("a 18 and a 180", "An 18 and a 180"),
        ("a 1,100 and a 11", "A 1,100 and an 11"),
        ("a hour, a uniform, a one, a umbrella", "An hour, a uniform, a one, an umbrella"),
        ("it is 3.5 miles. how far?", "It is 3.5 miles. How far?"),
    ],
)
def test_articles_and_capitals_are_put_right(rough: str, text: str) -> None:
    assert polish(rough) == text


@pytest.mark.parametrize(
    ("expression", "numbers", "text"),
    [
        ("boxes * each", {"boxes": "3", "each": "2.50"}, "3 * 2.50"),
        ("total * part", {"total": "12", "part": Fraction(1, 3)}, "12 / 3"),
        ("total * part", {"total": "12", "part": Fraction(2, 3)}, "12 * 2 / 3"),
        ("(a + b) * part", {"a": "1", "b": "2", "part": Fraction(1, 4)}, "(1 + 2) / 4"),
        ("liters / part", {"liters": "6", "part": Fraction(1, 8)}, "6 / (1 / 8)"),
        ("a - (b - earlier)", {"a": "9", "b": "5"}, "9 - (5 - earlier)"),
    ],
)
def test_expressions_are_printed_with_their_numbers(
    expression: str, numbers: dict[str, str | Fraction], text: str
) -> None:
    assert show(parse(expression), numbers) == text


def test_expressions_are_worked_out_exactly_and_nothing_else_is() -> None:
    values = {"a": Fraction(1, 3), "b": Fraction(2)}
    assert evaluate(parse("a * 3 + b / 4"), values) == Fraction(3, 2)
    assert holds("a < b", values) and not holds("a * 6 > b", values)
    for refused in ("a ** b", "print(a)", "'a'", "a if b else a"):
        with pytest.raises(ValueError, match="may not hold"):
            evaluate(parse(refused), values)
    with pytest.raises(ValueError, match="one comparison"):
        holds("a < b < a", values)


@pytest.mark.parametrize(
    ("shape", "value", "figures", "wordings"),
    [
        ("count", Fraction(7), "7", {"7", "seven"}),
        ("count", Fraction(1200), "1200", {"1200", "1,200"}),
        ("money", Fraction(5, 2), "$2.50", {"$2.50"}),
        ("percent", Fraction(20), "20%", {"20%", "20 percent"}),
        ("times", Fraction(2), "2 times", {"twice", "two times", "2 times"}),
        ("times", Fraction(3), "3 times", {"three times", "3 times"}),
        ("part", Fraction(1, 2), "1/2", {"half"}),
        ("part", Fraction(2, 3), "2/3", {"two thirds", "2/3"}),
        ("part", Fraction(1, 4), "1/4", {"a quarter", "1/4"}),
        ("decimal", Fraction(9, 2), "4.5", {"4.5"}),
    ],
)
def test_numbers_are_spoken_in_the_ways_people_write_them(
    shape: Shape, value: Fraction, figures: str, wordings: set[str]
) -> None:
    rng = Random(5)
    assert {spoken(shape, value, rng) for _ in range(200)} == wordings
    assert digits(shape, value) == figures


def test_words_for_numbers_stop_where_people_use_digits() -> None:
    assert [number_word(value) for value in (0, 12, 45, 90, 100)] == [
        "zero",
        "twelve",
        "forty-five",
        "ninety",
        None,
    ]
    assert part_words(3, 7) is None and part_words(5, 4) is None
    assert plain(Fraction(5, 2), cents=True) == "2.50" and plain(Fraction(4), cents=True) == "4"
    assert snake("Jars of jam") == "jars_of_jam"
