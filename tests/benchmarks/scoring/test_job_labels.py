"""Labels tell models apart in few words, and seeds of one recipe are found by their artifacts' name."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.scoring.job import BenchSettings, Endpoint, Job, ModelSpec
from benchmarks.scoring.job_labels import labels_of, seed_groups
from runtime.values.errors import InputError
from runtime.values.manifest import read_manifest
from tests.benchmarks.fakes import fake_artifact

HERE = Endpoint("http://127.0.0.1:1/v1", "gpt")
THERE = Endpoint("http://127.0.0.1:2/v1", "gpt")


def test_artifacts_of_one_name_are_told_apart_by_folder(tmp_path: Path) -> None:
    same = [fake_artifact(tmp_path / run / "artifacts" / "q4_0", "student") for run in ("one", "two")]
    other = fake_artifact(tmp_path / "base", "base")
    labels = labels_of([ModelSpec(path) for path in (*same, other)])
    assert labels == ["one/artifacts/q4_0", "two/artifacts/q4_0", "base"]


def test_one_model_may_be_asked_in_several_ways(tmp_path: Path) -> None:
    base = fake_artifact(tmp_path / "base", "base")
    models = [
        ModelSpec(base, "few-shot"),
        ModelSpec(base, "chat"),
        ModelSpec(base, "lm-eval"),
        ModelSpec(base),
    ]
    assert labels_of(models, shots=4) == [
        "base, 4 worked examples",
        "base, its own chat",
        "base, lm-eval",
        "base",
    ]


def test_a_file_is_called_by_its_name_and_an_endpoint_by_its_model() -> None:
    assert labels_of([ModelSpec(Path("x/tiny.Q4.gguf"), "chat"), ModelSpec(HERE, "chat")]) == [
        "tiny.Q4, its own chat",
        "gpt, its own chat",
    ]
    assert labels_of([ModelSpec(HERE, "chat"), ModelSpec(THERE, "chat")])[1] == (
        "gpt at http://127.0.0.1:2/v1, its own chat"
    )


def test_what_is_named_twice_or_not_at_all_is_refused(tmp_path: Path) -> None:
    base = ModelSpec(fake_artifact(tmp_path / "base", "base"))
    with pytest.raises(InputError, match="named twice"):
        labels_of([base, base])
    with pytest.raises(InputError, match="named twice"):
        labels_of([ModelSpec(HERE, "chat"), ModelSpec(HERE, "chat")])
    with pytest.raises(InputError, match="nothing to score"):
        labels_of([])
    with pytest.raises(InputError, match="no artifact"):
        labels_of([ModelSpec(tmp_path)])


def seed_jobs(tmp_path: Path, **parents: str) -> list[Job]:
    """Artifacts of one name, each with its checkpoint's hash."""
    jobs = []
    for run, parent in parents.items():
        folder = fake_artifact(tmp_path / run, "student")
        replace(read_manifest(folder), parent=parent).save(folder)
        jobs.append(Job(folder, run, (), tmp_path / "log", BenchSettings()))
    return jobs


def test_seeds_of_a_recipe_are_grouped_and_others_are_not(tmp_path: Path) -> None:
    jobs = seed_jobs(tmp_path, one="a", two="b")
    base = Job(fake_artifact(tmp_path / "base", "base"), "base", (), tmp_path / "log")
    assert seed_groups([*jobs, base]) == {"one": "student", "two": "student"}
    with pytest.raises(InputError, match="two or more of one recipe"):
        seed_groups([jobs[0], base])


def test_two_exports_of_one_checkpoint_are_no_two_seeds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="come from one checkpoint"):
        seed_groups(seed_jobs(tmp_path, one="a", two="a"))
