"""Steps and limits: where a function is flat, no gradient comes back."""

from __future__ import annotations

import numpy as np

from ..differentiable import differentiable, only, overloads
from ..tensor import Tensor
from .comparison import masked_fill, where
from .filling import zeros_like

# ---- to whole numbers (integers are whole already) ----------------------------------------------------


@differentiable(check=only("fiu", "floor_vml_cpu"))
def floor(self):
    return np.floor(self) if self.dtype.kind == "f" else self.copy()

floor.gradient(self=lambda grad: zeros_like(grad))


@differentiable(check=only("fiu", "ceil_vml_cpu"))
def ceil(self):
    return np.ceil(self) if self.dtype.kind == "f" else self.copy()

ceil.gradient(self=lambda grad: zeros_like(grad))


@differentiable(check=only("fiu", "trunc_vml_cpu"))
def trunc(self):
    return np.trunc(self) if self.dtype.kind == "f" else self.copy()

trunc.gradient(self=lambda grad: zeros_like(grad))


@differentiable(name="round", node="RoundBackward0", check=only("fiu", "round_vml_cpu"))
def round_whole(self):
    return np.rint(self) if self.dtype.kind == "f" else self.copy()

round_whole.gradient(self=lambda grad: zeros_like(grad))


@differentiable(name="round", node="RoundBackward1", check=only("f", "round_cpu"))
def round_decimals(self, decimals):
    tens = self.dtype.type(10.0 ** np.abs(decimals))
    return np.rint(self * tens) / tens if decimals > 0 else np.rint(self / tens) * tens

round_decimals.gradient(self=lambda grad: zeros_like(grad))


@overloads
def round(self, *, decimals=0):
    """The nearest whole numbers, halves to the even one; or to some `decimals` (`torch.round`).

    >>> from autograd_core import tensor
    >>> round(tensor([0.5, 1.5, 2.5]))
    tensor([0., 2., 2.])
    """
    return round_decimals if decimals else round_whole


# ---- signs -------------------------------------------------------------------------------------------


@differentiable
def sign(self):
    return (self > 0).astype(self.dtype) - (self < 0) if self.dtype != bool else self.copy()

sign.gradient(self=lambda grad: zeros_like(grad))


@differentiable(check=only("fiu", "abs_cpu"))
def abs(self):
    return np.abs(self)

abs.gradient(self=lambda grad, self: grad * sign(self))


# ---- limits: a tie shares the gradient ----------------------------------------------------------------


def _greater(a, b):
    """Of equals the first, of zeros too; and a nan if there is one."""
    return np.where((a >= b) | (a != a), a, b)


def _smaller(a, b):
    return np.where((a <= b) | (a != a), a, b)


@differentiable(promotes=True, tensors=True)
def maximum(self, other):
    return _greater(self, other)

maximum.gradient(
    self=lambda grad, other, self: masked_fill(where(self == other, grad / 2, grad), self < other, 0),
    other=lambda grad, other, self: masked_fill(where(self == other, grad / 2, grad), self > other, 0),
)


@differentiable(promotes=True, tensors=True)
def minimum(self, other):
    return _smaller(self, other)

minimum.gradient(
    self=lambda grad, other, self: masked_fill(where(self == other, grad / 2, grad), self > other, 0),
    other=lambda grad, other, self: masked_fill(where(self == other, grad / 2, grad), self < other, 0),
)


def _between(array, min, max):
    """Where the limits cross, the upper one wins."""
    array = array if min is None else _greater(array, min)
    return array if max is None else _smaller(array, max)


def _inside(self, min, max):
    """Where an element is not beyond a limit. A nan never is inside."""
    if max is None:
        return self >= min
    return self <= max if min is None else (self >= min) & (self <= max)


def _some_limit(self, min, max):
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")


@differentiable(name="clamp", node="ClampBackward1", promotes="self min max", check=_some_limit)
def clamp_numbers(self, min=None, max=None):
    return _between(self, min, max)

clamp_numbers.gradient(
    self=lambda grad, max, min, self: where(_inside(self, min, max), grad, 0)
)


@differentiable(name="clamp", node="ClampBackward0", promotes=True, tensors=True)
def clamp_tensors(self, min=None, max=None):
    return _between(self, min, max)

clamp_tensors.gradient(
    self=lambda grad, max, min, self: where(_inside(self, min, max), grad, 0),
    min=lambda grad, max, min, self: where(
        self < min if max is None else (self < min) & (min < max), grad, 0
    ),
    max=lambda grad, max, min, self: where(
        self > max if min is None else (self > max) | (max < min), grad, 0
    ),
)


@overloads
def clamp(self, min=None, max=None):
    """Every element, but no smaller than `min` and no greater than `max` (`torch.clamp`).

    Raises RuntimeError if there is neither.

    >>> from autograd_core import tensor
    >>> clamp(tensor([-2.0, 0.5, 2.0]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    return clamp_tensors if isinstance(min, Tensor) or isinstance(max, Tensor) else clamp_numbers
