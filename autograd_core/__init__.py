"""autograd_core: PyTorch's autograd on NumPy, small enough to read, that draws itself.

    import autograd_core as torch

runs a lesson's code. The names are PyTorch's.
"""

import importlib as _importlib
import warnings as _warnings

from . import methods as _methods  # joins Tensor and the operations
from . import tracebacks as _tracebacks
from . import autograd
from .dtypes import (
    bool,
    double,
    dtype,
    float,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    int,
    int8,
    int16,
    int32,
    int64,
    long,
    set_default_dtype,
    short,
    uint8,
)
from .modes import (
    enable_grad,
    inference_mode,
    is_anomaly_check_nan_enabled,
    is_anomaly_enabled,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .ops.comparison import eq, ge, gt, le, lt, ne, where
from .ops.creation import ones, ones_like, tensor, zeros, zeros_like
from .ops.elementwise import (
    add,
    cos,
    div,
    exp,
    log,
    mul,
    neg,
    pow,
    reciprocal,
    sigmoid,
    sin,
    sub,
)
from .ops.reductions import sum
from .tensor import Size, Tensor

__version__ = "0.1.0"

# PyTorch says nothing when numbers overflow or become nan. NumPy warns; not from our own lines, though,
# and `np.errstate` around each small operation would cost more than the operation.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=__name__)

_tracebacks.shorten_in_ipython()

# What watches the core is loaded when it is first asked for: the core works without it.
_WATCHING = {
    "record": ".showing",
    "Trace": ".showing",
    "Player": ".widgets.player",
    "picture": ".drawing.picture",
}


def __getattr__(name: str) -> object:
    if name not in _WATCHING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_importlib.import_module(_WATCHING[name], __name__), name)
