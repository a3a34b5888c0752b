"""Pictures of the page as geometry: scales, ticks and lines in pixels, which a template writes as SVG.

The page brings its own colours, so one drawing serves light, dark and paper. Every picture is laid out twice, wide and
for a phone, since text in a picture that shrinks cannot be read.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.report.frontier import time_text

Place = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's width and height in pixels, `name` for the style sheet."""

    name: str
    width: int
    height: int


WIDE, NARROW = Size("wide", 720, 420), Size("narrow", 340, 320)
SIZES = (WIDE, NARROW)
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 12, 44
DECADE = (1, 2, 5)
MAX_TIME_TICKS = {"wide": 9, "narrow": 5}


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis in pixels, and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Where a picture's plot lies, and its axes."""

    size: Size
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_title: str
    y_title: str

    @property
    def left(self) -> int:
        """The left edge of the plot."""
        return LEFT

    @property
    def right(self) -> int:
        """Its right edge."""
        return self.size.width - RIGHT

    @property
    def top(self) -> int:
        """Its upper edge."""
        return TOP

    @property
    def bottom(self) -> int:
        """Its lower edge."""
        return self.size.height - BOTTOM


@dataclass(frozen=True, slots=True)
class Line:
    """One artifact's line: its label, its style's number, and its points as SVG has them."""

    label: str
    style: int
    points: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """A panel with lines; `summary` says in words what it shows."""

    panel: Panel
    lines: tuple[Line, ...]
    summary: str


def across(size: Size) -> tuple[float, float]:
    """The first and last pixel of a horizontal axis."""
    return LEFT, size.width - RIGHT


def upwards(size: Size) -> tuple[float, float]:
    """The first and last pixel of a vertical axis, which grows upwards."""
    return size.height - BOTTOM, TOP


def linear(low: float, high: float, pixels: tuple[float, float]) -> Place:
    """Values from `low` to `high` as pixels."""
    start, end = pixels
    return lambda value: start + (value - low) / (high - low) * (end - start)


def logarithmic(low: float, high: float, pixels: tuple[float, float]) -> Place:
    """Positive values as pixels, by their logarithm."""
    place = linear(math.log(low), math.log(high), pixels)
    return lambda value: place(math.log(min(max(value, low), high)))


def time_ticks(low: float, high: float, place: Place, size: Size) -> tuple[Tick, ...]:
    """Round times in seconds between `low` and `high`: 1, 2 and 5 of each power of ten while there is room."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in (DECADE, (1, 3), (1,)):
        values = [step * 10.0**power for power in decades for step in steps]
        shown = [value for value in values if low <= value <= high]
        if len(shown) <= MAX_TIME_TICKS[size.name]:
            break
    every = math.ceil(len(shown) / MAX_TIME_TICKS[size.name]) or 1
    return tuple(Tick(place(value), time_text(value)) for value in shown[::every])


def share_ticks(low: float, high: float, place: Place) -> tuple[Tick, ...]:
    """Round shares between two, in percent."""
    step = next(step for step in (1, 2, 5, 10, 20, 25) if 100 * (high - low) / step <= 7 or step == 25)
    first = math.ceil(100 * low / step - 1e-9)
    last = math.floor(100 * high / step + 1e-9)
    return tuple(Tick(place(number * step / 100), f"{number * step}") for number in range(first, last + 1))


def polyline(points: Sequence[tuple[float, float]], x: Place, y: Place) -> str:
    """Points as SVG has them."""
    return " ".join(f"{x(one):.1f},{y(other):.1f}" for one, other in points)
