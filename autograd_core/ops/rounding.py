"""Steps and limits: where a function is flat, no gradient comes back."""

from __future__ import annotations

import numpy as np

from ..differentiable import binary, differentiable, only, unary
from ..dtypes import check_numbers
from ..errors import demand
from ..signatures import overloads
from ..storage import copy_of
from .comparison import masked_fill, where
from .filling import level

# ---- to whole numbers (integers are whole already) ----------------------------------------------------


def _nearest(self):
    return np.rint(self) if self.dtype.kind == "f" else copy_of(self)


floor = unary("floor", np.floor, level, floats=False, check=only("fiu", "floor_vml_cpu"))
ceil = unary("ceil", np.ceil, level, floats=False, check=only("fiu", "ceil_vml_cpu"))
trunc = unary("trunc", np.trunc, level, floats=False, check=only("fiu", "trunc_vml_cpu"))
round_whole = unary("round", _nearest, level, floats=False, check=only("fiu", "round_vml_cpu"))


def _floats_to_round(self, decimals):
    only("f", "round_cpu" if decimals else "round_vml_cpu")(self)


@differentiable(name="round", node="RoundBackward1", floats=True, check=_floats_to_round)
def round_decimals(self, decimals):
    tens = self.dtype.type(10.0 ** np.abs(decimals))
    return np.rint(self * tens) / tens if decimals > 0 else np.rint(self / tens) * tens

round_decimals.gradient(self=level)


@overloads(round_whole, round_decimals)
def round(self, *, decimals):
    """The nearest whole numbers, halves to the even one; or to some `decimals` (`torch.round`).

    >>> from autograd_core import tensor
    >>> round(tensor([0.5, 1.5, 2.5]))
    tensor([0., 2., 2.])
    """


# ---- signs -------------------------------------------------------------------------------------------


def _sign(self):
    return (self > 0).astype(self.dtype) - (self < 0) if self.dtype != bool else copy_of(self)


sign = unary("sign", _sign, level, floats=False)
abs = unary("abs", np.abs, lambda grad, self: grad * sign(self), floats=False,
            check=only("fiu", "abs_cpu"))


# ---- limits: a tie shares the gradient ----------------------------------------------------------------


def _greater(a, b):
    """Of equals the first, of zeros too; and a nan if there is one."""
    return np.where((a >= b) | (a != a), a, b)


def _smaller(a, b):
    return np.where((a <= b) | (a != a), a, b)


maximum = binary("maximum", _greater, tensors=True,
                 self=lambda grad, other, self: _won(grad, self == other, self < other),
                 other=lambda grad, other, self: _won(grad, self == other, self > other))
minimum = binary("minimum", _smaller, tensors=True,
                 self=lambda grad, other, self: _won(grad, self == other, self > other),
                 other=lambda grad, other, self: _won(grad, self == other, self < other))


def _won(grad, tie, lost):
    """The gradient of the one that was taken: half of it at a tie."""
    return masked_fill(where(tie, grad / 2, grad), lost, 0)


def _between(self, min=None, max=None):
    """Where the limits cross, the upper one wins."""
    self = self if min is None else _greater(self, min)
    return self if max is None else _smaller(self, max)


def _inside(self, min, max):
    """Where an element is not beyond a limit. A nan never is inside."""
    if max is None:
        return self >= min
    return self <= max if min is None else (self >= min) & (self <= max)


def _below(self, min, max):
    return self < min if max is None else (self < min) & (min < max)


def _above(self, min, max):
    return self > max if min is None else (self > max) | (max < min)


def _some_limit(self, min, max):
    limited = min is not None or max is not None
    demand(limited, "torch.clamp: At least one of 'min' or 'max' must not be None")
    check_numbers(self, min, max)
    operands = [each for each in (self, min, max) if each is not None]
    one = "" if len(operands) == 3 else "_min" if max is None else "_max"
    scalar = "" if isinstance(operands[1], np.ndarray) else "_scalar"
    if scalar or not one:  # else it is `maximum` or `minimum`, for all types
        only("fiu", f"clamp{one}{scalar}_cpu", numbers=True)(*operands)


clamp_numbers = differentiable(_between, name="clamp", node="ClampBackward1",
                               promotes="self min max", check=_some_limit)
clamp_tensors = differentiable(_between, name="clamp", node="ClampBackward0",
                               promotes=True, tensors=True, check=_some_limit)

clamp_numbers.gradient(self=lambda grad, max, min, self: where(_inside(self, min, max), grad, 0))
clamp_tensors.gradient(self=lambda grad, max, min, self: where(_inside(self, min, max), grad, 0),
                       min=lambda grad, max, min, self: where(_below(self, min, max), grad, 0),
                       max=lambda grad, max, min, self: where(_above(self, min, max), grad, 0))


@overloads(clamp_tensors, clamp_numbers)
def clamp(self, min=None, max=None):
    """Every element, but no smaller than `min` and no greater than `max` (`torch.clamp`).

    Raises RuntimeError if there is neither.

    >>> from autograd_core import tensor
    >>> clamp(tensor([-2.0, 0.5, 2.0]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
