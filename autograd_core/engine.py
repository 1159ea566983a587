"""backward() and grad(): walk the graph from the outputs to the leaves.

1. Count, for each node that can be reached, how many edges lead to it.
2. Run the nodes: a node is ready when all that flows into it has arrived; of the ready ones, the one
   that was made last runs first.
3. A node's gradients go along its edges and are added up where several meet.

The graph is walked with loops, never recursion: a chain of a million operations is fine.
"""

from __future__ import annotations

import heapq
import weakref
from collections.abc import Sequence

import numpy as np

from . import errors
from .graph import Arrived, Edge, Node, gradient_edge, is_alone
from .modes import modes, set_grad_enabled
from .observe import slot
from .ops.reductions import sum_all, sum_dim
from .ops.views import reshape
from .tensor import Tensor, wrap


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Add the gradients of `tensors` to the `.grad` of every leaf they depend on.

    Each tensor that is no scalar needs a gradient of its own shape in `grad_tensors`. The graph is
    freed unless `retain_graph` (by default: `create_graph`). Follows `torch.autograd.backward`.
    Raises RuntimeError for a tensor without history, a gradient of another shape, a saved tensor
    that was written meanwhile, and a graph that was freed.

    >>> from autograd_core import tensor
    >>> a = tensor(3.0, requires_grad=True)
    >>> backward(a * a)
    >>> a.grad
    tensor(6.)
    """
    roots = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    if grad_tensors is None or isinstance(grad_tensors, Tensor):
        grad_tensors = [grad_tensors] * len(roots)
    if slot.listener is not None:
        slot.listener.backward_started(roots)
    try:
        grads = [_root_gradient(i, *pair) for i, pair in enumerate(zip(roots, grad_tensors))]
        keep = create_graph if retain_graph is None else retain_graph
        run(_root_edges(roots), grads, keep_graph=keep, create_graph=create_graph)
    except BaseException as error:
        if slot.listener is not None:
            slot.listener.failed(error, None)
        raise
    if slot.listener is not None:
        slot.listener.backward_ended()


def _root_edges(roots: Sequence[Tensor]) -> list[Edge]:
    """Where the first gradients go. Raises RuntimeError for a tensor without history."""
    edges = [gradient_edge(root) for root in roots]
    if None in edges:
        raise errors.no_grad_fn(edges.index(None))
    return edges


def _root_gradient(position: int, root: Tensor, grad: object) -> Tensor | None:
    """The gradient to start with: what was given, or one for a scalar."""
    if grad is None:
        if not root.requires_grad:
            return None
        if root._array.size != 1:
            raise RuntimeError(errors.NON_SCALAR_BACKWARD)
        return wrap(np.ones_like(root._array))
    if not isinstance(grad, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(grad).__name__}")
    if grad._array.shape != root._array.shape:
        raise errors.root_shape_mismatch(position, grad._array.shape, root._array.shape)
    return grad


def run(
    roots: Sequence[Edge], grads: Sequence[Tensor], *, keep_graph: bool, create_graph: bool
) -> None:
    """Run the nodes from `roots` on. Gradients are tensors where `create_graph`, else arrays."""
    waiting = _count_edges(roots)
    arrived: dict[Node, Arrived] = {}
    for (node, output_nr), grad in zip(roots, grads):
        _arrive(arrived, node, output_nr, grad if create_graph else grad._array)
    # The newest node first; the count only breaks ties, for nodes do not compare.
    ready = [(-node.sequence_nr, i, node) for i, node in enumerate(arrived) if not waiting[node]]
    heapq.heapify(ready)
    ties = len(ready)
    node = None
    formulas = modes.formulas
    try:
        with set_grad_enabled(create_graph), np.errstate(all="ignore"):
            modes.formulas = not create_graph
            while ready:
                _, _, node = heapq.heappop(ready)
                grads_in = arrived.pop(node)
                if node.retained is not None:
                    _retain(node, grads_in, create_graph)
                grads_out = node.apply(grads_in, create_graph)
                if slot.listener is not None:
                    slot.listener.node_ran(node, grads_in, grads_out)
                if not keep_graph:
                    node.release()
                for follower in _send(node, grads_out, arrived):
                    waiting[follower] -= 1
                    if not waiting[follower]:
                        ties += 1
                        heapq.heappush(ready, (-follower.sequence_nr, ties, follower))
    except BaseException as error:
        if slot.listener is not None:
            slot.listener.failed(error, node)
        raise
    finally:
        modes.formulas = formulas


def _count_edges(roots: Sequence[Edge]) -> dict[Node, int]:
    """For each node that can be reached, how many gradients it has to wait for."""
    waiting: dict[Node, int] = {node: 0 for node, _ in roots}
    unseen = list(waiting)
    while unseen:
        for edge in unseen.pop().edges:
            if edge is not None:
                node = edge[0]
                if node not in waiting:
                    waiting[node] = 0
                    unseen.append(node)
                waiting[node] += 1
    return waiting


def _send(node: Node, grads: list, arrived: dict[Node, Arrived]) -> list[Node]:
    """Let each gradient arrive where its edge leads; return the nodes there.

    Each is taken out of `grads` before it arrives, so that it is seen there whether it is alone.
    """
    followers = []
    for index, edge in enumerate(node.edges):
        if edge is not None:
            grad, grads[index] = grads[index], None
            follower, output_nr = edge
            if grad is not None:
                grad = fit(grad, follower.outputs[output_nr])
            _arrive(arrived, follower, output_nr, grad)
            followers.append(follower)
    return followers


def _arrive(arrived: dict[Node, Arrived], node: Node, output_nr: int, grad: object) -> None:
    """Add a gradient to what has arrived at one output of a node. None adds nothing."""
    grads = arrived.get(node)
    if grads is None:
        grads = arrived[node] = Arrived([None] * len(node.outputs))
    if grads[output_nr] is None:
        grads[output_nr] = grad
    elif grad is not None:
        if type(grad) is np.ndarray and _is_ours(grads, output_nr):
            grads[output_nr] += grad
            grads.writes += 1
        else:
            grads[output_nr] = grads[output_nr] + grad


def _is_ours(grads: Arrived, index: int) -> bool:
    """May this array be added to in place? PyTorch asks the same of its reference counts."""
    return is_alone(grads, index) and type(grads[index]) is np.ndarray and grads[index].base is None


def _retain(node: Node, grads: list, on_tensors: bool) -> None:
    """Give the outputs on which retain_grad was called the gradient that is now complete."""
    for output_nr, reference in node.retained.items():
        tensor, grad = reference(), grads[output_nr]
        if tensor is not None and grad is not None:
            grad = grad if on_tensors else wrap(np.array(grad))
            tensor._grad = grad if tensor._grad is None else tensor._grad + grad
            if slot.listener is not None:
                slot.listener.accumulated(tensor)


def fit(grad: object, output: tuple[tuple[int, ...], np.dtype]) -> object:
    """Bring a gradient to the shape and type of the output it belongs to.

    An input that was broadcast got its gradient in the larger shape: it is summed back here, for all
    operations at once, as PyTorch's engine does (`validate_outputs`).
    """
    shape, dtype = output
    if grad.shape != shape:
        if not shape:
            grad = sum_all(grad)
        else:
            extra = len(grad.shape) - len(shape)
            stretched = [i + extra for i, n in enumerate(shape) if n == 1 != grad.shape[i + extra]]
            grad = reshape(sum_dim(grad, (*range(extra), *stretched), True), shape)
    if isinstance(grad, Tensor):
        return grad if grad._array.dtype == dtype else grad.to(dtype)
    return grad if grad.dtype == dtype and type(grad) is np.ndarray else np.asarray(grad, dtype)


def retain_grad(self: Tensor) -> None:
    """Keep this tensor's gradient in `.grad` although it is no leaf (`torch.Tensor.retain_grad`).

    Raises RuntimeError on a tensor that does not require grad.
    """
    if not self.requires_grad:
        raise RuntimeError(errors.RETAIN_WITHOUT_GRAD)
    if self.grad_fn is None or self._retains_grad:
        return
    self._retains_grad = True
    node = self._grad_fn
    if node.retained is None:
        node.retained = {}
    node.retained[self._output_nr] = weakref.ref(self)
    if slot.listener is not None:
        slot.listener.changed(self, "retain_grad")
