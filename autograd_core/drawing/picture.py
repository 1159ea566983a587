"""The picture of one step of a run, as a notebook shows it.

It goes into the page as an image with the description beside it, which every viewer keeps, trusted
or not; where scripts run, `picture.js` puts the SVG itself in the image's place, so that it follows
the page's light or dark theme.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from html import escape, unescape
from importlib.resources import files
from typing import Protocol
from urllib.parse import quote, unquote

from ..recording.state import State
from ..recording.steps import numbered
from ..recording.trace import Trace
from . import dot, scene, svg
from .describe import fold_line, lines, silent_lines
from .frames import Change, Frame, film, frame
from .render import RendererNotFound, render
from .style import css


class Drawing:
    """A trace laid out once, for pictures of any of its steps."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.steps = trace.steps
        self.scene = scene.build(trace, self.steps)
        self.film = film(trace, self.scene, self.steps)

    @cached_property
    def _template(self) -> svg.Template:
        try:
            layout = dot.layout(self.scene, self.film)
        except ImportError:
            raise RendererNotFound(
                "No picture: the package `graphviz` is missing. Install it with "
                "`pip install autograd-core[lab]`."
            ) from None
        return svg.template(render(layout.graph.source), self.scene, layout, self.film)

    def svg(self, step: int, title: str, *, crop: bool = False) -> str:
        """The picture of one step; `crop` leaves out the room below that only later steps need.

        Raises `RendererNotFound` where no Graphviz can run.
        """
        return svg.show(self._template, frame(self.film, step), title, crop=crop)

    def words(self, step: int) -> dict[str, str]:
        """What the picture of a step shows, in sentences, by the id of what each is about."""
        if not self.steps:
            return {}
        return self._words(self.steps[step].state, frame(self.film, step))

    def told(self) -> Iterator[dict[str, str]]:
        """The words of all steps, one after the other: quicker than each by itself."""
        shown = Frame()
        for step, change in zip(self.steps, self.film, strict=True):
            shown.bring(change)
            yield self._words(step.state, shown)

    def _words(self, state: State, shown: Frame) -> dict[str, str]:
        said = lines(state, self.scene) | silent_lines(state, self.scene, shown)
        folds = self.scene.folds.items()
        return said | {name: fold_line(each) for name, each in folds if name in shown.shown}

    def dot(self, step: int) -> str:
        return dot.readable(self.scene, self.film, step).source


class View(Protocol):
    """Something of a trace, laid out once, that has a picture of each step: `Drawing`, `Lanes`."""

    film: list[Change]

    def svg(self, step: int, title: str, *, crop: bool = False) -> str: ...
    def words(self, step: int) -> dict[str, str]: ...
    def told(self) -> Iterator[dict[str, str]]: ...


class Picture:
    """One step of a run, drawn. A notebook shows it; `print` says the same in words.

    Steps are counted from 1; of an empty run there is one picture, of nothing. `svg` is the picture, `description` the words.
    """

    def __init__(self, view: View, step: int) -> None:
        self._view = view
        self._step = numbered(step, len(view.film)) if view.film else -1

    @cached_property
    def description(self) -> str:
        return "\n".join(self._view.words(self._step).values()) or "Nothing was recorded."

    @cached_property
    def svg(self) -> str:
        return self._view.svg(self._step, spoken(self.description), crop=True)

    def __str__(self) -> str:
        return self.description

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self._html(), "text/plain": self.description}

    def _html(self) -> str:
        if not self._view.film:
            return paragraphs(self.description)
        try:
            return figure(self.svg, self.description)
        except RendererNotFound as missing:
            return f"<p><em>{escape(str(missing))}</em></p>{paragraphs(self.description)}"


class GraphPicture(Picture):
    """The picture of storages and graph; `dot` is its Graphviz source, for a person to read."""

    @property
    def dot(self) -> str:
        return self._view.dot(self._step)


def picture(trace: Trace, step: int = -1) -> GraphPicture:
    """The picture of `trace` after `step`, counted as the player does: from 1; -1 is the end.

    Raises `IndexError` for a step that the trace does not have.
    """
    return GraphPicture(Drawing(trace), step)


def figure(picture: str, description: str) -> str:
    """An SVG with its description folded away below it, as HTML."""
    return (
        '<figure class="autograd-picture" style="margin:0">'
        f"{image(picture, spoken(description))}"
        f"<details><summary>In words</summary>{paragraphs(description)}</details></figure>"
        f"{panes()}"
    )


@cache
def panes() -> str:
    """What puts all pictures that stand before it on the page in their panes."""
    return f"<script>{files(__package__).joinpath('picture.js').read_text('utf-8')}</script>"


def paragraphs(text: str) -> str:
    """Each line of a text as a paragraph of HTML."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())


def spoken(text: str) -> str:
    """A text as it is to be read out: nobody wants to hear of backticks."""
    return text.replace("`", "")


SOURCE = "data:image/svg+xml,"
PLAIN = " !$'()*+,/:;<=>?@[\\]^`{|}~"  # what may stand in an address in quotes
IMAGE = re.compile(f'<img alt="[^"]*" src="{re.escape(SOURCE)}([^"]*)"/?>')


def image(picture: str, description: str) -> str:
    """An SVG as an `<img>` that holds it whole, with its description for whoever cannot see it.

    >>> print(image('<svg id="a"/>', "50 & 100%"))
    <img alt="50 &amp; 100%" src="data:image/svg+xml,<svg id='a'/>">
    """
    # With quotes of the other kind next to nothing is escaped; as Base64 it is a third longer.
    tags = re.sub("<[^>]*>", lambda tag: tag[0].replace("'", "&#39;").replace('"', "'"), picture)
    return f'<img alt="{escape(description)}" src="{SOURCE}{quote(tags, safe=PLAIN)}">'


def unpacked(html: str) -> str:
    """HTML with its pictures as parts of the page, which has their common style once, before them."""

    def bare(found: re.Match[str]) -> str:
        picture = unquote(unescape(found[1]))
        return re.sub("(<svg[^>]* class='agc[ '][^>]*>)<style>.*?</style>", r"\1", picture)

    page = IMAGE.sub(bare, html)
    return page if page == html else f"<style>{css()}</style>{page}"
