"""How a recording shows itself in a notebook: the only place where Trace and Player meet.

`recording` knows no picture, and pictures need the packages of `autograd-core[lab]`, so they are
loaded when a trace is to be shown and not before.
"""

from __future__ import annotations

from html import escape

from .handout import to_html
from .recording.record import record
from .recording.trace import Trace

__all__ = ["Trace", "record"]


MOST = 5000  # events, some thousand steps: nobody steps through more, and each is to be prepared
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


def _describe(trace: Trace) -> str:
    """The whole run in plain sentences, one line for each step.

    >>> from autograd_core import tensor
    >>> with record() as trace:
    ...     out = tensor([1.0], requires_grad=True).sigmoid()
    >>> print(trace.describe())  # doctest: +ELLIPSIS
    1. `tensor([1.0], requires_grad=True)` is a leaf that requires grad. It holds `[1.]`, in storage ...
    2. `out = tensor([1.0], requires_grad=True).sigmoid()` makes a new tensor that holds `[0.7311]`. ...
    """
    from .drawing.describe import describe
    from .drawing.narrate import narrate

    said = []
    if trace.dropped:
        said.append(f"{trace.dropped} events went before and were dropped. There was then:")
        said.append(describe(trace.base))
    said += [f"{number}. {text}" for number, text in enumerate(narrate(trace), start=1)]
    if trace.left_out:
        times = "once" if trace.left_out == 1 else f"{trace.left_out} times"
        said.append(f"Another thread or task used tensors {times} meanwhile; that is left out.")
    return "\n".join(said) or "Nothing was recorded."


Trace._repr_mimebundle_ = _mimebundle
Trace.describe = _describe
Trace.to_html = to_html
