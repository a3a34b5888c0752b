"""Progress tells how long what is left will take."""

import pytest

from edgethought.stages import progress
from edgethought.stages.progress import progress_bar, time_left


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


def test_what_an_earlier_run_did_is_no_speed_of_this_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 1.0, 61.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress_bar("rows") as step:
        step(900, 1000, "")
        step(910, 1000, "well")
    assert capsys.readouterr().err == "  rows 910/1000 (about 9 min left) well\n"
