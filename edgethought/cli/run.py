"""What `edgethought quickstart` and `edgethought run` do."""

import sys
from collections.abc import Sequence
from pathlib import Path

from edgethought.cli.table_printing import print_table
from edgethought.stages.progress import say, stoppable
from edgethought.stages.recipe import read_arms, read_recipe
from edgethought.stages.running.pipeline import run_recipe
from edgethought.stages.running.preflight import check_recipe
from edgethought.stages.running.run_folder import RUN_FILE
from runtime.values.files import check_own_folder


def run_command(name: str, changes: Sequence[str], out: Path | None) -> None:
    """Run a recipe, print its result table, and say where everything is."""
    recipe = read_recipe(name, changes)
    stem = Path(name).stem
    folder = out or Path("runs") / stem
    check_own_folder(folder, [RUN_FILE])
    check_recipe(recipe)
    with stoppable(f"nothing finished is lost in {folder}, the same command goes on from there"):
        report = run_recipe(stem, recipe, folder, command=["edgethought", *sys.argv[1:]])
    print(_summary(report.read_text(encoding="utf-8")))
    say(f"\nReport: {folder / 'report.html'}   picture: {folder / 'frontier.png'}")
    say('Now try: edgethought solve "A train goes 60 miles an hour. How many miles does it go in 3 hours?"')


def ablate_command(
    name: str, vary: str, changes: Sequence[str], *, seeds: int, tokens: int, hours: float, out: Path | None
) -> None:
    """Compare the arms of a recipe, and print the tables; a stop loses nothing finished."""
    from edgethought.stages.running.ablation import REPORT, SETTINGS, Ablation, run_ablation

    # What is chosen by must not be a test split, unless somebody says so.
    arms = read_arms(name, ["score.split=dev", *changes], vary)
    stem = Path(name).stem
    folder = out or Path("runs") / f"{stem}-ablation"
    check_own_folder(folder, [SETTINGS])
    for recipe in arms.values():
        check_recipe(recipe)
    with stoppable(f"nothing finished is lost in {folder}, the same command goes on from there"):
        tables = run_ablation(Ablation(stem, arms, seeds, tokens, hours, folder))
    for table in tables:
        print_table(table)
    say(f"\nTables: {folder / REPORT}.md")


def _summary(markdown: str) -> str:
    """The report from its title to the end of the first table."""
    kept: list[str] = []
    for line in markdown.splitlines():
        if kept and kept[-1].startswith("|") and not line.startswith("|"):
            break
        if not line.startswith("!["):
            kept.append(line)
    return "\n".join(kept).strip()
