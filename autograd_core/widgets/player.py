"""Step through a run: the code, the picture, the version counters, and what just happened.

The surprising idea: no kernel takes part. All frames are in the output itself, so the player still
works in a notebook that is reopened, exported or mailed. Where no script may run (a notebook that
JupyterLab does not trust yet, a static viewer), what stays is the picture of the last step and the
sentences of all of them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import cached_property
from html import escape
from itertools import pairwise

from ..drawing.describe import lines
from ..drawing.narrate import narrate
from ..drawing.picture import Drawing, image, spoken
from ..drawing.render import RendererNotFound
from ..drawing.scene import Scene
from ..drawing.text import clean, line
from ..recording.state import State
from ..recording.trace import Trace
from .frontend import marked_up, output

MOST = 60  # sentences: of a longer run, a viewer that runs no script shows the ends


class Player:
    """The steps of a trace, to go through forwards and backwards. `print` lists them in words.

    It opens at step `start`.
    """

    def __init__(self, trace: Trace, start: int = 0) -> None:
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
        return output("player", self.static, self.data)

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
        tables = [{}, *(counters(step.state) for step in steps)]
        descriptions = [{}, *(lines(step.state) for step in steps)]
        return {
            "start": range(len(steps))[self._start],
            "code": [[at, text] for (_, at), text in code.items()],
            "counters": counter_labels(steps[-1].state),
            "tensors": tensors(self._drawing.scene),
            "steps": [
                {
                    "says": says,
                    "line": step.place and row[step.place.file, step.place.line],
                    "shown": {name: _joined(words) for name, words in change.shown.items()},
                    "texts": change.texts,
                    "marks": change.marks,
                    "counters": _changes(*table),
                    "words": _changes(*description),
                }
                for step, says, change, table, description in zip(
                    steps,
                    self.sentences,
                    self._drawing.film,
                    pairwise(tables),
                    pairwise(descriptions),
                    strict=True,
                )
            ],
        }


def _joined(words: Iterable[str] | None) -> str | None:
    return None if words is None else " ".join(words)


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


def tensors(scene: Scene) -> dict[str, list]:
    """Of each tensor in the picture: its storage, and the saved edges to it, each with its node."""
    found = {card.tensor: [box.storage, []] for box in scene.boxes.values() for card in box.cards}
    for edge in scene.edges.values():
        if edge.kind == "saved" and edge.head in found:
            found[edge.head][1].append([edge.id, edge.tail])
    return found


def counter_labels(end: State) -> dict[str, str]:
    """Each version counter of the run, by the storage whose writes it counts."""
    storages = {tensor.counter: tensor.storage.upper() for tensor in end.tensors.values()}
    return {counter: storages.get(counter, "") for counter in end.versions}


def counters(state: State) -> dict[str, list[str]]:
    """Each counter in use: the tensors that share it, its version, and who expects which."""
    rows = {}
    for counter, version in state.versions.items():
        alive = [t for t in state.tensors.values() if t.counter == counter and not t.deleted]
        keepers = [s for s in state.saved if s.counter == counter and not state.nodes[s.node].freed]
        if alive or keepers:
            names = ", ".join(tensor.name for tensor in alive) or "no name left"
            expects = "; ".join(
                ("✗ " if state.mismatched(saved) else "")
                + f"v{saved.expected} by {state.nodes[saved.node].name}"
                for saved in keepers
            )
            rows[counter] = [line(names, 40), f"v{version}", line(expects, 80)]
    return rows


def _changes(before: dict, after: dict) -> dict:
    """What to set, or where None to remove, to get from one table to the next."""
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    return changed | {key: None for key in before if key not in after}
