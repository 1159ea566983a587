"""Division with a remainder, and sums of products."""

from __future__ import annotations

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable, only
from ..errors import demand
from ..signatures import overloads
from .elementwise import true_divide
from .filling import zeros_like

# ---- division with a remainder -------------------------------------------------------------------------


def _no_zero(self, other):
    if self.dtype.kind in "iu" and not np.all(other):
        np.broadcast(self, other)  # where the two do not fit, that is said first
        raise RuntimeError("ZeroDivisionError")


def _quotient(self, other, rounding_mode="floor"):
    _no_zero(self, other)
    if rounding_mode == "floor":
        return np.floor_divide(self, other)
    if self.dtype.kind == "f":
        return np.trunc(self / other)
    down = np.floor_divide(self, other)
    return down + ((down < 0) & (down * other != self))


def _known_mode(self, other, rounding_mode):
    demand(rounding_mode in (None, "floor", "trunc"), errors.UNKNOWN_ROUNDING, rounding_mode)
    if rounding_mode:
        only("fiu", f"div_{rounding_mode}_cpu", numbers=True)(self, other)


@differentiable(name="div", node="DivBackward2", promotes=True, check=_known_mode)
def div_rounded(self, other, rounding_mode: str | None):
    if rounding_mode is None:
        return true_divide.operation.run((self, other))
    return _quotient(self, other, rounding_mode)

div_rounded.gradient(
    self=lambda grad, other, rounding_mode: zeros_like(grad) if rounding_mode else grad / other,
    other=lambda grad, other, rounding_mode, self: (
        zeros_like(grad) if rounding_mode else -grad * ((self / other) / other)
    ),
)


@overloads(true_divide, div_rounded)
def div(self, other, *, rounding_mode=None):
    """`self / other`; `rounding_mode` is `"floor"` (as `//`) or `"trunc"` (toward zero).

    Follows `torch.div`. Raises RuntimeError for another mode, and for integers divided by zero.

    >>> from autograd_core import tensor
    >>> div(tensor([-3.0]), 2), div(tensor([-3.0]), 2, rounding_mode="floor")
    (tensor([-1.5000]), tensor([-2.]))
    """


def no_derivative(op):
    def formula(ending):
        raise RuntimeError(f"derivative for {op}{ending} is not implemented")

    return formula


# PyTorch divides so without a derivative. The node says so in its name, and in an error when it is run.
@differentiable(
    node="NotImplemented", promotes=True, check=only("fiu", "div_floor_cpu", numbers=True)
)
def floor_divide(self, other):
    return _quotient(self, other)

floor_divide.gradient(self=no_derivative("aten::floor_divide"),
                      other=no_derivative("aten::floor_divide"))


def _fmod(self, other):
    _no_zero(self, other)
    return np.fmod(self, other)


def _remainder(self, other):
    """What is left of `self // other`: of the sign of `other`, unless it is zero."""
    left = _fmod(self, other)
    return np.where((left != 0) & ((left < 0) != (other < 0)), left + other, left)


_overload = differentiable(name="remainder", check=only("fiu", "remainder_cpu", numbers=True))
remainder_number = _overload(_remainder, node="RemainderBackward0", promotes="self other")
remainder_tensor = _overload(_remainder, node="RemainderBackward1", promotes=True, tensors=True)
remainder_of_number = _overload(_remainder, node="NotImplemented", promotes="self other")

remainder_number.gradient(self=lambda grad: grad)
remainder_tensor.gradient(self=lambda grad: grad,
                          other=lambda grad, other, self: -grad * div_rounded(self, other, "floor"))
remainder_of_number.gradient(other=no_derivative("aten::remainder"))


@overloads(remainder_tensor, remainder_number, remainder_of_number)
def remainder(self, other):
    """What is left of the division with floor, of the sign of `other` (`torch.remainder`, `%`).

    >>> from autograd_core import tensor
    >>> remainder(tensor([-3.0, 3.0]), 2)
    tensor([1., 1.])
    """


_overload = differentiable(name="fmod", check=only("fiu", "fmod_cpu", numbers=True))
fmod_number = _overload(_fmod, node="FmodBackward0", promotes="self other")
fmod_tensor = _overload(_fmod, node="FmodBackward1", promotes=True, tensors=True)

fmod_number.gradient(self=lambda grad: grad)
fmod_tensor.gradient(self=lambda grad: grad,
                     other=lambda grad, other, self: -grad * div_rounded(self, other, "trunc"))


@overloads(fmod_tensor, fmod_number)
def fmod(self, other):
    """What is left of the division toward zero, of the sign of `self` (`torch.fmod`).

    >>> from autograd_core import tensor
    >>> fmod(tensor([-3.0, 3.0]), 2)
    tensor([-1.,  1.])
    """


# ---- sums of products --------------------------------------------------------------------------------


def _alike(self, end, weight):
    sentence = "expected dtype {0.c_name} for `{2}` but got dtype {1.c_name}"
    demand(end.dtype == self.dtype, sentence, *dtypes.of(self, end), "end")
    if np.ndim(weight):  # without dimensions it may be of any type, as a number may
        demand(weight.dtype == self.dtype, sentence, *dtypes.of(self, weight), "weight")
    only("f", f"lerp_kernel_{'tensor' if isinstance(weight, np.ndarray) else 'scalar'}")(self, weight)


def _mix(self, end, weight):
    # From the nearer end, so that nothing is lost: 1 gives `end` to the last bit.
    return np.where(np.abs(weight) < 0.5, self + weight * (end - self), end - (end - self) * (1 - weight))


_lerps = {"name": "lerp", "check": _alike, "tensors": True}
lerp_number = differentiable(_mix, node="LerpBackward0", promotes="self end", **_lerps)
lerp_tensor = differentiable(_mix, node="LerpBackward1", promotes=True, **_lerps)

lerp_number.gradient(self=lambda grad, weight: grad * (1 - weight),
                     end=lambda grad, weight: grad * weight)
lerp_tensor.gradient(self=lambda grad, weight: grad * (1 - weight),
                     end=lambda grad, weight: grad * weight,
                     weight=lambda grad, end, self: grad * (end - self))


@overloads(lerp_tensor, lerp_number)
def lerp(self, end, weight):
    """From `self` to `end` by `weight`, a number or a tensor: `self + weight * (end - self)`.

    Follows `torch.lerp`.

    >>> from autograd_core import tensor
    >>> lerp(tensor([0.0, 10.0]), tensor([1.0, 20.0]), 0.5)
    tensor([ 0.5000, 15.0000])
    """


@differentiable(promotes=True, check=only("fiu", "addcmul_cpu_out"))
def addcmul(self, tensor1, tensor2, value=1):
    return self + value * tensor1 * tensor2

addcmul.gradient(self=lambda grad: grad,
                 tensor1=lambda grad, tensor2, value: grad * (tensor2 * value),
                 tensor2=lambda grad, tensor1, value: grad * (tensor1 * value))
