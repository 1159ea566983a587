"""Make any text fit its place in a picture: printable, no wider and no longer than there is room.

Widths are counted in cells, as a terminal does it: a Latin letter takes one, a Chinese character
two, an accent that joins the letter before it none. So the room a text needs is known without
asking any font, and a picture comes out the same on every machine. The same few texts are measured
at every step of a run, which is why the answers are remembered.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from functools import lru_cache

from .style import ADVANCE, KINDS

ELLIPSIS = "…"
STEP = re.compile(r"\.\w+|\[[^\[\]]*\]")
PATH = re.compile(rf"\w+({STEP.pattern})+")


def clean(text: str) -> str:
    """`text` with anything that XML or a screen cannot show put into visible form.

    >>> clean("a\\x00b\\u202e")
    'a\\ufffdb\\ufffd'
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """How many cells `text` takes.

    >>> cells("out"), cells("损失")
    (3, 4)
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def width(text: str, kind: str) -> float:
    """The pixels that `text` takes, set as this kind of text."""
    return cells(text) * ADVANCE[KINDS[kind].font] * KINDS[kind].size


def clip(text: str, room: int) -> str:
    """`text`, or as much of its beginning as fits into `room` cells with an ellipsis.

    >>> clip("a_very_long_name", 8)
    'a_very_…'
    """
    used = end = 0
    for position, character in enumerate(text, start=1):
        used += cells(character)
        if used < room:
            end = position
        elif used > room:
            return text[:end] + ELLIPSIS
    return text


@lru_cache(maxsize=4096)
def line(text: str, room: int) -> str:
    """`text` on one line of at most `room` cells; of a path the end is kept, for it tells them apart.

    >>> line("[[1., 2.],\\n [3., 4.]]", 30), line("model.blocks[3].norm.weight", 14)
    ('[[1., 2.], [3., 4.]]', '…norm.weight')
    """
    text = " ".join(clean(text).split())
    if cells(text) > room and PATH.fullmatch(text):
        ends = (text[step.start() :].lstrip(".") for step in STEP.finditer(text))
        return next((ELLIPSIS + end for end in ends if cells(end) < room), clip(text, room))
    return clip(text, room)


@lru_cache(maxsize=4096)
def fit(text: str, room: int, most: int) -> tuple[str, ...]:
    """`text` on at most `most` lines of `room` cells; an ellipsis says that there was more.

    >>> fit("[[1., 2.],\\n [3., 4.]]", 12, 4)
    ('[[1., 2.],', ' [3., 4.]]')
    >>> fit("0 1 2 3 4 5 6 7 8 9", 6, 2)
    ('0 1 2', '3 4 5…')
    """
    lines: list[str] = []
    for row in text.splitlines() or [""]:
        row = clean(row).rstrip()
        indent = " " * (len(row) - len(row.lstrip()))
        # The wrapper counts characters, not cells: a line of wide ones may need clipping after all.
        lines += [clip(part, room) for part in textwrap.wrap(row, room, subsequent_indent=indent)]
        if len(lines) > most:
            return *lines[: most - 1], clip(lines[most - 1] + ELLIPSIS, room)
    return tuple(lines) or ("",)
