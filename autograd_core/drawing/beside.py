"""Two pictures beside each other, each under its name: two libraries, or before and after.

    beside(before=picture(one), after=picture(other))

Where there is no room to read both, they stand one below the other. Pictures that say the same are
said once in words.
"""

from __future__ import annotations

import re
from html import escape

from .picture import Picture

ROW = "display:flex;flex-wrap:wrap;gap:0 1.5em;align-items:flex-start"
READABLE = 0.75  # of its width: as far as picture.js lets a picture shrink


class Beside:
    """Pictures by their names; `print` says what they show."""

    def __init__(self, pictures: dict[str, Picture]) -> None:
        self.pictures = pictures

    def __str__(self) -> str:
        said: dict[str, list[str]] = {}
        for name, picture in self.pictures.items():
            said.setdefault(picture.description, []).append(name)
        return "\n\n".join(f"{' and '.join(names)}:\n{text}" for text, names in said.items())

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        columns = [_column(*each) for each in self.pictures.items()]
        row = f'<div class="autograd-beside" style="{ROW}">{"".join(columns)}</div>'
        return {"text/html": row, "text/plain": str(self)}


def _column(name: str, picture: Picture) -> str:
    html = picture._repr_mimebundle_()["text/html"]
    drawn = re.search(r"<svg[^>]* width='(\d+)'", html)
    room = f"{int(drawn[1]) * READABLE:.0f}px" if drawn else "34em"
    head = f"<p><strong>{escape(name)}</strong></p>"
    return f'<div style="flex:1 1 {room};min-width:0">{head}{html}</div>'


def beside(**pictures: Picture) -> Beside:
    """These pictures in one row, each under its name. TypeError for what is no picture, or for none.

    >>> from autograd_core import draw, tensor
    >>> beside(here=draw(tensor([1.0]), names="x"), there=draw(tensor([1.0]), names="x"))
    here and there:
    `x` (requires_grad=False) holds `[1.]` in storage S0 at version 0.
    """
    if not pictures:
        raise TypeError("beside() needs pictures with names: beside(before=picture(trace, 1), after=picture(trace))")
    for name, each in pictures.items():
        if not isinstance(each, Picture):
            raise TypeError(f"beside() takes pictures, and `{name}` is of type {type(each).__name__}")
    return Beside(pictures)
