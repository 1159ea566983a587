"""SavedTensor: keep a tensor for backward, and notice when it was written meanwhile.

A node saves a tensor *together with the version it had*, and compares the two numbers when it unpacks.
The check costs two integers; a copy would cost memory. That is why PyTorch complains about a write
after the fact instead of surviving it.

The surprising idea: a node that saves its own *result* must not keep the result tensor itself, for
that tensor keeps the node (`grad_fn`), and the two would never be freed:

    x = tensor([1.0], requires_grad=True)
    y = x.exp()     # y -> ExpBackward0 -> y
    del y           # ... would still be there

So a result is kept as bare memory plus counter, and joined to its node again when it is unpacked.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable

import numpy as np

from . import errors
from .detach import detach
from .dtypes import FROM_NUMPY
from .errors import demand
from .graph import NOWHERE, Node, gradient_edge
from .modes import Switch, modes, no_grad, set_modes
from .observe import slot
from .storage import Uncounted, VersionCounter
from .tensor import Tensor, alias


class SavedTensor:
    """One tensor that a node keeps, with the version it had (PyTorch's `SavedVariable`)."""

    __slots__ = ("tensor", "array", "counter", "version", "storage", "output_nr", "is_leaf")
    __slots__ += ("edge", "packed", "unpack_hook")  # of those that went through hooks alone
    __slots__ += ("maker",)  # of the result of a write to a view alone: the view's node after it

    def __init__(self, tensor: Tensor, is_result: bool = False) -> None:
        self.counter = counter = tensor._counter
        self.version = counter.value
        if is_result:
            self.tensor = None
            self.array = tensor._array
            self.storage = tensor.untyped_storage()
            self.output_nr = tensor._output_nr
        else:
            self.tensor = tensor
            self.is_leaf = tensor._grad_fn is None

    counted = True  # is the version compared?

    @property
    def numbers(self) -> np.ndarray:
        """What is in the saved memory now, whatever its version."""
        return self.array if self.tensor is None else self.tensor._array

    @property
    def found(self) -> int:
        """The version that the saved tensor is at now."""
        return self.counter.value

    def read(self, node: Node) -> np.ndarray:
        """The saved memory, if it is still at the version it was saved at."""
        self._check(node)
        return self.array if self.tensor is None else self.tensor._array

    def unpack(self, node: Node) -> Tensor:
        """The saved tensor with its history, if it is still at the version it was saved at."""
        self._check(node)
        return self.peek(node)

    def _check(self, node: Node) -> None:
        if self.tensor is not None and self.tensor._grad_fn is None and not self.is_leaf:
            raise RuntimeError(errors.SAVED_IS_DETACHED)
        if self.counter.value != self.version:
            raise self._mismatch(node)

    def peek(self, node: Node) -> Tensor:
        """The saved tensor, whatever its version."""
        if self.tensor is not None:
            return self.tensor
        result = Tensor.__new__(Tensor)
        result._array, result._counter, result._storage = self.array, self.counter, self.storage
        maker = getattr(self, "maker", None)
        result._grad_fn, result._output_nr = (maker and maker()) or node, self.output_nr
        return result

    @property
    def data(self) -> Tensor:
        """What is kept, whatever its version: a result without its history."""
        return self.peek(None)

    def register_hooks(self, pack_hook: Callable, unpack_hook: Callable) -> None:
        """Let these hooks decide how this one tensor is kept from now on; see `saved_tensors_hooks`.

        Raises RuntimeError where there are hooks already, and for a pack hook that writes to the tensor.
        """
        demand(not isinstance(self, PackedTensor), errors.SAVED_HOOKS_TWICE)
        self.pack(detach(self.data), pack_hook, unpack_hook)

    def pack(self, tensor: Tensor, pack_hook: Callable, unpack_hook: Callable) -> None:
        """Keep, instead of the tensor, what the hook makes of it."""
        original, version = self.tensor, tensor._counter.value  # there is no original of a result
        self.edge = None if original is None else gradient_edge(original)
        self.is_leaf = original is not None and original.is_leaf
        self.unpack_hook, self.__class__ = unpack_hook, PackedTensor
        with no_grad():
            self.packed = pack_hook(tensor)
        self.tensor = self.array = None
        demand(tensor._counter.value == version, errors.PACK_HOOK_WRITES)

    def _mismatch(self, node: Node) -> RuntimeError:
        tensor = self.peek(node)
        maker = tensor.grad_fn
        field = next((name for name, each in node.saved().items() if each is self), "")
        error = errors.version_mismatch(
            FROM_NUMPY[tensor._array.dtype].type_name,
            tensor._array.shape,
            tensor._output_nr,
            maker and maker.plain_name,
            errors.Mismatch(self.version, self.counter.value, node, field, self.counter),
            modes.anomaly,
        )
        if slot.listener is None:
            error.add_note(errors.RECORD_IT)
        return error


class PackedTensor(SavedTensor):
    """A saved tensor that went through the user's pack hook, and comes back by the unpack hook.

    What the hooks do with it is their own affair, so its version is not checked.
    """

    __slots__ = ()
    counted = False

    def read(self, node: Node) -> np.ndarray:
        return self._unpacked()._array

    def unpack(self, node: Node) -> Tensor:
        data = self._unpacked()
        out = alias(data, data._array, data._counter)
        if self.edge is None and self.is_leaf:
            return out
        if self.is_leaf:
            out._requires_grad = True
            out._accumulate_grad = None if self.edge is NOWHERE else weakref.ref(self.edge[0])
        else:
            out._grad_fn, out._output_nr = self.edge or (node, self.output_nr)
        return out

    peek = unpack

    @property
    def data(self) -> object:
        """What the pack hook has made of the tensor."""
        return self.packed

    def _unpacked(self) -> Tensor:
        data = self.unpack_hook(self.packed)
        kind = type(data).__name__
        demand(isinstance(data, Tensor), errors.UNPACKED_WHAT, kind, kind=TypeError)
        return data


def save(tensor: Tensor, is_result: bool = False) -> SavedTensor:
    """Save a tensor for backward, through the innermost of the user's hooks if there are any."""
    demand(not tensor._inference, errors.INFERENCE_SAVED)
    saved = SavedTensor(tensor, is_result)
    demand(type(saved.counter) is not Uncounted, errors.INFERENCE_VERSION)
    if modes.saved_hooks:
        saved.pack(tensor, *modes.saved_hooks[-1])
    return saved


class saved_tensors_hooks:
    """Let `pack` decide how tensors are kept for backward, and `unpack` bring them back.

    Follows `torch.autograd.graph.saved_tensors_hooks`. The version check is off for such tensors.

    >>> from autograd_core import tensor
    >>> a = tensor(3.0, requires_grad=True)
    >>> with saved_tensors_hooks(lambda t: t.item(), lambda number: tensor(number)):
    ...     out = a * a
    >>> out.backward()
    >>> a.grad
    tensor(6.)
    """

    def __init__(self, pack_hook: Callable, unpack_hook: Callable) -> None:
        self.pair = pack_hook, unpack_hook

    def __enter__(self) -> None:
        if modes.saved_hooks_refused is not None:
            raise RuntimeError(modes.saved_hooks_refused)
        set_modes({"saved_hooks": (*modes.saved_hooks, self.pair)})

    def __exit__(self, *error: object) -> None:
        set_modes({"saved_hooks": modes.saved_hooks[:-1]})


class disable_saved_tensors_hooks(Switch):
    """Refuse `saved_tensors_hooks` inside, with this message.

    Follows `torch.autograd.graph.disable_saved_tensors_hooks`.
    """

    def __init__(self, error_message: str) -> None:
        if modes.saved_hooks:
            raise RuntimeError(error_message)
        self.settings = {"saved_hooks_refused": error_message}


class allow_mutation_on_saved_tensors:
    """Let saved tensors be written inside this `with`: their old numbers are kept aside in time.

    Follows `torch.autograd.graph.allow_mutation_on_saved_tensors`. Backward through what was recorded
    here has to run inside, too. Like PyTorch, this knows what is saved by where it begins in memory, and
    its version: a write through `.data` is met in time, one through a view that begins later is not.

    >>> from autograd_core import tensor
    >>> a = tensor([0.0], requires_grad=True)
    >>> with allow_mutation_on_saved_tensors():
    ...     out = a.sigmoid()
    ...     _ = out.detach().zero_()
    ...     out.sum().backward()
    >>> a.grad
    tensor([0.2500])
    """

    def __enter__(self) -> None:
        if modes.before_write is not None:
            raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
        self.open = True
        self.handles: weakref.WeakValueDictionary[tuple, _Handle] = weakref.WeakValueDictionary()
        self.hooks = saved_tensors_hooks(self._pack, self._unpack)
        self.hooks.__enter__()
        modes.before_write = self._set_aside

    def __exit__(self, *error: object) -> None:
        modes.before_write = None
        self.hooks.__exit__()
        self.open, self.hooks = False, None  # they are bound to this: kept, they would be a cycle

    def _pack(self, tensor: Tensor) -> _Handle:
        at = tensor.data_ptr(), tensor._counter.value
        kept = tensor if tensor._grad_fn is None else detach(tensor)
        # Whoever saves this leaf at this version gets one handle, and with it what was set aside.
        return self.handles.setdefault((id(kept), *at), _Handle(kept, at))

    def _unpack(self, handle: _Handle) -> Tensor:
        assert self.open, (
            "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context"
            "in which the graph was originally recorded."
        )
        return handle.tensor

    def _set_aside(self, written: Tensor) -> None:
        demand(type(written._counter) is not Uncounted, errors.INFERENCE_VERSION)
        at = written.data_ptr(), written._counter.value
        for handle in self.handles.values():
            if handle.at == at and handle.tensor is handle.original:
                handle.tensor = alias(handle.tensor, handle.tensor._array.copy(), VersionCounter())
                handle.tensor._storage = None


class _Handle:
    """A saved tensor, or the copy of its old numbers once it was written."""

    def __init__(self, tensor: Tensor, at: tuple[int, int]) -> None:
        self.original = self.tensor = tensor
        self.at = at  # where it begins in memory, and its version
