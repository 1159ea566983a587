"""The few ways into PyTorch that a function mode does not see. Each is watched while a recording runs.

A gate stands in the place of PyTorch's own function, calls it, and looks at what comes out.
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch.autograd.function import _HookMixin
from torch.optim import optimizer
from torch.utils.hooks import RemovableHandle

from ...frames import is_ours
from .calls import tensors_in
from .hooks import on_node
from .memory import version

if TYPE_CHECKING:
    from .capture import Capture

_HANDLE = torch.overrides.handle_torch_function.__code__
_OURS = {__file__.replace("gates", module) for module in ("capture", "calls", "engine")}  # who calls PyTorch


class Gates:
    """Opened when a recording begins, and closed when it ends."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.handles: list[RemovableHandle] = []
        # Whose attribute, what was there, and what stands there now.
        self.watched: list[tuple[object, str, object, object]] = []

    def open(self) -> None:
        engine = self.capture.engine
        self._watch(torch.autograd, "_engine_run_backward", lambda own: functools.partial(engine.run, own))
        self._watch(torch.autograd.Function, "apply", self._function)
        self._watch(torch, "from_numpy", self._from_numpy)
        self._watch(_HookMixin, "_register_hook", functools.partial(on_node, self.capture))
        self._watch(torch._C._autograd.SavedTensor, "register_hooks", self._saved_hooks)
        self._watch(torch._C._autograd, "_push_saved_tensors_default_hooks", self._default_hooks)
        self._watch(warnings, "showwarning", self._showwarning)
        self._watch(torch.overrides, "has_torch_function", self._without_mode)
        self.handles = [
            optimizer.register_optimizer_step_pre_hook(self._step(begins=True)),
            optimizer.register_optimizer_step_post_hook(self._step(begins=False)),
        ]

    def close(self) -> None:
        for owner, name, own, gate in reversed(self.watched):
            if vars(owner)[name] is gate:  # nobody has put something else there meanwhile
                setattr(owner, name, own)
        for handle in self.handles:
            handle.remove()
        self.watched = []

    def _watch(self, owner: object, name: str, gate: Callable) -> None:
        own = vars(owner)[name]
        self.watched.append((owner, name, own, opened := gate(own)))
        setattr(owner, name, opened)

    def _step(self, begins: bool) -> Callable:
        """An optimizer writes to many tensors, and meanwhile no variable of the user's changes."""

        def told(*about: object) -> None:
            if self.capture.listener is not None:
                with self.capture.telling:
                    self.capture.listener.rest(begins)

        return told

    def _from_numpy(self, own: Callable) -> Callable:
        @functools.wraps(own)
        def from_numpy(array: object) -> torch.Tensor:
            out = own(array)
            if self.capture.listener is None:
                return out
            with self.capture.telling:
                self.capture.listener.created(out, "from_numpy")
            return out

        return from_numpy

    def _without_mode(self, own: Callable) -> Callable:
        """PyTorch takes slower ways where a function mode is on, whose results are not the same to the bit."""

        @functools.wraps(own)
        def has_torch_function(values: object) -> bool:
            with torch._C.DisableTorchFunction():
                return own(values)

        return has_torch_function

    def _function(self, own: classmethod) -> classmethod:
        """A user's Function: told as one operation, though its forward is made of several."""
        capture = self.capture

        def apply(cls: type, *args: object, **kwargs: object) -> object:
            listener = capture.listener
            if listener is None:
                return own.__func__(cls, *args, **kwargs)
            with torch._C.DisableTorchFunction():
                inputs = tensors_in((args, kwargs))
                before = [version(each) for each in inputs]
            result = own.__func__(cls, *args, **kwargs)
            with capture.telling:
                capture.tell(cls.__name__, args, kwargs, inputs, before, result, by_function=True)
            return result

        return classmethod(apply)

    def _showwarning(self, own: Callable) -> Callable:
        """PyTorch warns of the line that has called it: that is to be the user's, not one of ours in between.

        Of lines of ours no module remembers what was shown, so each warning comes here, and is given again
        at the line that it would have come from: it is shown, or not, as that would have been.
        """

        def showwarning(message: Warning, category: type, filename: str, lineno: int, *rest: object) -> None:
            frame = sys._getframe(1)
            if filename not in _OURS:
                own(message, category, filename, lineno, *rest)
                return
            while frame.f_code.co_filename not in _OURS:
                frame = frame.f_back
            while is_ours(frame) or frame.f_code is _HANDLE:
                # PyTorch's functions in Python hand themselves over to the function mode, which calls them again.
                frame = frame.f_back.f_back if frame.f_code is _HANDLE else frame.f_back
            registry = frame.f_globals.setdefault("__warningregistry__", {})
            module = frame.f_globals.get("__name__", "__main__")
            warnings.warn_explicit(message, category, frame.f_code.co_filename, frame.f_lineno, module, registry)

        return showwarning

    def _saved_hooks(self, own: Callable) -> Callable:
        """Hooks on one saved tensor: the pack hook is handed a detached alias of it, made in C++."""
        capture = self.capture

        def register_hooks(saved: object, pack_hook: Callable, unpack_hook: Callable) -> None:
            original = saved.data  # in the pack hook nobody may ask for it

            def pack(tensor: torch.Tensor) -> object:
                if capture.listener is not None and original is not tensor:
                    with capture.telling:
                        capture.listener.alias_made(original, tensor, "detach")
                return pack_hook(tensor)

            return capture.heard(own, (saved, pack, unpack_hook), {})

        return register_hooks

    def _default_hooks(self, own: Callable) -> Callable:
        """Hooks on all that is saved: what they do is heard of, also in the middle of an operation."""

        def push(pack_hook: Callable, unpack_hook: Callable) -> None:
            own(self._hearing(pack_hook), unpack_hook)

        return push

    def _hearing(self, hook: Callable) -> Callable:
        @functools.wraps(hook)
        def heard(tensor: torch.Tensor) -> object:
            capture = self.capture
            if capture.listener is None:
                return hook(tensor)
            outer, capture.strangers = capture.strangers, {}
            try:
                with capture:
                    return hook(tensor)
            finally:
                capture.strangers = outer
                capture.packed.add(id(tensor))

        return heard
