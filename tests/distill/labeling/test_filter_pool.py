"""Judging in several processes gives the same verdicts in the same order as judging in one."""

from pathlib import Path

import pytest

from distill.labeling import filter_pool as judges
from distill.labeling.filter_pool import judged
from distill.labeling.rationale_filter import LabelConfig
from runtime.solver.solver import Solver
from runtime.values.errors import WorkFailed
from tests.distill.labeling.scripted import AGAINST, ScriptedTeacher, numbered, write_set

TERMS = LabelConfig(ScriptedTeacher(), ("eot",), "ship", tuple(AGAINST))


def test_several_processes_write_the_same_bytes_as_one(
    tmp_path: Path, solver: Solver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "SMALL", 50)
    write_set(tmp_path / "one", numbered(900), solver)
    write_set(tmp_path / "two", numbered(900), workers=2)
    for name in ("rationales.jsonl", "dropped.jsonl", "manifest.json", "data_card.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_leaving_early_ends_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges, "SMALL", 50)
    stream = judged(numbered(5000), TERMS, workers=2)
    chunk = next(stream)
    assert [problem.id for problem, _ in chunk] == [str(number) for number in range(judges.CHUNK)]
    stream.close()


class Deadly(ScriptedTeacher):
    """A teacher under which the process dies, as it does when memory runs out."""

    def annotate(self, problem: object, thoughts: object) -> object:  # type: ignore[override]
        import os

        os._exit(9)


def test_a_process_that_dies_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges, "SMALL", 50)
    terms = LabelConfig(Deadly(), ("eot",), "ship", ())  # type: ignore[arg-type]
    with pytest.raises(WorkFailed, match="start again to go on"):
        list(judged(numbered(5000), terms, workers=2))
