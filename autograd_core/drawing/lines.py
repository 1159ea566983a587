"""The lines of a picture: their way, their heads, and the mark that may break one.

Most take the way that Graphviz found. Those that go far (see `dot`) take a lane: between the two
columns from a node to a tensor, left of the nodes from one to another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

# Marks are drawn here, around (0, 0): no font has to have them.
LOOP = "a4,4 0 1,0 8,0a4,4 0 1,0 -8,0"
MARKS = {
    "scissors": f"M-9,-5L11,6M-9,5L11,-6M-16,-6{LOOP}M-16,6{LOOP}",
    "chain": "M-12,0H12M-12,-4V4M12,-4V4",
    "cross": "M-6,-6L6,6M-6,6L6,-6",
}
LANES, LANE = 5, 12  # how many lanes lie side by side, and how far apart on the left of the nodes


def points(d: str) -> list[Point]:
    """The points that a path of Graphviz's goes through or bends towards."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", d)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def bounds(path: Iterable[Point]) -> Box:
    xs, ys = zip(*path, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def lane(start: Point, end: Point, x: float) -> list[Point]:
    """A way from `start` to `end` that runs up or down at `x`."""
    y1, y2 = start[1], end[1]
    bend = math.copysign(min(30.0, abs(y2 - y1) / 2), y2 - y1)
    down, up = (x, y1 + bend), (x, y2 - bend)
    return [start, (x, y1), (x, y1), down, down, up, up, (x, y2), (x, y2), end]


def line(group: ET.Element, way: list[Point], mark: str | None) -> None:
    """Draw a line and its head into `group`; a mark waits in the middle for when it is needed."""
    start, *bends = (f"{x:.1f},{y:.1f}" for x, y in way)
    _add(group, "path", "line", d=f"M{start}C{' '.join(bends)}")
    (x, y), (from_x, from_y) = way[-1], next(p for p in way[-2::-1] if p != way[-1])
    turn = math.degrees(math.atan2(y - from_y, x - from_x))
    _add(group, "path", "head", d="M0,0L-12,-5.5V5.5Z", transform=f"{_at(x, y)} rotate({turn:.0f})")
    if mark is not None:
        gap = _add(group, "g", f"mark {mark}", transform=_at(*middle(way)))
        _add(gap, "circle", "gap", r="13")
        _add(gap, "path", "icon", d=MARKS[mark])


def link(group: ET.Element, x: float, y: float, mark: str, width: float) -> None:
    """Draw what joins, or no longer joins, two cards in one storage: a thread with a mark in it."""
    half = round(width / 2)
    mid = _add(group, "g", "mark", transform=_at(x, y))
    _add(mid, "path", "thread", d=f"M{-half},0H-22M18,0H{half}")
    _add(mid, "path", "icon", d=MARKS[mark])


def middle(way: list[Point]) -> Point:
    """The point halfway along a chain of Bézier curves, each given by a start and three bends.

    >>> middle([(0, 0), (1, 0), (3, 0), (4, 0)])
    (2.0, 0.0)
    """
    walked: list[tuple[float, Point]] = [(0.0, way[0])]
    for i in range(0, len(way) - 1, 3):
        curve = way[i : i + 4]
        for t in (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0):
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            x, y = (
                sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True))
                for axis in (0, 1)
            )
            walked.append((walked[-1][0] + math.dist(walked[-1][1], (x, y)), (x, y)))
    return min(walked, key=lambda step: abs(step[0] - walked[-1][0] / 2))[1]


def _at(x: float, y: float) -> str:
    return f"translate({x:.1f} {y:.1f})"


def _add(parent: ET.Element, tag: str, kind: str, **attributes: str) -> ET.Element:
    namespace = parent.tag.rpartition("}")[0]
    return ET.SubElement(parent, f"{namespace}}}{tag}", {"class": kind} | attributes)
