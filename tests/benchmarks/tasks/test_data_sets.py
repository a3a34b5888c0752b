"""What `data list`, `data show` and `data prepare` say and write."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.data_sets import list_data, show_data
from benchmarks.tasks.fields import Fields, canonical_answer
from benchmarks.tasks.hub import hub_rows, our_row, prepare
from benchmarks.tasks.loading import load_scoring, load_training
from benchmarks.tasks.robustness import robustness_tasks
from benchmarks.tasks.splits import DEV, TEST, TRAIN
from benchmarks.tasks.task import HubSource
from runtime.values.errors import InputError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("EDGETHOUGHT_DATA", raising=False)
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_every_task_is_listed_with_its_licence_and_what_is_missing(home: Path) -> None:
    rows = {row[0]: row for row in list_data().rows}
    assert set(rows) == {*TASKS, *robustness_tasks()}
    assert rows["gsm8k~names"] == ("gsm8k~names", "–", "401", "571", "MIT", "no", "arithmetic", "no")
    assert rows["gsm8k"] == ("gsm8k", "6473", "1000", "1319", "MIT", "yes", "arithmetic", "no")
    assert rows["asdiv"][4:6] == ("CC-BY-NC-4.0", "no")


def test_a_task_is_shown_with_faults_and_without_its_files(home: Path) -> None:
    titles = [table.title for table in show_data("svamp")]
    assert titles == ["svamp", "Splits", "Known label faults"]
    with pytest.raises(InputError, match="no task 'nope'"):
        show_data("nope")


def test_a_task_whose_files_are_here_is_counted_and_quoted(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "elsewhere"
    folder.mkdir(parents=True)
    with gzip.open(folder / "gsm8k_train.jsonl.gz", "wt") as out:
        rows = (
            {"id": f"gsm8k_train-{n:05}", "question": f"{n} + 1 is what?", "answer": n + 1} for n in range(9)
        )
        out.writelines(json.dumps({**row, "answer": str(row["answer"])}) + "\n" for row in rows)
    (folder / "splits").mkdir()
    (folder / "splits/gsm8k_dev_1000.json").write_text('["gsm8k_train-00004"]')
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(folder))
    tables = {table.title: table.rows for table in show_data("gsm8k")}
    assert tables["Splits"][:2] == (
        ("train", "gsm8k_train", "6473", "8", ""),
        ("dev", "gsm8k_train", "1000", "1", "a choice of our own, not the published ids"),
    )
    assert tables["The first 3 of train"][0] == ("gsm8k_train-00000", "0 + 1 is what?", "1")
    assert tables["Leakage between splits"] == (("gsm8k train", "gsm8k dev", "0", "0", "1", "1 of 1"),)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("think\n#### 1,200", "1200"),
        ("9 (apples)", "9"),
        ("145.00", "145"),
        ("-0.50", "-0.5"),
        ("red (color)", None),
        ("", None),
    ],
)
def test_hub_answers_become_canonical_or_are_left_out(text: str, answer: str | None) -> None:
    assert canonical_answer(text) == answer


def hub_folder(tmp_path: Path, count: int = 1200) -> Path:
    """A data set as the hub serves it: the `datasets` package reads such a folder by the same call."""
    folder = tmp_path / "hub"
    folder.mkdir()
    for split, rows in (("train", count), ("test", 3)):
        lines = [{"question": f"{split} {n}?", "answer": f"so\n#### {n}"} for n in range(rows)]
        lines[1]["answer"] = "#### unknown"
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_prepare_writes_what_the_loaders_read(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    source = HubSource(
        str(hub_folder(tmp_path)),
        {TRAIN: "train", TEST: "test"},
        Fields("question", "answer", None, "answer", None),
    )
    done = prepare("gsm8k", source=source)
    assert [(d.mark, d.rows, d.left_out) for d in done] == [("train", 1199, 1), ("test", 2, 1)]
    train, dev = list(load_training("gsm8k")), list(load_scoring("gsm8k", DEV))
    assert (len(train), len(dev)) == (199, 1000)
    assert not {p.id for p in train} & {p.id for p in dev}
    assert [p.answer for p in load_scoring("gsm8k", TEST)] == ["0", "2"]
    assert show_data("gsm8k")[1].rows[1][-1] == "a choice of our own, not the published ids"


def test_what_cannot_be_prepared_is_said(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mawps is not on the hub"):
        prepare("mawps")
    source = HubSource("x/y", {TEST: "test"}, Fields())
    with pytest.raises(InputError, match="x/y has no 'answer'; it has question"):
        our_row({"question": "q"}, source.spelling, place=source.path, id="1", source="x/y#1")
    pytest.importorskip("datasets")
    with pytest.raises(InputError, match="no train split on the hub; expected: test"):
        next(hub_rows(source, TRAIN))


def test_questions_in_two_fields_are_joined() -> None:
    spelling = Fields("Body+Question", "Answer", None, None, "Equation")
    row = {"Body": "Ann has 3. ", "Question": "And now?", "Answer": "3.0", "Equation": "3"}
    ours = our_row(row, spelling, place="x/y", id="svamp-1", source="x/y#svamp-1")
    assert ours is not None
    assert (ours["question"], ours["answer"], ours["equation"]) == ("Ann has 3. And now?", "3", "3")
