"""The functions that neural networks put between their layers.

Which of them save their result and which their input is not arbitrary: the slope of a sigmoid can be
had from its result alone, that of a `gelu` cannot.
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes
from ..differentiable import differentiable, only, unary
from ..dimensions import axes, axis
from ..errors import demand
from ..signatures import numpy_names
from ..tensor import Tensor
from .comparison import where
from .conversion import convert
from .elementwise import exp, tanh
from .filling import level
from .reductions import sum_dim

# ---- those that save their result --------------------------------------------------------------------


@differentiable(floats=True)
def sigmoid(self):
    return 1 / (1 + np.exp(-self))

sigmoid.gradient(self=lambda grad, result: grad * (1 - result) * result)


def _no_bools(self):
    demand(self.dtype != bool, "Boolean inputs not supported for relu")


def _zeroed(array, where):
    """The array with zeros there: its bits times 0 or 1.

    `np.where` takes a branch for each element, and on signs that follow no pattern seven times as long.
    """
    bits, kept = _BITS[array.dtype.itemsize], np.empty_like(array)
    np.multiply(array.view(bits), ~where, out=kept.view(bits))
    return kept  # and no view of bits, whose memory would be one of integers


_BITS = {n: np.dtype(f"i{n}") for n in (1, 2, 4, 8)}


@differentiable(check=_no_bools)
def relu(self):
    return _zeroed(self, self < 0)  # and a negative zero stays one

relu.gradient(self=lambda grad, result: threshold_backward(grad, result, 0))


@differentiable
def threshold_backward(grad_output, self, threshold):
    return _zeroed(grad_output, self <= threshold)

threshold_backward.gradient(grad_output=threshold_backward, self=level)  # itself again


# ---- those that save what they took ------------------------------------------------------------------

_erf_of_one = np.frompyfunc(math.erf, 1, 1)


def _erf(self):
    return np.asarray(_erf_of_one(self), self.dtype)


erf = unary("erf", _erf, lambda grad, self: 2 / math.sqrt(math.pi) * exp(-(self**2)) * grad)


def _leaky(self, negative_slope=0.01):
    return np.where(self > 0, self, self * self.dtype.type(negative_slope))


leaky_relu = differentiable(_leaky, name="leaky_relu", floats=True,
                            check=only("f", "leaky_relu_cpu"))


@differentiable
def leaky_relu_backward(grad_output, self, negative_slope):
    return np.where(self > 0, grad_output, grad_output * negative_slope)

leaky_relu.gradient(self=leaky_relu_backward)
leaky_relu_backward.gradient(grad_output=leaky_relu_backward, self=level)


def _elu(self, alpha=1.0, scale=1, input_scale=1):
    below = np.expm1(self * input_scale) * self.dtype.type(alpha) * scale
    return np.where(self > 0, self * scale, below)


elu = differentiable(_elu, name="elu", floats=True, check=only("f", "elu_cpu"))

elu.gradient(self=lambda grad, alpha, input_scale, scale, self: where(
    self <= 0,
    grad * input_scale * alpha * scale * exp(where(self < 0, self, 0) * input_scale),
    grad * scale,
))


def _known_approximation(self, approximate):
    demand(approximate in ("none", "tanh"), "approximate argument must be either none or tanh.")
    only("f", "GeluKernelImpl")(self)


@differentiable(check=_known_approximation, floats=True)
def gelu(self, approximate="none"):
    if approximate == "tanh":
        return self * 0.5 * (1 + np.tanh(_BEND * (self + _CUBE * self**3)))
    return self * 0.5 * (1 + _erf(self / math.sqrt(2)))

gelu.gradient(self=lambda grad, approximate, self: grad * _gelu_slope(self, approximate))

_BEND, _CUBE = math.sqrt(2 / math.pi), 0.044715


def _gelu_slope(self, approximate):
    if approximate == "tanh":
        t = tanh(_BEND * (self + _CUBE * self**3))
        return 0.5 * (1 + t) + 0.5 * self * (1 - t * t) * _BEND * (1 + 3 * _CUBE * self**2)
    bell = exp(-0.5 * self * self) / math.sqrt(2 * math.pi)
    return 0.5 * (1 + erf(self / math.sqrt(2))) + self * bell


@differentiable(check=only("f", "silu_cpu"))
def silu(self):
    return self / (1 + np.exp(-self))

silu.gradient(self=lambda grad, self: grad * sigmoid(self) * (1 + self * (1 - sigmoid(self))))


@differentiable(check=only("f", "softplus_cpu"), floats=True)
def softplus(self, beta=1, threshold=20):
    steep = self * beta
    return np.where(steep > threshold, self, np.log1p(np.exp(steep)) / beta)

softplus.gradient(self=lambda grad, beta, self, threshold: where(
    self * beta > threshold, grad, grad * sigmoid(self * beta)
))


# ---- the twins that have the result alone to go by, for the input is overwritten ---------------------

leaky_relu_over = differentiable(_leaky, name="leaky_relu", node="LeakyReluBackward1",
                                 check=only("f", "leaky_relu_cpu"))
elu_over = differentiable(_elu, name="elu", node="EluBackward1", check=only("f", "elu_cpu"))

leaky_relu_over.gradient(
    self=lambda grad, negative_slope, result: leaky_relu_backward(grad, result, negative_slope)
)
elu_over.gradient(self=lambda grad, alpha, input_scale, result, scale: where(
    result <= 0, grad * input_scale * (result + alpha * scale), grad * scale
))


# ---- shares of a whole -------------------------------------------------------------------------------


def _low(self, dim, kernel):
    """The array less its greatest elements, so that no power of e overflows; halves as floats."""
    last = axis(self.ndim, dim) == max(self.ndim - 1, 0)
    if self.size and self.dtype.kind != "f":
        only("f", f"{kernel}_lastdim_kernel_impl" if last else f"{kernel}_kernel_impl")(self)
    wide = np.asarray(self, np.float32 if self.itemsize == 2 else self.dtype, order="C")
    if not self.size:
        return wide
    return wide - np.maximum.reduce(wide, axis=axes(self.ndim, dim), keepdims=True)


@differentiable(name="softmax")
def softmax_dim(self, dim):
    powers = np.exp(_low(self, dim, "softmax"))
    return (powers / np.sum(powers, axes(self.ndim, dim), keepdims=True)).astype(self.dtype)

softmax_dim.gradient(
    self=lambda grad, dim, result: (grad - sum_dim(grad * result, dim, True)) * result
)


@differentiable(name="log_softmax")
def log_softmax_dim(self, dim):
    low = _low(self, dim, "log_softmax")
    sums = np.add.reduce(np.exp(low), axis=axes(self.ndim, dim), keepdims=True)
    return np.asarray(low - np.log(sums), self.dtype)

log_softmax_dim.gradient(
    self=lambda grad, dim, result: grad - exp(result) * sum_dim(grad, dim, True)
)


@numpy_names
def softmax(input: Tensor, dim: int, dtype: dtypes.dtype | None = None) -> Tensor:
    """Powers of e along `dim`, as shares of their sum (`torch.softmax`).

    >>> from autograd_core import tensor
    >>> softmax(tensor([0.0, 0.0]), 0)
    tensor([0.5000, 0.5000])
    """
    return softmax_dim(input if dtype is None else convert(input, dtype), dim)


@numpy_names
def log_softmax(input: Tensor, dim: int, dtype: dtypes.dtype | None = None) -> Tensor:
    """The logarithm of `softmax`, which is finite where that is too small for a number."""
    return log_softmax_dim(input if dtype is None else convert(input, dtype), dim)
