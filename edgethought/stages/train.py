"""The training stage: a rationale set becomes a checkpoint, chosen by dev problems where a recipe asks for it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tasks.licenses import Policy, permitted
from benchmarks.tasks.splits import ScoringSplit
from distill.training.checkpoints.dev_accuracy import Dev
from distill.training.settings import TrainSettings
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe
from edgethought.stages.tasks import draw
from runtime.values.errors import InputError
from runtime.values.files import check_own_folder
from runtime.values.rationale import Rationale

if TYPE_CHECKING:
    from distill.training.loop import TrainReport


def train_stage(rationales: Path, recipe: Recipe, out: Path) -> "TrainReport | None":
    """Train on a rationale set, with a progress bar; a run that was killed goes on.

    Under `accelerate launch` every process calls this, the main one alone shows progress and returns a report.
    """
    from distill.labeling.rationale_set import read_rationales, set_near_duplicates

    return train_rows(read_rationales(rationales), recipe, out, set_near_duplicates(rationales))


def train_rows(
    rows: Iterable[Rationale], recipe: Recipe, out: Path, near_duplicates: Sequence[str] = ()
) -> "TrainReport | None":
    """The same of rationales that are no set, as `distill prefer` has them."""
    from distill.training.distributed.processes import open_distributed
    from distill.training.loop import train
    from export.checkpoint import require_build

    require_build()
    check_teacher(recipe.train, recipe.policy)
    distributed = open_distributed()
    with progress_bar("steps", shown=distributed.main) as bar:
        report = train(
            rows,
            recipe.train,
            out,
            near_duplicates=near_duplicates,
            dev=dev_problems(recipe),
            distributed=distributed,
            progress=bar,
            say=(lambda line: say(f"    {line}")) if distributed.main else lambda line: None,
        )
    return report if distributed.main else None


def check_training(recipe: Recipe, out: Path) -> None:
    """Raise InputError for a base, an adapter or a teacher that is not here, and for a folder that holds other things."""
    from distill.training.loop import LEFT
    from distill.training.plan import first_adapter
    from export.bases.base import check_base

    check_own_folder(out, LEFT)
    check_base(recipe.train.base)
    first_adapter(recipe.train)
    check_teacher(recipe.train, recipe.policy)


def check_teacher(settings: TrainSettings, policy: Policy) -> None:
    """Raise InputError where the teacher whose logits are learned from is not here, or its license is no policy's."""
    from export.bases.base import check_base

    if not settings.teacher:
        return
    license = check_base(settings.teacher)
    if not permitted(license, policy):
        raise InputError(
            f"train.teacher {settings.teacher} is under {license!r}, which trains no student that is shipped; expected: "
            "--set policy=research, or another teacher"
        )


def dev_problems(recipe: Recipe) -> Dev | None:
    """The dev problems that snapshots answer, drawn by the recipe's seed; None where none are asked for.

    `distill label` has dropped every training row that equals one. Raises InputError when the task has no dev split here.
    """
    count, task = recipe.train.dev_problems, recipe.train.dev_task
    if not count:
        return None
    problems = list(draw(task, ScoringSplit.DEV, count, recipe.seed)[0])
    if not problems:
        raise InputError(f"train.dev_task {task} has no dev problems; expected: a task with at least one")
    return Dev(problems, recipe.score.mode)
