"""copy.deepcopy and pickle of tensors: the numbers and the flags, without the history.

Two tensors that share memory share it again in their deep copies, as PyTorch's do.
"""

from __future__ import annotations

import copy

import numpy as np

from . import errors
from .observe import slot
from .tensor import Tensor, alias, wrap


def deepcopy(self: Tensor, memo: dict[int, object]) -> Tensor:
    """A leaf with the same numbers, flags, version and `.grad` (`copy.deepcopy`).

    Raises RuntimeError for a tensor with history.
    """
    if self.grad_fn is not None:
        raise RuntimeError(errors.DEEPCOPY_NON_LEAF)
    if id(self) in memo:
        return memo[id(self)]
    storage = copy.deepcopy(self.untyped_storage(), memo)
    array = storage.look(self._array.shape, self.stride(), self.storage_offset())
    out = memo[id(self)] = wrap(array)
    out._storage, out._requires_grad = storage, self._requires_grad
    if self._inference:
        out._inference = True
    else:
        out._counter.value = self._counter.value
    if self._grad is not None:
        out._grad = deepcopy(self._grad.detach(), memo)
    if slot.listener is not None:
        slot.listener.created(out, "deepcopy")
    return out


def shallow(self: Tensor) -> Tensor:
    """Another tensor on the same memory and counter, with the same flag (`copy.copy`)."""
    out = alias(self, self._array, self._counter)
    out._requires_grad = self.requires_grad
    if slot.listener is not None:
        slot.listener.alias_made(self, out, "copy.copy")
    return out


def reduce(self: Tensor) -> tuple:
    """For pickle: the numbers and whether they require grad."""
    return rebuild, (np.array(self._array), self.requires_grad)


def rebuild(array: np.ndarray, requires_grad: bool) -> Tensor:
    """A leaf out of a pickle."""
    out = wrap(array)
    out._requires_grad = requires_grad
    return out
