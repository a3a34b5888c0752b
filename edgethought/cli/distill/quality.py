"""What `edgethought distill quality` does."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.tasks.splits import ScoringSplit
from edgethought.cli.terminal import printable
from edgethought.stages.problems import training_problems
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe, read_recipe
from edgethought.stages.tasks import draw, splits_of
from runtime.values.errors import InputError
from runtime.values.problem import Problem

if TYPE_CHECKING:
    from distill.labeling.gold_quality import GoldQuality


def quality_command(
    recipe_name: str, changes: Sequence[str], *, with_dev: bool, show: int, seed: int, as_json: bool
) -> None:
    """Print how much of a data set's annotations is verified and linked, why the rest is not, and some to read."""
    from distill.labeling.gold_quality import gold_quality
    from runtime.solver.solver import Solver

    recipe = read_recipe(recipe_name, changes)
    if recipe.teacher != "gold":
        raise InputError(f"teacher {recipe.teacher!r} has no annotations to measure; expected: gold")
    training = training_problems(recipe)
    problems = [*training.problems, *(_dev(recipe) if with_dev else ())]
    with progress_bar("annotations") as bar, Solver() as solver:
        found = gold_quality(problems, solver, lambda read: bar(read, len(problems), ""))
    row = quality_row(found, f"{recipe.data} train{' and dev' if with_dev else ''}")
    if as_json:
        print(json.dumps(row))
        return
    for line in (*_lines(row), *_shown(found, show, seed)):
        print(line)


def _dev(recipe: Recipe) -> Iterable[Problem]:
    """The dev problems: for how well annotations read, never for training."""
    if ScoringSplit.DEV not in splits_of(recipe.data):
        raise InputError(f"{recipe.data} has no dev split; expected: without --with-dev")
    return draw(recipe.data, ScoringSplit.DEV, 0, recipe.seed)[0]


def quality_row(found: "GoldQuality", name: str) -> dict[str, Any]:
    """Every figure by name."""
    quality = found.quality
    return {
        "data": name,
        "problems": found.problems,
        "verified": len(found.verified),
        "verified_share": round(len(found.verified) / max(1, found.problems), 4),
        "steps": quality.steps,
        "later_uses": quality.named + quality.copied + quality.either,
        "later_uses_by_name": quality.named,
        "linked_share": round(quality.linked, 4),
        "bare_literals": len(quality.bare),
        "numbered_names": quality.numbered,
        "bad_names": len(quality.misnamed),
        "left_out": found.reasons,
    }


def _lines(row: dict[str, Any]) -> Iterator[str]:
    yield f"{row['data']}: {row['problems']:,} problems"
    yield f"  verified as equations and as program   {row['verified']:,} ({_percent(row['verified_share'])})"
    yield (
        f"  later uses of a result by its name     {row['later_uses_by_name']:,} of {row['later_uses']:,} "
        f"({_percent(row['linked_share'])})"
    )
    yield f"  literals that nothing explains         {row['bare_literals']}"
    yield f"  names of {row['steps']:,} steps: numbered {row['numbered_names']}, reserved or too long {row['bad_names']}"
    for reason, count in row["left_out"].items():
        yield f"  left out {count}: {reason}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _shown(found: "GoldQuality", count: int, seed: int) -> Iterator[str]:
    """Some verified annotations in full, for a person to read; the seed is said, so that they can be drawn again."""
    if not count:
        return
    chosen = random.Random(seed).sample(found.verified, min(count, len(found.verified)))
    say(f"{len(chosen)} verified annotations, seed {seed}")
    for problem, annotation in chosen:
        yield ""
        yield printable(f"{problem.id}  {problem.question}")
        yield printable(
            f"  as annotated: {problem.equation or ' | '.join((problem.solution or '').splitlines())}"
        )
        for step in annotation.steps:
            yield f"    {step.name} = {step.expression}"
