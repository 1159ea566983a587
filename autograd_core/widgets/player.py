"""Step through a run: the code, the picture, the version lanes, and what just happened.

The surprising idea: no kernel takes part. All frames are in the output itself, so the player still
works in a notebook that is reopened, exported or mailed. Where no script may run (a notebook that
JupyterLab does not trust yet, a static viewer), what stays is the picture of the last step and the
sentences of all of them.
"""

from __future__ import annotations

import re
import textwrap
from functools import cached_property
from html import escape
from itertools import pairwise

from ..drawing.narrate import narrate
from ..drawing.picture import Drawing, image, spoken
from ..drawing.render import RendererNotFound
from ..drawing.scene import Scene
from ..drawing.text import clean, line
from ..drawing.timeline import Lanes
from ..recording import events as e
from ..recording.state import State
from ..recording.steps import Step, numbered
from ..recording.trace import Trace
from .frontend import marked_up, output

MOST = 60  # sentences: of a longer run, a viewer that runs no script shows the ends
TOLD = 500  # characters: of one storage, tensor or node, a listener is told no more


class Player:
    """The steps of a trace, to go through forwards and backwards. `print` lists them in words.

    It opens at step `start`; the first is 1, and -1 the last.
    """

    def __init__(self, trace: Trace, start: int = 1) -> None:
        self._trace = trace
        self._start = start

    @cached_property
    def sentences(self) -> list[str]:
        """What happened, one short text for each step."""
        return narrate(self._trace)

    def __str__(self) -> str:
        said = [f"{number}. {text}" for number, text in enumerate(self.sentences, start=1)]
        return "\n".join(said) or "Nothing was recorded."

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": str(self)}

    def html(self) -> str:
        """The player itself, as a part of a page."""
        if not self.sentences:
            return f"<p>{self}</p>"
        return output("player", self.static, self.data, uses=["paper"])

    @cached_property
    def static(self) -> str:
        """The last picture and the sentences, for viewers that run no script."""
        count = len(self.sentences)
        try:
            last = spoken(f"The last of {count} steps. {self.sentences[-1]}")
            picture = image(self._drawing.svg(-1, last), last)
        except RendererNotFound as missing:
            picture = f"<p><em>{escape(str(missing))}</em></p>"
        items = [f"<li>{marked_up(text)}</li>" for text in self.sentences]
        if count > MOST:
            half = MOST // 2
            left_out = f"<li>… and {count - MOST} more steps, up to here:</li>"
            after = f'<li value="{count - half + 1}">{items[-half].removeprefix("<li>")}'
            items[half:-half] = [left_out]
            items[half + 1] = after
        return f"{picture}<ol>{''.join(items)}</ol>"

    @cached_property
    def _drawing(self) -> Drawing:
        return Drawing(self._trace)

    @cached_property
    def data(self) -> dict:
        """All that the front end needs to show any step."""
        steps = self._trace.steps
        code = code_lines(self._trace)
        row = {key: number for number, key in enumerate(code)}
        turns = turning_points(steps)
        views = [self._drawing, Lanes(self._trace)]
        told = (one | other for one, other in zip(*(view.told() for view in views), strict=True))
        words = [{}, *({name: line(text, TOLD) for name, text in each.items()} for each in told)]
        lanes = views[1].svg(0, "")
        return {
            "start": numbered(self._start, len(steps)),
            "code": [[at, text] for (_, at), text in code.items()],
            "lanes": re.sub("<style>.*?</style>", "", lanes, flags=re.DOTALL),
            "tensors": tensors(self._drawing.scene, steps[-1].state),
            "steps": [
                {
                    "says": says,
                    "line": step.place and row[step.place.file, step.place.line],
                    "shown": {
                        name: None if conditions is None else " ".join(conditions)
                        for change in changes
                        for name, conditions in change.shown.items()
                    },
                    "texts": changes[0].texts | changes[1].texts,
                    "marks": changes[0].marks | changes[1].marks,
                    "words": _changes(*told),
                    "key": step.index in turns,
                }
                for step, says, told, *changes in zip(
                    steps,
                    self.sentences,
                    pairwise(words),
                    *(view.film for view in views),
                    strict=True,
                )
            ],
        }


TURNS = (e.AliasMade, e.VersionBumped, e.TensorChanged, e.ErrorRaised)
MOST_TURNS = 8


def turning_points(steps: list[Step]) -> set[int]:
    """The steps that a short account shows: who came to share, who wrote, what raised; the end."""
    turns = [step.index for step in steps if any(map(step.find, TURNS))]
    return {*turns[: MOST_TURNS - 1], len(steps) - 1}


def code_lines(trace: Trace) -> dict[tuple[str, int], str]:
    """The user's lines by file and number: all that the trace quotes, or those that ran."""
    places = dict.fromkeys(event.place for event in trace.events if event.place is not None)
    lines = {(place.file, place.line): place.text for place in places}
    lines |= {
        (file, at): text for file, quoted in trace.sources.items() for at, text in quoted.items()
    }
    files = list(dict.fromkeys(place.file for place in places))
    order = sorted(lines, key=lambda key: (files.index(key[0]), key[1]))
    texts = textwrap.dedent("\n".join(clean(lines[key]) for key in order)).split("\n")
    return dict(zip(order, texts, strict=False))  # of no line at all, dedent makes an empty one


def tensors(scene: Scene, end: State) -> dict[str, list]:
    """Of each tensor drawn: its storage, its counter, and each saved edge to it with its node."""
    found = {
        card.id: [box.storage, end.tensors[card.tensor].counter, []]
        for box in scene.boxes.values()
        for card in box.cards
    }
    for edge in scene.edges.values():
        if edge.kind == "saved" and edge.head in found:
            found[edge.head][2].append([edge.id, edge.tail])
    return found


def _changes(before: dict, after: dict) -> dict:
    """What to set, or where None to remove, to get from one table to the next."""
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    return changed | {key: None for key in before if key not in after}
