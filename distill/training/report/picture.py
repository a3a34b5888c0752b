"""The picture of a training run: loss over tokens, and below it dev accuracy where it was measured."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.scoring.statistics import wilson
from distill.training.report.metrics import Metrics
from runtime.values.files import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PICTURE_FILE = "training.png"
INK, QUIET, GRID, LINE, FAINT = "#1b1f24", "#5b6470", "#e3e6ea", "#1f6feb", "#b9d2f8"
# A mean over this share of the run shows where the loss goes; single steps hide it.
SMOOTHED_SHARE = 0.05


def draw_training(metrics: Metrics, path: Path, title: str) -> None:
    """Write the picture as PNG; nothing when no step was done."""
    if not metrics.steps:
        return
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = 2 if metrics.dev else 1
    figure = Figure(figsize=(7.2, 3.4 * panels), dpi=150, facecolor="#ffffff", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    axes[0].set_title(title, loc="left", color=INK, fontsize=11, fontweight="bold")
    _draw_loss(axes[0], metrics)
    if metrics.dev:
        _draw_dev(axes[1], metrics)
    axes[-1].set_xlabel("tokens learned from, padding not counted", color=QUIET, fontsize=9)
    with whole_file(path) as partial:
        figure.savefig(partial, format="png")


def running_mean(values: Sequence[float], width: int) -> list[float]:
    """The mean of the last `width` values at every place, of fewer at the beginning."""
    means, total = [], 0.0
    for index, value in enumerate(values):
        total += value - (values[index - width] if index >= width else 0.0)
        means.append(total / min(index + 1, width))
    return means


def _draw_loss(axes: "Axes", metrics: Metrics) -> None:
    tokens, seen = [], 0
    for row in metrics.steps:
        seen += row.tokens
        tokens.append(seen)
    losses = [row.loss for row in metrics.steps]
    width = max(1, round(SMOOTHED_SHARE * len(losses)))
    axes.plot(tokens, losses, color=FAINT, linewidth=0.8)
    axes.plot(tokens, running_mean(losses, width), color=LINE, linewidth=1.8)
    axes.set_ylim(bottom=0)
    dress(axes, f"loss, nats a label (mean of {width} steps)" if width > 1 else "loss, nats a label")


def _draw_dev(axes: "Axes", metrics: Metrics) -> None:
    for weights, colour, marker in (("snapshot", LINE, "o"), ("average", "#d1730b", "D")):
        rows = [row for row in metrics.dev if row.weights == weights]
        if not rows:
            continue
        shares = [100 * row.accuracy for row in rows]
        intervals = [wilson(row.right, row.n) for row in rows]
        low = [share - 100 * one.low for share, one in zip(shares, intervals, strict=True)]
        high = [100 * one.high - share for share, one in zip(shares, intervals, strict=True)]
        # Beside the last snapshot and not on it.
        aside = 0.012 * metrics.tokens if weights == "average" else 0.0
        tokens = [row.tokens + aside for row in rows]
        axes.errorbar(
            tokens, shares, yerr=(low, high), color=colour, marker=marker, markersize=5, linewidth=1.4,
            elinewidth=0.8, capsize=2, label=f"{weights}s" if weights == "snapshot" else "averaged weights",
        )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=QUIET)
    dress(axes, f"right dev answers, % (n = {metrics.dev[0].n}, bars: 95 % interval)")


def dress(axes: "Axes", label: str) -> None:
    """Name the vertical axis and quieten the rest."""
    axes.set_ylabel(label, color=QUIET, fontsize=8.5)
    axes.grid(True, color=GRID, linewidth=0.7)
    axes.tick_params(colors=QUIET, labelsize=8.5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GRID)
