"""A bench under profiles: each model once a profile, told apart by name, its settings and its report."""

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from benchmarks.bench import bench, settings_for
from benchmarks.devices.limits import Limits
from benchmarks.devices.profiled import ProfiledRun
from benchmarks.devices.rates import rates_under
from benchmarks.report.profile_tables import ceiling_notes, profile_table, side_by_side_table
from benchmarks.scoring.job import BenchSettings, BenchTask, Endpoint, Job, ModelSpec, read_job
from benchmarks.scoring.model_info import subject_of
from runtime.values.errors import InputError, WorkFailed
from tests.benchmarks.devices.test_starting import limits
from tests.benchmarks.fakes import fake_artifact, findings, model_right_on, scored
from tests.benchmarks.test_bench import Shelf

PI4 = Limits("pi4-like", 2, (0, 1), 0.25, 2 << 30, "process")
LAPTOP = Limits("laptop", 2, (0, 1), None, 8 << 30, "cgroup")


def test_two_profiles_stand_side_by_side(tmp_path: Path, mine: BenchTask) -> None:
    artifact = fake_artifact(tmp_path / "student", "student")
    found = bench(
        [artifact], [mine], out=tmp_path / "out", profiles=[LAPTOP, PI4], load=Shelf({"student": 16})
    )
    assert [entry.label for entry in found.entries] == ["student, laptop", "student, pi4-like"]
    assert [entry.subject.profile for entry in found.entries] == ["laptop", "pi4-like"]
    (row,) = side_by_side_table(found).rows
    assert row[:2] == ("student", "mine.jsonl") and all(cell.startswith("80.0 %; 100 ms") for cell in row[2:])
    page = (tmp_path / "out/report.html").read_text()
    words = (tmp_path / "out/report.md").read_text()
    for text in (page, words):
        assert "Profiles side by side" in text and "memory bandwidth" in text and "top500-benchmark" in text
    jsonschema = pytest.importorskip("jsonschema")
    schema = resources.files("benchmarks.report").joinpath("report.schema.json").read_text(encoding="utf-8")
    report = json.loads((tmp_path / "out/report.json").read_text())
    jsonschema.validate(report, json.loads(schema))
    assert [one["enforced"]["cores"] for one in report["profiles"]] == [None, 0.25]


def test_one_profile_keeps_the_name_and_says_itself_in_the_headline(tmp_path: Path, mine: BenchTask) -> None:
    artifact = fake_artifact(tmp_path / "student", "student")
    found = bench([artifact], [mine], out=tmp_path / "out", profiles=[PI4], load=Shelf({"student": 16}))
    assert found.entries[0].label == "student" and found.headlines[0].endswith("per answer as pi4-like")
    assert side_by_side_table(found).rows == ()
    assert PI4.sentence() in found.entries[0].subject.settings


def test_a_profile_is_a_part_of_what_answers_are_kept_under(tmp_path: Path, mine: BenchTask) -> None:
    folder = fake_artifact(tmp_path / "student", "student")
    settings = [BenchSettings(), BenchSettings(limits=PI4), BenchSettings(limits=LAPTOP)]
    jobs = [Job(folder, "student", (mine,), tmp_path / "log", one) for one in settings]
    assert len({subject_of(job).settings for job in jobs}) == 3
    assert [read_job(job.to_json()) for job in jobs] == jobs
    assert settings_for(settings[1], ModelSpec(folder, "chat")).limits == PI4


def test_a_model_that_runs_elsewhere_has_no_profile(tmp_path: Path, mine: BenchTask) -> None:
    asked = ModelSpec(Endpoint("http://127.0.0.1:1/v1", "gpt"), "chat")
    with pytest.raises(InputError, match="expected: none, it runs elsewhere"):
        bench([asked], [mine], out=tmp_path / "out", profiles=[PI4])


def test_memory_above_the_ceiling_is_told() -> None:
    entry = scored("student", model_right_on(3))
    over = replace(
        entry,
        subject=replace(entry.subject, profile="pi4-like"),
        score=replace(entry.score, peak_rss_bytes=3 << 30),
    )
    assert ceiling_notes([entry], [ProfiledRun(PI4, None)]) == []
    (note,) = ceiling_notes([over], [ProfiledRun(PI4, None)])
    assert note.startswith("student on gsm8k test had 3,221 MB of memory at most, more than pi4-like has")


def test_an_artifact_that_does_not_fit_is_told_with_its_profile(tmp_path: Path, mine: BenchTask) -> None:
    """In its real process, which has not the memory to import what it needs."""
    artifact = fake_artifact(tmp_path / "student", "student")
    with pytest.raises(WorkFailed, match=r"scoring student under profile pi4-like \(1 thread .* ended with "):
        bench([artifact], [mine], out=tmp_path / "out", profiles=[limits(memory_mib=24)])


def test_what_is_enforced_stands_beside_what_was_seen_and_what_is_published() -> None:
    held_to = limits(cores=0.5)
    run = ProfiledRun(held_to, rates_under(held_to))
    assert run.rates and run.rates.gflops > 0 and run.rates.copy_gb_s > 0
    table = profile_table(replace(findings(scored("student", model_right_on(3))), profiles=(run,)))
    ((name, device, _, threads, cores, memory, _, gflops, _, copied),) = table.rows
    assert (name, cores, memory, gflops, copied) == ("pi4-like", "0.5", "0.5 GiB", "11.9", "2.5")
    assert "Raspberry Pi 4" in device and threads == "1 (of 4; no more cores here)"
