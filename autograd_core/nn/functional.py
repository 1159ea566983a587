"""The names of `torch.nn.functional` that this core has. `inplace=True` writes the result into `input`."""

from __future__ import annotations

import warnings as _warnings

from .. import dtypes as _dtypes
from .. import errors as _errors
from ..inplace import in_place as _in_place
from ..ops import activations
from ..ops.activations import gelu, sigmoid
from ..ops.elementwise import tanh
from ..signatures import number_for as _number_for
from ..tensor import Tensor

relu_ = _in_place(activations.relu)
leaky_relu_ = _in_place(activations.leaky_relu_over)
elu_ = _in_place(activations.elu_over)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """What is above zero of each element (`torch.nn.functional.relu`)."""
    return relu_(input) if inplace else activations.relu(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Each element, times `negative_slope` where it is below zero."""
    op = leaky_relu_ if inplace else activations.leaky_relu
    return op(input, _number_for("leaky_relu", "negative_slope", 2, negative_slope))


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Each element, or `alpha * (exp(x) - 1)` where it is below zero."""
    op = elu_ if inplace else activations.elu
    return op(input, _number_for("elu", "alpha", 2, alpha))


def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """`log(1 + exp(beta * x)) / beta`, and x itself where `beta * x` is above the threshold."""
    names = enumerate({"beta": beta, "threshold": threshold}.items(), 2)
    numbers = [_number_for("softplus", name, place, each) for place, (name, each) in names]
    return activations.softplus(input, *numbers)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Each element times its sigmoid (`torch.nn.functional.silu`)."""
    return (_in_place(activations.silu) if inplace else activations.silu)(input)


def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: _dtypes.dtype | None = None
) -> Tensor:
    """Powers of e along `dim`, as shares of their sum. Without `dim` it warns, and takes one."""
    return activations.softmax(input, _dim("softmax", input, dim, _stacklevel), dtype)


def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: _dtypes.dtype | None = None
) -> Tensor:
    """The logarithm of `softmax`, which is finite where that is too small for a number."""
    return activations.log_softmax(input, _dim("log_softmax", input, dim, _stacklevel), dtype)


def _dim(op: str, input: Tensor, dim: int | None, stacklevel: int) -> int:
    """The dimension, or the one that PyTorch once took for granted, by how many there are."""
    if dim is None:
        _warnings.warn(_errors.IMPLICIT_DIM.format(op), stacklevel=stacklevel)
        dim = 0 if input.ndim in (0, 1, 3) else 1
    return dim
