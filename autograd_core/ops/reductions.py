"""Operations that make many elements into one, over all dimensions or along some.

The gradient of a sum goes to every element that was summed: it is spread out again over the shape of
the input. So `sum` saves a shape, and no numbers at all.
"""

from __future__ import annotations

import numpy as np

from .. import dtypes
from ..differentiable import differentiable
from ..tensor import Tensor
from .views import expand, unsqueeze_dims


@differentiable(name="sum", node="SumBackward0")
def sum_all(self):
    return np.add.reduce(self, axis=None, dtype=_sum_type(self))

sum_all.gradient(self=lambda grad, self_sym_sizes: expand(grad, self_sym_sizes))


@differentiable(name="sum", node="SumBackward1")
def sum_dim(self, dim, keepdim):
    return np.add.reduce(self, axis=dim, keepdims=keepdim, dtype=_sum_type(self))

sum_dim.gradient(
    self=lambda grad, dim, keepdim, self_sym_sizes: expand(
        grad if keepdim else unsqueeze_dims(grad, dim), self_sym_sizes
    )
)


def _sum_type(array) -> np.dtype:
    return array.dtype if array.dtype.kind == "f" else dtypes.int64.numpy


def sum(self: Tensor, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> Tensor:
    """The sum of all elements, or along `dim` (`torch.sum`).

    Integers and bools sum to int64. Raises IndexError for a dimension that is not there.

    >>> from autograd_core import tensor
    >>> sum(tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([4., 6.])
    """
    if dim is None:
        return sum_all(self)
    return sum_dim(self, normalised(dim, self.ndim), keepdim)


def normalised(dim: int | tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """The dimensions counted from the front. Raises IndexError for one that is not there."""
    bound = max(ndim, 1)
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    for each in dims:
        if not -bound <= each < bound:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], but got "
                f"{each})"
            )
    return tuple(each % bound for each in dims) if ndim else ()
