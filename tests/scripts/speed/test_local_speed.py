"""Both sides write the same answers, round by round, and the first round is not counted."""

from pathlib import Path

import pytest

from runtime.solver.solver import Solver
from scripts.speed.local_speed import rows
from tests.distill.teachers.local.asking import model
from tests.edgethought.cli.distill.test_distill import problem, write

pytest.importorskip("llama_cpp")


def test_a_row_for_the_engine_and_one_for_the_labelling_run(
    tmp_path: Path, solver: Solver, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = [problem(f"g{n}", f"Ann has {n} pens. How many?", str(n), "") for n in range(4)]
    write(tmp_path / "gsm8k_train.jsonl", *data)
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits/gsm8k_dev_1000.json").write_text("[]")
    monkeypatch.setenv("EDGETHOUGHT_DATA", str(tmp_path))
    with model(tmp_path / "store", samples=2, seed=3) as asked:
        engine, labeled = rows(asked, solver, tmp_path, 2, 1)
    assert (engine["answers"], labeled["answers"]) == (4, 4)
    assert asked.stats.answered == 8 and engine["share_of_engine"] == 1.0
    assert labeled["share_of_engine"] > 0.2
