"""copy.deepcopy and pickle of tensors: the memory, how the tensor looks at it, and the flag; no history.

Tensors that share memory share it again in their deep copies, but not out of a pickle, as PyTorch's do. The
surprising idea: a copy starts at version 1. It is made empty and then given its memory, and that is a write.
"""

from __future__ import annotations

import copy

from . import errors
from .errors import demand
from .observe import Listener, tell
from .storage import Storage
from .tensor import Tensor, wrap


def deepcopy(self: Tensor, memo: dict[int, object]) -> Tensor:
    """A leaf with the same numbers, flag and `.grad` (`copy.deepcopy`).

    Raises RuntimeError for a tensor with history.
    """
    demand(self.grad_fn is None, errors.DEEPCOPY_NON_LEAF)
    if id(self) in memo:
        return memo[id(self)]
    storage = copy.deepcopy(self.untyped_storage(), memo)
    out = memo[id(self)] = rebuild(storage, *_look(self))
    if self._grad is not None:
        out._grad = deepcopy(self._grad, memo)
    tell(Listener.created, out, "deepcopy")
    return out


def shallow(self: Tensor) -> Tensor:
    """Another tensor on the same memory, with a version counter of its own (`copy.copy`)."""
    out = rebuild(self.untyped_storage(), *_look(self))
    tell(Listener.alias_made, self, out, "copy.copy")
    return out


def reduce(self: Tensor) -> tuple:
    """For pickle: a copy of the memory, how the tensor looks at it, and whether it requires grad."""
    return rebuild, (Storage(self.untyped_storage().memory.copy()), *_look(self))


def _look(self: Tensor) -> tuple:
    return self._array.shape, self.stride(), self.storage_offset(), self.requires_grad


def rebuild(
    storage: Storage,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    offset: int,
    requires_grad: bool,
) -> Tensor:
    """A leaf that looks in this way at this memory."""
    out = wrap(storage.look(size, stride, offset))
    out._storage, out._requires_grad = storage, requires_grad
    out._counter.value = 1
    return out
