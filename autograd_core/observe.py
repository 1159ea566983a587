"""The one slot through which a recorder listens to the core.

The core says what it does to whoever sits in `slot.listener`, and asks nobody back. With no listener
each place costs one attribute read. A listener never changes what the core computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .graph import Node
    from .tensor import Tensor


class Listener(Protocol):
    """What the core says. Each call comes right after the thing has happened."""

    def created(self, tensor: Tensor, op: str) -> None: ...
    def op_ran(self, op: str, inputs: Sequence[object], outputs: Sequence[Tensor]) -> None: ...
    def alias_made(self, source: Tensor, alias: Tensor, how: str) -> None: ...
    def written(self, tensor: Tensor, op: str, before: int, inputs: Sequence[object]) -> None: ...
    def changed(self, tensor: Tensor, op: str) -> None: ...
    def backward_started(self, roots: Sequence[Tensor]) -> None: ...
    def node_ran(self, node: Node, grads_in: Sequence, grads_out: Sequence) -> None: ...
    def accumulated(self, tensor: Tensor) -> None: ...
    def freed(self, node: Node) -> None: ...
    def backward_ended(self) -> None: ...
    def failed(self, error: BaseException, node: Node | None) -> None: ...


class _Slot:
    listener: Listener | None = None


slot = _Slot()
