"""What a tensor held, as text for a reader and as plain numbers for a check."""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import FROM_NUMPY
from ..formatting import numbers
from ..tensor import Tensor
from .events import Value

SMALL = 64  # elements: up to here the numbers themselves are kept
SHOWN = 8  # elements: up to here the text shows all of them


# The contents of an array at one moment: bytes, shape and type, quick to take, and a `Value` when asked.
# Of an array that is not small, the bytes are those of the elements that its text shows.
Held = tuple[bytes, tuple[int, ...], np.dtype]


def part(tensor: Tensor) -> tuple[int, tuple[int, ...], int] | None:
    """The fields of a `Part`; None where the tensor looks at all of its storage, in order.

    >>> from autograd_core import arange
    >>> part(arange(6)), part(arange(6)[1:4:2])
    (None, (1, (2,), 6))
    """
    array, storage = tensor._array, tensor._storage
    if array.flags.c_contiguous and (storage is None or array.size == storage.memory.size):
        return None
    if storage is None:  # nobody has looked for one: it is the array's own memory, in another order
        return 0, tensor.stride(), array.size
    return tensor.storage_offset(), tensor.stride(), storage.memory.size


def hold(array: np.ndarray | np.generic) -> Held:
    """What an array holds now.

    >>> value_of(hold(np.arange(100.0))) == snapshot(np.arange(100.0))
    True
    """
    if array.size <= SMALL:
        return array.tobytes(), array.shape, array.dtype
    return _ends(array).tobytes() if array.ndim == 1 else b"", array.shape, array.dtype


def value_of(held: Held) -> Value:
    content, shape, dtype = held
    shown, size = np.frombuffer(content, dtype), math.prod(shape)
    if size <= SMALL and len(shown) == size:
        return snapshot(shown.reshape(shape))
    return Value(
        text=_shortened(shown) if len(shown) else unshown(shape),
        shape=shape,
        dtype=_name(dtype),
    )


def _name(dtype: np.dtype) -> str:
    """PyTorch's name of a type; of one that NumPy has no word for, it comes along as a note."""
    known = FROM_NUMPY.get(dtype)
    return (dtype.metadata or {}).get("name") or (dtype.name if known is None else known.name)


def snapshot(held: Tensor | np.ndarray | np.generic) -> Value:
    """A copy of a tensor's or array's contents as a `Value`.

    >>> snapshot(np.array([0.5, 1.0], np.float32))
    Value(text='[0.5000, 1.0000]', shape=(2,), dtype='float32', data=[0.5, 1.0])
    """
    array = held._array if isinstance(held, Tensor) else np.asarray(held)
    return Value(
        text=text(array),
        shape=tuple(array.shape),
        dtype=_name(array.dtype),
        data=array.tolist() if array.size <= SMALL and array.dtype.kind != "c" else None,
    )


def text(array: np.ndarray) -> str:
    """The contents on one line: all of a small array, both ends of a long one, else its shape.

    >>> text(np.arange(100.0)), text(np.zeros((3, 4, 5)))
    ('[0., 1., 2., ..., 99.]', 'values of shape (3, 4, 5)')
    """
    if array.size == 0:
        return "[]" if array.ndim == 1 else unshown(array.shape)
    if array.size <= SHOWN:
        return " ".join(numbers(array).split()).replace("[ ", "[")
    return _shortened(_ends(array)) if array.ndim == 1 else unshown(array.shape)


def _ends(array: np.ndarray) -> np.ndarray:
    return np.concatenate([array[:3], array[-1:]])


def _shortened(ends: np.ndarray) -> str:
    shown = [each.strip() for each in numbers(ends).strip("[]").split(",")]
    return "[" + ", ".join([*shown[:3], "...", shown[3]]) + "]"


def unshown(shape: tuple[int, ...]) -> str:
    """What stands for contents that would be long."""
    return f"values of shape {shape}"
