"""Memory, and the number that counts the writes to it.

The surprising idea: the two are separate. Every alias of a tensor looks at the same `Storage`; but
a view and a `detach()` also share its `VersionCounter`, while `.data` gets a counter of its own, so
a write through `.data` changes the numbers and nobody's count.
"""

from __future__ import annotations

import numpy as np


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
        itemsize = self.memory.itemsize
        return np.ndarray(
            size, self.memory.dtype, self.memory, offset * itemsize, [s * itemsize for s in stride]
        )

    def offset_of(self, array: np.ndarray) -> int:
        """How many elements lie before the first one of an array that looks at this memory."""
        start = array.__array_interface__["data"][0]
        return (start - self.data_ptr()) // array.itemsize if array.size else 0

    def data_ptr(self) -> int:
        """The address of the first byte. Two tensors share memory where this is the same."""
        return self.memory.__array_interface__["data"][0]

    def nbytes(self) -> int:
        return self.memory.nbytes

    def __len__(self) -> int:
        return self.memory.nbytes


def owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory this one shows, if NumPy made it as a view; else the array itself."""
    while array.base is not None:
        base = array.base if isinstance(array.base, np.ndarray) else getattr(array.base, "base", None)
        if not isinstance(base, np.ndarray):  # NumPy's `as_strided` puts an object between the two
            break
        array = base
    return array


class VersionCounter:
    """How many in-place writes its tensors have seen. Starts at 0 and only goes up.

    >>> counter = VersionCounter()
    >>> counter.value += 1
    >>> counter.value
    1
    """

    # A class attribute rather than an `__init__`: every tensor has a counter, few are ever written.
    value = 0


def is_dense(array: np.ndarray) -> bool:
    """Do the elements fill a block of memory, each place once, in whatever order of dimensions?"""
    filled = array.itemsize
    for step, n in sorted((step, n) for n, step in zip(array.shape, array.strides) if n > 1):
        if step != filled:
            return False
        filled *= n
    return True


def room_like(array: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
    """Memory for a copy: in the array's own order of elements if they lie side by side, else row by row."""
    return np.empty_like(array, dtype, order="K" if is_dense(array) else "C")


def room_in_order_of(array: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
    """Memory without gaps, its dimensions one after another as they are in `array`.

    PyTorch's `infer_dense_strides`: a dimension that takes no step says nothing of its place, and keeps
    the one it has; of two that take the same step the shorter one is the inner one.

    >>> row = np.broadcast_to(np.float32([1, 2]), (3, 2))
    >>> row.strides, room_in_order_of(row).strides
    ((0, 4), (8, 4))
    """
    if array.flags.c_contiguous:
        return np.empty(array.shape, dtype or array.dtype)
    inward = [(abs(step), n, dim) for dim, (step, n) in enumerate(zip(array.strides, array.shape))][::-1]
    for start in range(1, len(inward)):
        place = start
        for earlier in reversed(range(start)):
            one, other = inward[earlier], inward[place]
            if not one[0] or not other[0] or one[:2] == other[:2]:
                continue
            if one < other:
                break
            inward[earlier], inward[place] = other, one
            place = earlier
    outward = [dim for _, _, dim in reversed(inward)]
    room = np.empty([array.shape[dim] for dim in outward], dtype or array.dtype)
    return room.transpose(np.argsort(outward))
