"""In a notebook, show an error of ours as the user's line and one sentence.

PyTorch's core is C++ and leaves no lines in a traceback. Ours is Python, and a student who wrote to a
leaf would get half a screen of this package before the sentence that matters. So under IPython the
lines of this package are left out of what is shown. The error itself keeps its whole traceback, in
`error.__traceback__`.
"""

from __future__ import annotations

import sys
from types import TracebackType

from .frames import is_ours


def without_ours(step: TracebackType | None) -> TracebackType | None:
    """The same traceback without the frames of this package.

    Where a magic of ours runs the user's code, what led to the magic is left out, too, but for the
    first frame: it is IPython's own, and IPython expects it there.
    """
    kept, outside = [], []
    while step is not None:
        if not is_ours(step.tb_frame):
            kept.append(step)
        elif step.tb_frame.f_locals.get("__tracebackhide__") == "__ipython_bottom__":
            kept, outside = kept[:1], kept
        step = step.tb_next
    if len(kept) < 2 <= len(outside):  # it is the magic itself that raised
        kept = outside
    short = None
    for each in reversed(kept):
        short = TracebackType(short, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return short


def shorten_in_ipython() -> None:
    """Leave this package's lines out of the tracebacks that this IPython shows, if there is one.

    Does nothing elsewhere, nor where somebody handles exceptions in a way of their own already.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell is None or shell.custom_exceptions:
        return

    def show(shell, kind, error, traceback, tb_offset=None):
        shell.showtraceback((kind, error, without_ours(traceback)), tb_offset=tb_offset)

    shell.set_custom_exc((Exception, KeyboardInterrupt), show)
