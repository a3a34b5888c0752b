"""Labelling keeps what the solver confirms, counts every drop with its reason, and writes whole folders only."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from distill.labeling.annotate import LabelReport, label
from distill.labeling.filters import rationale_key
from distill.labeling.rationale_set import read_rationales, read_set_manifest
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.manifest import file_sha256
from runtime.values.problem import Problem
from runtime.values.rationale import Rationale
from runtime.values.schema import SCHEMA
from tests.distill.labeling.scripted import ScriptedTeacher, scripted, write_set

problem = scripted
PROBLEMS = [
    problem(1, "ans = 2 * 3\nans = 4"),
    problem(2, "ans = 3 * (2", question="How many nuts does Bo crack in two weeks of hard work?"),
    problem(3, "", question="Where are the six lost keys of the old lighthouse now?"),
    problem(4, "ans = 6", license="CC-BY-NC-4.0", question="What does the ferry cost for one?"),
    problem(5, "ans = 6", question="HOW many birds, sit on the long wire?"),
    problem(6, "a = 2\nans = 6", question="Six shops open; how many doors is that, asks Ada?"),
    problem(7, "x = 2; ans = x * 3", question="How long is the blue rope of the tall sailor?"),
]


def run(out: Path, solver: Solver, problems: Iterable[Problem] = PROBLEMS) -> LabelReport:
    return write_set(out, problems, solver)


def test_every_drop_has_its_reason(tmp_path: Path, solver: Solver) -> None:
    report = run(tmp_path / "set", solver)
    assert report.problems == 7
    assert report.rows == report.by_thought["eot"] == 3
    assert report.dropped["bad_syntax"] == 1
    assert report.dropped["wrong_answer"] == 1
    assert report.dropped["license"] == 1
    assert report.dropped["overlap_loose"] == 1
    assert report.dropped["no_solution"] == 1
    dropped = [json.loads(line) for line in (tmp_path / "set" / "dropped.jsonl").open()]
    assert len(dropped) == sum(report.dropped.values())
    assert {row["id"] for row in dropped} >= {"1", "2", "3", "4", "5"}


def test_the_folder_reads_back_and_tells_what_it_is(tmp_path: Path, solver: Solver) -> None:
    report = run(tmp_path / "set", solver)
    rationales = list(read_rationales(report.folder))
    assert rationales[0].problem.id == "1"
    assert all(item.verified and item.teacher == "scripted" for item in rationales)
    manifest = read_set_manifest(report.folder)
    assert manifest["schema"] == SCHEMA
    assert manifest["licenses"] == {"MIT": report.rows}
    assert manifest["against"]["questions"] == 1
    card = (report.folder / "data_card.md").read_text()
    assert "`license` | 1 | the licence policy does not allow the problem" in card
    assert set(manifest["files"]) == {"rationales.jsonl", "dropped.jsonl", "data_card.md"}
    assert all(file_sha256(report.folder / name) == digest for name, digest in manifest["files"].items())


def test_the_same_system_under_other_names_is_kept_once(tmp_path: Path, solver: Solver) -> None:
    twice = [problem(1, "a = 2\nans = 6"), problem(2, "x"), problem(1, "")]
    twice[1] = problem(2, "ans = 2 * 3\nans = 2 * 3")
    report = run(tmp_path / "set", solver, twice)
    assert report.dropped["duplicate"] == 1


def test_canonical_forms_decide_what_is_a_repeat() -> None:
    forms = {"eot": lambda text: "same", "pot": lambda text: None, "cot": lambda text: None}
    one, other = problem(1, ""), problem(2, "")
    key = [
        rationale_key(Rationale(item, "eot", text, "t"), forms)
        for item, text in ((one, "a"), (one, "b"), (other, "a"))
    ]
    assert key[0] == key[1] != key[2]
    pot = [rationale_key(Rationale(one, "pot", text, "t"), forms) for text in ("a", "b")]
    assert pot[0] != pot[1]


def test_a_run_that_breaks_leaves_the_old_folder_as_it_was(tmp_path: Path, solver: Solver) -> None:
    before = run(tmp_path / "set", solver)

    def broken() -> Iterator[Problem]:
        yield PROBLEMS[0]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        run(tmp_path / "set", solver, broken())
    assert read_set_manifest(tmp_path / "set")["rows"] == before.rows
    assert run(tmp_path / "set", solver).rows == before.rows
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set"]


def test_two_runs_write_the_same_bytes(tmp_path: Path, solver: Solver) -> None:
    run(tmp_path / "one", solver)
    run(tmp_path / "two", solver)
    for name in ("rationales.jsonl", "manifest.json", "data_card.md", "dropped.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_strange_folder_and_a_strange_policy_are_named(tmp_path: Path, solver: Solver) -> None:
    with pytest.raises(InputError, match="is no rationale set"):
        list(read_rationales(tmp_path))
    with pytest.raises(InputError, match="policy 'all'"):
        label([], ScriptedTeacher(), ("eot",), tmp_path / "x", against=[], policy="all", solver=solver)  # type: ignore[arg-type]
