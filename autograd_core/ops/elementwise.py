"""Operations that act on each element by itself.

Read the formulas as a table: what stands in a formula's parameter list is what the node saves. So
`sigmoid` and `exp` save their *result*, `sin` its *input*, `add` nothing at all, and the same write is
fatal after one and harmless after another.
"""

from __future__ import annotations

import math

import numpy as np

from .. import errors
from ..differentiable import differentiable, overloads
from ..dtypes import promote
from ..operation import NUMBERS
from ..tensor import Tensor
from .comparison import where
from .filling import zeros_like

# ---- arithmetic --------------------------------------------------------------------------------------


def _whole(self, other, alpha):
    """PyTorch does not scale integers by a number with decimals."""
    if isinstance(alpha, float) and promote(self, other).kind != "f":
        raise RuntimeError(errors.FLOAT_ALPHA)


def _no_bools(self, other, alpha=1):
    """PyTorch does not subtract bools, though it adds and multiplies them."""
    bools = [getattr(each, "dtype", type(each)) == bool for each in (self, other)]
    if any(bools):
        raise RuntimeError(errors.SUBTRACT_BOOLS if all(bools) else errors.SUBTRACT_BOOL)
    _whole(self, other, alpha)


def times(grad, number):
    """The gradient times a number of the user's, which mostly is 1."""
    return grad if number == 1 else grad * number


@differentiable(promotes=True, check=_whole)
def add(self, other, alpha=1):
    return self + other if alpha == 1 else self + alpha * other

add.gradient(self=lambda grad: grad,
             other=lambda grad, alpha: times(grad, alpha))


@differentiable(promotes=True, check=_no_bools)
def sub(self, other, alpha=1):
    return self - other if alpha == 1 else self - alpha * other

sub.gradient(self=lambda grad: grad,
             other=lambda grad, alpha: times(-grad, alpha))


@differentiable(node="RsubBackward1", promotes="self other", check=_no_bools)
def rsub(self, other, alpha=1):
    return other - self

rsub.gradient(self=lambda grad, alpha: times(-grad, alpha))


@differentiable(promotes=True)
def mul(self, other):
    return self * other

mul.gradient(self=lambda grad, other: grad * other,
             other=lambda grad, self: grad * self)


@differentiable(name="div", node="DivBackward0", promotes=True, floats=True)
def true_divide(self, other):
    return self / other

true_divide.gradient(self=lambda grad, other: grad / other,
                     other=lambda grad, other, self: -grad * ((self / other) / other))


def _no_negative_bool(self):
    if self.dtype == bool:
        raise RuntimeError(errors.NEGATE_BOOL)


@differentiable(check=_no_negative_bool)
def neg(self):
    return -self

neg.gradient(self=lambda grad: -grad)


@differentiable(floats=True)
def reciprocal(self):
    return 1 / self

reciprocal.gradient(self=lambda grad, result: -grad * (result * result))


# ---- exponentials ------------------------------------------------------------------------------------


@differentiable(floats=True)
def exp(self):
    return np.exp(self)

exp.gradient(self=lambda grad, result: grad * result)


@differentiable(floats=True)
def exp2(self):
    return np.exp2(self)

exp2.gradient(self=lambda grad, result: grad * result * math.log(2))


@differentiable(floats=True)
def expm1(self):
    return np.expm1(self)

expm1.gradient(self=lambda grad, result: grad * (result + 1))


@differentiable(floats=True)
def log(self):
    return np.log(self)

log.gradient(self=lambda grad, self: grad / self)


@differentiable(node="Log1PBackward0", floats=True)
def log1p(self):
    return np.log1p(self)

log1p.gradient(self=lambda grad, self: grad / (self + 1))


@differentiable(floats=True)
def log2(self):
    return np.log2(self)

log2.gradient(self=lambda grad, self: grad / (self * math.log(2)))


@differentiable(floats=True)
def log10(self):
    return np.log10(self)

log10.gradient(self=lambda grad, self: grad / (self * math.log(10)))


# ---- powers ------------------------------------------------------------------------------------------
# PyTorch has three nodes for `pow`, by which of base and exponent is a tensor.


def _no_broken_integers(self, exponent):
    if promote(self, exponent).kind in "iu" and not isinstance(exponent, np.ndarray) and exponent < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")


def _power(self, exponent):
    if self.dtype == bool:
        return self | ~exponent
    if np.ndim(exponent) == 0 and abs(exponent) == 0.5:  # with roots, other values at the edges
        return np.sqrt(self) if exponent > 0 else 1 / np.sqrt(self)
    if self.dtype.kind == "i" and np.any(exponent < 0):  # of what is below one, integers keep nothing
        return np.power(self, np.abs(exponent)) * ((exponent >= 0) | (np.abs(self) == 1))
    return np.power(self, exponent)


pow_tensor_number = differentiable(
    name="pow", node="PowBackward0", promotes="self exponent", check=_no_broken_integers
)(_power)
pow_tensor_tensor = differentiable(
    name="pow", node="PowBackward1", promotes=True, check=_no_broken_integers
)(_power)
pow_number_tensor = differentiable(
    name="pow", node="PowBackward2", promotes="self exponent", check=_no_broken_integers
)(_power)

pow_tensor_number.gradient(
    self=lambda grad, exponent, self: (
        grad * (exponent * pow(self, exponent - 1)) if exponent != 0 else zeros_like(grad)
    )
)
pow_tensor_tensor.gradient(
    self=lambda grad, exponent, self: where(
        exponent == 0, 0.0, grad * (exponent * pow(self, exponent - 1))
    ),
    exponent=lambda grad, exponent, self, result: (
        # log 0 is -inf, but 0 to any power of at least 0 does not move with the exponent.
        grad * where((self == 0) & (exponent >= 0), 0.0, result * log(self))
    ),
)
pow_number_tensor.gradient(
    exponent=lambda grad, exponent, self, result: (
        grad * where(exponent >= 0, 0.0, result * float(np.log(self))) if self == 0
        else grad * (result * float(np.log(self)))
    ),
)


@overloads
def pow(self, exponent):
    """`self` to the power of `exponent`, elementwise; one of the two may be a number (`torch.pow`).

    >>> from autograd_core import tensor
    >>> pow(tensor([1.0, 2.0, 3.0]), 2)
    tensor([1., 4., 9.])
    """
    if isinstance(exponent, Tensor):
        return pow_tensor_tensor if isinstance(self, Tensor) else pow_number_tensor
    return pow_tensor_number


def square(self):
    """`self` times itself: a power of two in the graph, too (`torch.square`)."""
    return pow_tensor_number(self, 2)


@differentiable(floats=True)
def sqrt(self):
    return np.sqrt(self)

sqrt.gradient(self=lambda grad, result: grad / (2 * result))


@differentiable(floats=True)
def rsqrt(self):
    return 1 / np.sqrt(self)

rsqrt.gradient(self=lambda grad, result: -0.5 * grad * pow(result, 3))


# ---- what the operators do where the other operand is of another kind --------------------------------


def pow_operator(self, exponent):
    """`self ** exponent`."""
    return pow(self, exponent) if isinstance(exponent, (Tensor, *NUMBERS)) else NotImplemented


def rpow_operator(self, base):
    """`base ** self`, where the base is no tensor."""
    return pow(base, self) if isinstance(base, NUMBERS) else NotImplemented


def rsub_operator(self, other):
    """`other - self`, where the other is no tensor."""
    return rsub(self, other) if isinstance(other, NUMBERS) else NotImplemented


def pos_operator(self):
    """`+self`: the tensor itself. Raises RuntimeError for bools."""
    if self._array.dtype == bool:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return self
