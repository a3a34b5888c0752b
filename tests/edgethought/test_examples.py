"""The examples in the public API's docstrings run, and give what they say where the model writes what is asked for."""

import doctest
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import edgethought
from edgethought import Model
from runtime.answering import pipeline
from runtime.answering.questions import text
from runtime.solver import solver
from runtime.solver.solver import Solver
from runtime.values import solution
from tests.runtime.fake_engine import FakeEngine, fake_manifest

REPLIES = {"7 pens cost": "ans = 7 * 3", "buys 4": "ans = 3 + 4"}


def answering() -> Model:
    return Model(FakeEngine(REPLIES), fake_manifest(thoughts=("pot", "eot")), Solver(workers=1))


@pytest.fixture
def model() -> Iterator[Model]:
    with answering() as one:
        yield one


@pytest.mark.parametrize(
    "module", [edgethought, pipeline, solution, solver, text], ids=lambda one: one.__name__
)
def test_examples_are_true(module: ModuleType, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(model: Path | None = None) -> Model:
        return answering()

    load.__doc__ = pipeline.load.__doc__
    load.__module__ = pipeline.__name__
    monkeypatch.setattr(pipeline, "load", load)
    result = doctest.testmod(module, extraglobs={"model": model})
    assert result.attempted and not result.failed


def test_every_public_name_has_an_example() -> None:
    methods = [edgethought.Model.answer, edgethought.Model.answer_async, edgethought.Model.answer_batch]
    methods += [edgethought.Model.working, edgethought.Model.sample_batch, edgethought.Solver.solve]
    shown = [edgethought.load, edgethought.solve, edgethought.plain_question, edgethought.Solution, *methods]
    assert all(">>> " in (one.__doc__ or "") for one in shown)
