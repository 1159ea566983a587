"""Hear of every call into PyTorch, and say what it did in the words of `observe.Listener`.

The surprising idea: what a call did is not looked up in a table of PyTorch's thousands of operations. It is
seen: a tensor whose version went up was written, a result that looks at the memory of an argument is an alias,
and any other result is new. So an operation that nobody has heard of is recorded right.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Container, Mapping, Sequence
from types import MappingProxyType

import torch
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from ...observe import Listener
from .calls import (
    GIVES_AWAY,
    MAKES_ANEW,
    REFUSED,
    as_it_is,
    index_name,
    is_transformed,
    name_of,
    only_looks,
    tensors_in,
    write_name,
)
from .engine import Engine
from .gates import Gates
from .hooks import on_tensor
from .memory import grad_fn_of, is_plain, is_shared, storage_of, version
from .nodes import Face, face_of, new_behind

__warningregistry__ = None  # see `Gates`: no warning is of a line of ours

DIFFERENTIATES = (torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad)
# What calls from within PyTorch's own C++ holds locks that looking at its tensors would wait for, for ever.
LOCKED = {
    torch.autograd.Function.apply.__func__.__code__,  # joins a Function's outputs to the graph
    torch.autograd.graph._engine_run_backward.__code__,  # gives a view a new history, to name it in an error
}


class Telling:
    """Where something is told. Nothing that goes wrong there may reach the user's program.

    What is looked at there is not heard of, also where the function mode is on: in hooks and gates.
    """

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.switches: list[object] = []

    def __enter__(self) -> None:
        self.switches.append(torch._C.DisableTorchFunction())
        self.switches[-1].__enter__()

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: object) -> bool:
        self.switches.pop().__exit__(None, None, None)
        if isinstance(error, Exception):
            self.capture.give_up(error)
            return True
        return False


class Capture(TorchFunctionMode):
    """The place where a listener to PyTorch sits. As long as there is one, calls are heard of."""

    def __init__(self) -> None:
        super().__init__()
        self._listener: Listener | None = None
        self.on = False  # is the function mode in force?
        self.telling = Telling(self)
        self.tasks: list[object] = []  # the backwards under way, the innermost last
        # By address, before an operation, of those that nobody has told of: may others write there?
        self.strangers: dict[int, bool] = {}
        self.packed: set[int] = set()  # by address: what a hook on all that is saved was handed in the operation
        self.inner: set[int] = set()  # by address: what was made inside the operation that ran last
        self.engine = Engine(self)
        self.gates = Gates(self)
        self.names: dict[Callable, str] = {}  # of those functions that just run
        self.ways: dict[Callable, Callable] = {
            **dict.fromkeys(DIFFERENTIATES, Capture.differentiate),
            torch.Tensor.__getitem__: Capture.get_item,
            torch.Tensor.__setitem__: Capture.set_item,
            torch.Tensor.requires_grad_: Capture.change,
            torch.Tensor.requires_grad.__set__: Capture.change,
            torch.Tensor.detach_: Capture.change,
            torch.Tensor.retain_grad: Capture.retain,
            torch.Tensor.data.__set__: Capture.set_data,
            torch.Tensor.grad.__set__: Capture.set_grad,
            torch.Tensor.grad.__delete__: Capture.set_grad,
            torch.Tensor.numpy: Capture.show,
            torch.Tensor.__array__: Capture.show,
            torch.Tensor.register_hook: Capture.hook,
            torch.Tensor.register_post_accumulate_grad_hook: Capture.hook,
        }
        os.register_at_fork(after_in_child=self._stop)

    @property
    def listener(self) -> Listener | None:
        return self._listener

    @listener.setter
    def listener(self, listener: Listener | None) -> None:
        self._listener = listener
        if listener is not None and not self.on:
            self.on = True
            self.gates.open()
            self.__enter__()
        elif listener is None and self.on:
            self.on = False
            self.__exit__(None, None, None)
            self.gates.close()

    def _stop(self) -> None:
        """A forked process records nothing: its notes would reach nobody."""
        self._listener = None

    def give_up(self, error: Exception) -> None:
        """Something here went wrong: the user's program goes on as if nobody listened."""
        if self._listener is not None:
            self._listener = None
            told = f"{type(error).__name__}: {error}"
            warnings.warn(f"The recording ends here, before the program does. ({told})", stacklevel=2)

    # ---- calls -------------------------------------------------------------------------------------

    def __torch_function__(
        self, func: Callable, types: object, args: tuple = (), kwargs: dict | None = None
    ) -> object:
        kwargs = kwargs or {}
        if self._listener is None or is_transformed() or sys._getframe(1).f_code in LOCKED:
            return func(*args, **kwargs)
        way = self.ways.get(func)
        if way is None:
            name = self.names[func] = name_of(func)
            way = Capture.look if only_looks(func) else Capture.run
            self.ways[func] = way = Capture.give_away if name in GIVES_AWAY else way
        if types and way is not Capture.look:  # of classes that want to hear of all that is done with them
            with torch._C.DisableTorchFunctionSubclass():
                return way(self, func, args, kwargs)
        return way(self, func, args, kwargs)

    def give_away(self, func: Callable, args: tuple, kwargs: dict) -> object:
        with self.telling:
            self.opened(args[0])
        return self.heard(func, args, kwargs)

    def opened(self, tensor: torch.Tensor) -> None:
        seen = self._listener.tensors.get(id(tensor))
        if seen is not None:
            self._listener.opened(seen.storage)

    def look(self, func: Callable, args: tuple, kwargs: dict) -> object:
        return func(*args, **kwargs)

    def run(self, func: Callable, args: tuple, kwargs: dict, name: str = "") -> object:
        """Run a function, and tell what it has done."""
        inputs = tensors_in(args)
        if kwargs:
            inputs += tensors_in(kwargs.values())
        try:
            before, known = [], self._listener.tensors
            for each in inputs:
                if id(each) not in known:
                    self.strangers[id(each)] = is_shared(each)
                elif each._base is not None:
                    self.bring_up_to_date(each)
                before.append(version(each))
        except Exception as error:
            self.give_up(error)
        result = self.heard(func, args, kwargs)
        try:
            self.tell(name or self.names[func], args, kwargs, inputs, before, result)
        except Exception as error:
            self.give_up(error)
        self.strangers.clear()
        self.packed.clear()
        return result

    def heard(self, func: Callable, args: tuple, kwargs: dict) -> object:
        """Run a function, and tell of its error."""
        try:
            return as_it_is(func, args, kwargs)
        except Exception as error:
            told = str(error)
            inputs = tensors_in((args, kwargs))
            if not inputs:
                raise
            with self.telling:
                if any(each in told for each in REFUSED):
                    error.tensor = kwargs.get("out", inputs[0])
                self._listener.failed(error, None)
                if hasattr(error, "tensor"):
                    del error.tensor  # whoever keeps the error should not keep the tensor
            raise

    def bring_up_to_date(self, tensor: torch.Tensor) -> None:
        """A view whose base was written has a new history as soon as somebody asks for it."""
        seen = self._listener.tensors.get(id(tensor))
        node = grad_fn_of(tensor)
        if seen is not None and node is not None and seen.grad_fn != self.id_of(node):
            self.notice(node, ())
            self._listener.changed(tensor, "a write to its base")

    def id_of(self, node: object) -> str | None:
        seen = self._listener.nodes.get(id(face_of(node)))
        return seen and seen.id

    def tell(
        self,
        name: str,
        args: tuple,
        kwargs: dict,
        inputs: Sequence[torch.Tensor],
        before: Sequence[int],
        result: object,
        by_function: bool = False,
    ) -> None:
        listener = self._listener
        if listener is None:
            return
        written = {}
        for each, was in zip(inputs, before):
            if version(each) != was:
                written[id(each)] = each, was
        if written:
            self.tell_written(name, args, kwargs, inputs, written, by_function)
        fresh, given = [], set(map(id, inputs))
        for out in {id(each): each for each in tensors_in((result,))}.values():
            if id(out) in given:
                continue
            known = id(out) in listener.tensors
            if known and not by_function and id(out) not in self.packed:
                continue
            source = None if known else _source(out, inputs)
            if source is None:
                fresh.append(out)
            else:
                listener.alias_made(source, out, name)
        if not fresh:
            return
        if not inputs or name in MAKES_ANEW:
            for out in fresh:
                listener.created(out, name)
            return
        faces = [face for out in fresh for face in self.notice(grad_fn_of(out), fresh, given)]
        listener.op_ran(name, inputs, fresh)
        self.settle(faces)

    def tell_written(
        self,
        name: str,
        args: tuple,
        kwargs: dict,
        inputs: Sequence[torch.Tensor],
        written: dict,
        by_function: bool,
    ) -> None:
        """Tell of each tensor that was written; not of others that only share its counter."""
        target = kwargs.get("out", args[0] if args else None)
        ends = name.endswith("_") or "out" in kwargs
        if ends and isinstance(target, torch.Tensor) and id(target) in written:
            targets = [target]
        else:
            targets, storages = [], set()
            for each, _ in written.values():
                storage = id(storage_of(each) or each)
                if storage not in storages:
                    storages.add(storage)
                    targets.append(each)
        versions = {key: was for key, (_, was) in written.items()}
        op = name if ends or by_function or name.startswith("_") else f"{name}_"
        for each in targets:
            faces, given = [], set(map(id, inputs))
            for tensor in (each, each._base):
                if tensor is not None:
                    faces += self.notice(grad_fn_of(tensor), [each], given, versions)
            self._listener.written(each, op, versions[id(each)], inputs)
            self.settle(faces)

    def notice(
        self,
        node: object | None,
        outputs: Sequence[torch.Tensor],
        given: Container[int] = (),
        before: Mapping[int, int] = MappingProxyType({}),
    ) -> list[Face]:
        """Read what the nodes have saved that have come into being just now. Their faces."""
        if node is None:
            return []
        faces = []
        for each in new_behind(node):
            face = face_of(each)
            if face.variable is None:
                self.inner |= face.keep(each, outputs, before, (self._listener.tensors, given))
                faces.append(face)
        return faces

    def settle(self, faces: Sequence[Face]) -> None:
        """What these nodes have saved is told."""
        self.inner = set()
        for face in faces:
            face.settle()

    # ---- those with a way of their own ---------------------------------------------------------------

    def get_item(self, func: Callable, args: tuple, kwargs: dict) -> object:
        return self.run(func, args, kwargs, index_name(args[1]))

    def set_item(self, func: Callable, args: tuple, kwargs: dict) -> object:
        return self.run(func, args, kwargs, write_name(args[1], args[2]))

    def change(self, func: Callable, args: tuple, kwargs: dict) -> object:
        result = self.heard(func, args, kwargs)
        with self.telling:
            if func is torch.Tensor.detach_:
                self._listener.changed(args[0], "detach_")
            elif args[0].is_leaf:
                self._listener.changed(args[0], "requires_grad_")
        return result

    def retain(self, func: Callable, args: tuple, kwargs: dict) -> object:
        retained = args[0].retains_grad
        result = self.heard(func, args, kwargs)
        with self.telling:
            if args[0].retains_grad and not retained:
                self.engine.retains(args[0])
                self._listener.changed(args[0], "retain_grad")
        return result

    def set_data(self, func: Callable, args: tuple, kwargs: dict) -> None:
        with self.telling:
            self.opened(args[0])
        self.heard(func, args, kwargs)
        with self.telling:
            self._listener.changed(args[0], ".data =")

    def set_grad(self, func: Callable, args: tuple, kwargs: dict) -> None:
        self.heard(func, args, kwargs)
        with self.telling:
            self._listener.grad_set(args[0])

    def show(self, func: Callable, args: tuple, kwargs: dict) -> object:
        result = self.heard(func, args, kwargs)
        with self.telling:
            if is_plain(args[0]) and args[0].is_cpu:
                self._listener.shown(args[0], "numpy")
        return result

    def hook(self, func: Callable, args: tuple, kwargs: dict) -> RemovableHandle:
        return on_tensor(self, func, *args, **kwargs)

    def differentiate(self, func: Callable, args: tuple, kwargs: dict) -> object:
        return self.engine.differentiate(func, args, kwargs)


def _source(out: torch.Tensor, inputs: Sequence[torch.Tensor]) -> torch.Tensor | None:
    """The first input that looks at the same memory as this result."""
    memory = storage_of(out)
    if memory is None:
        return None
    return next((each for each in inputs if storage_of(each) is memory), None)


capture = Capture()
