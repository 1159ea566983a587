"""Operations that make many elements into one, over all dimensions or along some.

The gradient of a sum goes to every element that was summed: it is spread out again over the shape of
the input. So `sum` saves a shape, and no numbers at all.
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable
from ..dimensions import axes, axis
from ..errors import demand
from ..frames import warn
from ..signatures import Dims, numpy_names, overloads
from ..tensor import Tensor
from .comparison import masked_fill, where
from .elementwise import exp, pow
from .rounding import abs, sign
from .views import expand, unsqueeze_dims


def restored(reduced, dim, keepdim, size):
    """With the dimensions again that were reduced, each of size 1."""
    return reduced if keepdim or not size else unsqueeze_dims(reduced, axes(len(size), dim))


def reduced_count(size, dim):
    """How many elements were made into one."""
    return math.prod(size[each] for each in axes(len(size), dim))


# ---- sums --------------------------------------------------------------------------------------------


def total(array, dim, keepdim=False, dtype=None):
    """The sum. Integers are summed as int64, and halves as floats, to be rounded once at the end."""
    if dtype is None and array.dtype.kind == "f" and array.dtype.itemsize > 2:
        return np.add.reduce(array, axis=dim, keepdims=keepdim)
    kind = dtype.numpy if dtype else array.dtype if array.dtype.kind == "f" else np.dtype(np.int64)
    inner = np.float32 if kind == np.float16 else kind
    out = np.add.reduce(array, axis=dim, dtype=inner, keepdims=keepdim)
    return out.astype(kind) if kind == np.float16 else out


@differentiable(name="sum", node="SumBackward0")
def sum_all(self, dtype=None):
    return total(self, None, dtype=dtype)

sum_all.gradient(self=lambda grad, self_sym_sizes: expand(grad, self_sym_sizes))


def _spread_out(grad, dim, keepdim, self_sym_sizes):
    """The gradient of a sum, at all that was summed."""
    return expand(restored(grad, dim, keepdim, self_sym_sizes), self_sym_sizes)


@differentiable(name="sum", node="SumBackward1")
def sum_dim(self, dim: Dims | None, keepdim=False, dtype=None):
    return total(self, axes(self.ndim, dim), keepdim, dtype)

sum_dim.gradient(self=_spread_out)


@overloads(sum_all, sum_dim)
def sum(input, dim, keepdim=False, *, dtype=None):
    """The sum of all elements, or along `dim` (`torch.sum`).

    Integers and bools sum to int64. Raises IndexError for a dimension that is not there.

    >>> from autograd_core import tensor
    >>> sum(tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([4., 6.])
    """


def _floats_to_average(array, dtype):
    kind = dtype or dtypes.FROM_NUMPY[array.dtype]
    demand(kind.is_floating_point, errors.MEAN_OF_INTEGERS, "Optional" if dtype else "Input", kind)


@differentiable(name="mean", node="MeanBackward0")
def mean_all(self, dtype=None):
    _floats_to_average(self, dtype)
    return np.true_divide(total(self, None, dtype=dtype), self.size)

mean_all.gradient(
    self=lambda grad, self_sym_numel, self_sym_sizes: expand(grad, self_sym_sizes) / self_sym_numel
)


@differentiable(name="mean", node="MeanBackward1")
def mean_dim(self, dim: Dims | None, keepdim=False, dtype=None):
    _floats_to_average(self, dtype)
    out = total(self, axes(self.ndim, dim), keepdim, dtype)
    return np.true_divide(out, reduced_count(self.shape, dim), dtype=out.dtype)


def _shares(grad, dim, keepdim, self_sym_numel, self_sym_sizes):
    return _spread_out(grad, dim, keepdim, self_sym_sizes) / reduced_count(self_sym_sizes, dim)

mean_dim.gradient(self=_shares)


@overloads(mean_all, mean_dim)
def mean(input, dim, keepdim=False, *, dtype=None):
    """The average of all elements, or along `dim` (`torch.mean`). Raises RuntimeError for integers.

    >>> from autograd_core import tensor
    >>> mean(tensor([1.0, 2.0]))
    tensor(1.5000)
    """


# ---- how far from the mean ---------------------------------------------------------------------------


def _variance(array, dim, correction, keepdim):
    inner = array.astype(np.float64 if array.dtype.itemsize == 8 else np.float32)
    dims, count = axes(array.ndim, dim), reduced_count(array.shape, dim)
    far = inner - np.true_divide(total(inner, dims, True), count)
    squares = total(far * far, dims, keepdim)
    return np.true_divide(squares, max(count - (1 if correction is None else correction), 0))


@differentiable(name="var")
def variance(self, dim: Dims | None, correction, keepdim):
    return _variance(self, dim, correction, keepdim).astype(self.dtype)


def _var_slope(grad, correction, dim, keepdim, self):
    over_all = dim is None or not self.ndim
    free = reduced_count(self.shape, dim) - (1 if correction is None else correction)
    far = self - mean_dim(self, dim, True)
    if over_all and free <= 0:  # two over nothing is infinite, but nan where nothing is multiplied
        return grad * where(far == 0, math.nan, math.inf)
    slope = 2 / free if free else math.inf
    return slope * (grad if over_all else restored(grad, dim, keepdim, self.shape)) * far

variance.gradient(self=_var_slope)


@differentiable(name="std")
def deviation(self, dim: Dims | None, correction, keepdim):
    return np.sqrt(_variance(self, dim, correction, keepdim)).astype(self.dtype)


def _std_slope(grad, correction, dim, keepdim, result, self):
    halved = masked_fill(grad / (result * 2), result == 0, 0)
    return _var_slope(halved, correction, dim, keepdim, self)

deviation.gradient(self=_std_slope)


@numpy_names
def var(
    input: Tensor, dim: Dims | None = None, unbiased: bool | None = None, keepdim: bool = False,
    *, correction: float | None = None,
) -> Tensor:  # fmt: skip
    """The mean square of the distances from the mean (`torch.var`).

    The sum is divided by the number of elements less `correction`, by default 1.

    >>> from autograd_core import tensor
    >>> var(tensor([1.0, 3.0])), var(tensor([1.0, 3.0]), correction=0)
    (tensor(2.), tensor(1.))
    """
    return variance(input, *_free(input, dim, unbiased, correction, "var"), keepdim)


@numpy_names
def std(
    input: Tensor, dim: Dims | None = None, unbiased: bool | None = None, keepdim: bool = False,
    *, correction: float | None = None,
) -> Tensor:  # fmt: skip
    """The root of the variance (`torch.std`); its arguments are those of `var`."""
    return deviation(input, *_free(input, dim, unbiased, correction, "std"), keepdim)


def _free(input, dim, unbiased, correction, op):
    """The dimensions and the correction, which PyTorch lets be said in three ways."""
    demand(input._array.dtype.kind == "f", errors.VARIANCE_OF_INTEGERS)
    if isinstance(dim, bool):  # as in x.var(False)
        dim, unbiased = None, dim
    if unbiased is not None:
        correction = int(unbiased)
    elif correction is None and dim is not None:
        correction = 1
    size = input._array.shape
    count = reduced_count(size, dim) * bool(input._array.size)
    if count <= (1 if correction is None else correction):
        warn(errors.NO_DEGREES_OF_FREEDOM.format(op))
    return dim, correction


# ---- the greatest and the smallest, shared by those who are equal ------------------------------------


def some(op, array, dim):
    """There is no greatest of nothing."""
    demand(array.size or dim not in (None, ()), errors.REDUCTION_OF_NOTHING, op)
    for each in (dim,) if isinstance(dim, int) else dim or ():
        along = axis(array.ndim, each)
        demand(not array.ndim or array.shape[along], errors.NOTHING_ALONG, op, each, kind=IndexError)


def _shared(grad, dim, keepdim, result, self):
    """The gradient in equal parts to all that are equal to the result."""
    size = self.shape or (1,) * (dim != ())  # the dimension 0 of a scalar counts here
    mask = restored(result, dim, keepdim, size) == self
    return restored(grad, dim, keepdim, size) * mask / sum_dim(mask, dim, True)


@differentiable
def amax(self, dim: Dims = (), keepdim=False):
    """The greatest element, over all or along `dim`; equals share its gradient (`torch.amax`)."""
    some("amax", self, dim)
    return np.max(self, axes(self.ndim, dim), keepdims=keepdim)

amax.gradient(self=_shared)


@differentiable
def amin(self, dim: Dims = (), keepdim=False):
    """The smallest element, over all or along `dim`; equals share its gradient (`torch.amin`)."""
    some("amin", self, dim)
    return np.min(self, axes(self.ndim, dim), keepdims=keepdim)

amin.gradient(self=_shared)


# ---- are all, is any? --------------------------------------------------------------------------------


def _truth(find):
    def forward(self, dim=None, keepdim=False):
        out = find(self, axes(self.ndim, dim), keepdims=keepdim)
        return np.asarray(out, np.uint8 if self.dtype == np.uint8 else bool, order="C")

    return forward


all = differentiable(_truth(np.all), name="all")
any = differentiable(_truth(np.any), name="any")

all.gradient(self=None)
any.gradient(self=None)


# ---- lengths and sums of exponentials ----------------------------------------------------------------


@differentiable(floats=True)
def logsumexp(self, dim: Dims, keepdim=False):
    """`log(sum(exp(x)))`, without an overflow on the way (`torch.logsumexp`).

    >>> from autograd_core import tensor
    >>> logsumexp(tensor([1000.0, 1000.0]), 0)
    tensor(1000.6932)
    """
    errors.argument(dim is not None, "logsumexp", "dim", 1, "tuple of ints", dim)
    dims = axes(self.ndim, dim)
    top = np.max(self, dims, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)  # inf - inf would be nan
    out = np.log(np.sum(np.exp(self - top), dims, keepdims=True)) + top
    return (out if keepdim else np.squeeze(out, dims)).astype(self.dtype)


def _softmax_of(grad, dim, keepdim, result, self):
    grad, result = (restored(each, dim, keepdim, self.shape) for each in (grad, result))
    return grad * exp(self - result)

logsumexp.gradient(self=_softmax_of)


@differentiable(name="linalg_vector_norm")
def vector_norm(self, ord, dim: Dims | None, keepdim, dtype):
    kind = dtype.numpy if dtype else self.dtype
    demand(kind.kind == "f", errors.NORM_OF_INTEGERS, dtypes.FROM_NUMPY[kind])
    if not self.size and (ord < 0 or math.isinf(ord)):
        demand(dim not in (None, ()), errors.NORM_OF_NOTHING, ord, "an empty tensor because")
        for each in dim:
            along = f"the dimension {each}because this dimension is empty and"
            demand(self.shape[axis(self.ndim, each)], errors.NORM_OF_NOTHING, ord, along)
    size, dims = np.abs(self.astype(np.float32 if kind == np.float16 else kind)), axes(self.ndim, dim)
    if ord == 0:
        out = np.sum(size != 0, dims, keepdims=keepdim)
    elif math.isinf(ord):
        out = (np.max if ord > 0 else np.min)(size, dims, keepdims=keepdim)
    elif ord == 2:
        out = np.sqrt(np.sum(size * size, dims, keepdims=keepdim))
    else:
        out = np.sum(size**ord, dims, keepdims=keepdim) ** (1 / ord)
    return out.astype(kind)


def _norm_slope(grad, dim, keepdim, ord, result, self):
    grad, norm = (restored(each, dim, keepdim, self.shape) for each in (grad, result))
    if ord == 0:  # how many are not zero: PyTorch sends no gradient for that, not even zeros
        return None
    if ord == 1:
        return sign(self) * grad
    if ord == 2:
        return grad * masked_fill(self / norm, norm == 0, 0)
    if math.isinf(ord):
        largest = abs(self) == norm
        return sign(self) * (grad / sum_dim(largest, dim, True) * largest)
    # At zero, where the slope of a norm is not defined, PyTorch takes zero.
    steep = masked_fill(grad / pow(norm, ord - 1), norm == 0, 0)
    if ord < 2:
        lifted = sign(self) * pow(abs(self), ord - 1)
        return (masked_fill(lifted, self == 0, 0) if ord < 1 else lifted) * steep
    return self * pow(abs(self), ord - 2) * steep

vector_norm.gradient(self=_norm_slope)


def norm(
    input: Tensor, p: float | str | None = "fro", dim: Dims | None = None, keepdim: bool = False,
    dtype: dtypes.dtype | None = None,
) -> Tensor:  # fmt: skip
    """The length of all elements, or along `dim`: the p-th root of the sum of p-th powers (`torch.norm`).

    >>> from autograd_core import tensor
    >>> norm(tensor([3.0, -4.0])), norm(tensor([3.0, -4.0]), p=1)
    (tensor(5.), tensor(7.))
    """
    known = not isinstance(p, str) or p == "fro"
    demand(known, "autograd_core has no norm {!r}; p may be a number or 'fro'", p)
    return vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype)
