"""Two benches are paired problem by problem, and what changed between them is said."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.compare import BenchFolder, compare_benches, read_bench, read_report
from benchmarks.scoring.samples import SampleLog
from runtime.values.errors import InputError
from runtime.values.files import write_json
from tests.benchmarks.fakes import findings, model_right_on, scored


def bench(
    folder: Path, label: str, right: int, *, ms: float = 100.0, settings: str = "greedy"
) -> BenchFolder:
    entry = scored(label, model_right_on(right, wrong=40 - right, total_ms=ms))
    with SampleLog(folder / "samples.jsonl") as log:
        for sample in entry.samples:
            log.append(replace(sample, settings=settings))
    return read_bench(folder)


def test_problems_are_paired_and_flips_are_told(tmp_path: Path) -> None:
    found = compare_benches(
        bench(tmp_path / "a", "student", 10), bench(tmp_path / "b", "student", 30, ms=200)
    )
    (task,) = found.tasks
    assert (task.paired.n, task.paired.only_second, task.paired.only_first) == (40, 20, 0)
    assert task.paired.significant and task.time is not None
    assert (task.time.value, task.time.low, task.time.high) == pytest.approx((2, 2, 2), abs=0.05)
    assert task.mean_ms == pytest.approx((100, 200), abs=2)
    assert [flip.id for flip in task.flips][:2] == ["p-10", "p-11"] and task.flips[0].gained
    assert (task.flips[0].first, task.flips[0].second) == ("-1", "11")
    assert not task.changes
    row = json.loads(json.dumps(found.to_row()))
    assert row["tasks"][0]["significant"] and len(row["tasks"][0]["flips"]) == 20


def test_changed_settings_and_machines_are_told(tmp_path: Path) -> None:
    first = bench(tmp_path / "a", "student", 10)
    second = bench(tmp_path / "b", "student", 10, settings="greedy, 4 threads")
    report = findings(scored("student", model_right_on(10)))
    machine = replace(report.machine, cpu="another", packages={"sympy": "0.1"})
    for folder, one in ((first, report), (second, replace(report, machine=machine))):
        write_json(folder.path / "report.json", one.to_row())
    found = compare_benches(read_bench(first.path), read_bench(second.path / "report.json"))
    assert [(change.what, change.second) for change in found.tasks[0].changes] == [
        ("settings", "greedy, 4 threads")
    ]
    assert ("cpu", "another") in [(change.what, change.second) for change in found.changes]
    assert ("sympy", "0.1") in [(change.what, change.second) for change in found.changes]


def test_of_several_settings_in_a_log_the_last_counts(tmp_path: Path) -> None:
    bench(tmp_path / "a", "student", 10)
    again = bench(tmp_path / "a", "student", 20, settings="pot")
    assert {sample.settings for sample in again.answers["student"]["gsm8k test"].values()} == {"pot"}


def test_several_artifacts_are_paired_by_label_or_as_named(tmp_path: Path) -> None:
    bench(tmp_path / "a", "old", 10)
    first = bench(tmp_path / "a", "student", 20)
    second = bench(tmp_path / "b", "student", 20)
    assert [(task.first, task.second) for task in compare_benches(first, second).tasks] == [
        ("student", "student")
    ]
    (task,) = compare_benches(first, first, "old", "student").tasks
    assert (task.first, task.second, task.paired.only_second) == ("old", "student", 10)
    other = bench(tmp_path / "c", "another", 20)
    with pytest.raises(InputError, match="expected: artifacts of one label, or --first and --second"):
        compare_benches(first, other)
    with pytest.raises(InputError, match=r"no artifact 'x' in .*; expected: old, student"):
        compare_benches(first, second, "x")


def test_a_path_that_is_not_there_is_not_its_folder(tmp_path: Path) -> None:
    bench(tmp_path, "student", 10)
    for missing in (tmp_path / "after", tmp_path / "other.json", tmp_path / "nowhere/samples.jsonl"):
        with pytest.raises(InputError, match=f"no file or folder {missing}; expected: "):
            read_bench(missing)


def test_what_is_no_bench_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file .*samples\.jsonl; expected"):
        read_bench(tmp_path)
    (tmp_path / "samples.jsonl").write_text("")
    with pytest.raises(InputError, match="has no answers; expected"):
        read_bench(tmp_path)
    for text, complaint in (
        ("{", "is no JSON"),
        ("[]", "is no report"),
        ('{"schema": 99}', "a newer edgethought"),
    ):
        (tmp_path / "report.json").write_text(text)
        with pytest.raises(InputError, match=complaint):
            read_report(tmp_path / "report.json")


def test_benches_of_other_problems_are_refused(tmp_path: Path) -> None:
    first, second = bench(tmp_path / "a", "student", 10), bench(tmp_path / "b", "student", 10)
    elsewhere = replace(second, answers={"student": {"svamp test": second.answers["student"]["gsm8k test"]}})
    with pytest.raises(InputError, match="expected: benches of the same tasks"):
        compare_benches(first, elsewhere)
