"""The names of `torch.autograd.graph`."""

from ..engine import GradientEdge, get_gradient_edge
from ..graph import Node, register_multi_grad_hook
from ..saved import allow_mutation_on_saved_tensors, disable_saved_tensors_hooks
from ..saved import saved_tensors_hooks
