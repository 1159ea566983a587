"""Hear of each node that backward runs.

Hooks of our own are put on all nodes of the graph right before a backward, so that they come after the
user's, and are taken away after it. They look at the gradients and change nothing; nor do they hold on to one,
for PyTorch writes into a gradient, or gives it away, where nobody else has it.
"""

from __future__ import annotations

import functools
import itertools
import re
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch.utils.hooks import RemovableHandle

from ...errors import Mismatch
from .calls import tensors_in
from .memory import grad_fn_of, grad_of, version
from .nodes import Face, face_of, graph, raw_saved

if TYPE_CHECKING:
    from .capture import Capture

MISMATCH = re.compile(r"is at version (\d+); expected version (\d+) instead")
_numbers = itertools.count()


class Handle(RemovableHandle):
    """A handle that tells when its hook is taken away."""

    def remove(self) -> None:
        super().remove()
        number, self.number = getattr(self, "number", None), None
        if number is not None and self.capture.listener is not None:
            self.capture.listener.hook_removed(number)


class Engine:
    """Tells of backwards: when one starts, what each node did in it, and how it ended."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.retaining: list[weakref.ref[torch.Tensor]] = []
        self.nodes: list[object] = []  # those that may run, as long as they may
        self.held_before: set[int] = set()  # of those that retain theirs: who had a gradient already
        self.running: Face | None = None  # the node that has got its gradients, and not passed any on
        self.freeing: Face | None = None  # it has run, and is about to let go of what it saved
        self.grad_before: torch.Tensor | None = None  # what a leaf's `.grad` was before

    # ---- a backward as a whole -----------------------------------------------------------------------

    def differentiate(self, func: Callable, args: tuple, kwargs: dict) -> object:
        capture, roots = self.capture, args[0] if args else kwargs.get("tensors", kwargs.get("outputs"))
        roots = list(tensors_in((roots,)))
        with capture.telling:
            for each in roots:
                capture.bring_up_to_date(each)
            capture.listener.backward_started(roots)
        self.running = None
        try:
            result = func(*args, **kwargs)
        except BaseException as error:
            face, self.running = self.running, None
            with capture.telling:
                if face is not None:
                    self.explain(error, face)
                self.tell_freed()
                capture.listener.failed(error, face)
            self.release()
            raise
        with capture.telling:
            self.tell_freed()
            capture.listener.backward_ended()
            self.release()
            for each in dict.fromkeys(tensors_in((result,))):
                capture.listener.created(each, "grad")
        return result

    def run(self, run_backward: Callable, outputs: tuple, *args: object, **kwargs: object) -> object:
        """PyTorch's own way into its engine, with hooks on all nodes that it may run."""
        if self.capture.listener is None:
            return run_backward(outputs, *args, **kwargs)
        keep_graph = args[1] if len(args) > 1 else kwargs.get("keep_graph", False)
        handles: list[RemovableHandle] = []
        with self.capture.telling_inside:
            self.put_hooks(outputs, keep_graph, handles)
        self.capture.tasks.append(object())
        try:
            with self.capture:  # the user's hooks and Functions run in there
                return run_backward(outputs, *args, **kwargs)
        finally:
            self.capture.tasks.pop()
            for handle in handles:
                handle.remove()

    def put_hooks(self, outputs: tuple, keep_graph: bool, handles: list[RemovableHandle]) -> None:
        tensors = [each for each in outputs if isinstance(each, torch.Tensor)]
        roots = [_node_of(each) for each in tensors if each.requires_grad]
        roots += [each.node for each in outputs if not isinstance(each, torch.Tensor)]
        for node in graph(each for each in roots if each is not None):
            face = face_of(node)
            face.node = node
            self.nodes.append(node)
            handles.append(node.register_prehook(self.before(face)))
            handles.append(node.register_hook(self.after(face, keep_graph)))
        retaining = [each() for each in self.retaining]
        self.held_before = {id(t) for t in retaining if t is not None and t.grad is not None}

    def release(self) -> None:
        """The outermost backward is over and told: hold on to no node."""
        if not self.capture.tasks:
            nodes, self.nodes = self.nodes, []
            for node in nodes:
                face_of(node).node = None

    # ---- a node ----------------------------------------------------------------------------------------

    def before(self, face: Face) -> Callable:
        def about_to_run(grads: tuple) -> None:
            with self.capture.telling_inside:
                self.tell_freed()
                self.running = face
                if face.variable is not None:
                    self.grad_before = grad_of(face.variable)
                for reference in self.retaining:
                    tensor = reference()
                    if tensor is not None and tensor.retains_grad and tensor.grad is not None:
                        node = grad_fn_of(tensor)
                        if node is not None and face_of(node) is face:
                            how = "summed" if id(tensor) in self.held_before else "copied"
                            self.capture.listener.accumulated(tensor, how)

        return about_to_run

    def after(self, face: Face, keep_graph: bool) -> Callable:
        def has_run(passed_on: tuple, grads: tuple) -> None:
            with self.capture.telling_inside:
                listener, self.running = self.capture.listener, None
                if face.variable is not None:
                    self.accumulated(face.variable, grads[0])
                    passed_on = ()
                listener.node_ran(face, grads, passed_on)
                if face.keeps and not keep_graph:
                    self.freeing = face

        return has_run

    def tell_freed(self) -> None:
        """The node that ran last has let go of what it saved: PyTorch does that after all hooks."""
        face, self.freeing = self.freeing, None
        if face is not None:
            self.capture.listener.freed(face)

    def accumulated(self, leaf: torch.Tensor, arrived: torch.Tensor | None) -> None:
        """Tell how a gradient came into `.grad`, as far as it can be seen from there."""
        before, self.grad_before, grad = self.grad_before, None, grad_of(leaf)
        if arrived is None or grad is None:
            return
        if before is None:
            how = "stolen" if grad.data_ptr() == arrived.data_ptr() else "copied"
        else:
            how = "added" if grad is before else "summed"
        self.capture.listener.accumulated(leaf, how)

    def retains(self, tensor: torch.Tensor) -> None:
        self.retaining = [each for each in self.retaining if each() is not None]
        self.retaining.append(weakref.ref(tensor))

    def explain(self, error: BaseException, face: Face) -> None:
        """Give a version mismatch what its sentence leaves out: which field of which node it is about."""
        found = MISMATCH.search(str(error))
        if found is None or face.node is None:
            return
        at, expected = map(int, found.groups())
        for field, raw in raw_saved(face.node):
            data, kept = raw.data, face.kept.get(field)
            if isinstance(data, torch.Tensor) and version(data) == at:
                if kept is None or kept.version == expected:
                    error.mismatch = Mismatch(expected, at, face, field, data.detach())
                    return

    # ---- the user's hooks ------------------------------------------------------------------------------

    def hooked(self, register: Callable, tensor: torch.Tensor, hook: Callable) -> RemovableHandle:
        """Register a hook of the user's, in a wrapping that tells of its calls."""
        number, capture = next(_numbers), self.capture
        name = getattr(hook, "__name__", type(hook).__name__)
        at, on_grad = weakref.ref(tensor), register is torch.Tensor.register_hook

        @functools.wraps(hook)
        def told(given: torch.Tensor) -> object:
            listener = capture.listener
            if listener is None:
                return hook(given)
            with self.capture.telling_inside:
                if on_grad:
                    node = _node_of(at()) if at() is not None else None
                    if node is not None and given is not None:
                        listener.handed((given,), face_of(node))
                else:
                    self.running = None
            result = hook(given)
            with self.capture.telling_inside:
                before = (given,) if on_grad else ()
                after = (result,) if on_grad and isinstance(result, torch.Tensor) else before
                listener.hook_ran(number, name, before, after)
            return result

        handle = capture.heard(register, (tensor, told), {})
        handle.__class__, handle.number, handle.capture = Handle, number, capture
        kind = "tensor" if on_grad else "post-accumulate"
        with capture.telling_inside:
            capture.listener.hook_registered(number, name, tensor, kind)
        return handle


def _node_of(tensor: torch.Tensor) -> object | None:
    """Where its gradient arrives; None for a view that requires grad only because its base does."""
    node = grad_fn_of(tensor)
    if node is None and tensor._base is None:
        node = torch.autograd.graph.get_gradient_edge(tensor).node
    return node
