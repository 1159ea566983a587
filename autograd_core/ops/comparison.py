"""Comparisons, logic, and choosing between two tensors. Nothing flows back through a comparison."""

from __future__ import annotations

import numpy as np

from ..differentiable import differentiable
from ..dtypes import promote


@differentiable(promotes=True)
def eq(self, other):
    return np.equal(self, other)

eq.gradient(self=None, other=None)


@differentiable(promotes=True)
def ne(self, other):
    return np.not_equal(self, other)

ne.gradient(self=None, other=None)


@differentiable(promotes=True)
def lt(self, other):
    return np.less(self, other)

lt.gradient(self=None, other=None)


@differentiable(promotes=True)
def le(self, other):
    return np.less_equal(self, other)

le.gradient(self=None, other=None)


@differentiable(promotes=True)
def gt(self, other):
    return np.greater(self, other)

gt.gradient(self=None, other=None)


@differentiable(promotes=True)
def ge(self, other):
    return np.greater_equal(self, other)

ge.gradient(self=None, other=None)


@differentiable(node="BitwiseAndBackward0", promotes=True)
def bitwise_and(self, other):
    return np.bitwise_and(self, other)

bitwise_and.gradient(self=None, other=None)


@differentiable
def where(condition, self, other):
    common = promote(self, other)
    return np.where(condition, np.asarray(self, common), np.asarray(other, common))

where.gradient(condition=None,
               self=lambda grad, condition: where(condition, grad, 0),
               other=lambda grad, condition: where(condition, 0, grad))
