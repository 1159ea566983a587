"""The names of `torch.autograd`."""

from ..engine import backward, grad
from ..modes import enable_grad, no_grad, set_grad_enabled
from . import graph
