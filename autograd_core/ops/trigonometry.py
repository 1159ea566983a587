"""Sines, cosines and their relatives. `tan` and `tanh` save their result, the others what they took."""

from __future__ import annotations

import numpy as np

from ..differentiable import differentiable, only, unary
from .comparison import masked_fill
from .elementwise import reciprocal, rsqrt

sin = unary("sin", np.sin, lambda grad, self: grad * cos(self))
cos = unary("cos", np.cos, lambda grad, self: grad * -sin(self))
tan = unary("tan", np.tan, lambda grad, result: grad * (1 + result**2))

asin = unary("asin", np.arcsin, lambda grad, self: grad * rsqrt(-self * self + 1))
acos = unary("acos", np.arccos, lambda grad, self: grad * -rsqrt(-self * self + 1))
atan = unary("atan", np.arctan, lambda grad, self: grad / (self * self + 1))

sinh = unary("sinh", np.sinh, lambda grad, self: grad * cosh(self))
cosh = unary("cosh", np.cosh, lambda grad, self: grad * sinh(self))
tanh = unary("tanh", np.tanh, lambda grad, result: grad * (1 - result * result))


@differentiable(node="Atan2Backward0", promotes=True, floats=True, tensors=True)
def atan2(self, other):
    return np.arctan2(self, other)

atan2.gradient(self=lambda grad, other, self: grad * other * _per_square(self, other),
               other=lambda grad, other, self: grad * -self * _per_square(self, other))


def _per_square(y, x):
    """One over the squared distance from the origin, and zero there."""
    square = y * y + x * x
    return masked_fill(reciprocal(square), square == 0, 0)


@differentiable(promotes=True, tensors=True, check=only("f", "hypot_cpu"))
def hypot(self, other):
    return np.hypot(self, other)

hypot.gradient(self=lambda grad, result, self: grad * self / result,
               other=lambda grad, result, other: grad * other / result)
