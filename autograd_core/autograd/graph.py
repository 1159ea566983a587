"""The names of `torch.autograd.graph`."""

from ..engine import GradientEdge, get_gradient_edge
from ..graph import Node
from ..saved import disable_saved_tensors_hooks, saved_tensors_hooks
