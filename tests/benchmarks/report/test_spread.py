"""One recipe under several training seeds: mean and standard deviation, in every kind of report."""

from dataclasses import replace
from pathlib import Path
from statistics import stdev

import pytest

from benchmarks.bench import bench
from benchmarks.report.findings import spreads_of
from benchmarks.scoring.job import BenchTask
from runtime.values.errors import InputError
from runtime.values.manifest import read_manifest
from tests.benchmarks.fakes import FakeModel, fake_artifact, model_right_on, scored


def test_only_grouped_labels_are_spread_and_each_task_by_itself() -> None:
    entries = [
        scored("one", model_right_on(20)),
        scored("two", model_right_on(30)),
        scored("base", model_right_on(1)),
        scored("one", model_right_on(8), task="svamp test"),
    ]
    first, second = spreads_of(entries, {"one": "etd", "two": "etd"})
    assert (first.task, first.name, first.accuracies, first.mean) == ("gsm8k test", "etd", (0.5, 0.75), 0.625)
    assert first.deviation == pytest.approx(stdev([0.5, 0.75]))
    assert (second.task, second.mean, second.deviation) == ("svamp test", 0.2, 0.0)


def test_bench_reports_the_spread_where_it_is_asked_for(tmp_path: Path, mine: BenchTask) -> None:
    right = {"a": 10, "b": 16}
    folders = []
    for run in right:
        folder = fake_artifact(tmp_path / run / "q4_0", "student", run.encode())
        replace(read_manifest(folder), parent=run).save(folder)
        folders.append(folder)

    def load(path: Path, threads: int | None) -> FakeModel:
        return model_right_on(right[path.parent.name])

    findings = bench(folders, [mine], out=tmp_path / "out", seeds=True, load=load)
    (spread,) = findings.spreads
    assert (spread.name, spread.accuracies) == ("student", (0.5, 0.8))
    row = "student | mine.jsonl | 65.0 % | ± 21.2 | 50.0 % | 80.0 % | 2"
    assert row in (tmp_path / "out" / "report.md").read_text()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Spread over training seeds" in page and "± 21.2" in page
    assert '"deviation": 0.21' in (tmp_path / "out" / "report.json").read_text()
    assert bench(folders, [mine], out=tmp_path / "out", load=load).spreads == ()


def test_seeds_without_two_of_a_kind_are_refused_before_anything_is_scored(
    tmp_path: Path, mine: BenchTask
) -> None:
    with pytest.raises(InputError, match="two or more of one recipe"):
        bench([fake_artifact(tmp_path / "a", "a")], [mine], out=tmp_path / "out", seeds=True)
