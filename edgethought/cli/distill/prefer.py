"""What `edgethought distill prefer` does."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.tasks.licenses import permitted
from edgethought.cli.distill.scorer import training_problems
from edgethought.cli.distill.train import print_training
from edgethought.stages.problems import held_out
from edgethought.stages.progress import say
from edgethought.stages.recipe import read_recipe
from edgethought.stages.train import train_rows
from runtime.values.errors import INTERRUPTED, InputError


def prefer_command(
    samples: Path, name: str, changes: Sequence[str], out: Path, *, most: int, limit: int
) -> None:
    """Train on pairs of right and wrong samples, each judged by the solver, and print what was done."""
    from distill.labeling.filters import Decontamination
    from distill.recipes.judged import contrasts, read_samples
    from runtime.solver.solver import Solver

    recipe = read_recipe(name, ["train.loss=preference", *changes])
    against = Decontamination(held_out(recipe, scored=False), "drop")
    with Solver() as solver:
        judged = list(read_samples(samples, training_problems(), against, solver))
    allowed = [one for one in judged if permitted(one.license, recipe.policy)]
    if judged and not allowed:
        raise InputError(
            f"{samples}: no question's licence may train a student that ships; expected: --set policy=research, or a "
            "field `license` such as MIT beside question and answer"
        )
    rows = contrasts(allowed, most=most, limit=limit, seed=recipe.seed, teacher=f"samples, {samples.name}")
    if not rows:
        raise InputError(
            f"{samples}: no prompt with right and wrong samples; expected: some, by `edgethought distill sample` of more "
            "problems or with more --samples"
        )
    right = sum(row.verified for row in rows)
    questions = len({row.problem.question for row in rows})
    kinds = f"{right:,} right and {len(rows) - right:,} wrong ones"
    say(f"  {len(judged):,} solved samples, of which {kinds} count, of {questions:,} questions")
    try:
        report = train_rows(rows, recipe, out)
    except KeyboardInterrupt as stop:
        say(f"stopped; the same command goes on from the last state in {out}")
        raise SystemExit(INTERRUPTED) from stop
    if report:
        print_training(report, out)
