"""The picture of several training runs: dev accuracy over tokens, one line a run."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.scoring.statistics import wilson
from distill.training.report.picture import INK, QUIET, dress
from distill.training.report.run_comparison import TrainingRun
from runtime.values.errors import InputError
from runtime.values.files import whole_file

COLOURS = ("#1f6feb", "#d1730b", "#2da44e", "#8250df", "#cf222e", "#0a7ea4", "#9a6700", "#57606a")
MARKERS = "osD^vPX*"


def draw_runs(runs: Sequence[TrainingRun], path: Path, title: str) -> None:
    """Write the picture as PNG; raises InputError where no run has measured dev accuracy, or there are too many."""
    measured = [run for run in runs if run.dev]
    if not measured or len(measured) > len(COLOURS):
        raise InputError(
            f"{len(measured)} of these runs measured dev accuracy; expected in a picture: 1 to {len(COLOURS)}, "
            "trained with train.snapshot_steps and train.dev_problems"
        )
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.2), dpi=150, facecolor="#ffffff", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title(title, loc="left", color=INK, fontsize=11, fontweight="bold")
    width = max(row.tokens for run in measured for row in run.dev)
    for place, run in enumerate(measured):
        shares = [100 * row.accuracy for row in run.dev]
        intervals = [wilson(row.right, row.n) for row in run.dev]
        errors = (
            [share - 100 * one.low for share, one in zip(shares, intervals, strict=True)],
            [100 * one.high - share for share, one in zip(shares, intervals, strict=True)],
        )
        # Side by side, so that no interval hides another.
        aside = 0.006 * width * (place - (len(measured) - 1) / 2)
        axes.errorbar(
            [row.tokens + aside for row in run.dev], shares, yerr=errors, color=COLOURS[place],
            marker=MARKERS[place], markersize=5, linewidth=1.6, elinewidth=0.8, capsize=2, label=run.name,
        )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=QUIET, loc="upper left")
    counts = sorted({row.n for run in measured for row in run.dev})
    dress(axes, f"right dev answers, % (n = {', '.join(map(str, counts))}, bars: 95 % interval)")
    axes.set_xlabel("tokens learned from, padding not counted", color=QUIET, fontsize=9)
    with whole_file(path) as partial:
        figure.savefig(partial, format="png")
