"""Tensors side by side, cut apart, repeated and turned round.

`split`, `chunk` and `unbind` cut without copying: they return views, several of one node, and that is
why PyTorch forbids to write them in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable
from ..dimensions import axes, axis, known_axis
from ..errors import demand, demand_index
from ..signatures import numpy_names
from ..storage import copy_of, room_in_order_of
from ..tensor import Tensor
from .filling import new_zeros
from .reductions import sum_dim
from .views import reshape, slice_dim
from .viewing import view_operation

# ---- cut apart ---------------------------------------------------------------------------------------


@view_operation
def unbind(self, dim=0):
    dim = axis(self.ndim, dim)
    demand_index(self.ndim, "Dimension specified as 0 but tensor has no dimensions")
    front = np.moveaxis(self, dim, 0)
    return [front[i, ...] for i in range(len(front))]  # `list` would copy the elements of a vector

unbind.gradient(self=lambda grads, dim: join_new(grads, dim))


def iterate(self: Tensor) -> Iterator[Tensor]:
    """The parts along the first dimension, one after the other, for a `for`."""
    demand(self.ndim, "iteration over a 0-d tensor", kind=TypeError)
    return iter(unbind(self))


def _size_along(op, self, dim):
    demand(self.ndim, "{} expects at least a 1-dimensional tensor", op)
    return self.shape[axis(self.ndim, dim)]


@view_operation(name="split", node="SplitBackward0")
def split_evenly(self, split_size, dim=0):
    size = _size_along("split", self, dim)
    demand(split_size >= 0, errors.NEGATIVE_SPLIT_SIZE, split_size)
    demand(split_size or not size, errors.ZERO_SPLIT_SIZE, size)
    return _cut(self, range(split_size, size, split_size or 1), dim)

split_evenly.gradient(self=lambda grads, dim, self_sym_sizes, split_size: join(grads, dim))


@view_operation(name="split_with_sizes")
def split_unevenly(self, split_sizes, dim=0):
    size = _size_along("split", self, dim)
    demand(min(split_sizes, default=0) >= 0, errors.NEGATIVE_SPLIT, split_sizes)
    demand(sum(split_sizes) == size, errors.UNEVEN_SPLIT, size, dim, split_sizes)
    return _cut(self, np.cumsum(split_sizes)[:-1], dim)

split_unevenly.gradient(self=lambda grads, dim, self_sym_sizes, split_sizes: join(grads, dim))


def _cut(array, places, dim):
    return np.split(array, list(places), axis(array.ndim, dim))


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple:
    """Views of the parts along `dim`: all of one size, the last may be shorter, or of these sizes.

    Follows `torch.split`.

    >>> from autograd_core import tensor
    >>> split(tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
    """
    if hasattr(split_size_or_sections, "__index__"):
        return split_evenly(tensor, int(split_size_or_sections), dim)
    return split_unevenly(tensor, tuple(split_size_or_sections), dim)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple:
    """Views of `chunks` parts along `dim`, or of fewer, for all but the last are as long (`torch.chunk`)."""
    size = _size_along("chunk", input, dim)
    demand(chunks > 0, "chunk expects `chunks` to be greater than 0, got: {}", chunks)
    if not size:
        return split_unevenly(input, (0,) * chunks, dim)
    return split_evenly(input, -(-size // chunks), dim)


# ---- side by side ------------------------------------------------------------------------------------


def _end_to_end(tensors, dim):
    shapes = [each.shape for each in tensors]
    demand(() not in shapes, errors.JOIN_OF_SCALAR, () in shapes and shapes.index(()))
    first = next((shape for shape in shapes if shape != (0,)), (0,))
    along = axis(len(first), dim) if first != (0,) else 0  # where there is nothing but `(0,)`
    for position, shape in enumerate(shapes):
        if shape != (0,):
            demand(len(shape) == len(first), errors.JOIN_OF_OTHER_DIM, len(first), len(shape))
            for each, (expected, size) in enumerate(zip(first, shape)):
                fits = each == along or expected == size
                demand(fits, errors.UNEVEN_JOIN, along, expected, size, position)


def _in_rows(joined, parts):
    """Row by row, or pixel by pixel where all parts are images that lie so (PyTorch's `channels_last`)."""
    if not all(map(_lies_by_pixels, parts)):
        return np.ascontiguousarray(joined)
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(joined, 1, -1)), -1, 1)


def _lies_by_pixels(array):
    """Is the second dimension, of the channels, the innermost in memory, and the rest as in rows?"""
    if array.ndim not in (4, 5):
        return False
    filled, channel = 0, array.strides[1]
    for dim in (1, *range(array.ndim - 1, 1, -1), 0):
        step, size = array.strides[dim], array.shape[dim]
        if not size or not channel or step < filled or (dim == 0 and filled == channel):
            return False
        filled = step * size
    return True


@differentiable(name="cat", joins=True, check=_end_to_end)
def join(tensors, dim):
    kind, parts = dtypes.promote(*tensors), [each for each in tensors if each.shape != (0,)]
    return _in_rows(np.concatenate(parts, dim, dtype=kind), tensors) if parts else np.empty(0, kind)

join.gradient(tensors=lambda grad, dim, tensors_each_size: _parts(grad, dim, tensors_each_size))


def _parts(grad, dim, sizes):
    """The gradient of what was joined, cut into the parts it was joined from."""
    parts, start = [], 0
    for size in sizes:
        if size == (0,):  # these were passed over
            parts.append(new_zeros(grad, (0,)))
            continue
        parts.append(slice_dim(grad, dim, start, start + size[dim], 1))
        start += size[dim]
    return parts


def _of_one_size(tensors, dim):
    first = tensors[0].shape
    axis(len(first) + 1, dim)
    for position, each in enumerate(tensors):
        demand(each.shape == first, errors.UNEVEN_STACK, first, each.shape, position)


@differentiable(name="stack", joins=True, check=_of_one_size)
def join_new(tensors, dim):
    shape, kind = tensors[0].shape, dtypes.promote(*tensors)
    dim = axis(len(shape) + 1, dim)
    if dim == len(shape):
        return np.ascontiguousarray(np.stack(tensors, dim, dtype=kind))
    joined = _in_rows(np.concatenate(tensors, dim, dtype=kind), tensors)  # then cut in two dimensions
    return joined.reshape(*shape[:dim], len(tensors), *shape[dim:])

join_new.gradient(tensors=lambda grad, dim: list(unbind(grad, dim)))


@numpy_names
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors one after the other along a dimension that they have (`torch.cat`).

    Raises RuntimeError where their other sizes differ. Tensors of shape `(0,)` are passed over.

    >>> from autograd_core import tensor
    >>> cat([tensor([1, 2]), tensor([3])])
    tensor([1, 2, 3])
    """
    return join(_listed("cat", tensors), dim)


@numpy_names
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors one after the other along a new dimension (`torch.stack`).

    Raises RuntimeError where their sizes differ.

    >>> from autograd_core import tensor
    >>> stack([tensor([1, 2]), tensor([3, 4])], dim=1)
    tensor([[1, 3],
            [2, 4]])
    """
    return join_new(_listed("stack", tensors), dim)


def _listed(op: str, tensors: object) -> list[Tensor]:
    """The tensors as a list, or an error in PyTorch's words."""
    listed = isinstance(tensors, (list, tuple))
    errors.argument(listed, op, "tensors", 1, "tuple of Tensors", tensors)
    for position, each in enumerate(tensors):
        kind = type(each).__name__
        demand(isinstance(each, Tensor), errors.NO_TENSOR_LISTED, position, kind, kind=TypeError)
    demand(tensors or op != "cat", "torch.cat(): expected a non-empty list of Tensors", kind=ValueError)
    demand(tensors, "stack expects a non-empty TensorList")
    return list(tensors)


# ---- repeated and turned round -----------------------------------------------------------------------


@differentiable
def repeat(self, repeats):
    """The tensor side by side with itself, so many times along each dimension (`torch.Tensor.repeat`).

    Raises RuntimeError for fewer numbers than there are dimensions.
    """
    extra = len(repeats) - self.ndim
    demand(extra >= 0, errors.FEW_REPEATS)
    size = [n * m for n, m in zip((1,) * extra + self.shape, repeats)]
    demand(min(size, default=0) >= 0, errors.NEGATIVE_SIZE, min(size, default=0), size)
    return np.ascontiguousarray(np.tile(self, repeats))


def _gathered(grad, repeats, self_sym_sizes):
    """The sum over all repetitions: each dimension is split in two, and one of those summed."""
    if 0 in repeats:
        return new_zeros(grad, self_sym_sizes)
    if len(repeats) == len(self_sym_sizes) and set(repeats) <= {1}:
        return grad
    extra = len(repeats) - len(self_sym_sizes)
    pairs = [each for pair in zip(repeats, (1,) * extra + self_sym_sizes) for each in pair]
    return sum_dim(reshape(grad, pairs), (*range(2 * extra), *range(2 * extra, len(pairs), 2)))

repeat.gradient(self=_gathered)


@differentiable
def roll(self, shifts, dims=()):
    """Moved along `dims`, or along all of memory; what falls out comes in again (`torch.roll`).

    >>> from autograd_core import tensor
    >>> roll(tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """
    demand(shifts, "`shifts` required")
    align = len(shifts) == len(dims) or (len(shifts) == 1 and not dims)
    demand(align, "shifts and dimensions must align. shifts: {}, dims:{}", len(shifts), len(dims))
    if not dims:
        return np.roll(self, shifts[0])
    for shift, dim in zip(shifts, dims if self.size else ()):
        parts = np.split(self, [-shift % self.shape[known_axis(self.ndim, dim)]], dim)[::-1]
        self = _in_rows(np.concatenate(parts, dim), parts)
    return self if self.size else copy_of(self)

roll.gradient(self=lambda grad, dims, shifts: roll(grad, tuple(-each for each in shifts), dims))


@differentiable
def flip(self, dims):
    """A copy with the order along `dims` reversed (`torch.flip`)."""
    out = room_in_order_of(self)
    errors.argument(dims is not None, "flip", "dims", 1, "tuple of ints", dims)
    out[...] = np.flip(self, axes(self.ndim, dims) if dims else ())
    return out

flip.gradient(self=lambda grad, dims: flip(grad, dims))
