"""People, things, sentences: changed only where they are plain."""

from random import Random

import pytest

from benchmarks.rewriting.words.people import named, renamed, renaming, words_in
from benchmarks.rewriting.words.question import asking, sentences
from benchmarks.rewriting.words.things import swap_of, with_things


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Tom and Anna walk. Then Anna's dog runs.", ["Tom", "Anna"]),
        ("Papa John makes pizza.", []),
        ("Mr. Henry has a cat.", []),
        ("He saw Tom Brady.", []),
        ("Tom has a cat. Tom Brady has none.", []),
        ("On Monday Anna left.", ["Anna"]),
        ("Yesterday, Anna left Paris.", ["Anna"]),
        ("Annapolis and annas", []),
        ("", []),
    ],
)
def test_people_are_names_that_stand_alone(text: str, people: list[str]) -> None:
    assert list(named(text)) == people


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Tom's pens and Tom", "Omar's pens and Omar"),
        ("Tommy and Tom", "Tommy and Omar"),
        ("James' pens, James’s cap", "Leo's pens, Leo’s cap"),
    ],
)
def test_names_are_changed_with_their_possessives(text: str, new: str) -> None:
    assert renamed(text, {"Tom": "Omar", "James": "Leo"}) == new


def test_a_new_name_has_the_same_pronoun_and_is_new() -> None:
    text = "Tom and Anna meet Paul"
    for seed in range(30):
        names = renaming(named(text), words_in(text), Random(seed))
        assert set(names) == {"Tom", "Anna", "Paul"} and len(set(names.values())) == 3
        assert not set(names.values()) & set(names)


def test_things_change_where_all_of_them_are_plain() -> None:
    text = "Ann has 4 pencils and a pencil."
    swap = swap_of(text)
    assert swap is not None
    words = swap.drawn(Random(1))
    assert set(words) == {"pencil", "pencils"} and "pencil" not in with_things(text, words)


@pytest.mark.parametrize(
    "text",
    [
        "an apple pie for 4 apples",
        "8 red apples",
        "apples from the tree",
        "She sharpens 4 pencils",
        "12 applesauces and apples",
    ],
)
def test_things_in_other_words_stay(text: str) -> None:
    assert swap_of(text) is None


def test_an_article_goes_with_its_thing() -> None:
    assert with_things("An apple and a pear", {"apple": "plum", "pear": "orange"}) == "A plum and an orange"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Mr. Lee has $4.50. He pays 3. How much is left?",
            ["Mr. Lee has $4.50.", "He pays 3.", "How much is left?"],
        ),
        ('He said "Go!" Then he left.', ['He said "Go!"', "Then he left."]),
        ("one\ntwo", ["one", "two"]),
        ("   ", []),
    ],
)
def test_sentences_are_split_where_they_end(text: str, found: list[str]) -> None:
    assert [sentence.text for sentence in sentences(text)] == found


def test_only_a_single_last_question_asks() -> None:
    assert asking("He has 4. How many?") is not None
    assert asking("How many? He has 4.") is None
    assert asking("How many? How much?") is None
