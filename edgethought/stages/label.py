"""The label stage: a recipe's problems become a set of verified rationales."""

from pathlib import Path
from typing import TYPE_CHECKING

from edgethought.stages.problems import held_out, training_problems
from edgethought.stages.progress import progress_bar
from edgethought.stages.recipe import Recipe

if TYPE_CHECKING:
    from distill.labeling.annotate import LabelReport


def label_recipe(recipe: Recipe, out: Path, *, scored: bool = True) -> "LabelReport":
    """Write the rationale set of a recipe, with a progress bar; a run that was killed goes on.

    Without `scored` the test questions that are there count, and those of the recipe's own tasks may be missing.
    """
    from distill.labeling.annotate import label

    training = training_problems(recipe)
    with progress_bar("rationales") as bar:
        return label(
            training.problems,
            training.teacher,
            recipe.thoughts,
            out,
            against=held_out(recipe, scored=scored),
            policy=recipe.policy,
            near_duplicates=recipe.near_duplicates,
            task=training.task,
            progress=lambda read, rows: bar(read, training.total, f"{rows} verified"),
        )
