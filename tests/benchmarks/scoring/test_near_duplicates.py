"""A student that trained on a task's training split is also scored without the stories that it may know from there."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.bench import bench
from benchmarks.scoring.job import BenchTask, Endpoint, Job, ModelSpec
from benchmarks.scoring.near_duplicates import marked_tasks, near_duplicate_hashes, tasks_with_training
from benchmarks.scoring.samples import question_hash
from runtime.values.manifest import read_manifest
from tests.benchmarks.fakes import FakeModel, fake_artifact, solved

STORY = "Ann picks 5 red apples and 7 green apples from the old tree. How many apples does Ann have?"
FRESH = [f"A train number {n} of kind {n} runs {n} hours. How far does it get?" for n in (1, 2)]
SVAMP = BenchTask("svamp")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SVAMP with one test question of three that train tells with other numbers."""
    files = {"svamp_train": [STORY.replace("5", "9")], "svamp_test": [STORY, *FRESH]}
    for stem, questions in files.items():
        rows = [{"id": f"{stem}-{n}", "question": q, "answer": "12"} for n, q in enumerate(questions)]
        (tmp_path / f"{stem}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "home"))
    near_duplicate_hashes.cache_clear()


def artifact(tmp_path: Path, name: str, near_duplicates: tuple[str, ...] = ()) -> Path:
    folder = fake_artifact(tmp_path / name, name, name.encode())
    replace(read_manifest(folder), near_duplicates=near_duplicates).save(folder)
    return folder


def load_knowing(question: str) -> object:
    return lambda path, threads: FakeModel({question: solved(12)})


def test_the_question_with_a_sibling_is_found() -> None:
    assert near_duplicate_hashes(SVAMP) == {question_hash(STORY)}


def test_only_artifacts_mark_tasks(tmp_path: Path) -> None:
    sources = (
        artifact(tmp_path, "a", ("svamp",)),
        artifact(tmp_path, "b"),
        Path("x.gguf"),
        Endpoint("http://h/v1", "m"),
    )
    jobs = [Job(source, "x", (SVAMP,), tmp_path / "log") for source in sources]
    assert marked_tasks(jobs) == {"svamp"}
    assert marked_tasks(jobs[1:]) == frozenset()
    assert tasks_with_training([SVAMP, BenchTask("asdiv"), BenchTask("x.jsonl")]) == {"svamp"}


def test_a_marked_student_gets_a_row_without_siblings_and_all_others_too(tmp_path: Path) -> None:
    models = [artifact(tmp_path, "marked", ("svamp",)), artifact(tmp_path, "plain")]
    findings = bench(models, [SVAMP], out=tmp_path / "out", load=load_knowing(STORY))  # type: ignore[arg-type]
    assert [(e.label, e.task, e.score.correct, e.score.n) for e in findings.entries] == [
        ("marked", "svamp test", 1, 3),
        ("marked", "svamp test, without near duplicates", 0, 2),
        ("plain", "svamp test", 1, 3),
        ("plain", "svamp test, without near duplicates", 0, 2),
    ]
    assert findings.notes[0].startswith("svamp test, without near duplicates: 1 of the scored questions tell")
    page = (tmp_path / "out" / "report.md").read_text()
    assert "Results on svamp test, without near duplicates" in page and "1 of the scored questions" in page


@pytest.mark.parametrize(("wanted", "tasks"), [(False, 1), (True, 2)])
def test_anybody_may_ask_for_the_row(tmp_path: Path, wanted: bool, tasks: int) -> None:
    findings = bench(
        [ModelSpec(artifact(tmp_path, "plain"))],
        [SVAMP],
        out=tmp_path / "out",
        exclude_near_duplicates=wanted,
        load=load_knowing(STORY),  # type: ignore[arg-type]
    )
    assert len(findings.tasks) == tasks
