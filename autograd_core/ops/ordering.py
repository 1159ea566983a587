"""The greatest, the smallest and the middle ones, and putting them in order.

Along a dimension these return two tensors, `values` and `indices`, and the node keeps the indices: the
gradient goes to where the values came from. Without a dimension all elements that are equal to the
result share the gradient.
"""

from __future__ import annotations

import numpy as np

from ..differentiable import differentiable, only
from .. import errors
from ..dimensions import axis
from ..errors import demand, demand_index
from ..signatures import numpy_names, overloads
from ..storage import room_in_order_of
from ..tensor import Tensor
from .comparison import where
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
    """The gradient where the values were, also if the dimension is gone."""
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


def _extremes(op, extreme, find, node):
    """The operation over all elements, along a dimension, and the one that tells the place alone."""

    @differentiable(name=op, node=f"{node}Backward1")
    def over_all(self):
        some(op, self, None)
        return extreme(self)

    @differentiable(name=op, node=f"{node}Backward0", outputs=VALUES)
    def along(self, dim, keepdim=False):
        dim = axis(self.ndim, dim)
        some(op, self, dim)
        return _found(self, dim, keepdim, find(self, dim) if self.ndim else 0)

    @differentiable(name=f"arg{op}")
    def place(self, dim=None, keepdim=False):
        demand(self.dtype != bool, "arg{}(): does not support bool input", op)
        if dim is None:
            demand_index(self.size, errors.PLACE_IN_NOTHING, op)
        else:
            dim = axis(self.ndim, dim)
            some(f"arg{op}", self, dim)
        return find(self, dim, keepdims=keepdim) if self.ndim else np.zeros((), np.int64)

    over_all.gradient(self=_to_equals)
    along.gradient(self=_to_places)
    place.gradient(self=None)
    return over_all, along, place


max_all, max_dim, argmax = _extremes("max", np.max, np.argmax, "Max")
min_all, min_dim, argmin = _extremes("min", np.min, np.argmin, "Min")


@overloads(max_all, maximum, max_dim)
def max(self, dim=None, keepdim=False, other=None):
    """The greatest element; or along `dim`, with its index; or of each pair (`torch.max`).

    >>> from autograd_core import tensor
    >>> max(tensor([1.0, 3.0, 2.0])), max(tensor([1.0, 3.0, 2.0]), dim=0).indices
    (tensor(3.), tensor(1))
    """


@overloads(min_all, minimum, min_dim)
def min(self, dim=None, keepdim=False, other=None):
    """The smallest element; or along `dim`, with its index; or of each pair (`torch.min`)."""


# ---- the middle --------------------------------------------------------------------------------------


@differentiable(name="median", node="MedianBackward0")
def median_all(self):
    if not self.size:
        return np.array(np.nan).astype(self.dtype)
    only("fiu", "median_cpu")(self)
    flat = np.sort(self, axis=None)
    return flat[-1] if flat[-1] != flat[-1] else flat[(flat.size - 1) // 2]

median_all.gradient(self=_to_equals)


@differentiable(name="median", node="MedianBackward1", outputs=VALUES)
def median_dim(self, dim, keepdim=False):
    dim = axis(self.ndim, dim)
    some("median", self, dim)
    only("fiu", "median_out")(self)
    if not self.ndim:
        return _found(self, dim, keepdim, 0)
    middle = (self.shape[dim] - 1) // 2
    places = np.take(np.argsort(self, dim, kind="stable"), middle, dim)
    nans = self != self
    places = np.where(np.any(nans, dim), np.argmax(nans, dim), places)
    return _found(self, dim, keepdim, places)

median_dim.gradient(self=_to_places)


@overloads(median_all, median_dim)
def median(self, dim=None, keepdim=False):
    """The middle element in order, of two the lower; or along `dim`, with its index (`torch.median`).

    >>> from autograd_core import tensor
    >>> median(tensor([4.0, 1.0, 3.0, 2.0]))
    tensor(2.)
    """


# ---- in order ----------------------------------------------------------------------------------------


def _order(array, dim, descending):
    """The indices that put the array in order. Equals stay as they are; nan is greater than all."""
    dim = axis(array.ndim, dim)
    if not array.ndim:
        return np.zeros((), np.int64)
    out = room_in_order_of(array, dtype=np.int64)
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
    out = room_in_order_of(places, dtype=array.dtype)
    out[...] = np.take_along_axis(array, places, axis(array.ndim, dim))
    return out


def _sorted(self, dim, descending):
    places = _order(self, dim, descending)
    return _taken(self, places, dim), places


@differentiable(name="sort", node="SortBackward0", outputs=VALUES)
def sort_any(self, dim=-1, descending=False):
    return _sorted(self, dim, descending)

sort_any.gradient(self=placed)


@differentiable(name="sort", node="SortBackward1", outputs=VALUES)
def sort_stable(self, stable: bool | None, dim=-1, descending=False):
    return _sorted(self, dim, descending)

sort_stable.gradient(self=placed)


@overloads(sort_stable, sort_any)
def sort(self, dim=-1, descending=False, *, stable=None):
    """The elements in order along `dim`, and where each was; equals stay in order (`torch.sort`).

    >>> from autograd_core import tensor
    >>> sort(tensor([3.0, 1.0, 2.0])).indices
    tensor([1, 2, 0])
    """


@numpy_names
def argsort(
    input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False
) -> Tensor:
    """Where each element was that comes in order along `dim`: the indices of `sort` (`torch.argsort`)."""
    return sort_any(input, dim, descending).indices


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

topk.gradient(self=placed)
