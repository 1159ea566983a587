"""Which of the user's variables hold a tensor right now."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from types import FrameType

from ..tensor import Tensor
from .places import is_the_users


def named_tensors(frame: FrameType, outermost: FrameType | None) -> Iterator[tuple[str, Tensor]]:
    """Every (name, tensor) that this frame and its callers up to `outermost` can see, inner first."""
    while frame is not None:
        if is_the_users(frame):
            yield from tensors_in(variables(frame))
        if frame is outermost:
            return
        frame = frame.f_back


def tensors_in(variables: Mapping[str, object]) -> Iterator[tuple[str, Tensor]]:
    """Every (name, tensor) among these variables."""
    for name, value in variables.items():
        # `isinstance` would ask the user's object for its `__class__`, and that may run code.
        if issubclass(type(value), Tensor) and not is_private(name):
            yield name, value


def variables(frame: FrameType) -> dict[str, object]:
    """The variables of a frame, by name.

    Before Python 3.13 a function's frame that is asked for them keeps a copy, and so every tensor
    in it: the copy is emptied, unless the user holds it too (by `locals()`).
    """
    held = frame.f_locals
    copy = dict(held)
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        if sys.getrefcount(held) <= 3:  # the frame's reference, ours, and that of the call itself
            held.clear()
    return copy


def is_private(name: str) -> bool:
    """IPython keeps results in `_`, `__`, `_3`, ...: those are not names that a reader gave."""
    return name.startswith("_")
