"""What `edgethought distill trim` does: count the tokens of a corpus, cut the base down to them, say what it costs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tasks.catalogue import TASKS
from benchmarks.tasks.leakage import is_here
from benchmarks.tasks.licenses import permitted
from benchmarks.tasks.loading import is_file, load_scoring
from benchmarks.tasks.splits import ScoringSplit
from distill.labeling.filters import Decontamination
from edgethought.stages.problems import held_out, training_problems
from edgethought.stages.progress import progress_bar, say
from edgethought.stages.recipe import Recipe, source_recipe
from edgethought.stages.tasks import is_task, training_tasks_here
from runtime.values.errors import InputError
from runtime.values.rationale import Rationale

if TYPE_CHECKING:
    from export.checkpoint import CheckpointCard


def trim_like_command(base: str, like: Path, *, out: Path) -> None:
    """Trim a base to the tokens of a list and print what is left."""
    from export.bases.base import base_checkpoint, check_base
    from export.trim.kept import read_kept, trim_like

    check_base(base)
    kept = read_kept(like)
    whole = base_checkpoint(base)
    _print_card(trim_like(whole, kept, out), whole, out)


def trim_command(
    base: str,
    sources: Sequence[str],
    name: str,
    changes: Sequence[str],
    *,
    first_merges: int,
    out: Path,
    keep_list: Path | None = None,
) -> None:
    """Trim a base (a name or a checkpoint folder) to a corpus and print what is left and what it covers."""
    from export.bases.base import base_checkpoint, check_base
    from export.trim.base import trim_base
    from export.trim.kept import kept_of

    check_base(base)
    if first_merges < 0:
        raise InputError(f"--first-merges {first_merges}; expected: 0 or more")
    recipes = [_recipe(source, name, changes) for source in sources or training_tasks_here()]
    whole = base_checkpoint(base)
    card = trim_base(whole, corpus_texts(recipes), out, first_merges=first_merges)
    if keep_list is not None:
        kept_of(out, whole).save(keep_list)
    _print_card(card, whole, out)
    _print_coverage(whole, out)


def _recipe(source: str, name: str, changes: Sequence[str]) -> Recipe:
    """A source as a recipe names it: a task or a file of problems by its annotations, else by replay."""
    written = is_task(source) or is_file(source)
    return source_recipe(name, source, "gold" if written else "replay", changes)


def corpus_texts(recipes: Sequence[Recipe]) -> Iterator[str]:
    """Prompts and rationales of every recipe's training problems, less what its licence policy or a test forbids.

    No solver is asked: a rationale that misses its answer still shows the words that rationales use.
    """
    from export.trim.base import question_texts

    judge = Decontamination(held_out(recipes[0], scored=False), "drop")
    for recipe in recipes:
        training = training_problems(recipe)
        read = kept = 0
        with progress_bar(recipe.data) as bar:
            for problem in training.problems:
                read += 1
                bar(read, training.total, "")
                if not problem.question or not permitted(problem.license, recipe.policy):
                    continue
                if not isinstance(judge.judge(problem.question, training.task), str):
                    continue
                kept += 1
                yield from question_texts(problem.question)
                for row in training.teacher.annotate(problem, recipe.thoughts):
                    if isinstance(row, Rationale) and permitted(
                        row.license or problem.license, recipe.policy
                    ):
                        yield row.text.rstrip()
        say(
            f"  {recipe.data}: {kept:,} of {read:,} problems count (policy {recipe.policy}, no test question)"
        )


def _print_card(card: "CheckpointCard", whole: Path, out: Path) -> None:
    from export.checkpoint import WEIGHTS_FILE

    assert card.trimmed is not None
    before, after = ((folder / WEIGHTS_FILE).stat().st_size / 1e6 for folder in (whole, out))
    print(
        f"{out}: {card.title}, {card.trimmed.tokens:,} of {card.trimmed.whole_tokens:,} tokens, "
        f"{after:.0f} MB of weights where the whole has {before:.0f}"
    )


def _print_coverage(whole: Path, out: Path) -> None:
    """How held-out questions fare. They are counted only here, after the choice."""
    from export.trim.base import coverage

    for task, entry in TASKS.items():
        if ScoringSplit.DEV in entry.splits and is_here(entry.splits[ScoringSplit.DEV]):
            questions = [problem.question for problem in load_scoring(task, ScoringSplit.DEV)]
            found = coverage(questions, whole, out)
            more = (found.tokens_after - found.tokens_before) / found.questions
            print(
                f"  {task} dev: {found.changed:,} of {found.questions:,} questions have other tokens, "
                f"{more:.2f} more a question (of {found.tokens_before / found.questions:.0f})"
            )
