"""How often a share was right, in numbers that can be counted by hand."""

import pytest

from distill.recipes.agree.calibration import ShareRow, calibrate, share_bin
from runtime.values.errors import InputError
from tests.distill.recipes.agree.voters import poll

# 10 of 10 right where all agree, 6 of 10 where three quarters do, 1 of 5 where half do.
POLLS = [
    *[poll("77", "77", "7")] * 10,
    *[poll("77", "73", "7")] * 6,
    *[poll("77", "73", "3")] * 4,
    *[poll("73", "71", "7")],
    *[poll("73", "71", "1")] * 4,
    poll("77", "33", "7"),
    poll("77", "--", "7"),
    poll("77", "77"),
]


def test_shares_are_counted() -> None:
    found = calibrate(POLLS, every_thought=True)
    assert (found.problems, found.refused) == (27, 2)
    assert found.rows == (
        ShareRow(0.5, 5, 1, 25, 17),
        ShareRow(0.75, 10, 6, 20, 16),
        ShareRow(1.0, 10, 10, 10, 10),
    )
    assert [row.precision for row in found.rows] == [0.68, 0.8, 1.0]
    assert calibrate(POLLS, every_thought=False).rows[0].n == 6


@pytest.mark.parametrize(
    ("precision", "share"), [(0.5, 0.5), (0.68, 0.5), (0.69, 0.75), (0.81, 1.0), (1.0, 1.0)]
)
def test_the_least_share_that_is_right_often_enough(precision: float, share: float) -> None:
    assert calibrate(POLLS, every_thought=True).least_share(precision) == share


def test_a_precision_that_is_not_reached_is_told() -> None:
    wrong = calibrate([poll("77", "77", "3")] * 12, every_thought=True)
    with pytest.raises(
        InputError, match=r"agree.precision=0.9, which no share reaches on 12 problems \(0.000 at most"
    ):
        wrong.least_share(0.9)
    few = calibrate([poll("77", "77", "7")] * 9, every_thought=True)
    with pytest.raises(InputError, match=r"\(too few problems\); expected: less, more samples"):
        few.least_share(0.9)


def test_the_table_and_the_json_say_the_same() -> None:
    found = calibrate(POLLS, every_thought=True)
    table, json = found.table(), found.as_json()
    assert table.rows[1] == ("0.750", "10", "6", "0.600", "20", "0.800", "0.584 to 0.919", "0.741")
    assert json["shares"][1]["precision_interval"] == [0.584, 0.9193] and json["shares"][1]["n"] == 10
    assert json["problems"] == 27 and "27 problems 2 have no answer" in table.note


@pytest.mark.parametrize(
    ("agreeing", "samples", "expected"),
    [(5, 8, 0.625), (20, 20, 1.0), (33, 48, 0.65), (48, 48, 1.0), (0, 8, 0.0)],
)
def test_a_share_is_never_told_as_more_than_it_is(agreeing: int, samples: int, expected: float) -> None:
    assert share_bin(agreeing, samples) == expected <= agreeing / samples
