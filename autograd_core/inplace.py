"""Writing into a tensor: who may, what it does to the version, and what it does to history.

An in-place operation does three things that its out-of-place twin does not. It writes the memory that
every alias looks at; it bumps the version counter, so that whoever saved the old numbers can tell;
and it gives the tensor a new `grad_fn`, for the tensor is another function of its inputs now.

The surprising idea: a write through a view rewrites the history of its *base*. The base's new node,
`CopySlices`, says "all as before, but the part under the view comes from this operation"; the view
then hangs from the base's new history (see `ops.viewing`).
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Sequence
from copy import copy as copy_of

import numpy as np

from . import dtypes, errors
from .differentiable import differentiable
from .dtypes import element
from .errors import demand
from .graph import Asked, Node, gradient_edge, set_history
from .modes import modes
from .observe import Listener, failed, slot, tell
from .operation import Operation, OperationNode
from .quiet import SILENT, hush, speak
from .signatures import NUMBERS, overloads
from .ops.creation import tensor
from .ops.indexing import is_masked_fill, put
from .ops.filling import level
from .ops.viewing import as_strided, extent
from .ops.views import clone
from .storage import Storage, Uncounted, is_dense, repeats
from .tensor import Geometry, Tensor, wrap


@functools.cache
def in_place(op: Callable, may_share: Callable | None = None) -> Callable:
    """The twin of an operation that writes its result into its first input: `mul` gives `mul_`.

    `may_share` is asked whether it matters for these inputs that elements share a place in memory.

    The twin raises RuntimeError for a leaf that requires grad, a view of one, a view that may not be
    written, memory in which elements share a place, and a result of another shape or kind; the tensor
    and its version are then as they were.
    """
    if hasattr(op, "fitting"):
        return _in_place_by_kind(op, may_share)
    operation, takes = op.operation, copy_of(op.operation.takes)
    takes.op += "_"
    puts = operation.name == "index_put"
    writes_at_places = operation.name.startswith(("index", "scatter"))
    sums = operation.name.startswith("cum")
    clamps = operation.node == "ClampBackward1"
    late = writes_at_places or sums or clamps  # these check all else before memory

    def write(self, *args, **kwargs):
        token = hush(SILENT)
        try:
            if operation.ufunc and len(args) == 1 and not kwargs and is_plain(operation, self, *args):
                other = args[0]
                numbers = other._array if isinstance(other, Tensor) else other
                operation.ufunc(self._array, numbers, out=self._array)
                self._counter.value += 1
                return self
            args = takes.complete((self, *args), kwargs)
            if sums:  # these are computed in the type that they are written in
                args = (*args[:2], self.dtype)
            takes.check_tensors(args)
            inputs = [args[i] for i in operation.edged]
            floats = self._array.dtype.kind == "f"
            tracked = (
                modes.grad
                and any([isinstance(i, Tensor) and i.requires_grad for i in inputs])
                and (floats or operation is not copy.operation)
            )
            # 1. May its history be told? Then make the node. Where a formula uses the old numbers, it
            #    saves a copy of them.
            node = None
            if tracked:
                check_history(self)
                edges = tuple(map(gradient_edge, inputs))
                old = clone(self) if operation.keeps_first(edges) else self
                node = operation.make_node((old, *args[1:]), edges)
                if operation.node == "NotImplemented":
                    node.plain = ("_",)  # the ending of its name
            if modes.before_write is not None:
                modes.before_write(self)
            if operation.name == "addmm" and args[1].ndim == args[2].ndim == 2:  # it asks this early
                sizes = self._array.shape, (args[1].shape[0], args[2].shape[1])
                more = args[1].shape[1] != args[2].shape[0] or self.dtype is not args[2].dtype
                fits = sizes[0] == sizes[1] or more
                demand(fits, errors.OTHER_SIZE_IN_PLACE, *sizes)
            # 2. May its memory be written? Compute aside, so that an error leaves the numbers as they were,
            #    unless there can be none: `sub_` takes a third of the time on a large tensor.
            try:
                arrays = operation.arrays_of(args)
            except NotImplementedError:
                check_memory(self, args[1:])
                check_operands(self, operation, args)
                raise
            shares = may_share is not None and may_share(*args)
            if puts:  # alone among the late ones this asks for the memory first
                check_apart(self, args[1:])
            if not shares and not late:
                check_memory(self, args[1:])
            straight = operation.can_write(arrays)
            try:
                result = self._array if straight else operation.compute(arrays)
            except RuntimeError:  # what depends on the numbers is found last
                if operation.promoted:
                    check_operands(self, operation, args)
                raise
            if not straight:
                sentence = errors.OTHER_KIND_CLAMPED if clamps else errors.OTHER_KIND_WRITTEN
                check_result(self, result, sentence)
            if not shares and late:
                check_memory(self, args[1:])
            if writes_at_places and not puts:
                check_apart(self, args[1:])
            # 3. Write, count the write, and rewrite history.
            if straight:
                operation.ufunc(*arrays[:2], out=self._array)
            elif puts and repeats(self._array):
                put(*arrays)
            elif shares and repeats(self._array):  # a place of several elements keeps what is new in one
                np.copyto(self._array, result, where=result != self._array)
            else:
                self._array[...] = result
            before = count(self, write.__name__, args)
            if node is not None and floats:  # PyTorch makes one for integers, too, and lets go of it
                operation.finish_node(node, (self,))
                if self._base is not None:
                    rewrite_base(self, node)
                    if operation.saved_output is not None:
                        node.kept[-1].maker = weakref.ref(self._grad_fn)
            if slot.listener is not None:
                slot.listener.written(self, write.__name__, before, args)
            return self
        except Exception as error:
            failed(error)
            raise
        finally:
            speak(token)

    write.__name__ = write.__qualname__ = operation.name + "_"
    write.__doc__ = f"`{operation.name}`, written into the tensor itself. Returns the tensor."
    return write


def anywhere(*args: object) -> bool:
    """For writes that PyTorch does also where elements share a place in memory."""
    return True


def is_plain(operation: Operation, self: Tensor, other: object) -> bool:
    """Is this a write with no history to tell and nothing to refuse, as of an optimizer's step?

    Then it takes a third of the time.
    """
    if (self._grad_fn is not None and modes.grad) or slot.listener is not None:
        return False
    if modes.before_write is not None or modes.usual is None:
        return False
    operands = (self, other) if type(other) is Tensor else (self,)
    if modes.usual and any([each.requires_grad for each in operands]):
        return False
    arrays = [self._array, other._array if type(other) is Tensor else other, *operation.takes.defaults]
    apart = other is self or self._storage is None or operands[-1]._storage is not self._storage
    return apart and operation.can_write(arrays) and not (self._inference or repeats(self._array))


def _in_place_by_kind(op: Callable, may_share: Callable | None) -> Callable:
    """The twin of an operation of several overloads."""

    def write(self, *args, **kwargs):
        chosen = op.fitting((self, *args), kwargs, write.__name__)
        return in_place(chosen, may_share)(self, *args, **kwargs)

    write.__name__ = write.__qualname__ = op.__name__ + "_"
    write.__doc__ = f"`{op.__name__}`, written into the tensor itself. Returns the tensor."
    return write


def count(self: Tensor, name: str, args: Sequence) -> int:
    """Count a write, and return the version before.

    Raises RuntimeError for a tensor of inference mode: PyTorch, too, refuses only to count the write.
    """
    before = self._counter.value
    if type(self._counter) is not Uncounted:
        self._counter.value += not (self._inference and modes.inference)
    elif not modes.inference:
        tell(Listener.written, self, name, before, args)
        raise RuntimeError(errors.INFERENCE_WRITE)
    return before


def check_history(self: Tensor) -> None:
    """Raise RuntimeError if a write to this tensor could not be told to its history."""
    if self._base is not None:
        self._view.check(self)
        if self.requires_grad and self._base.is_leaf:
            raise errors.refused_write(errors.LEAF_VIEW_IN_PLACE, self)
    if self.requires_grad and self.is_leaf:
        raise errors.refused_write(errors.LEAF_IN_PLACE, self)


def check_memory(self: Tensor, others: Sequence) -> None:
    """Raise RuntimeError if elements share a place here, or if an input lies in part where we write."""
    array = self._array
    demand(not repeats(array), errors.OVERLAPPING_WRITE)
    for other in others:
        if isinstance(other, Tensor) and other is not self and meets_partly(self, other):
            raise RuntimeError(errors.OVERLAPPING_READ)


def check_apart(self: Tensor, others: Sequence) -> None:
    """Raise RuntimeError if an input, other than a mask, lies where we write at all.

    What is written at places must not be read meanwhile, not even in the same order.
    """
    if isinstance(others[0], tuple) and is_masked_fill(*others):
        return
    for other in others:
        for each in other if isinstance(other, tuple) else (other,):
            if isinstance(each, Tensor) and meets(self, each) and each._array.dtype != bool:
                raise RuntimeError(errors.OVERLAPPING_READ)


def meets(a: Tensor, b: Tensor) -> bool:
    """Do two blocks of a storage have a part in common? Like PyTorch, this looks at no block with gaps."""
    if a is b:
        return True
    if a._storage is None or a._storage is not b._storage:
        return False
    one, other = a._array, b._array
    return bool(one.size) and np.may_share_memory(one, other) and is_dense(one) and is_dense(other)


def meets_partly(a: Tensor, b: Tensor) -> bool:
    """Do two blocks of a storage have a part in common, but not all of it in the same order?"""
    one, other = a._array, b._array
    if not meets(a, b):
        return False
    same = a.data_ptr() == b.data_ptr() and one.nbytes == other.nbytes
    return not (same and one.strides == other.strides)


def is_same_place(a: Tensor, b: Tensor) -> bool:
    """Do the two show the same elements in the same order?"""
    places = [(e.data_ptr(), e.shape, e.stride(), e.dtype) for e in (a, b)]
    return places[0] == places[1]


def check_shape(self: Tensor, shape: tuple[int, ...]) -> None:
    """Raise RuntimeError if the tensor cannot take a result of this shape."""
    demand(shape == self._array.shape, errors.OTHER_SHAPE_WRITTEN, self._array.shape, shape)


def check_operands(self: Tensor, operation: Operation, args: Sequence) -> None:
    """Raise RuntimeError if what is computed of these is of a shape or kind that the tensor cannot take."""
    check_shape(self, operation.shape_of(args))
    given = [args[i] for i in operation.promoted if args[i] is not None]
    kind = dtypes.promote(self._array, *[getattr(each, "_array", each) for each in given])
    check_kind(self, kind, errors.OTHER_KIND_WRITTEN)


def check_result(self: Tensor, result: np.ndarray, sentence: str) -> None:
    """Raise RuntimeError if the result is of a shape or kind that the tensor cannot take."""
    check_shape(self, result.shape)
    check_kind(self, result.dtype, sentence)


def check_kind(self: Tensor, result: np.dtype, sentence: str) -> None:
    """Raise RuntimeError if the tensor cannot take a result of this type."""
    own = self._array.dtype
    if dtypes.KINDS[result.kind] > dtypes.KINDS[own.kind]:
        raise RuntimeError(sentence.format(dtypes.FROM_NUMPY[result], dtypes.FROM_NUMPY[own]))


# ---- history -----------------------------------------------------------------------------------------


def rewrite_base(view: Tensor, node: OperationNode) -> None:
    """Tell the base of a view that the part under the view has been written by `node`."""
    base = view._base
    set_history(base, CopySlices(base, view, node))
    view._view.renew(view)  # whatever it was made of, it is a part of the base from now on


class CopySlices(Node):
    """The history of a base that was written through a view (PyTorch's `CopySlices`).

    `written` is the operation's own node. In backward, the gradient under the view goes through it;
    the rest goes to the base's old history as it is.
    """

    def __init__(self, base: Tensor, view: Tensor, written: OperationNode) -> None:
        super().__init__((gradient_edge(base),))
        self.followers += written.followers[1:]
        self.output_nrs += written.output_nrs[1:]
        self.outputs = ((base._array.shape, base._array.dtype),)
        self.written: OperationNode | None = written
        (size, stride, start), (view_size, view_stride, offset) = base._geometry(), view._geometry()
        self.base_geometry: Geometry = size, stride, 0
        self.view_geometry: Geometry = view_size, view_stride, offset - start

    def apply(self, grads: list, on_tensors: bool, asked: Asked = None) -> list:
        demand(self.written is not None, errors.SECOND_BACKWARD)
        (grad,) = grads
        if grad is None:
            return [None] * len(self.followers)
        # The gradient in the base's own layout, and the part of it that lies under the view.
        room = extent(self.base_geometry)
        storage = Storage(np.empty(room, self.outputs[0][1]))
        rest = storage.look(*self.base_geometry)
        if on_tensors:
            rest = copy_(wrap(rest), grad)
            part = as_strided(rest, *self.view_geometry)
            given = clone(part, contiguous=True)
        else:
            rest[...] = grad
            if extent(self.view_geometry) > room:
                as_strided.operation.forward(rest, *self.view_geometry)  # says why that cannot be
            part = storage.look(*self.view_geometry)
            given = part.copy()
        first, *others = self.written.apply([given], on_tensors, asked)
        if self.followers[0] is None:
            rest = None
        elif on_tensors:
            part.zero_() if first is None else copy_(part, first)
        else:
            demand(first is None or not repeats(part), errors.OVERLAPPING_WRITE)
            part[...] = 0 if first is None else first
        return [rest, *others]

    def saved(self) -> dict[str, object]:
        return {} if self.written is None else self.written.saved()

    def release(self) -> None:
        if self.written is not None:
            self.written = None
            tell(Listener.freed, self)


# ---- writes that have no out-of-place twin of their own ------------------------------------------------


@differentiable
def zero(self):
    return np.zeros_like(self)

zero.gradient(self=level)


# PyTorch names the nodes of the four overloads of `fill` in this order; these two write in place.
@differentiable(name="fill", node="FillBackward2")
def fill_number(self, value):
    return np.full_like(self, element(value, self.dtype))

fill_number.gradient(self=level)


@differentiable(name="fill", node="FillBackward3", tensors=True)
def fill_tensor(self, value):
    demand(not value.ndim, errors.FILL_OF_MANY, value.ndim)
    return np.full_like(self, value)

fill_tensor.gradient(self=level, value=lambda grad: grad)


@differentiable(node="CopyBackwards")
def copy(self, src):
    shape = np.broadcast_shapes(self.shape, src.shape)
    return np.broadcast_to(src, shape).astype(self.dtype)

copy.gradient(self=level, src=lambda grad: grad)

zero_ = in_place(zero, anywhere)
_copy_tensor_ = in_place(copy, may_share=is_same_place)


def copy_(self: Tensor, other: Tensor | int | float, non_blocking: bool = False) -> Tensor:
    """Write the numbers of another tensor, or one number everywhere (`torch.Tensor.copy_`).

    Raises TypeError for what is neither, RuntimeError for a shape that does not fit.
    """
    if isinstance(other, NUMBERS):
        other = tensor(other)
    errors.argument(isinstance(other, Tensor), "copy_", "other", 1, "Tensor", other)
    return _copy_tensor_(self, other)


@overloads(fill_tensor, fill_number)
def fill(self, value):
    """One number, or the element of a 0-d tensor, everywhere; here only its twin that writes is used."""


fill_ = in_place(fill, may_share=lambda self, value: (
    not isinstance(value, Tensor) or value.ndim or not repeats(self._array)
))
