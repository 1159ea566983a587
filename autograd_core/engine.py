"""backward() and grad(): walk the graph from the outputs to the leaves.

1. Count, for each node that can be reached, how many edges lead to it.
2. Run the nodes, the newest first: what flows into a node comes from newer ones, so all of it has
   arrived. Only a leaf's node is older than all and runs earlier, with the last gradient it waits for.
3. A node's gradients go along its edges and are added up where several meet.

The graph is walked with loops, never recursion: a chain of a million operations is fine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy import ndarray

from . import errors
from .dtypes import FROM_NUMPY
from .errors import demand
from .frames import warn
from .graph import LATEST, NOWHERE, AccumulateGrad, Arrived, Edge, GraphTask, Node, gradient_edge
from .graph import node_of
from .hooks import handed, retain_grad
from .modes import modes, set_grad_enabled
from .observe import slot, telling
from .quiet import SILENT, hush, speak
from .ops.conversion import convert
from .ops.filling import zeros_like
from .ops.reductions import sum_all, sum_dim, total
from .ops.viewing import of_array
from .tensor import Tensor, wrap


class GradientEdge(NamedTuple):
    """Where a tensor's gradient goes: an output of a node (`torch.autograd.graph.GradientEdge`)."""

    node: Node
    output_nr: int
    ownership_token: None = None  # with it PyTorch keeps alive what here the node itself keeps


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge that stands for this tensor in the graph (`torch.autograd.graph.get_gradient_edge`)."""
    demand(tensor.requires_grad, errors.NO_GRADIENT_EDGE)
    return GradientEdge(node_of(tensor), tensor._output_nr)


@telling
def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None, create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:  # fmt: skip
    """Add the gradients of `tensors` to the `.grad` of every leaf they depend on, or of `inputs` alone.

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
    if inputs is not None:
        inputs = _listed(inputs)
        demand(inputs, "`inputs` argument to `backward()` cannot be empty.")
    _start(tensors, grad_tensors, retain_graph, create_graph, inputs, accumulate=True)


@telling
def grad(
    outputs: Tensor | Sequence[Tensor], inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None, create_graph: bool = False, only_inputs: bool = True,
    allow_unused: bool | None = None, is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    """The gradients of `outputs` with respect to `inputs`; no `.grad` is touched.

    Follows `torch.autograd.grad`. Raises RuntimeError as `backward` does, and for an input that the
    outputs do not depend on, unless `allow_unused` (then None) or `materialize_grads` (then zeros).

    >>> from autograd_core import tensor
    >>> a = tensor(3.0, requires_grad=True)
    >>> first, = grad(a * a * a, a, create_graph=True)
    >>> grad(first, a)
    (tensor(18.),)
    """
    if not only_inputs:
        warn(errors.ONLY_INPUTS, FutureWarning)
    if is_grads_batched:
        raise RuntimeError("is_grads_batched=True needs vmap, which autograd_core does not have")
    if materialize_grads and allow_unused is False:
        raise ValueError(errors.UNUSED_BUT_MATERIALIZED)
    inputs = _listed(inputs)
    demand(inputs, "`inputs` argument to `grad()` cannot be empty.")
    grads = _start(outputs, grad_outputs, retain_graph, create_graph, inputs, accumulate=False)
    for position, (each, gradient) in enumerate(zip(inputs, grads)):
        if gradient is None and materialize_grads:
            grads[position] = zeros_like(each)
        demand(grads[position] is not None or allow_unused, errors.UNUSED_INPUT, position)
    return tuple(grads)


def _listed(tensors: object) -> list:
    return [tensors] if isinstance(tensors, (Tensor, GradientEdge)) else list(tensors)


def _edge_of(tensor: Tensor | GradientEdge) -> Edge | None:
    return tensor[:2] if isinstance(tensor, GradientEdge) else gradient_edge(tensor)


def _root_edge(position: int, root: Tensor | GradientEdge) -> Edge:
    edge = _edge_of(root)
    demand(edge is not None and edge is not NOWHERE, errors.NO_GRAD_FN, position)
    return edge


def _target_edge(target: Tensor | GradientEdge, accumulate: bool) -> Edge:
    if accumulate and isinstance(target, Tensor):
        retain_grad(target)
    edge = _edge_of(target)
    demand(edge is not None, "One of the differentiated Tensors does not require grad")
    return (Node(()), 0) if edge is NOWHERE else edge  # a node that no graph leads to


def _start(
    tensors: object, grad_tensors: object, retain_graph: bool | None, create_graph: bool,
    inputs: list | None, accumulate: bool,
) -> list[Tensor | None]:  # fmt: skip
    """Check what the user gave, in PyTorch's order, and run. Returns the gradients of `inputs`."""
    roots = _listed(tensors)
    if grad_tensors is None or isinstance(grad_tensors, Tensor):
        grad_tensors = [grad_tensors] * len(roots)
    grad_tensors = list(grad_tensors)[: len(roots)]
    for each in grad_tensors:
        kind = type(each).__name__
        demand(isinstance(each, Tensor | None), errors.GRADIENT_OF_WHAT, kind, kind=TypeError)
    demand(len(grad_tensors) == len(roots), errors.FEW_GRADIENTS, len(roots), len(grad_tensors))
    if slot.listener is not None:
        slot.listener.backward_started([each for each in roots if isinstance(each, Tensor)])
    try:
        grads = [_root_gradient(i, *pair) for i, pair in enumerate(zip(roots, grad_tensors))]
        if slot.listener is not None and create_graph:
            for grad, given, root in zip(grads, grad_tensors, roots):
                if grad is not None and given is None:
                    slot.listener.made_by_backward(grad, root, "first gradient")
        edges = [_root_edge(i, root) for i, root in enumerate(roots)]
        for each in inputs or ():
            if not isinstance(each, (Tensor, GradientEdge)):
                raise RuntimeError(errors.NO_INPUT.format(type(each).__name__))
        targets = None if inputs is None else [_target_edge(each, accumulate) for each in inputs]
        if create_graph and accumulate:
            warn(errors.CREATE_GRAPH_CYCLE)
        keep = create_graph if retain_graph is None else retain_graph
        found = run(edges, grads, keep, create_graph, targets, accumulate)
    except BaseException as error:
        if slot.listener is not None:
            slot.listener.failed(error, None)
        raise
    results = [found.get(edge) for edge in targets or ()]
    if slot.listener is not None:
        slot.listener.backward_ended()
        for each in dict.fromkeys(results):
            if each is not None:
                slot.listener.created(each, "grad")
    return results


def _root_gradient(position: int, root: Tensor | GradientEdge, grad: object) -> Tensor | None:
    """The gradient to start with: what was given, or one for a scalar."""
    if isinstance(root, GradientEdge):
        shape, dtype = root.node.outputs[root.output_nr]
    else:
        demand(isinstance(root, Tensor), "Expected output to be a Tensor", kind=AssertionError)
        shape, dtype = root._array.shape, root._array.dtype
    if grad is None:
        if isinstance(root, Tensor) and not root.requires_grad:
            return None
        demand(math.prod(shape) == 1, "grad can be implicitly created only for scalar outputs")
        return wrap(np.ones(shape, dtype))
    demand(grad._array.shape == shape, errors.ROOT_SHAPE, position, grad._array.shape, shape)
    return grad


def run(
    roots: Sequence[Edge], grads: Sequence[Tensor], keep_graph: bool, create_graph: bool,
    targets: Sequence[Edge] | None = None, accumulate: bool = True,
) -> dict[Edge, Tensor]:  # fmt: skip
    """Run the nodes from `roots` on; with `targets`, only those that lead to them.

    Gradients are tensors where `create_graph`, else arrays. Returns the gradients at the targets, if
    they are not to be accumulated.
    """
    waiting = _count_edges(roots)
    useful = running = None
    if targets is not None:
        useful, running = _on_the_way(waiting, {node for node, _ in targets}, accumulate)
        waiting = _count_edges(roots, running)
    found: dict[Edge, Tensor] = {}
    # One gradient at two targets is one tensor, and what was given is handed on as it is.
    results = {id(grad._array): grad for grad in grads}
    arrived: dict[Node, Arrived] = {}
    node = None
    before, token = (modes.formulas, modes.task), hush(SILENT)
    try:
        with set_grad_enabled(create_graph):
            modes.formulas = not create_graph
            leaves = () if accumulate else {n for n, _ in targets if isinstance(n, AccumulateGrad)}
            alone = roots[0][0] if len(roots) == 1 and not waiting[roots[0][0]] else None
            modes.task = GraphTask(waiting, useful, leaves, alone)
            # Kept in a list until the end: a gradient that came from outside is nobody's to write.
            values = [_root_value(grad, *root, create_graph) for root, grad in zip(roots, grads)]
            for (node, output_nr), value in zip(roots, values):
                # A root that stands alone meets its hooks even where nothing behind it is asked for.
                if useful is None or node in useful or len(roots) == 1:
                    held = arrived.setdefault(node, Arrived([None] * len(node.outputs)))
                    held.add(output_nr, value)
            # Leaves' nodes have no turn of their own: they run as soon as nothing more will come, and so does
            # what has no derivative.
            pending, to_come = sorted(waiting, key=attrgetter("sequence_nr")), {}
            while pending and pending[-1].sequence_nr == LATEST:
                node = pending.pop()
                to_come[node] = waiting[node]
            complete = [node for node in arrived if to_come.get(node) == 0]
            while complete or pending:
                node = complete.pop(0) if complete else pending.pop()
                grads_in = arrived.pop(node, None)
                if grads_in is None:  # nothing that was asked for lies behind it
                    continue
                hooks, seen = node.hooks, None
                if hooks is not None or running is not None:
                    runs = running is None or node in running
                    # PyTorch takes what `grad` returns before the hooks, where the node runs afterwards.
                    if hooks is not None and not runs:
                        hooks.run_on_tensors(node, grads_in, create_graph)
                    if not accumulate:
                        for edge in targets:
                            if edge[0] is node and grads_in[edge[1]] is not None:
                                grad = grads_in[edge[1]]
                                result = _as_result(grad, grads_in.writes)
                                found[edge] = results.setdefault(id(grad), result)
                    if not runs:
                        continue
                    if hooks is not None:
                        hooks.run_on_tensors(node, grads_in, create_graph)
                        hooks.run_before(node, grads_in, create_graph)
                    if hooks is not None and hooks.after:  # else nobody is to hold them meanwhile
                        seen = handed(grads_in, node)
                asked = node.followers if useful is None else node.asked()
                grads_out = node.apply(grads_in, create_graph, asked)
                carried = None
                if seen is not None or slot.listener is not None or grads_in.writes or modes.anomaly:
                    grads_out = _fitted(node, grads_out, asked)
                    if seen is not None:
                        hooks.run_after(node, grads_out, seen, create_graph)
                    if modes.anomaly and modes.check_nan:
                        _check_nan(node, grads_out)
                    if slot.listener is not None:
                        slot.listener.node_ran(node, grads_in, grads_out)
                    carried = _carried(grads_in, grads_out) if grads_in.writes else None
                # What arrived here has done its work: whoever gets it next may be its only holder.
                grads_in = seen = None
                for index, follower in enumerate(asked):
                    if follower is None:
                        continue
                    # A gradient is taken out before it arrives, to be seen there whether it is alone.
                    grad, grads_out[index] = grads_out[index], None
                    outputs = follower.outputs
                    output_nr = node.output_nrs[index] if len(outputs) > 1 else 0
                    if grad is not None:
                        shape, kind = outputs[output_nr]
                        if type(grad) is not ndarray or grad.shape != shape or grad.dtype is not kind:
                            grad = fit(grad, outputs[output_nr], node, index)
                    held = arrived.get(follower)
                    if held is None and carried is None and len(outputs) == 1:
                        held = arrived[follower] = Arrived((grad,))
                    else:
                        if held is None:
                            held = arrived[follower] = Arrived([None] * len(outputs))
                        held.add(output_nr, grad, carried[index] if carried else 0)
                    if follower in to_come:
                        to_come[follower] -= 1
                        if not to_come[follower]:
                            complete.append(follower)
                grad = None
                if not keep_graph:
                    node.release()
    except BaseException as error:
        if slot.listener is not None:
            slot.listener.failed(error, node)
        if modes.anomaly and node is not None:
            _tell_where_made(node)
        raise
    finally:
        modes.formulas, modes.task = before
        speak(token)
    return found


def _fitted(node: Node, grads: list, asked: Sequence[Node | None]) -> list:
    """The gradients in the shapes and types of where they go, None for those that go nowhere."""
    return [
        fit(grad, follower.outputs[output_nr], node, index)
        if grad is not None and follower is not None
        else None
        for index, (grad, follower, output_nr) in enumerate(zip(grads, asked, node.output_nrs))
    ]


def _check_nan(node: Node, grads: list) -> None:
    """Raise RuntimeError for a nan among the gradients that a node hands on, hooks included."""
    for index, grad in enumerate(grads):
        if grad is not None and np.isnan(getattr(grad, "_array", grad)).any():
            raise RuntimeError(errors.NAN_GRADIENT.format(node.name(), index))


def _tell_where_made(node: Node) -> None:
    """Say at which node a backward failed, and which lines of the forward made it, if that is known."""
    lines = node.metadata.get("traceback_")
    told = errors.NO_FORWARD if lines is None else errors.FAILED_FORWARD.format("".join(lines))
    warn(f"Error detected in {node.name()}. {told}")


def _root_value(grad: Tensor, node: Node, output_nr: int, on_tensors: bool) -> object:
    return fit(grad if on_tensors else grad._array, node.outputs[output_nr])


def _count_edges(roots: Sequence[Edge], running: set[Node] | None = None) -> dict[Node, int]:
    """For each node that can be reached, how many gradients it has to wait for."""
    waiting: dict[Node, int] = {node: 0 for node, _ in roots}
    unseen = list(waiting)
    while unseen:
        node = unseen.pop()
        if running is not None and node not in running:
            continue
        for follower in node.followers:
            if follower is not None:
                if follower in waiting:
                    waiting[follower] += 1
                else:
                    waiting[follower] = 1
                    unseen.append(follower)
    return waiting


def _on_the_way(
    nodes: dict[Node, int], targets: set[Node], accumulate: bool
) -> tuple[set[Node], set[Node]]:
    """Which of the nodes lead to a target or are one, and which have to run for that."""
    useful, running = set(), set()
    # Edges lead from newer nodes to older ones, so in this order a node comes after those behind it.
    for node in sorted(nodes, key=age):
        if not useful.isdisjoint(node.followers):
            running.add(node)
            useful.add(node)
        if node in targets:
            useful.add(node)
            if accumulate:
                running.add(node)
    return useful, running


def age(node: Node) -> int:
    """Sorts nodes from the oldest on, the leaves' nodes before all others."""
    return -1 if isinstance(node, AccumulateGrad) else Node.sequence_nr.__get__(node)


def _carried(arrived: Arrived, grads: list) -> list[int]:
    """For each gradient that goes on, how often its memory was written here."""
    here = [each for each in arrived if isinstance(each, np.ndarray)]
    return [
        arrived.writes * any(isinstance(g, np.ndarray) and np.may_share_memory(g, h) for h in here)
        for g in grads
    ]


def _as_result(grad: np.ndarray | Tensor, writes: int) -> Tensor:
    """The gradient as `grad` returns it; its version tells how often others were added to it."""
    if isinstance(grad, Tensor):
        return grad
    out = of_array(grad)
    if writes:
        out._counter.value += writes
    return out


def fit(
    grad: object, output: tuple[tuple[int, ...], np.dtype], node: Node | None = None, index: int = 0
) -> object:
    """Bring a gradient to the shape and type of the output it belongs to.

    An input that was broadcast got its gradient in the larger shape: it is summed back here, for all
    operations at once, as PyTorch's engine does (`validate_outputs`). Raises RuntimeError where the
    shape does not fit; `node` and `index` say whose it was.
    """
    shape, dtype = output
    if grad.shape != shape:
        if not _is_stretched(grad.shape, shape):
            whose = "" if node is None else f"Function {node.name()} returned an "
            told = f"{whose}invalid", index, list(grad.shape), list(shape)
            raise RuntimeError(errors.INVALID_GRADIENT.format(*told))
        if not shape:
            grad = sum_all(grad)
        else:
            extra = len(grad.shape) - len(shape)
            stretched = [i + extra for i, n in enumerate(shape) if n == 1 != grad.shape[i + extra]]
            summed = sum_dim if isinstance(grad, Tensor) else total
            grad = summed(grad, (*range(extra), *stretched), True).reshape(shape)
    if isinstance(grad, Tensor):
        return grad if grad._array.dtype == dtype else convert(grad, FROM_NUMPY[dtype])
    return grad if grad.dtype == dtype and type(grad) is np.ndarray else np.asarray(grad, dtype)


def _is_stretched(stretched: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Can the second shape be broadcast to the first?"""
    extra = len(stretched) - len(shape)
    return extra >= 0 and all(n in (1, m) for n, m in zip(shape, stretched[extra:]))
