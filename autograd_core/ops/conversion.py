"""From one element type to another, and out of tensors to Python and NumPy.

The surprising idea: `x.float()` of a float32 tensor is `x` itself, not a copy. And `numpy()` copies
nothing either: the array looks at the tensor's memory, and a write through it is counted by nobody.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable
from ..errors import demand
from ..modes import modes
from ..observe import Listener, tell, telling
from ..signatures import OPERANDS
from ..storage import copy_of
from ..tensor import Tensor
from .creation import as_dtype, check, float_of, from_numpy, index_of, tensor


@differentiable(name="_to_copy", node="ToCopyBackward0")
def to_copy(self, dtype):
    return copy_of(self, dtype.numpy)

to_copy.gradient(self=lambda grad: grad)  # the engine brings it back to the input's type


def convert(self: Tensor, dtype: dtypes.dtype) -> Tensor:
    """The tensor in this type: itself where it is of it already."""
    return self if self.dtype is dtype else to_copy(self, dtype)


def conversion_to(dtype: dtypes.dtype) -> Callable[[Tensor], Tensor]:
    """The method of one type, as `float`."""
    return lambda self: convert(self, dtype)


def to(self: Tensor, *args: object, dtype=None, device=None, non_blocking=False, copy=False) -> Tensor:
    """The tensor in another type, given as such or as a tensor of it (`torch.Tensor.to`).

    Returns the tensor itself where nothing changes, unless `copy`. Raises RuntimeError for a device
    that is not the CPU.

    >>> from autograd_core import float64, tensor
    >>> tensor([1, 2]).to(float64)
    tensor([1., 2.], dtype=torch.float64)
    """
    for each in args:
        if isinstance(each, Tensor):
            dtype = each.dtype
        elif isinstance(each, (dtypes.dtype, type)):
            dtype = as_dtype("to", each)
        elif not isinstance(each, bool):
            device = each
    check("to", device=device)
    dtype = self.dtype if dtype is None else dtype
    return to_copy(self, dtype) if copy else convert(self, dtype)


def type_(self: Tensor, dtype: dtypes.dtype | str | None = None) -> Tensor | str:
    """PyTorch's name of the tensor's class, or the tensor in another type (`torch.Tensor.type`).

    >>> from autograd_core import tensor
    >>> tensor([1.0]).type(), tensor([1.0]).type("torch.LongTensor")
    ('torch.FloatTensor', tensor([1]))
    """
    if dtype is None:
        return f"torch.{self.dtype.type_name}"
    if isinstance(dtype, str):
        named = [each for each in dtypes.ALL if f"torch.{each.type_name}" == dtype]
        demand(named, "invalid type: '{}'", dtype, kind=ValueError)
        (dtype,) = named
    return convert(self, as_dtype("type", dtype))


def as_tensor(data: object, dtype: dtypes.dtype | None = None, device: object = None) -> Tensor:
    """`data` as a tensor, without a copy where it is a tensor or an array of that type (`torch.as_tensor`).

    >>> as_tensor([1, 2])
    tensor([1, 2])
    """
    dtype = check("as_tensor", dtype, device)
    if isinstance(data, np.ndarray):
        data = from_numpy(data)
    elif not isinstance(data, Tensor):
        return tensor(data, dtype=dtype)
    return data if dtype is None else convert(data, dtype)


def is_floating_point(input: Tensor) -> bool:
    """Does the tensor hold floating-point numbers (`torch.is_floating_point`)?"""
    return input._array.dtype.kind == "f"


# ---- out of tensors ----------------------------------------------------------------------------------


def item(self: Tensor) -> float | int | bool:
    """The only element, as a Python number. Raises RuntimeError if there is not just one."""
    size = self._array.size
    demand(size == 1, "a Tensor with {} elements cannot be converted to Scalar", size)
    return self._array.item()


def tolist(self: Tensor) -> object:
    """The elements as nested lists of Python numbers; a 0-d tensor gives the number."""
    return self._array.tolist()


@telling
def numpy(self: Tensor, *, force: bool = False) -> np.ndarray:
    """An array on the tensor's own memory (`torch.Tensor.numpy`).

    Raises RuntimeError for a tensor that requires grad, unless `force`: what is written to the array is
    not tracked.
    """
    demand(force or not (modes.enabled and self.requires_grad), errors.NUMPY_REQUIRES_GRAD)
    self.untyped_storage()  # from now on there may be another who looks at this memory
    tell(Listener.shown, self, "numpy")
    return self._array.view()


def __array__(self: Tensor, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
    """What NumPy's functions take a tensor for."""
    return np.array(numpy(self), dtype, copy=copy)


def __array_wrap__(
    self: Tensor, array: np.ndarray, context: object = None, return_scalar: bool = False
) -> Tensor:
    """What NumPy's functions make of their result when they were given a tensor: a tensor.

    Bools become uint8, as in PyTorch.
    """
    return from_numpy(array.astype(np.uint8) if array.dtype == bool else array)


# ---- what Python asks of a number or a list --------------------------------------------------------------


def __len__(self: Tensor) -> int:
    demand(self._array.ndim, "len() of a 0-d tensor", kind=TypeError)
    return len(self._array)


def __delitem__(self: Tensor, index: object) -> None:
    raise TypeError("Tensor does not support deleting items")


def __contains__(self: Tensor, element: object) -> bool:
    demand(isinstance(element, OPERANDS), errors.CONTAINS_WHAT, type(element))
    equal = element == self if isinstance(element, Tensor) else self == element
    return bool(equal.any())


def __bool__(self: Tensor) -> bool:
    what = "more than one value" if self._array.size else "no values"
    demand(self._array.size == 1, "Boolean value of Tensor with {} is ambiguous", what)
    return bool(self._array.item())


def __float__(self: Tensor) -> float:
    return float_of(self)


def __complex__(self: Tensor) -> complex:
    return complex(float_of(self))


def __int__(self: Tensor) -> int:
    demand(self._array.size == 1, errors.MANY_TO_SCALAR, kind=ValueError)
    return int(self._array.item())


def __index__(self: Tensor) -> int:
    return index_of(self)


def __format__(self: Tensor, spec: str) -> str:
    return format(self.item(), spec) if not self._array.ndim else object.__format__(self, spec)
