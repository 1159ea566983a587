"""Silence about floats: PyTorch says nothing when numbers overflow or become nan, and NumPy warns.

    token = hush(SILENT)
    try:
        ...  # compute
    finally:
        speak(token)

says nothing either, whatever warnings or errors the user wants of NumPy. The surprising idea: this is all that
`with np.errstate(all="ignore")` does, but that takes longer than to multiply two small arrays. It sets a
context variable of NumPy's to a value that it puts together each time; here it is put together once.
"""

from __future__ import annotations

import contextvars

import numpy as np


def _silence() -> tuple[contextvars.ContextVar, object]:
    """The variable that NumPy looks at, and its value for silence."""
    outside = contextvars.copy_context()
    with np.errstate(all="ignore"):
        inside = contextvars.copy_context()
    (found,) = [pair for pair in inside.items() if outside.get(pair[0]) is not pair[1]]
    return found


_variable, SILENT = _silence()
hush, speak = _variable.set, _variable.reset
