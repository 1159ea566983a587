"""The names of `torch.autograd.graph`."""

from ..engine import GradientEdge, get_gradient_edge
from ..graph import Node
