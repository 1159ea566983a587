"""Reading parts of a tensor with brackets.

Integers, slices, `None` and `...` give views. Tensors and lists of places give copies: what they pick
lies anywhere, and no steps through memory lead from one to the next (see `indexing`).
"""

from __future__ import annotations

import warnings

import numpy as np

from .. import dtypes, errors
from ..errors import demand, demand_index
from ..tensor import Tensor, wrap
from .conversion import convert
from .creation import tensor
from .indexing import index as places_in
from .views import same, select, slice_dim, unsqueeze


def getitem(self: Tensor, index: object) -> Tensor:
    """`self[index]`: one view for each integer and slice, then a copy if there are tensors or lists.

    Raises IndexError for an index that is out of range or of another type, ValueError for a negative
    step.

    >>> from autograd_core import tensor
    >>> tensor([[1.0, 2.0], [3.0, 4.0]])[1, :1]
    tensor([3.])
    """
    if type(index) is int and self._array.ndim:  # mostly it is just that
        return _select(self, 0, index, 0)
    out, places = views_of(self, index)
    if places:
        return places_in(out, places)
    return same(out) if out is self else out


def views_of(self: Tensor, index: object) -> tuple[Tensor, tuple]:
    """The view that the integers and slices of an index give, and the places in it that tensors give."""
    if isinstance(index, list) and any(map(_is_no_number, index)):
        warnings.warn(errors.INDEX_OF_LISTS, stacklevel=3)
        index = tuple(index)
    parts = [_as_place(part) for part in (index if isinstance(index, tuple) else (index,))]
    if not self.ndim and not isinstance(index, tuple):
        _refuse_alone(parts[0])
    taken = sum(map(_dims_taken, parts))
    demand_index(taken <= self.ndim, "too many indices for tensor of dimension {}", self.ndim)
    for part in parts:
        known = part is None or part is Ellipsis or isinstance(part, (int, slice, Tensor))
        demand_index(known, errors.NO_INDEX, type(part).__name__)
    out, dim, places = self, 0, []
    for position, part in enumerate(parts):
        if part is Ellipsis:
            dim += self.ndim - taken
            places += [None] * (self.ndim - taken)
        elif part is None:
            out = unsqueeze(out, dim)
            dim += 1
            places.append(None)
        elif isinstance(part, slice):
            # PyTorch passes over a slice of everything among other parts, but not where it stands alone.
            if index is part or not is_all(part, out._array.shape[dim]):
                out = _slice(out, dim, part)
            dim += 1
            places.append(None)
        elif isinstance(part, int) or (not part.ndim and part._array.dtype.kind in "iu"):
            out = _select(out, dim, int(part), position)
        elif not part.ndim and part._array.dtype == bool:  # a new dimension, of one element or of none
            out = unsqueeze(out, dim)
            dim += 1
            places.append(wrap(np.zeros(int(part._array), np.int64)))
        else:
            dim += _dims_taken(part)
            places.append(part)
    while places and places[-1] is None:
        places.pop()
    return out, tuple(places)


def _is_no_number(part: object) -> bool:
    return part is None or part is Ellipsis or isinstance(part, (slice, list, tuple, Tensor))


def _as_place(part: object) -> object:
    """What stands in the brackets, with lists and arrays made into tensors of places."""
    if part is None or part is Ellipsis or isinstance(part, (slice, Tensor)):
        return part
    if isinstance(part, (bool, np.bool_)):
        return wrap(np.array(bool(part)))
    if isinstance(part, (int, np.integer)):
        return int(part)
    if isinstance(part, (list, tuple, range, np.ndarray)):
        made = tensor(part if isinstance(part, np.ndarray) else list(part))
        return made if made._array.size else convert(made, dtypes.int64)
    return part


def _refuse_alone(part: object) -> None:
    """Say what is wrong with one integer or slice in the brackets of a tensor without dimensions."""
    if isinstance(part, slice):
        _step(part)
    demand_index(not isinstance(part, slice), "slice() cannot be applied to a 0-dim tensor.")
    whole = isinstance(part, int)
    demand_index(not (whole and part), "index {} is out of bounds for dimension 0 with size 0", part)
    demand_index(not whole, errors.INDEX_OF_SCALAR)


def _dims_taken(part: object) -> int:
    """How many dimensions of the tensor this part of the index is about."""
    if part is None or part is Ellipsis:
        return 0
    is_mask = isinstance(part, Tensor) and part._array.dtype in (bool, np.uint8)
    return part.ndim if is_mask else 1


def is_all(part: object, size: int) -> bool:
    """Is this a slice that, as it is written, takes all of a dimension of this size?"""
    return (
        isinstance(part, slice)
        and part.start in (None, 0)
        and (part.stop is None or part.stop >= size)
        and part.step in (None, 1)
    )


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
    demand(step >= 1, "step must be greater than zero", kind=ValueError)
    return step
