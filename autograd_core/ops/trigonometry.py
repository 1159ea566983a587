"""Sines, cosines and their relatives. `tan` and `tanh` save their result, the others what they took."""

from __future__ import annotations

import numpy as np

from ..differentiable import differentiable, only
from .comparison import masked_fill
from .elementwise import reciprocal, rsqrt


@differentiable(floats=True)
def sin(self):
    return np.sin(self)

sin.gradient(self=lambda grad, self: grad * cos(self))


@differentiable(floats=True)
def cos(self):
    return np.cos(self)

cos.gradient(self=lambda grad, self: grad * -sin(self))


@differentiable(floats=True)
def tan(self):
    return np.tan(self)

tan.gradient(self=lambda grad, result: grad * (1 + result**2))


@differentiable(floats=True)
def asin(self):
    return np.arcsin(self)

asin.gradient(self=lambda grad, self: grad * rsqrt(-self * self + 1))


@differentiable(floats=True)
def acos(self):
    return np.arccos(self)

acos.gradient(self=lambda grad, self: grad * -rsqrt(-self * self + 1))


@differentiable(floats=True)
def atan(self):
    return np.arctan(self)

atan.gradient(self=lambda grad, self: grad / (self * self + 1))


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


@differentiable(floats=True)
def sinh(self):
    return np.sinh(self)

sinh.gradient(self=lambda grad, self: grad * cosh(self))


@differentiable(floats=True)
def cosh(self):
    return np.cosh(self)

cosh.gradient(self=lambda grad, self: grad * sinh(self))
