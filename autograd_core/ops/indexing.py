"""Square brackets: reading parts of a tensor, and parts that lie anywhere.

Integers, slices, `None` and `...` give views. Tensors and lists of places give copies: what they pick
lies anywhere, and no steps through memory lead from one to the next.
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable, unary
from ..dimensions import common_shape
from ..errors import demand, demand_index
from ..frames import warn
from ..graph import gradient_edge
from ..storage import copy_of, room_in_order_of, stepping
from ..tensor import Tensor, wrap
from .comparison import where as choose
from .conversion import convert
from .creation import tensor
from .filling import new_zeros
from .joining import unbind
from .views import same, select, slice_dim, unsqueeze


def getitem(self: Tensor, at: object) -> Tensor:
    """`self[at]`: one view for each integer and slice, then a copy if there are tensors or lists.

    Raises IndexError for an index that is out of range or of another type, ValueError for a negative
    step.

    >>> from autograd_core import tensor
    >>> tensor([[1.0, 2.0], [3.0, 4.0]])[1, :1]
    tensor([3.])
    """
    if type(at) is int and self._array.ndim:  # mostly it is just that
        return _select(self, 0, at, 0)
    out, places = views_of(self, at)
    if places:
        return index(out, places)
    return same(out) if out is self else out


def views_of(self: Tensor, index: object) -> tuple[Tensor, tuple]:
    """The view that the integers and slices of an index give, and the places in it that tensors give."""
    if isinstance(index, str) and index or isinstance(index, list) and any(map(_is_no_number, index)):
        warn(errors.INDEX_OF_LISTS)
        index = tuple(index)
    parts = [_as_place(part) for part in (index if isinstance(index, tuple) else (index,))]
    if not self.ndim and not isinstance(index, tuple):
        _refuse_alone(self, parts[0])
    taken = sum(map(dims_taken, parts))
    demand_index(taken <= self.ndim, "too many indices for tensor of dimension {}", self.ndim)
    for part in parts:
        demand(not isinstance(part, str), errors.NO_NUMBER, "str", kind=TypeError)
        known = part is None or part is Ellipsis or isinstance(part, (int, slice, Tensor))
        demand_index(known, errors.NO_INDEX, type(part).__name__)
    out, dim, places = self, 0, []
    for position, part in enumerate(parts):
        place = None
        if part is Ellipsis:
            dim += self.ndim - taken
            places += [None] * (self.ndim - taken)
            continue
        elif part is None:
            out = unsqueeze(out, dim)
        elif isinstance(part, slice):
            # PyTorch passes over a slice of everything among other parts, but not where it stands alone.
            if index is part or not is_all(part, out._array.shape[dim]):
                out = _slice(out, dim, part)
        elif isinstance(part, int) or (not part.ndim and part._array.dtype.kind in "iu"):
            out = _select(out, dim, int(part), position)
            continue
        elif not part.ndim and part._array.dtype == bool:  # a new dimension, of one element or of none
            out, place = unsqueeze(out, dim), wrap(np.zeros(int(part._array), np.int64))
        else:
            place = part
        dim += max(dims_taken(part), 1)
        places.append(place)
    while places and places[-1] is None:
        places.pop()
    return out, tuple(places)


def _is_no_number(part: object) -> bool:
    return part is None or part is Ellipsis or isinstance(part, (slice, list, tuple, Tensor))


def _as_place(part: object) -> object:
    """What stands in the brackets, with lists and arrays made into tensors of places."""
    if isinstance(part, (bool, np.bool_)):
        return wrap(np.array(bool(part)))
    if isinstance(part, (int, np.integer)):
        return int(part)
    if isinstance(part, (list, tuple, range, np.ndarray)):
        made = tensor(part if isinstance(part, np.ndarray) else list(part))
        return made if made._array.size else convert(made, dtypes.int64)
    return part


def _refuse_alone(self: Tensor, part: object) -> None:
    """Say what is wrong with one integer or slice in the brackets of a tensor without dimensions."""
    if isinstance(part, slice):
        _step(part)
        gradient_edge(self)  # whose history may be out of reach, which is said first
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    if isinstance(part, int):
        demand_index(not part, "index {} is out of bounds for dimension 0 with size 0", part)
        raise IndexError(errors.INDEX_OF_SCALAR)


def dims_taken(part: object) -> int:
    """How many dimensions of the tensor this part of the index is about."""
    if part is None or part is Ellipsis:
        return 0
    is_mask = isinstance(part, Tensor) and part._array.dtype in (bool, np.uint8)
    return part.ndim if is_mask else 1


def is_all(part: object, size: int) -> bool:
    """Is this a slice that, as it is written, takes all of a dimension of this size?"""
    if not isinstance(part, slice) or part.start not in (None, 0) or part.step not in (None, 1):
        return False
    return part.stop is None or part.stop >= size


def _select(self: Tensor, dim: int, index: int, position: int) -> Tensor:
    size = self._array.shape[dim]
    # PyTorch tells the position in the brackets for the dimension.
    demand_index(-size <= index < size, errors.OUT_OF_BOUNDS, index, position, size)
    return select(self, dim, index)


def _slice(self: Tensor, dim: int, part: slice) -> Tensor:
    start = 0 if part.start is None else int(part.start)
    end = 2**63 - 1 if part.stop is None else int(part.stop)
    return slice_dim(self, dim, start, end, _step(part))


def _step(part: slice) -> int:
    step = 1 if part.step is None else int(part.step)
    demand(step, "slice step cannot be zero", kind=ValueError)
    demand(step >= 1, "step must be greater than zero", kind=ValueError)
    return step


# ---- at places -----------------------------------------------------------------------------------------


def _key(array, indices):
    """The indices as NumPy takes them, checked; a mask stands for the places where it is True."""
    key = []
    for each in indices:
        place, dim = each._array if isinstance(each, Tensor) else each, len(key)
        if place is None:
            key.append(slice(None))
        elif place.dtype in (bool, np.uint8):
            if place.dtype == np.uint8:
                warn(errors.INDEX_OF_BYTES)
            for i, (n, m) in enumerate(zip(place.shape, array.shape[dim : dim + place.ndim])):
                demand_index(n == m, errors.WRONG_MASK, place.shape, i, array.shape, dim + i)
            key.extend(np.nonzero(place))
        else:
            demand_index(place.dtype in (np.int64, np.int32), errors.INDEX_OF_OTHER_TYPE)
            sentence = "too many indices for tensor of dimension {} (got {})"
            demand_index(dim < array.ndim, sentence, array.ndim, len(indices))
            key.append(place)
    shapes = [each.shape for each in key if isinstance(each, np.ndarray)]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        told = ", ".join(str(list(shape)) for shape in shapes)
        raise IndexError(errors.PLACES_MISMATCH.format(told)) from None
    for place, size in zip(key, array.shape):
        some = isinstance(place, np.ndarray) and place.size
        demand_index(size or not some, "index is out of bounds for dimension with size 0")
    return tuple(key)


def _check_reach(array, key):
    """Raise IndexError for a place that is not in the array. PyTorch finds this last."""
    for dim, (place, size) in enumerate(zip(key, array.shape)):
        if isinstance(place, np.ndarray):
            wrong = place[(place < -size) | (place >= size)].ravel()
            demand_index(not wrong.size, errors.OUT_OF_BOUNDS, *wrong[:1], dim, size)


@differentiable
def index(self, indices):
    key = _key(self, indices)
    _check_reach(self, key)
    out = self[key]
    room = _room(self, key, out)
    room[...] = out
    return room


def _put_back(grad, indices, self_sym_sizes):
    """The gradient where it was picked from; a place that was picked twice gets both."""
    return index_put(new_zeros(grad, self_sym_sizes), indices, grad, True)

index.gradient(self=_put_back, indices=None)


def _room(array, key, picked):
    """Memory for what was picked: it lies like the array, and like the indices where they stand."""
    at = [dim for dim, each in enumerate(key) if isinstance(each, np.ndarray)]
    # NumPy and PyTorch put the dimensions of the indices first where they do not stand side by side.
    place = at[0] if at == [*range(at[0], at[-1] + 1)] else 0
    rest = [step for dim, step in enumerate(array.strides) if dim not in at]
    wide = picked.ndim - len(rest)
    steps = (*rest[:place], *[0] * wide, *rest[place:])
    before, after = (1,) * place, (1,) * (len(rest) - place)
    looks = [key[dim].reshape(before + key[dim].shape + after) for dim in at]
    spread = np.lib.stride_tricks.as_strided(array, picked.shape, steps)
    return room_in_order_of(spread, *looks, dtype=array.dtype)


def is_masked_fill(indices, values, accumulate):
    """Is this one number for all places under a mask? PyTorch writes that as `masked_fill_` does."""
    masks = [each for each in indices if each is not None]
    alone = len(masks) == 1 and masks[0].dtype in (dtypes.bool, dtypes.uint8)
    return alone and not accumulate and math.prod(values.shape) == 1


def fits_mask(self, indices):
    """Is the one mask among the indices of the size of the dimensions that it is about?"""
    (dim,) = [i for i, each in enumerate(indices) if each is not None]
    mask = indices[dim].shape
    return mask == self.shape[dim : dim + len(mask)]


def _as_masked(self, indices, values, accumulate):
    """PyTorch then takes any type of number, but no mask of bytes."""
    if not is_masked_fill(indices, values, accumulate):
        return values
    (mask,) = [each for each in indices if each is not None]
    demand(mask.dtype is dtypes.bool, errors.MASK_OF_OTHER_TYPE, mask.dtype)
    return np.full(values.shape, dtypes.element(values.item(), self.dtype))


@differentiable
def index_put(self, indices, values, accumulate=False):
    """The tensor with `values` at the places given by `indices`, or with them added there.

    Follows `torch.index_put`; it is what `x[indices] = values` does in place.
    """
    out = copy_of(self)
    put(out, indices, values, accumulate)
    return out


def put(out, indices, values, accumulate):
    """Write the values into this very array, one after the other."""
    values = _as_masked(out, indices, values, accumulate)
    key = _key(out, indices)
    room = out[tuple([each if isinstance(each, slice) else each * 0 for each in key])].shape
    try:
        values = values if values.shape == room else np.broadcast_to(values, room)
    except ValueError:
        raise RuntimeError(errors.VALUES_MISMATCH.format(list(values.shape), list(room))) from None
    demand(out.dtype == values.dtype, errors.OTHER_TYPE_PUT, *dtypes.of(out, values))
    _check_reach(out, key)
    if accumulate:
        np.add.at(out, key, values)
    else:
        out[key] = values



def _kept(grad, accumulate, indices):
    return grad if accumulate else index_put(grad, indices, new_zeros(grad, ()))

index_put.gradient(self=_kept, indices=None, values=lambda grad, indices: index(grad, indices))


@differentiable
def masked_select(self, mask):
    """The elements where `mask` is True, as a vector (`torch.masked_select`)."""
    demand(mask.dtype == bool, "masked_select: expected BoolTensor for mask")
    common_shape(mask.shape, self.shape)
    self, mask = np.broadcast_arrays(self, mask)
    return self[mask]

def _back_under(grad, mask, self):
    return masked_place(grad, mask, common_shape(mask.shape, self.shape))

masked_select.gradient(self=_back_under, mask=None)


@differentiable
def masked_place(self, mask, size):
    out = np.zeros(size, self.dtype)
    out[np.broadcast_to(mask, size)] = self
    return out

masked_place.gradient(self=lambda grad, mask: masked_select(grad, mask), mask=None)


# ---- where? --------------------------------------------------------------------------------------------


def _places_of(self):
    """The places of what is not zero, those along one dimension side by side in memory."""
    return stepping(np.array(np.nonzero(self), np.int64).reshape(self.ndim, -1)).T


_nonzero = unary("nonzero", _places_of, None, floats=False)


def where(condition: Tensor, *either: Tensor | float, **named: Tensor | float) -> Tensor | tuple:
    """`self` where `condition` is True and `other` elsewhere, or without these the places where it is.

    Follows `torch.where`. The places are a tensor of integers for each dimension, fit to stand in
    square brackets.

    >>> from autograd_core import tensor
    >>> where(tensor([True, False]), 1, 2), where(tensor([False, True]))
    (tensor([1, 2]), (tensor([1]),))
    """
    if either or named:
        return choose(condition, *either, **named)
    errors.argument(isinstance(condition, Tensor), "where", "condition", 1, "Tensor", condition)
    return unbind(_nonzero(condition if condition.ndim else unsqueeze(condition, 0)), 1)
