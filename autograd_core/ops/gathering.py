"""Reading and writing at places along one dimension, which a tensor of integers gives."""

from __future__ import annotations

import functools

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable
from ..dimensions import axis
from ..errors import demand, demand_index
from ..signatures import overloads
from ..storage import copy_of
from .elementwise import times
from .filling import new_zeros

# ---- a place for each element --------------------------------------------------------------------------


def _beyond(index, size):
    """The places that are not there."""
    return index[(index < 0) | (index >= size)].ravel()


def _within(index, dim, size):
    # Seen without a sign, what is negative is the greatest of all: one look in the place of three.
    unsigned = index.view(np.uint64 if index.itemsize == 8 else np.uint32)
    if index.size and np.maximum.reduce(unsigned, axis=None) >= size:
        raise RuntimeError(errors.OUT_OF_BOUNDS.format(_beyond(index, size)[0], dim, size))


def _with_dimensions(array):
    """An element is looked at as a vector of one."""
    return array if array.ndim else array.reshape(1)


def _key(places, dim):
    """What chooses the elements at these places along `dim`, each in its own row of the others."""
    key = list(_grid(places.shape))
    key[dim] = places
    return tuple(key)


@functools.lru_cache
def _grid(shape):
    return np.indices(shape, sparse=True)


def _places(op, array, dim, index):
    """The dimension counted from the front, once the index is found fit."""
    dim = axis(array.ndim, dim)
    whole = index.dtype.kind == "i" and index.itemsize >= 4
    demand(whole, "{}(): Expected dtype int32/int64 for index", op)
    fits = (index.ndim or 1) == (array.ndim or 1) or not index.size
    demand(fits, errors.INDEX_OF_OTHER_DIM, "input" if op == "gather" else "self")
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
    array, places = _with_dimensions(self), _with_dimensions(index)
    for d, (n, m) in enumerate(zip(places.shape, array.shape)):
        if n > m and d != dim:
            demand(False, errors.LARGER_INDEX, d, index.shape, self.shape, dim)
    _within(places, dim, array.shape[dim])
    return np.ascontiguousarray(array[_key(places, dim)]).reshape(index.shape)


def _back_to_places(grad, dim, index, self, sparse_grad):
    """What was gathered from one place several times is summed there."""
    return scatter_add(new_zeros(grad, self.shape), dim, index, grad)

gather.gradient(self=_back_to_places, index=None)


def _scattered(self, dim, index, src, put):
    """A copy of `self` into which `put` has put `src` at the places along `dim`."""
    dim = _places("scatter", self, dim, index)
    given = _with_dimensions(src) if isinstance(src, np.ndarray) else None
    same = given is None or src.dtype == self.dtype
    demand(same, "scatter(): Expected self.dtype to be equal to src.dtype")
    out = np.array(self, order="C")
    if not index.size:
        return out
    room, places = _with_dimensions(out), _with_dimensions(index)
    fits = all(n <= m for d, (n, m) in enumerate(zip(places.shape, room.shape)) if d != dim)
    if given is not None:
        for d, n in enumerate(places.shape if fits else ()):
            if n > given.shape[axis(given.ndim, d)]:  # PyTorch asks so, and may find no dimension
                break
        demand(given.ndim == places.ndim, errors.INDEX_OF_OTHER_DIM, "src")
        covered = all(n <= m for n, m in zip(places.shape, given.shape))
        demand(fits and covered, errors.LARGER_THAN_SRC, index.shape, self.shape, dim, src.shape)
        src = given[tuple(map(slice, places.shape))]
    demand(fits, errors.LARGER_THAN_SELF, index.shape, self.shape, dim)
    _within(places, dim, room.shape[dim])
    put(room, _key(places, dim), src)
    return out


@differentiable(name="scatter", node="ScatterBackward0", tensors=True)
def scatter_tensor(self, dim, index, src):
    return _scattered(self, dim, index, src, np.ndarray.__setitem__)


def _untouched(grad, dim, index):
    return scatter_number(grad, dim, index, 0)

scatter_tensor.gradient(self=_untouched, index=None,
                        src=lambda grad, dim, index: gather(grad, dim, index))


@differentiable(name="scatter", node="ScatterBackward1")
def scatter_number(self, dim, index, value):
    return _scattered(self, dim, index, dtypes.element(value, self.dtype), np.ndarray.__setitem__)

scatter_number.gradient(self=_untouched, index=None)


@overloads(scatter_tensor, scatter_number)
def scatter(self, dim, index, src=None, *, value=None):
    """The tensor with other elements, or one number, at places along `dim` (`torch.scatter`).

    >>> from autograd_core import tensor
    >>> scatter(tensor([1, 2, 3]), 0, tensor([2]), 9)
    tensor([1, 2, 9])
    """


@differentiable
def scatter_add(self, dim, index, src):
    """The tensor with other elements added at places along `dim` (`torch.scatter_add`)."""
    return _scattered(self, dim, index, src, np.add.at)

scatter_add.gradient(self=lambda grad: grad, index=None,
                     src=lambda grad, dim, index: gather(grad, dim, index))


def placed(grad, dim, indices, self_sym_sizes):
    """The formula of what came from places along `dim`: the gradient there, and zero elsewhere."""
    return scatter_tensor(new_zeros(grad, self_sym_sizes), dim, indices, grad)


# ---- a place for each part -----------------------------------------------------------------------------


@differentiable
def index_select(self, dim, index):
    """The parts along `dim` that `index`, a vector, gives (`torch.index_select`).

    >>> from autograd_core import tensor
    >>> index_select(tensor([1, 2, 3]), 0, tensor([2, 0]))
    tensor([3, 1])
    """
    dim = axis(self.ndim, dim)
    size = self.shape[dim] if self.ndim else 1
    demand_index(index.ndim < 2, "index_select(): Index is supposed to be a vector")
    whole = index.dtype in (np.int64, np.int32)
    demand(whole, "index_select(): Expected dtype int32 or int64 for index")
    demand(self.ndim or index.size == 1, errors.SELECT_FROM_SCALAR, index.size)
    none = self.ndim > 1 and not self.size  # PyTorch has other sentences for these
    demand(size or not none or not index.size, errors.SELECT_FROM_NOTHING)
    for each in _beyond(index, size)[:1]:
        demand_index(dim or none, "index out of range in self")
        demand(False, "INDICES element is out of DATA bounds, id={} axis_dim={}", each, size)
    return np.take(self, np.atleast_1d(index), dim) if self.ndim else self.copy()


def _back_to_parts(grad, dim, index, self_sym_sizes):
    return index_add(new_zeros(grad, self_sym_sizes), dim, index, grad)

index_select.gradient(self=_back_to_parts, index=None)


def _fits(self, dim, index, source, alpha):
    dim = axis(self.ndim, dim)
    demand(self.dtype == source.dtype, errors.OTHER_TYPE_ADDED, *dtypes.of(self, source))
    length = source.shape[dim] if source.ndim else 1
    demand(index.size == length, errors.UNEVEN_INDEX, index.size, length, dim)
    rest = [(each.ndim, each.shape[:dim] + each.shape[dim + 1 :]) for each in (self, source)]
    demand(rest[0] == rest[1], errors.OTHER_SHAPE_ADDED, self.shape, source.shape)


@differentiable(check=_fits)
def index_add(self, dim, index, source, alpha=1):
    """The tensor with `source` added to its parts along `dim` that `index` gives (`torch.index_add`)."""
    dim = axis(self.ndim, dim)
    if self.ndim > 1 and not self.size:  # then PyTorch does not look at the places
        return copy_of(self)
    size = self.shape[dim] if self.ndim else 1
    near = self.ndim and (self.ndim == 1 or alpha != 1)
    demand_index(not (near and _beyond(index, size).size), "index out of range in self")
    _within(index, dim, size)
    out, key = np.array(self, order="C"), (slice(None),) * dim + (np.atleast_1d(index),)
    np.add.at(np.atleast_1d(out), key, times(source, alpha))
    return out

index_add.gradient(self=lambda grad: grad, index=None,
                   source=lambda grad, alpha, dim, index, source, source_dim: (
                       times(index_select(grad, dim, index), alpha)))
