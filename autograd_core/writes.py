"""Writes of other kinds than an operation's twin: at places, of looks instead of numbers, at random.

The surprising idea: `t_()` and `set_()` change no number at all, and are writes all the same. They change
what the tensor shows, and whoever saved it counts on that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from . import errors
from .dtypes import element
from .differentiable import differentiable, over
from .errors import demand
from .frames import warn
from .graph import Node, gradient_edge
from .inplace import check_history, copy_, count, fill_, in_place, rewrite_base
from .modes import modes
from .observe import Listener, tell, telling
from .ops.comparison import mask_and_number, masked_fill, masked_fill_number, masked_fill_tensor
from .ops.creation import tensor
from .ops.arithmetic import no_derivative
from .ops.indexing import dims_taken, fits_mask, index_put, is_all, is_masked_fill, views_of
from .ops.views import expand, squeeze, squeeze_all, squeeze_dim, squeeze_dims, t, transpose
from .ops.views import unsqueeze, view
from .ops.viewing import as_strided
from .signatures import overloads
from .storage import Storage, repeats, stepping, steps_in_rows
from .tensor import Tensor, wrap

# ---- at places -----------------------------------------------------------------------------------------


def _warned(self: Tensor, places: object, value: object, *more: object) -> bool:
    """Of writes at places PyTorch only warns where elements share a place in memory."""
    if repeats(self._array):
        warning, put = errors.WRITTEN_EXPANDED, isinstance(places, tuple)
        if put and sum(1 if each is None else dims_taken(each) for each in places) <= self.ndim:
            warn(warning.format("index_put_", "tensor[indices] = tensor"))
        if not put or (is_masked_fill(places, value, *more) and fits_mask(self, places)):
            warn(warning.format("masked_fill_", "tensor[mask] = scalar"))
    return True


index_put_ = in_place(index_put, _warned)
_masked = [
    over(masked_fill_tensor, "MaskedFillBackward1", tensors=True, check=mask_and_number),
    over(masked_fill_number, "MaskedFillBackward0", check=mask_and_number),
]
masked_fill_ = in_place(overloads(*_masked)(masked_fill), _warned)


@telling
def setitem(self: Tensor, index: object, value: object) -> None:
    """`self[index] = value`: a write through the view that the index gives, or at places in it.

    Where that is all of the tensor, it is a write to the tensor itself. Raises RuntimeError for a
    value that cannot be expanded to the part's shape; leading dimensions of size 1 do not matter.
    """
    known = isinstance(value, (Tensor, bool, int, float, np.integer))
    demand(known, errors.WRITE_OF_WHAT, errors.kind_of(value), self.dtype, kind=TypeError)
    if index is False:  # nothing is chosen, so nothing is written
        return
    parts = index if isinstance(index, tuple) else (index,)
    whole = len(parts) <= self.ndim and all(map(is_all, parts, self.shape))
    if not isinstance(value, Tensor):
        value = wrap(np.array(element(value, self._array.dtype)))
    if whole or index is Ellipsis:
        part, places = self, ()
    elif index is True:
        part, places = unsqueeze(self, 0), ()
    else:
        part, places = views_of(self, index)
    if places:
        index_put_(part, places, _without_leading_ones(value) if value.shape[:1] == (1,) else value)
        return
    if part.ndim and not value.ndim:
        fill_(part, value)
        return
    if value.shape != part.shape:
        value = _without_leading_ones(value)
    if value.shape != part.shape:
        value = expand(value, part.shape)
    copy_(part, value)


def _without_leading_ones(value: Tensor) -> Tensor:
    extra = next((i for i, n in enumerate(value.shape) if n != 1), value.ndim)
    return view(value, value.shape[extra:])


# ---- of looks instead of numbers -----------------------------------------------------------------------


def in_place_view(view: Callable, node: str) -> Callable:
    """The twin of a view: the tensor itself looks at its memory in another way from now on."""
    looks, operation = view.operation.forward, over(view, node).operation

    @telling
    def turn(self, *args, **kwargs):
        args, made = operation.complete((self, *args), kwargs), None
        if modes.grad and self.requires_grad:
            check_history(self)
            made = operation.make_node(args, (gradient_edge(self),))
        looks_now = looks(stepping(self._array), *args[1:])
        return _show(self, looks_now, self.untyped_storage(), turn.__name__, args, made)

    turn.__name__ = turn.__qualname__ = operation.name + "_"
    turn.__doc__ = f"`{operation.name}`, for the tensor itself. Returns the tensor."
    return turn


def _show(
    self: Tensor, array: np.ndarray, storage: Storage, name: str, args: Sequence, node: Node | None = None
) -> Tensor:
    """Let the tensor show this part of the memory; tell its counter, its history and who listens."""
    if modes.before_write is not None:
        modes.before_write(self)
    self._storage, self._array = storage, array
    before = count(self, name, args)
    if node is not None:
        # What a tensor retains stays behind, as in PyTorch, unless it looks at other memory.
        retains, self._retains_grad = self._retains_grad, self._retains_grad and name == "set_"
        node.operation.finish_node(node, (self,))
        self._retains_grad = retains
        if self._view is not None:  # its history says how it looks now
            self._view.version = self._counter.value
    tell(Listener.written, self, name, before, args)
    return self


transpose_ = in_place_view(transpose, "TransposeBackward1")
unsqueeze_ = in_place_view(unsqueeze, "UnsqueezeBackward1")
as_strided_ = in_place_view(as_strided, "AsStridedBackward1")
_turn_ = in_place_view(t, "TBackward1")


@telling
def t_(self: Tensor) -> Tensor:
    """`t`, for the tensor itself. Returns the tensor."""
    if self.ndim > 2:
        if modes.grad and self.requires_grad:
            check_history(self)
        raise RuntimeError(errors.MORE_THAN_A_MATRIX.format("t_", self.ndim))
    return _turn_(self)


_SQUEEZES = {
    squeeze_all: in_place_view(squeeze_all, "SqueezeBackward3"),
    squeeze_dim: in_place_view(squeeze_dim, "SqueezeBackward4"),
    squeeze_dims: in_place_view(squeeze_dims, "SqueezeBackward5"),
}


@telling
def squeeze_(self: Tensor, *dim: int | tuple[int, ...], **named: object) -> Tensor:
    """`squeeze`, for the tensor itself. Returns the tensor."""
    return _SQUEEZES[squeeze.fitting((self, *dim), named, "squeeze_")](self, *dim, **named)


@differentiable(name="set_", node="NotImplemented")
def _set(self, source):
    return source

_set.gradient(self=no_derivative("set_"), source=no_derivative("set_"))


@differentiable(name="set_", node="NotImplemented")
def _set_to_nothing(self):
    return self

_set_to_nothing.gradient(self=no_derivative("set_"))


@telling
def set_(self: Tensor, source: Tensor | None = None) -> Tensor:
    """Look at the memory of another tensor from now on, or at none (`torch.Tensor.set_`).

    The tensor keeps its own version counter. Raises RuntimeError for another dtype.
    """
    args, op = ((self,), _set_to_nothing) if source is None else ((self, source), _set)
    source = tensor([], dtype=self.dtype) if source is None else source
    demand(source.dtype is self.dtype, errors.SET_TO_OTHER_TYPE, source.dtype, self.dtype)
    if modes.grad and (self.requires_grad or source.requires_grad):
        check_history(self)
    node = op.operation.node_for(args)
    _show(self, source._array, source.untyped_storage(), "set_", args, node)
    self._accumulate_grad = None  # as a leaf it is another one from now on
    if node is not None and self._base is not None:
        rewrite_base(self, node)
    return self


@telling
def resize_(self: Tensor, *size: int) -> Tensor:
    """Show the first elements of the memory in this size, or more than there were (`torch.Tensor.resize_`).

    What is new is not set to anything. Where it takes more memory than there is, the tensor gets new
    memory; PyTorch would move its aliases along, this core leaves them where they are. Raises
    RuntimeError for a tensor that requires grad.
    """
    demand(size, 'resize_() missing 1 required positional arguments: "size"', kind=TypeError)
    size = tuple(size[0]) if isinstance(size[0], (tuple, list)) else size
    demand(not self.requires_grad, "cannot resize variables that require grad")
    if size == self._array.shape:
        return self
    storage, offset = self.untyped_storage(), self.storage_offset()
    missing = offset + int(np.prod(size, dtype=np.int64)) - storage.memory.size
    if missing > 0:
        storage = Storage(np.concatenate([storage.memory, np.empty(missing, self._array.dtype)]))
    rows = storage.look(size, steps_in_rows(size, 1), offset)
    return _show(self, rows, storage, "resize_", (self,))
