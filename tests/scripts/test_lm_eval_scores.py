"""Two sides are the same when every item is; what differs is named."""

from pathlib import Path

from benchmarks.interop.harness.tasks import CUT_OFF
from benchmarks.interop.lm_eval_log import sample_rows
from benchmarks.interop.scored import scored_tasks
from scripts.lm_eval_scores import comparison
from tests.benchmarks.interop.benches import student_bench


def test_items_are_compared_by_id_and_those_that_differ_are_named(tmp_path: Path) -> None:
    (task,) = scored_tasks(student_bench(tmp_path))
    ours = list(sample_rows(task))
    theirs = [dict(row) for row in reversed(ours)]
    theirs[0]["resps"] = [[theirs[0]["resps"][0][0] + CUT_OFF]]
    assert [row["same"] for row in comparison(theirs, ours)][:5] == [40] * 5
    theirs[3]["exact_match"] = 1.0
    found = list(comparison(theirs, ours))
    assert [row["differ"] for row in found[:5]] == ["", "", "", "", theirs[3]["doc"]["id"]]
    assert (found[-1]["lm-eval"], found[-1]["bench"]) == (11, 10)
