"""Tensor: state only. What can be done with one is in `methods`.

A tensor is a NumPy array plus what autograd needs to know about it: where its memory lives, how often
that was written, whether it requires a gradient, and which node made it. The surprising idea: a
tensor does not know its consumers. The graph hangs together backwards only, by `grad_fn`.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from . import errors
from .devices import CPU, device
from .dimensions import known_axis
from .dtypes import FROM_NUMPY, dtype
from .errors import demand
from .frames import warn
from .modes import modes
from .observe import Listener, tell, telling
from .storage import Storage, Uncounted, VersionCounter, steps_in_rows

if TYPE_CHECKING:
    from .graph import Node
    from .methods import Methods
else:
    Methods = object  # what an editor finds there comes when all operations are known


class Size(tuple):
    """The sizes of a tensor's dimensions: a tuple that prints as PyTorch's (`torch.Size`).

    >>> Size((2, 3)) + (4,)
    torch.Size([2, 3, 4])
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        """How many elements a tensor of these sizes has."""
        return int(np.prod(self, dtype=np.int64))

    def __add__(self, other: tuple) -> Size:
        return Size(tuple.__add__(self, other)) if isinstance(other, tuple) else NotImplemented

    def __radd__(self, other: tuple) -> Size:
        return Size(tuple.__add__(other, self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: int) -> Size:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __getitem__(self, index: int | slice) -> int | Size:
        part = tuple.__getitem__(self, index)
        return Size(part) if isinstance(index, slice) else part


Geometry = tuple[tuple[int, ...], tuple[int, ...], int]  # size, stride, storage offset


class ViewOf(Protocol):
    """What a view knows of its base (see `ops.viewing`)."""

    def refresh(self, view: Tensor) -> None:
        """Bring the view's `grad_fn` up to date if its memory was written since it was made."""


class Tensor(Methods):
    """An n-dimensional array that remembers how it was made (`torch.Tensor`).

    >>> from autograd_core import tensor
    >>> a = tensor([1.2, 3.4, 5.6], requires_grad=True)
    >>> a.is_leaf, a.sigmoid().is_leaf
    (True, False)
    """

    # State starts from these class attributes, so that making a tensor sets one field and no more.
    _array: np.ndarray
    _own_counter: VersionCounter | None = None  # none while nobody shares, writes or cuts the tensor
    _storage: Storage | None = None  # made when first asked for: most tensors are never aliased
    _known_geometry: tuple[np.ndarray, Geometry] | None = None  # and the array whose geometry it is
    _requires_grad: bool = False  # for leaves; a tensor with a grad_fn requires grad by having it
    _grad_fn: Node | None = None
    _output_nr: int = 0
    _grad: Tensor | None = None
    _base: Tensor | None = None  # for views: the tensor whose memory they look into
    _view: ViewOf | None = None  # for views: how they look, and whether their history is up to date
    _retains_grad: bool = False
    _inference: bool = False  # made in inference mode
    _hooks: dict[int, Callable] | None = None  # for leaves; else they are the node's
    _post_accumulate_grad_hooks: dict[int, Callable] | None = None
    _accumulate_grad: weakref.ref[Node] | None = None

    # ---- memory ----------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """How many elements it has along each dimension (`torch.Tensor.shape`)."""
        return Size(self._array.shape)

    @property
    def ndim(self) -> int:
        """How many dimensions it has."""
        return self._array.ndim

    @property
    def dtype(self) -> dtype:
        """The type of its elements."""
        return FROM_NUMPY[self._array.dtype]

    def stride(self, dim: int | None = None) -> tuple[int, ...] | int:
        """How many elements to move in memory for a step along each dimension, or along one."""
        if dim is not None:
            return self.stride()[known_axis(self._array.ndim, dim)]
        steps, itemsize = self._array.strides, self._array.itemsize
        if not self._array.size and not any(steps):  # NumPy takes no steps where there is nothing
            steps = steps_in_rows(self._array.shape, itemsize)
        return tuple([step // itemsize for step in steps])

    def size(self, dim: int | None = None) -> Size | int:
        """The shape, or its part along one dimension."""
        return self.shape if dim is None else self._array.shape[known_axis(self._array.ndim, dim)]

    def _geometry(self) -> Geometry:
        """The shape, the strides and the storage offset. Kept, for a write through a view asks six times."""
        if self._known_geometry is None or self._known_geometry[0] is not self._array:
            found = self._array.shape, self.stride(), self.storage_offset()
            self._known_geometry = self._array, found
        return self._known_geometry[1]

    def storage_offset(self) -> int:
        """How many elements of the storage lie before the first of this tensor."""
        return 0 if self._storage is None else self._storage.offset_of(self._array)

    def data_ptr(self) -> int:
        """The address of the first element."""
        return self._array.__array_interface__["data"][0]

    @property
    def device(self) -> device:
        """Where its memory lies: the CPU."""
        return CPU

    @property
    def _counter(self) -> VersionCounter:
        """The count of the writes, made when first asked for."""
        if self._own_counter is None:
            self._own_counter = VersionCounter()
        return self._own_counter

    @_counter.setter
    def _counter(self, counter: VersionCounter) -> None:
        self._own_counter = counter

    @property
    def _version(self) -> int:
        """How many in-place writes this tensor and whoever shares its counter have seen."""
        demand(type(self._own_counter) is not Uncounted, errors.INFERENCE_VERSION)
        return 0 if self._own_counter is None else self._own_counter.value

    def untyped_storage(self) -> Storage:
        """The memory this tensor looks at: the same object for all its aliases."""
        if self._storage is None:
            self._storage = Storage(self._array)
        return self._storage

    # ---- history ---------------------------------------------------------------------------------

    @property
    def grad_fn(self) -> Node | None:
        """The node that made this tensor, or None for a leaf.

        A view whose base was written meanwhile has a new one: it is a view of what was written.
        """
        if self._view is not None:
            self._view.refresh(self)
        return self._grad_fn

    @property
    def output_nr(self) -> int:
        """Which output of `grad_fn` this tensor is."""
        return self._output_nr

    @property
    def is_leaf(self) -> bool:
        """Did the user make this tensor, rather than a recorded operation?"""
        return self.grad_fn is None

    @property
    def retains_grad(self) -> bool:
        """Does it keep its gradient although it is no leaf? See `retain_grad`."""
        return self._retains_grad

    @property
    def requires_grad(self) -> bool:
        """Is its gradient wanted: of a leaf that says so, or of what was computed from such a one?"""
        return (
            self._requires_grad
            or self._grad_fn is not None
            or (self._base is not None and self._base.requires_grad)
        )

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        demand(isinstance(requires_grad, bool), "requires_grad must be a bool")
        demand(not (requires_grad and self._grad_fn is not None), errors.NON_LEAF_ASSIGNED)
        demand(not requires_grad or self._array.dtype.kind == "f", errors.NON_FLOAT_ASSIGNED)
        self.requires_grad_(requires_grad)

    @telling
    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Say whether this tensor requires grad, and return it (`torch.Tensor.requires_grad_`).

        Raises RuntimeError where one with history should not, or one that is not floating point should.
        """
        known, op = isinstance(requires_grad, bool), "requires_grad_"
        errors.argument(known, op, "requires_grad", 1, "bool", requires_grad)
        if self._grad_fn is not None:
            demand(requires_grad, errors.NON_LEAF_REQUIRES_GRAD)
            return self
        if requires_grad:
            demand(self._array.dtype.kind == "f", errors.NON_FLOAT_REQUIRES_GRAD_)
            demand(not self._inference or modes.inference, errors.INFERENCE_REQUIRES_GRAD)
        self._requires_grad = requires_grad
        tell(Listener.changed, self, "requires_grad_")
        return self

    # ---- gradient --------------------------------------------------------------------------------

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has accumulated here, None before the first.

        Reading it on a tensor that is neither a leaf nor retains its grad warns, as in PyTorch.
        """
        if self._grad_fn is not None and not self._retains_grad and self._grad is None:
            warn(errors.NON_LEAF_GRAD)
        return self._grad

    @grad.setter
    @telling
    def grad(self, grad: Tensor | None) -> None:
        if grad is not None:
            kind = type(grad).__name__
            demand(isinstance(grad, Tensor), errors.GRAD_OF_WHAT, kind, kind=TypeError)
            demand(grad is not self, "can't assign Variable as its own grad")
            demand(grad.dtype is self.dtype, errors.GRAD_DTYPE, grad.dtype, self.dtype)
            demand(grad.shape == self.shape, errors.GRAD_SIZE, grad.shape, self.shape)
        self._grad = grad
        tell(Listener.grad_set, self)

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    # Tensors compare element by element (see `methods`), but they are told apart by identity.
    __hash__ = object.__hash__


def wrap(array: np.ndarray | np.generic) -> Tensor:
    """A new tensor on an array that nothing else looks at: fresh memory, version 0, no history."""
    tensor = Tensor.__new__(Tensor)
    # NumPy returns scalars where an array has no dimensions; a tensor needs memory to write to.
    tensor._array = array if type(array) is np.ndarray else np.asarray(array)
    if modes.inference:
        tensor._inference, tensor._own_counter = True, Uncounted()
    return tensor


def alias(source: Tensor, array: np.ndarray, counter: VersionCounter) -> Tensor:
    """A new tensor on the memory of `source`, counted by `counter`, with no history."""
    tensor = Tensor.__new__(Tensor)
    tensor._array = array
    tensor._own_counter = counter
    tensor._storage = source.untyped_storage()
    if source._inference:
        tensor._inference = True
    return tensor


def new_counter(inference: bool = False) -> VersionCounter:
    """A counter that starts at 0, or none for what inference mode makes of its own."""
    return Uncounted() if inference and modes.inference else VersionCounter()


def is_inference(input: Tensor) -> bool:
    """Was this tensor made in inference mode (`torch.is_inference`)?"""
    return input._inference
