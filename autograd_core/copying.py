"""copy.deepcopy and pickle of tensors: the memory, how the tensor looks at it, and the flag; no history.

Tensors that share memory share it again in their deep copies, but not out of a pickle, as PyTorch's do. The
surprising idea: a copy starts at version 1. It is made empty and then given its memory, and that is a write.
"""

from __future__ import annotations

import copy

from . import errors
from .errors import demand
from .frames import warn
from .hooks import hooks_on
from .observe import Listener, tell
from .storage import Storage
from .tensor import Geometry, Tensor, wrap


def deepcopy(self: Tensor, memo: dict[int, object]) -> Tensor:
    """A leaf with the same numbers, flag and `.grad` (`copy.deepcopy`).

    Raises RuntimeError for a tensor with history.
    """
    demand(self.grad_fn is None, errors.DEEPCOPY_NON_LEAF)
    if id(self) in memo:
        return memo[id(self)]
    storage = copy.deepcopy(self.untyped_storage(), memo)
    out = memo[id(self)] = rebuild(storage, self._geometry(), self.requires_grad)
    if self._grad is not None:
        out._grad = deepcopy(self._grad, memo)
    vars(out).update(copy.deepcopy(_of_the_user(self), memo))
    tell(Listener.created, out, "deepcopy")
    return out


def shallow(self: Tensor) -> Tensor:
    """Another tensor on the same memory, with a version counter of its own (`copy.copy`)."""
    _warn_of_hooks(self)
    out = rebuild(self.untyped_storage(), self._geometry(), self.requires_grad)
    vars(out).update(_of_the_user(self))
    tell(Listener.alias_made, self, out, "copy.copy")
    return out


def reduce(self: Tensor) -> tuple:
    """For pickle: a copy of the memory, how the tensor looks at it, and whether it requires grad."""
    _warn_of_hooks(self)
    copied = Storage(self.untyped_storage().memory.copy())
    return rebuild, (copied, self._geometry(), self.requires_grad), _of_the_user(self) or None


def _of_the_user(self: Tensor) -> dict[str, object]:
    """The attributes that are not ours: what a lesson has written on the tensor."""
    return {name: each for name, each in vars(self).items() if name not in Tensor.__annotations__}


def _warn_of_hooks(self: Tensor) -> None:
    """A copy of such kinds has no hooks."""
    for hook in (hooks_on(self) or {}).values():
        if not hasattr(hook, "__torch_unserializable__"):
            warn(errors.HOOK_NOT_COPIED.format(hook))


def rebuild(storage: Storage, geometry: Geometry, requires_grad: bool) -> Tensor:
    """A leaf that looks in this way at this memory."""
    out = wrap(storage.look(*geometry))
    out._storage, out._requires_grad = storage, requires_grad
    out._counter.value = 1
    return out
