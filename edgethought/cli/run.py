"""What `edgethought quickstart` and `edgethought run` do."""

import sys
from collections.abc import Sequence
from pathlib import Path

from edgethought.stages.pipeline import run_recipe
from edgethought.stages.preflight import check_recipe
from edgethought.stages.progress import say
from edgethought.stages.recipe import read_recipe


def run_command(name: str, changes: Sequence[str], out: Path | None) -> None:
    """Run a recipe, print its result table, and say where everything is."""
    recipe = read_recipe(name, changes)
    stem = Path(name).stem
    check_recipe(recipe)
    folder = out or Path("runs") / stem
    try:
        report = run_recipe(stem, recipe, folder, command=["edgethought", *sys.argv[1:]])
    except KeyboardInterrupt as stop:
        say(f"stopped; nothing finished is lost in {folder}, the same command goes on from there")
        # Said already; 130 is what Ctrl-C ends a command with.
        raise SystemExit(130) from stop
    print(_summary(report.read_text(encoding="utf-8")))
    say(f"\nReport: {folder / 'report.html'}   picture: {folder / 'frontier.png'}")
    say('Now try: edgethought solve "A train goes 60 miles an hour. How many miles does it go in 3 hours?"')


def _summary(markdown: str) -> str:
    """The report from its title to the end of the first table."""
    kept: list[str] = []
    for line in markdown.splitlines():
        if kept and kept[-1].startswith("|") and not line.startswith("|"):
            break
        if not line.startswith("!["):
            kept.append(line)
    return "\n".join(kept).strip()
