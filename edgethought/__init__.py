"""edgethought: a large model's mathematical reasoning on a device with no network.

    from edgethought import load

    with load() as model:
        print(model.answer("Ann has 3 apples and buys 4 more. How many has she now?").answer)

`load`, `solve`, `plain_question` and `Solver` are the public names; the stages live in `distill`, `export`, `runtime`
and `benchmarks`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.answering.pipeline import Model, load
    from runtime.answering.questions.text import plain_question
    from runtime.solver.solver import Solver
    from runtime.values.solution import Solution

__version__ = "0.1.0"
__all__ = ["Model", "Solution", "Solver", "__version__", "load", "plain_question", "solve"]
_HOMES = {
    "Model": "runtime.answering.pipeline",
    "Solution": "runtime.values.solution",
    "Solver": "runtime.solver.solver",
    "load": "runtime.answering.pipeline",
    "plain_question": "runtime.answering.questions.text",
}


def solve(question: str, *, model: "Path | str | None" = None) -> "Solution":
    """Answer one question with the given artifact or this machine's default one; for many questions, `load` once.

    The question may be copied from anywhere: see `plain_question`.

    >>> solve("A pen costs $3. How much do 7 pens cost?").answer
    '21'
    """
    from runtime.answering.pipeline import load
    from runtime.answering.questions.text import plain_question

    with load(model) as loaded:
        return loaded.answer(plain_question(question))


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used, so that start-up costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'edgethought' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
