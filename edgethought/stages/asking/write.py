"""The write stage: new problems and notes by a model that is asked, as JSON lines."""

from pathlib import Path
from typing import TYPE_CHECKING

from distill.labeling.filters import Decontamination
from edgethought.stages.problems import held_out, training_problems
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe
from edgethought.stages.teachers import CHAT_TEACHERS, remote_teacher
from runtime.values.errors import InputError

if TYPE_CHECKING:
    from distill.recipes.writing import WriteReport


def write_stage(kind: str, recipe: Recipe, out: Path) -> "WriteReport":
    """Have a recipe's teacher write about its training problems, with a progress bar; a run that was killed goes on."""
    from distill.recipes.writing import check_kind, write_texts

    check_kind(kind)
    if recipe.teacher not in CHAT_TEACHERS:
        raise InputError(
            f"teacher {recipe.teacher} writes rationales only; expected: {' or '.join(CHAT_TEACHERS)}"
        )
    training = training_problems(recipe)
    against = Decontamination(held_out(recipe, scored=False), "drop")
    with progress_bar(kind) as bar, remote_teacher(recipe, out, lambda: None) as (teacher, model):

        def update(done: int, note: str) -> None:
            model.tick = lambda: bar(done, training.total, f"{note}; {model.told()}")
            model.tick()

        update(0, "0 written")
        try:
            report = write_texts(
                kind,
                teacher,
                training.problems,
                out,
                against=against,
                policy=recipe.policy,
                progress=update,
            )
        except KeyboardInterrupt:
            say(f"{model.name}: {model.told()}; {model.replies:,} replies are kept in {model.folder}")
            raise
        say(f"{model.name}: {model.told()}")
    return report
