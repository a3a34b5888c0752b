"""Any data set comes into our format by a mapping of its fields, marked with split and licence."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tasks import external_data as foreign_data
from benchmarks.tasks.external_data import prepare_external
from benchmarks.tasks.fields import Fields
from benchmarks.tasks.loading import load_scoring, load_training
from benchmarks.tasks.splits import TRAIN
from runtime.values.errors import InputError

ROWS = [
    {"ID": 7, "Body": "Ann has 3 pens.", "Question": "How many?", "Answer": 3.0, "Eq": "3"},
    {"ID": 8, "Body": "Bo has 4.", "Question": "And 5 more?", "Answer": "#### 1,200", "Eq": None},
    {"ID": 9, "Body": "Who?", "Question": "Ann or Bo?", "Answer": "Ann", "Eq": None},
]
SPELLING = Fields(question="Body+Question", answer="Answer", id="ID", equation="Eq")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def jsonl(path: Path, rows: list[dict[str, Any]] = ROWS) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_file_with_other_names_becomes_a_task(tmp_path: Path, home: Path) -> None:
    made = prepare_external(str(jsonl(tmp_path / "my set.jsonl")), SPELLING, license="MIT")
    assert (made.path, made.rows, made.mark, made.left_out) == (
        home / "data" / "my_set-test.jsonl",
        2,
        "test",
        1,
    )
    first, second = load_scoring(str(made.path))
    assert (first.id, first.question, first.answer, first.equation) == (
        "7",
        "Ann has 3 pens. How many?",
        "3",
        "3",
    )
    assert (second.answer, second.license) == ("1200", "MIT")


def test_a_file_is_not_written_over_itself_by_any_name(tmp_path: Path) -> None:
    source, link = tmp_path / "mine.jsonl", tmp_path / "link.jsonl"
    source.write_text('{"question": "1 + 1?", "answer": "2"}\n')
    link.symlink_to(source)
    for read, written in ((source, source), (link, source), (source, link)):
        with pytest.raises(InputError, match="over itself; expected: --out with another file"):
            prepare_external(str(read), Fields(), out=written)
    assert source.read_text() == '{"question": "1 + 1?", "answer": "2"}\n'


def test_a_source_of_no_use_leaves_what_was_prepared_before(tmp_path: Path) -> None:
    source, out = tmp_path / "mine.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"question": "1 + 1?", "answer": "2"}\n')
    prepare_external(str(source), Fields(), out=out)
    before = out.read_text()
    source.write_text('{"question": "1 + 1?", "answer": "blue"}\n')
    with pytest.raises(InputError, match="none of 1 rows"):
        prepare_external(str(source), Fields(), out=out)
    assert out.read_text() == before


def test_what_was_prepared_for_scoring_cannot_be_trained_on(tmp_path: Path) -> None:
    source = str(jsonl(tmp_path / "mine.jsonl"))
    for split, allowed in (("test", False), ("validation", False), ("train", True), ("train[:10%]", True)):
        made = prepare_external(source, SPELLING, split=split)
        if allowed:
            assert len(list(load_training(str(made.path), TRAIN))) == 2
        else:
            with pytest.raises(InputError, match="marked as 'test'"):
                list(load_training(str(made.path), TRAIN))


@pytest.mark.parametrize("prefix", ["hub:", "hf:"])
def test_the_hub_is_asked_for_name_configuration_and_split(
    monkeypatch: pytest.MonkeyPatch, home: Path, prefix: str
) -> None:
    asked: list[tuple[str, str, str | None]] = []

    def rows(path: str, split: str, config: str | None = None) -> Iterator[dict[str, Any]]:
        asked.append((path, split, config))
        return iter(ROWS)

    monkeypatch.setattr(foreign_data, "dataset_rows", rows)
    made = prepare_external(f"{prefix}owner/name", SPELLING, split="validation", config="main")
    assert asked == [("owner/name", "validation", "main")]
    assert made.path == home / "data" / "owner_name-validation.jsonl"


@pytest.fixture
def datasets_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("datasets")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.mark.usefixtures("datasets_cache")
def test_other_files_are_read_through_datasets(tmp_path: Path) -> None:
    rows = [{**row, "Answer": str(row["Answer"])} for row in ROWS]
    with (tmp_path / "mine.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    made = prepare_external(str(tmp_path / "mine.csv"), SPELLING)
    assert [problem.answer for problem in load_scoring(str(made.path))] == ["3", "1200"]


@pytest.mark.usefixtures("datasets_cache")
def test_a_folder_in_the_hubs_layout_is_read_by_split(tmp_path: Path) -> None:
    folder = tmp_path / "layout"
    folder.mkdir()
    rows = [{**row, "Answer": str(row["Answer"])} for row in ROWS]
    jsonl(folder / "train.jsonl", rows[:1])
    jsonl(folder / "test.jsonl", rows)
    made = prepare_external(str(folder), SPELLING, split="train")
    assert (made.rows, made.mark, made.path.name) == (1, "train", "layout-train.jsonl")


@pytest.mark.parametrize(
    ("source", "spelling", "out", "complaint"),
    [
        (
            "mine.jsonl",
            Fields(),
            None,
            "row 1 of mine has no 'question'; it has ID, Body, Question, Answer, Eq",
        ),
        ("mine.jsonl", Fields("Body", "Body"), None, "none of 3 rows of"),
        ("gone.csv", SPELLING, None, "data set '"),
        ("mine.jsonl", SPELLING, "gsm8k_test.jsonl", "the name of a known data set's file"),
        ("mine.jsonl", SPELLING, "mine.csv", "a file that ends in .jsonl"),
    ],
)
def test_what_cannot_be_prepared_is_refused(
    tmp_path: Path, source: str, spelling: Fields, out: str | None, complaint: str
) -> None:
    jsonl(tmp_path / "mine.jsonl")
    with pytest.raises(InputError) as raised:
        prepare_external(str(tmp_path / source), spelling, out=tmp_path / out if out else None)
    assert complaint in str(raised.value)
    assert not list((tmp_path / "home").rglob("*.jsonl"))
