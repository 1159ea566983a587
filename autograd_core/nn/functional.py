"""The names of `torch.nn.functional` that this core has. `inplace=True` writes the result into `input`."""

from __future__ import annotations

from ..inplace import in_place as _in_place
from ..ops import activations
from ..ops.activations import gelu, log_softmax, sigmoid, softmax, softplus
from ..ops.trigonometry import tanh
from ..tensor import Tensor

relu_ = _in_place(activations.relu)
leaky_relu_ = _in_place(activations.leaky_relu_over)
elu_ = _in_place(activations.elu_over)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """What is above zero of each element (`torch.nn.functional.relu`)."""
    return relu_(input) if inplace else activations.relu(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Each element, times `negative_slope` where it is below zero."""
    return (leaky_relu_ if inplace else activations.leaky_relu)(input, negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Each element, or `alpha * (exp(x) - 1)` where it is below zero."""
    return (elu_ if inplace else activations.elu)(input, alpha)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Each element times its sigmoid (`torch.nn.functional.silu`)."""
    return (_in_place(activations.silu) if inplace else activations.silu)(input)
