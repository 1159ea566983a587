"""Tensors side by side, cut apart, repeated and turned round.

`split`, `chunk` and `unbind` cut without copying: they return views, several of one node, and that is
why PyTorch forbids to write them in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable
from ..errors import demand
from ..storage import room_like
from ..tensor import Tensor
from .filling import zeros
from .dimensions import axes, axis
from .reductions import sum_dim
from .views import reshape, slice_dim, spread, view_operation

# ---- cut apart ---------------------------------------------------------------------------------------


@view_operation
def unbind(self, dim=0):
    dim = axis(self.ndim, dim)
    if not self.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    front = np.moveaxis(self, dim, 0)
    return [front[i, ...] for i in range(len(front))]  # `list` would copy the elements of a vector

unbind.gradient(self=lambda grads, dim: join_new(grads, dim))


def iterate(self: Tensor) -> Iterator[Tensor]:
    """The parts along the first dimension, one after the other, for a `for`."""
    demand(self.ndim, "iteration over a 0-d tensor", kind=TypeError)
    return iter(unbind(self))


@view_operation(name="split", node="SplitBackward0")
def split_evenly(self, split_size, dim=0):
    if not self.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    size = self.shape[axis(self.ndim, dim)]
    if split_size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={split_size}")
    if split_size == 0 < size:
        raise RuntimeError(
            "split_size can only be 0 if dimension size is 0, but got dimension size of " f"{size}"
        )
    return _cut(self, range(split_size, size, split_size or 1), dim)

split_evenly.gradient(self=lambda grads, dim, self_sym_sizes, split_size: join(grads, dim))


@view_operation(name="split_with_sizes")
def split_unevenly(self, split_sizes, dim=0):
    if not self.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    size = self.shape[axis(self.ndim, dim)]
    if any(each < 0 for each in split_sizes):
        raise RuntimeError(
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            f"split_sizes={list(split_sizes)}"
        )
    if sum(split_sizes) != size:
        raise errors.uneven_split(size, dim, split_sizes)
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
    if isinstance(split_size_or_sections, int):
        return split_evenly(tensor, split_size_or_sections, dim)
    return split_unevenly(tensor, tuple(split_size_or_sections), dim)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple:
    """Views of `chunks` parts along `dim`, or of fewer, for all but the last are as long (`torch.chunk`)."""
    if not input.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = input._array.shape[axis(input.ndim, dim)]
    if not size:
        return split_unevenly(input, (0,) * chunks, dim)
    return split_evenly(input, -(-size // chunks), dim)


# ---- side by side ------------------------------------------------------------------------------------


def _end_to_end(tensors, dim):
    shapes = [each.shape for each in tensors]
    if () in shapes:
        raise RuntimeError(
            f"zero-dimensional tensor (at position {shapes.index(())}) cannot be concatenated"
        )
    first = next((shape for shape in shapes if shape != (0,)), (0,))
    along = axis(len(first), dim)
    for position, shape in enumerate(shapes):
        if shape == (0,):
            continue
        if len(shape) != len(first):
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}"
            )
        for each, (expected, size) in enumerate(zip(first, shape)):
            if each != along and expected != size:
                raise errors.uneven_join(along, expected, size, position)


@differentiable(name="cat", joins=True, check=_end_to_end)
def join(tensors, dim):
    parts = [each for each in tensors if each.shape != (0,)] or tensors
    return np.ascontiguousarray(np.concatenate(parts, dim, dtype=dtypes.promote(*tensors)))

join.gradient(tensors=lambda grad, dim, tensors_each_size: _parts(grad, dim, tensors_each_size))


def _parts(grad, dim, sizes):
    """The gradient of what was joined, cut into the parts it was joined from."""
    parts, start = [], 0
    for size in sizes:
        length = 0 if size == (0,) else size[dim]
        part = slice_dim(grad, dim, start, start + length, 1)
        parts.append(reshape(part, (0,)) if size == (0,) else part)
        start += length
    return parts


def _of_one_size(tensors, dim):
    first = tensors[0].shape
    axis(len(first) + 1, dim)
    for position, each in enumerate(tensors):
        if each.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and "
                f"{list(each.shape)} at entry {position}"
            )


@differentiable(name="stack", joins=True, check=_of_one_size)
def join_new(tensors, dim):
    return np.ascontiguousarray(np.stack(tensors, dim, dtype=dtypes.promote(*tensors)))

join_new.gradient(tensors=lambda grad, dim: list(unbind(grad, dim)))


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors one after the other along a dimension that they have (`torch.cat`).

    Raises RuntimeError where their other sizes differ. Tensors of shape `(0,)` are passed over.

    >>> from autograd_core import tensor
    >>> cat([tensor([1, 2]), tensor([3])])
    tensor([1, 2, 3])
    """
    return join(_listed("cat", tensors), dim)


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
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(
            f"{op}(): argument 'tensors' (position 1) must be tuple of Tensors, not "
            f"{type(tensors).__name__}"
        )
    for position, each in enumerate(tensors):
        if not isinstance(each, Tensor):
            raise TypeError(
                f"expected Tensor as element {position} in argument 0, but got {type(each).__name__}"
            )
    if not tensors and op == "cat":
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    return list(tensors)


# ---- repeated and turned round -----------------------------------------------------------------------


@differentiable(name="repeat")
def repeat_dims(self, repeats):
    return np.ascontiguousarray(np.tile(self, repeats))

repeat_dims.gradient(
    self=lambda grad, repeats, self_sym_sizes: _gathered(grad, repeats, self_sym_sizes)
)


def _gathered(grad, repeats, size):
    """The sum over all repetitions: each dimension is split in two, and one of those summed."""
    if 0 in repeats:
        return zeros(*size, dtype=grad.dtype) if isinstance(grad, Tensor) else np.zeros(size)
    size = (1,) * (len(repeats) - len(size)) + tuple(size)
    pairs = [each for pair in zip(repeats, size) for each in pair]
    return sum_dim(reshape(grad, pairs), tuple(range(0, len(pairs), 2)))


def repeat(self: Tensor, *repeats: int) -> Tensor:
    """The tensor side by side with itself, so many times along each dimension (`torch.Tensor.repeat`).

    Raises RuntimeError for fewer numbers than there are dimensions.
    """
    repeats = spread(repeats)
    if len(repeats) < self.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    size = [n * m for n, m in zip((1,) * (len(repeats) - self.ndim) + self._array.shape, repeats)]
    if any(each < 0 for each in size):
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(size)}: {size}"
        )
    return repeat_dims(self, repeats)


@differentiable(name="roll")
def roll_dims(self, shifts, dims):
    if len(shifts) != len(dims) and not (len(shifts) == 1 and not dims):
        raise RuntimeError(
            f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}"
        )
    if not dims:
        return np.roll(self, shifts[0])
    return np.ascontiguousarray(np.roll(self, shifts, [axis(self.ndim, dim) for dim in dims]))

roll_dims.gradient(
    self=lambda grad, dims, shifts: roll_dims(grad, tuple(-each for each in shifts), dims)
)


def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] = ()) -> Tensor:
    """Moved along `dims`, or along all of memory; what falls out comes in again (`torch.roll`).

    >>> from autograd_core import tensor
    >>> roll(tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """
    return roll_dims(input, *((each,) if isinstance(each, int) else tuple(each) for each in (shifts, dims)))


@differentiable(name="flip")
def flip_dims(self, dims):
    out = room_like(self)
    out[...] = np.flip(self, axes(self.ndim, dims) if dims else ())
    return out

flip_dims.gradient(self=lambda grad, dims: flip_dims(grad, dims))


def flip(input: Tensor, *dims: int) -> Tensor:
    """A copy with the order along `dims` reversed (`torch.flip`)."""
    return flip_dims(input, spread(dims))
