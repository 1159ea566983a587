"""Hooks: the user's functions that backward calls on its way, and that may change a gradient.

A hook on a tensor sees (and may replace) the tensor's gradient; a hook on a node sees the gradients
before or after the node turns them into others. The surprising idea: a tensor's hook belongs to the
node that made the tensor *then*. If the tensor is written in place afterwards, the hook stays with the
old node, while `retain_grad` moves along to the new one.
"""

from __future__ import annotations

import itertools
import weakref
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from . import errors
from .errors import demand
from .observe import Listener, slot, tell, telling
from .tensor import Tensor, wrap

_ids = itertools.count()


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away, as does leaving a `with`."""

    def __init__(self, hooks: dict[int, Callable], hook: Callable, on: object, kind: str) -> None:
        self.id = next(_ids)
        self.hooks = hooks
        hooks[self.id] = hook
        tell(Listener.hook_registered, self.id, name_of(hook), on, kind)

    def remove(self) -> None:
        if self.hooks.pop(self.id, None) is not None and slot.listener is not None:
            slot.listener.hook_removed(self.id)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class Hooks:
    """The hooks that one node has. They run in this order, each kind in order of registration."""

    def __init__(self) -> None:
        self.tensor: dict[int, dict[int, Callable]] = {}  # per output: hooks on the tensor
        self.retained: dict[int, weakref.ref[Tensor]] = {}  # per output: the tensor that keeps its grad
        self.before: dict[int, Callable] = {}
        self.after: dict[int, Callable] = {}

    def run_on_tensors(self, node: object, grads: list, on_tensors: bool) -> None:
        """Let the hooks on tensors and the retained gradients see what has arrived."""
        for output_nr, hooks in self.tensor.items():
            for number, hook in list(hooks.items()):
                before = grads[output_nr]  # None where none has arrived: PyTorch calls its hooks, too
                (grad,) = handed([before], node)
                grads[output_nr] = _checked(hook, hook(grad), grad, on_tensors)
                if slot.listener is not None:
                    after = [grads[output_nr]]
                    slot.listener.hook_ran(number, name_of(hook), [before], after)
        for output_nr, reference in self.retained.items():
            tensor, grad = reference(), grads[output_nr]
            if tensor is not None and grad is not None:
                held, how = tensor._grad, "copied" if tensor._grad is None else "summed"
                if on_tensors:
                    tensor._grad = grad.clone() if held is None else held + grad.clone()
                else:
                    copy = np.array(grad, order="C")
                    tensor._grad = wrap(copy if held is None else held._array + copy)
                tell(Listener.accumulated, tensor, how)

    def run_before(self, node: object, grads: list, on_tensors: bool) -> None:
        """Let the pre-hooks see what has arrived, and replace it for this node alone."""
        self._run(self.before, node, grads, (), on_tensors)

    def run_after(self, node: object, grads_out: list, grads_in: tuple, on_tensors: bool) -> None:
        """Let the post-hooks see the node's gradients on both sides and replace the outgoing ones."""
        self._run(self.after, node, grads_out, (grads_in,), on_tensors)

    def _run(self, hooks: dict, node: object, grads: list, more: tuple, on_tensors: bool) -> None:
        for number, hook in list(hooks.items()):
            before = list(grads)
            _replace(hook, hook(handed(grads, node), *more), grads, on_tensors)
            tell(Listener.hook_ran, number, name_of(hook), before, grads)


def as_tensor(grad: np.ndarray | Tensor | None) -> Tensor | None:
    """A gradient as a hook gets it."""
    return wrap(grad) if isinstance(grad, (np.ndarray, np.generic)) else grad


def handed(grads: list, at: object) -> tuple[Tensor | None, ...]:
    """Gradients as the user's code gets them, as tensors; `at` is the node at which they are."""
    tensors = tuple([as_tensor(grad) for grad in grads])
    tell(Listener.handed, tensors, at)
    return tensors


def _replace(hook: Callable, result: object, grads: list, on_tensors: bool) -> None:
    """Put what a node's hook returned in the place of the gradients that it was given."""
    if result is None:
        return
    if not isinstance(result, tuple):
        raise TypeError(errors.HOOK_RETURNED.format("tuple", type(result).__name__))
    demand(len(result) == len(grads), errors.WRONG_NUMBER_FROM_HOOK, name_of(hook), len(result), len(grads))
    for index, (new, old) in enumerate(zip(result, [as_tensor(grad) for grad in grads])):
        grads[index] = None if new is None else _checked(hook, new, old, on_tensors)


def _checked(hook: Callable, new: object, old: Tensor | None, on_tensors: bool) -> object:
    """What goes on after a hook: its result, which must be like the gradient it got, or that."""
    if new is None:
        new = old
    elif old is None:
        raise RuntimeError("can't replace a None gradient with a non-None value")
    elif not isinstance(new, Tensor):
        raise TypeError(errors.HOOK_RETURNED.format("Variable", type(new).__name__))
    elif new._array.dtype != old._array.dtype:
        raise RuntimeError(errors.HOOK_CHANGED_TYPE.format(name_of(hook), old.dtype, new.dtype))
    elif new._array.shape != old._array.shape:
        raise RuntimeError(f"hook '{name_of(hook)}' has changed the size of value")
    return new if on_tensors or new is None else new._array


def name_of(hook: Callable) -> str:
    return getattr(hook, "__name__", type(hook).__name__)


# ---- on tensors ----------------------------------------------------------------------------------------


@telling
def register_hook(self: Tensor, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
    """Call `hook(grad)` when this tensor's gradient is known; what it returns takes its place.

    Follows `torch.Tensor.register_hook`. Raises RuntimeError on a tensor that requires no grad.

    >>> from autograd_core import tensor
    >>> a = tensor([1.0, 2.0], requires_grad=True)
    >>> handle = a.register_hook(lambda grad: grad * 10)
    >>> a.sum().backward()
    >>> a.grad
    tensor([10., 10.])
    """
    demand(self.requires_grad, errors.HOOK_WITHOUT_GRAD)
    if self.grad_fn is None:
        if self._hooks is None:
            self._hooks = OrderedDict()
        hooks, node = self._hooks, self._accumulate_grad and self._accumulate_grad()
        if node is not None:
            node.own_hooks().tensor[0] = hooks
    else:
        hooks = self._grad_fn.own_hooks().tensor.setdefault(self._output_nr, OrderedDict())
    return RemovableHandle(hooks, hook, self, "tensor")


def hooks_on(self: Tensor) -> OrderedDict[int, Callable] | None:
    """The hooks that are registered on this tensor by number, None if there never were any."""
    if self.grad_fn is None:
        return self._hooks
    return self._grad_fn.hooks and self._grad_fn.hooks.tensor.get(self._output_nr)


@telling
def register_post_accumulate_grad_hook(
    self: Tensor, hook: Callable[[Tensor], None]
) -> RemovableHandle:
    """Call `hook(tensor)` each time backward has added to this leaf's `.grad`.

    Follows `torch.Tensor.register_post_accumulate_grad_hook`. Raises RuntimeError on a tensor that
    requires no grad or is no leaf.
    """
    demand(self.requires_grad, errors.HOOK_WITHOUT_GRAD)
    demand(self.grad_fn is None, errors.POST_HOOK_NON_LEAF)
    if self._post_accumulate_grad_hooks is None:
        self._post_accumulate_grad_hooks = OrderedDict()
    return RemovableHandle(self._post_accumulate_grad_hooks, hook, self, "post-accumulate")


def run_post_accumulate_hooks(leaf: Tensor) -> None:
    """Call them in order. Raises RuntimeError, after the last, where one has returned anything."""
    given = leaf
    for number, hook in list(leaf._post_accumulate_grad_hooks.items()):
        given = _checked(hook, hook(given), given, True)  # what one returns the next is given
        if slot.listener is not None:
            slot.listener.hook_ran(number, name_of(hook), (), ())
    demand(given is leaf, "Tensor post accumulate grad hooks should return None.")


class MultiHandle(RemovableHandle):
    """The handles of a hook on several tensors, removed together."""

    def __init__(self, handles: list[RemovableHandle]) -> None:
        self.handles = handles

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()


@telling
def retain_grad(self: Tensor) -> None:
    """Keep this tensor's gradient in `.grad` although it is no leaf (`torch.Tensor.retain_grad`).

    Raises RuntimeError on a tensor that does not require grad.
    """
    demand(self.requires_grad, "can't retain_grad on Tensor that has requires_grad=False")
    if self._grad_fn is None or self._retains_grad:
        return
    node = self.grad_fn
    self._retains_grad = True
    node.own_hooks().retained[self._output_nr] = weakref.ref(self)
    tell(Listener.changed, self, "retain_grad")
