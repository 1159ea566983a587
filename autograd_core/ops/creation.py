"""Making tensors from numbers, lists and arrays. Nothing here has a gradient: leaves start here.

`tensor` copies what it is given. `from_numpy` does not: the tensor looks at the array's own memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .. import devices, dtypes, errors
from ..errors import demand
from ..frames import warn
from ..modes import modes
from ..observe import Listener, tell
from ..storage import copy_of, nothing_at
from ..tensor import Size, Tensor, wrap


def leaf(array: np.ndarray, op: str, requires_grad: bool) -> Tensor:
    out = wrap(array)
    if requires_grad:
        demand(array.dtype.kind == "f", errors.NON_FLOAT_REQUIRES_GRAD)
        out._requires_grad = True
    tell(Listener.created, out, op)
    return out


_PYTHON_TYPES = {bool: dtypes.bool, int: dtypes.int64, float: dtypes.float64}


def as_dtype(op: str, dtype: object) -> dtypes.dtype | None:
    """The dtype, for which Python's own types may stand. Raises TypeError for anything else."""
    dtype = _PYTHON_TYPES.get(dtype, dtype)
    known = dtype is None or isinstance(dtype, dtypes.dtype)
    errors.argument(known, op, "dtype", None, "torch.dtype", dtype)
    return dtype


def check(
    op: str, dtype: object = None, device: object = None, requires_grad: object = False
) -> dtypes.dtype | None:
    """Refuse what no creating function takes, in PyTorch's words. Returns the dtype."""
    dtype = as_dtype(op, dtype)
    errors.argument(isinstance(requires_grad, bool), op, "requires_grad", None, "bool", requires_grad)
    if device is not None:
        devices.device(device)
    return dtype


def tensor(
    data: object, *, dtype: dtypes.dtype | None = None, device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """A new leaf with a copy of `data`: a number, nested sequences, or an array (`torch.tensor`).

    Python floats give the default dtype (float32), integers int64, bools bool; arrays keep theirs.
    Raises ValueError for ragged sequences, TypeError for what is no number or dtype, RuntimeError
    where a tensor that is not floating point should require grad.

    >>> tensor([1.2, 3.4, 5.6], requires_grad=True)
    tensor([1.2000, 3.4000, 5.6000], requires_grad=True)
    """
    dtype = check("tensor", dtype, device, requires_grad)
    if isinstance(data, Tensor):
        warn(errors.COPY_OF_TENSOR)
    return leaf(_array_of(data, dtype), "tensor", requires_grad)


def construct(self: Tensor, *data: object) -> None:
    """`Tensor([1, 2])`: the numbers in the default dtype; `Tensor(2, 3)`: whatever was in memory, of a size.

    `Tensor(other)` looks at the other tensor's memory (`torch.Tensor`). Raises TypeError for anything else.

    >>> Tensor([1, 2]), Tensor(2, 3).shape
    (tensor([1., 2.]), torch.Size([2, 3]))
    """
    first, dtype = data[0] if data else Size((0,)), dtypes.get_default_dtype()
    if isinstance(first, Tensor):
        self._array, self._storage = first._array, first.untyped_storage()
        self._counter = first._counter
        tell(Listener.alias_made, first, self, "Tensor")
        return
    if isinstance(first, (int, Size)):
        size = first if isinstance(first, Size) else data
        demand(min(size, default=0) >= 0, errors.NEGATIVE_SIZE, min(size, default=0), tuple(size))
        self._array = np.empty(size, dtype.numpy)
    else:
        known = isinstance(first, (str, np.ndarray)) or _is_sequence(first)
        demand(known, "new(): data must be a sequence (got {})", type(first).__name__, kind=TypeError)
        demand(not isinstance(first, str), errors.NO_NUMBER, "str", kind=TypeError)
        self._array = _array_of(first, dtype)
    tell(Listener.created, self, "Tensor")


def _array_of(data: object, dtype: dtypes.dtype | None) -> np.ndarray:
    """A new array of the numbers in `data`, of this dtype or of their own."""
    if isinstance(data, (Tensor, np.ndarray, np.generic)):
        array = data._array if isinstance(data, Tensor) else np.asarray(data)
        _check_array(array)
    else:
        shape = _shape_of(data)
        dtype = _type_of(data) if dtype is None else dtype
        array = _filled(shape, list(_numbers(data, shape, dtype)), dtype)
    with np.errstate(all="ignore"):
        return copy_of(array, dtype and dtype.numpy)


def _is_sequence(data: object) -> bool:
    if isinstance(data, np.ndarray):
        return data.ndim > 0
    return isinstance(data, Sequence) and not isinstance(data, (str, bytes))


def _shape_of(data: object) -> tuple[int, ...]:
    """The shape that the first element of each level asks for."""
    shape: list[int] = []
    while _is_sequence(data):
        shape.append(len(data))
        if not len(data):
            break
        data = data[0]
    if isinstance(data, (str, bytes)):
        demand(shape, errors.NO_NUMBER, "str", kind=TypeError)
        raise ValueError("too many dimensions 'str'")
    return tuple(shape)


def _type_of(data: object) -> dtypes.dtype:
    """The dtype that nested Python data asks for: the highest kind that occurs in it."""
    data = getattr(data, "_array", data)
    if isinstance(data, (np.ndarray, np.generic)):
        return dtypes.FROM_NUMPY[data.dtype]
    if isinstance(data, (bool, int, float)):
        return dtypes.FROM_NUMPY[dtypes.promote(data)]
    demand(not isinstance(data, (str, bytes)), errors.NO_NUMBER, "str", kind=TypeError)
    demand(_is_sequence(data), "Could not infer dtype of {}", type(data).__name__)
    kinds = {_type_of(each) for each in data}
    if not kinds:
        return dtypes.get_default_dtype()
    return dtypes.FROM_NUMPY[dtypes.promote(*(np.empty(1, kind.numpy) for kind in kinds))]


def _numbers(data: object, shape: tuple[int, ...], dtype: dtypes.dtype, level: int = 0) -> Iterator:
    """The numbers in nested sequences, in order: each as long as the first of its level was."""
    if level < len(shape):
        demand(_is_sequence(data), "not a sequence", kind=TypeError)
        size = shape[level]
        demand(len(data) == size, errors.RAGGED, size, level, len(data), kind=ValueError)
        for each in data if 0 not in shape else ():  # else no number can come of it
            if isinstance(each, np.ndarray):
                warn(errors.SLOW_LIST)
            yield from _numbers(each, shape, dtype, level + 1)
    elif _is_sequence(data):
        sentence = "must be real number, not {}" if dtype.is_floating_point else errors.NO_WHOLE
        raise TypeError(sentence.format(type(data).__name__))
    elif isinstance(data, Tensor):
        yield float_of(data) if dtype.is_floating_point else index_of(data)
    else:
        yield data.item() if isinstance(data, (np.generic, np.ndarray)) else data


def float_of(input: Tensor) -> float:
    """The only element, for `float(x)`. Raises ValueError if there is not just one."""
    if modes.enabled and input.requires_grad:
        warn(errors.SCALAR_REQUIRES_GRAD)
    demand(input._array.size == 1, errors.MANY_TO_SCALAR, kind=ValueError)
    return float(input._array.item())


def index_of(input: Tensor) -> int:
    """The only element, where an integer is asked for. Raises TypeError if it is none, or not alone."""
    demand(input._array.size == 1 and input._array.dtype.kind != "f", errors.NO_INTEGER, kind=TypeError)
    return int(input._array.item())


def _filled(shape: tuple[int, ...], numbers: list, dtype: dtypes.dtype) -> np.ndarray:
    """The numbers as an array. Integers that do not fit are refused; floats become infinite."""
    limits = np.iinfo(dtype.numpy) if dtype.numpy.kind in "iu" else None
    for each in numbers:
        if not isinstance(each, (bool, int, float)):
            raise TypeError(errors.NO_NUMBER.format(type(each).__name__))
        if limits and isinstance(each, float) and not limits.min <= each <= limits.max:
            raise RuntimeError(errors.NO_ROOM_FOR_NUMBER.format(dtype.name))
        if isinstance(each, int) and not dtype.is_floating_point and not -(2**63) <= each < 2**63:
            raise ValueError("Overflow when unpacking long long")
    try:
        if dtype is dtypes.uint8:  # the one type for which PyTorch lets negative integers wrap round
            numbers = [each + 256 if -256 < each < 0 else each for each in numbers]
        if dtype.is_floating_point:
            with np.errstate(over="ignore"):
                return np.array(numbers, np.float64).astype(dtype.numpy).reshape(shape)
        return np.array(numbers, dtype.numpy).reshape(shape)
    except OverflowError:
        raise RuntimeError(errors.NO_ROOM_FOR_NUMBER.format(dtype.name)) from None


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor on the array's own memory: a write to either shows in both (`torch.from_numpy`).

    What is written through the array is not counted. Raises TypeError for what is no array of numbers,
    ValueError for one that runs backwards through memory.

    >>> array = np.zeros(2)
    >>> _ = from_numpy(array).add_(1)
    >>> array.tolist()
    [1.0, 1.0]
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {errors.kind_of(ndarray)})")
    _check_array(ndarray)
    if not ndarray.flags.writeable:
        warn(errors.READ_ONLY)
    return leaf(_alone(ndarray), "from_numpy", False)


def _alone(array: np.ndarray) -> np.ndarray:
    """The array on memory that begins with its first element, whatever it is a part of."""
    if array.base is None:
        return array.view()
    if not array.size:
        return nothing_at(np.empty(0, array.dtype), 0, array.shape, array.strides)
    reach = 1 + sum((n - 1) * step // array.itemsize for n, step in zip(array.shape, array.strides))
    row = np.lib.stride_tricks.as_strided(array, (reach,), (array.itemsize,))
    return np.ndarray(array.shape, array.dtype, np.asarray(memoryview(row)), 0, array.strides)


def _check_array(array: np.ndarray) -> None:
    """Refuse an array that no tensor can look at."""
    if any(step < 0 for step in array.strides):
        raise ValueError(errors.NEGATIVE_STRIDE + " ")  # PyTorch's sentence ends so
    demand(array.dtype.isnative, errors.FOREIGN_BYTE_ORDER, kind=ValueError)
    name = array.dtype.type.__name__
    demand(array.dtype in dtypes.FROM_NUMPY, errors.UNKNOWN_ARRAY_TYPE, name, kind=TypeError)
