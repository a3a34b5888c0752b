"""Units are exchanged where they stand alone, and kept where a step could rest on what one is in another."""

from random import Random

import pytest

from benchmarks.rewriting.names import Names
from benchmarks.rewriting.numbers.facts import untrue_in_other_numbers
from benchmarks.rewriting.rewriting import Rewritten
from benchmarks.rewriting.similar import Similar
from benchmarks.rewriting.units import Units, exchanges
from runtime.values.rationale import Declined
from tests.benchmarks.rewriting.problems import MARBLES, asked, source_of, template_of


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("Ann walks 6 miles, then a mile.", {"Ann walks 6 kilometers, then a kilometer."}),
        ("A 6-inch and an inch.", {"A 6-centimeter and a centimeter."}),
        (
            "Ann has $6 and $8.50, a dollar.",
            {"Ann has €6 and €8.50, a euro.", "Ann has £6 and £8.50, a pound."},
        ),
        ("$6 for 8 pounds.", {"€6 for 8 kilograms."}),
        ("How many feet are left of 8 feet?", {"How many meters are left of 8 meters?"}),
    ],
)
def test_a_unit_takes_the_place_of_another_everywhere(question: str, written: set[str]) -> None:
    found = Units.prepared(source_of(asked(f"6 and 8. {question}", "6+8=14", "14")))
    assert not isinstance(found, Declined)
    made = {one.question for seed in range(12) if isinstance(one := found.write(Random(seed)), Rewritten)}
    assert made == {f"6 and 8. {one}" for one in written}


@pytest.mark.parametrize(
    "question",
    [
        "There are 3 feet in a yard of 8 yards.",
        "Miles has 8 pens.",
        "Her feet hurt after 8 steps.",
        "He pays with a dollar bill.",
        "Ann has $8 and 3 dimes.",
        "He weighs 180 pounds.",
        "Ann has 8 pens.",
    ],
)
def test_a_unit_stays_where_it_could_mean_more(question: str) -> None:
    found = Units.prepared(source_of(asked(f"6 and 8. {question}", "6+8=14", "14")))
    assert isinstance(found, Declined) and found.reason == "no_other_unit"


def test_no_exchange_is_forbidden_by_its_own_unit() -> None:
    for one in exchanges():
        assert {one.old.one, one.old.several}.isdisjoint(one.unless), one.old
        assert one.new and all(unit.one and unit.several for unit in one.new)


def test_names_change_and_nothing_else() -> None:
    found = Names.prepared(source_of(MARBLES))
    assert not isinstance(found, Declined)
    one = found.write(Random(1))
    assert isinstance(one, Rewritten) and "Tom" not in one.question and one.answer == 60
    assert isinstance(Names.prepared(source_of(asked("6 pens and 8.", "6+8=14", "14"))), Declined)


def test_only_numbers_leaves_every_word_as_it_is() -> None:
    found = Similar.only_numbers(template_of(MARBLES))
    assert not isinstance(found, Declined)
    for seed in range(8):
        one = found.write(Random(seed))
        assert isinstance(one, Rewritten)
        pairs = zip(one.question.split(), MARBLES.question.split(), strict=True)
        changed = [(new, old) for new, old in pairs if new != old]
        assert changed and all(
            any(letter.isdigit() for letter in new + old) or new.isalpha() for new, old in changed
        )
        assert "Tom" in one.question


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("If 1 kilogram is equal to 2.2 pounds, how many pounds is he?", "conversion"),
        ("The longest book has 8 pages.", "ordered"),
        ("Ann pays with a $20 bill.", "bill"),
        ("Ann gets a bill of $150 and pays 250% of it.", ""),
        ("He runs 6 miles. It is 3 feet wide.", ""),
    ],
)
def test_what_other_numbers_would_make_untrue_is_seen(question: str, reason: str) -> None:
    assert untrue_in_other_numbers(question) == reason
