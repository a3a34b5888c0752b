"""The label stage: a recipe's problems become a set of verified rationales."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distill.teachers.openai.asker import BudgetSpent
from edgethought.stages.problems import Training, held_out, joined_sets, source_name, training_problems
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe
from edgethought.stages.teachers import CHAT_TEACHERS, asked, remote_teacher
from runtime.values.errors import WorkFailed
from runtime.values.pace import Step

if TYPE_CHECKING:
    from distill.labeling.annotate import LabelReport, Progress
    from distill.labeling.stats import LabelStats
    from distill.teachers import Teacher
    from distill.teachers.chat.model import StoredModel

REASONS_SHOWN = 3


def label_recipe(recipe: Recipe, out: Path, *, scored: bool = True) -> "LabelReport":
    """Write the rationale set of a recipe, with a progress bar; a run that was killed goes on.

    Without `scored` the test questions that are there count, and those of the recipe's own tasks may be missing.
    """
    if recipe.sources:
        return _label_each(recipe, out, scored=scored)
    if recipe.teacher in CHAT_TEACHERS:
        return _label_remotely(recipe, out, scored=scored)
    return _label_here(recipe, training_problems(recipe), out, scored=scored)


def _label_each(recipe: Recipe, out: Path, *, scored: bool) -> "LabelReport":
    """A set for each source beside `out`, and one of them all in it, for which every row is verified again."""
    folders = []
    for number, part in enumerate(recipe.parts(), start=1):
        folders.append(out.with_name(f"{out.name}.sources") / f"{number}-{source_name(part.data)}")
        folders[-1].parent.mkdir(parents=True, exist_ok=True)
        report = label_recipe(part, folders[-1], scored=scored)
        say(f"    {folders[-1].name}: {report.rows:,} verified rationales of {report.problems:,} problems")
    return _label_here(recipe, joined_sets(folders), out, scored=scored)


def label_joined(recipe: Recipe, sources: Sequence[Path], out: Path) -> "LabelReport":
    """One set of what several sets or files of rationales hold, every row verified again, without repeats."""
    stored = recipe.model_copy(update={"teacher": "replay"})
    return _label_here(stored, joined_sets(sources), out, scored=True)


def _label_here(recipe: Recipe, training: Training, out: Path, *, scored: bool) -> "LabelReport":
    with progress_bar("rationales") as bar:

        def show(counts: "LabelStats") -> None:
            bar(counts.problems, training.total, f"{counts.rows} verified")

        rewritten = (
            {"symbolic": recipe.symbolic.model_dump(mode="json")} if recipe.teacher == "symbolic" else None
        )
        return _label(recipe, training, training.teacher, out, scored=scored, progress=show, asked=rewritten)


def _label(
    recipe: Recipe,
    training: Training,
    teacher: "Teacher",
    out: Path,
    *,
    scored: bool,
    progress: "Progress",
    asked: Mapping[str, Any] | None = None,
) -> "LabelReport":
    from distill.labeling.annotate import label

    return label(
        training.problems,
        teacher,
        recipe.thoughts,
        out,
        against=held_out(recipe, scored=scored),
        policy=recipe.policy,
        near_duplicates=recipe.near_duplicates,
        task=training.task,
        progress=progress,
        asked=asked,
    )


def _label_remotely(recipe: Recipe, out: Path, *, scored: bool) -> "LabelReport":
    """The same with a model to be asked, which takes time or money: both are told."""
    terms = asked(recipe)
    training = training_problems(recipe)
    with progress_bar("rationales") as bar:
        shown = LabelProgress(bar, training)
        with remote_teacher(recipe, out, shown.show) as (teacher, model):
            shown.told = model.told
            try:
                report = _label(
                    recipe, training, teacher, out, scored=scored, progress=shown.update, asked=terms
                )
            except BudgetSpent as error:
                raise WorkFailed(
                    f"{error}; {_kept(shown, model)}; expected: the same call with more of openai.budget_usd or "
                    "openai.budget_tokens, which goes on and asks for none of them again"
                ) from error
            except KeyboardInterrupt:
                say(f"{model.name}: {model.told()}; {_kept(shown, model)}")
                raise
            told, left_out = model.told(), ", ".join(model.left_out)
    say(f"{model.name}: {told}" + (f"; the server does not take {left_out}" if left_out else ""))
    return report


def _kept(shown: "LabelProgress", model: "StoredModel") -> str:
    """What a stop loses nothing of: replies are kept one by one, problems are decided many at a time."""
    return (
        f"{model.replies:,} replies are kept in {model.folder}, {shown.read:,} of {shown.total:,} problems are "
        "decided so far"
    )


class LabelProgress:
    """What a run shows of itself: problems decided, rationales verified, requests, cost, and why texts were dropped."""

    def __init__(self, bar: Step, training: Training) -> None:
        self._bar, self.total = bar, training.total
        self.told: Callable[[], str] = lambda: ""
        self.read = 0
        self._verified = ""

    def update(self, counts: "LabelStats") -> None:
        """Take over the counts, and show them."""
        reasons = list(counts.dropped_by_reason().items())
        dropped = ", ".join(f"{reason} {count}" for reason, count in reasons[:REASONS_SHOWN])
        self.read = counts.problems
        self._verified = f"{counts.rows} verified" + (f", dropped: {dropped}" if dropped else "")
        self.show()

    def show(self) -> None:
        """Show what is known now."""
        self._bar(self.read, self.total, "; ".join(filter(None, [self._verified, self.told()])))
