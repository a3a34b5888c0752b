"""What `edgethought distill label`, `verify`, `train` and `compare` do."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rewriting.rewriting import OF
from edgethought.cli.table_printing import print_table
from edgethought.stages.label import label_recipe
from edgethought.stages.problems import training_problems
from edgethought.stages.progress import say, stoppable
from edgethought.stages.recipe import read_recipe, source_recipe
from edgethought.stages.train import check_training, train_stage
from runtime.values.errors import InputError

if TYPE_CHECKING:
    from distill.labeling.annotate import LabelReport
    from distill.training.loop import TrainReport


def label_command(name: str, changes: Sequence[str], out: Path) -> None:
    """Write a rationale set and print what became of the problems."""
    recipe = read_recipe(name, changes)
    for part in recipe.parts() or [recipe]:
        if next(iter(training_problems(part).problems), None) is None:
            raise InputError(f"{part.data} has no training problems; expected: data with at least one")
    with stoppable("the same command goes on"):
        report = label_recipe(recipe, out)
        print_report(report, _by_kind(report) if recipe.teacher == "symbolic" else ())


def verify_command(source: str, name: str, changes: Sequence[str], out: Path) -> None:
    """Verify stored rationales of every thought into a rationale set, and print what became of them."""
    print_report(label_recipe(source_recipe(name, source, "replay", changes), out, scored=False))


def print_report(report: "LabelReport", lines: Iterable[str] = ()) -> None:
    """What became of the problems of a rationale set, and `lines` of whoever wrote it."""
    if report.resumed and report.resumed == report.problems:
        say("all problems were decided already")
    elif report.resumed:
        say(f"went on after {report.resumed} problems that an earlier run had decided")
    print(f"{report.folder}: {report.rows} verified rationales of {report.problems} problems")
    print(f"  compared with {report.held_out} test questions")
    for line in lines:
        print(line)
    for reason, count in sorted(report.dropped.items(), key=lambda item: -item[1]):
        print(f"  dropped {count}: {reason}")
    if report.dropped.get("license"):
        print(
            "  license: none that may train a student that ships; expected: --set policy=research, or, of rows of your "
            "own, a field `license` such as MIT"
        )
    if report.dropped.get("text_license"):
        print(
            "  text_license: texts whose license trains no student that ships; expected: --set policy=research, and "
            "another --out"
        )
    if report.near_duplicates:
        print(f"  marked: holds siblings of {', '.join(report.near_duplicates)} test questions")


def _by_kind(report: "LabelReport") -> Iterator[str]:
    """For rewritten problems how many of each kind there are, and why the others are not."""
    for row in report.data_sets:
        if OF not in row["data_set"]:
            continue
        declined = {
            name.partition(":")[2]: count
            for name, count in row["dropped"].items()
            if name.startswith("problem:")
        }
        made = row["problems"] - sum(declined.values())
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in declined.items())
        share = 100 * made / max(1, row["problems"])
        kind = row["data_set"].rpartition(OF)[2]
        yield f"  {kind}: {made:,} of {row['problems']:,} ({share:.1f} %)" + (
            f"; not: {reasons}" if reasons else ""
        )


def train_command(rationales: Path, name: str, changes: Sequence[str], out: Path) -> None:
    """Train on a rationale set and print what was done."""
    recipe = read_recipe(name, changes)
    check_training(recipe, out)
    with stoppable(f"the same command goes on from the last state in {out}"):
        report = train_stage(rationales, recipe, out)
    if report:
        print_training(report, out)


def print_training(report: "TrainReport", out: Path) -> None:
    """What was learned, how fast, and where it lies."""
    print(
        f"{report.checkpoint}: {report.examples} examples, {report.steps} steps, {report.tokens:,} tokens in "
        f"{report.seconds:.0f} s ({report.tokens_per_second:.0f} a second), last loss {report.final_loss:.3f}"
    )
    dev = "" if report.dev_n is None else f", {report.dev_right} of {report.dev_n} dev problems right"
    print(f"  weights: {report.weights}{dev}")
    print(
        f"  card: {report.checkpoint}/README.md   picture: {out / 'training.png'}   rows: {out / 'metrics.jsonl'}"
    )


def compare_command(folders: Sequence[Path], picture: Path | None, title: str, *, as_json: bool) -> None:
    """Print runs side by side, and draw them where a picture is asked for."""
    from distill.training.report.comparison_picture import draw_runs
    from distill.training.report.run_comparison import read_run, run_table

    runs = [read_run(folder) for folder in folders]
    if picture:
        draw_runs(runs, picture, title)
    print_table(run_table(runs), as_json=as_json)
