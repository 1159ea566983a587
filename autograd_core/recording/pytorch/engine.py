"""Hear of each node that backward runs.

Hooks of our own are put on all nodes of the graph right before a backward, so that they come after the
user's, and are taken away after it. They look at the gradients and change nothing; nor do they hold on to one,
for PyTorch writes into a gradient, or gives it away, where nobody else has it.

The surprising idea: that a node begins is mostly worth no line of Python. It is enough that its name is
struck off a list, which a method of the list itself can do; only if backward fails is the list looked at.
"""

from __future__ import annotations

import re
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch.autograd.function import BackwardCFunction, _HookMixin

from ...errors import Mismatch
from .calls import as_it_is, is_transformed, tensors_in
from .hooks import node_of
from .memory import address, grad_fn_of, grad_of, version
from .nodes import Face, face_of, graph, raw_saved

__warningregistry__ = None  # see `Gates`: no warning is of a line of ours

if TYPE_CHECKING:
    from .capture import Capture

MISMATCH = re.compile(r"is at version (\d+); expected version (\d+) instead")


@dataclass(eq=False)
class Task:
    """One backward that is under way."""

    keep_graph: bool
    nodes: dict[Face, object] = field(default_factory=dict)  # those that may run
    waiting: dict[Face, None] = field(default_factory=dict)  # those that have not begun
    ran: set[Face] = field(default_factory=set)
    # The tensors that retain the gradient which arrives at a node, and whether they had one before.
    retaining: dict[Face, list[tuple[weakref.ref, bool]]] = field(default_factory=dict)
    hooks: list[tuple[dict, object]] = field(default_factory=list)  # ours: where, and by which key

    def running(self) -> Face | None:
        """The node that has got its gradients, and not passed any on."""
        begun = (face for face in self.nodes if face not in self.waiting and face not in self.ran)
        return next(begun, None)

    def register(self, hooks: dict | None, hook: Callable) -> tuple[dict, None]:
        """What PyTorch asks to register a hook at a node, in place of its own: without a handle."""
        hooks, key = OrderedDict() if hooks is None else hooks, object()
        hooks[key] = hook
        self.hooks.append((hooks, key))
        return hooks, None


class Engine:
    """Tells of backwards: when one starts, what each node did in it, and how it ended."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.retaining: list[weakref.ref[torch.Tensor]] = []
        self.over: list[Task] = []  # those that are not under way, but not told to their end
        self.failed: Face | None = None  # where the backward has failed that was the last to
        self.freeing: Face | None = None  # it has run, and is about to let go of what it saved
        # The leaf whose node runs, its `.grad` before that, and the address of what is to be added.
        self.leaf: tuple[torch.Tensor, torch.Tensor | None, int | None] | None = None

    # ---- a backward as a whole -----------------------------------------------------------------------

    def differentiate(self, func: Callable, args: tuple, kwargs: dict) -> object:
        capture, roots = self.capture, args[0] if args else kwargs.get("tensors", kwargs.get("outputs"))
        roots = tensors_in((roots,))
        with capture.telling:
            for each in roots:
                if each._base is not None:
                    capture.bring_up_to_date(each)
            capture.listener.backward_started(roots)
        self.failed = None
        try:
            result = as_it_is(func, args, kwargs)
        except BaseException as error:
            face, self.failed = self.failed, None
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
        if self.capture.listener is None or is_transformed():
            return run_backward(outputs, *args, **kwargs)
        task = Task(args[1] if len(args) > 1 else kwargs.get("keep_graph", False))
        with self.capture.telling:
            self.put_hooks(task, outputs)
        self.capture.tasks.append(task)
        try:
            with self.capture:  # the user's hooks and Functions run in there
                return run_backward(outputs, *args, **kwargs)
        except BaseException:
            self.failed = task.running()
            raise
        finally:
            self.capture.tasks.pop()
            self.over.append(task)
            for hooks, key in task.hooks:
                hooks.pop(key, None)

    def put_hooks(self, task: Task, outputs: tuple) -> None:
        tensors = [each for each in outputs if isinstance(each, torch.Tensor)]
        roots = [node_of(each) for each in tensors if each.requires_grad]
        roots += [each.node for each in outputs if not isinstance(each, torch.Tensor)]
        task.nodes = graph(each for each in roots if each is not None)
        task.waiting = dict.fromkeys(task.nodes)
        for reference in self.retaining:
            tensor = reference()
            node = None if tensor is None else grad_fn_of(tensor)
            if node is not None:
                task.retaining.setdefault(face_of(node), []).append((reference, tensor.grad is not None))
        own = vars(_HookMixin)["_register_hook"]
        _HookMixin._register_hook = staticmethod(task.register)
        try:
            for face, node in task.nodes.items():
                face.node = node
                runs_users_code = face.variable is not None or isinstance(node, BackwardCFunction)
                node.register_prehook(
                    self.before(task, face) if runs_users_code else partial(task.waiting.pop, face)
                )
                node.register_hook(self.after(task, face))
        finally:
            _HookMixin._register_hook = own

    def release(self) -> None:
        """The outermost backward is over and told: hold on to no node."""
        if not self.capture.tasks:
            over, self.over = self.over, []
            for task in over:
                for face in task.nodes:
                    face.node = None

    # ---- a node ----------------------------------------------------------------------------------------

    def before(self, task: Task, face: Face) -> Callable:
        def about_to_run(grads: tuple) -> None:
            task.waiting.pop(face, None)
            with self.capture.telling:
                self.tell_past(task, face)
                if face.variable is not None:
                    self.leaf = face.variable, grad_of(face.variable), None if grads[0] is None else address(grads[0])

        return about_to_run

    def after(self, task: Task, face: Face) -> Callable:
        capture, leaf, frees = self.capture, face.variable, face.keeps and not task.keep_graph

        def has_run(passed_on: tuple, grads: tuple) -> None:
            task.ran.add(face)
            with torch._C.DisableTorchFunction():
                try:
                    self.tell_past(task, face)
                    if leaf is not None:
                        self.accumulated()
                        passed_on = ()
                    capture.listener.node_ran(face, grads, passed_on)
                    if frees:
                        self.freeing = face
                except Exception as error:
                    capture.give_up(error)

        return has_run

    def tell_past(self, task: Task, face: Face) -> None:
        """What PyTorch did before this node ran."""
        if self.freeing is not None:
            self.tell_freed()
        if task.retaining:
            for reference, had_one in task.retaining.pop(face, ()):
                tensor = reference()
                if tensor is not None and tensor.retains_grad and tensor.grad is not None:
                    self.capture.listener.accumulated(tensor, "summed" if had_one else "copied")

    def tell_freed(self) -> None:
        """The node that ran last has let go of what it saved: PyTorch does that after all hooks."""
        face, self.freeing = self.freeing, None
        if face is not None:
            self.capture.listener.freed(face)

    def accumulated(self) -> None:
        """Tell, once, how a gradient came into the leaf's `.grad`, as far as it can be seen from there."""
        if self.leaf is None:
            return
        (leaf, before, arrived), self.leaf = self.leaf, None
        grad = grad_of(leaf)
        if arrived is None or grad is None:
            return
        if before is None:
            how = "stolen" if address(grad) == arrived else "copied"
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
