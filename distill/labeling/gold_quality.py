"""Gold quality: how much of a data set's annotations becomes verified equations and programs, and how well it reads.

It reads well where results are used by name, every literal is explained, and names are short words.
"""

import ast
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from benchmarks.annotations.annotation import Annotation, ParseFailure
from benchmarks.annotations.reading import read_annotation
from benchmarks.annotations.text.arithmetic import tokenize
from benchmarks.annotations.text.naming import MAX_CHARACTERS, MAX_WORDS
from benchmarks.annotations.text.numbers import QuestionNumbers, told_numbers
from benchmarks.annotations.text.words import RESERVED
from benchmarks.annotations.thoughts import WRITERS
from benchmarks.annotations.value import value_of
from distill.labeling.filters import Verifier, failure
from runtime.values.problem import Problem
from runtime.values.prompt import Thought
from runtime.values.rationale import Rationale

BOTH: tuple[Thought, Thought] = ("eot", "pot")


@dataclass(slots=True)
class Quality:
    """Counts over annotations.

    `named` are uses of an earlier result by its name. `copied` are literals that equal an earlier result and that
    the question does not tell; `either` equal one and are told too, so that both readings are possible. `bare` are
    literals that nothing explains; `misnamed` are steps whose name is reserved, too long or numbered.
    """

    steps: int = 0
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
        told = told_numbers(list(tokenize(problem.question)))
        known: dict[str, Fraction] = {}
        for step in annotation.steps:
            tree = ast.parse(step.expression, mode="eval").body
            quality.steps += 1
            for node in ast.walk(tree):
                if isinstance(node, ast.Name):
                    quality.named += 1
                elif isinstance(node, ast.Constant):
                    _count_literal(problem, Fraction(str(node.value)), told, known.values(), quality)
            _count_name(problem, step.name, quality)
            known[step.name] = value_of(tree, known)
    return quality


def _count_literal(
    problem: Problem, literal: Fraction, told: QuestionNumbers, known: Collection[Fraction], quality: Quality
) -> None:
    if not told.tells(literal):
        quality.bare.append(f"{problem.id}: {literal}")
        quality.copied += literal in known
    else:
        quality.either += literal in known


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


@dataclass(frozen=True, slots=True)
class GoldQuality:
    """`verified` are the problems that the solver confirms as equations *and* as program, with their annotations.

    `left_out` has a problem's reason, `quality` the figures over the verified annotations.
    """

    problems: int
    verified: tuple[tuple[Problem, Annotation], ...]
    left_out: dict[str, str]
    quality: Quality

    @property
    def reasons(self) -> dict[str, int]:
        """How many problems are left out for each reason, the most frequent first."""
        return dict(Counter(self.left_out.values()).most_common())


def gold_quality(
    problems: Iterable[Problem],
    solver: Verifier,
    progress: Callable[[int], None] = lambda read: None,
) -> GoldQuality:
    """Read, verify and measure the annotations of some problems; `progress` hears how many are read."""
    kept: list[tuple[Problem, Annotation]] = []
    left_out: dict[str, str] = {}
    waiting: deque[tuple[Problem, Annotation, Rationale]] = deque()
    read = 0

    def requests() -> Iterator[tuple[Thought, str]]:
        nonlocal read
        for problem in problems:
            read += 1
            progress(read)
            annotation = read_annotation(problem)
            if isinstance(annotation, ParseFailure):
                left_out[problem.id] = annotation.reason
                continue
            for thought in BOTH:
                text = WRITERS[thought](annotation, problem.answer or "")
                waiting.append((problem, annotation, Rationale(problem, thought, text, "gold")))
                yield thought, text

    for outcome in solver.solve_batch(requests()):
        problem, annotation, rationale = waiting.popleft()
        drop = failure(rationale, outcome)
        if drop is not None:
            left_out.setdefault(problem.id, drop.reason)
        elif rationale.thought == BOTH[-1] and problem.id not in left_out:
            kept.append((problem, annotation))
    return GoldQuality(read, tuple(kept), left_out, measure(kept))
