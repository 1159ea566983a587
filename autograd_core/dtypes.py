"""Names, defaults and promotion of element types.

The surprising idea: PyTorch does not promote like NumPy. A Python number or a 0-d tensor never
widens a tensor that has dimensions, unless it is of a higher *kind* (bool < integer < floating), and
an integer that meets a float becomes the *default* float, not float64.
"""

from __future__ import annotations

import builtins
import functools
import math

import numpy as np


class dtype:
    """An element type: PyTorch's names for it, and NumPy's twin.

    >>> float32
    torch.float32
    >>> float32.is_floating_point, float32.itemsize
    (True, 4)
    """

    def __init__(self, name: str, type_name: str, c_name: str, numpy: type) -> None:
        self.name = name
        self.type_name = type_name  # as in `FloatTensor [3]`
        self.scalar_name = type_name.removesuffix("Tensor")
        self.c_name = c_name  # PyTorch's core is C++, and some of its sentences say so
        self.numpy = np.dtype(numpy)
        self.is_floating_point = self.numpy.kind == "f"
        self.is_complex = False
        self.is_signed = self.numpy.kind in "fi"
        self.itemsize = self.numpy.itemsize

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name  # pickled by name, so that `is` still holds after a round trip


float64 = double = dtype("float64", "DoubleTensor", "double", np.float64)
float32 = float = dtype("float32", "FloatTensor", "float", np.float32)
float16 = half = dtype("float16", "HalfTensor", "c10::Half", np.float16)
int64 = long = dtype("int64", "LongTensor", "long int", np.int64)
int32 = int = dtype("int32", "IntTensor", "int", np.int32)
int16 = short = dtype("int16", "ShortTensor", "short int", np.int16)
int8 = dtype("int8", "CharTensor", "signed char", np.int8)
uint8 = dtype("uint8", "ByteTensor", "unsigned char", np.uint8)
bool = dtype("bool", "BoolTensor", "bool", np.bool_)

ALL = (float64, float32, float16, int64, int32, int16, int8, uint8, bool)
FROM_NUMPY: dict[np.dtype, dtype] = {each.numpy: each for each in ALL}


def of(*arrays: np.ndarray) -> list[dtype]:
    """The types of some arrays, by PyTorch's names."""
    return [FROM_NUMPY[each.dtype] for each in arrays]


_default = float32


def get_default_dtype() -> dtype:
    """The type of a tensor made from Python floats (`torch.get_default_dtype`)."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Change the type of tensors made from Python floats (`torch.set_default_dtype`)."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def element(number: object, kind: np.dtype) -> np.generic:
    """A number as an element of this type, its fraction cut off where there is no room for one.

    Raises RuntimeError where it is too large, or not finite and the type is one of integers.

    >>> element(2.7, np.dtype(np.int64)), element(-1, np.dtype(np.uint8))
    (np.int64(2), np.uint8(255))
    """
    number = number.item() if isinstance(number, np.generic) else number
    if isinstance(number, builtins.int) and not -(2**63) <= number < 2**64:
        raise OverflowError("int too big to convert")
    if kind.kind == "f":
        fits = not math.isfinite(number) or abs(number) <= np.finfo(kind).max.item()
    elif kind.kind != "b":
        limits, wraps = np.iinfo(kind), kind.kind == "u" and isinstance(number, builtins.int)
        fits = (-limits.max if wraps else limits.min) <= number <= limits.max
        number = np.array(builtins.int(number)).astype(kind) if fits else number
    if kind.kind != "b" and not fits:
        known = FROM_NUMPY[kind]
        name = f"{known.name}_t" if kind.kind in "iu" and known is not int32 else known.c_name
        raise RuntimeError(f"value cannot be converted to type {name} without overflow")
    return kind.type(number)


def check_numbers(*operands: object) -> None:
    """Raise RuntimeError for a number among the operands that is too large for their common type."""
    for each in operands:
        fits_any = each is None or isinstance(each, np.ndarray) or -100 <= each <= 100
        if not fits_any:
            element(each, promote(*(other for other in operands if other is not None)))


KINDS = {"b": 0, "i": 1, "u": 1, "f": 2}


def promote(*operands: object) -> np.dtype:
    """The common NumPy dtype of arrays and Python numbers, by PyTorch's rules (`torch.result_type`).

    Arrays with dimensions come first; 0-d arrays, then numbers, Python's and NumPy's alike, count only
    where they are of a higher kind than what came before.

    >>> promote(np.ones(2, np.int64), 2.5), promote(np.ones(2, np.float32), np.array(1.0))
    (dtype('float32'), dtype('float32'))
    """
    ranks: list[list[np.dtype]] = [[], [], []]  # with dimensions, 0-d, numbers
    for operand in operands:
        if isinstance(operand, np.ndarray):
            ranks[0 if operand.ndim else 1].append(operand.dtype)
        else:
            ranks[2].append(_number_type(operand))
    result: np.dtype | None = None
    for rank in filter(None, ranks):
        rank_type = functools.reduce(_join, rank)
        if result is None or KINDS[rank_type.kind] > KINDS[result.kind]:
            result = rank_type
    assert result is not None
    return result


def _number_type(number: object) -> np.dtype:
    if isinstance(number, builtins.bool):
        return bool.numpy
    return int64.numpy if isinstance(number, (builtins.int, np.integer)) else _default.numpy


def _join(a: np.dtype, b: np.dtype) -> np.dtype:
    """Two types of one rank. NumPy would widen int64 with float32 to float64; PyTorch does not."""
    if a.kind != b.kind and "f" in (a.kind, b.kind):
        return a if a.kind == "f" else b
    return np.promote_types(a, b)
