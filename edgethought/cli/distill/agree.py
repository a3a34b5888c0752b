"""What `edgethought distill agree` does."""

from collections.abc import Sequence
from pathlib import Path

from edgethought.cli.distill.train import print_report
from edgethought.cli.table_printing import print_table
from edgethought.stages.asking.agree import CALIBRATION_FILE, Agreement, agree_stage
from edgethought.stages.progress import stoppable
from edgethought.stages.recipe import read_recipe


def agree_command(wanted: Agreement, name: str, changes: Sequence[str], out: Path) -> None:
    """Have teachers vote on the answers of questions, and print what they agree on and how far that is to be trusted."""
    with stoppable("the same command goes on, and asks for no reply again"):
        report = agree_stage(wanted, read_recipe(name, changes), out)
    if report.calibration is not None:
        print_table(report.calibration.table())
        print(f"{out / CALIBRATION_FILE}: the same as JSON")
    print(f"kept where {report.share:.3f} of the samples agree")
    print_report(report.labeled)
