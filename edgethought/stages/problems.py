"""Which problems a recipe trains on and is scored on, drawn by its seed."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil
from pathlib import Path

from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.loading import load_training, training_tasks
from benchmarks.tasks.splits import ScoringSplit, TrainingSplit
from distill.labeling.filters import HeldOut
from distill.labeling.origins import Origins
from distill.labeling.settings import ReplaySettings
from distill.labeling.stored import open_stored
from distill.teachers import Teacher
from distill.teachers.gold.teacher import GoldTeacher
from distill.teachers.replay import ReplayTeacher
from distill.teachers.round_robin import RoundRobinTeacher
from distill.teachers.symbolic.teacher import SymbolicTeacher, variants_of
from edgethought.stages.recipe import Recipe
from edgethought.stages.tasks import draw, held_out_questions
from runtime.values.errors import InputError
from runtime.values.problem import Problem


@dataclass(frozen=True, slots=True)
class Training:
    """What a recipe learns from: a stream of problems, how many they are, who writes, and the task they are from.

    Where a model behind a server writes, `teacher` is the one that reads the problems' own annotations.
    """

    problems: Iterable[Problem]
    total: int
    teacher: Teacher
    task: str = ""


def training_problems(recipe: Recipe) -> Training:
    """The problems to learn from, each with its annotation or stored rationale, and the teacher that reads them."""
    if recipe.teacher == "replay":
        return _stored_rationales(recipe)
    teacher = _in_turn(GoldTeacher(), recipe)
    problems, total = draw(recipe.data, TrainingSplit.TRAIN, recipe.limit, recipe.seed)
    if recipe.share < 1:
        problems, total = draw(recipe.data, TrainingSplit.TRAIN, _share(recipe, total), recipe.seed)
    task = recipe.data if recipe.data in TASKS else ""
    if recipe.teacher == "symbolic":
        return _rewritten(problems, total, recipe, task)
    return Training(problems, total, teacher, task)


def _rewritten(problems: Iterable[Problem], total: int, recipe: Recipe, task: str) -> Training:
    """New problems in the place of each, or the reason where there is none, so that the total is known."""
    settings = recipe.symbolic
    teacher = _in_turn(SymbolicTeacher(settings), recipe)
    count = total * len(settings.kinds) * settings.variants
    return Training(variants_of(problems, settings), count, teacher, task)


def _in_turn(teacher: Teacher, recipe: Recipe) -> Teacher:
    return RoundRobinTeacher(teacher) if recipe.mixture == "one" else teacher


def _share(recipe: Recipe, total: int) -> int:
    return ceil(recipe.share * total)


def _stored_rationales(recipe: Recipe) -> Training:
    """Stored rationales are streamed, because there may be millions; a limit takes a seeded choice of rows."""
    stored = open_stored(recipe.data, recipe.replay, Origins.of_tasks())
    total = stored.count()
    teacher = _in_turn(ReplayTeacher(), recipe)
    count = _share(recipe, min(recipe.limit or total, total))
    if count == total:
        return Training(stored.read(), total, teacher)
    chosen = set(random.Random(recipe.seed).sample(range(total), count))
    problems = (row for number, row in enumerate(stored.read()) if number in chosen)
    return Training(problems, count, teacher)


def joined_sets(folders: Sequence[Path]) -> Training:
    """The rationales of several sets, one after the other."""
    stored = [open_stored(str(folder), ReplaySettings(), Origins.of_tasks()) for folder in folders]
    problems = chain.from_iterable(one.read() for one in stored)
    return Training(problems, sum(one.count() for one in stored), ReplayTeacher())


def known_problems() -> dict[str, Problem]:
    """Every problem of the training splits that are here, by id."""
    found: dict[str, Problem] = {}
    for task in training_tasks():
        try:
            found |= {problem.id: problem for problem in load_training(task)}
        except InputError:
            continue  # not here; a row that needs it is told
    return found


def source_name(data: str) -> str:
    """A source's name for a folder: its last part, without what ends a file's."""
    return re.sub(r"[^\w-]+", "-", Path(data).name.partition(".jsonl")[0]).strip("-")[:40] or "source"


def scoring_problems(task: str, recipe: Recipe) -> list[Problem]:
    """The problems of a task that a recipe is scored on."""
    return list(draw(task, ScoringSplit(recipe.score.split), recipe.score.limit, recipe.seed)[0])


def held_out(recipe: Recipe, *, scored: bool = True) -> list[HeldOut]:
    """Every question that somebody's scores may rest on; no training row may equal one of them.

    All dev and test questions of every task in the data folder count. Where the recipe itself is `scored`, its own
    tasks must be there: InputError says which is not.
    """
    asked = ScoringSplit(recipe.score.split), recipe.score.limit, recipe.seed
    return [
        HeldOut(question, task)
        for task in dict.fromkeys((*recipe.score.tasks, *TASKS))
        for question in held_out_questions(task, *asked, needed=scored and task in recipe.score.tasks)
    ]
