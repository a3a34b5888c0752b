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
    """Colours of the picture."""

    paper: str
    ink: str
    quiet: str
    grid: str
    best: str
    other: str


THEME = Theme("#ffffff", "#1b1f24", "#5b6470", "#e3e6ea", "#1f6feb", "#8a94a3")
PANEL_INCHES = (7.2, 4.6)
DOTS_PER_INCH = 150
LINE_CHARACTERS = 36


def pareto(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that no other beats in both time and accuracy, from fastest to slowest."""
    best: list[Entry] = []
    for entry in sorted(entries, key=lambda entry: (seconds_of(entry), -entry.score.accuracy)):
        if not best or entry.score.accuracy > best[-1].score.accuracy:
            best.append(entry)
    return best


def seconds_of(entry: Entry) -> float:
    """Median seconds per answer; a microsecond at least, since the axis is logarithmic."""
    return max(entry.score.latency["total"].p50 / 1000, 1e-6)


def draw_frontier(findings: Findings) -> dict[str, bytes]:
    """The picture of all tasks as `png` and as `svg`; raises MissingExtra without matplotlib."""
    figure = frontier_figure(findings)
    return {kind: _drawn(figure, kind) for kind in ("png", "svg")}


def _drawn(figure: "Figure", kind: str) -> bytes:
    import matplotlib

    image = io.BytesIO()
    # Text stays text; ids and date are no part of the picture, so that the same figures are the same file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "edgethought"}):
        figure.savefig(
            image,
            format=kind,
            dpi=DOTS_PER_INCH,
            facecolor=figure.get_facecolor(),
            metadata={"Date": None} if kind == "svg" else None,
        )
    return image.getvalue()


def frontier_figure(findings: Findings) -> "Figure":
    """The same as a figure, drawn and laid out."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra(
            "the frontier picture needs matplotlib: pip install 'edgethought[build]'"
        ) from error
    shown = findings.tasks
    columns = min(len(shown), 2)
    rows = math.ceil(len(shown) / columns)
    size = (PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows)
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, facecolor=THEME.paper, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in panels.flat[len(shown) :]:
        axes.set_visible(False)
    drawn = [(axes, findings.on(task), task) for axes, task in zip(panels.flat, shown, strict=False)]
    for axes, entries, task in drawn:
        _draw_panel(axes, entries, task)
    # Labels go by pixels, so nothing may move any more once they are placed.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes, entries, _ in drawn:
        place_labels(axes, [_labeled(axes, entry) for entry in entries], THEME.ink, THEME.quiet)
    return figure


def _draw_panel(axes: "Axes", entries: list[Entry], task: str) -> None:
    front = pareto(entries)
    _draw_axes(axes, entries, task)
    axes.plot(
        [seconds_of(entry) for entry in front],
        [100 * entry.score.accuracy for entry in front],
        color=THEME.best,
        linewidth=1.4,
        alpha=0.55,
        zorder=2,
    )
    # Large points first, so that none hides a smaller one.
    for entry in sorted(entries, key=lambda entry: -entry.subject.bytes):
        _draw_point(axes, entry, THEME.best if entry in front else THEME.other)


def _draw_axes(axes: "Axes", entries: list[Entry], task: str) -> None:
    seconds = [seconds_of(entry) for entry in entries]
    axes.set_facecolor(THEME.paper)
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
    axes.set_title(f"{task}, {n}", loc="left", color=THEME.ink, fontsize=12, fontweight="bold", pad=10)
    axes.set_xlabel("median time per answer (faster is left)", color=THEME.quiet, fontsize=9.5)
    axes.set_ylabel("right answers, % (bars: 95 % interval)", color=THEME.quiet, fontsize=9.5)
    _draw_ticks(axes)


def _draw_ticks(axes: "Axes") -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: time_text(seconds)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(colors=THEME.quiet, labelsize=9, length=3, which="both")
    axes.tick_params(which="minor", length=0)
    axes.grid(True, which="major", color=THEME.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(THEME.grid)


def _labeled(axes: "Axes", entry: Entry) -> Labeled:
    x = seconds_of(entry)
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


def _draw_point(axes: "Axes", entry: Entry, color: str) -> None:
    score = entry.score
    accuracy = 100 * score.accuracy
    axes.errorbar(
        [seconds_of(entry)],
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
        [seconds_of(entry)], [accuracy], s=area, color=color, edgecolors=THEME.paper, linewidths=1.2, zorder=4
    )
