"""Which elements of its storage a view looks at: as a strip of boxes, and in words.

`y[:, 1]` of a matrix of 2 by 3 looks at the second and the fifth of six elements in a row, whatever
shape the view itself has: memory knows no shapes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..recording.events import Part

BOXES = 24  # a strip of more elements than that shows several in a box
COUNTED = 100_000  # elements: of a larger view, the bounds alone are known


@dataclass(frozen=True, slots=True)
class Strip:
    """A view's part of its storage. `boxes` says how full each is, 0.0 to 1.0; `words` the same."""

    boxes: tuple[float, ...]
    words: str


def strip(part: Part | None, shape: Sequence[int]) -> Strip | None:
    """The strip of a tensor of this shape; None where there is none, or it makes no sense.

    >>> strip(Part(1, (3,), 6), (2,))
    Strip(boxes=(0.0, 1.0, 0.0, 0.0, 1.0, 0.0), words='elements 1 and 4 of 6')
    """
    if part is None or len(part.strides) != len(shape) or part.size <= 0:
        return None
    count = math.prod(shape)
    last = part.offset + sum(step * (n - 1) for step, n in zip(part.strides, shape, strict=True))
    if min((part.offset, *shape, *part.strides)) < 0 or (count and last >= part.size):
        return None
    if not count:
        return Strip((0.0,) * min(part.size, BOXES), f"none of {part.size} elements")
    if count > COUNTED:
        words = f"between elements {part.offset} and {last} of {part.size}"
        return Strip(_boxes(range(part.offset, last + 1), part.size), words)
    places = {part.offset}
    for step, n in zip(part.strides, shape, strict=True):
        places = {place + step * i for place in places for i in range(n if step else 1)}
    words = _words(sorted(places), part.size)
    if count > len(places):
        words += ", repeated"
    elif len(places) == part.size:
        words += ", in another order"
    return Strip(_boxes(places, part.size), words)


def _boxes(places: Sequence[int] | set[int], size: int) -> tuple[float, ...]:
    if size <= BOXES:
        return tuple(float(place in places) for place in range(size))
    filled = [0] * BOXES
    for place in places if isinstance(places, set) else ():
        filled[place * BOXES // size] += 1
    bounds = [-(-box * size // BOXES) for box in range(BOXES + 1)]
    rooms = [end - start for start, end in zip(bounds, bounds[1:], strict=False)]
    if isinstance(places, range):
        filled = [
            len(range(max(places.start, start), min(places.stop, end)))
            for start, end in zip(bounds, bounds[1:], strict=False)
        ]
    return tuple(count / room for count, room in zip(filled, rooms, strict=True))


def _words(places: Sequence[int], size: int) -> str:
    if len(places) == size:
        return "all elements"
    if len(places) == 1:
        return f"element {places[0]} of {size}"
    if len(places) == 2:
        return f"elements {places[0]} and {places[1]} of {size}"
    steps = {later - earlier for earlier, later in zip(places, places[1:], strict=False)}
    if steps == {1}:
        return f"elements {places[0]} to {places[-1]} of {size}"
    if len(steps) == 1:
        return f"{places[0]}, {places[1]} … {places[-1]} of {size} elements"
    return f"{len(places)} of {size} elements"
