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
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from .. import errors
from ..differentiable import differentiable, dressed, over, overloads
from ..dtypes import FROM_NUMPY
from ..graph import gradient_edge
from ..modes import modes
from ..observe import failed, slot, telling
from ..operation import Operation, OperationNode
from ..storage import Storage, is_dense, owner
from ..tensor import Tensor, alias, wrap
from .dimensions import axes, axis

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
        self.renew(view)
        if slot.listener is not None:
            slot.listener.changed(view, "a write to its base")

    def renew(self, view: Tensor) -> None:
        """Give the view a `grad_fn` that says which part of its base it is, as the base is now."""
        self.check(view, indirectly=True)
        self.version = view._counter.value
        geometry = view._array.shape, view.stride(), view.storage_offset()
        node = strided.operation.make_node((self.base, *geometry), (gradient_edge(self.base),))
        strided.operation.finish_node(node, (view,))

    def check(self, view: Tensor, indirectly: bool = False) -> None:
        """Raise RuntimeError if the view is of a kind that no write can be told to."""
        if self.made is not None:
            node = view._grad_fn and view._grad_fn.plain_name
            error = errors.view_written(self.made, node, view._output_nr, indirectly)
            error.tensor = view
            raise error


def look_at(source: Tensor, array: np.ndarray, several: bool) -> Tensor:
    """A view of `source` that looks like `array`, on the same memory and counter.

    `several`: the operation returns several views at once, which must not be written.
    """
    out = alias(source, array, source._counter)
    if source._inference:  # PyTorch keeps no account of views there
        return out
    base = source if source._base is None else source._base
    if modes.inference:
        made = "inference_mode"
    elif not modes.grad:
        made = "no_grad"
    else:
        made = "several" if several else source._view and source._view.made
    out._base, out._view = base, View(base, source._counter.value, made)
    return out


def of_array(array: np.ndarray) -> Tensor:
    """The tensor of an array that may be a view itself; then it is a view of the array's owner."""
    return wrap(array) if array.base is None else look_at(wrap(owner(array)), array, several=False)


def view_operation(forward: Callable | None = None, **names: str) -> Callable:
    """Like `differentiable`, for a forward that returns a NumPy view of its input, or a list of them.

    Several views of one operation share its node.
    """
    if forward is None:
        return lambda forward: view_operation(forward, **names)
    operation = Operation(forward, **names)
    arity = len(operation.parameters)

    def op(*args, **kwargs):
        try:
            if kwargs or len(args) != arity:
                args = operation.complete(args, kwargs)
            if not isinstance(args[0], Tensor):
                if modes.formulas:
                    return forward(*args)
                operation.check_tensors(args)
            node = operation.node_for(args)
            return finish(operation, args, forward(args[0]._array, *args[1:]), node)
        except Exception as error:
            failed(error)
            raise

    return dressed(op, operation)


def finish(
    operation: Operation,
    args: Sequence,
    looks: np.ndarray | list[np.ndarray],
    node: OperationNode | None,
) -> Tensor | tuple[Tensor, ...]:
    """Make the view that looks so, or all of them, with the node if the source needs a gradient."""
    self, several = args[0], type(looks) is list
    outs = [look_at(self, array, several) for array in (looks if several else (looks,))]
    if node is not None:
        operation.finish_node(node, outs)
    if slot.listener is not None:
        for out in outs:
            slot.listener.alias_made(self, out, operation.name)
    return tuple(outs) if several else outs[0]


# ---- the same elements in another shape --------------------------------------------------------------


@view_operation(name="view")
def view_as_size(self, size):
    size = sizes_for(self.size, size)
    try:
        return np.reshape(self, size, copy=False)
    except ValueError:
        raise RuntimeError(errors.VIEW_NEEDS_COPY) from None

view_as_size.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


@view_operation(name="_reshape_alias")
def reshape_alias(self, size):
    return view_as_size.operation.forward(self, size)

reshape_alias.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


@differentiable(name="_unsafe_view")
def unsafe_view(self, size):
    return self.reshape(size)

unsafe_view.gradient(self=lambda grad, self_sym_sizes: reshape(grad, self_sym_sizes))


@telling
def view(self: Tensor, *size: int) -> Tensor:
    """The same elements in another shape, without a copy (`torch.Tensor.view`).

    Raises RuntimeError where the shape does not fit, or would need a copy.
    """
    return view_as_size(self, spread(size))


def reshape(self, *shape):
    """The same elements in another shape: a view where that can be, else a copy (`torch.reshape`)."""
    shape = spread(shape)
    if not isinstance(self, Tensor):
        return np.reshape(self, shape)
    shape = sizes_for(self._array.size, shape)
    if fits_as_view(self._array, shape):
        return (view_as_size if is_contiguous(self) else reshape_alias)(self, shape)
    return unsafe_view(clone(self, contiguous=True), shape)


def spread(sizes: tuple) -> tuple[int, ...]:
    """`(2, 3)` from both `x.view(2, 3)` and `x.view((2, 3))`."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes


def fits_as_view(array: np.ndarray, size: tuple[int, ...]) -> bool:
    """Can the elements be seen in this shape without a copy?"""
    try:
        np.reshape(array, size, copy=False)
    except ValueError:
        return False
    return True


def sizes_for(count: int, size: Sequence[int]) -> tuple[int, ...]:
    """The size with its one -1, if there is one, worked out. Raises RuntimeError where none fits."""
    size = tuple(size)
    known = math.prod(each for each in size if each != -1)
    if size.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    for index, each in enumerate(size):
        if each < -1:
            raise RuntimeError(
                f"invalid shape dimension {each} at index {index} of shape {list(size)}"
            )
    if -1 in size and known == count == 0:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(size)} because the unspecified "
            "dimension size -1 can be any value and is ambiguous"
        )
    if -1 in size and known and count % known == 0:
        return tuple(count // known if each == -1 else each for each in size)
    if -1 in size or known != count:
        raise RuntimeError(f"shape '{list(size)}' is invalid for input of size {count}")
    return size


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` as one (`torch.flatten`).

    >>> from autograd_core import zeros
    >>> flatten(zeros(2, 3, 4), 1).shape
    torch.Size([2, 12])
    """
    first, last = axis(input.ndim, start_dim), axis(input.ndim, end_dim)
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not input.ndim:
        return reshape(input, (1,))
    if first == last:
        return input
    size = input._array.shape
    return reshape(input, (*size[:first], math.prod(size[first : last + 1]), *size[last + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One dimension as several; one of the `sizes` may be -1 (`torch.unflatten`)."""
    dim, size = axis(input.ndim, dim), input._array.shape
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    try:
        found = sizes_for(size[dim], sizes)
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} "
            f"({size[dim]}) in the input tensor"
        ) from None
    return view(input, (*size[:dim], *found, *size[dim + 1 :]))


@differentiable
def clone(self, contiguous=False):
    kept = not contiguous and (self.flags.forc or is_dense(self))
    return np.array(self, order="K" if kept else "C")

clone.gradient(self=lambda grad: grad)


def is_contiguous(self: Tensor) -> bool:
    """Do the elements lie in memory in the order in which they are read?"""
    return self._array.flags.c_contiguous


def contiguous(self: Tensor) -> Tensor:
    """The tensor itself if its elements lie in order, else a copy in which they do."""
    return self if is_contiguous(self) else clone(self, contiguous=True)


@view_operation
def unsqueeze(self, dim):
    dim = axis(self.ndim + 1, dim)
    if self.flags.c_contiguous:
        return np.expand_dims(self, dim)
    # PyTorch has it that a step along the new dimension leads past all that it holds.
    step = self.shape[dim] * self.strides[dim] if dim < self.ndim else self.itemsize
    shape = (*self.shape[:dim], 1, *self.shape[dim:])
    return np.lib.stride_tricks.as_strided(
        self, shape, (*self.strides[:dim], step, *self.strides[dim:])
    )

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
    dim = axis(self.ndim, dim)
    return np.squeeze(self, dim) if self.ndim and self.shape[dim] == 1 else self.view()

squeeze_dim.gradient(self=lambda grad, dim, self_sym_sizes: reshape(grad, self_sym_sizes))


@view_operation(name="squeeze", node="SqueezeBackward2")
def squeeze_dims(self, dim):
    return np.squeeze(self, tuple(each for each in axes(self.ndim, dim) if self.shape[each] == 1))

squeeze_dims.gradient(self=lambda grad, dim, self_sym_sizes: reshape(grad, self_sym_sizes))


# What the twins `squeeze_` do to the tensor itself, and `matmul` does to a product on its way.
squeeze_all_over = over(squeeze_all, "SqueezeBackward3")
squeeze_over = over(squeeze_dim, "SqueezeBackward4")
squeeze_dims_over = over(squeeze_dims, "SqueezeBackward5")


@overloads
def squeeze(self, dim=None):
    """Without the dimensions of size 1, or without those of them in `dim` (`torch.squeeze`)."""
    if dim is None:
        return squeeze_all
    return squeeze_dim if isinstance(dim, int) else squeeze_dims


# ---- the dimensions in another order -----------------------------------------------------------------


@view_operation
def transpose(self, dim0, dim1):
    dim0, dim1 = axis(self.ndim, dim0), axis(self.ndim, dim1)
    return np.swapaxes(self, dim0, dim1) if self.ndim else self.view()

transpose.gradient(self=lambda grad, dim0, dim1: transpose(grad, dim0, dim1))


@view_operation
def t(self):
    if self.ndim > 2:
        raise errors.more_than_a_matrix("t", self.ndim)
    return self.T

t.gradient(self=lambda grad: t(grad))


@view_operation(name="permute")
def permute_dims(self, dims):
    if len(dims) != self.ndim:
        raise errors.not_a_permutation(self.ndim, len(dims))
    found = [axis(self.ndim, dim) for dim in dims]
    if len(set(found)) < len(found):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return np.transpose(self, found)

permute_dims.gradient(self=lambda grad, dims: permute_dims(grad, _inverse(dims)))


def _inverse(dims: Sequence[int]) -> tuple[int, ...]:
    return tuple(np.argsort([dim % len(dims) for dim in dims]).tolist())


def permute(input: Tensor, *dims: int) -> Tensor:
    """The dimensions in this order (`torch.permute`)."""
    return permute_dims(input, spread(dims))


def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """The dimensions of `source` moved to the places of `destination` (`torch.movedim`)."""
    pair = [(each,) if isinstance(each, int) else tuple(each) for each in (source, destination)]
    if len(pair[0]) != len(pair[1]):
        raise errors.uneven_move(*pair)
    froms, tos = ([axis(input.ndim, dim) for dim in dims] for dims in pair)
    for name, dims, given in (("source", froms, pair[0]), ("destination", tos, pair[1])):
        if len(set(dims)) < len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(given)})")
    if not input.ndim:
        return same(input)
    order = [dim for dim in range(input.ndim) if dim not in froms]
    for to, dim in sorted(zip(tos, froms)):
        order.insert(to, dim)
    return permute_dims(input, tuple(order))


def reversed_dims(self: Tensor) -> Tensor:
    """`x.T`: all dimensions in reverse order."""
    if self.ndim != 2:
        warnings.warn(errors.TRANSPOSE_NOT_2D if self.ndim else errors.TRANSPOSE_0D, stacklevel=2)
    return permute_dims(self, tuple(reversed(range(self.ndim))))


def matrix_transpose(self: Tensor) -> Tensor:
    """`x.mT`: the last two dimensions exchanged. Raises RuntimeError if there are no two."""
    if self.ndim == 1:
        raise RuntimeError(errors.MT_OF_VECTOR)
    if not self.ndim:
        warnings.warn(errors.MT_OF_SCALAR, stacklevel=2)
        return self
    return transpose(self, -2, -1)


# ---- fewer elements, or the same ones several times ---------------------------------------------------


@view_operation(name="expand")
def expand_to(self, size):
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

expand_to.gradient(self=lambda grad, self_sym_sizes: grad)  # the engine sums it back to that shape


def expand(self: Tensor, *size: int) -> Tensor:
    """Dimensions of size 1 repeated to these sizes, without a copy; -1 leaves one as it is.

    Follows `torch.Tensor.expand`. Raises RuntimeError for a size that does not fit.
    """
    return expand_to(self, spread(size))


@view_operation
def select(self, dim, index):
    if not self.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim = axis(self.ndim, dim)
    if not -self.shape[dim] <= index < self.shape[dim]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(self.shape)} at "
            f"dimension {dim}"
        )
    return self[(slice(None),) * dim + (index, ...)]

select.gradient(
    self=lambda grad, dim, index, self_sym_sizes: select_backward(grad, self_sym_sizes, dim, index)
)


@differentiable
def select_backward(self, input_sizes, dim, index):
    out = np.zeros(input_sizes, self.dtype)
    out[(slice(None),) * axis(out.ndim, dim) + (index,)] = self
    return out

select_backward.gradient(self=lambda grad, dim, index: select(grad, dim, index))


@view_operation(name="slice", node="SliceBackward0")
def slice_dim(self, dim, start, end, step):
    return self[(slice(None),) * axis(self.ndim, dim) + (slice(start, end, step),)]

slice_dim.gradient(
    self=lambda grad, dim, end, self_sym_sizes, start, step: slice_backward(
        grad, self_sym_sizes, dim, start, end, step
    )
)


@differentiable
def slice_backward(self, input_sizes, dim, start, end, step):
    out = np.zeros(input_sizes, self.dtype)
    out[(slice(None),) * axis(out.ndim, dim) + (slice(start, end, step),)] = self
    return out

slice_backward.gradient(
    self=lambda grad, dim, end, start, step: slice_dim(grad, dim, start, end, step)
)


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` elements along `dim`, from `start` on (`torch.narrow`).

    Raises IndexError or RuntimeError for what reaches beyond the tensor.
    """
    if not input.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    size = input._array.shape[axis(input.ndim, dim)]
    if not -size <= start <= size:
        raise IndexError(
            f"start out of range (expected to be in range of [-{size}, {size}], but got {start})"
        )
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    start = start + size if start < 0 else start
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return slice_dim(input, dim, start, start + length, 1)


@view_operation
def diagonal(self, offset=0, dim1=0, dim2=1):
    if axis(self.ndim, dim1) == axis(self.ndim, dim2):
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    out = np.diagonal(self, offset, dim1, dim2)
    out.flags.writeable = self.flags.writeable  # NumPy would have it read only
    return out

diagonal.gradient(
    self=lambda grad, dim1, dim2, offset, self_sym_sizes: diagonal_backward(
        grad, self_sym_sizes, offset, dim1, dim2
    )
)


@differentiable
def diagonal_backward(self, input_sizes, offset, dim1, dim2):
    out = np.zeros(input_sizes, self.dtype)
    part = np.diagonal(out, offset, dim1, dim2)
    part.flags.writeable = True
    part[...] = self
    return out

diagonal_backward.gradient(
    self=lambda grad, dim1, dim2, offset: diagonal(grad, offset, dim1, dim2)
)


@view_operation(name="alias", node="AliasBackward0")
def same(self):
    return self.view()

same.gradient(self=lambda grad: grad)


# ---- any steps through the storage -------------------------------------------------------------------


def as_strided(
    input: Tensor, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None
) -> Tensor:
    """The elements of the storage at these steps from each other (`torch.as_strided`).

    Raises RuntimeError for steps that are negative or lead out of the storage.
    """
    args = input, tuple(size), tuple(stride), storage_offset
    node = strided.operation.node_for(args)
    size, stride = args[1:3]
    offset = input.storage_offset() if storage_offset is None else storage_offset
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(step < 0 for step in stride):
        raise RuntimeError(
            "as_strided: Negative strides are not supported at the moment, got strides: "
            f"{list(stride)}"
        )
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")
    storage, itemsize = input.untyped_storage(), input._array.itemsize
    needed = 0 if 0 in size else itemsize * extent((size, stride, offset))
    if needed > storage.nbytes():
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and "
            f"itemsize {itemsize} requiring a storage size of {needed} are out of bounds for storage "
            f"of size {storage.nbytes()}"
        )
    array = storage.look(size, stride, offset)
    return finish(strided.operation, args, array, node)


@differentiable(name="as_strided", node="AsStridedBackward0")
def strided(self, size, stride, storage_offset):
    raise AssertionError("as_strided looks at a storage, and an array has none")

strided.gradient(
    self=lambda grad, self_geometry, size, storage_offset, stride: as_strided_backward(
        grad,
        self_geometry,
        (size, stride, self_geometry[2] if storage_offset is None else storage_offset),
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
