"""A teacher whose texts the problem brings, and problems for it: importable, so that other processes can have it too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from distill.labeling.annotate import LabelReport, label
from distill.labeling.filters import HeldOut
from runtime.solver.solver import Solver
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale


@dataclass(frozen=True)
class ScriptedTeacher:
    """Writes the texts that the problem's `solution` holds, one a line (`;` starts a new line of the text)."""

    name: str = "scripted"

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale]:
        for thought in thoughts:
            for text in (problem.solution or "").splitlines():
                yield Rationale(problem, thought, text.replace("; ", "\n"), self.name)

    def declined(self, problem: Problem) -> str:
        return "no_solution"


def scripted(number: int, solution: str, **changes: str) -> Problem:
    fields = {
        "license": "MIT",
        "source": f"set:train#{number}",
        "question": f"Box {number} has how many red pens?",
    }
    return Problem(str(number), answer="6", solution=solution, **{**fields, **changes})


def numbered(count: int) -> Iterator[Problem]:
    """Problems of which every fifth repeats one before, every seventh is wrong and every eleventh is no system."""
    for number in range(count):
        told = number - 1 if number % 5 == 4 else number
        text = "ans = 7" if number % 7 == 6 else "ans = (" if number % 11 == 10 else "a = 2; ans = 3 * a"
        yield scripted(number, text, question=f"Shelf {told} of the {told % 90} holds how many old maps?")


AGAINST = [HeldOut("How many birds sit on the long wire?", "gsm8k")]


def write_set(out: Path, problems: object, solver: Solver | None = None, **changes: object) -> LabelReport:
    settings = {"against": AGAINST, "policy": "ship", "solver": solver, **changes}
    return label(problems, ScriptedTeacher(), ("eot",), out, **settings)  # type: ignore[arg-type]
