"""A student's samples: all of them, each judged; a run that was stopped asks only what is missing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from distill.recipes.sampling import Progress, SampleReport, check_samples_file, draw_samples
from edgethought.cli.distill.scorer import sample_command
from runtime.answering.pipeline import Model
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_jsonl
from runtime.values.problem import Problem
from tests.runtime.fake_engine import FakeEngine, fake_manifest

PROBLEMS = [Problem(f"p-{n}", f"How many are <{n}>?", "5") for n in range(3)]


def drawn(
    solver: Solver,
    problems: list[Problem],
    out: Path,
    progress: Progress = lambda *step: None,
    **manifest: Any,
) -> tuple[SampleReport, FakeEngine]:
    engine = FakeEngine({"Program:": "ans = 5", "Equations:": "ans = 6", "Steps:": "?"})
    model = Model(engine, replace(fake_manifest(), **manifest), solver)
    return draw_samples(model, problems, out, samples=4, seed=0, progress=progress), engine


def test_every_sample_is_written_and_judged(tmp_path: Path, solver: Solver) -> None:
    out = tmp_path / "samples.jsonl"
    assert drawn(solver, PROBLEMS[:2], out)[0] == SampleReport(8, 4, 0)
    found = [(row["id"], row["thought"], row["status"], row["right"]) for row in read_jsonl(out)]
    assert found[:4] == [
        ("p-0", "pot", "solved", True),
        ("p-0", "eot", "solved", False),
        ("p-0", "cot", "no_solution", False),
        ("p-0", "pot", "solved", True),
    ]
    report, engine = drawn(solver, PROBLEMS, out)
    assert report == SampleReport(12, 6, 0)
    assert all("<2>" in prompt for prompt in engine.prompts)


def test_a_kill_costs_no_problem_that_is_done(tmp_path: Path, solver: Solver) -> None:
    out = tmp_path / "samples.jsonl"

    def killed(done: int, total: int, note: str) -> None:
        assert len(list(read_jsonl(out))) == 4 * done
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drawn(solver, PROBLEMS, out, killed)
    before = out.read_bytes()
    with out.open("ab") as file:
        file.write(b'{"id": "p-2", "quest')
    steps: list[tuple[int, int, str]] = []
    report, engine = drawn(solver, PROBLEMS, out, lambda *step: steps.append(step))
    assert (report, steps) == (SampleReport(12, 6, 0), [(3, 3, "6 right")])
    assert all("<2>" in prompt for prompt in engine.prompts)
    assert out.read_bytes().startswith(before)


def test_rows_of_other_problems_are_counted_apart(tmp_path: Path, solver: Solver) -> None:
    out, steps = tmp_path / "samples.jsonl", list[tuple[int, int, str]]()
    drawn(solver, PROBLEMS[:2], out)
    another = Problem("p-0", "The same number, <another> story?", "6")
    report, _ = drawn(solver, [another, PROBLEMS[1]], out, lambda *step: steps.append(step))
    assert (report, steps) == (SampleReport(8, 3, 4), [(2, 2, "3 right")])


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"name": "another"}, r"row 1 is a sample of fake .*; expected: one of another .*, or another --out"),
        (
            {"files": {"model.gguf": "b" * 64}},
            r"sample of fake \(aaaaaaaaaaaaaaaa\); expected: one of fake \(bbbb",
        ),
    ],
)
def test_samples_of_another_artifact_are_refused(
    tmp_path: Path, solver: Solver, manifest: dict[str, Any], message: str
) -> None:
    out = tmp_path / "samples.jsonl"
    drawn(solver, PROBLEMS[:1], out, files={"model.gguf": "a" * 64})
    with pytest.raises(InputError, match=message):
        drawn(solver, PROBLEMS, out, **{"files": {"model.gguf": "a" * 64}, **manifest})
    assert len(list(read_jsonl(out))) == 4


def test_a_file_of_something_else_is_left_alone(tmp_path: Path, solver: Solver) -> None:
    out = tmp_path / "samples.jsonl"
    write_jsonl(out, [{"id": "p-0", "question": "mine"}])
    with pytest.raises(InputError, match="row 1 is no sample; expected: a new file"):
        drawn(solver, PROBLEMS, out)
    assert list(read_jsonl(out)) == [{"id": "p-0", "question": "mine"}]


def test_a_place_for_samples_is_looked_at_before_anything_is_loaded(tmp_path: Path) -> None:
    check_samples_file(tmp_path / "new/samples.jsonl")
    assert not (tmp_path / "new/samples.jsonl").exists()
    with pytest.raises(InputError, match="cannot write"):
        check_samples_file(tmp_path)
    for given, message in (
        ({"samples": 1}, "samples is 1; expected: 2 to"),
        ({}, "has no problems; expected"),
    ):
        (tmp_path / "none.jsonl").write_text("")
        how = {"samples": 4, "limit": 0, "threads": None, "seed": 0, **given}
        with pytest.raises(InputError, match=message):
            sample_command(None, str(tmp_path / "none.jsonl"), tmp_path / "s.jsonl", **how)  # type: ignore[arg-type]
