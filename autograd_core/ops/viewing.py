"""What a view is: another tensor on the same memory, at other steps.

A view copies nothing. It shares its base's storage *and* its version counter, so a write through
either is seen, and counted, by both.

The surprising idea: a view's `grad_fn` can change without anyone touching the view. When the base is
written, the view is a view of something new, so the next look at its `grad_fn` finds a fresh
`AsStridedBackward0` that leads to whatever wrote the base:

    b = a * 1
    v = b[0]        # SelectBackward0 -> MulBackward0
    b.zero_()
    v.grad_fn       # AsStridedBackward0 -> ZeroBackward0
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .. import errors
from ..differentiable import differentiable
from ..errors import demand
from ..graph import gradient_edge
from ..modes import modes
from ..observe import slot
from ..operation import Operation, OperationNode
from ..storage import Storage, Uncounted, owner, stepping
from ..tensor import Geometry, Tensor, alias, wrap
from .filling import new_zeros


class View:
    """How a view looks at its base, and at which version its `grad_fn` was right.

    `made` is what forbids to write the view or its base where that is recorded: it was made in
    "no_grad" or "inference_mode", by a user's "function", or as one of "several" at once.
    """

    __slots__ = ("base", "version", "made")

    def __init__(self, base: Tensor, version: int, made: str | None) -> None:
        self.base, self.version, self.made = base, version, made

    def refresh(self, view: Tensor) -> None:
        """Give the view a new `grad_fn` if its base was written since it got the old one."""
        version = view._counter.value
        if version == self.version or not (view._grad_fn is not None or self.base.requires_grad):
            return
        self.renew(view)
        if slot.listener is not None:
            slot.listener.changed(view, "a write to its base")

    def renew(self, view: Tensor) -> None:
        """Give the view a `grad_fn` that says which part of its base it is, as the base is now."""
        self.check(view, indirectly=True)
        self.version = view._counter.value
        arguments = self.base, *view._geometry()
        node = as_strided.operation.make_node(arguments, (gradient_edge(self.base),))
        as_strided.operation.finish_node(node, (view,))

    def check(self, view: Tensor, indirectly: bool = False) -> None:
        """Raise RuntimeError if the view is of a kind that no write can be told to."""
        if self.made is not None:
            node = view._grad_fn and view._grad_fn.plain_name
            sentence = errors.view_written(self.made, node, view._output_nr, indirectly)
            raise errors.refused_write(sentence, view)


def look_at(source: Tensor, array: np.ndarray, several: bool) -> Tensor:
    """A view of `source` that looks like `array`, on the same memory and counter.

    `several`: the operation returns several views at once, which must not be written.
    """
    if source._inference:  # PyTorch keeps no account of views there
        return alias(source, array, Uncounted())
    demand(type(source._counter) is not Uncounted, errors.INFERENCE_VERSION)
    out = alias(source, array, source._counter)
    base = source if source._base is None else source._base
    before = source._view and source._view.made
    if modes.inference or before == "inference_mode":
        made = "inference_mode"
    elif not modes.grad:
        made = "no_grad"
    else:
        made = "several" if several else before
    out._base, out._view = base, View(base, source._counter.value, made)
    return out


def of_array(array: np.ndarray) -> Tensor:
    """The tensor of an array that may be a view itself; then it is a view of the array's owner."""
    return wrap(array) if array.base is None else look_at(wrap(owner(array)), array, several=False)


def view_operation(forward: Callable | None = None, **names: str) -> Callable:
    """Like `differentiable`, for a forward that returns a NumPy view of its input, or a list of them.

    Several views of one operation share its node.
    """
    return differentiable(forward, looks=look, **names)


def look(
    operation: Operation, args: Sequence, node: OperationNode | None
) -> Tensor | tuple[Tensor, ...]:
    """Make the view, or all of them, with the node if the source needs a gradient."""
    self = args[0]
    try:
        looks = operation.forward(self._array if self._array.size else stepping(self._array), *args[1:])
    except TypeError:
        operation.takes.check_plain(args)
        raise
    several = type(looks) is list
    outs = [look_at(self, array, several) for array in (looks if several else (looks,))]
    if node is not None and not self._inference:  # PyTorch passes over what inference mode has made
        operation.finish_node(node, outs)
    if slot.listener is not None:
        for out in outs:
            slot.listener.alias_made(self, out, operation.name)
    return tuple(outs) if several else outs[0]


# ---- any steps through the storage -------------------------------------------------------------------


@view_operation
def as_strided(self, size, stride, storage_offset=None):
    """The elements of the storage at these steps from each other (`torch.as_strided`).

    Raises RuntimeError for steps that are negative or lead out of the storage.
    """
    storage, itemsize = Storage(self), self.itemsize
    offset = storage.offset_of(self) if storage_offset is None else storage_offset
    demand(len(size) == len(stride), "mismatch in length of strides and shape")
    demand(min(stride, default=0) >= 0, errors.NEGATIVE_STEPS, stride)
    demand(offset >= 0, "Tensor: invalid storage offset {}", offset)
    needed, there = 0 if 0 in size else itemsize * extent((size, stride, offset)), storage.nbytes()
    demand(needed <= there, errors.BEYOND_STORAGE, size, stride, offset, itemsize, needed, there)
    return storage.look(size, stride, offset)


def _where_it_looked(grad, self_geometry, size, storage_offset, stride):
    if 0 in size:
        return new_zeros(grad, self_geometry[0])
    offset = self_geometry[2] if storage_offset is None else storage_offset
    return as_strided_backward(grad, self_geometry, (size, stride, offset))

as_strided.gradient(self=_where_it_looked)


@differentiable
def as_strided_backward(self, base, view):
    flat = np.zeros(max(extent(base), extent(view)), self.dtype)
    places = Storage(np.arange(flat.size))
    np.add.at(flat, places.look(*view).ravel(), self.ravel())
    # Each element's gradient is shared by all places of the base that show it.
    flat /= np.maximum(np.bincount(places.look(*base).ravel(), minlength=flat.size), 1)
    return Storage(flat).look(*base).copy()


@differentiable
def as_strided_of(self, base, view):
    flat = np.zeros(max(extent(base), extent(view)), self.dtype)
    Storage(flat).look(*base)[...] = self
    return Storage(flat).look(*view).copy()

as_strided_backward.gradient(self=as_strided_of)
as_strided_of.gradient(self=as_strided_backward)


def extent(geometry: Geometry) -> int:
    """How many elements of a storage it takes to hold this geometry."""
    size, stride, offset = geometry
    if 0 in size:
        return offset
    return offset + 1 + sum((n - 1) * step for n, step in zip(size, stride))
