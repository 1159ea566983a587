"""The greatest, the smallest and the middle ones, and putting them in order.

Along a dimension these return two tensors, `values` and `indices`, and the node keeps the indices: the
gradient goes to where the values came from. Without a dimension all elements that are equal to the
result share the gradient.
"""

from __future__ import annotations

import numpy as np

from ..differentiable import differentiable, only, overloads
from .. import errors
from ..errors import demand
from ..storage import room_like
from ..tensor import Tensor
from .comparison import where
from .dimensions import axis
from .gathering import placed
from .reductions import some, sum_all
from .rounding import maximum, minimum
from .views import unsqueeze

VALUES = ("values", "indices")


def _to_equals(grad, result, self):
    """The gradient in equal parts to all that are equal to the result; to the nans if that is one."""
    equals = self != self if bool(result != result) else self == result
    return where(equals, grad / sum_all(equals), 0)


def _to_places(grad, dim, indices, keepdim, self_sym_sizes):
    """The gradient where the values were, and zero elsewhere."""
    if self_sym_sizes and not keepdim:
        grad, indices = unsqueeze(grad, dim), unsqueeze(indices, dim)
    return placed(grad, dim, indices, self_sym_sizes)


def _found(array, dim, keepdim, places):
    """The values at places along a dimension, and the places."""
    if not array.ndim:
        return array.copy(), np.zeros((), np.int64)
    places = np.expand_dims(places, dim)
    values = np.take_along_axis(array, places, dim)
    return (values, places) if keepdim else (np.squeeze(values, dim), np.squeeze(places, dim))


# ---- the greatest and the smallest -------------------------------------------------------------------


@differentiable(name="max", node="MaxBackward1")
def max_all(self):
    some("max", self, None)
    return np.max(self)

max_all.gradient(self=_to_equals)


@differentiable(name="min", node="MinBackward1")
def min_all(self):
    some("min", self, None)
    return np.min(self)

min_all.gradient(self=_to_equals)


def _extreme(op, array, dim, keepdim, find):
    dim = axis(array.ndim, dim)
    some(op, array, dim)
    return _found(array, dim, keepdim, find(array, dim) if array.ndim else 0)


@differentiable(name="max", node="MaxBackward0", outputs=VALUES)
def max_dim(self, dim, keepdim=False):
    return _extreme("max", self, dim, keepdim, np.argmax)

max_dim.gradient(self=_to_places)


@differentiable(name="min", node="MinBackward0", outputs=VALUES)
def min_dim(self, dim, keepdim=False):
    return _extreme("min", self, dim, keepdim, np.argmin)

min_dim.gradient(self=_to_places)


@overloads
def max(self, dim=None, keepdim=False, other=None):
    """The greatest element; or along `dim`, with its index; or of each pair (`torch.max`).

    >>> from autograd_core import tensor
    >>> max(tensor([1.0, 3.0, 2.0])), max(tensor([1.0, 3.0, 2.0]), dim=0).indices
    (tensor(3.), tensor(1))
    """
    if other is not None or isinstance(dim, Tensor):
        return maximum
    return max_all if dim is None else max_dim


@overloads
def min(self, dim=None, keepdim=False, other=None):
    """The smallest element; or along `dim`, with its index; or of each pair (`torch.min`)."""
    if other is not None or isinstance(dim, Tensor):
        return minimum
    return min_all if dim is None else min_dim


def _place(op, array, find, dim, keepdim):
    demand(array.dtype != bool, "{}(): does not support bool input", op)
    if dim is None:
        demand(array.size, errors.PLACE_IN_NOTHING, op, kind=IndexError)
    else:
        dim = axis(array.ndim, dim)
        some(op, array, dim)
    return find(array, dim, keepdims=keepdim) if array.ndim else np.zeros((), np.int64)


@differentiable
def argmax(self, dim=None, keepdim=False):
    return _place("argmax", self, np.argmax, dim, keepdim)

argmax.gradient(self=None)


@differentiable
def argmin(self, dim=None, keepdim=False):
    return _place("argmin", self, np.argmin, dim, keepdim)

argmin.gradient(self=None)


# ---- the middle --------------------------------------------------------------------------------------


@differentiable(name="median", node="MedianBackward0")
def median_all(self):
    if not self.size:
        return np.array(np.nan).astype(self.dtype)
    only("fiu", "median_cpu")(self)
    flat = np.sort(self, axis=None)
    return flat[-1] if flat[-1] != flat[-1] else flat[(flat.size - 1) // 2]

median_all.gradient(self=_to_equals)


@differentiable(
    name="median", node="MedianBackward1", outputs=VALUES, check=only("fiu", "median_out")
)
def median_dim(self, dim, keepdim=False):
    dim = axis(self.ndim, dim)
    some("median", self, dim)
    if not self.ndim:
        return _found(self, dim, keepdim, 0)
    middle = (self.shape[dim] - 1) // 2
    places = np.take(np.argsort(self, dim, kind="stable"), middle, dim)
    nans = np.isnan(self) if self.dtype.kind == "f" else np.zeros(self.shape, bool)
    places = np.where(np.any(nans, dim), np.argmax(nans, dim), places)
    return _found(self, dim, keepdim, places)

median_dim.gradient(self=_to_places)


@overloads
def median(self, dim=None, keepdim=False):
    """The middle element in order, of two the lower; or along `dim`, with its index (`torch.median`).

    >>> from autograd_core import tensor
    >>> median(tensor([4.0, 1.0, 3.0, 2.0]))
    tensor(2.)
    """
    return median_all if dim is None else median_dim


# ---- in order ----------------------------------------------------------------------------------------


def _order(array, dim, descending):
    """The indices that put the array in order. Equals stay as they are; nan is greater than all."""
    dim = axis(array.ndim, dim)
    if not array.ndim:
        return np.zeros((), np.int64)
    out = room_like(array, np.int64)
    if descending:
        turned = np.argsort(np.flip(array, dim), dim, kind="stable")
        out[...] = array.shape[dim] - 1 - np.flip(turned, dim)
    else:
        out[...] = np.argsort(array, dim, kind="stable")
    return out


def _taken(array, places, dim):
    """The values at the places, laid out in memory like them."""
    if not array.ndim:
        return array.copy()
    out = room_like(places, array.dtype)
    out[...] = np.take_along_axis(array, places, axis(array.ndim, dim))
    return out


def _back(grad, dim, indices, self_sym_sizes):
    return placed(grad, dim, indices, self_sym_sizes)


def _sorted(self, dim, descending):
    places = _order(self, dim, descending)
    return _taken(self, places, dim), places


@differentiable(name="sort", node="SortBackward0", outputs=VALUES)
def sort_any(self, dim=-1, descending=False):
    return _sorted(self, dim, descending)

sort_any.gradient(self=_back)


@differentiable(name="sort", node="SortBackward1", outputs=VALUES)
def sort_stable(self, dim=-1, descending=False, stable=False):
    return _sorted(self, dim, descending)

sort_stable.gradient(self=_back)


@overloads
def sort(self, dim=-1, descending=False, *, stable=None):
    """The elements in order along `dim`, and where each was; equals stay in order (`torch.sort`).

    >>> from autograd_core import tensor
    >>> sort(tensor([3.0, 1.0, 2.0])).indices
    tensor([1, 2, 0])
    """
    return sort_any if stable is None else sort_stable


@differentiable
def argsort(self, dim=-1, descending=False, stable=False):
    return _order(self, dim, descending)

argsort.gradient(self=None)


@differentiable(outputs=VALUES)
def topk(self, k, dim=-1, largest=True, sorted=True):
    """The `k` greatest elements along `dim`, or the smallest, and where they were (`torch.topk`).

    They come in order; which of equals are taken is left open, here and in PyTorch.
    """
    size = self.shape[axis(self.ndim, dim)] if self.ndim else 1
    demand(0 <= k <= size, "selected index k out of range")
    demand(self.dtype != bool, "topk does not support bool dtypes on CPU")
    places = _order(self, dim, largest)
    if self.ndim:
        places = np.ascontiguousarray(np.take(places, range(k), axis(self.ndim, dim)))
    return _taken(self, places, dim), places

topk.gradient(self=_back)
