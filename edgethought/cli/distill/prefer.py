"""What `edgethought distill prefer` does."""

from collections.abc import Sequence
from pathlib import Path

from edgethought.cli.distill.train import print_training
from edgethought.stages.progress import stoppable
from edgethought.stages.recipe import read_recipe
from edgethought.stages.running.rounds import preferences
from edgethought.stages.train import check_training, train_rows
from runtime.values.errors import InputError


def prefer_command(
    samples: Path, name: str, changes: Sequence[str], out: Path, *, most: int, limit: int
) -> None:
    """Train on pairs of right and wrong samples, each judged by the solver, and print what was done."""
    recipe = read_recipe(name, ["train.loss=preference", *changes])
    check_training(recipe, out)
    rows = preferences(samples, recipe, most=most, limit=limit)
    if not rows:
        raise InputError(
            f"{samples}: no prompt with right and wrong samples; expected: some, by `edgethought distill sample` of more "
            "problems or with more --samples"
        )
    with stoppable(f"the same command goes on from the last state in {out}"):
        report = train_rows(rows, recipe, out)
    if report:
        print_training(report, out)
