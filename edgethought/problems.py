"""Which problems a recipe trains on and is scored on, drawn by its seed."""

import random
from collections.abc import Iterable
from itertools import islice

from benchmarks.splits import ScoringSplit, TrainingSplit
from benchmarks.tasks import find_task, load_scoring, load_training
from distill.annotations.carried import carry
from distill.stories import Story, generate
from distill.teachers import Teacher
from distill.teachers.gold import GoldTeacher
from distill.teachers.in_turn import InTurn
from edgethought.recipe import Recipe
from runtime.problem import Problem

STORIES = "stories"
# As many stories as a recipe without a limit gets.
USUAL_STORIES = 2000


def training_problems(recipe: Recipe) -> tuple[list[Problem], Teacher]:
    """The problems to learn from, each with its annotation, and the teacher that reads them."""
    teacher = InTurn(GoldTeacher()) if recipe.mixture == "one" else GoldTeacher()
    if recipe.data == STORIES:
        stories = generate("train", recipe.limit or USUAL_STORIES, recipe.seed)
        return [carry(story.problem, story.annotation) for story in stories], teacher
    problems = load_training(recipe.data, TrainingSplit.TRAIN)
    return sample(problems, recipe.limit, recipe.seed), teacher


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


def test_questions(recipe: Recipe) -> list[str]:
    """Every question that this recipe's scores rest on; no training row may equal one of them.

    All of a task's dev and test questions count, not only the sample that this run is scored on.
    """
    questions: list[str] = []
    for task in recipe.score.tasks:
        if task == STORIES:
            questions += [problem.question for problem in scoring_problems(task, recipe)]
        else:
            questions += [
                problem.question for split in _scoring_splits(task) for problem in load_scoring(task, split)
            ]
    return questions


def _scoring_splits(task: str) -> list[ScoringSplit]:
    if task.endswith((".jsonl", ".jsonl.gz")):
        return [ScoringSplit.TEST]
    return [split for split in ScoringSplit if split in find_task(task).splits]


def few_shot(recipe: Recipe, count: int = 4) -> list[Story]:
    """Worked examples for an untaught base model: stories from training templates, whatever the recipe trains on."""
    return list(islice(generate("train", count * 5, recipe.seed + 1), 0, None, 5))
