"""Comparisons, logic, and choosing between two tensors. Nothing flows back through a comparison."""

from __future__ import annotations

import warnings

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable, only, overloads
from ..tensor import Tensor
from .filling import zeros_like

# ---- comparisons -------------------------------------------------------------------------------------


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


@differentiable
def isnan(self):
    return np.isnan(self)

isnan.gradient(self=None)


@differentiable
def isinf(self):
    return np.isinf(self)

isinf.gradient(self=None)


@differentiable
def isfinite(self):
    return np.isfinite(self)

isfinite.gradient(self=None)


def over(op):
    """What the twin of a comparison runs: a write has a gradient, though it is zero everywhere."""

    def declared(node, promotes, **formulas):
        names = {"name": op.operation.name, "node": op.__name__.title() + node}
        twin = differentiable(op.operation.forward, promotes=promotes, **names)
        twin.gradient(**formulas)
        return twin

    number = declared("Backward0", "self other", self=lambda grad: zeros_like(grad))
    zeros = {name: lambda grad: zeros_like(grad) for name in ("self", "other")}
    tensor = declared("Backward1", True, **zeros)
    return overloads(lambda self, other: tensor if isinstance(other, Tensor) else number)


# ---- logic -------------------------------------------------------------------------------------------


@differentiable(promotes=True, tensors=True)
def logical_and(self, other):
    return np.logical_and(self, other)

logical_and.gradient(self=None, other=None)


@differentiable(promotes=True, tensors=True)
def logical_or(self, other):
    return np.logical_or(self, other)

logical_or.gradient(self=None, other=None)


@differentiable(promotes=True, tensors=True)
def logical_xor(self, other):
    return np.logical_xor(self, other)

logical_xor.gradient(self=None, other=None)


@differentiable
def logical_not(self):
    return np.logical_not(self)

logical_not.gradient(self=None)


@differentiable(promotes=True)
def bitwise_and(self, other):
    only("iub", "bitwise_and_cpu")(self)
    return np.bitwise_and(self, other)

bitwise_and.gradient(self=None, other=None)


@differentiable(promotes=True)
def bitwise_or(self, other):
    only("iub", "bitwise_or_cpu")(self)
    return np.bitwise_or(self, other)

bitwise_or.gradient(self=None, other=None)


@differentiable(promotes=True)
def bitwise_xor(self, other):
    only("iub", "bitwise_xor_cpu")(self)
    return np.bitwise_xor(self, other)

bitwise_xor.gradient(self=None, other=None)


@differentiable(check=only("iub", "bitwise_not_cpu"))
def bitwise_not(self):
    return np.invert(self)

bitwise_not.gradient(self=None)


# ---- choosing ----------------------------------------------------------------------------------------


def _bool_condition(condition, self, other):
    if condition.dtype == np.uint8:
        warnings.warn(errors.WHERE_OF_BYTES, stacklevel=4)
    if condition.dtype not in (bool, np.uint8):
        name = dtypes.FROM_NUMPY[condition.dtype].scalar_name
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {name}"
        )


@differentiable(promotes="self other", check=_bool_condition)
def where(condition, self, other):
    return np.where(condition, self, other)

where.gradient(condition=None,
               self=lambda grad, condition: where(condition, grad, 0),
               other=lambda grad, condition: where(condition, 0, grad))


def _masked(self, mask, value):
    if mask.dtype != bool:
        name = dtypes.FROM_NUMPY[mask.dtype].c_name
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {name}")
    if np.ndim(value):
        raise RuntimeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.ndim} dimension(s)."
        )
    try:
        return np.where(mask, np.asarray(value).astype(self.dtype), self)
    except ValueError:
        raise errors.broadcast_mismatch(mask.shape, self.shape) from None


@differentiable(name="masked_fill", node="MaskedFillBackward0")
def masked_fill_number(self, mask, value):
    return _masked(self, mask, value)

masked_fill_number.gradient(self=lambda grad, mask: masked_fill(grad, mask, 0), mask=None)


@differentiable(name="masked_fill", node="MaskedFillBackward1")
def masked_fill_tensor(self, mask, value):
    return _masked(self, mask, value)

masked_fill_tensor.gradient(self=lambda grad, mask: masked_fill(grad, mask, 0),
                            mask=None,
                            value=lambda grad, mask: where(mask, grad, 0))


@overloads
def masked_fill(self, mask, value):
    """`self` with `value`, a number or a tensor of one element, where `mask` is True.

    Follows `torch.masked_fill`.

    >>> from autograd_core import tensor
    >>> masked_fill(tensor([1.0, 2.0]), tensor([True, False]), 9)
    tensor([9., 2.])
    """
    return masked_fill_tensor if isinstance(value, Tensor) else masked_fill_number


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Are all elements of the two as near as `atol + rtol * abs(other)` (`torch.allclose`)?"""
    if input.dtype is not other.dtype:
        raise RuntimeError(errors.same_dtype(input.dtype, other.dtype))
    return bool(np.allclose(input._array, other._array, rtol, atol, equal_nan))


def equal(input, other):
    """Have the two the same shape and the same elements (`torch.equal`)?"""
    return bool(np.array_equal(input._array, other._array))


def invert_operator(self):
    """`~self`. Raises TypeError for floats."""
    if self._array.dtype.kind == "f":
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return bitwise_not(self)
