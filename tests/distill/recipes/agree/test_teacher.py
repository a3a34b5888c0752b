"""What samples agree on becomes a rationale set like any other, and each question that is none says why."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

from distill.labeling.annotate import LabelReport, label
from distill.labeling.filters import HeldOut
from distill.labeling.rationale_set import read_rationales
from distill.recipes.agree.polling import polls
from distill.recipes.agree.teacher import AgreeingTeacher
from runtime.solver.solver import Solver
from runtime.values.files import read_jsonl
from tests.distill.recipes.agree.voters import TableVoter, question

SAID = {
    "q1": {"pot": ["a = 1\nans = a + 2", "b = 1\nans = b + 2"], "eot": ["ans = 1 + 2", "ans = 4"]},
    "q2": {"pot": ["ans = 2", "ans = 3"], "eot": ["ans = 4", "ans = 5"]},
    "q3": {"pot": ["ans = 2", "ans = 2"], "eot": [None, None]},
    "q4": {"pot": ["ans = x"], "eot": ["ans = y"]},
    "q5": {"pot": ["ans = 7 / 2"] * 2, "eot": ["ans = 3.5"] * 2},
    "q6": {"pot": ["ans = 6"] * 2, "eot": ["ans = 6"] * 2},
}
TEST = "A tall tower has eleven bells that ring on each of six days. How many rings are there?"
PROBLEMS = [
    *map(question, range(1, 6)),
    question(5),
    question(6, "13"),
    replace(replace(question(8), question=TEST), question=TEST),
    question(9, license="NC"),
]


def agree(out: Path, solver: Solver, share: float = 0.5) -> tuple[LabelReport, TableVoter]:
    voter = TableVoter(SAID)
    admits = {"q8": False, "q9": False}
    polled = polls(PROBLEMS, [voter], ("pot", "eot"), solver, admits=lambda one: admits.get(one.id, True))
    teacher = AgreeingTeacher(polled, "table", share, every_thought=True)
    against = [HeldOut(TEST)]
    report = label(
        teacher.problems(), teacher, ("pot", "eot"), out, against=against, policy="ship", solver=solver
    )
    return report, voter


def test_a_set_is_written_with_the_votes_in_each_row(tmp_path: Path, solver: Solver) -> None:
    report, _ = agree(tmp_path / "set", solver)
    rows = list(read_rationales(tmp_path / "set"))
    assert [(row.problem.id, row.problem.answer, row.thought) for row in rows] == [
        ("q1", "3", "pot"),
        ("q1", "3", "eot"),
        ("q5", "3.5", "pot"),
        ("q5", "3.5", "eot"),
    ]
    assert rows[0].verified and rows[0].teacher == "table" and rows[0].license == "MIT"
    assert rows[0].provenance == {"request": "table-q1", "agreed": {"share": 0.75, "votes": 3, "samples": 4}}
    dropped = list(read_jsonl(tmp_path / "set/dropped.jsonl"))
    reasons = Counter((row["id"], row["reason"]) for row in dropped)
    assert reasons == {
        ("q1", "duplicate"): 1,
        ("q1", "outvoted"): 1,
        ("q2", "disagree"): 1,
        ("q3", "one_thought_only"): 1,
        ("q4", "no_votes"): 1,
        ("q5", "duplicate"): 2,
        ("q6", "wrong_answer"): 1,
        ("q8", "overlap_exact"): 1,
        ("q9", "license"): 1,
    }
    assert report.problems == 8 and report.rows == 4
    outvoted = next(row for row in dropped if row["reason"] == "outvoted")
    assert outvoted["detail"] == "4, where 3 of 4 say 3" and outvoted["thought"] == "eot"
    card = (tmp_path / "set/data_card.md").read_text()
    assert "too few samples about the question agree" in card
    assert json.loads((tmp_path / "set/manifest.json").read_text())["teacher"] == "table"


def test_a_larger_share_keeps_less_and_the_same_call_keeps_the_set(tmp_path: Path, solver: Solver) -> None:
    report, _ = agree(tmp_path / "set", solver, share=1.0)
    assert {row.problem.id for row in read_rationales(tmp_path / "set")} == {"q5"}
    again, _ = agree(tmp_path / "set", solver, share=1.0)
    assert again.resumed == report.problems and again.rows == report.rows
