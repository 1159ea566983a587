"""The lines of a picture: their shape, their heads, and the mark that may break one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

# Marks are drawn here, around (0, 0): no font has to have them.
LOOP = "a4,4 0 1,0 8,0a4,4 0 1,0 -8,0"
MARKS = {
    "scissors": f"M-9,-5L11,6M-9,5L11,-6M-16,-6{LOOP}M-16,6{LOOP}",
    "chain": "M-12,0H12M-12,-4V4M12,-4V4",
    "alarm": "M0,-8V2M0,7.5V8",
    "cross": "M-6,-6L6,6M-6,6L6,-6",
}
BEND = 10.0  # the radius of a corner


def points(d: str) -> list[Point]:
    """The points that a path of Graphviz's goes through or bends towards."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", d)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def bounds(path: Iterable[Point]) -> Box:
    xs, ys = zip(*path, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def rounded(corners: list[Point]) -> list[Point]:
    """A way along straight pieces, with its corners rounded, as a chain of Bézier curves.

    >>> rounded([(0, 0), (0, 8)])
    [(0, 0), (0, 0), (0, 8), (0, 8)]
    """
    way = [corners[0]]

    def straight(end: Point) -> None:
        way.extend((way[-1], end, end))

    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        sides = math.dist(before, corner), math.dist(corner, after)
        radius = min(BEND, sides[0] / 2, sides[1] / 2)
        if radius > 0:
            start, end = (
                tuple(c + (o - c) * radius / side for c, o in zip(corner, other, strict=True))
                for other, side in zip((before, after), sides, strict=True)
            )
            straight(start)
            way.extend((corner, corner, end))
    straight(corners[-1])
    return way


def line(group: ET.Element, way: list[Point], mark: str | None, place: Point) -> None:
    """Draw a line and its head into `group`; a mark waits at its place for when it is needed."""
    start, *bends = (f"{x:.1f},{y:.1f}" for x, y in way)
    _add(group, "path", "line", d=f"M{start}C{' '.join(bends)}")
    (x, y), (from_x, from_y) = way[-1], next(p for p in way[-2::-1] if p != way[-1])
    turn = math.degrees(math.atan2(y - from_y, x - from_x))
    _add(group, "path", "head", d="M0,0L-12,-5.5V5.5Z", transform=f"{_at(x, y)} rotate({turn:.0f})")
    if mark is not None:
        gap = _add(group, "g", f"mark {mark}", transform=_at(*place))
        _add(gap, "circle", "gap", r="13")
        _add(gap, "path", "icon", d=MARKS[mark])


def link(group: ET.Element, x: float, y: float, mark: str, width: float) -> None:
    """Draw what joins, or no longer joins, two cards in one storage: a thread with a mark in it."""
    half = round(width / 2)
    mid = _add(group, "g", "mark", transform=_at(x, y))
    _add(mid, "path", "thread", d=f"M{-half},0H-22M18,0H{half}")
    _add(mid, "path", "icon", d=MARKS[mark])


def strip(group: ET.Element, x: float, y: float, boxes: Sequence[float], most: float) -> None:
    """Draw a row of boxes that begins at (x, y), as full as `boxes` says, `most` wide in all."""
    side = min(12.0, most / len(boxes))
    row = _add(group, "g", "strip")
    for number, full in enumerate(boxes):
        left, top = x + number * side, y - 6
        place = {"x": f"{left:.1f}", "y": f"{top:.1f}", "width": f"{side - 1.5:.1f}"}
        _add(row, "rect", "box", height="11", **place)
        if full:
            height = max(11 * full, 2)
            place["y"] = f"{top + 11 - height:.1f}"
            _add(row, "rect", "full", height=f"{height:.1f}", **place)


def _at(x: float, y: float) -> str:
    return f"translate({x:.1f} {y:.1f})"


def _add(parent: ET.Element, tag: str, kind: str, **attributes: str) -> ET.Element:
    namespace = parent.tag.rpartition("}")[0]
    return ET.SubElement(parent, f"{namespace}}}{tag}", {"class": kind} | attributes)
