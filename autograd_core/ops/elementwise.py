"""Operations that act on each element by itself.

Read the formulas as a table: what stands in a formula's parameter list is what the node saves. So
`sigmoid` and `exp` save their *result*, `sin` its *input*, `add` nothing at all, and the same write is
fatal after one and harmless after another.
"""

from __future__ import annotations

import math

import numpy as np

from .. import errors
from ..differentiable import binary, differentiable, only, operator, unary
from ..dtypes import check_numbers, promote
from ..errors import demand
from ..signatures import overloads
from .comparison import masked_fill, where
from .filling import zeros_like

# ---- arithmetic --------------------------------------------------------------------------------------


def _whole(self, other, alpha):
    """PyTorch does not scale integers by a number with decimals."""
    demand(not isinstance(alpha, float) or promote(self, other).kind == "f", errors.FLOAT_ALPHA)


def _no_bools(self, other, alpha=1):
    """PyTorch does not subtract bools, though it adds and multiplies them."""
    bools = [getattr(each, "dtype", type(each)) == bool for each in (self, other)]
    demand(not any(bools), errors.SUBTRACT_BOOLS if all(bools) else errors.SUBTRACT_BOOL)
    _whole(self, other, alpha)


def times(grad, number):
    """The gradient times a number of the user's, which mostly is 1."""
    return grad if number == 1 else grad * number


@differentiable(promotes=True, check=_whole, ufunc=np.add)
def add(self, other, alpha=1):
    return self + other if alpha == 1 else self + other.dtype.type(alpha) * other

add.gradient(self=lambda grad: grad,
             other=lambda grad, alpha: times(grad, alpha))


@differentiable(promotes=True, check=_no_bools, ufunc=np.subtract)
def sub(self, other, alpha=1):
    return self - other if alpha == 1 else self - alpha * other

sub.gradient(self=lambda grad: grad,
             other=lambda grad, alpha: times(-grad, alpha))


@differentiable(node="RsubBackward1", promotes="self other", check=_no_bools)
def rsub(self, other, alpha=1):
    return other - self

rsub.gradient(self=lambda grad, alpha: times(-grad, alpha))


@differentiable(promotes=True, ufunc=np.multiply)
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
    demand(self.dtype != bool, errors.NEGATE_BOOL)


neg = unary("neg", np.negative, lambda grad: -grad, floats=False, check=_no_negative_bool)
reciprocal = unary("reciprocal", np.reciprocal, lambda grad, result: -grad * (result * result))

# ---- exponentials ------------------------------------------------------------------------------------

exp = unary("exp", np.exp, lambda grad, result: grad * result)
exp2 = unary("exp2", np.exp2, lambda grad, result: grad * result * math.log(2))
expm1 = unary("expm1", np.expm1, lambda grad, result: grad * (result + 1))

log = unary("log", np.log, lambda grad, self: grad / self)
log1p = unary("log1p", np.log1p, lambda grad, self: grad / (self + 1), node="Log1PBackward0")
log2 = unary("log2", np.log2, lambda grad, self: grad / (self * math.log(2)))
log10 = unary("log10", np.log10, lambda grad, self: grad / (self * math.log(10)))

# ---- powers ------------------------------------------------------------------------------------------
# PyTorch has three nodes for `pow`, by which of base and exponent is a tensor.


def _no_broken_integers(self, exponent):
    whole = promote(self, exponent).kind in "iu" and not isinstance(exponent, np.ndarray)
    demand(not whole or exponent >= 0, "Integers to negative integer powers are not allowed.")
    check_numbers(self, exponent)
    if isinstance(exponent, np.ndarray):  # a bool to the power of the number True there is
        only("iuf", "pow", numbers=True)(self, exponent)


def _power(self, exponent):
    if self.dtype == bool:
        return self | ~exponent
    if np.ndim(exponent) == 0 and abs(exponent) == 0.5:  # with roots, other values at the edges
        return np.sqrt(self) if exponent > 0 else 1 / np.sqrt(self)
    if self.dtype.kind == "i" and np.any(exponent < 0):  # of what is below one, integers keep nothing
        return np.power(self, np.abs(exponent)) * ((exponent >= 0) | (np.abs(self) == 1))
    return np.power(self, exponent)


_overload = differentiable(name="pow", check=_no_broken_integers)
pow_tensor_number = _overload(_power, node="PowBackward0", promotes="self exponent")
pow_tensor_tensor = _overload(_power, node="PowBackward1", promotes=True, tensors=True)


def _power_of_number(self, exponent):
    return np.asarray(_power(self, exponent), order="C")  # however the exponent lies

pow_number_tensor = _overload(_power_of_number, node="PowBackward2", promotes="self exponent")


def _of_base(grad, exponent, self):
    return grad * (exponent * pow(self, exponent - 1))

pow_tensor_number.gradient(
    self=lambda grad, exponent, self: _of_base(grad, exponent, self) if exponent else zeros_like(grad)
)
pow_tensor_tensor.gradient(
    self=lambda grad, exponent, self: where(exponent == 0, 0.0, _of_base(grad, exponent, self)),
    exponent=lambda grad, exponent, self, result: (
        # log 0 is -inf, but 0 to any power of at least 0 does not move with the exponent.
        grad * where((self == 0) & (exponent >= 0), 0.0, result * log(self))
    ),
)
pow_number_tensor.gradient(exponent=lambda grad, exponent, self, result: (
    grad * where((exponent >= 0) & (self == 0), 0.0, result * float(np.log(self)))
))
pow_number_tensor.operation.is_elementwise = False  # its result lies row by row


@overloads(pow_tensor_tensor, pow_number_tensor, pow_tensor_number)
def pow(self, exponent):
    """`self` to the power of `exponent`, elementwise; one of the two may be a number (`torch.pow`).

    >>> from autograd_core import tensor
    >>> pow(tensor([1.0, 2.0, 3.0]), 2)
    tensor([1., 4., 9.])
    """


def square(self):
    """`self` times itself: a power of two in the graph, too (`torch.square`)."""
    return pow_tensor_number(self, 2)


def _per_root(self):
    return 1 / np.sqrt(self)


sqrt = unary("sqrt", np.sqrt, lambda grad, result: grad / (2 * result))
rsqrt = unary("rsqrt", _per_root, lambda grad, result: -0.5 * grad * pow(result, 3))

# ---- sines, cosines and their relatives --------------------------------------------------------------

sin = unary("sin", np.sin, lambda grad, self: grad * cos(self))
cos = unary("cos", np.cos, lambda grad, self: grad * -sin(self))
tan = unary("tan", np.tan, lambda grad, result: grad * (1 + result**2))

asin = unary("asin", np.arcsin, lambda grad, self: grad * rsqrt(-self * self + 1))
acos = unary("acos", np.arccos, lambda grad, self: grad * -rsqrt(-self * self + 1))
atan = unary("atan", np.arctan, lambda grad, self: grad / (self * self + 1))

sinh = unary("sinh", np.sinh, lambda grad, self: grad * cosh(self))
cosh = unary("cosh", np.cosh, lambda grad, self: grad * sinh(self))
tanh = unary("tanh", np.tanh, lambda grad, result: grad * (1 - result * result))


atan2 = binary("atan2", np.arctan2, node="Atan2Backward0", floats=True, tensors=True,
               self=lambda grad, other, self: grad * other * _per_square(self, other),
               other=lambda grad, other, self: grad * -self * _per_square(self, other))
hypot = binary("hypot", np.hypot, tensors=True, check=only("f", "hypot_cpu"),
               self=lambda grad, result, self: grad * self / result,
               other=lambda grad, result, other: grad * other / result)


def _per_square(y, x):
    """One over the squared distance from the origin, and zero there."""
    square = y * y + x * x
    return masked_fill(reciprocal(square), square == 0, 0)


# ---- what the operators do where the other operand is of another kind --------------------------------


def reflected(op):
    """The operator for what stands on the right, as in `2 // x`."""
    return operator(lambda self, other: op(other, self))


def pos_operator(self):
    """`+self`: the tensor itself. Raises RuntimeError for bools."""
    demand(self._array.dtype != bool, "The `+` operator, on a bool tensor is not supported.")
    return self
