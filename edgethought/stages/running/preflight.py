"""Preflight: everything about a recipe that can be seen to be wrong is said before the first stage starts."""

from pathlib import Path

from benchmarks.tasks.splits import ScoringSplit
from distill.training.plan import first_adapter
from edgethought.stages.problems import training_problems
from edgethought.stages.recipe import Recipe
from edgethought.stages.running.rounds import round_problems
from edgethought.stages.tasks import draw
from edgethought.stages.teachers import CHAT_TEACHERS, asked
from edgethought.stages.train import check_teacher, dev_problems
from export.bases.base import check_base, is_folder
from export.checkpoint import is_encoder_decoder, require_build
from export.targets import check_targets, parse_targets
from runtime.engines.opening import ENGINES, engine_installed
from runtime.values.errors import InputError, MissingExtra


def check_recipe(recipe: Recipe) -> None:
    """Raise InputError or MissingExtra for data that is not there, an unknown target or base, a missing engine."""
    require_build()
    for target in parse_targets(recipe.targets):
        if not engine_installed(target.format):
            kind = ENGINES[target.format]
            raise MissingExtra(f"target {target} needs {kind.package}: {kind.install}")
    check_base(recipe.train.base)
    base = recipe.train.base
    encoder_decoder = is_folder(base) and is_encoder_decoder(Path(base))
    check_targets(parse_targets(recipe.targets), encoder_decoder=encoder_decoder)
    if encoder_decoder and recipe.train.vocabulary != "full":
        raise InputError(f"train.vocabulary trimmed with {base}, an encoder-decoder; expected: full")
    if encoder_decoder and recipe.train.quantization != "none":
        raise InputError(
            f"train.quantization {recipe.train.quantization} with {base}, an encoder-decoder; expected: none"
        )
    first_adapter(recipe.train)
    for training in (recipe.train, *map(recipe.trained_in, recipe.rounds)):
        check_teacher(training, recipe.policy)
    if encoder_decoder and "chat" in recipe.score.baselines:
        raise InputError(
            f"score.baselines has chat, which {base}, an encoder-decoder, has not; expected: few-shot"
        )
    if encoder_decoder and recipe.rounds:
        raise InputError(f"rounds with {base}, an encoder-decoder; expected: none, it cannot be sampled from")
    for one in recipe.rounds:
        if one.method == "fdd" and one.writer != "symbolic":
            asked(recipe.model_copy(update={"teacher": one.writer}))
        if not round_problems(recipe, one):
            raise InputError(
                f"rounds: {one.data or 'data'} has no training problems; expected: data with at least one"
            )
    for part in recipe.parts() or [recipe]:
        if part.teacher in CHAT_TEACHERS:
            asked(part)
        if next(iter(training_problems(part).problems), None) is None:
            raise InputError(f"{part.data} has no training problems; expected: data with at least one")
    dev_problems(recipe)
    split = ScoringSplit(recipe.score.split)
    for task in recipe.score.tasks:
        if not draw(task, split, 1, recipe.seed)[1]:
            raise InputError(f"{task} has no {split.value} problems; expected: a task with at least one")
