"""Reading and writing at places that tensors give: one for each dimension, or a mask for several.

What is read so is a copy: it lies anywhere, and no steps through memory lead from one to the next.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable
from ..errors import demand, demand_index
from ..tensor import Tensor
from .filling import new_zeros


def _key(array, indices):
    """The indices as NumPy takes them, checked; a mask stands for the places where it is True."""
    key, dim = [], 0
    for each in indices:
        place = each._array if isinstance(each, Tensor) else each
        if place is None:
            key.append(slice(None))
            dim += 1
        elif place.dtype in (bool, np.uint8):
            if place.dtype == np.uint8:
                warnings.warn(errors.INDEX_OF_BYTES, stacklevel=2)
            for i, (n, m) in enumerate(zip(place.shape, array.shape[dim : dim + place.ndim])):
                demand_index(n == m, errors.WRONG_MASK, place.shape, i, array.shape, dim + i)
            key.extend(np.nonzero(place))
            dim += place.ndim
        else:
            demand_index(place.dtype in (np.int64, np.int32), errors.INDEX_OF_OTHER_TYPE)
            sentence = "too many indices for tensor of dimension {} (got {})"
            demand_index(dim < array.ndim, sentence, array.ndim, len(indices))
            size = array.shape[dim]
            wrong = place[(place < -size) | (place >= size)].ravel()
            if wrong.size:
                demand_index(size, "index is out of bounds for dimension with size 0")
                raise IndexError(errors.OUT_OF_BOUNDS.format(wrong[0], dim, size))
            key.append(place)
            dim += 1
    shapes = [each.shape for each in key if isinstance(each, np.ndarray)]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        told = ", ".join(str(list(shape)) for shape in shapes)
        raise IndexError(errors.PLACES_MISMATCH.format(told)) from None
    return tuple(key)


@differentiable
def index(self, indices):
    return np.array(self[_key(self, indices)], order="C")

index.gradient(
    self=lambda grad, indices, self_sym_sizes: index_backward(grad, indices, self_sym_sizes),
    indices=None,
)


@differentiable
def index_backward(self, indices, size):
    out = np.zeros(size, self.dtype)
    np.add.at(out, _key(out, indices), self)  # a place that was picked twice gets both gradients
    return out

index_backward.gradient(self=lambda grad, indices: index(grad, indices), indices=None)


def is_masked_fill(indices, values):
    """Is this one number for all places under a mask? PyTorch writes that as `masked_fill_` does."""
    masks = [each for each in indices if each is not None]
    alone = len(masks) == 1 and masks[0].dtype in (dtypes.bool, dtypes.uint8)
    return alone and math.prod(values.shape) == 1


def _as_masked(self, indices, values):
    """PyTorch then takes any type of number, but no mask of bytes."""
    if not is_masked_fill(indices, values):
        return values
    bytes_ = [each for each in indices if each is not None and each.dtype is dtypes.uint8]
    demand(not bytes_, errors.MASK_OF_BYTES)
    return values.astype(self.dtype)


@differentiable
def index_put(self, indices, values, accumulate=False):
    """The tensor with `values` at the places given by `indices`, or with them added there.

    Follows `torch.index_put`; it is what `x[indices] = values` does in place.
    """
    values = values if accumulate else _as_masked(self, indices, values)
    key, out = _key(self, indices), self.copy()
    try:
        values = np.broadcast_to(values, out[key].shape)
    except ValueError:
        raise RuntimeError(errors.VALUES_MISMATCH.format(list(values.shape), list(out[key].shape))) from None
    demand(self.dtype == values.dtype, errors.OTHER_TYPE_PUT, *dtypes.of(self, values))
    if accumulate:
        np.add.at(out, key, values)
    else:
        out[key] = values
    return out

index_put.gradient(
    self=lambda grad, accumulate, indices: (
        grad if accumulate else index_put(grad, indices, new_zeros(grad, ()))
    ),
    indices=None,
    values=lambda grad, indices: index(grad, indices),
)


@differentiable
def masked_select(self, mask):
    """The elements where `mask` is True, as a vector (`torch.masked_select`)."""
    demand(mask.dtype == bool, "masked_select: expected BoolTensor for mask")
    try:
        self, mask = np.broadcast_arrays(self, mask)
    except ValueError:
        raise errors.broadcast_mismatch(mask.shape, self.shape) from None
    return self[mask]

masked_select.gradient(
    self=lambda grad, mask, self: masked_place(
        grad, mask, np.broadcast_shapes(tuple(mask.shape), tuple(self.shape))
    ),
    mask=None,
)


@differentiable
def masked_place(self, mask, size):
    out = np.zeros(size, self.dtype)
    out[np.broadcast_to(mask, size)] = self
    return out

masked_place.gradient(self=lambda grad, mask: masked_select(grad, mask), mask=None)
