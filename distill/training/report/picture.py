"""The picture of a training run: loss over tokens, and below it dev accuracy where it was measured."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.scoring.statistics import wilson
from distill.training.report.metrics import DevRow, Metrics
from runtime.values.files import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURE_FILE = "training.png"
INK, QUIET, GRID, LINE, FAINT = "#1b1f24", "#5b6470", "#e3e6ea", "#1f6feb", "#b9d2f8"
# A mean over this share of the run shows where the loss goes; single steps hide it.
SMOOTHED_SHARE = 0.05


def draw_training(metrics: Metrics, path: Path, title: str) -> None:
    """Write the picture as PNG; nothing when no step was done."""
    if not metrics.steps:
        return
    panels = 2 if metrics.dev else 1
    figure, axes = panels_over_tokens(3.4 * panels, panels, title)
    _draw_loss(axes[0], metrics)
    if metrics.dev:
        _draw_dev(axes[1], metrics)
    with whole_file(path) as partial:
        figure.savefig(partial, format="png")


def panels_over_tokens(height: float, panels: int, title: str) -> tuple["Figure", Sequence["Axes"]]:
    """A figure `height` inches high, with panels over one axis of tokens."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, height), dpi=150, facecolor="#ffffff", layout="constrained")
    FigureCanvasAgg(figure)
    axes = list(figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0])
    axes[0].set_title(title, loc="left", color=INK, fontsize=11, fontweight="bold")
    axes[-1].set_xlabel("tokens learned from, padding not counted", color=QUIET, fontsize=9)
    return figure, axes


def draw_accuracy(axes: "Axes", rows: Sequence[DevRow], aside: float, **style: Any) -> None:
    """A line through dev accuracies with their 95 % intervals, `aside` tokens beside where it belongs."""
    shares = [100 * row.accuracy for row in rows]
    intervals = [wilson(row.right, row.n) for row in rows]
    low = [share - 100 * one.low for share, one in zip(shares, intervals, strict=True)]
    high = [100 * one.high - share for share, one in zip(shares, intervals, strict=True)]
    tokens = [row.tokens + aside for row in rows]
    axes.errorbar(tokens, shares, yerr=(low, high), markersize=5, elinewidth=0.8, capsize=2, **style)


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
    # The average stands beside the last snapshot and not on it.
    for weights, label, color, marker, aside in (
        ("snapshot", "snapshots", LINE, "o", 0.0),
        ("average", "averaged weights", "#d1730b", "D", 0.012 * metrics.tokens),
    ):
        rows = [row for row in metrics.dev if row.weights == weights]
        if rows:
            draw_accuracy(axes, rows, aside, color=color, marker=marker, linewidth=1.4, label=label)
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
