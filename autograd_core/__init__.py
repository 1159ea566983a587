"""autograd_core: PyTorch's autograd on NumPy, small enough to read, that draws itself.

    import autograd_core as torch

runs a lesson's code. The names are PyTorch's.
"""

import importlib as _importlib

from . import methods as _methods  # joins Tensor and the operations
from . import tracebacks as _tracebacks
from . import autograd, nn
from .detach import detach
from .devices import device
from .dtypes import bool, double, dtype, float, float16, float32, float64, get_default_dtype, half
from .dtypes import int, int8, int16, int32, int64, long, set_default_dtype, short, uint8
from .formatting import set_printoptions
from .modes import enable_grad, inference_mode, is_anomaly_check_nan_enabled, is_anomaly_enabled
from .modes import is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled
from .ops.activations import erf, log_softmax, relu, sigmoid, softmax
from .ops.arithmetic import addcmul, div, floor_divide, fmod, lerp, remainder
from .ops.comparison import allclose, bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or
from .ops.comparison import bitwise_right_shift, bitwise_xor, eq, equal, ge, gt, isfinite, isinf
from .ops.comparison import isnan, le, logical_and, logical_not, logical_or, logical_xor, lt
from .ops.comparison import masked_fill, ne
from .ops.conversion import as_tensor, is_floating_point
from .ops.creation import from_numpy, tensor
from .ops.elementwise import acos, add, asin, atan, atan2, cos, cosh, exp, exp2, expm1, hypot, log
from .ops.elementwise import log1p, log2, log10, mul, neg, pow, reciprocal, rsqrt, sin, sinh, sqrt
from .ops.elementwise import square, sub, tan, tanh
from .ops.filling import arange, empty, empty_like, eye, full, full_like, linspace, ones, ones_like
from .ops.filling import zeros, zeros_like
from .ops.gathering import gather, index_add, index_select, scatter, scatter_add
from .ops.indexing import index_put, masked_select, where
from .ops.joining import cat, chunk, flip, roll, split, stack, unbind
from .ops.einsum import einsum
from .ops.matmul import addmm, bmm, diag, dot, matmul, mm, mv, outer, trace, tril, triu
from .ops.ordering import argmax, argmin, argsort, max, median, min, sort, topk
from .ops.random import Generator, manual_seed, rand, rand_like, randint, randint_like, randn
from .ops.random import randn_like, randperm
from .ops.reductions import all, amax, amin, any, logsumexp, mean, norm, std, sum, var
from .ops.scans import cumprod, cumsum, prod
from .ops.rounding import abs, ceil, clamp, floor, maximum, minimum, round, sign, trunc
from .ops.rounding import clamp as clip
from .ops.views import clone, diagonal, flatten, movedim, narrow, permute, reshape, select, squeeze
from .ops.views import t, transpose, unflatten, unsqueeze
from .ops.views import expand as broadcast_to
from .ops.viewing import as_strided
from .tensor import Size, Tensor, is_inference

# The twins that write into their first argument are methods, and functions of the same names.
as_strided_ = Tensor.as_strided_
abs_, acos_, asin_, atan_ = Tensor.abs_, Tensor.acos_, Tensor.asin_, Tensor.atan_
ceil_, clamp_, clip_, cos_ = Tensor.ceil_, Tensor.clamp_, Tensor.clip_, Tensor.cos_
cosh_, detach_, erf_, exp_ = Tensor.cosh_, Tensor.detach_, Tensor.erf_, Tensor.exp_
exp2_, expm1_, fill_, floor_ = Tensor.exp2_, Tensor.expm1_, Tensor.fill_, Tensor.floor_
index_put_ = Tensor.index_put_
log_, log10_, log1p_, log2_ = Tensor.log_, Tensor.log10_, Tensor.log1p_, Tensor.log2_
neg_, reciprocal_, relu_, round_ = Tensor.neg_, Tensor.reciprocal_, Tensor.relu_, Tensor.round_
rsqrt_, sigmoid_, sin_, sinh_ = Tensor.rsqrt_, Tensor.sigmoid_, Tensor.sin_, Tensor.sinh_
sqrt_, square_, tan_, tanh_ = Tensor.sqrt_, Tensor.square_, Tensor.tan_, Tensor.tanh_
trunc_, zero_ = Tensor.trunc_, Tensor.zero_

__version__ = "0.1.0"

_tracebacks.shorten_in_ipython()

# What watches the core is loaded when it is first asked for: the core works without it.
_WATCHING = {
    "record": ".showing", "Trace": ".showing",
    "explain": ".recording.explain", "repairs": ".recording.repairs",
    "Player": ".widgets.player", "predict": ".widgets.predict", "playground": ".widgets.playground",
    "picture": ".drawing.picture", "lanes": ".drawing.timeline",
    "draw": ".drawing.live", "beside": ".drawing.beside",
}  # fmt: skip


def load_ipython_extension(ipython: object) -> None:
    """What `%load_ext autograd_core` calls: it brings the cell magic `%%autograd`."""
    _importlib.import_module(".magic", __name__).load(ipython)


def __getattr__(name: str) -> object:
    if name not in _WATCHING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    _importlib.import_module(".showing", __name__)  # where a trace learns to show itself
    return getattr(_importlib.import_module(_WATCHING[name], __name__), name)
