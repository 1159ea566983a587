"""Draw tensors as they are now, without a recording.

    draw(loss)

shows the tensor, the graph behind it, what every node saved and at which version, and whatever of
the caller's variables shares memory with any of it. It is the picture of a recorded step, for a
trace that has only one.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from types import FrameType

from ..recording.live import glance
from ..tensor import Tensor
from .picture import Drawing, GraphPicture

DRAW_A_RECORDING = (
    "draw() takes tensors of autograd_core. PyTorch does not tell at which version it has saved a tensor, "
    'so record what you want to see: with record(backend="torch") as trace'
)


def draw(*tensors: Tensor, names: Sequence[str] | None = None) -> GraphPicture:
    """The picture of these tensors and all that belongs to them; `print` says it in words.

    Names are those of the caller's variables; `names` gives one for each tensor instead. Raises
    TypeError for what is no tensor, ValueError for another number of names than of tensors.

    >>> from autograd_core import tensor
    >>> a = tensor([1.0, 2.0], requires_grad=True)
    >>> print(draw(a))
    `a` (leaf, requires_grad=True) holds `[1., 2.]` in storage S0 at version 0; its grad is None.
    """
    if not tensors:
        raise TypeError("draw() needs a tensor: draw(out), or draw(out, c) for more than one")
    for each in tensors:
        if not isinstance(each, Tensor):
            kind = type(each)
            if kind.__module__.split(".")[0] == "torch":
                raise TypeError(DRAW_A_RECORDING)
            raise TypeError(f"draw() takes tensors, and this is of type {kind.__name__}")
    known = variables(sys._getframe(1))
    if names is not None:
        given = [names] if isinstance(names, str) else [str(each) for each in names]
        if len(given) != len(tensors):
            counts = _count(len(tensors), "tensor"), _count(len(given), "name")
            raise ValueError("draw() was given {} and {}".format(*counts))
        asked = {id(each) for each in tensors}
        others = [(name, each) for name, each in known if id(each) not in asked]
        known = [*zip(given, tensors, strict=True), *others]
    return GraphPicture(Drawing(glance(tensors, known)), 1)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def variables(frame: FrameType) -> list[tuple[str, Tensor]]:
    """The tensors that the caller's code has names for; those that IPython keeps are nobody's.

    Before Python 3.13 a function's frame that is asked for its variables keeps a copy of them, and
    so every tensor in it: the copy is emptied, unless the user holds it too (by `locals()`).
    """
    inside = frame.f_locals
    in_function = bool(frame.f_code.co_flags & inspect.CO_OPTIMIZED)
    outside = frame.f_globals if in_function else {}
    everything = {**outside, **inside}
    if in_function and sys.version_info < (3, 13) and sys.getrefcount(inside) <= 3:
        inside.clear()
    return [
        (name, value)
        for name, value in everything.items()
        if issubclass(type(value), Tensor) and name.isidentifier() and not name.startswith("_")
    ]
