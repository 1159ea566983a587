"""Operations that act on each element by itself.

Read the formulas as a table: what stands in a formula's parameter list is what the node saves. So
`sigmoid` and `exp` save their *result*, `sin` its *input*, `add` nothing at all, and the same write is
fatal after one and harmless after another.
"""

from __future__ import annotations

import operator

import numpy as np

from .. import errors
from ..differentiable import NUMBERS, differentiable
from ..dtypes import promote
from ..tensor import Tensor
from .comparison import where
from .creation import zeros_like

def no_bools(self, other):
    """PyTorch does not subtract bools, though it adds and multiplies them."""
    bools = [getattr(each, "dtype", type(each)) == bool for each in (self, other)]
    if any(bools):
        raise RuntimeError(errors.SUBTRACT_BOOLS if all(bools) else errors.SUBTRACT_BOOL)


def _as_common(function, a, b):
    """A function of an array and a number, both first brought to the type that PyTorch gives the two."""
    common = promote(a, b)
    return function(np.asarray(a, common), np.asarray(b, common))


# ---- arithmetic --------------------------------------------------------------------------------------


@differentiable(promotes=True)
def add(self, other):
    return self + other

add.gradient(self=lambda grad: grad,
             other=lambda grad: grad)


@differentiable(promotes=True, check=no_bools)
def sub(self, other):
    return self - other

sub.gradient(self=lambda grad: grad,
             other=lambda grad: -grad)


@differentiable(node="RsubBackward1")
def rsub(self, other):
    no_bools(self, other)
    return _as_common(operator.sub, other, self)

rsub.gradient(self=lambda grad: -grad)


@differentiable(promotes=True)
def mul(self, other):
    return self * other

mul.gradient(self=lambda grad, other: grad * other,
             other=lambda grad, self: grad * self)


@differentiable(promotes=True, floats=True)
def div(self, other):
    return self / other

div.gradient(self=lambda grad, other: grad / other,
             other=lambda grad, other, self: -grad * ((self / other) / other))


@differentiable
def neg(self):
    if self.dtype == np.bool_:
        raise RuntimeError(errors.NEGATE_BOOL)
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
def log(self):
    return np.log(self)

log.gradient(self=lambda grad, self: grad / self)


@differentiable(floats=True)
def sigmoid(self):
    return 1 / (1 + np.exp(-self))

sigmoid.gradient(self=lambda grad, result: grad * (1 - result) * result)


# ---- trigonometry ------------------------------------------------------------------------------------


@differentiable(floats=True)
def sin(self):
    return np.sin(self)

sin.gradient(self=lambda grad, self: grad * cos(self))


@differentiable(floats=True)
def cos(self):
    return np.cos(self)

cos.gradient(self=lambda grad, self: grad * -sin(self))


# ---- powers ------------------------------------------------------------------------------------------
# PyTorch has three nodes for `pow`, by which of base and exponent is a tensor.


@differentiable(name="pow", node="PowBackward0")
def pow_tensor_number(self, exponent):
    return _power(self, exponent)

pow_tensor_number.gradient(
    self=lambda grad, exponent, self: (
        grad * (exponent * pow(self, exponent - 1)) if exponent != 0 else zeros_like(grad)
    )
)


@differentiable(name="pow", node="PowBackward1")
def pow_tensor_tensor(self, exponent):
    return _power(self, exponent)

pow_tensor_tensor.gradient(
    self=lambda grad, exponent, self: (
        grad * where(exponent == 0, 0.0, exponent * pow(self, exponent - 1))
    ),
    exponent=lambda grad, exponent, self, result: (
        # log 0 is -inf, but 0 to any power of at least 0 does not move with the exponent.
        grad * where((self == 0) & (exponent >= 0), 0.0, result * log(self))
    ),
)


@differentiable(name="pow", node="PowBackward2")
def pow_number_tensor(self, exponent):
    return _power(self, exponent)

pow_number_tensor.gradient(
    self=None,
    exponent=lambda grad, exponent, self, result: (
        grad * where(exponent >= 0, 0.0, result * float(np.log(self))) if self == 0
        else grad * (result * float(np.log(self)))
    ),
)


def _power(base, exponent):
    if promote(base, exponent).kind in "iu" and np.any(np.less(exponent, 0)):
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    try:
        np.broadcast_shapes(np.shape(base), np.shape(exponent))
    except ValueError:
        raise errors.broadcast_mismatch(np.shape(base), np.shape(exponent)) from None
    return _as_common(np.power, base, exponent)


def pow(self, exponent):
    """`self` to the power of `exponent`, elementwise; one of the two may be a number (`torch.pow`).

    >>> from autograd_core import tensor
    >>> pow(tensor([1.0, 2.0, 3.0]), 2)
    tensor([1., 4., 9.])
    """
    if isinstance(exponent, Tensor):
        return (pow_tensor_tensor if isinstance(self, Tensor) else pow_number_tensor)(self, exponent)
    return pow_tensor_number(self, exponent)


def pow_operator(self, exponent):
    """`self ** exponent`."""
    return pow(self, exponent) if isinstance(exponent, (Tensor, *NUMBERS)) else NotImplemented


def rpow_operator(self, base):
    """`base ** self`, where the base is no tensor."""
    return pow(base, self) if isinstance(base, NUMBERS) else NotImplemented


def rsub_operator(self, other):
    """`other - self`, where the other is no tensor."""
    return rsub(self, other) if isinstance(other, NUMBERS) else NotImplemented
