"""How a recording shows itself in a notebook: the only place where Trace and Player meet.

`recording` knows no picture, and pictures need the packages of `autograd-core[lab]`, so they are
loaded when a trace is to be shown and not before.
"""

from __future__ import annotations

from html import escape

from .handout import to_html
from .recording.recorder import record
from .recording.trace import Trace

__all__ = ["Trace", "record"]


MOST = 1000  # events: of a longer run nobody steps through all, and each step is a picture to draw
TOLD = 100  # events: so many of the last are told in words then


def _mimebundle(trace: Trace, include: object = None, exclude: object = None) -> dict[str, str]:
    from .drawing.narrate import sentence
    from .widgets.player import Player

    if len(trace) <= MOST:
        return Player(trace)._repr_mimebundle_(include, exclude)
    steps = trace.steps
    first = steps.containing(len(trace) - TOLD)
    said = [sentence(step) for step in steps[first:]]
    head = f"{len(trace)} events were recorded, too many to be drawn. How it ended, in words:"
    return {
        "text/html": f"<p>{head}</p><ul>{''.join(f'<li>{escape(each)}</li>' for each in said)}</ul>",
        "text/plain": "\n".join([head, *(f"- {each}" for each in said)]),
    }


Trace._repr_mimebundle_ = _mimebundle
Trace.to_html = to_html
