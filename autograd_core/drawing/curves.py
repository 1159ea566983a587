"""Curves over the steps of a training run, such as its losses.

The surprising idea: the description is made of the same numbers as the picture, so a page that
shows no picture still tells how the training went.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from itertools import groupby

from .picture import figure
from .style import SANS, theme

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 14, 34
POINTS = 240  # more than this many are not to be told apart at this width
LINES = [("saved", "none"), ("storage-line", "9 4"), ("node-line", "2 4")]  # a role, and its dashes
CSS = f"""
    .agc-curves text {{ font: 13px {SANS}; fill: var(--agc-ink); }}
    .agc-curves .muted {{ fill: var(--agc-muted); }}
    .agc-curves .grid {{ stroke: var(--agc-muted); stroke-width: 0.5; opacity: 0.5; }}
    .agc-curves .curve {{ fill: none; stroke-width: 2.5; }}
"""


class Curves:
    """One line for each name, drawn over the number of the step. `print` says the same in words."""

    def __init__(self, series: Mapping[str, list[float]]) -> None:
        self.series = series

    @property
    def description(self) -> str:
        return "\n".join(_words(name, numbers) for name, numbers in self.series.items())

    @property
    def svg(self) -> str:
        shown = "".join(_drawn(self.series))
        sheet = " ".join((theme(".agc-curves") + CSS).split())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="agc-curves" role="img" '
            f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
            f"<title>{escape(self.description)}</title><style>{sheet}</style>{shown}</svg>"
        )

    def __str__(self) -> str:
        return self.description

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": figure(self.svg, self.description), "text/plain": self.description}


def curves(series: Mapping[str, Iterable[float]]) -> Curves:
    """The curves of up to three named series of numbers, one number a step.

    What is not finite is left out of a curve. Raises `ValueError` for no series, for too many, and
    for one without any finite number.

    >>> curves({"loss": [4.0, 2.0, 1.0]})
    loss goes from 4 to 1 in 3 steps.
    """
    lists = {name: [float(number) for number in numbers] for name, numbers in series.items()}
    if not 1 <= len(lists) <= len(LINES):
        raise ValueError(f"there is room for 1 to {len(LINES)} curves, not for {len(lists)}")
    for name, numbers in lists.items():
        if not any(map(math.isfinite, numbers)):
            raise ValueError(f"{name!r} has no number that could be drawn")
    return Curves(lists)


def _words(name: str, numbers: list[float]) -> str:
    said = f"{name} goes from {numbers[0]:.2g} to {numbers[-1]:.2g} in {len(numbers)} steps"
    between = [each for each in numbers[1:-1] if math.isfinite(each)]
    for word, extreme in (("least", min), ("most", max)):
        if between and (most := extreme(between)) == extreme(*between, numbers[0], numbers[-1]):
            said += f"; at the {word} it is {most:.2g}"
    return said + "."


def _drawn(series: Mapping[str, list[float]]) -> Iterator[str]:
    """The pieces of the drawing: the grid with its numbers, each curve, and which is which."""
    finite = [each for numbers in series.values() for each in numbers if math.isfinite(each)]
    ticks = _ticks(min(0.0, *finite), max(0.0, *finite))
    low, high = ticks[0], ticks[-1]
    steps = max(map(len, series.values()))
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(step: float) -> float:
        return round(LEFT + (right - LEFT) * step / max(steps - 1, 1), 1)

    def y(number: float) -> float:
        return round(bottom - (bottom - TOP) * (number - low) / (high - low), 1)

    for tick in ticks:
        yield f'<path class="grid" d="M{LEFT} {y(tick)}H{right}"/>'
        yield _text(LEFT - 8, y(tick) + 4, f"{tick:g}", "muted")
    yield _text(LEFT, HEIGHT - 12, "step 1", "muted", anchor="start")
    yield _text(right, HEIGHT - 12, f"step {steps}", "muted")
    for row, (name, numbers) in enumerate(series.items()):
        role, dashes = LINES[row]
        look = f'class="curve" stroke="var(--agc-{role})" stroke-dasharray="{dashes}"'
        yield f'<path {look} d="{_path(numbers, x, y)}"/>'
        height = TOP + 12 + 20 * row
        yield f'<path {look} d="M{right - 40} {height}H{right}"/>'
        yield _text(right - 48, height + 4, name, "name")


def _text(x: float, y: float, said: str, kind: str, anchor: str = "end") -> str:
    where = f'x="{x}" y="{y}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{escape(said)}</text>'


def _path(numbers: list[float], x: Callable, y: Callable) -> str:
    """A line through the points, interrupted where a number is not finite."""
    points = [(i, numbers[i]) for i in _telling(numbers)]
    runs = groupby(points, key=lambda point: math.isfinite(point[1]))
    lines = [[f"{x(i)} {y(number)}" for i, number in run] for drawable, run in runs if drawable]
    return "".join(f"M{'L'.join(line)}" for line in lines)


def _telling(numbers: list[float]) -> list[int]:
    """The numbers that make the curve: all, or of many the first, the last, and the extremes between.

    To take one in so many would hide what goes up and down with every step.
    """
    size = 2 * math.ceil(len(numbers) / POINTS)
    if size == 2:
        return list(range(len(numbers)))
    kept = {0, len(numbers) - 1}
    for start in range(0, len(numbers), size):
        here = range(start, min(start + size, len(numbers)))
        finite = [i for i in here if math.isfinite(numbers[i])]
        kept.update([i for i in here if not math.isfinite(numbers[i])][:1])
        if finite:
            kept |= {min(finite, key=numbers.__getitem__), max(finite, key=numbers.__getitem__)}
    return sorted(kept)


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers, the first and last of which hold everything between them."""
    spread = (high - low) or 1.0
    unit = 10.0 ** math.floor(math.log10(spread / 2))
    step = next(unit * each for each in (1, 2, 5, 10) if spread / (unit * each) <= 5)
    first, last = math.floor(low / step), math.ceil((low + spread) / step)
    return [float(f"{i * step:.6g}") for i in range(first, last + 1)]
