"""Quality of annotations, measured: are results used by name, is every literal explained, do names read well.

Used on any reader's annotations; the figures are in the data card of nobody but the reader's own test and log.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from distill.teachers.gold.annotation import Annotation
from distill.teachers.gold.text.naming import MAX_CHARACTERS, MAX_WORDS
from distill.teachers.gold.text.numbers import QuestionNumbers, question_numbers
from distill.teachers.gold.text.words import RESERVED
from distill.teachers.gold.value import value_of
from runtime.values.problem import Problem


@dataclass(slots=True)
class Quality:
    """Counts over annotations.

    `named` are uses of an earlier result by its name. `copied` are literals that equal an earlier result and that
    the question does not tell; `either` equal one and are told too, so that both readings are possible. `bare` are
    literals that nothing explains; `misnamed` are steps whose name is reserved, too long or numbered.
    """

    annotations: int = 0
    steps: int = 0
    literals: int = 0
    named: int = 0
    copied: int = 0
    either: int = 0
    numbered: int = 0
    bare: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)

    @property
    def linked(self) -> float:
        """The share of later uses of results that are by name; a use that could be either counts as a miss."""
        uses = self.named + self.copied + self.either
        return self.named / uses if uses else 1.0


def measure(annotated: Iterable[tuple[Problem, Annotation]]) -> Quality:
    """The figures over problems with their annotations."""
    quality = Quality()
    for problem, annotation in annotated:
        quality.annotations += 1
        _measure_one(problem, annotation, quality)
    return quality


def _measure_one(problem: Problem, annotation: Annotation, quality: Quality) -> None:
    told = question_numbers(problem.question)
    known: dict[str, Fraction] = {}
    for step in annotation.steps:
        tree = ast.parse(step.expression, mode="eval").body
        names, literals = list(_names(tree)), list(_literals(tree))
        quality.steps += 1
        quality.named += len(names)
        quality.literals += len(literals)
        for literal in literals:
            _count_literal(problem, literal, told, known, quality)
        _count_name(problem, step.name, quality)
        known[step.name] = value_of(tree, known)


def _count_literal(
    problem: Problem, literal: Fraction, told: QuestionNumbers, known: dict[str, Fraction], quality: Quality
) -> None:
    if literal in known.values():
        if told.tells(literal):
            quality.either += 1
        else:
            quality.copied += 1
    if not told.tells(literal):
        quality.bare.append(f"{problem.id}: {literal}")


def _count_name(problem: Problem, name: str, quality: Quality) -> None:
    if name == "ans":
        return
    words = [word for word in name.split("_") if word != "per"]
    if words[-1].isdigit():
        quality.numbered += 1
        words.pop()
    ordinal = 2  # `second_week` and `jar_b` are one word of the sentence, two of the name
    if name in RESERVED or len(name) > MAX_CHARACTERS or len(words) > MAX_WORDS + ordinal:
        quality.misnamed.append(f"{problem.id}: {name}")


def _names(tree: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _literals(tree: ast.expr) -> Iterator[Fraction]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            yield Fraction(str(node.value))
