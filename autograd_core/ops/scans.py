"""Products, and sums and products that grow along a dimension."""

from __future__ import annotations

import math

import numpy as np

from ..differentiable import differentiable, only
from ..dimensions import axes, axis
from ..signatures import overloads
from .filling import ones_like, zeros_like
from .joining import flip, join
from .reductions import restored, sum_dim
from .views import slice_dim


def _wide(array, dtype):
    """The array in the type that its sums and products are computed in, and that of the result."""
    kind = dtype.numpy if dtype else array.dtype if array.dtype.kind == "f" else np.dtype(np.int64)
    return array.astype(np.float32 if kind == np.float16 else kind, order="C"), kind


# ---- running sums and products -----------------------------------------------------------------------


def _run(array, dim, dtype, accumulate):
    wide, kind = _wide(array, dtype)
    dims = (axis(array.ndim, dim),) if array.ndim else axes(0, dim)
    if kind == bool and array.ndim and array.size:
        only("fiu", f"{accumulate.__name__}_out_cpu")(wide)
    return (accumulate(wide, *dims) if dims else wide).astype(kind, copy=False)


@differentiable
def cumsum(self, dim, dtype=None):
    return _run(self, dim, dtype, np.cumsum)

cumsum.gradient(self=lambda grad, dim: _sum_from_here(grad, dim))


def _sum_from_here(grad, dim):
    """The running sum from the far end."""
    return grad if _is_single(grad, dim) else flip(cumsum(flip(grad, (dim,)), dim), (dim,))


def _is_single(array, dim):
    """Is there one element along the dimension, or in all? Then a running sum is what it runs over."""
    return math.prod(array.shape) <= 1 or array.shape[dim] == 1


@differentiable
def cumprod(self, dim, dtype=None):
    return _run(self, dim, dtype, np.cumprod)

cumprod.gradient(self=lambda grad, dim, result, self: _cumprod_slope(grad, self, result, dim))


def _cumprod_slope(grad, self, result, dim):
    """Each element is a factor of all results from its own on."""
    if _is_single(self, dim):
        return grad
    if not (self == 0).any():
        return _sum_from_here(result * grad, dim) / self
    dim = axis(self.ndim, dim)
    if isinstance(self, np.ndarray):
        return _up_to_zeros(grad, self, result, dim)
    # Nothing can be divided by zero: multiply for each element all the others, up to each result.
    one, parts = ones_like(slice_dim(self, dim, 0, 1, 1)), []
    for i in range(self.shape[dim]):
        before = prod_dim(slice_dim(self, dim, 0, i, 1), dim, True) if i else one
        after = cumprod(slice_dim(self, dim, i + 1, None, 1), dim)
        others = join([before, before * after], dim)
        parts.append(sum_dim(slice_dim(grad, dim, i, None, 1) * others, (dim,), True))
    return join(parts, dim)


def _up_to_zeros(grad, self, result, dim):
    """The same in one go, for arrays: no result from the second zero on depends on anything.

    That has no slope of its own, and where a factor is infinite the other way finds nan (as PyTorch's two).
    """
    zeros = np.cumsum(self == 0, dim)
    first = (zeros == 1) & (self == 0)
    slope = _sum_from_here(np.where(zeros == 0, result * grad, 0), dim) / self
    after = np.cumprod(np.where((zeros == 1) & ~first, self, 1), dim)
    sums = np.sum(after * np.where(zeros == 1, grad, 0), dim, keepdims=True)
    place = first.argmax(dim, keepdims=True)
    before = np.where(place, np.take_along_axis(result, np.maximum(place - 1, 0), dim), 1)
    return np.where(first, sums * before, np.where(zeros == 0, slope, 0)).astype(self.dtype)


# ---- products ----------------------------------------------------------------------------------------


def _prod_slope(grad, result, self):
    """The product of all the others, for each."""
    if not self.ndim:
        return grad
    zeros = (self == 0).sum()
    if not zeros:
        return grad * (result / self)
    if zeros > 1 and not np.ndim(result) and isinstance(self, np.ndarray):  # else it has a slope of its own
        return zeros_like(self)
    return _times_others(grad, self.reshape(-1), 0).reshape(self.shape)


@differentiable(name="prod", node="ProdBackward0")
def prod_all(self, dtype=None):
    wide, kind = _wide(self, dtype)
    return np.prod(wide).astype(kind)

prod_all.gradient(self=_prod_slope)


def _prod_slope_along(grad, dim, keepdim, result, self):
    grad, result = (restored(each, (dim,), keepdim, self.shape) for each in (grad, result))
    if not self.ndim or not (self == 0).any():
        return _prod_slope(grad, result, self)
    return _times_others(grad, self, axis(self.ndim, dim))


@differentiable(name="prod", node="ProdBackward1")
def prod_dim(self, dim, keepdim=False, dtype=None):
    wide, kind = _wide(self, dtype)
    return np.prod(wide, axes(self.ndim, dim), keepdims=keepdim).astype(kind)

prod_dim.gradient(self=_prod_slope_along)


def _times_others(grad, self, dim):
    """The gradient times, for each element, the product of those before and after it."""
    if self.shape[dim] == 1:  # there are none
        return grad
    one = ones_like(slice_dim(self, dim, 0, 1, 1))
    before = cumprod(join([one, slice_dim(self, dim, 0, -1, 1)], dim), dim)
    after = flip(slice_dim(self, dim, 1, None, 1), (dim,))
    return grad * (before * flip(cumprod(join([one, after], dim), dim), (dim,)))


@overloads(prod_all, prod_dim)
def prod(input, dim, keepdim=False, *, dtype=None):
    """The product of all elements, or along `dim` (`torch.prod`). Integers multiply to int64.

    >>> from autograd_core import tensor
    >>> prod(tensor([2.0, 3.0]))
    tensor(6.)
    """
