"""Memory, and the number that counts the writes to it.

The surprising idea: the two are separate. Every alias of a tensor looks at the same `Storage`; but
a view and a `detach()` also share its `VersionCounter`, while `.data` gets a counter of its own, so
a write through `.data` changes the numbers and nobody's count.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from .dimensions import common_shape


class Storage:
    """A block of memory that one or more tensors look at (`torch.UntypedStorage`)."""

    __slots__ = ("array", "row", "__weakref__")

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.row = array, None

    @property
    def memory(self) -> np.ndarray:
        """The elements in one dimension, in the order of memory, whatever order the array has."""
        if self.row is None:  # every saved result has a storage, and few are ever looked at
            self.row = owner(self.array).ravel("K")
        return self.row

    def look(self, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> np.ndarray:
        """The elements at these steps from each other, all counted in elements; no copy."""
        memory = self.memory
        itemsize = memory.itemsize
        offset, steps = offset * itemsize, [s * itemsize for s in stride]
        if 0 in size:
            return nothing_at(memory, offset, size, steps)
        return np.ndarray(size, memory.dtype, memory, offset, steps)

    def offset_of(self, array: np.ndarray) -> int:
        """How many elements lie before the first one of an array that looks at this memory."""
        start = array.__array_interface__["data"][0]
        return (start - self.data_ptr()) // array.itemsize

    def data_ptr(self) -> int:
        """The address of the first byte. Two tensors share memory where this is the same."""
        return self.memory.__array_interface__["data"][0]

    def nbytes(self) -> int:
        return self.memory.nbytes

    __len__ = nbytes


def owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory this one shows, if NumPy made it as a view; else the array itself."""
    while array.base is not None:
        base = array.base if isinstance(array.base, np.ndarray) else getattr(array.base, "base", None)
        if not isinstance(base, np.ndarray):  # NumPy's `as_strided` puts an object between the two
            break
        array = base
    return array


def nothing_at(array: np.ndarray, offset: int, size: tuple[int, ...], steps: Sequence[int]) -> np.ndarray:
    """A view without elements, so many bytes behind the start of the array, be that beyond its end.

    NumPy forgets where nothing starts. `as_strided` asks: it shows what lies there, in another size.
    """
    there = np.lib.stride_tricks.as_strided(array, (2,), (offset,))[1:]
    return np.lib.stride_tricks.as_strided(there, size, steps)


def stepping(array: np.ndarray) -> np.ndarray:
    """An array without elements, by the steps that it would have row by row; NumPy gives it none."""
    if array.size or any(array.strides):
        return array
    return nothing_at(array, 0, array.shape, steps_in_rows(array.shape, array.itemsize))


class VersionCounter:
    """How many in-place writes its tensors have seen. Starts at 0 and only goes up.

    >>> counter = VersionCounter()
    >>> counter.value += 1
    >>> counter.value
    1
    """

    # A class attribute rather than an `__init__`: every tensor has a counter, few are ever written.
    value = 0


class Uncounted(VersionCounter):
    """Stands where a tensor that inference mode has made has no counter: its writes are not counted."""


def is_dense(array: np.ndarray) -> bool:
    """Do the elements fill a block of memory, each place once, in whatever order of dimensions?"""
    filled = array.itemsize
    for step, n in sorted((step, n) for n, step in zip(array.shape, array.strides) if n > 1):
        if step != filled:
            return False
        filled *= n
    return True


def repeats(array: np.ndarray) -> bool:
    """Is an element shown several times, as by `expand`?"""
    steps = array.strides
    return 0 in steps and array.size > 1 and any(s == 0 and n > 1 for n, s in zip(array.shape, steps))


@functools.lru_cache
def steps_in_rows(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """The steps through memory, in bytes, by which elements lie row by row."""
    steps = [itemsize]
    for n in shape[:0:-1]:
        steps.append(steps[-1] * max(n, 1))
    return tuple(steps[::-1]) if shape else ()


def lies_in_rows(array: np.ndarray) -> bool:
    """Do the elements lie row by row, also by the steps along dimensions of one element?"""
    by_rows = array.strides == steps_in_rows(array.shape, array.itemsize)
    return by_rows or not (array.size or any(array.strides))


def room_in_order_of(*arrays: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
    """Memory without gaps for what is computed of these arrays element by element.

    Its dimensions lie one inside the other as they do in the first array that takes a step along both, the
    one of the smaller step inside; of two that take the same step the shorter one. Where no array says
    anything of two dimensions they lie as in rows (PyTorch's `TensorIterator`).

    >>> row, columns = np.broadcast_to(np.float32([1, 2]), (3, 2)), np.ones((2, 3), np.float32).T
    >>> room_in_order_of(row).strides, room_in_order_of(row, columns).strides
    ((8, 4), (4, 12))
    """
    shape, dtype = common_shape(*[each.shape for each in arrays]), dtype or arrays[0].dtype
    if all(map(lies_in_rows, arrays)):
        return np.empty(shape, dtype)
    steps = [_stretched(each, shape) for each in arrays]

    def is_outside(one: int, other: int) -> bool | None:
        for step in steps:
            if step[one] and step[other]:
                if step[one] != step[other]:
                    return step[one] > step[other]
                if shape[one] > shape[other]:
                    return True
        return None

    inward = list(range(len(shape)))[::-1]
    for place in range(1, len(inward)):
        for earlier in reversed(range(place)):
            outside = is_outside(inward[earlier], inward[place])
            if outside:
                inward[earlier], inward[place] = inward[place], inward[earlier]
                place = earlier
            elif outside is False:
                break
    outward = inward[::-1]
    room = stepping(np.empty([shape[dim] for dim in outward], dtype))
    return room.transpose(np.argsort(outward))


def copy_of(array: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
    """A copy without gaps, in the array's own order of dimensions."""
    room = room_in_order_of(array, dtype=dtype)
    room[...] = array
    return room


def _stretched(array: np.ndarray, shape: tuple[int, ...]) -> list[int]:
    """The steps of an array that is broadcast to this shape: none along what is stretched."""
    extra = len(shape) - array.ndim
    stretched = zip(array.strides, array.shape, shape[extra:])
    return [0] * extra + [0 if n == 1 != m else step for step, n, m in stretched]


def lying_like(operands: Sequence, result: np.ndarray) -> np.ndarray:
    """A result that was computed element by element, laid out as its operands have it."""
    for each in operands:
        if isinstance(each, np.ndarray) and each.ndim and not lies_in_rows(each):
            break
    else:  # the result does too: NumPy would not turn it
        return result
    arrays = [each for each in operands if isinstance(each, np.ndarray) and each.ndim]
    if all(each.shape == result.shape and each.flags.c_contiguous for each in arrays):
        if len(arrays) == len(operands):  # PyTorch does not look at steps along dimensions of one element
            return np.array(result, order="C").reshape(result.shape)
    room = room_in_order_of(*arrays, dtype=result.dtype)
    if room.strides == result.strides or room.shape != result.shape:
        return result
    room[...] = result
    return room
