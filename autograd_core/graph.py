"""Nodes and edges: the graph that backward walks.

A node stands for one operation that ran. Its edges (`next_functions`) lead to the nodes that made its
inputs, so gradients flow along them from outputs to inputs. The surprising idea: a leaf has a node
too, `AccumulateGrad`, which does not compute anything but adds what arrives to the leaf's `.grad`.
The leaf knows it by a weak reference only, or every leaf would be a reference cycle.
"""

from __future__ import annotations

import functools
import itertools
import re
import traceback
import weakref
from collections.abc import Callable, Collection, Sequence
from sys import getrefcount

import numpy as np
from numpy import ndarray

from . import errors
from .errors import demand
from .frames import user_frame, warn
from .hooks import Hooks, MultiHandle, RemovableHandle, run_post_accumulate_hooks
from .modes import modes
from .observe import slot
from .storage import Uncounted, is_dense, repeats, room_in_order_of
from .tensor import Tensor, wrap

# (node, which of the node's outputs): where a gradient goes next.
Edge = tuple["Node", int]

# A node's followers, with None for those whose gradient nobody asked for; None for `Node.asked()`.
Asked = Sequence["Node | None"] | None

# Where the gradient goes of a view that requires grad only because its base does. A view that was made
# under no_grad has no history: an operation on it is recorded, as its base requires grad, and leads here.
NOWHERE: Edge = (None, 0)

next_sequence_nr = itertools.count().__next__
LATEST = 2**64 - 1  # a node with this number runs as soon as its gradient is complete


class Node:
    """One operation in the graph (`torch.autograd.graph.Node`).

    `outputs` says the shape and dtype of each of its outputs, so that the engine can hold the
    gradients that arrive against them. Its edges are kept as the nodes that they lead to and which of their
    outputs, and it has slots: so Python makes less for each node of a long graph, and has less to go through
    for cycles, which of a million operations is a quarter of the time of their forward.
    """

    __slots__ = ("followers", "output_nrs", "outputs", "sequence_nr", "hooks", "notes", "__weakref__")
    followers: tuple[Node | None, ...]
    output_nrs: tuple[int, ...]
    outputs: tuple[tuple[tuple[int, ...], np.dtype], ...]
    sequence_nr: int
    variable: Tensor | None = None  # the leaf of an AccumulateGrad
    kind = "Node"  # PyTorch's name of the class
    notes: dict | None  # see `metadata`
    hooks: Hooks | None  # made when the first is registered: most nodes have none

    def __init__(self, edges: tuple[Edge | None, ...]) -> None:
        self.edges, self.outputs, self.hooks, self.notes = edges, (), None, None
        self.sequence_nr = next_sequence_nr()
        if modes.anomaly:
            self.note_traceback()

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__

    def name(self) -> str:
        """PyTorch's name of the node: `MulBackward0`, or `torch::autograd::` and more for its C++ ones."""
        kind = type(self).__name__
        return kind if re.search(r"Backward\d*(_copy)?$", kind) else f"torch::autograd::{kind}"

    @property
    def plain_name(self) -> str:
        """The name as it stands in PyTorch's errors: `Mul`, and for another overload `Pow1`."""
        return re.sub(r"Backward(0?$|(?=[1-9]\d*$))", "", self.name())

    @property
    def edges(self) -> tuple[Edge | None, ...]:
        """Where the gradients of its inputs go; None where an input needs no gradient."""
        pairs = zip(self.followers, self.output_nrs)
        return tuple([None if pair[0] is None else pair for pair in pairs])

    @edges.setter
    def edges(self, edges: Sequence[Edge | None]) -> None:
        self.followers = tuple([edge and edge[0] for edge in edges])  # to nowhere there is no edge
        self.output_nrs = tuple([edge[1] if edge else 0 for edge in edges])

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes that made this node's inputs; `(None, 0)` where an input needs no gradient."""
        return tuple((None, 0) if edge is None else edge for edge in self.edges)

    def apply(self, grads: list, on_tensors: bool, asked: Asked = None) -> list:
        """Turn the gradients of the outputs into the gradients of the inputs, one per edge.

        Gradients are arrays, or tensors where `on_tensors` (so that a graph of the backward itself is
        built). None stands for zeros that nobody needs to write out.
        """
        raise NotImplementedError

    def asked(self) -> tuple[Node | None, ...]:
        """Its followers, with None for those that lead to nothing that this backward was asked for."""
        task = modes.task
        if task is None or task.useful is None:
            return self.followers
        return tuple([each if each in task.useful else None for each in self.followers])

    @property
    def requires_grad(self) -> bool:
        return True

    def __call__(self, *grads: Tensor) -> Tensor | tuple[Tensor | None, ...] | None:
        """Run this one node on these gradients, as PyTorch's nodes can be. One result comes alone."""
        flowing = [dtype for _, dtype in self.outputs if dtype.kind == "f"]
        sentence = "expected {} arguments, got {} instead"
        demand(len(grads) == len(flowing), sentence, len(flowing), len(grads), kind=TypeError)
        results = self.apply(Arrived(grads), True)
        return results[0] if len(results) == 1 else tuple(results)

    def own_hooks(self) -> Hooks:
        if self.hooks is None:
            self.hooks = Hooks()
        return self.hooks

    def register_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(grad_inputs, grad_outputs)` after this node ran (`Node.register_hook`)."""
        return RemovableHandle(self.own_hooks().after, hook, self, "after")

    def register_prehook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(grad_outputs)` before this node runs (`Node.register_prehook`)."""
        return RemovableHandle(self.own_hooks().before, hook, self, "before")

    @property
    def metadata(self) -> dict:
        """A place where users, and anomaly mode, keep notes about the node."""
        if self.notes is None:
            self.notes = {}
        return self.notes

    def _sequence_nr(self) -> int:
        return self.sequence_nr

    def note_traceback(self) -> None:
        """Note where the node is made, for anomaly mode."""
        self.metadata["traceback_"] = traceback.format_stack(user_frame())

    def saved(self) -> dict[str, object]:
        """What the node keeps for its backward, by field name."""
        return {}

    def release(self) -> None:
        """Let go of the saved tensors: they are not needed for another backward."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"


class AccumulateGrad(Node):
    """The end of the road: adds the gradient that arrives to a leaf's `.grad`."""

    __slots__ = ("variable",)
    sequence_nr = LATEST

    def __init__(self, variable: Tensor) -> None:
        self.variable, self.hooks, self.notes = variable, None, None
        self.followers = self.output_nrs = ()
        if modes.anomaly:
            self.note_traceback()
        self.outputs = ((variable._array.shape, variable._array.dtype),)

    def apply(self, grads: list, on_tensors: bool, asked: Asked = None) -> list:
        leaf, grad = self.variable, grads[0]
        ours = getrefcount(grad) == ALONE
        if leaf._grad_fn is not None:
            raise RuntimeError("leaf variable has been moved into the graph interior")
        if grad is None:
            return []
        how = None
        if not leaf._requires_grad:  # it may have been detached meanwhile; its hooks run all the same
            pass
        elif leaf._grad is None:
            leaf._grad, how = self.first(grad, ours, grads.writes, on_tensors)
        elif on_tensors:
            leaf._grad, how = leaf._grad + grad, "summed"
        else:
            how = "added"
            if modes.before_write is not None:
                modes.before_write(leaf._grad)
            demand(not repeats(leaf._grad._array), errors.OVERLAPPING_WRITE)
            try:
                leaf._grad._array += grad
            except ValueError:  # the leaf was given `.data` of another shape since
                raise errors.no_room(leaf._grad.shape, grad.shape) from None
            if type(leaf._grad._counter) is Uncounted and not modes.inference:
                raise RuntimeError(errors.INFERENCE_WRITE)
            leaf._grad._counter.value += 1
        if how in ("summed", "added"):
            warn_of_layout(leaf._grad, leaf)
        if slot.listener is not None and how is not None:
            slot.listener.accumulated(leaf, how)
        if leaf._post_accumulate_grad_hooks is not None:
            run_post_accumulate_hooks(leaf)
        return []

    def first(
        self, grad: Tensor | np.ndarray, ours: bool, writes: int, on_tensors: bool
    ) -> tuple[Tensor, str]:
        """The tensor to put into an empty `.grad`: what arrived, if nobody else holds it, or a copy.

        Its version tells which, as in PyTorch: a copy has been written once, and what arrived as often
        as gradients were added to it on the way.
        """
        array = self.variable._array
        as_is = not on_tensors and lies_like(grad, array)
        if as_is and ours and (grad.size or grad.base is None):
            out = wrap(grad if grad.base is None else grad.copy("K"))
            if writes:
                out._counter.value += writes
            return out, "stolen"
        given = grad._array if isinstance(grad, Tensor) else grad
        # Laid out as the leaf is, if that has no gaps; then also of its shape, which `.data` may change.
        dense, dtype = given.size and is_dense(array), given.dtype
        out = wrap(room_in_order_of(array, dtype=dtype) if dense else np.empty(given.shape, dtype))
        if on_tensors:
            if slot.listener is not None:
                slot.listener.made_by_backward(out, self.variable, ".grad")
            return out.copy_(grad), "copied"
        try:
            out._array[...] = grad
        except ValueError:
            raise errors.no_room(out.shape, grad.shape) from None
        out._counter.value = 1
        return out, "copied"


def lies_like(grad: np.ndarray, array: np.ndarray) -> bool:
    """Is a gradient laid out as its leaf is, or row by row where that has gaps?"""
    if grad.strides == array.strides and grad.dtype is array.dtype and array.flags.c_contiguous:
        return True  # as mostly, and found in a third of the time
    if not is_dense(array):
        return grad.flags.c_contiguous
    steps = zip(grad.strides, array.strides, grad.shape)  # in bytes, which differ by type
    return not grad.size or grad.ndim <= array.ndim and all(s * array.itemsize == t * grad.itemsize for s, t, n in steps if n > 1)


def warn_of_layout(grad: Tensor, leaf: Tensor) -> None:
    if grad._array.strides != leaf._array.strides and not lies_like(grad._array, leaf._array):
        seen = [part for each in (grad, leaf) for part in (list(each.shape), list(each.stride()))]
        warn(errors.GRAD_LAYOUT.format(*seen))


class Arrived(list):
    """The gradients that have arrived at a node, one per output; `writes` counts additions in place."""

    writes = 0

    def add(self, output_nr: int, grad: object, writes: int = 0) -> None:
        """Add to what has arrived for this output: in place if nobody else holds it, as PyTorch does.

        `writes` says how often the memory that comes was written. None adds nothing.
        """
        held = self[output_nr]
        if held is None:
            self[output_nr] = grad
            self.writes += writes
        elif grad is None:
            pass
        elif getrefcount(held) == ALONE and type(grad) is ndarray is type(held) and held.base is None:
            held += grad
            self.writes += 1
        else:
            self[output_nr] = held + grad


def references(holder: list) -> int:
    """How many references there are to the first object of a list, seen as `Arrived.add` sees it."""
    first = holder[0]
    return getrefcount(first)


# What `getrefcount(name)` is of an object that only a list holds, and this name: nobody minds if it
# is written or kept.
ALONE = references([object()])


def gradient_edge(tensor: Tensor | object) -> Edge | None:
    """Where the gradient of this tensor goes; None if it needs none, or is a number."""
    if not isinstance(tensor, Tensor):
        return None
    if tensor._view is not None:
        tensor._view.refresh(tensor)
    if tensor._grad_fn is not None:
        return tensor._grad_fn, tensor._output_nr
    if not tensor._requires_grad:
        return NOWHERE if tensor.requires_grad else None
    return leaf_node(tensor), 0


def leaf_node(leaf: Tensor) -> AccumulateGrad:
    """The node at which the gradient of this leaf, which requires grad, is added up."""
    node = leaf._accumulate_grad and leaf._accumulate_grad()
    if node is None:
        node = AccumulateGrad(leaf)
        leaf._accumulate_grad = weakref.ref(node)
        if leaf._hooks is not None:
            node.own_hooks().tensor[0] = leaf._hooks
    return node


def node_of(tensor: Tensor) -> Node:
    """The node that a tensor's gradient arrives at. Raises AssertionError where there is none."""
    edge = gradient_edge(tensor)
    assert edge is not None and edge is not NOWHERE, "Expected gradient function to be set"
    return edge[0]


class GraphTask:
    """One backward under way.

    `reached` are the nodes behind its roots, and of those `useful` the ones that lead to what is asked
    for (None: all). `leaves` are those that it only looks at, as `grad` does; a root may be `alone`.
    """

    def __init__(
        self, reached: Collection[Node], useful: set[Node] | None, leaves: Collection[Node],
        alone: Node | None,
    ) -> None:  # fmt: skip
        self.reached, self.useful, self.leaves, self.alone = reached, useful, leaves, alone

    def will_run(self, node: Node) -> bool:
        """Will this node be run or looked at?

        As in PyTorch there is no answer for leaves that `grad` looks at, and a root that stands alone
        is not counted.
        """
        if node is self.alone or node not in self.reached:
            return False
        demand(node not in self.leaves, errors.LEAF_IN_GRAD)
        return self.useful is None or node in self.useful


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable, *, mode: str = "all"
) -> MultiHandle:
    """Call `fn` when the gradients of all of these tensors are known, or of the first (`mode="any"`).

    With "all" it gets a list of them, in the order of `tensors`, None for those that a backward does
    not reach; with "any" that one gradient. Follows `torch.autograd.graph.register_multi_grad_hook`.
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    if mode == "any":
        tensors = [each for each in tensors if each.requires_grad]
    nodes = [node_of(each) for each in tensors] if mode == "all" else []
    seen: weakref.WeakKeyDictionary[GraphTask, dict[int, Tensor]] = weakref.WeakKeyDictionary()

    def hook(index: int, grad: Tensor) -> None:
        grads = seen.setdefault(modes.task, {})
        grads[index] = grad
        if mode == "any":
            if len(grads) == 1:
                fn(grad)
        elif len(grads) == sum(map(modes.task.will_run, nodes)):
            del seen[modes.task]
            fn([grads.get(i) for i in range(len(nodes))])

    return MultiHandle(
        [each.register_hook(functools.partial(hook, i)) for i, each in enumerate(tensors)]
    )


def set_history(tensor: Tensor, node: Node, output_nr: int = 0) -> None:
    """Make `node` the one that made this tensor; a retained gradient moves along to the new node."""
    if tensor._retains_grad and tensor._grad_fn is not None:
        held = tensor._grad_fn.own_hooks().retained.pop(tensor._output_nr, None)
        if held is not None:  # it stays behind where a tensor turned in place
            node.own_hooks().retained[output_nr] = held
    tensor._grad_fn, tensor._output_nr = node, output_nr
