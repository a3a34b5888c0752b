"""The picture of several training runs: dev accuracy over tokens, one line a run."""

from collections.abc import Sequence
from pathlib import Path

from distill.training.report.picture import QUIET, draw_accuracy, dress, panels_over_tokens
from distill.training.report.run_comparison import TrainingRun
from runtime.values.errors import InputError
from runtime.values.files import whole_file

COLORS = ("#1f6feb", "#d1730b", "#2da44e", "#8250df", "#cf222e", "#0a7ea4", "#9a6700", "#57606a")
MARKERS = "osD^vPX*"


def draw_runs(runs: Sequence[TrainingRun], path: Path, title: str) -> None:
    """Write the picture as PNG; raises InputError where no run has measured dev accuracy, or there are too many."""
    measured = [run for run in runs if run.dev]
    if not measured or len(measured) > len(COLORS):
        raise InputError(
            f"{len(measured)} of these runs measured dev accuracy; expected in a picture: 1 to {len(COLORS)}, "
            "trained with train.snapshot_steps and train.dev_problems"
        )
    figure, (axes,) = panels_over_tokens(4.2, 1, title)
    width = max(row.tokens for run in measured for row in run.dev)
    for place, run in enumerate(measured):
        # Side by side, so that no interval hides another.
        aside = 0.006 * width * (place - (len(measured) - 1) / 2)
        style = {"color": COLORS[place], "marker": MARKERS[place], "linewidth": 1.6, "label": run.name}
        draw_accuracy(axes, run.dev, aside, **style)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=QUIET, loc="upper left")
    counts = sorted({row.n for run in measured for row in run.dev})
    dress(axes, f"right dev answers, % (n = {', '.join(map(str, counts))}, bars: 95 % interval)")
    with whole_file(path) as partial:
        figure.savefig(partial, format="png")
