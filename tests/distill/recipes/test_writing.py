"""New problems and notes are appended problem by problem, each reason counted, and nothing is written twice."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from distill.labeling.filters import Decontamination, HeldOut
from distill.recipes.writing import KINDS, WriteReport, dropped_file, write_texts
from distill.teachers.chat.model import ChatRequest
from distill.teachers.chat.teacher import ChatTeacher
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl
from runtime.values.problem import Problem
from runtime.values.rationale import Declined
from tests.distill.teachers.chat.test_teacher import SaidModel

PROBLEMS = [
    Problem(
        f"p{n}", f"Ann has {n} pens and buys {n + 2} more. How many has she?", str(2 * n + 2), license=license
    )
    for n, license in enumerate(["MIT", "MIT", "NC", "MIT"])
]
TEST = "A tall tower has eleven bells that ring on each of six days. How many rings are there?"
AGAINST = Decontamination([HeldOut(TEST)], "drop")


def said(request: ChatRequest) -> str | Declined:
    """Two new problems, a refusal, or a repeat, by the number of pens; notes are lines."""
    number = int(request.question.split()[2])
    if request.prompt.name == "guidance":
        return f"1. Find what {number} pens are.\n2. Then add the others."
    if number == 1:
        return Declined("refusal", "no")
    questions = [f"Of the {number + 20} cars in the garage {number} are red. How many are not?"]
    return json.dumps({"questions": [*questions, *([TEST] if number == 0 else questions)]})


def write(
    out: Path, kind: str = "harder", say: Callable[[ChatRequest], str | Declined] = said, count: int = 4
) -> tuple[WriteReport, list[ChatRequest]]:
    model = SaidModel(say)
    teacher = ChatTeacher(model, "Apache-2.0")
    return write_texts(kind, teacher, PROBLEMS[:count], out, against=AGAINST, policy="ship"), model.sent


def test_what_is_written_and_what_is_not(tmp_path: Path) -> None:
    out = tmp_path / "harder.jsonl"
    report, sent = write(out)
    assert report == WriteReport(
        4, 2, {"overlap_exact": 1, "refusal": 1, "license": 1, "duplicate": 1}, before=0
    )
    assert not any(request.question == PROBLEMS[2].question for request in sent)
    row = next(read_jsonl(out))
    assert (row["id"], row["parent"], row["answer"], row["license"]) == (
        "p0/harder1",
        "p0",
        None,
        "Apache-2.0",
    )
    assert row["kind"] == "harder" and row["teacher"] == "said" and row["provenance"]["prompt"] == "harder@1"
    assert [row["id"] for row in read_jsonl(dropped_file(out))] == ["p0", "p1", "p2", "p3"]


def test_notes_are_rows_too(tmp_path: Path) -> None:
    report, _ = write(tmp_path / "notes.jsonl", "guidance")
    rows = list(read_jsonl(tmp_path / "notes.jsonl"))
    assert (report.rows, report.dropped) == (3, {"license": 1})
    assert rows[1]["lines"] == ["1. Find what 1 pens are.", "2. Then add the others."]
    assert (rows[1]["id"], rows[1]["answer"], rows[1]["license"]) == ("p1", "4", "Apache-2.0")


def test_what_is_there_is_not_asked_about_again(tmp_path: Path) -> None:
    out = tmp_path / "harder.jsonl"
    write(out, count=2)
    with out.open("ab") as file:
        file.write(b'{"id": "p3/har')  # a kill tore it
    report, sent = write(out)
    assert {request.question for request in sent} == {PROBLEMS[3].question}
    assert report.before == 2
    whole, _ = write(tmp_path / "whole.jsonl")
    assert (report.rows, sorted(report.dropped.items())) == (whole.rows, sorted(whole.dropped.items()))
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_stop_keeps_what_was_written_before(tmp_path: Path) -> None:
    def stopping(request: ChatRequest) -> str | Declined:
        if "3 pens" in request.question:
            raise KeyboardInterrupt
        return said(request)

    out = tmp_path / "harder.jsonl"
    with pytest.raises(KeyboardInterrupt):
        write(out, say=stopping)
    assert [row["parent"] for row in read_jsonl(out)] == ["p0"]
    assert write(out)[0].rows == 2


def test_other_kinds_teachers_and_files_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "harder.jsonl"
    with pytest.raises(InputError, match="kind 'easier'; expected: harder, similar"):
        write(out, "easier")
    write(out)
    with pytest.raises(
        InputError, match="row 1 is harder by said; expected: similar by said, or another --out"
    ):
        write(out, "similar")
    out.write_text("something else")
    with pytest.raises(InputError, match="holds other things; expected: a new file"):
        write(out)
    assert len(KINDS) == 7
