"""The names of `torch.autograd.function`."""

from ..function import Function, FunctionCtx, once_differentiable
