"""A student's samples: all of them, each judged; a run that was stopped asks only what is missing."""

from pathlib import Path

import pytest

from distill.recipes.sampling import draw_samples
from runtime.answering.pipeline import Model
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.files import read_jsonl, write_jsonl
from runtime.values.problem import Problem
from tests.runtime.fake_engine import FakeEngine, fake_manifest

PROBLEMS = [Problem(f"p-{n}", f"How many are <{n}>?", "5") for n in range(3)]


def drawn(solver: Solver, problems: list[Problem], out: Path) -> tuple[int, int, FakeEngine]:
    engine = FakeEngine({"Program:": "ans = 5", "Equations:": "ans = 6", "Steps:": "?"})
    with Model(engine, fake_manifest(), solver) as model:
        rows, right = draw_samples(model, problems, out, samples=4, seed=0, progress=lambda *step: None)
    return rows, right, engine


def test_every_sample_is_written_and_judged(tmp_path: Path) -> None:
    out = tmp_path / "samples.jsonl"
    with Solver(workers=1) as solver:
        rows, right, _ = drawn(solver, PROBLEMS[:2], out)
    assert (rows, right) == (8, 4)
    found = [(row["id"], row["thought"], row["status"], row["right"]) for row in read_jsonl(out)]
    assert found[:4] == [
        ("p-0", "pot", "solved", True),
        ("p-0", "eot", "solved", False),
        ("p-0", "cot", "no_solution", False),
        ("p-0", "pot", "solved", True),
    ]
    with Solver(workers=1) as solver:
        rows, right, engine = drawn(solver, PROBLEMS, out)
    assert (rows, right) == (12, 6)
    assert all("<2>" in prompt for prompt in engine.prompts)


def test_a_file_of_something_else_is_left_alone(tmp_path: Path, solver: Solver) -> None:
    out = tmp_path / "samples.jsonl"
    write_jsonl(out, [{"id": "p-0", "question": "mine"}])
    with pytest.raises(InputError, match="row 1 is no sample; expected: a new file"):
        drawn(solver, PROBLEMS, out)
    assert list(read_jsonl(out)) == [{"id": "p-0", "question": "mine"}]
