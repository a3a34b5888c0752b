"""What `edgethought distill confidence` does."""

from pathlib import Path

from benchmarks.tasks.table import Table
from edgethought.cli.table_printing import print_table
from edgethought.stages.asking.confidence import Answering, confidence_stage
from edgethought.stages.progress import stoppable
from runtime.answering.confidence import CONFIDENCE_FILE


def confidence_command(artifact: Path | None, answering: Answering, out: Path, *, as_json: bool) -> None:
    """Fit how sure an artifact is of its answers, and print how well that holds on answers it was not fitted on."""
    with stoppable(f"the same command goes on, {out} keeps what there is"):
        folder, name, fit = confidence_stage(artifact, answering, out)
    bins = Table(
        "solved answers in tenths, by confidence",
        ("confidence", "right", "answers"),
        tuple((f"{mean:.3f}", f"{share:.3f}", str(count)) for mean, share, count in fit.bins),
        texts=0,
    )
    coverage = Table(
        "only the surest answered",
        ("answered", "right of them"),
        tuple((f"{share:.0%}", f"{right:.1%}") for share, right in fit.coverage),
        texts=0,
    )
    for table in (bins, coverage):
        print_table(table, as_json=as_json)
    if not as_json:
        print(f"{name}: {fit.right:,} of {fit.n:,} problems right, {fit.solved:,} solved")
        print(
            f"expected calibration error {fit.ece:.3f}, AUC {fit.auc:.3f}, of answers that were not fitted on"
        )
        print(f"{folder / CONFIDENCE_FILE}: `solve --min-confidence` abstains by it")
