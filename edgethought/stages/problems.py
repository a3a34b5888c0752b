"""Which problems a recipe trains on and is scored on, drawn by its seed."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.loading import find_task, load_scoring, load_training
from benchmarks.tasks.splits import ScoringSplit, TrainingSplit
from distill.labeling.filters import HeldOut
from distill.labeling.origins import Origins
from distill.labeling.stored import open_stored
from distill.stories import generate
from distill.teachers import Teacher
from distill.teachers.gold.carried import carry
from distill.teachers.gold.teacher import GoldTeacher
from distill.teachers.replay import ReplayTeacher
from distill.teachers.round_robin import RoundRobinTeacher
from edgethought.stages.recipe import Recipe
from runtime.values.errors import InputError
from runtime.values.problem import Problem

STORIES = "stories"
# As many stories as a recipe without a limit gets.
DEFAULT_STORIES = 2000


@dataclass(frozen=True, slots=True)
class Training:
    """What a recipe learns from: a stream of problems, how many they are, who writes, and the task they are from."""

    problems: Iterable[Problem]
    total: int
    teacher: Teacher
    task: str = ""


def training_problems(recipe: Recipe) -> Training:
    """The problems to learn from, each with its annotation or stored rationale, and the teacher that reads them."""
    if recipe.teacher == "replay":
        return _stored_rationales(recipe)
    teacher = _in_turn(GoldTeacher(), recipe)
    if recipe.data == STORIES:
        count = recipe.limit or DEFAULT_STORIES
        stories = generate("train", count, recipe.seed)
        return Training((carry(story.problem, story.annotation) for story in stories), count, teacher)
    problems = sample(load_training(recipe.data, TrainingSplit.TRAIN), recipe.limit, recipe.seed)
    return Training(problems, len(problems), teacher, recipe.data if recipe.data in TASKS else "")


def _in_turn(teacher: Teacher, recipe: Recipe) -> Teacher:
    return RoundRobinTeacher(teacher) if recipe.mixture == "one" else teacher


def _stored_rationales(recipe: Recipe) -> Training:
    """Stored rationales are streamed, because there may be millions; a limit takes a seeded choice of rows."""
    stored = open_stored(recipe.data, recipe.replay, Origins.of_tasks())
    total = stored.count()
    teacher = _in_turn(ReplayTeacher(), recipe)
    if not recipe.limit or recipe.limit >= total:
        return Training(stored.read(), total, teacher)
    chosen = set(random.Random(recipe.seed).sample(range(total), recipe.limit))
    problems = (row for number, row in enumerate(stored.read()) if number in chosen)
    return Training(problems, recipe.limit, teacher)


def scoring_problems(task: str, recipe: Recipe) -> list[Problem]:
    """The problems to score on: a task's split, or stories from templates that training never saw."""
    split = ScoringSplit(recipe.score.split)
    if task == STORIES:
        return [story.problem for story in generate(split.value, recipe.score.limit or 500, recipe.seed)]
    return sample(load_scoring(task, split), recipe.score.limit, recipe.seed)


def sample(problems: Iterable[Problem], limit: int, seed: int) -> list[Problem]:
    """A seeded sample of `limit` problems in their own order; all of them when the limit is 0."""
    every = list(problems)
    if not limit or limit >= len(every):
        return every
    chosen = set(random.Random(seed).sample(range(len(every)), limit))
    return [problem for index, problem in enumerate(every) if index in chosen]


def held_out(recipe: Recipe, *, scored: bool = True) -> list[HeldOut]:
    """Every question that somebody's scores may rest on; no training row may equal one of them.

    All dev and test questions of every task in the data folder count. Where the recipe itself is `scored`, its own
    tasks must be there: InputError says which is not.
    """
    found: list[HeldOut] = []
    for task in dict.fromkeys((*recipe.score.tasks, *TASKS)):
        if task == STORIES:
            found += [HeldOut(problem.question, task) for problem in scoring_problems(task, recipe)]
        else:
            found += [
                HeldOut(question, task)
                for question in _scoring_questions(task, scored and task in recipe.score.tasks)
            ]
    return found


def _scoring_questions(task: str, needed: bool) -> Iterator[str]:
    for split in _scoring_splits(task):
        try:
            yield from (problem.question for problem in load_scoring(task, split))
        except InputError:  # a split that is not in the data folder matters only to who scores on it
            if needed:
                raise


def _scoring_splits(task: str) -> list[ScoringSplit]:
    if task.endswith((".jsonl", ".jsonl.gz")):
        return [ScoringSplit.TEST]
    return [split for split in ScoringSplit if split in find_task(task).splits]
