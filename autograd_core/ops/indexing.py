"""Reading parts of a tensor with brackets, and reading and writing at places given by tensors.

Integers, slices, `None` and `...` give views. Tensors and lists of places give copies: what they pick
lies anywhere, and no steps through memory lead from one to the next.
"""

from __future__ import annotations

import warnings

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable, overloads
from ..dtypes import FROM_NUMPY
from ..tensor import Tensor, wrap
from .conversion import convert
from .creation import tensor
from .dimensions import axis
from .elementwise import times
from .filling import new_zeros
from .views import same, select, slice_dim, unsqueeze

# ---- brackets ----------------------------------------------------------------------------------------


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
        return index_op(out, places)
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
    if taken > self.ndim:
        raise IndexError(f"too many indices for tensor of dimension {self.ndim}")
    for part in parts:
        if part is not None and part is not Ellipsis and not isinstance(part, (int, slice, Tensor)):
            raise IndexError(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
                f"valid indices (got {type(part).__name__})"
            )
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
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    if isinstance(part, int) and part:
        raise IndexError(f"index {part} is out of bounds for dimension 0 with size 0")
    if isinstance(part, int):
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in "
            "C++ to convert a 0-dim tensor to a number"
        )


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
    if not -size <= index < size:  # PyTorch tells the position in the brackets for the dimension
        raise IndexError(f"index {index} is out of bounds for dimension {position} with size {size}")
    return select(self, dim, index)


def _slice(self: Tensor, dim: int, part: slice) -> Tensor:
    start = 0 if part.start is None else int(part.start)
    end = 2**63 - 1 if part.stop is None else int(part.stop)
    return slice_dim(self, dim, start, end, _step(part))


def _step(part: slice) -> int:
    step = 1 if part.step is None else int(part.step)
    if step < 1:
        raise ValueError("step must be greater than zero")
    return step


# ---- places given by tensors, one for each dimension ---------------------------------------------------


def _key(array, indices):
    """The indices as NumPy takes them, checked; a mask stands for the places where it is True."""
    key, dim = [], 0
    for position, each in enumerate(indices):
        if each is None:
            key.append(slice(None))
            dim += 1
            continue
        place = each._array if isinstance(each, Tensor) else each
        if place.dtype in (bool, np.uint8):
            if place.dtype == np.uint8:
                warnings.warn(errors.INDEX_OF_BYTES, stacklevel=2)
            under = array.shape[dim : dim + place.ndim]
            if place.shape != under:
                i = next(i for i, (n, m) in enumerate(zip(place.shape, under)) if n != m)
                raise errors.wrong_mask(place.shape, i, array.shape, dim + i)
            key.extend(np.nonzero(place))
            dim += place.ndim
            continue
        if place.dtype not in (np.int64, np.int32):
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        size = array.shape[dim]
        wrong = place[(place < -size) | (place >= size)]
        if wrong.size and not size:
            raise IndexError("index is out of bounds for dimension with size 0")
        if wrong.size:
            raise IndexError(
                f"index {wrong.ravel()[0]} is out of bounds for dimension {dim} with size {size}"
            )
        key.append(place)
        dim += 1
    _check_key(key)
    return tuple(key)


def _check_key(key):
    try:
        np.broadcast_shapes(*(each.shape for each in key if isinstance(each, np.ndarray)))
    except ValueError:
        shapes = ", ".join(str(list(each.shape)) for each in key if isinstance(each, np.ndarray))
        raise IndexError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}"
        ) from None


@differentiable(name="index")
def index_op(self, indices):
    key = _key(self, indices)
    return np.array(self[key], order="C")

index_op.gradient(
    self=lambda grad, indices, self_sym_sizes: index_backward(grad, indices, self_sym_sizes),
    indices=None,
)


@differentiable
def index_backward(self, indices, size):
    out = np.zeros(size, self.dtype)
    np.add.at(out, _key(out, indices), self)  # a place that was picked twice gets both gradients
    return out

index_backward.gradient(self=lambda grad, indices: index_op(grad, indices), indices=None)


def _is_one_mask(indices):
    places = [each for each in indices if each is not None]
    return len(places) == 1 and places[0].dtype in (dtypes.bool, dtypes.uint8)


def _masked_value(indices, values):
    """One number for all places under a mask: PyTorch then takes any type of number, but no bytes."""
    (mask,) = [each for each in indices if each is not None]
    if mask.dtype is dtypes.uint8:
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype unsigned char")
    return values


@differentiable
def index_put(self, indices, values, accumulate=False):
    """The tensor with `values` at the places given by `indices`, or with them added there.

    Follows `torch.index_put`; it is what `x[indices] = values` does in place.
    """
    if _is_one_mask(indices) and values.size == 1 and not accumulate:
        values = _masked_value(indices, values).astype(self.dtype)
    if self.dtype != values.dtype:
        one, other = (FROM_NUMPY[each.dtype].scalar_name for each in (self, values))
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{one} for the destination and {other} for the source."
        )
    key, out = _key(self, indices), self.copy()
    try:
        values = np.broadcast_to(values, out[key].shape)
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(values.shape)} cannot be broadcast to "
            f"indexing result of shape {list(out[key].shape)}"
        ) from None
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
    values=lambda grad, indices: index_op(grad, indices),
)


# ---- places along a dimension ------------------------------------------------------------------------


def _whole_numbers(op, index):
    if index.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"{op}(): Expected dtype int32/int64 for index")


def _within(index, dim, size):
    wrong = index[(index < 0) | (index >= size)]
    if wrong.size:
        raise RuntimeError(
            f"index {wrong.ravel()[0]} is out of bounds for dimension {dim} with size {size}"
        )


def _part(array, index, dim):
    """The part of the array that an index of fewer rows and columns is about."""
    return array[tuple(slice(None if d == dim else n) for d, n in enumerate(index.shape))]


def _places(op, array, dim, index):
    """The dimension counted from the front, once the index is found fit."""
    dim = axis(array.ndim, dim)
    _whole_numbers(op, index)
    if index.size and max(index.ndim, 1) != max(array.ndim, 1):
        whose = "input" if op == "gather" else "self"
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as {whose} tensor"
        )
    return dim


@differentiable
def gather(self, dim, index, sparse_grad=False):
    """The elements at the places along `dim` that `index` gives (`torch.gather`).

    >>> from autograd_core import tensor
    >>> gather(tensor([[1, 2], [3, 4]]), 1, tensor([[0], [1]]))
    tensor([[1],
            [4]])
    """
    dim = _places("gather", self, dim, index)
    if not index.size:
        return np.zeros(index.shape, self.dtype)
    self = np.atleast_1d(self)
    for d, (n, m) in enumerate(zip(np.atleast_1d(index).shape, self.shape)):
        if d != dim and n > m:
            raise RuntimeError(
                f"Size does not match at dimension {d} expected index {list(index.shape)} to be no "
                f"larger than self {list(self.shape)} apart from dimension {dim}"
            )
    _within(index, dim, self.shape[dim])
    places = np.atleast_1d(index)
    return np.take_along_axis(_part(self, places, dim), places, dim).reshape(index.shape)

gather.gradient(
    self=lambda grad, dim, index, self, sparse_grad: (
        scatter_add(new_zeros(grad, tuple(self.shape)), dim, index, grad)
    ),
    index=None,
)


def _scattered(op, self, dim, index, src, put):
    """A copy of `self` into which `put` has put `src` at the places along `dim`."""
    dim = _places(op, self, dim, index)
    if isinstance(src, np.ndarray) and src.dtype != self.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    out = self.copy()
    if not index.size:
        return out
    room, places = np.atleast_1d(out), np.atleast_1d(index)
    given = np.atleast_1d(src) if isinstance(src, np.ndarray) else None
    fits = all(n <= m for d, (n, m) in enumerate(zip(places.shape, room.shape)) if d != dim)
    if not fits or (given is not None and any(n > m for n, m in zip(places.shape, given.shape))):
        larger = "" if given is None else f" and to be no larger size than src {list(src.shape)}"
        raise RuntimeError(
            f"Expected index {list(index.shape)} to be no larger than self {list(self.shape)} apart "
            f"from dimension {dim}{larger}"
        )
    _within(places, dim, room.shape[dim])
    if given is not None:
        src = given[tuple(map(slice, places.shape))]
    key = list(np.indices(places.shape, sparse=True))
    key[dim] = places
    put(room, tuple(key), src)
    return out


def _write(array, key, values):
    array[key] = values


@differentiable(name="scatter", node="ScatterBackward0")
def scatter_tensor(self, dim, index, src):
    return _scattered("scatter", self, dim, index, src, _write)

scatter_tensor.gradient(self=lambda grad, dim, index: scatter_number(grad, dim, index, 0),
                        index=None,
                        src=lambda grad, dim, index: gather(grad, dim, index))


@differentiable(name="scatter", node="ScatterBackward1")
def scatter_number(self, dim, index, value):
    return _scattered("scatter", self, dim, index, value, _write)

scatter_number.gradient(self=lambda grad, dim, index: scatter_number(grad, dim, index, 0), index=None)


@overloads
def scatter(self, dim, index, src=None, *, value=None):
    """The tensor with other elements, or one number, at places along `dim` (`torch.scatter`).

    >>> from autograd_core import tensor
    >>> scatter(tensor([1, 2, 3]), 0, tensor([2]), 9)
    tensor([1, 2, 9])
    """
    return scatter_tensor if isinstance(src, (Tensor, np.ndarray)) else scatter_number


@differentiable
def scatter_add(self, dim, index, src):
    """The tensor with other elements added at places along `dim` (`torch.scatter_add`)."""
    return _scattered("scatter", self, dim, index, src, np.add.at)

scatter_add.gradient(self=lambda grad: grad,
                     index=None,
                     src=lambda grad, dim, index: gather(grad, dim, index))


def placed(grad, dim, index, size):
    """Zeros of this size, with a gradient at places along `dim`."""
    return scatter_tensor(new_zeros(grad, size), dim, index, grad)


@differentiable
def index_select(self, dim, index):
    """The parts along `dim` that `index`, a vector, gives (`torch.index_select`).

    >>> from autograd_core import tensor
    >>> index_select(tensor([1, 2, 3]), 0, tensor([2, 0]))
    tensor([3, 1])
    """
    dim = axis(self.ndim, dim)
    if index.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if index.dtype not in (np.int64, np.int32):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if not self.ndim and index.size != 1:
        raise RuntimeError(
            f"index_select(): Index to scalar can have only 1 value, got {index.size} value(s)"
        )
    size = self.shape[dim] if self.ndim else 1
    for each in index[(index < 0) | (index >= size)].ravel()[:1]:
        if dim == 0:
            raise IndexError("index out of range in self")
        raise RuntimeError(f"INDICES element is out of DATA bounds, id={each} axis_dim={size}")
    return np.take(self, np.atleast_1d(index), dim) if self.ndim else self.copy()

index_select.gradient(
    self=lambda grad, dim, index, self_sym_sizes: (
        index_add(new_zeros(grad, self_sym_sizes), dim, index, grad)
    ),
    index=None,
)


@differentiable
def index_add(self, dim, index, source, alpha=1):
    """The tensor with `source` added to its parts along `dim` that `index` gives (`torch.index_add`)."""
    dim = axis(self.ndim, dim)
    if self.dtype != source.dtype:
        one, other = (FROM_NUMPY[each.dtype].scalar_name for each in (self, source))
        raise RuntimeError(
            f"index_add_(): self ({one}) and source ({other}) must have the same scalar type"
        )
    length = source.shape[dim] if source.ndim else 1
    if index.size != length:
        raise RuntimeError(
            f"index_add_(): Number of indices ({index.size}) should be equal to source.size(dim): "
            f"({length}), for dim: {dim}"
        )
    rest = [shape[:dim] + shape[dim + 1 :] for shape in (self.shape, source.shape)]
    if rest[0] != rest[1] or self.ndim != source.ndim:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got "
            f"self.shape = {list(self.shape)} source.shape = {list(source.shape)}"
        )
    size = self.shape[dim] if self.ndim else 1
    if self.ndim and (self.ndim == 1 or alpha != 1) and np.any((index < 0) | (index >= size)):
        raise IndexError("index out of range in self")
    _within(index, dim, size)
    out = self.copy()
    np.add.at(np.atleast_1d(out), (slice(None),) * dim + (np.atleast_1d(index),), times(source, alpha))
    return out

index_add.gradient(
    self=lambda grad: grad,
    index=None,
    source=lambda grad, alpha, dim, index, source, source_dim: (
        times(index_select(grad, dim, index), alpha)
    ),
)


# ---- places given by a mask --------------------------------------------------------------------------


@differentiable
def masked_select(self, mask):
    """The elements where `mask` is True, as a vector (`torch.masked_select`)."""
    if mask.dtype != bool:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
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
