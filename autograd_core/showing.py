"""How a recording shows itself in a notebook: the only place where Trace and Player meet.

`recording` knows no picture, and pictures need the packages of `autograd-core[lab]`, so they are
loaded when a trace is to be shown and not before.
"""

from __future__ import annotations

from .recording.recorder import record
from .recording.trace import Trace

__all__ = ["Trace", "record"]


def _mimebundle(trace: Trace, include: object = None, exclude: object = None) -> dict[str, str]:
    from .widgets.player import Player

    return Player(trace)._repr_mimebundle_(include, exclude)


Trace._repr_mimebundle_ = _mimebundle
