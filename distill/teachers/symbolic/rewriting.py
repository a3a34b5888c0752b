"""What every kind of rewriting gives: a question, its exact answer and its annotation, as a problem that carries it."""

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Literal, Protocol, get_args

from distill.teachers import Declined
from distill.teachers.gold.annotation import Annotation
from distill.teachers.gold.carried import carry
from runtime.values.answers import format_value
from runtime.values.problem import Problem

Kind = Literal["similar", "harder", "distract", "reorder", "backward"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Between a parent's id and its variant's: `gsm8k_train-00012~similar-1`.
OF = "~"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A new question, the steps that answer it, and what they come to."""

    question: str
    annotation: Annotation
    answer: Fraction


class Writer(Protocol):
    """One kind of rewriting, made ready for one problem; what it draws follows from the generator alone."""

    def write(self, rng: Random) -> Rewritten | Declined:
        """One more new problem, or why none was found."""


def variant_id(parent: Problem, kind: Kind, number: int) -> str:
    """The id of a problem's variant, counted from 1."""
    return f"{parent.id}{OF}{kind}-{number}"


def variant_source(parent: Problem, kind: Kind) -> str:
    """Where a variant is from: its parent's row of a data set, and how it was rewritten."""
    data_set, mark, row = parent.source.partition("#")
    return f"{data_set}{OF}{kind}{mark}{row}"


def new_problem(rewritten: Rewritten, parent: Problem, kind: Kind, number: int) -> Problem:
    """The problem with its annotation; license and origin are the parent's."""
    problem = replace(
        parent,
        id=variant_id(parent, kind, number),
        question=rewritten.question,
        answer=format_value(rewritten.answer),
        equation=None,
        source=variant_source(parent, kind),
    )
    return carry(problem, rewritten.annotation)
