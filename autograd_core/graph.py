"""Nodes and edges: the graph that backward walks.

A node stands for one operation that ran. Its edges (`next_functions`) lead to the nodes that made its
inputs, so gradients flow along them from outputs to inputs. The surprising idea: a leaf has a node
too, `AccumulateGrad`, which does not compute anything but adds what arrives to the leaf's `.grad`.
The leaf knows it by a weak reference only, or every leaf would be a reference cycle.
"""

from __future__ import annotations

import itertools
import sys
import weakref

import numpy as np

from .observe import slot
from .tensor import Tensor, wrap

# (node, which of the node's outputs): where a gradient goes next.
Edge = tuple["Node", int]

_sequence = itertools.count()


class Node:
    """One operation in the graph (`torch.autograd.graph.Node`).

    `outputs` says the shape and dtype of each of its outputs, so that the engine can hold the
    gradients that arrive against them.
    """

    edges: tuple[Edge | None, ...] = ()
    outputs: tuple[tuple[tuple[int, ...], np.dtype], ...] = ()
    sequence_nr: int = 0
    retained: dict[int, weakref.ref[Tensor]] | None = None  # outputs on which retain_grad was called

    def __init__(self, edges: tuple[Edge | None, ...]) -> None:
        self.edges = edges
        self.sequence_nr = next(_sequence)

    def name(self) -> str:
        """PyTorch's name of the node, such as `MulBackward0`."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes that made this node's inputs; `(None, 0)` where an input needs no gradient."""
        return tuple((None, 0) if edge is None else edge for edge in self.edges)

    def apply(self, grads: list, on_tensors: bool) -> tuple:
        """Turn the gradients of the outputs into the gradients of the inputs, one per edge.

        Gradients are arrays, or tensors where `on_tensors` (so that a graph of the backward itself is
        built). None stands for zeros that nobody needs to write out.
        """
        raise NotImplementedError

    def saved(self) -> dict[str, object]:
        """What the node keeps for its backward, by field name."""
        return {}

    def release(self) -> None:
        """Let go of the saved tensors: they are not needed for another backward."""

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


class AccumulateGrad(Node):
    """The end of the road: adds the gradient that arrives to a leaf's `.grad`."""

    sequence_nr = sys.maxsize  # runs as soon as its gradient is complete

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable
        self.outputs = ((variable._array.shape, variable._array.dtype),)

    def apply(self, grads: list, on_tensors: bool) -> tuple:
        (grad,) = grads
        if grad is None:
            return ()
        leaf = self.variable
        if on_tensors:
            leaf._grad = grad if leaf._grad is None else leaf._grad + grad
        elif leaf._grad is None:
            # A copy: the same array may be on its way to another leaf.
            leaf._grad = wrap(np.array(grad))
        else:
            leaf._grad._array += grad
            leaf._grad._counter.value += 1
        if slot.listener is not None:
            slot.listener.accumulated(leaf)
        return ()


def gradient_edge(tensor: Tensor) -> Edge | None:
    """Where the gradient of this tensor goes, or None if it needs none."""
    if tensor._grad_fn is not None:
        return tensor._grad_fn, tensor._output_nr
    if not tensor._requires_grad:
        return None
    node = tensor._accumulate_grad and tensor._accumulate_grad()
    if node is None:
        node = AccumulateGrad(tensor)
        tensor._accumulate_grad = weakref.ref(node)
    return node, 0
