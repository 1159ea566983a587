"""The views: the same elements in another shape or order, or fewer of them, and nothing copied.

What a view is, and what becomes of its history when its base is written, is told in `viewing`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .. import errors
from ..differentiable import differentiable, over
from ..dimensions import axes, axis, known_axis
from ..dtypes import FROM_NUMPY
from ..errors import demand, demand_index
from ..frames import warn
from ..signatures import Dims, overloads
from ..storage import copy_of, lies_in_rows, nothing_at, steps_in_rows
from ..tensor import Tensor
from .viewing import view_operation

# ---- the same elements in another shape --------------------------------------------------------------


@view_operation
def view(self, size):
    """The same elements in another shape, without a copy (`torch.Tensor.view`).

    Raises RuntimeError where the shape does not fit, or would need a copy.
    """
    seen = seen_as(self, sizes_for(self.size, size))
    demand(seen is not None, errors.VIEW_NEEDS_COPY)
    return seen


def _back_to(grad, self_sym_sizes):
    """The gradient in the shape of the input."""
    return reshape(grad, self_sym_sizes)

view.gradient(self=_back_to)

reshape_alias = view_operation(view.operation.forward, name="_reshape_alias")

reshape_alias.gradient(self=_back_to)


@differentiable(name="_unsafe_view")
def unsafe_view(self, size):
    return self.reshape(size)

unsafe_view.gradient(self=_back_to)


def reshape(self, *sizes, shape=None):
    """The same elements in another shape: a view where that can be, else a copy (`torch.reshape`)."""
    sizes = sizes if shape is None else (shape,)
    demand(sizes, 'reshape() missing 1 required positional arguments: "shape"', kind=TypeError)
    shape = tuple(sizes[0]) if isinstance(sizes[0], (tuple, list)) else sizes
    for each in shape:
        errors.argument(hasattr(each, "__index__"), "reshape", "shape", 1, "tuple of ints", each)
    if not isinstance(self, Tensor):
        return np.reshape(self, shape)
    shape = sizes_for(self._array.size, shape)
    if seen_as(self._array, shape) is not None:
        return (view if is_contiguous(self) else reshape_alias)(self, shape)
    return unsafe_view(clone(self, contiguous=True), shape)


def seen_as(array: np.ndarray, size: tuple[int, ...]) -> np.ndarray | None:
    """The elements in this shape without a copy; None where no steps through memory lead to them so."""
    if lies_in_rows(array):
        return array.reshape(size)
    if not array.size:
        same = size == array.shape
        return array.view() if same else nothing_at(array, 0, size, steps_in_rows(size, array.itemsize))
    try:
        seen = np.reshape(array, size, copy=False)
    except ValueError:
        return None
    # PyTorch has it that a step along one element leads past all that it holds.
    past, steps = array.strides[-1] if array.ndim else array.itemsize, []
    for n, step in zip(reversed(size), reversed(seen.strides)):
        steps.append(past if n == 1 else step)
        past = n * steps[-1]
    return np.lib.stride_tricks.as_strided(array, size, steps[::-1])


def sizes_for(count: int, size: Sequence[int]) -> tuple[int, ...]:
    """The size with its one -1, if there is one, worked out. Raises RuntimeError where none fits."""
    size = tuple(size)
    known = math.prod(each for each in size if each != -1)
    demand(size.count(-1) < 2, "only one dimension can be inferred")
    for index, each in enumerate(size):
        demand(each >= -1, "invalid shape dimension {} at index {} of shape {}", each, index, size)
    demand(known or count or -1 not in size, errors.AMBIGUOUS_SIZE, size)
    fits = known and count % known == 0 if -1 in size else known == count
    demand(fits, "shape '{}' is invalid for input of size {}", size, count)
    return tuple(count // known if each == -1 else each for each in size)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` as one (`torch.flatten`).

    >>> from autograd_core import zeros
    >>> flatten(zeros(2, 3, 4), 1).shape
    torch.Size([2, 12])
    """
    first, last = axis(input.ndim, start_dim), axis(input.ndim, end_dim)
    demand(first <= last, "flatten() has invalid args: start_dim cannot come after end_dim")
    if not input.ndim:
        return reshape(input, (1,))
    if first == last:
        return input
    size = input._array.shape
    return reshape(input, (*size[:first], math.prod(size[first : last + 1]), *size[last + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One dimension as several; one of the `sizes` may be -1 (`torch.unflatten`)."""
    axis(input.ndim, dim)
    dim, size = known_axis(input.ndim, dim), input._array.shape
    demand(sizes, "unflatten: sizes must be non-empty")
    known = math.prod(each for each in sizes if each != -1)
    fits = known == size[dim] or (-1 in sizes and known and size[dim] % known == 0)
    demand(fits, errors.UNEVEN_UNFLATTEN, tuple(sizes), dim, size[dim])
    return view(input, (*size[:dim], *sizes_for(size[dim], sizes), *size[dim + 1 :]))


@differentiable
def clone(self, contiguous=False):
    return self.copy() if contiguous or lies_in_rows(self) else copy_of(self)

clone.gradient(self=lambda grad: grad)


def is_contiguous(self: Tensor) -> bool:
    """Do the elements lie in memory in the order in which they are read?"""
    return self._array.flags.c_contiguous


def contiguous(self: Tensor) -> Tensor:
    """The tensor itself if its elements lie in order, else a copy in which they do."""
    return self if is_contiguous(self) else clone(self, contiguous=True)


@view_operation
def unsqueeze(self, dim):
    dim = axis(self.ndim + 1, dim)
    if self.size and self.flags.c_contiguous and 1 not in self.shape:
        return np.expand_dims(self, dim)
    # PyTorch has it that a step along the new dimension leads past all that it holds.
    step = self.shape[dim] * self.strides[dim] if dim < self.ndim else self.itemsize
    shape = (*self.shape[:dim], 1, *self.shape[dim:])
    steps = (*self.strides[:dim], step, *self.strides[dim:])
    return np.lib.stride_tricks.as_strided(self, shape, steps)

unsqueeze.gradient(self=lambda grad, dim: squeeze_dim(grad, dim))


@view_operation(name="unsqueeze", node="UnsqueezeBackward0")
def unsqueeze_dims(self, dims):
    return np.expand_dims(self, dims)

unsqueeze_dims.gradient(self=lambda grad, dims: squeeze_dims(grad, dims))


def _unsqueezed(grad, self_sym_sizes):
    """The gradient with the dimensions of size 1 back in; of no others is the size looked at."""
    changed = 1 in self_sym_sizes and tuple(grad.shape) != tuple(self_sym_sizes)
    return reshape(grad, self_sym_sizes) if changed else grad


@view_operation(name="squeeze", node="SqueezeBackward0")
def squeeze_all(self):
    return np.squeeze(self)

squeeze_all.gradient(self=_unsqueezed)


@view_operation(name="squeeze", node="SqueezeBackward1")
def squeeze_dim(self, dim):
    dim = axis(self.ndim, dim)
    return np.squeeze(self, dim) if self.ndim and self.shape[dim] == 1 else self.view()

squeeze_dim.gradient(self=lambda grad, dim, self_sym_sizes: _unsqueezed(grad, self_sym_sizes))


@view_operation(name="squeeze", node="SqueezeBackward2")
def squeeze_dims(self, dim: Dims):
    return np.squeeze(self, tuple(each for each in axes(self.ndim, dim) if self.shape[each] == 1))

squeeze_dims.gradient(self=lambda grad, dim, self_sym_sizes: reshape(grad, self_sym_sizes))


squeeze_over = over(squeeze_dim, "SqueezeBackward4")  # what `matmul` does to a product on its way


@overloads(squeeze_all, squeeze_dim, squeeze_dims)
def squeeze(self, dim=None):
    """Without the dimensions of size 1, or without those of them in `dim` (`torch.squeeze`)."""


# ---- the dimensions in another order -----------------------------------------------------------------


@view_operation
def transpose(self, dim0, dim1):
    dim0, dim1 = axis(self.ndim, dim0), axis(self.ndim, dim1)
    return np.swapaxes(self, dim0, dim1) if self.ndim else self.view()

transpose.gradient(self=lambda grad, dim0, dim1: transpose(grad, dim0, dim1))


@view_operation
def t(self):
    demand(self.ndim <= 2, errors.MORE_THAN_A_MATRIX, "t", self.ndim)
    return self.T

t.gradient(self=lambda grad: t(grad))


@view_operation
def permute(self, dims):
    """The dimensions in this order (`torch.permute`)."""
    demand(len(dims) == self.ndim, errors.NOT_A_PERMUTATION, self.ndim, len(dims))
    found = [axis(self.ndim, dim) for dim in dims]
    demand(len(set(found)) == len(found), "permute(): duplicate dims are not allowed.")
    return np.transpose(self, found)

permute.gradient(self=lambda grad, dims: permute(grad, _inverse(dims)))


def _inverse(dims: Sequence[int]) -> tuple[int, ...]:
    return tuple(np.argsort([dim % len(dims) for dim in dims]).tolist())


def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """The dimensions of `source` moved to the places of `destination` (`torch.movedim`)."""
    pair = [tuple(np.atleast_1d(each).tolist()) for each in (source, destination)]
    demand(len(pair[0]) == len(pair[1]), errors.UNEVEN_MOVE, *pair)
    froms, tos = ([axis(input.ndim, dim) for dim in dims] for dims in pair)
    for name, dims, given in (("source", froms, pair[0]), ("destination", tos, pair[1])):
        demand(len(set(dims)) == len(dims), "movedim: repeated dim in `{}` ({})", name, given)
    if not input.ndim:
        return same(input)
    order = [dim for dim in range(input.ndim) if dim not in froms]
    for to, dim in sorted(zip(tos, froms)):
        order.insert(to, dim)
    return permute(input, tuple(order))


def reversed_dims(self: Tensor) -> Tensor:
    """`x.T`: all dimensions in reverse order."""
    if self.ndim != 2:
        warn(errors.TRANSPOSE_NOT_2D if self.ndim else errors.TRANSPOSE_0D.format("T"))
    return permute(self, tuple(reversed(range(self.ndim))))


def matrix_transpose(self: Tensor) -> Tensor:
    """`x.mT`: the last two dimensions exchanged. Raises RuntimeError if there are no two."""
    demand(self.ndim != 1, errors.MT_OF_VECTOR)
    if not self.ndim:
        warn(errors.TRANSPOSE_0D.format("mT"))
        return self
    return transpose(self, -2, -1)


# ---- fewer elements, or the same ones several times ---------------------------------------------------


@view_operation
def expand(self, size):
    """Dimensions of size 1 repeated to these sizes, without a copy; -1 leaves one as it is.

    Follows `torch.Tensor.expand`. Raises RuntimeError for a size that does not fit.
    """
    extra = len(size) - self.ndim
    kept = (-1,) * extra + self.shape
    shape = tuple(m if n == -1 else n for n, m in zip(size, kept))
    if not all(n in (1, m) for n, m in zip(self.shape, shape[extra:])) or min((extra, *shape)) < 0:
        raise errors.cannot_expand(FROM_NUMPY[self.dtype], self.shape, tuple(size))
    if self.ndim == 0 and 0 not in shape:  # as after a sum: the same as below, in a fifth of the time
        return np.ndarray(shape, self.dtype, np.asarray(self), 0, (0,) * len(shape))
    steps = [0 if n != m else step for n, m, step in zip(self.shape, shape[extra:], self.strides)]
    steps = [0] * extra + steps
    for i in reversed(range(extra)):  # a new dimension of one element: PyTorch says where a next would be
        if shape[i] == 1:
            steps[i] = self.itemsize if i + 1 == len(shape) else shape[i + 1] * steps[i + 1]
    return np.lib.stride_tricks.as_strided(self, shape, steps)

# The engine sums it back to a shape of dimensions.
expand.gradient(self=lambda grad, self_sym_sizes: grad if self_sym_sizes else grad.sum())


@view_operation
def select(self, dim, index):
    demand_index(self.ndim, "select() cannot be applied to a 0-dim tensor.")
    dim = axis(self.ndim, dim)
    size = self.shape[dim]
    demand_index(-size <= index < size, errors.NO_SUCH_INDEX, index, self.shape, dim)
    return self[(slice(None),) * dim + (index, ...)]


def _placing(view, like):
    """The formula of a view that shows a part: zeros, but for the gradient where the view looks.

    Each of the two is the other's formula: what it takes, beside the gradient, is what is saved for it.
    """

    def forward(self, self_sym_sizes, *how):
        out = np.zeros(self_sym_sizes, self.dtype)
        view.operation.forward(out, *how)[...] = self
        return out

    placing = differentiable(forward, name=f"{view.operation.name}_backward", like=like)
    view.gradient(self=placing)
    placing.gradient(self=view)
    return placing


select_backward = _placing(select, lambda self, self_sym_sizes, dim, index: None)


@view_operation(name="slice", node="SliceBackward0")
def slice_dim(self, dim, start, end, step):
    dim = axis(self.ndim, dim)
    looks = self[(slice(None),) * dim + (slice(start, end, step),)]
    if looks.shape[dim]:
        return looks
    start = slice(start, end, step).indices(self.shape[dim])[0]
    steps = (*self.strides[:dim], step * self.strides[dim], *self.strides[dim + 1 :])
    return nothing_at(self, start * self.strides[dim], looks.shape, steps)


slice_backward = _placing(slice_dim, lambda self, self_sym_sizes, dim, start, end, step: None)


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` elements along `dim`, from `start` on (`torch.narrow`).

    Raises IndexError or RuntimeError for what reaches beyond the tensor.
    """
    demand(input.ndim, "narrow() cannot be applied to a 0-dim tensor.")
    if isinstance(start, Tensor):
        whole = not start.ndim and start._array.dtype.kind in "iu"
        demand(whole, "start must be an 0-dim integral Tensor.")
        start = int(start)
    size = input._array.shape[axis(input.ndim, dim)]
    demand(-size <= start <= size, errors.START_BEYOND, -size, size, start, kind=IndexError)
    demand(length >= 0, "narrow(): length must be non-negative.")
    start = start + size if start < 0 else start
    demand(start + length <= size, errors.LENGTH_BEYOND, start, length, size)
    return slice_dim(input, dim, start, start + length, 1)


@view_operation
def diagonal(self, offset=0, dim1=0, dim2=1):
    identical = axis(self.ndim, dim1) == axis(self.ndim, dim2)
    demand(not identical, "diagonal dimensions cannot be identical {}, {}", dim1, dim2)
    out = np.diagonal(self, offset, dim1, dim2)
    if not out.shape[-1]:  # NumPy starts it beyond the matrix
        return nothing_at(self, 0, out.shape, out.strides)
    out.flags.writeable = self.flags.writeable  # NumPy would have it read only
    return out


diagonal_backward = _placing(diagonal, lambda self, self_sym_sizes, offset, dim1, dim2: None)


@view_operation(name="alias", node="AliasBackward0")
def same(self):
    return self.view()

same.gradient(self=lambda grad: grad)
