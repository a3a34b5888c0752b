"""Tasks load by split, their counts are the published ones, and training code cannot reach what scores it."""

import ast
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.fields import Fields
from benchmarks.tasks.leakage import is_here
from benchmarks.tasks.licenses import permitted
from benchmarks.tasks.loading import load_jsonl, load_problems, load_scoring, load_training
from benchmarks.tasks.splits import DEV, TEST, TRAIN, ScoringSplit, TrainingSplit
from runtime.values.errors import InputError

ROOT = Path(__file__).parents[3]
REAL_DATA = os.environ.get("EDGETHOUGHT_DATA")


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"gsm8k_train-{number:05}",
        "question": f"What is {number} + 1?",
        "answer": str(number + 1),
        **more,
    }


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with ten rows of GSM8K train, two of them dev, zipped as the real ones are."""
    folder = tmp_path / "data"
    (folder / "splits").mkdir(parents=True)
    with gzip.open(folder / "gsm8k_train.jsonl.gz", "wt") as out:
        out.writelines(json.dumps(row(number)) + "\n" for number in range(10))
    (folder / "gsm8k_test.jsonl").write_text(json.dumps(row(77)) + "\n")
    (folder / "splits/gsm8k_dev_1000.json").write_text(json.dumps([row(3)["id"], row(8)["id"]]))
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(folder))
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "home"))
    return folder


def test_gsm8k_train_and_dev_share_no_row(data: Path) -> None:
    train = {problem.id for problem in load_training("gsm8k")}
    dev = {problem.id for problem in load_scoring("gsm8k", DEV)}
    assert dev == {"gsm8k_train-00003", "gsm8k_train-00008"}
    assert len(train) == 8 and not train & dev


def test_a_problem_says_its_licence_and_source(data: Path) -> None:
    (problem,) = load_scoring("gsm8k", TEST)
    assert (problem.answer, problem.license, problem.source) == ("78", "MIT", "openai/grade-school-math")


def test_training_refuses_scoring_splits_when_it_runs(data: Path) -> None:
    for split in (TEST, DEV, "test"):
        with pytest.raises(InputError, match="no training split"):
            load_training("gsm8k", split)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no scoring split"):
        load_scoring("gsm8k", TRAIN)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no scoring split"):
        load_problems("gsm8k", "test")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["gsm8k_test.jsonl", "gsm8k_train.jsonl.gz", "gsm8k_test_socratic.jsonl"])
def test_a_known_scoring_file_cannot_be_opened_by_its_path_for_training(data: Path, name: str) -> None:
    with pytest.raises(InputError, match="scoring split of gsm8k"):
        load_jsonl(data / name, TRAIN)
    with pytest.raises(InputError, match="scoring split of gsm8k"):
        load_training(str(data / name))


def test_no_training_split_is_a_scoring_split() -> None:
    assert not {split.value for split in TrainingSplit} & {split.value for split in ScoringSplit}
    for task in TASKS.values():
        whole = {part.stem for split, part in task.splits.items() if part.ids_from is None and split is TRAIN}
        assert not whole & {part.stem for split, part in task.splits.items() if split is not TRAIN}


FORBIDDEN = {"ScoringSplit", "load_scoring", "DEV", "TEST", "SplitFile", "split_path", "TASKS", "HubSource"}


def names_used(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return names | {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def file_names_spelled(path: Path) -> set[str]:
    """String constants in the source that name a scoring split's file."""
    stems = {
        part.stem
        for task in TASKS.values()
        for split, part in task.splits.items()
        if isinstance(split, ScoringSplit) and part.stem != "gsm8k_train"
    }
    constants = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return {text for text in constants for stem in stems if f"{stem}.jsonl" in text}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "distill").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_training_code_never_names_a_scoring_split(path: Path) -> None:
    assert not names_used(path) & FORBIDDEN
    assert not file_names_spelled(path)


def test_the_walk_would_notice_a_use(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(
        'from benchmarks.tasks.loading import load_scoring\nrows = open("gsm8k_test.jsonl")\nx = s.ScoringSplit\n'
    )
    assert {"load_scoring", "ScoringSplit"} <= names_used(bad)
    assert file_names_spelled(bad) == {"gsm8k_test.jsonl"}


@pytest.mark.parametrize(
    ("task", "split", "message"),
    [
        ("gsm9k", TEST, "no task 'gsm9k'; expected: gsm8k, svamp"),
        ("asdiv", TRAIN, "no train split; expected: test"),
        ("svamp", TEST, "no svamp_test.jsonl or svamp_test.jsonl.gz in EDGETHOUGHT_DATA="),
        ("nowhere.jsonl", TEST, "no file nowhere.jsonl"),
    ],
)
def test_a_wrong_request_says_what_is_allowed(data: Path, task: str, split: Any, message: str) -> None:
    with pytest.raises(InputError) as raised:
        list(load_problems(task, split))
    assert message in str(raised.value)


def test_without_a_data_folder_the_error_says_how_to_set_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("EDGETHOUGHT_DATA", raising=False)
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path))
    with pytest.raises(InputError, match="export EDGETHOUGHT_DATA="):
        load_scoring("gsm8k")


def test_a_missing_list_of_dev_ids_is_named(data: Path) -> None:
    (data / "splits/gsm8k_dev_1000.json").unlink()
    with pytest.raises(InputError, match=r"gsm8k_dev_1000\.json"):
        load_training("gsm8k")


def test_any_jsonl_is_read_by_a_mapping_of_its_field_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"prompt": "2 + 2?", "label": 4}\n{"prompt": "a", "label": "think\\n#### 1,200"}\n')
    problems = list(load_jsonl(path, TRAIN, Fields(question="prompt", answer="label")))
    assert [(p.id, p.question, p.answer) for p in problems] == [
        ("mine.jsonl-000001", "2 + 2?", "4"),
        ("mine.jsonl-000002", "a", "1200"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"question": "q"}', "line 1 has no 'answer'; it has question"),
        ('{"question": "q", "answer": "red"}', "line 1: answer 'red' is no number"),
        ("{}", "line 1 has no 'question'; it has nothing"),
        ("[1]", "line 1 is list"),
    ],
)
def test_a_row_that_is_no_problem_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(InputError) as raised:
        list(load_jsonl(path, TEST))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("license", "policy", "expected"),
    [
        ("MIT", "ship", True),
        ("edgethought", "ship", True),
        ("CC-BY-NC-4.0", "ship", False),
        ("CC-BY-SA-4.0", "ship", False),
        ("unstated", "ship", False),
        ("unstated", "research", True),
    ],
)
def test_the_licence_policy_is_an_allow_list(license: str, policy: Any, expected: bool) -> None:
    assert permitted(license, policy) is expected


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(InputError, match="expected: ship, research"):
        permitted("MIT", "anything")  # type: ignore[arg-type]


@pytest.mark.skipif(not REAL_DATA, reason="EDGETHOUGHT_DATA is not set")
@pytest.mark.parametrize("name", list(TASKS))
def test_the_real_files_hold_the_rows_that_the_catalogue_says(name: str) -> None:
    for split, part in TASKS[name].splits.items():
        if not is_here(part):
            pytest.skip(f"no {part.stem} here")
        problems = list(load_problems(name, split))
        assert len(problems) == part.rows
        assert len({problem.id for problem in problems}) == part.rows
        assert all(problem.question and problem.answer and problem.license for problem in problems)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("gsm8k_test", "gsm8k, which is its training split"),
        ("multiarith_test", "problems that nothing is scored on"),
    ],
)
def test_a_scoring_split_is_refused_for_training_in_the_command_lines_words(
    tmp_path: Path, name: str, allowed: str
) -> None:
    with pytest.raises(InputError, match=f"holds a scoring split of .*; expected for training: {allowed}"):
        load_training(str(tmp_path / f"{name}.jsonl"))
