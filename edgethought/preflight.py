"""Preflight: everything about a recipe that can be seen to be wrong is said before the first stage starts."""

from benchmarks.splits import ScoringSplit
from benchmarks.tasks import load_scoring
from edgethought.problems import STORIES, training_problems
from edgethought.recipe import Recipe
from export.base import check_base
from export.checkpoint import require_build
from export.targets import parse_targets
from runtime.engines.opening import ENGINES, engine_installed
from runtime.errors import InputError, MissingExtra


def check_recipe(recipe: Recipe) -> None:
    """Raise InputError or MissingExtra for data that is not there, an unknown target or base, a missing engine."""
    require_build()
    for target in parse_targets(recipe.targets):
        if not engine_installed(target.format):
            kind = ENGINES[target.format]
            raise MissingExtra(f"target {target} needs {kind.package}: {kind.install}")
    check_base(recipe.train.base)
    if recipe.data != STORIES and next(iter(training_problems(recipe).problems), None) is None:
        raise InputError(f"{recipe.data} has no training problems; allowed: data with at least one")
    split = ScoringSplit(recipe.score.split)
    for task in recipe.score.tasks:
        if task != STORIES and next(load_scoring(task, split), None) is None:
            raise InputError(f"{task} has no {split.value} problems; allowed: a task with at least one")
