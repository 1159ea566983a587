"""Hear of the user's hooks: each runs in a wrapping that tells what it was given, and what it made of that.

The surprising idea: a hook on a node is registered in C++, which says to nobody at which node. But it asks a
function in Python for the dictionary that is to keep the hook. What that function returns is thrown away as
soon as the node has the dictionary, and at that moment the nodes are asked which of them has it.
"""

from __future__ import annotations

import functools
import gc
import itertools
import weakref
from collections.abc import Callable
from types import GetSetDescriptorType
from typing import TYPE_CHECKING

import torch
from torch.autograd.function import BackwardCFunction, _HookMixin
from torch.utils.hooks import RemovableHandle

from .memory import grad_fn_of
from .nodes import Face, face_of

if TYPE_CHECKING:
    from .capture import Capture

_numbers = itertools.count()


class Handle(RemovableHandle):
    """A handle that tells when its hook is taken away."""

    def remove(self) -> None:
        super().remove()
        number, self.number = getattr(self, "number", None), None
        if number is not None and self.capture.listener is not None:
            self.capture.listener.hook_removed(number)


class Heard:
    """A hook of the user's. What else is asked of it, its name for one, the hook itself answers."""

    def __init__(self, hook: Callable, capture: Capture, kind: str) -> None:
        self.hook, self.capture, self.kind = hook, capture, kind
        self.number, self.name = next(_numbers), getattr(hook, "__name__", type(hook).__name__)
        self.at: Callable[[], Face | None] = lambda: None  # the node, while there is one

    def __getattr__(self, name: str) -> object:
        return getattr(self.hook, name)

    def __repr__(self) -> str:
        return repr(self.hook)

    def __call__(self, *given: object) -> object:
        capture = self.capture
        if capture.listener is None:
            return self.hook(*given)
        begun = None
        with capture.telling:
            begun = self.begins(given)
        result = self.hook(*given)
        with capture.telling:
            self.ends(given, result, begun)
        return result

    def begins(self, given: tuple) -> Face | None:
        """Tell what the hook is handed. The node that begins with it, should nobody have said so yet."""
        capture, face = self.capture, self.at()
        task = capture.tasks[-1] if capture.tasks else None
        if self.kind in ("before", "after") and task is not None and face is not None:
            capture.engine.tell_past(task, face)
        else:  # a gradient is retained after the hooks on tensors
            capture.engine.tell_freed()
        if task is None or face is None:
            return None
        if self.kind in ("after", "post-accumulate"):
            capture.engine.accumulated()
        if self.kind == "post-accumulate":
            return None
        for grads in (given,) if self.kind == "tensor" else reversed(given):
            capture.listener.handed(grads, face)
        if face not in task.waiting:
            return None
        del task.waiting[face]
        return face

    def ends(self, given: tuple, result: object, begun: Face | None) -> None:
        """Tell what goes on from here; of a result that PyTorch is about to refuse, nothing."""
        before = {"tensor": given, "post-accumulate": ()}.get(self.kind, given[0])
        after = before
        if self.kind == "post-accumulate":  # the next is given what it returns, and the last one's is refused
            if not (result is None or isinstance(result, torch.Tensor)):
                return
        elif result is not None:
            after = (result,) if self.kind == "tensor" else result
            if not (isinstance(after, tuple) and len(after) == len(before) and all(map(_fits, after, before))):
                return
        if begun is not None:
            self.capture.tasks[-1].waiting[begun] = None
        self.capture.listener.hook_ran(self.number, self.name, before, after)

    def registered(self, handle: RemovableHandle, on: object) -> RemovableHandle:
        handle.__class__, handle.number, handle.capture = Handle, self.number, self.capture
        with self.capture.telling:
            self.capture.listener.hook_registered(self.number, self.name, on, self.kind)
        return handle


def _fits(new: object, old: torch.Tensor | None) -> bool:
    """May this stand in the place of that gradient?"""
    if new is None or not isinstance(new, torch.Tensor) or old is None:
        return new is None
    return new.shape == old.shape and new.type() == old.type()


# ---- on tensors ----------------------------------------------------------------------------------------


def on_tensor(capture: Capture, register: Callable, tensor: torch.Tensor, hook: Callable) -> RemovableHandle:
    """Register a hook on a tensor: with the node that has made it now, or that a leaf has at the time."""
    kind = "tensor" if register is torch.Tensor.register_hook else "post-accumulate"
    heard = Heard(hook, capture, kind)
    node = grad_fn_of(tensor)
    if node is None:
        leaf = weakref.ref(tensor)
        heard.at = lambda: _face_at(leaf())
    else:
        heard.at = weakref.ref(face_of(node))
    return heard.registered(capture.heard(register, (tensor, heard), {}), tensor)


def _face_at(leaf: torch.Tensor | None) -> Face | None:
    node = None if leaf is None else node_of(leaf)
    return None if node is None else face_of(node)


def node_of(tensor: torch.Tensor) -> object | None:
    """Where its gradient arrives; None for a view that requires grad only because its base does."""
    node = grad_fn_of(tensor)
    if node is None and tensor._base is None:
        with torch.inference_mode(False):  # it is found by way of a view that has a history
            node = torch.autograd.graph.get_gradient_edge(tensor).node
    return node


# ---- on nodes ------------------------------------------------------------------------------------------


class Afterwards:
    """Does something when it is thrown away."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then

    def __del__(self) -> None:
        self.then()


def on_node(capture: Capture, own: staticmethod) -> staticmethod:
    """What PyTorch asks to register a hook at a node, in place of its own."""

    def register(hooks: dict | None, hook: Callable) -> tuple:
        if capture.listener is None:
            return own(hooks, hook)
        heard = Heard(hook, capture, "")
        hooks, handle = own(hooks, heard)
        return hooks, handle, Afterwards(functools.partial(_registered, heard, hooks, handle))

    return staticmethod(register)


def _registered(heard: Heard, hooks: dict, handle: RemovableHandle) -> None:
    with heard.capture.telling:
        node, heard.kind = _owner(hooks)
        if node is not None and not (isinstance(node, BackwardCFunction) and not node.next_functions):
            face = face_of(node)  # else its Function has not run to its end, and it has no place in the graph
            heard.at = weakref.ref(face)
            heard.registered(handle, face)


def _owner(hooks: dict) -> tuple[object | None, str]:
    """The node that has these hooks, and when it runs them.

    Somebody holds it, so Python's garbage collector knows of it; mostly it is young.
    """
    with _asking():
        for generation in range(3):
            for node in gc.get_objects(generation):
                if _is_node(type(node)):
                    for kind, register in (("before", node.register_prehook), ("after", node.register_hook)):
                        try:
                            register(None)
                        except _Asked as asked:
                            if asked.args[0] is hooks:
                                return node, kind
    return None, "after"


class _Asked(Exception):
    """A node has shown its hooks, and takes no further one."""


class _asking:
    """For as long as this lasts, a node that is given a hook shows those it has."""

    def __enter__(self) -> None:
        self.own = vars(_HookMixin)["_register_hook"]
        _HookMixin._register_hook = staticmethod(self.show)

    @staticmethod
    def show(hooks: dict | None, hook: Callable) -> tuple:
        raise _Asked(hooks)

    def __exit__(self, *raised: object) -> None:
        _HookMixin._register_hook = self.own


@functools.cache
def _is_node(cls: type) -> bool:
    if issubclass(cls, BackwardCFunction):
        return True
    return isinstance(vars(cls).get("next_functions"), GetSetDescriptorType) and cls.__base__ is object
