"""Overlap finds what the rules say, and the index never misses what a full comparison finds."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tasks.overlap import OverlapIndex, loose_key, masked_trigrams

STORY = "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May."


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (STORY, "exact"),
        (STORY.upper().replace(" ", "  "), "exact"),
        (STORY.replace(",", "").replace(".", " !"), "loose"),
        (STORY.replace("48", "1,250.5"), "near"),
        (STORY.replace("clips to", "pins to"), None),
        ("Natalia sold clips.", None),
        ("", None),
        ("?!", None),
    ],
)
def test_a_question_overlaps_as_the_rules_say(question: str, kind: str | None) -> None:
    found = OverlapIndex(["Something else entirely with 3 words.", STORY]).find(question)
    assert (found and found.kind) == kind
    if found:
        assert (found.position, found.question) == (1, STORY)


def test_the_closest_of_several_near_questions_is_found() -> None:
    words = [f"word{chr(97 + number)}" for number in range(20)]
    further = " ".join([*words, "x", "y"])
    nearer = " ".join([*words, "x"])
    found = OverlapIndex([further, nearer]).find(" ".join(words))
    assert found is not None
    assert (found.kind, found.position) == ("near", 1)
    assert found.similarity == pytest.approx(18 / 19)


def test_a_pair_at_exactly_four_fifths_counts() -> None:
    # Four trigrams against five that hold them: 4 / 5.
    assert OverlapIndex(["a b c d e f g"]).find("a b c d e f") is not None
    assert OverlapIndex(["a b c d e f g h"]).find("a b c d e f") is None


def test_short_questions_are_compared_as_one_gram() -> None:
    index = OverlapIndex(["Add 3", "Take 4"])
    found = index.find("add 7!")
    assert found is not None and (found.kind, found.position) == ("near", 0)
    assert index.find("7") is None


def test_numbers_are_masked_and_other_marks_are_not_mistaken_for_them() -> None:
    assert masked_trigrams("He paid $1,200.50 today #") == {"he paid #", "paid # today"}
    assert loose_key("He’s 3.5 m!") == "hes35m"


questions = st.lists(st.lists(st.sampled_from("abc3"), min_size=1, max_size=12).map(" ".join), max_size=12)


@given(questions, questions)
def test_the_index_finds_exactly_what_a_full_comparison_finds(known: list[str], asked: list[str]) -> None:
    index = OverlapIndex(known)
    for question in asked:
        own = masked_trigrams(question)
        similarities = [len(own & g) / len(own | g) if own | g else 0.0 for g in map(masked_trigrams, known)]
        by_hand = any(value >= 0.8 for value in similarities) or loose_key(question) in map(loose_key, known)
        assert (index.find(question) is not None) == by_hand


def test_a_thousand_questions_are_looked_up_in_well_under_a_second() -> None:
    draw = random.Random(0)
    words = [f"w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(300)]
    stories = [" ".join(draw.choices(words, k=40)) for _ in range(1000)]
    index = OverlapIndex(stories)
    assert all(index.find(story + " now") for story in stories)
