"""`edgethought distill confidence`: dev answers kept, a calibration in the artifact, and solve abstaining by it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edgethought.cli.distill.confidence import confidence_command
from edgethought.cli.solve import Asking, solve_command
from edgethought.stages.asking.confidence import Answering
from runtime.answering.confidence import CONFIDENCE_FILE, read_calibrations
from runtime.answering.pipeline import Model
from runtime.solver.solver import Solver
from runtime.values.errors import InputError
from runtime.values.problem import Problem
from tests.runtime.fake_engine import FakeEngine, fake_manifest

# Long programs are right nine times in ten, short ones once.
REPLIES = {"Long": "a = 1\nb = 2\nc = a + b\nans = c + 0", "Short": "ans = 3", "None": "ans = ("}
PROBLEMS = [
    Problem(f"p{n}", f"{kind} {n}?", "3" if (n % 10 != 0) == (kind == "Long") else "4", license="MIT")
    for n in range(100)
    for kind in ("Long", "Short", "None")
]
PROBLEMS = [replace(problem, id=f"{problem.id}-{number}") for number, problem in enumerate(PROBLEMS)]


@pytest.fixture
def artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "artifact"
    folder.mkdir()
    fake_manifest().save(folder)
    asked: list[str] = []

    def load(folder: Path, *, threads: int | None = None, adapter: Path | None = None) -> Model:
        engine = FakeEngine(REPLIES)
        engine.prompts = asked
        return Model(engine, fake_manifest(), Solver(workers=1), calibrations=read_calibrations(folder))

    monkeypatch.setattr("runtime.answering.pipeline.load", load)
    monkeypatch.setattr("edgethought.stages.asking.confidence.draw", lambda *given: (PROBLEMS, len(PROBLEMS)))
    yield folder


def test_a_calibration_is_fitted_and_solve_abstains_by_it(
    artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    confidence_command(artifact, Answering(), tmp_path / "out", as_json=False)
    shown = capsys.readouterr().out
    assert "expected calibration error 0.0" in shown and "answered" in shown
    calibration = read_calibrations(artifact)["single eot"]
    assert calibration.about["n"] == 300 and calibration.about["solved"] == 200
    ask = Asking(artifact, min_confidence=0.5)
    assert solve_command("Long 5?", ask) == 0
    assert "confidence 0." in capsys.readouterr().out
    assert solve_command("Short 5?", ask, as_json=True) == 1
    row = json.loads(capsys.readouterr().out)
    assert (row["answer"], row["status"]) == (None, "abstained") and row["confidence"] < 0.5
    assert solve_command("None 5?", ask) == 1


def test_kept_answers_are_not_asked_for_again(artifact: Path, tmp_path: Path) -> None:
    confidence_command(artifact, Answering(), tmp_path / "out", as_json=True)
    (file,) = (tmp_path / "out").iterdir()
    before = file.read_bytes()
    (artifact / CONFIDENCE_FILE).unlink()
    confidence_command(artifact, Answering(), tmp_path / "out", as_json=True)
    assert file.read_bytes() == before and (artifact / CONFIDENCE_FILE).is_file()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (Answering(mode="fallback"), "mode fallback has no confidence; expected: mode single, or vote"),
        (Answering(mode="vote", thought="pot"), "mode vote of thought pot has no confidence"),
    ],
)
def test_ways_without_one(artifact: Path, tmp_path: Path, how: Answering, message: str) -> None:
    with pytest.raises(InputError, match=message):
        confidence_command(artifact, how, tmp_path / "out", as_json=False)


def test_too_few_answers_are_one_line(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgethought.stages.asking.confidence.draw", lambda *given: (PROBLEMS[:9], 9))
    with pytest.raises(InputError, match="expected: more of both, by a larger --limit"):
        confidence_command(artifact, Answering(), tmp_path / "out", as_json=False)
    assert not (artifact / CONFIDENCE_FILE).exists()


def test_abstaining_without_a_confidence_is_refused(artifact: Path) -> None:
    with pytest.raises(InputError, match="says nothing of how sure it is in this way; expected: one"):
        solve_command("Long 5?", Asking(artifact, min_confidence=0.5))
    with pytest.raises(InputError, match=r"min-confidence is 1\.5; expected: above 0, up to 1"):
        Asking(artifact, min_confidence=1.5)


def test_a_file_where_the_answers_go_is_refused(artifact: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(InputError, match="notes is a file; expected: a folder"):
        confidence_command(artifact, Answering(), tmp_path / "notes", as_json=False)
