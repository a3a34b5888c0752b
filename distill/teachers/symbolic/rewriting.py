"""What every kind of rewriting gives: a question, its exact answer and its annotation, as a problem that carries it."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, get_args

from distill.teachers import Declined
from distill.teachers.gold.annotation import Annotation
from distill.teachers.gold.carried import carry
from distill.teachers.gold.value import annotation_value
from runtime.values.answers import format_value
from runtime.values.problem import Problem

Kind = Literal["similar", "harder", "distract", "reorder", "backward"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Between a parent's id and its variant's: `gsm8k_train-00012~similar-1`.
OF = "~"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A new question with the steps that answer it."""

    question: str
    annotation: Annotation


def variant_id(parent: Problem, kind: Kind, number: int) -> str:
    """The id of a problem's variant, counted from 1."""
    return f"{parent.id}{OF}{kind}-{number}"


def variant_source(parent: Problem, kind: Kind) -> str:
    """Where a variant is from: its parent's row of a data set, and how it was rewritten."""
    data_set, mark, row = parent.source.partition("#")
    return f"{data_set}{OF}{kind}{mark}{row}"


def new_problem(rewritten: Rewritten, parent: Problem, kind: Kind, number: int) -> Problem | Declined:
    """The problem with its annotation, its answer computed from the steps; license and origin are the parent's."""
    value = annotation_value(rewritten.annotation)
    if value is None:
        return Declined("not_computed")
    problem = replace(
        parent,
        id=variant_id(parent, kind, number),
        question=rewritten.question,
        answer=printed_answer(value),
        equation=None,
        source=variant_source(parent, kind),
    )
    return carry(problem, rewritten.annotation)


def printed_answer(value: Fraction) -> str:
    """The exact answer as printed."""
    return format_value(value)
