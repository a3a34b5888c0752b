"""What measuring scripts share: orders, ratios, workers that die, memory, and how rows are shown."""

import json
import os
import sys
from itertools import islice

import pytest

from runtime.values.errors import WorkFailed
from scripts.speed.harness import Worker, family, memory, orders, ratio, show, watched


def test_everybody_comes_once_a_round_and_nobody_always_first() -> None:
    drawn = list(islice(orders("abc"), 20))
    assert all(sorted(order) == ["a", "b", "c"] for order in drawn)
    assert {order[0] for order in drawn} == {"a", "b", "c"}


def test_a_ratio_is_the_middle_pairs_own() -> None:
    assert ratio([2, 30, 4, 0], [1, 10, 2, 5]) == 2


@pytest.mark.parametrize(
    ("rows", "as_json", "shown"),
    [
        ([{"a": 1, "b": [2]}], True, ['{"a": 1, "b": [2]}']),
        ([{"a": 1, "b": [2]}, {"a": 2, "b": []}], False, ["| a |", "| --- |", "| 1 |", "| 2 |"]),
        ([{"a": 1, "b": "x"}], False, [f"{'a':58} 1", f"{'b':58} x"]),
    ],
)
def test_rows_are_shown_for_machines_and_people(
    rows: list[dict[str, object]], as_json: bool, shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    show(rows, as_json)
    assert capsys.readouterr().out.splitlines() == shown


def test_a_worker_that_ends_is_said_with_its_last_words() -> None:
    with pytest.raises(WorkFailed, match=r"rival ended: .*no_such_module"):
        Worker("rival", ["no_such_module"], 1)


def test_this_process_is_in_its_own_family_and_in_memory() -> None:
    assert next(family(os.getpid())) == os.getpid()
    resident, peak = memory(os.getpid())
    assert peak >= resident > 1_000_000
    assert memory(2**22 + 1) == (0, 0)


def test_a_command_counts_whole_and_the_process_that_began_it_does_not() -> None:
    held = bytearray(300_000_000)
    code = "import time; held = bytearray(30_000_000); time.sleep(0.2)"
    usage = watched([sys.executable, "-c", code], every_s=0.005)
    assert 0.2 < usage.seconds < 30
    assert 30 < usage.largest_mb < len(held) / 1e6
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {json.dumps(code)}])"
    usage = watched([sys.executable, "-c", code], every_s=0.005, descendants=True)
    assert usage.together_mb > usage.largest_mb > 30


def test_a_command_that_fails_is_said_with_its_last_words() -> None:
    code = "import sys; print('why', file=sys.stderr); sys.exit(3)"
    with pytest.raises(WorkFailed, match="status 3: why"):
        watched([sys.executable, "-c", code], every_s=0.005, allowed=(0, 1))
