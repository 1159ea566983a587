"""The one slot through which a recorder listens to the core.

The core says what it does to whoever sits in `slot.listener`, and asks nobody back. With no listener
each place costs one attribute read. A listener never changes what the core computes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .graph import Node
    from .tensor import Tensor


class Listener(Protocol):
    """What the core says. Each call comes right after the thing has happened.

    `shown` says that NumPy shares the tensor's memory from now on. `changed` is told with the method that changed a tensor's flags, history or memory, and `accumulated`
    with how a gradient came into `.grad`: "stolen" (what arrived was put there as it is), "copied",
    "added" (to the numbers there) or "summed" (a new tensor took the place of the old one). `handed`
    tells of gradients that the user's code is about to get as tensors, and of whose they are.
    `made_by_backward` says of a tensor that no operation made what it is: the gradient that backward
    starts with ("first gradient"), or a new ".grad". A
    hook is known by the number of its handle; gradients are arrays, tensors or None.
    """

    def created(self, tensor: Tensor, op: str) -> None: ...
    def op_ran(self, op: str, inputs: Sequence[object], outputs: Sequence[Tensor]) -> None: ...
    def alias_made(self, source: Tensor, alias: Tensor, how: str) -> None: ...
    def shown(self, tensor: Tensor, how: str) -> None: ...
    def written(self, tensor: Tensor, op: str, before: int, inputs: Sequence[object]) -> None: ...
    def changed(self, tensor: Tensor, op: str) -> None: ...
    def grad_set(self, tensor: Tensor) -> None: ...
    def hook_registered(self, hook: int, name: str, on: Tensor | Node, kind: str) -> None: ...
    def hook_removed(self, hook: int) -> None: ...
    def hook_ran(self, hook: int, name: str, before: Sequence, after: Sequence) -> None: ...
    def handed(self, grads: Sequence, at: Tensor | Node) -> None: ...
    def made_by_backward(self, grad: Tensor, of: object, what: str) -> None: ...
    def backward_started(self, roots: Sequence[Tensor]) -> None: ...
    def node_ran(self, node: Node, grads_in: Sequence, grads_out: Sequence) -> None: ...
    def accumulated(self, tensor: Tensor, how: str) -> None: ...
    def freed(self, node: Node) -> None: ...
    def backward_ended(self) -> None: ...
    def failed(self, error: BaseException, node: Node | None) -> None: ...


class Slot:
    """Where the listener sits."""

    listener: Listener | None = None


slot = Slot()


def tell(say: Callable, *told: object) -> None:
    """Say this to the listener, if there is one: `tell(Listener.changed, x, "detach_")`.

    For what is not said often: where speed counts, the slot is looked at first.
    """
    if slot.listener is not None:
        getattr(slot.listener, say.__name__)(*told)


def failed(error: BaseException) -> None:
    """Tell of an error outside backward, which the user's code may be about to catch."""
    tell(Listener.failed, error, None)


def telling(function: Callable) -> Callable:
    """Tell of the errors that this function raises. For what is not called often."""

    @functools.wraps(function)
    def told(*args: object, **kwargs: object) -> object:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            failed(error)
            raise

    return told
