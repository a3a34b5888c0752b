"""The page's frontier: accuracy against time with every point reachable by mouse and keyboard."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from benchmarks.report.charts import (
    SIZES,
    WIDE,
    Panel,
    Place,
    Size,
    across,
    linear,
    logarithmic,
    polyline,
    share_ticks,
    time_ticks,
    upwards,
)
from benchmarks.report.findings import Entry, percent
from benchmarks.report.frontier import pareto, seconds_of, size_text, time_text
from benchmarks.report.labels import Box, Spot, arrange

MAX_RADIUS, MIN_RADIUS = 17.0, 4.0
# Of the labels' font; their width is an estimate, since only the browser knows its fonts.
CHARACTER, LINE_HEIGHT = 7.0, 14.5
LEADER_FROM = 16
LINE_CHARACTERS = 28
# More labels than this hide each other: points then have their number in the table below.
MAX_LABELS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """An artifact in the picture, in pixels. `lines` are its label in `box`, without one where it has its number only.

    `details` is what is shown when one points at it, a line each.
    """

    number: int
    x: float
    y: float
    low: float
    high: float
    radius: float
    best: bool
    details: tuple[str, ...]
    lines: tuple[str, ...] = ()
    box: Box | None = None

    @property
    def leader(self) -> tuple[float, float] | None:
        """Where a line from the point to its label ends; None where the label is near."""
        if self.box is None:
            return None
        x, y = self.box.nearest(self.x, self.y)
        return (x, y) if math.hypot(x - self.x, y - self.y) > self.radius + LEADER_FROM else None


@dataclass(frozen=True, slots=True)
class PageFrontier:
    """A panel, its points from the largest, and the line through those that no other beats."""

    panel: Panel
    points: tuple[Point, ...]
    front: str


def page_frontiers(entries: Sequence[Entry]) -> list[PageFrontier]:
    """One task's picture, wide and narrow."""
    return [_frontier(entries, size) for size in SIZES]


def _frontier(entries: Sequence[Entry], size: Size) -> PageFrontier:
    seconds = [seconds_of(entry) for entry in entries]
    # Room at the sides for labels, and never less than a factor of four across.
    middle, reach = math.sqrt(min(seconds) * max(seconds)), math.sqrt(max(seconds) / min(seconds))
    reach = max(2.0, reach * 1.5)
    low, high = _shares(entries)
    x, y = logarithmic(middle / reach, middle * reach, across(size)), linear(low, high, upwards(size))
    panel = Panel(
        size,
        time_ticks(middle / reach, middle * reach, x, size),
        share_ticks(max(0, low), min(1, high), y),
        "median time per answer (faster is left)",
        "right answers, % (bars: 95 % interval)",
    )
    front = pareto(entries)
    points = [_point(number, entry, entries, entry in front, x, y) for number, entry in enumerate(entries, 1)]
    if size is WIDE and len(points) <= MAX_LABELS:
        points = _labeled(points, entries, panel)
    line = polyline([(seconds_of(entry), entry.score.accuracy) for entry in front], x, y)
    return PageFrontier(panel, tuple(sorted(points, key=lambda point: -point.radius)), line)


def _shares(entries: Sequence[Entry]) -> tuple[float, float]:
    low = min(entry.score.interval.low for entry in entries)
    high = max(entry.score.interval.high for entry in entries)
    pad = max(0.04, (high - low) * 0.15)
    return max(-0.03, low - pad), min(1.03, high + pad)


def _point(number: int, entry: Entry, entries: Sequence[Entry], best: bool, x: Place, y: Place) -> Point:
    score, interval = entry.score, entry.score.interval
    largest = max(other.subject.bytes for other in entries) or 1
    radius = max(MIN_RADIUS, MAX_RADIUS * math.sqrt(entry.subject.bytes / largest))
    return Point(
        number,
        x(seconds_of(entry)),
        y(score.accuracy),
        y(interval.low),
        y(interval.high),
        radius,
        best,
        _details(entry, best),
    )


def _details(entry: Entry, best: bool) -> tuple[str, ...]:
    score, total = entry.score, entry.score.latency["total"]
    lines = [
        entry.label,
        f"{percent(score.accuracy)} right ({100 * score.interval.low:.1f} to {100 * score.interval.high:.1f}), "
        f"n = {score.n}",
        f"{time_text(total.p50 / 1000)} median, {time_text(total.p95 / 1000)} p95, {time_text(total.p99 / 1000)} p99",
        f"{score.correct_per_s:.3g} right answers per second",
    ]
    if entry.subject.bytes:
        lines.append(size_text(entry.subject.bytes))
    if best:
        lines.append("no other is both faster and more often right")
    return tuple(lines)


def _labeled(points: Sequence[Point], entries: Sequence[Entry], panel: Panel) -> list[Point]:
    texts = [_label(entry) for entry in entries]
    spots = [
        Spot((point.x, point.y), _covered(point), _text_size(lines))
        for point, lines in zip(points, texts, strict=True)
    ]
    boxes = arrange(spots, Box(panel.left, panel.top, panel.right, panel.bottom))
    return [
        replace(point, lines=lines, box=box) for point, lines, box in zip(points, texts, boxes, strict=True)
    ]


def _label(entry: Entry) -> tuple[str, ...]:
    name = wrap(entry.label, LINE_CHARACTERS, max_lines=2, placeholder=" …")
    return *name, f"{percent(entry.score.accuracy)} · {time_text(seconds_of(entry))}"


def _covered(point: Point) -> Box:
    reach = point.radius + 2
    return Box(
        point.x - reach,
        min(point.high, point.y - reach),
        point.x + reach,
        max(point.low, point.y + reach),
    )


def _text_size(lines: Sequence[str]) -> tuple[float, float]:
    return CHARACTER * max(map(len, lines)) + 6, LINE_HEIGHT * len(lines)
