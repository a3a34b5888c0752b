"""Variants: the kinds that the teacher writes, how their ids and sources are spelled, problems that carry their steps."""

from dataclasses import replace
from typing import Literal, get_args

from benchmarks.annotations.carried import carry
from benchmarks.rewriting.rewriting import OF, Rewritten
from runtime.values.answers import format_value
from runtime.values.problem import Problem

Kind = Literal["similar", "harder", "distract", "reorder", "backward"]
KINDS: tuple[Kind, ...] = get_args(Kind)


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
