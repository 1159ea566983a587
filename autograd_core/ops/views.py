"""Views: other tensors on the same memory, at other steps.

A view copies nothing. It shares its base's storage *and* its version counter, so a write through
either is seen, and counted, by both.

The surprising idea: a view's `grad_fn` can change without anyone touching the view. When the base is
written, the view is a view of something new, so the next look at its `grad_fn` finds a fresh
`AsStridedBackward0` that leads to whatever wrote the base:

    b = a * 1
    v = b[0]        # SelectBackward0 -> MulBackward0
    b.zero_()
    v.grad_fn       # AsStridedBackward0 -> ZeroBackward0
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from .. import errors
from ..differentiable import Operation, differentiable
from ..dtypes import FROM_NUMPY
from ..graph import gradient_edge
from ..modes import modes
from ..observe import slot
from ..storage import Storage, owner
from ..tensor import Tensor, alias, wrap

Geometry = tuple[tuple[int, ...], tuple[int, ...], int]  # size, stride, storage offset


class View:
    """How a view looks at its base, and at which version its `grad_fn` was right.

    `made` is what forbids to write the view or its base where that is recorded: it was made in
    "no_grad" or "inference_mode", by a user's "function", or as one of "several" at once.
    """

    __slots__ = ("base", "version", "made")

    def __init__(self, base: Tensor, version: int, made: str | None) -> None:
        self.base, self.version, self.made = base, version, made

    def refresh(self, view: Tensor) -> None:
        """Give the view a new `grad_fn` if its base was written since it got the old one."""
        version = view._counter.value
        if version == self.version or not (view._grad_fn is not None or self.base.requires_grad):
            return
        self.check(view, indirectly=True)
        self.version = version
        geometry = view._array.shape, view.stride(), view.storage_offset()
        node = strided.operation.make_node((self.base, *geometry), (gradient_edge(self.base),))
        strided.operation.finish_node(node, view)

    def check(self, view: Tensor, indirectly: bool = False) -> None:
        """Raise RuntimeError if the view is of a kind that no write can be told to."""
        if self.made is not None:
            node = view._grad_fn and view._grad_fn.plain_name
            raise errors.view_written(self.made, node, view._output_nr, indirectly)


def look_at(source: Tensor, array: np.ndarray, several: bool) -> Tensor:
    """A view of `source` that looks like `array`, on the same memory and counter.

    `several`: the operation returns several views at once, which must not be written.
    """
    out = alias(source, array, source._counter)
    if source._inference:  # PyTorch keeps no account of views there
        return out
    base = source if source._base is None else source._base
    made = source._view and source._view.made
    if made is None and not modes.grad:
        made = "inference_mode" if modes.inference else "no_grad"
    elif made is None and several:
        made = "several"
    out._base, out._view = base, View(base, source._counter.value, made)
    return out


def of_array(array: np.ndarray) -> Tensor:
    """The tensor of an array that may be a view itself; then it is a view of the array's owner."""
    return wrap(array) if array.base is None else look_at(wrap(owner(array)), array, several=False)


def view_operation(forward: Callable | None = None, **names: str) -> Callable:
    """Like `differentiable`, for a forward that returns a NumPy view of its input."""
    if forward is None:
        return lambda forward: view_operation(forward, **names)
    operation = Operation(forward, **names)
    arity = len(operation.parameters)

    def op(self, *args, **kwargs):
        if not isinstance(self, Tensor):
            if modes.formulas:
                return forward(self, *args, **kwargs)
            raise operation.refuse((self, *args))
        if kwargs or len(args) + 1 != arity:
            self, *args = operation.complete((self, *args), kwargs)
        return finish(self, args, forward(self._array, *args), operation)

    op.__name__ = op.__qualname__ = forward.__name__
    op.__doc__, op.__module__ = forward.__doc__, forward.__module__
    op.__signature__ = operation.signature
    op.operation, op.gradient = operation, operation.gradient
    return op


def finish(
    self: Tensor, args: Sequence, array: np.ndarray, operation: Operation, several: bool = False
) -> Tensor:
    """Make the view that looks like `array`, with its node if the source needs a gradient."""
    out = look_at(self, array, several)
    if modes.grad:
        edge = gradient_edge(self)
        if edge is not None:
            operation.finish_node(operation.make_node((self, *args), (edge,)), out)
    if slot.listener is not None:
        slot.listener.alias_made(self, out, operation.name)
    return out


# ---- the same elements in another shape --------------------------------------------------------------


@view_operation
def view(self, size):
    out = self.view()
    out.shape = size  # unlike `reshape`, fails where a copy would be needed
    return out

view.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


@view_operation(name="_reshape_alias", node="ReshapeAliasBackward0")
def reshape_alias(self, size):
    return view.operation.forward(self, size)

reshape_alias.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


@differentiable(name="_unsafe_view")
def unsafe_view(self, size):
    return self.reshape(size)

unsafe_view.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


def reshape(self, size):
    """The elements in another shape: a view where that can be, else a view of a copy."""
    if not isinstance(self, Tensor):
        return np.reshape(self, size)
    size = sizes_for(self._array.size, size)
    if fits_as_view(self._array, size):
        return (view if self._array.flags.c_contiguous else reshape_alias)(self, size)
    return unsafe_view(clone(self, contiguous=True), size)


def fits_as_view(array: np.ndarray, size: tuple[int, ...]) -> bool:
    """Can the elements be seen in this shape without a copy?"""
    try:
        array.view().shape = size
    except AttributeError:
        return False
    return True


def sizes_for(count: int, size: Sequence[int]) -> tuple[int, ...]:
    """The size with its one -1, if there is one, worked out. Raises RuntimeError where none fits."""
    size = tuple(size)
    known = math.prod(each for each in size if each != -1)
    if size.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if any(each < -1 for each in size):
        raise RuntimeError(f"invalid shape dimension {min(size)}")
    if -1 in size and known and count % known == 0:
        return tuple(count // known if each == -1 else each for each in size)
    if -1 in size or known != count:
        raise RuntimeError(f"shape '{list(size)}' is invalid for input of size {count}")
    return size


@differentiable
def clone(self, contiguous=False):
    return np.array(self, order="C" if contiguous or 0 in self.strides else "K")

clone.gradient(self=lambda grad: grad)


def in_range(dim: int, ndim: int) -> int:
    """The dimension counted from the front. Raises IndexError for one that is not there."""
    bound = max(ndim, 1)
    if not -bound <= dim < bound:
        raise errors.no_dimension(dim, ndim)
    return dim % bound


@view_operation
def unsqueeze(self, dim):
    return np.expand_dims(self, in_range(dim, self.ndim + 1))

unsqueeze.gradient(self=lambda grad, dim: squeeze_dim(grad, dim))


@view_operation(name="unsqueeze", node="UnsqueezeBackward0")
def unsqueeze_dims(self, dims):
    return np.expand_dims(self, dims)

unsqueeze_dims.gradient(self=lambda grad, dims: squeeze_dims(grad, dims))


@view_operation(name="squeeze", node="SqueezeBackward0")
def squeeze_all(self):
    return np.squeeze(self)

squeeze_all.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


@view_operation(name="squeeze", node="SqueezeBackward1")
def squeeze_dim(self, dim):
    return np.squeeze(self, dim) if self.ndim and self.shape[dim] == 1 else self.view()

squeeze_dim.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


@view_operation(name="squeeze", node="SqueezeBackward2")
def squeeze_dims(self, dims):
    return np.squeeze(self, tuple(dim for dim in dims if self.shape[dim] == 1))

squeeze_dims.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


# ---- the dimensions in another order -----------------------------------------------------------------


@view_operation
def transpose(self, dim0, dim1):
    dim0, dim1 = in_range(dim0, self.ndim), in_range(dim1, self.ndim)
    return np.swapaxes(self, dim0, dim1) if self.ndim else self.view()

transpose.gradient(self=lambda grad, dim0, dim1: transpose(grad, dim0, dim1))


@view_operation
def t(self):
    if self.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {self.ndim}D")
    return self.T

t.gradient(self=lambda grad: t(grad))


@view_operation
def permute(self, dims):
    return np.transpose(self, dims)

permute.gradient(self=lambda grad, dims: permute(grad, tuple(np.argsort(dims).tolist())))


# ---- fewer elements, or the same ones several times ---------------------------------------------------


@view_operation
def expand(self, size):
    extra = len(size) - self.ndim
    shape = tuple(
        self.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(size)
    )
    if not all(n in (1, m) for n, m in zip(self.shape, shape[extra:])) or extra < 0 or -1 in shape:
        raise errors.cannot_expand(FROM_NUMPY[self.dtype], self.shape, tuple(size))
    if self.ndim == 0 and 0 not in shape:  # as after a sum: the same as below, in a fifth of the time
        return np.ndarray(shape, self.dtype, np.asarray(self), 0, (0,) * len(shape))
    steps = [0 if n != m else step for n, m, step in zip(self.shape, shape[extra:], self.strides)]
    steps = [0] * extra + steps
    for i in reversed(range(extra)):  # a new dimension of one element: PyTorch says where a next would be
        if shape[i] == 1:
            steps[i] = self.itemsize if i + 1 == len(shape) else shape[i + 1] * steps[i + 1]
    return np.lib.stride_tricks.as_strided(self, shape, steps)

expand.gradient(self=lambda grad: grad)  # the engine sums it back to the input's shape


@view_operation
def select(self, dim, index):
    if not self.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim = in_range(dim, self.ndim)
    if not -self.shape[dim] <= index < self.shape[dim]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(self.shape)} at dimension "
            f"{dim}"
        )
    return self[(slice(None),) * dim + (index, ...)]

select.gradient(
    self=lambda grad, dim, index, self_sym_sizes: select_backward(grad, self_sym_sizes, dim, index)
)


@differentiable
def select_backward(self, input_sizes, dim, index):
    out = np.zeros(input_sizes, self.dtype)
    out[(slice(None),) * dim + (index,)] = self
    return out

select_backward.gradient(self=lambda grad, dim, index: select(grad, dim, index))


@view_operation(name="slice", node="SliceBackward0")
def slice_dim(self, dim, start, end, step):
    return self[(slice(None),) * dim + (slice(start, end, step),)]

slice_dim.gradient(
    self=lambda grad, dim, end, self_sym_sizes, start, step: slice_backward(
        grad, self_sym_sizes, dim, start, end, step
    )
)


@differentiable
def slice_backward(self, input_sizes, dim, start, end, step):
    out = np.zeros(input_sizes, self.dtype)
    out[(slice(None),) * dim + (slice(start, end, step),)] = self
    return out

slice_backward.gradient(
    self=lambda grad, dim, end, start, step: slice_dim(grad, dim, start, end, step)
)


@view_operation(name="alias", node="AliasBackward0")
def same(self):
    return self.view()

same.gradient(self=lambda grad: grad)


# ---- any steps through the storage -------------------------------------------------------------------


def as_strided(self: Tensor, size, stride, storage_offset=None) -> Tensor:
    """The elements of the storage at these steps from each other (`torch.as_strided`)."""
    size, stride = tuple(size), tuple(stride)
    offset = self.storage_offset() if storage_offset is None else storage_offset
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(step < 0 for step in stride):
        raise RuntimeError(
            "as_strided: Negative strides are not supported at the moment, got strides: "
            f"{list(stride)}"
        )
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")
    storage, itemsize = self.untyped_storage(), self._array.itemsize
    needed = 0 if 0 in size else itemsize * extent((size, stride, offset))
    if needed > storage.nbytes():
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and "
            f"itemsize {itemsize} requiring a storage size of {needed} are out of bounds for storage "
            f"of size {storage.nbytes()}"
        )
    array = storage.look(size, stride, offset)
    return finish(self, (size, stride, offset), array, strided.operation)


@differentiable(name="as_strided", node="AsStridedBackward0")
def strided(self, size, stride, storage_offset):
    raise AssertionError("as_strided looks at a storage, and an array has none")

strided.gradient(
    self=lambda grad, self_geometry, size, storage_offset, stride: as_strided_backward(
        grad, self_geometry, (size, stride, storage_offset)
    )
)


@differentiable
def as_strided_backward(self, base, view):
    flat = np.zeros(max(extent(base), extent(view)), self.dtype)
    if overlaps(view):
        places = Storage(np.arange(flat.size)).look(*view)
        np.add.at(flat, places, self)
    else:
        Storage(flat).look(*view)[...] = self
    if overlaps(base):  # each element's gradient is shared by all places that show it
        places = Storage(np.arange(flat.size)).look(*base)
        flat /= np.maximum(np.bincount(places.ravel(), minlength=flat.size), 1)
    return Storage(flat).look(*base).copy()

as_strided_backward.gradient(
    self=lambda grad, base, view: as_strided_of(grad, base, view)
)


@differentiable
def as_strided_of(self, base, view):
    flat = np.zeros(max(extent(base), extent(view)), self.dtype)
    Storage(flat).look(*base)[...] = self
    return Storage(flat).look(*view).copy()

as_strided_of.gradient(self=lambda grad, base, view: as_strided_backward(grad, base, view))


def extent(geometry: Geometry) -> int:
    """How many elements of a storage it takes to hold this geometry."""
    size, stride, offset = geometry
    if 0 in size:
        return offset
    return offset + 1 + sum((n - 1) * step for n, step in zip(size, stride))


def overlaps(geometry: Geometry) -> bool:
    """Do two places of this geometry show the same element?"""
    size, stride, _ = geometry
    if 0 in size:
        return False
    reach = 0
    for step, n in sorted((step, n) for n, step in zip(size, stride) if n != 1):
        if step <= reach:
            return True
        reach += (n - 1) * step
    return False
