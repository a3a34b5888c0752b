"""The examples in the public API's docstrings are true, of the student that an installation brings."""

import doctest
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import edgethought
import runtime
from edgethought import Model
from runtime.answering import pipeline
from runtime.answering.questions import text
from runtime.solver import solver
from runtime.values import solution

NANO = Path(runtime.__file__).parent / "packaged/nano"


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with edgethought.load(NANO / "gguf-q4_0") as one:
        yield one


@pytest.mark.parametrize(
    "module", [edgethought, pipeline, solution, solver, text], ids=lambda one: one.__name__
)
def test_examples_are_true(
    module: ModuleType, model: Model, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.name == "home"
    monkeypatch.setenv("EDGETHOUGHT_MODEL", str(NANO / "gguf-q4_0"))
    result = doctest.testmod(module, extraglobs={"model": model})
    assert result.attempted and not result.failed


def test_every_public_name_has_an_example() -> None:
    methods = [edgethought.Model.answer, edgethought.Model.answer_async, edgethought.Model.answer_batch]
    methods += [edgethought.Model.working, edgethought.Model.sample_batch, edgethought.Solver.solve]
    shown = [edgethought.load, edgethought.solve, edgethought.plain_question, edgethought.Solution, *methods]
    assert all(">>> " in (one.__doc__ or "") for one in shown)
