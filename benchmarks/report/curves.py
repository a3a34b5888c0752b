"""The page's curves: right answers within a deadline, and risk against coverage, a line an artifact."""

from bisect import bisect_right
from collections.abc import Sequence

from benchmarks.report.charts import (
    SIZES,
    Line,
    LineChart,
    Panel,
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
from benchmarks.report.frontier import time_text

POINTS = 80
LEAST_SECONDS = 1e-6


def deadline_charts(entries: Sequence[Entry]) -> list[LineChart]:
    """The share answered rightly within each time, wide and narrow; empty where no time was measured."""
    times = [sample.timings_ms["total"] / 1000 for entry in entries for sample in entry.samples]
    if not any(seconds > 0 for seconds in times):
        return []
    low = max(LEAST_SECONDS, min(seconds for seconds in times if seconds > 0))
    high = max(max(times), 2 * low)
    return [_deadline_chart(entries, low, high, size) for size in SIZES]


def _deadline_chart(entries: Sequence[Entry], low: float, high: float, size: Size) -> LineChart:
    top = max(0.05, max(entry.score.accuracy for entry in entries) * 1.05)
    x, y = logarithmic(low, high, across(size)), linear(0, top, upwards(size))
    deadlines = [low * (high / low) ** (step / POINTS) for step in range(POINTS + 1)]
    panel = Panel(
        size,
        time_ticks(low, high, x, size),
        share_ticks(0, top, y),
        "deadline of an answer",
        "right in time, %",
    )
    lines = tuple(
        Line(entry.label, style, polyline(_within(entry, deadlines), x, y))
        for style, entry in enumerate(entries)
    )
    summary = "; ".join(
        f"{entry.label}: half of its {percent(entry.score.accuracy)} right answers within "
        f"{time_text(_right_seconds(entry)[entry.score.correct // 2])}"
        for entry in entries
        if entry.score.correct
    )
    return LineChart(panel, lines, f"Right answers within a deadline. {summary}.")


def _right_seconds(entry: Entry) -> list[float]:
    return sorted(sample.timings_ms["total"] / 1000 for sample in entry.samples if sample.correct)


def _within(entry: Entry, deadlines: Sequence[float]) -> list[tuple[float, float]]:
    seconds, n = _right_seconds(entry), max(1, entry.score.n)
    return [(deadline, bisect_right(seconds, deadline * (1 + 1e-9)) / n) for deadline in deadlines]


def risk_charts(entries: Sequence[Entry]) -> list[LineChart]:
    """Wrong answers among those given, by how many are given; empty where no answer has a confidence."""
    return [_risk_chart(entries, size) for size in SIZES if any(entry.risk for entry in entries)]


def _risk_chart(entries: Sequence[Entry], size: Size) -> LineChart:
    sure = [(style, entry.label, entry.risk) for style, entry in enumerate(entries) if entry.risk]
    top = max(0.05, min(1.0, 1.1 * max(risk for _, _, one in sure for _, risk in one.curve)))
    x, y = linear(0, 1, across(size)), linear(0, top, upwards(size))
    panel = Panel(
        size,
        share_ticks(0, 1, x),
        share_ticks(0, top, y),
        "coverage: answers given, % of all questions",
        "risk: wrong among them, %",
    )
    lines = tuple(Line(label, style, polyline(risk.curve, x, y)) for style, label, risk in sure)
    summary = "; ".join(
        f"{label}: AURC {risk.aurc:.3f}, {percent(risk.risk)} with all" for _, label, risk in sure
    )
    return LineChart(panel, lines, f"Wrong answers among those given, the surest first. {summary}.")
