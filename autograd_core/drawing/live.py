"""Draw tensors as they are now, without a recording.

    draw(loss)

shows the tensor, the graph behind it, what every node saved and at which version, and whatever of
the caller's variables shares memory with any of it. It is the picture of a recorded step, for a
trace that has only one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType

from ..recording.before import variables as seen_by
from ..recording.library import Library
from ..recording.live import glance
from ..recording.record import library
from ..tensor import Tensor
from .picture import Drawing, GraphPicture

IPYTHONS = ("In", "Out", "exit", "quit", "get_ipython", "open")  # variables that are there from the start


def draw(*tensors: object, names: Sequence[str] | None = None) -> GraphPicture:
    """The picture of these tensors and all that belongs to them; `print` says it in words.

    Draws tensors of this package, and of PyTorch. Names are those of the caller's variables, or say where
    in the caller's objects a tensor lives (`net[0].weight`); `names` gives one for each tensor instead.
    Raises TypeError for what is no tensor, and for tensors of both; ValueError for another number of names
    than of tensors; and Unsupported (an ImportError) for tensors of a PyTorch that is too old.

    >>> from autograd_core import tensor
    >>> a = tensor([1.0, 2.0], requires_grad=True)
    >>> print(draw(a))
    `a` (leaf, requires_grad=True) holds `[1., 2.]` in storage S0 at version 0; its grad is None.
    """
    its_library = library_of(tensors)
    given: list[tuple[str, object]] = []
    if names is not None:
        names = [names] if isinstance(names, str) else [str(each) for each in names]
        if len(names) != len(tensors):
            counts = _count(len(tensors), "tensor"), _count(len(names), "name")
            raise ValueError("draw() was given {} and {}".format(*counts))
        given = [*zip(names, tensors, strict=True)]
    return GraphPicture(Drawing(glance(its_library, tensors, given, variables(sys._getframe(1)))), 1)


def library_of(tensors: Sequence[object]) -> Library:
    """The library that all of these are tensors of."""
    if not tensors:
        raise TypeError("draw() needs a tensor: draw(out), or draw(out, c) for more than one")
    found = set()
    for each in tensors:
        if isinstance(each, Tensor):
            found.add("core")
        elif "torch" in sys.modules and isinstance(each, sys.modules["torch"].Tensor):
            found.add("torch")
        else:
            raise TypeError(f"draw() takes tensors, and this is of type {type(each).__name__}")
    if len(found) > 1:
        raise TypeError("draw() takes tensors of one library: draw those of PyTorch by themselves")
    return library(found.pop())


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def variables(frame: FrameType) -> dict[str, object]:
    """What the caller's code has names for, its own first; what IPython keeps is nobody's."""
    own = {*frame.f_code.co_varnames, *frame.f_code.co_freevars}
    held = sorted(seen_by(frame).items(), key=lambda each: each[0] not in own)
    return {
        name: value
        for name, value in held
        if name.isidentifier() and not name.startswith("_") and name not in IPYTHONS
    }
