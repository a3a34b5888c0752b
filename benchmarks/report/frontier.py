"""The frontier picture: accuracy against time per answer, one panel a task, the best trade-offs joined by a line."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.report.findings import Entry, Findings
from benchmarks.report.labels import Box, Labeled, place_labels
from runtime.values.errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of the picture on a light or a dark page."""

    paper: str
    ink: str
    quiet: str
    grid: str
    best: str
    other: str


LIGHT = Theme("#ffffff", "#1b1f24", "#5b6470", "#e3e6ea", "#1f6feb", "#8a94a3")
DARK = Theme("#14171c", "#e8eaed", "#a3acb8", "#2b3038", "#6ea8fe", "#7c8694")
PANEL_INCHES = (7.2, 4.6)
DOTS_PER_INCH = 150
LINE_CHARACTERS = 36


def pareto(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that no other beats in both time and accuracy, from fastest to slowest."""
    best: list[Entry] = []
    for entry in sorted(entries, key=lambda entry: (_seconds(entry), -entry.score.accuracy)):
        if not best or entry.score.accuracy > best[-1].score.accuracy:
            best.append(entry)
    return best


def _seconds(entry: Entry) -> float:
    """Median seconds per answer; a microsecond at least, since the axis is logarithmic."""
    return max(entry.score.latency["total"].p50 / 1000, 1e-6)


def draw_frontier(findings: Findings, theme: Theme = LIGHT, tasks: Sequence[str] = ()) -> bytes:
    """The picture of these tasks (all by default) as PNG; raises MissingExtra without matplotlib."""
    figure, image = frontier_figure(findings, theme, tasks), io.BytesIO()
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure).print_png(image)
    return image.getvalue()


def frontier_figure(findings: Findings, theme: Theme = LIGHT, tasks: Sequence[str] = ()) -> "Figure":
    """The same as a figure, drawn and laid out."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra(
            "the frontier picture needs matplotlib: pip install 'edgethought[build]'"
        ) from error
    shown = tuple(tasks) or findings.tasks
    columns = min(len(shown), 2)
    rows = math.ceil(len(shown) / columns)
    size = (PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows)
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, facecolor=theme.paper, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in panels.flat[len(shown) :]:
        axes.set_visible(False)
    drawn = [(axes, findings.on(task), task) for axes, task in zip(panels.flat, shown, strict=False)]
    for axes, entries, task in drawn:
        _draw_panel(axes, entries, task, theme)
    # Labels go by pixels, so nothing may move any more once they are placed.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes, entries, _ in drawn:
        place_labels(axes, [_labeled(axes, entry) for entry in entries], theme.ink, theme.quiet)
    return figure


def _draw_panel(axes: "Axes", entries: list[Entry], task: str, theme: Theme) -> None:
    front = pareto(entries)
    _draw_axes(axes, entries, task, theme)
    axes.plot(
        [_seconds(entry) for entry in front],
        [100 * entry.score.accuracy for entry in front],
        color=theme.best,
        linewidth=1.4,
        alpha=0.55,
        zorder=2,
    )
    # Large points first, so that none hides a smaller one.
    for entry in sorted(entries, key=lambda entry: -entry.subject.bytes):
        _draw_point(axes, entry, theme.best if entry in front else theme.other, theme)


def _draw_axes(axes: "Axes", entries: list[Entry], task: str, theme: Theme) -> None:
    seconds = [_seconds(entry) for entry in entries]
    axes.set_facecolor(theme.paper)
    axes.set_xscale("log")
    # Room at the sides, so that labels fit, and never less than a factor of four across.
    middle = math.sqrt(min(seconds) * max(seconds))
    reach = max(2.0, math.sqrt(max(seconds) / min(seconds)) * 1.7)
    axes.set_xlim(middle / reach, middle * reach)
    lows = [100 * entry.score.interval.low for entry in entries]
    highs = [100 * entry.score.interval.high for entry in entries]
    pad = max(4.0, (max(highs) - min(lows)) * 0.18)
    axes.set_ylim(max(-3.0, min(lows) - pad), min(103.0, max(highs) + pad))
    counts = sorted({entry.score.n for entry in entries})
    n = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}"
    axes.set_title(f"{task}, {n}", loc="left", color=theme.ink, fontsize=12, fontweight="bold", pad=10)
    axes.set_xlabel("median time per answer (faster is left)", color=theme.quiet, fontsize=9.5)
    axes.set_ylabel("right answers, % (bars: 95 % interval)", color=theme.quiet, fontsize=9.5)
    _draw_ticks(axes, theme)


def _draw_ticks(axes: "Axes", theme: Theme) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: time_text(seconds)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(colors=theme.quiet, labelsize=9, length=3, which="both")
    axes.tick_params(which="minor", length=0)
    axes.grid(True, which="major", color=theme.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.grid)


def _labeled(axes: "Axes", entry: Entry) -> Labeled:
    x = _seconds(entry)
    left, low = axes.transData.transform((x, 100 * entry.score.interval.low))
    _, high = axes.transData.transform((x, 100 * entry.score.interval.high))
    label = "\n".join(map(_cut, _lines(entry.label)))
    facts = [f"{100 * entry.score.accuracy:.1f} %", time_text(x)]
    if entry.subject.bytes:
        facts.append(size_text(entry.subject.bytes))
    text = f"{label}\n{' · '.join(facts)}".replace("$", r"\$")
    return Labeled(text, (x, 100 * entry.score.accuracy), Box(left - 8, low - 4, left + 8, high + 4))


def _lines(label: str) -> list[str]:
    """A long label in two lines, the way of asking on the second."""
    name, comma, how = label.partition(", ")
    return [name + ",", how] if comma and len(label) > LINE_CHARACTERS else [label]


def _cut(line: str) -> str:
    return line if len(line) <= LINE_CHARACTERS else line[: LINE_CHARACTERS - 1] + "…"


def time_text(seconds: float) -> str:
    """A time for people: `80 ms`, `1.5 s`, `2 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} min"


def size_text(size: int) -> str:
    """A file's size for people: `92 MB`."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"


def _draw_point(axes: "Axes", entry: Entry, color: str, theme: Theme) -> None:
    score = entry.score
    accuracy = 100 * score.accuracy
    axes.errorbar(
        [_seconds(entry)],
        [accuracy],
        yerr=[[accuracy - 100 * score.interval.low], [100 * score.interval.high - accuracy]],
        color=color,
        elinewidth=1.3,
        capsize=3.5,
        alpha=0.7,
        zorder=3,
    )
    # The point's area grows with the artifact's bytes.
    area = 40 + 0.5 * min(entry.subject.bytes / 1e6, 800)
    axes.scatter(
        [_seconds(entry)], [accuracy], s=area, color=color, edgecolors=theme.paper, linewidths=1.2, zorder=4
    )
