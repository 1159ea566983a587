"""Comparisons, logic, and choosing between two tensors. Nothing flows back through a comparison."""

from __future__ import annotations

import functools

import numpy as np

from .. import dtypes, errors
from ..differentiable import binary, differentiable, only, unary
from ..dimensions import common_shape
from ..errors import demand
from ..frames import warn
from ..signatures import overloads
from ..tensor import Tensor
from .creation import tensor
from .filling import level

# ---- comparisons -------------------------------------------------------------------------------------

eq = binary("eq", np.equal)
ne = binary("ne", np.not_equal)
lt = binary("lt", np.less)
le = binary("le", np.less_equal)
gt = binary("gt", np.greater)
ge = binary("ge", np.greater_equal)

isnan = unary("isnan", np.isnan, None, floats=False)
isinf = unary("isinf", np.isinf, None, floats=False)
isfinite = unary("isfinite", np.isfinite, None, floats=False)


def over(op):
    """What the twin of a comparison runs: a write has a gradient, though it is zero everywhere."""

    def twin(node, *inputs):
        names = {"name": op.operation.name, "node": op.__name__.title() + node, "like": op}
        made = differentiable(op.operation.forward, promotes="self other", tensors=True, **names)
        made.gradient(**dict.fromkeys(inputs, level))
        return made

    return overloads(twin("Backward1", "self", "other"), twin("Backward0", "self"))(op)


# ---- logic -------------------------------------------------------------------------------------------

logical_and = binary("logical_and", np.logical_and, tensors=True)
logical_or = binary("logical_or", np.logical_or, tensors=True)
logical_xor = binary("logical_xor", np.logical_xor, tensors=True)
logical_not = unary("logical_not", np.logical_not, None, floats=False)


def _on_bits(name, kernel=None, kinds="iub"):
    check = only(kinds, f"{kernel or name}_cpu", numbers=True)
    # Floats are refused, but first of all a write to a leaf: hence the formulas, which never run.
    return binary(name, getattr(np, name), level, level, check=check)


bitwise_and = _on_bits("bitwise_and")
bitwise_or = _on_bits("bitwise_or")
bitwise_xor = _on_bits("bitwise_xor")
bitwise_left_shift = _on_bits("bitwise_left_shift", "lshift", "iu")
bitwise_right_shift = _on_bits("bitwise_right_shift", "rshift", "iu")
bitwise_not = unary("bitwise_not", np.invert, level, False, check=only("iub", "bitwise_not_cpu"))


# ---- choosing ----------------------------------------------------------------------------------------


def _bool_condition(condition, self, other):
    if condition.dtype == np.uint8:
        warn(errors.WHERE_OF_BYTES)
    known = condition.dtype in (bool, np.uint8)
    demand(known, errors.CONDITION_OF_OTHER_TYPE, *dtypes.of(condition))
    dtypes.check_numbers(self, other)


@differentiable(promotes="self other", check=_bool_condition)
def where(condition, self, other):
    return np.where(condition, self, other)

where.gradient(condition=None,
               self=lambda grad, condition: where(condition, grad, 0),
               other=lambda grad, condition: where(condition, 0, grad))


def mask_and_number(self, mask, value):
    demand(not np.ndim(value), errors.MASKED_WITH_MANY, np.ndim(value))
    demand(mask.dtype == bool, errors.MASK_OF_OTHER_TYPE, *dtypes.of(mask))


def _mask_that_fits(self, mask, value):
    common_shape(mask.shape, self.shape)  # PyTorch's twin that writes finds this last
    mask_and_number(self, mask, value)


def _masked(self, mask, value):
    value = dtypes.element(value[()] if isinstance(value, np.ndarray) else value, self.dtype)
    return np.asarray(np.where(mask, value, self), order="C")


_fill = functools.partial(differentiable, _masked, name="masked_fill", check=_mask_that_fits)
masked_fill_number = _fill(node="MaskedFillBackward0")
masked_fill_tensor = _fill(node="MaskedFillBackward1", tensors=True)

masked_fill_number.gradient(self=lambda grad, mask: masked_fill(grad, mask, 0), mask=None)
masked_fill_tensor.gradient(self=lambda grad, mask: masked_fill(grad, mask, 0), mask=None,
                            value=lambda grad, mask: where(mask, grad, 0))


@overloads(masked_fill_tensor, masked_fill_number)
def masked_fill(self, mask, value):
    """`self` with `value`, a number or a tensor of one element, where `mask` is True.

    Follows `torch.masked_fill`.

    >>> from autograd_core import tensor
    >>> masked_fill(tensor([1.0, 2.0]), tensor([True, False]), 9)
    tensor([9., 2.])
    """


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Are all elements of the two as near as `atol + rtol * abs(other)` (`torch.allclose`)?"""
    demand(input.dtype is other.dtype, errors.DTYPES_DIFFER, input.dtype, other.dtype)
    common_shape(input.shape, other.shape)
    return bool(np.allclose(input._array, other._array, rtol, atol, equal_nan))


def equal(input, other):
    """Have the two the same shape and the same elements (`torch.equal`)?"""
    errors.argument(isinstance(other, Tensor), "equal", "other", 2, "Tensor", other)
    return bool(np.array_equal(input._array, other._array))


def eq_operator(self, other):
    """`self == other`. This one operator compares with an array, as PyTorch's does."""
    return eq.operator(self, tensor(other) if isinstance(other, np.ndarray) else other)


def invert_operator(self):
    """`~self`. Raises TypeError for floats."""
    demand(self._array.dtype.kind != "f", errors.INVERT_FLOAT, kind=TypeError)
    return bitwise_not(self)
