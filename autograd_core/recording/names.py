"""Which of the user's variables hold a tensor right now."""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType

from ..tensor import Tensor


def named_tensors(frame: FrameType, outermost: FrameType | None) -> Iterator[tuple[str, Tensor]]:
    """Every (name, tensor) that this frame and its callers up to `outermost` can see, inner first."""
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, Tensor) and not is_private(name):
                yield name, value
        if frame is outermost:
            return
        frame = frame.f_back


def is_private(name: str) -> bool:
    """IPython keeps results in `_`, `__`, `_3`, ...: those are not names that a reader gave."""
    return name.startswith("_")
