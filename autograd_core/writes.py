"""Writes of other kinds than an operation's twin: at places, of looks instead of numbers, at random.

The surprising idea: `t_()` and `set_()` change no number at all, and are writes all the same. They change
what the tensor shows, and whoever saved it counts on that.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np

from . import errors
from .differentiable import differentiable, only, over
from .graph import gradient_edge
from .inplace import check_history, copy_, fill_, in_place, repeats
from .modes import modes
from .observe import slot, telling
from .operation import Operation
from .ops.comparison import masked_fill
from .ops.creation import tensor
from .ops.filling import generator, zeros_like
from .ops.indexing import index_put, is_all, views_of
from .ops.views import (
    as_strided,
    expand,
    spread,
    squeeze,
    squeeze_all,
    squeeze_dim,
    squeeze_dims,
    strided,
    t,
    unsqueeze,
    view,
)
from .storage import Storage
from .tensor import Tensor

# ---- at places -----------------------------------------------------------------------------------------


def _warned(op: str, example: str) -> Callable:
    """Of these two PyTorch only warns where elements share a place in memory."""

    def may_share(self: Tensor, *places_and_values: object) -> bool:
        if repeats(self._array):
            warnings.warn(errors.written_expanded(op, example), stacklevel=4)
        return True

    return may_share


index_put_ = in_place(index_put, _warned("index_put_", "tensor[indices] = tensor"))
masked_fill_ = in_place(masked_fill, _warned("masked_fill_", "tensor[mask] = scalar"))


@telling
def setitem(self: Tensor, index: object, value: object) -> None:
    """`self[index] = value`: a write through the view that the index gives, or at places in it.

    Where that is all of the tensor, it is a write to the tensor itself. Raises RuntimeError for a
    value that cannot be expanded to the part's shape; leading dimensions of size 1 do not matter.
    """
    if not isinstance(value, (Tensor, bool, int, float, np.integer)):
        raise TypeError(f"can't assign a {errors.kind_of(value)} to a torch.{self.dtype.type_name}")
    if index is False:  # nothing is chosen, so nothing is written
        return
    parts = index if isinstance(index, tuple) else (index,)
    whole = len(parts) <= self.ndim and all(map(is_all, parts, self.shape))
    value = value if isinstance(value, Tensor) else tensor(value).to(self.dtype)
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
        args = operation.complete((self, *args), kwargs)
        return _look(self, looks(self._array, *args[1:]), operation, args)

    turn.__name__ = turn.__qualname__ = operation.name + "_"
    turn.__doc__ = f"`{operation.name}`, for the tensor itself. Returns the tensor."
    return turn


def _look(self: Tensor, array: np.ndarray, operation: Operation, args: Sequence) -> Tensor:
    """Let the tensor show its memory like `array`, and tell its counter and its history."""
    node = None
    if modes.grad and self.requires_grad:
        check_history(self)
        node = operation.make_node(args, (gradient_edge(self),))
    self._storage, self._array = self.untyped_storage(), array
    self._counter.value += 1
    if node is not None:
        operation.finish_node(node, (self,))
        if self._view is not None:  # its history says how it looks now
            self._view.version = self._counter.value
    if slot.listener is not None:
        slot.listener.written(self, operation.name + "_", self._counter.value - 1, args)
    return self


_turn_ = in_place_view(t, "TBackward1")


@telling
def t_(self: Tensor) -> Tensor:
    """`t`, for the tensor itself. Returns the tensor."""
    if self.ndim > 2:
        raise errors.more_than_a_matrix("t_", self.ndim)
    return _turn_(self)


_SQUEEZES = {
    squeeze_all: in_place_view(squeeze_all, "SqueezeBackward3"),
    squeeze_dim: in_place_view(squeeze_dim, "SqueezeBackward4"),
    squeeze_dims: in_place_view(squeeze_dims, "SqueezeBackward5"),
}


@telling
def squeeze_(self: Tensor, *dim: int | tuple[int, ...], **named: object) -> Tensor:
    """`squeeze`, for the tensor itself. Returns the tensor."""
    chosen, named = squeeze.fitting((self, *dim), named)
    return _SQUEEZES[chosen](self, *dim, **named)


_strided = over(strided, "AsStridedBackward1").operation


@telling
def as_strided_(self: Tensor, size, stride, storage_offset=None) -> Tensor:
    """`as_strided`, for the tensor itself. Returns the tensor."""
    looks = as_strided(self.detach(), size, stride, storage_offset)
    return _look(self, looks._array, _strided, (self, tuple(size), tuple(stride), storage_offset))


@telling
def set_(self: Tensor, source: Tensor | None = None) -> Tensor:
    """Look at the memory of another tensor from now on, or at none (`torch.Tensor.set_`).

    The tensor keeps its own version counter. Raises RuntimeError for another dtype.
    """
    source = tensor([], dtype=self.dtype) if source is None else source
    if source.dtype is not self.dtype:
        raise RuntimeError(
            f"Could not set tensor of type {source.dtype.c_name} to a tensor of type "
            f"{self.dtype.c_name}"
        )
    if modes.grad and (self.requires_grad or source.requires_grad):
        check_history(self)
    self._storage, self._array = source.untyped_storage(), source._array
    self._counter.value += 1
    if slot.listener is not None:
        slot.listener.written(self, "set_", self._counter.value - 1, (self, source))
    return self


@telling
def resize_(self: Tensor, *size: int) -> Tensor:
    """Show the first elements of the memory in this size, or more than there were (`torch.Tensor.resize_`).

    What is new is not set to anything. Where it takes more memory than there is, the tensor gets new
    memory; PyTorch would move its aliases along, this core leaves them where they are. Raises
    RuntimeError for a tensor that requires grad.
    """
    size = spread(size)
    if self.requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    if size == self._array.shape:
        return self
    storage, offset = self.untyped_storage(), self.storage_offset()
    missing = offset + int(np.prod(size, dtype=np.int64)) - storage.memory.size
    if missing > 0:
        storage = Storage(np.concatenate([storage.memory, np.empty(missing, self._array.dtype)]))
    steps = tuple(np.cumprod([1, *reversed(size[1:])])[::-1].tolist()) if size else ()
    self._storage, self._array = storage, storage.look(size, steps, offset)
    self._counter.value += 1
    if slot.listener is not None:
        slot.listener.written(self, "resize_", self._counter.value - 1, (self,))
    return self


# ---- at random -----------------------------------------------------------------------------------------


def _some_width(self, mean, std):
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    only("f", "normal_kernel_cpu")(self)


@differentiable(check=_some_width)
def normal(self, mean=0.0, std=1.0):
    return generator.random.normal(mean, std, self.shape).astype(self.dtype)

normal.gradient(self=lambda grad: zeros_like(grad))


@differentiable(check=only("f", "check_uniform_bounds"))
def uniform(self, a=0.0, b=1.0):
    if a > b:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}"
        )
    return generator.random.uniform(a, b, self.shape).astype(self.dtype)

uniform.gradient(self=lambda grad: zeros_like(grad))
