"""Work that takes long says how far it is and how long the rest takes, a line every ten seconds."""

import pytest

from runtime.values import pace
from runtime.values.pace import hours_told, paced, time_left, watched


@pytest.mark.parametrize(
    ("done", "left", "seconds", "told"),
    [
        (0, 100, 10.0, ""),
        (100, 0, 10.0, ""),
        (10, 10, 10.0, "(under a minute left)"),
        (10, 100, 10.0, "(about 2 min left)"),
        (1, 1000, 10.0, "(about 2.8 h left)"),
    ],
)
def test_time_left_is_at_the_speed_so_far(done: int, left: int, seconds: float, told: str) -> None:
    assert time_left(done, left, seconds) == told


def test_items_that_take_long_are_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, lines = iter([0.0, 0.0, 6.0, 12.0, 20.0, 24.0]), list[str]()
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    assert list(watched("abcd", 9, paced("probes", lines.append), first=1)) == [*"abcd"]
    assert lines == ["probes 3/9 (under a minute left)", "probes 5/9 (under a minute left)"]


@pytest.mark.parametrize(
    ("hours", "told"), [(0.001, "4 seconds"), (0.05, "3 minutes"), (1.2, "72 minutes"), (2.25, "2.2 hours")]
)
def test_hours_in_words(hours: float, told: str) -> None:
    assert hours_told(hours) == told
