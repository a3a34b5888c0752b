"""The generator: templates split for training and holding out, and problems in any number from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Literal, get_args

from benchmarks.annotations.annotation import Annotation
from distill.stories.families import TEMPLATES
from distill.stories.telling import Told, tell
from distill.stories.template import Template
from runtime.values.errors import InputError
from runtime.values.problem import Problem

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
LICENSE = "Apache-2.0"
# How often a template may tell a story that was told before until it counts as exhausted.
REPEATS = 200


@dataclass(frozen=True, slots=True)
class Story:
    """A problem, its solution in steps, and the name of the template that told it."""

    problem: Problem
    annotation: Annotation
    template: str


def split_of(name: str) -> Split:
    """The split a template belongs to, by its name alone: about 6/8 train, 1/8 dev, 1/8 test, for ever."""
    place = sha256(name.encode()).digest()[0] % 8
    return "dev" if place == 6 else "test" if place == 7 else "train"


def templates(split: Split) -> tuple[Template, ...]:
    """The templates of a split, in a fixed order; raises InputError for an unknown split."""
    if split not in SPLITS:
        raise InputError(f"split {split!r} does not exist; expected: {', '.join(SPLITS)}")
    return tuple(template for template in TEMPLATES if split_of(template.name) == split)


def generate(split: Split, count: int, seed: int) -> Iterator[Story]:
    """`count` different problems, spread evenly over the split's templates; the same for a seed anywhere.

    Raises InputError for an unknown split, a negative count, or (while iterating) when the templates have no
    more stories to tell.
    """
    chosen = templates(split)
    if count < 0:
        raise InputError(f"count is {count}; expected: 0 or more")
    return _stories(split, chosen, count, seed)


def _stories(split: Split, chosen: tuple[Template, ...], count: int, seed: int) -> Iterator[Story]:
    order = Random(f"{split} {seed}")
    sources = {template.name: _retold(template, seed) for template in chosen}
    made = 0
    while made < count:
        if not sources:
            raise InputError(
                f"count is {count}; expected: at most {made}, the {split} templates give no more"
            )
        names = list(sources)
        order.shuffle(names)
        for name in names[: count - made]:
            told = next(sources[name], None)
            if told is None:
                del sources[name]
                continue
            problem = Problem(
                id=f"story-{split}-{made:05d}",
                question=told.question,
                answer=told.answer,
                source=f"edgethought:stories/{name}",
                license=LICENSE,
            )
            yield Story(problem, told.annotation, name)
            made += 1


def _retold(template: Template, seed: int) -> Iterator[Told]:
    """The template's different questions, until it only repeats itself; other templates change nothing."""
    rng = Random(f"{template.name} {seed}")
    seen: set[str] = set()
    repeats = 0
    while repeats < REPEATS:
        told = tell(template, rng)
        if told.question in seen:
            repeats += 1
            continue
        seen.add(told.question)
        repeats = 0
        yield told
