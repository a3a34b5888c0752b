"""Labels of a picture's points, placed where they hide nothing: other labels, points, bars, or each other's lines."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT_POINTS = 8.5
# A label may stand at these distances from its point, in points of 1/72 inch, in each of 24 directions.
DISTANCES = (14, 20, 28, 38, 50, 64, 80, 98, 118, 140, 170)
DIRECTIONS = 24
# Beyond this distance a thin line leads from the point to its label.
LINE_FROM = 26


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    low: float
    right: float
    high: float

    def cut(self, other: "Box") -> float:
        """The area that two rectangles share."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.high, other.high) - max(self.low, other.low)
        return width * height if width > 0 and height > 0 else 0.0

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the rectangle that is nearest to (x, y)."""
        return min(max(x, self.left), self.right), min(max(y, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Labeled:
    """A text, the data point it belongs to, and the pixels that the point and its bar cover."""

    text: str
    at: tuple[float, float]
    covers: Box


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in pixels that wants a label, the pixels it covers itself, and its label's width and height."""

    at: tuple[float, float]
    covers: Box
    size: tuple[float, float]


def place_labels(axes: "Axes", labels: Sequence[Labeled], ink: str, line: str) -> list[Box]:
    """Write every label at its cheapest place; returns the boxes, in the order given."""
    pixels = axes.figure.dpi / 72
    points = [tuple(axes.transData.transform(label.at)) for label in labels]
    spots = [
        Spot(point, label.covers, _text_size(axes, label.text))
        for label, point in zip(labels, points, strict=True)
    ]
    boxes = arrange(spots, _box(axes), pixels)
    for label, box, point in zip(labels, boxes, points, strict=True):
        _write(axes, label.text, box, point, pixels, ink, line)
    return boxes


def arrange(spots: Sequence[Spot], panel: Box, pixels: float = 1.0) -> list[Box]:
    """The cheapest place of every label in a panel, the crowded ones first, in the order given.

    `pixels` is how many there are to a point of 1/72 inch.
    """
    taken = [spot.covers for spot in spots]
    placed: dict[int, Box] = {}
    for index in sorted(range(len(spots)), key=lambda index: -_crowding(spots, index)):
        spot = spots[index]
        others = [box for other, box in enumerate(taken) if other != index]

        def cost(box: Box, spot: Spot = spot, others: Sequence[Box] = others) -> float:
            return 10 * box.cut(spot.covers) + _cost(box, *spot.at, others, panel, pixels)

        placed[index] = min(_places(*spot.at, *spot.size, pixels), key=cost)
        taken.append(placed[index])
    return [placed[index] for index in range(len(spots))]


def _crowding(spots: Sequence[Spot], index: int) -> int:
    own = spots[index].covers
    wide = Box(own.left - 60, own.low, own.right + 60, own.high)
    return sum(wide.cut(other.covers) > 0 for other in spots)


def _box(axes: "Axes") -> Box:
    extent = axes.get_window_extent()
    return Box(extent.x0, extent.y0, extent.x1, extent.y1)


def _text_size(axes: "Axes", text: str) -> tuple[float, float]:
    artist = axes.text(0, 0, text, fontsize=FONT_POINTS, linespacing=1.25)
    extent = artist.get_window_extent()
    artist.remove()
    return extent.width + 6, extent.height + 4


def _places(x: float, y: float, width: float, height: float, pixels: float) -> Iterator[Box]:
    """Boxes around (x, y), the nearer first; each touches its distance with the side that faces the point."""
    for distance in DISTANCES:
        for step in range(DIRECTIONS):
            angle = 2 * math.pi * step / DIRECTIONS
            middle_x = x + math.cos(angle) * (distance * pixels + width / 2)
            middle_y = y + math.sin(angle) * (distance * pixels + height / 2)
            yield Box(
                middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2
            )


def _cost(box: Box, x: float, y: float, others: Sequence[Box], panel: Box, pixels: float) -> float:
    """Hidden pixels count most, then a line through something else, then the distance from the point."""
    area = (box.right - box.left) * (box.high - box.low)
    hidden = sum(box.cut(other) for other in others) + 4 * (area - box.cut(panel))
    end_x, end_y = box.nearest(x, y)
    distance = math.hypot(end_x - x, end_y - y) / pixels
    crossed = 0
    if distance > LINE_FROM:
        spots = [(x + (end_x - x) * part / 24, y + (end_y - y) * part / 24) for part in range(4, 24)]
        crossed = sum(any(other.nearest(*spot) == spot for other in others) for spot in spots)
    return hidden * 10 + crossed * 25 + distance


def _write(
    axes: "Axes", text: str, box: Box, point: tuple[float, float], pixels: float, ink: str, line: str
) -> None:
    back = axes.transData.inverted()
    middle = back.transform(((box.left + box.right) / 2, (box.low + box.high) / 2))
    axes.text(
        middle[0],
        middle[1],
        text,
        fontsize=FONT_POINTS,
        linespacing=1.25,
        ha="center",
        va="center",
        color=ink,
        zorder=5,
    )
    end = box.nearest(*point)
    if math.hypot(end[0] - point[0], end[1] - point[1]) / pixels > LINE_FROM:
        (x1, y1), (x2, y2) = back.transform(point), back.transform(end)
        axes.plot([x1, x2], [y1, y2], color=line, linewidth=0.7, zorder=2.5)
