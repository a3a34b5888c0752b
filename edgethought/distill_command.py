"""What `edgethought distill label` and `edgethought distill train` do."""

from collections.abc import Sequence
from pathlib import Path

from edgethought.problems import test_questions, training_problems
from edgethought.progress import progress_bar
from edgethought.recipe import read_recipe


def label_command(name: str, changes: Sequence[str], out: Path) -> None:
    """Write a rationale set and print what became of the problems."""
    from distill.label import label

    recipe = read_recipe(name, changes)
    problems, teacher = training_problems(recipe)
    with progress_bar("rationales") as bar:
        report = label(
            problems,
            teacher,
            recipe.thoughts,
            out,
            against=test_questions(recipe),
            policy=recipe.policy,
            progress=lambda read, rows: bar(read, len(problems), f"{rows} verified"),
        )
    print(f"{out}: {report.rows} verified rationales of {report.problems} problems")
    for reason, count in sorted(report.dropped.items(), key=lambda item: -item[1]):
        print(f"  dropped {count}: {reason}")


def train_command(rationales: Path, name: str, changes: Sequence[str], out: Path) -> None:
    """Train on a rationale set and print what was done."""
    from distill.rationales import read_rationales
    from distill.train import train

    recipe = read_recipe(name, changes)
    with progress_bar("steps") as bar:
        report = train(read_rationales(rationales), recipe.train, out, progress=bar)
    print(
        f"{report.checkpoint}: {report.examples} examples, {report.steps} steps, {report.tokens:,} tokens in "
        f"{report.seconds:.0f} s ({report.tokens_per_second:.0f} a second), last loss {report.final_loss:.3f}"
    )
