"""Names are short nouns of the sentence, unique, and never something that a program has built in."""

import keyword

import pytest

from benchmarks.annotations.text.arithmetic import tokenize
from benchmarks.annotations.text.naming import MAX_CHARACTERS, choose_names
from benchmarks.annotations.text.phrases import Said, proper_names, said_about


def said(sentence: str, *, is_sum: bool = False) -> Said:
    """What a sentence says about the result written as `[...]`, whose calculation starts at `{`."""
    start, end = sentence.index("{"), sentence.index("}")
    tokens = list(tokenize(sentence[:start] + " " + sentence[start + 1 : end] + " " + sentence[end + 1 :]))
    people = proper_names([list(tokenize("and " + sentence.split(" ")[0]))])
    currency = "$" in sentence[start:end]
    difference = " - " in sentence[start:end]
    return said_about(
        tokens, start, end, currency=currency, is_sum=is_sum, is_difference=difference, people=people
    )


NAMES = [
    ("There are {5 * 2 = 10} purple flowers in the garden.", "purple_flowers"),
    ("The cost of the blue toast is {2 * 3 = $6}.", "blue_toast_cost"),
    ("He sold {4 * 20 = 80} pages per day.", "pages_per_day"),
    ("She has {9 - 4 = 5} cookies left.", "cookies_left"),
    ("They earned {3 * 20 = $60} for the trees.", "tree_earnings"),
    ("Tom is {3 * 5 = 15} years old.", "tom_age"),
    ("They walk {60 * 2 = 120} miles to the lake.", "lake_miles"),
    ("The roof holds {5 * 100 = 500} leaves of oak.", "leaves"),
    ("Of the remaining bulbs, {9 * 4 = 36} bulbs are white.", "bulbs"),
    ("The remaining bulbs number {9 - 4 = 5} bulbs.", "bulbs_left"),
    ("If Ida got 30 coins, then Otto got {30 + 6 = 36}.", "otto_coins"),
]


@pytest.mark.parametrize(("sentence", "name"), NAMES)
def test_a_sentence_gives_its_step_a_name(sentence: str, name: str) -> None:
    assert choose_names([said(sentence)]) == [name]


def test_a_sum_that_is_called_one_is_a_total() -> None:
    assert choose_names([said("In total they have {2 + 3 = 5} apples.", is_sum=True)]) == ["total_apples"]


def test_names_are_unique_short_and_not_reserved() -> None:
    sentences = [
        "There are {1 + 1 = 2} cats.",
        "The range is {2 * 2 = 4} range.",
        "The sum of it is {1 * 1 = 1}.",
    ]
    names = choose_names([said(sentence) for sentence in sentences * 40])
    assert len(set(names)) == len(names) == 120
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
    assert all(len(name) <= MAX_CHARACTERS for name in names)
    assert not {"ans", "range", "sum"} & set(names)
