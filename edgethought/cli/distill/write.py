"""What `edgethought distill write` does."""

from collections.abc import Sequence
from pathlib import Path

from edgethought.stages.asking.write import write_stage
from edgethought.stages.progress import stoppable
from edgethought.stages.recipe import read_recipe


def write_command(kind: str, name: str, changes: Sequence[str], out: Path) -> None:
    """Have a teacher write new problems or notes, and print what came of it."""
    with stoppable(f"the same command goes on, {out} keeps what there is"):
        report = write_stage(kind, read_recipe(name, changes), out)
    before = f" ({report.before:,} of them an earlier run's)" if report.before else ""
    print(f"{out}: {report.rows:,} of {kind} about {report.problems:,} problems{before}")
    for reason, count in report.dropped.items():
        print(f"  dropped {count}: {reason}")
