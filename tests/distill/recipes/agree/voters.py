"""Voters that say what a table has, and polls of given values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from distill.recipes.agree.poll import Poll, Vote
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Declined, Rationale


@dataclass
class TableVoter:
    """Says, for a problem's id, the texts of each thought; None is a refusal."""

    said: Mapping[str, Mapping[Thought, Sequence[str | None]]]
    name: str = "table"
    ahead: int = 4
    begun: list[str] = field(default_factory=list)

    def begin(self, problem: Problem, thoughts: Sequence[Thought]) -> None:
        self.begun.append(problem.id)

    def annotate(self, problem: Problem, thoughts: Sequence[Thought]) -> Iterator[Rationale | Declined]:
        assert problem.id in self.begun
        for thought in thoughts:
            for text in self.said[problem.id].get(thought, ()):
                if text is None:
                    yield Declined("refusal", thought=thought)
                else:
                    row = {"request": f"{self.name}-{problem.id}"}
                    yield Rationale(problem, thought, text, self.name, license="MIT", provenance=row)


def question(number: int, answer: str | None = None, license: str = "MIT") -> Problem:
    told = (
        f"Shelf {number} of hall {number % 7} holds {number} maps and {number + 1} globes: how many things?"
    )
    return Problem(f"q{number}", told, answer, source=f"ours#{number}", license=license)


def poll(pot: str, eot: str = "", answer: str | None = None) -> Poll:
    """A poll of values a letter or digit each, `-` for a sample that failed."""
    votes = [
        Vote(Declined("no_solution", thought=thought))
        if value == "-"
        else Vote(Rationale(question(0), thought, f"ans = {value}", "table"), Fraction(int(value)))
        for thought, values in (("pot", pot), ("eot", eot))
        for value in values
    ]
    thoughts = ("pot", "eot") if eot else ("pot",)
    return Poll(question(0, answer), tuple(votes), thoughts)
