"""Progress tells how long what is left will take."""

import pytest

from edgethought.stages.progress import progress_bar
from runtime.values import pace


def test_what_an_earlier_run_did_is_no_speed_of_this_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 1.0, 61.0])
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    with progress_bar("rows") as step:
        step(900, 1000, "")
        step(910, 1000, "well")
    assert capsys.readouterr().err == "  rows 910/1000 (about 9 min left) well\n"
