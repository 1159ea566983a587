"""Tensor's methods, one explicit line each: the only place where Tensor and the operations meet."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from . import detach, engine, errors, formatting, hooks, inplace
from .modes import modes
from .observe import slot
from .ops import comparison, elementwise, indexing, reductions, views
from .tensor import Tensor

# ---- arithmetic --------------------------------------------------------------------------------------

Tensor.add = elementwise.add
Tensor.sub = elementwise.sub
Tensor.mul = elementwise.mul
Tensor.div = elementwise.div
Tensor.neg = elementwise.neg
Tensor.reciprocal = elementwise.reciprocal
Tensor.pow = elementwise.pow
Tensor.exp = elementwise.exp
Tensor.log = elementwise.log
Tensor.sigmoid = elementwise.sigmoid
Tensor.sin = elementwise.sin
Tensor.cos = elementwise.cos

Tensor.__add__ = Tensor.__radd__ = elementwise.add.operator
Tensor.__sub__ = elementwise.sub.operator
Tensor.__rsub__ = elementwise.rsub_operator
Tensor.__mul__ = Tensor.__rmul__ = elementwise.mul.operator
Tensor.__truediv__ = elementwise.div.operator
Tensor.__rtruediv__ = lambda self, other: elementwise.reciprocal(self) * other
Tensor.__pow__ = elementwise.pow_operator
Tensor.__rpow__ = elementwise.rpow_operator
Tensor.__neg__ = elementwise.neg
Tensor.__pos__ = lambda self: self

# ---- reductions --------------------------------------------------------------------------------------

Tensor.sum = reductions.sum

# ---- comparison --------------------------------------------------------------------------------------

Tensor.__eq__ = comparison.eq.operator
Tensor.__ne__ = comparison.ne.operator
Tensor.__lt__ = comparison.lt.operator
Tensor.__le__ = comparison.le.operator
Tensor.__gt__ = comparison.gt.operator
Tensor.__ge__ = comparison.ge.operator
Tensor.__and__ = comparison.bitwise_and.operator

# ---- views -------------------------------------------------------------------------------------------


def view(self: Tensor, *size: int) -> Tensor:
    """The same elements in another shape, without a copy (`torch.Tensor.view`).

    Raises RuntimeError where the shape does not fit, or would need a copy.
    """
    sizes = views.sizes_for(self._array.size, _spread(size))
    if not views.fits_as_view(self._array, sizes):
        raise RuntimeError(errors.VIEW_NEEDS_COPY)
    return views.view(self, sizes)


def reshape(self: Tensor, *shape: int) -> Tensor:
    """The same elements in another shape: a view where that can be, else a copy (`torch.reshape`)."""
    return views.reshape(self, _spread(shape))


def _spread(sizes: tuple) -> tuple[int, ...]:
    """`(2, 3)` from both `x.view(2, 3)` and `x.view((2, 3))`."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes


def reverse_dims(self: Tensor) -> Tensor:
    """`x.T`: the dimensions in reverse order; warns where there are not two of them."""
    if self._array.ndim != 2:
        sentence = errors.TRANSPOSE_NOT_2D if self._array.ndim else errors.TRANSPOSE_0D
        warnings.warn(sentence, UserWarning, stacklevel=3)
    return views.permute(self, tuple(reversed(range(self._array.ndim))))


Tensor.view = view
Tensor.reshape = reshape
Tensor.clone = views.clone
Tensor.as_strided = views.as_strided
Tensor.select = views.select
Tensor.unsqueeze = views.unsqueeze
Tensor.expand = lambda self, *size: views.expand(self, _spread(size))
Tensor.transpose = views.transpose
Tensor.t = views.t
Tensor.T = property(lambda self: reverse_dims(self))
Tensor.__getitem__ = indexing.getitem

Tensor.is_inference = lambda self: self._inference
Tensor._is_view = lambda self: self._base is not None

# ---- in place ----------------------------------------------------------------------------------------

Tensor.add_ = Tensor.__iadd__ = inplace.in_place(elementwise.add)
Tensor.sub_ = Tensor.__isub__ = inplace.in_place(elementwise.sub)
Tensor.mul_ = Tensor.__imul__ = inplace.in_place(elementwise.mul)
Tensor.div_ = Tensor.__itruediv__ = inplace.in_place(elementwise.div)
Tensor.neg_ = inplace.in_place(elementwise.neg)
Tensor.exp_ = inplace.in_place(elementwise.exp)
Tensor.sigmoid_ = inplace.in_place(elementwise.sigmoid)
Tensor.sin_ = inplace.in_place(elementwise.sin)
Tensor.cos_ = inplace.in_place(elementwise.cos)
Tensor.zero_ = inplace.zero_
Tensor.fill_ = inplace.fill_
Tensor.copy_ = inplace.copy_
Tensor.__setitem__ = inplace.setitem

# ---- history -----------------------------------------------------------------------------------------

Tensor.detach = detach.detach
Tensor.detach_ = detach.detach_
Tensor.data = property(detach.get_data, detach.set_data, doc=detach.get_data.__doc__)
Tensor.retain_grad = hooks.retain_grad
Tensor.register_hook = hooks.register_hook
Tensor.register_post_accumulate_grad_hook = hooks.register_post_accumulate_grad_hook


def requires_grad_(self: Tensor, requires_grad: bool = True) -> Tensor:
    """Say whether this tensor requires grad, and return it (`torch.Tensor.requires_grad_`).

    Raises RuntimeError where a tensor with history should not, or one that is not floating point should.
    """
    if self._grad_fn is not None:
        if not requires_grad:
            raise RuntimeError(errors.NON_LEAF_REQUIRES_GRAD)
        return self
    if requires_grad and self._array.dtype.kind != "f":
        raise RuntimeError(errors.NON_FLOAT_REQUIRES_GRAD_)
    if requires_grad and self._inference and not modes.inference:
        raise RuntimeError(errors.INFERENCE_REQUIRES_GRAD)
    self._requires_grad = bool(requires_grad)
    if slot.listener is not None:
        slot.listener.changed(self, "requires_grad_")
    return self


def backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Add the gradient of this tensor to the `.grad` of every leaf it depends on.

    See `engine.backward`; follows `torch.Tensor.backward`.
    """
    engine.backward(self, gradient, retain_graph, create_graph, inputs)


Tensor.requires_grad_ = requires_grad_
backward.__qualname__ = "Tensor.backward"
Tensor.backward = backward

# ---- Python ------------------------------------------------------------------------------------------


def item(self: Tensor) -> float | int | bool:
    """The only element, as a Python number. Raises RuntimeError if there is not just one."""
    if self._array.size != 1:
        raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
    return self._array.item()


def tolist(self: Tensor) -> object:
    """The elements as nested lists of Python numbers; a 0-d tensor gives the number."""
    return self._array.tolist()


def __len__(self: Tensor) -> int:
    if not self._array.ndim:
        raise TypeError("len() of a 0-d tensor")
    return len(self._array)


def __bool__(self: Tensor) -> bool:
    if self._array.size != 1:
        name = "more than one value" if self._array.size else "no values"
        raise RuntimeError(f"Boolean value of Tensor with {name} is ambiguous")
    return bool(self._array.item())


def _scalar(self: Tensor) -> float | int | bool:
    """The only element, for `float(x)` and `int(x)`. Raises ValueError if there is not just one."""
    if self._array.size != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    if self.requires_grad:
        warnings.warn(errors.SCALAR_REQUIRES_GRAD, UserWarning, stacklevel=3)
    return self._array.item()


def __index__(self: Tensor) -> int:
    if self._array.size != 1 or self._array.dtype.kind == "f":
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self._array.item())


def __format__(self: Tensor, spec: str) -> str:
    return format(self.item(), spec) if not self._array.ndim else object.__format__(self, spec)


Tensor.item = item
Tensor.tolist = tolist
Tensor.size = lambda self, dim=None: self.shape if dim is None else self._array.shape[dim]
Tensor.numel = lambda self: self._array.size
Tensor.dim = lambda self: self._array.ndim
Tensor.__len__ = __len__
Tensor.__bool__ = __bool__
Tensor.__float__ = lambda self: float(_scalar(self))
Tensor.__int__ = lambda self: int(_scalar(self))
Tensor.__index__ = __index__
Tensor.__repr__ = formatting.tensor_repr
Tensor.__format__ = __format__
