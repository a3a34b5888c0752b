"""What votes come to: a share of all samples, failed ones too, and nothing where two values are equal."""

import pytest

from distill.recipes.agree.poll import refusal
from tests.distill.recipes.agree.voters import poll


@pytest.mark.parametrize(
    ("pot", "eot", "majority", "agreeing", "every"),
    [
        ("7777", "7777", 7, 8, True),
        ("7773", "77--", 7, 5, True),
        ("7777", "3-33", 7, 4, False),
        ("77", "33", None, 0, False),
        ("--", "--", None, 0, False),
        ("7-", "-3", None, 0, False),
        ("-", "7", 7, 1, False),
        ("7712", "", 7, 2, True),
    ],
)
def test_the_majority_and_its_share(
    pot: str, eot: str, majority: int | None, agreeing: int, every: bool
) -> None:
    one = poll(pot, eot)
    assert (one.majority, one.agreeing, one.of_every_thought()) == (majority, agreeing, every)
    assert one.share == agreeing / len(pot + eot)


@pytest.mark.parametrize(
    ("pot", "eot", "share", "every_thought", "reason"),
    [
        ("7777", "7777", 1.0, True, ""),
        ("7773", "7777", 0.875, True, ""),
        ("7773", "7777", 0.9, True, "disagree"),
        ("7777", "3-3-", 0.5, True, "one_thought_only"),
        ("7777", "3-3-", 0.5, False, ""),
        ("77", "33", 0.1, False, "disagree"),
        ("--", "--", 0.1, False, "no_votes"),
    ],
)
def test_why_a_poll_gives_no_answer(
    pot: str, eot: str, share: float, every_thought: bool, reason: str
) -> None:
    declined = refusal(poll(pot, eot), share, every_thought=every_thought)
    assert (declined.reason if declined else "") == reason


def test_votes_are_told_for_people() -> None:
    assert poll("7773", "7--3").told() == "7: 4, 3: 2, failed: 2"
