"""Stored rationales are read from files, our own sets and the hub; each row knows where problem and text are from."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from distill.labeling.annotate import LabelReport, label
from distill.labeling.filters import HeldOut
from distill.labeling.origins import Origins, text_license
from distill.labeling.rationale_set import read_rationales
from distill.labeling.settings import ReplaySettings
from distill.labeling.stored import open_stored, stored_files
from distill.teachers.replay import ReplayTeacher, Stored
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.prompt import THOUGHTS
from tests.distill.labeling.scripted import numbered, write_set

KNOWN = "Ada has 3 red pens and buys 4 more. How many pens has Ada now?"


def row(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": "r1",
        "question": KNOWN,
        "answer": "7",
        "thought": "eot",
        "rationale": "ans = 3 + 4",
        "teacher": "a friend",
        "source": "friends/rationales",
        "license": "MIT",
    }
    return {**usual, **changes}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose SVAMP train has the one known question."""
    folder = tmp_path / "data"
    (folder / "rationales").mkdir(parents=True)
    problem = {"id": "svamp-1", "question": KNOWN, "answer": "7", "source": "arkilpatel/SVAMP:SVAMP.json#1"}
    (folder / "svamp_train.jsonl").write_text(json.dumps(problem) + "\n")
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(folder))
    monkeypatch.setenv("EDGETHOUGHT_HOME", str(tmp_path / "home"))
    return folder


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def stored(source: Path | str, **settings: Any) -> list[Stored]:
    return list(open_stored(str(source), ReplaySettings(**settings), Origins.of_tasks()).read())


def test_a_known_question_brings_its_own_licence_and_task(data: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "r.jsonl", row(question=KNOWN.upper()), row(question="What is 3 + 4?"))
    known, unknown = stored(file)
    assert (known.task, known.license, known.source) == ("svamp", "MIT", "arkilpatel/SVAMP:SVAMP.json#1")
    assert (known.text_license, known.text_source) == ("MIT", "friends/rationales")
    assert (unknown.task, unknown.license, unknown.source) == ("", "MIT", "friends/rationales")


@pytest.mark.parametrize(
    ("teacher", "stated", "license"),
    [
        ("llama-3-70b", "Apache-2.0", "Llama community licence"),
        ("Meta Llama3 8B", "", "Llama community licence"),
        ("gpt-4o", "MIT", "OpenAI API terms"),
        ("code-davinci-002", "MIT", "OpenAI API terms"),
        ("o3-mini", "MIT", "OpenAI API terms"),
        ("gemini-1.5-flash", "Apache-2.0", "Google API terms"),
        ("gpt-oss-20b", "Apache-2.0", "Apache-2.0"),
        ("openai/gpt-oss-120b", "", "unstated"),
        ("claude-3", "MIT", "Anthropic API terms"),
        ("Qwen2.5-7B", "Apache-2.0", "Apache-2.0"),
        ("alpaca farm volunteers", "MIT", "MIT"),
        ("a friend", "", "unstated"),
    ],
)
def test_a_models_terms_go_before_the_licence_of_the_file(teacher: str, stated: str, license: str) -> None:
    assert text_license(teacher, stated) == license


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answer": None}, "no_gold"),
        ({"answer": "yes"}, "answer_no_number"),
        ({"answer": float("nan")}, "answer_no_number"),
        ({"rationale": None}, "no_text"),
        ({"rationale": "  "}, "no_text"),
        ({"question": 5}, "no_question"),
        ({"thought": "tot"}, "unknown_thought"),
        ({"thought": None}, "unknown_thought"),
        ({"thought": "cot"}, "thought_not_asked"),
    ],
)
def test_a_row_of_no_use_is_counted_and_no_error(
    data: Path, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    (item,) = stored(written(tmp_path / "r.jsonl", row(**changes)))
    assert list(ReplayTeacher().annotate(item, ("eot", "pot"))) == []
    assert ReplayTeacher().declined(item) == reason


@pytest.mark.parametrize(
    ("answer", "read"),
    [(7, "7"), (3.5, "3.5"), (7.0, "7"), ("#### 1,200", "1200"), ("so it is\n#### 72", "72"), ("$5", "5")],
)
def test_a_gold_answer_is_read_as_printed(data: Path, tmp_path: Path, answer: object, read: str) -> None:
    assert [item.answer for item in stored(written(tmp_path / "r.jsonl", row(answer=answer)))] == [read]


def test_foreign_fields_are_mapped(data: Path, tmp_path: Path) -> None:
    foreign = {"problem": KNOWN, "expected": 7, "code": "ans = 3 + 4"}
    file = written(tmp_path / "f.jsonl", foreign)
    (item,) = stored(
        file, question="problem", answer="expected", text="code", thought="pot", teacher="Q", license="MIT"
    )
    assert (item.id, item.thought, item.teacher, item.text_license) == ("f#1", "pot", "Q", "MIT")
    with pytest.raises(
        InputError, match=r"f#1 has no field 'question'; it has problem, expected, code; expected: .*--set"
    ):
        stored(file)
    with pytest.raises(InputError, match=r"no field 'thought'.*replay\.thought="):
        stored(file, question="problem", answer="expected", text="code")


def test_rows_that_nobody_chose_are_left_out(data: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "r.jsonl", row(kept=True), row(kept=False), row(kept="yes"))
    items = stored(file, only="kept")
    assert [item.fault for item in items] == ["", "not_chosen", "not_chosen"]
    with pytest.raises(InputError, match=r"no field 'best'.*replay\.only="):
        stored(file, only="best")


def test_a_stored_file_is_found_by_its_name(data: Path) -> None:
    with gzip.open(data / "rationales/mine.jsonl.gz", "wt") as out:
        out.write(json.dumps(row()) + "\n")
    assert stored_files() == ["mine"]
    found = open_stored("mine", ReplaySettings(), Origins())
    assert (found.count(), len(list(found.read()))) == (1, 1)
    with pytest.raises(InputError, match=r"no stored rationales 'yours'.*a stored file \(mine\)"):
        open_stored("yours", ReplaySettings(), Origins())


@pytest.mark.parametrize("name", ["nothing.jsonl", "nothing.jsonl.gz"])
def test_a_missing_file_is_named(data: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"no file {name}"):
        open_stored(name, ReplaySettings(), Origins()).count()


def test_a_data_set_of_the_hub_is_read(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The `datasets` package reads a folder by the call that it reads the hub by."""
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    folder = tmp_path / "hub" / "set"
    folder.mkdir(parents=True)
    written(folder / "train.jsonl", row(), row(id="r2"))
    found = open_stored(f"hub:{folder}", ReplaySettings(), Origins())
    assert found.count() == 2
    assert [item.text for item in found.read()] == ["ans = 3 + 4"] * 2


def verify(source: Path, out: Path, solver: Solver, **changes: Any) -> LabelReport:
    found = open_stored(str(source), ReplaySettings(), Origins.of_tasks())
    settings: dict[str, Any] = {"against": [], "policy": "ship", "solver": solver, **changes}
    return label(found.read(), ReplayTeacher(), THOUGHTS, out, **settings)


def test_verified_rows_carry_both_licences(data: Path, tmp_path: Path, solver: Solver) -> None:
    file = written(
        tmp_path / "r.jsonl",
        row(),
        row(rationale="b = 4\nans = 3 + b", teacher="gpt-4o"),
        row(rationale="ans = 3 * 4"),
        row(rationale="ans = 4 + 3"),
        row(thought="cot", rationale="Seven it is. The answer is 7."),
        row(thought="cot", rationale="She has 3 + 4 = 7 and 2 + 2 = 5 hats. The answer is 7."),
        row(thought="cot", rationale="She has 3 + 4 = 7 pens. The answer is 7."),
    )
    report = verify(file, tmp_path / "set", solver)
    assert report.rows == 2
    assert report.dropped == {
        "text_license": 1,
        "wrong_answer": 1,
        "duplicate": 1,
        "answer_not_in_steps": 1,
        "false_arithmetic": 1,
    }
    first = json.loads((tmp_path / "set/rationales.jsonl").read_text().splitlines()[0])
    assert (first["source"], first["license"]) == ("arkilpatel/SVAMP:SVAMP.json#1", "MIT")
    assert (first["text_source"], first["text_license"]) == ("friends/rationales", "MIT")
    assert verify(file, tmp_path / "all", solver, policy="research").rows == 3
    card = (tmp_path / "all/data_card.md").read_text()
    assert "| OpenAI API terms | 1 |" in card and "| gpt-4o | 1 |" in card


def test_a_set_of_ours_is_verified_again(data: Path, tmp_path: Path, solver: Solver) -> None:
    before = write_set(tmp_path / "ours", numbered(60), solver)
    after = verify(tmp_path / "ours", tmp_path / "again", solver)
    assert (after.rows, after.dropped) == (before.rows, {})
    assert list(read_rationales(tmp_path / "again")) == list(read_rationales(tmp_path / "ours"))


def test_broken_characters_are_kept_as_they_are(data: Path, tmp_path: Path, solver: Solver) -> None:
    text = "ans = 3 + 4  # \ud800 caf\u00e9"
    verify(written(tmp_path / "r.jsonl", row(rationale=text)), tmp_path / "set", solver)
    assert [item.text for item in read_rationales(tmp_path / "set")] in ([text], [])


NEAR_DUPLICATE = "Bo has 8 red pens and buys 2 more. How many pens has Bo now?"
AGAINST = [
    HeldOut("Ada has 9 red pens and buys 5 more. How many pens has Ada now?", "svamp"),
    HeldOut("How many hats fit into the 4 tall green boxes on the shelf of Mo?", "svamp"),
    HeldOut("How many hats fit into the 6 tall green boxes on the shelf of Mo?", "asdiv"),
    HeldOut("A quiet question about 5 stones.", "svamp"),
]


@pytest.mark.parametrize(
    ("question", "task", "near_duplicates", "kept"),
    [
        (KNOWN, "svamp", "drop", False),
        (KNOWN, "svamp", "keep", True),
        (KNOWN, "mawps", "keep", False),
        (KNOWN, "", "keep", False),
        ("How many hats fit into the 2 tall green boxes on the shelf of Mo?", "svamp", "keep", False),
        ("a quiet question, about 5 stones", "svamp", "keep", False),
    ],
)
def test_only_siblings_of_ones_own_benchmark_are_kept_and_marked(
    data: Path, tmp_path: Path, solver: Solver, question: str, task: str, near_duplicates: str, kept: bool
) -> None:
    problems = [
        Stored("p", question, "7", source="s#1", license="MIT", thought="eot", text="ans = 3 + 4", teacher="t",
               text_license="MIT", task=task)
    ]  # fmt: skip
    out = tmp_path / "set"
    report = label(
        problems, ReplayTeacher(), ("eot",), out, against=AGAINST, policy="ship", solver=solver,
        near_duplicates=near_duplicates,  # type: ignore[arg-type]
    )  # fmt: skip
    assert report.rows == kept
    assert report.near_duplicates == (("svamp",) if kept else ())
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["near_duplicates"] == list(report.near_duplicates)
    rows = [json.loads(line) for line in (out / "rationales.jsonl").read_text().splitlines()]
    assert [line["near_duplicate_of"] for line in rows] == ["svamp"] * kept
    assert ("Siblings kept" in (out / "data_card.md").read_text()) == kept
    shutil.rmtree(out)
