"""Tensor's methods, one explicit line each: the only place where Tensor and the operations meet."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence

from . import copying, detach, dtypes, engine, errors, formatting, hooks, inplace, writes
from .inplace import in_place
from .modes import modes
from .observe import slot, telling
from .ops import (
    activations,
    arithmetic,
    comparison,
    conversion,
    elementwise,
    indexing,
    joining,
    matmul,
    ordering,
    reductions,
    rounding,
    scans,
    trigonometry,
    views,
)
from .tensor import Tensor

# ---- arithmetic --------------------------------------------------------------------------------------

Tensor.add = elementwise.add
Tensor.sub = elementwise.sub
Tensor.mul = elementwise.mul
Tensor.div = arithmetic.div
Tensor.floor_divide = arithmetic.floor_divide
Tensor.remainder = arithmetic.remainder
Tensor.fmod = arithmetic.fmod
Tensor.neg = elementwise.neg
Tensor.reciprocal = elementwise.reciprocal
Tensor.pow = elementwise.pow
Tensor.square = elementwise.square
Tensor.sqrt = elementwise.sqrt
Tensor.rsqrt = elementwise.rsqrt
Tensor.lerp = arithmetic.lerp
Tensor.addcmul = arithmetic.addcmul
Tensor.abs = rounding.abs
Tensor.sign = rounding.sign
Tensor.floor = rounding.floor
Tensor.ceil = rounding.ceil
Tensor.trunc = rounding.trunc
Tensor.round = rounding.round
Tensor.clamp = Tensor.clip = rounding.clamp
Tensor.maximum = rounding.maximum
Tensor.minimum = rounding.minimum

Tensor.exp = elementwise.exp
Tensor.exp2 = elementwise.exp2
Tensor.expm1 = elementwise.expm1
Tensor.log = elementwise.log
Tensor.log2 = elementwise.log2
Tensor.log10 = elementwise.log10
Tensor.log1p = elementwise.log1p
Tensor.sin = trigonometry.sin
Tensor.cos = trigonometry.cos
Tensor.tan = trigonometry.tan
Tensor.asin = trigonometry.asin
Tensor.acos = trigonometry.acos
Tensor.atan = trigonometry.atan
Tensor.atan2 = trigonometry.atan2
Tensor.hypot = trigonometry.hypot
Tensor.sinh = trigonometry.sinh
Tensor.cosh = trigonometry.cosh
Tensor.tanh = trigonometry.tanh
Tensor.sigmoid = activations.sigmoid
Tensor.relu = activations.relu
Tensor.erf = activations.erf

Tensor.__add__ = Tensor.__radd__ = elementwise.add.operator
Tensor.__sub__ = elementwise.sub.operator
Tensor.__rsub__ = elementwise.operator(elementwise.rsub)
Tensor.__mul__ = Tensor.__rmul__ = elementwise.mul.operator
Tensor.__truediv__ = elementwise.true_divide.operator
Tensor.__rtruediv__ = lambda self, other: elementwise.reciprocal(self) * other
Tensor.__floordiv__ = arithmetic.floor_divide.operator
Tensor.__rfloordiv__ = lambda self, other: arithmetic.floor_divide.operator(other, self)
Tensor.__mod__ = arithmetic.remainder
Tensor.__rmod__ = lambda self, other: arithmetic.remainder(other, self)
Tensor.__pow__ = elementwise.operator(elementwise.pow)
Tensor.__rpow__ = elementwise.operator(lambda self, base: elementwise.pow(base, self))
Tensor.__neg__ = elementwise.neg
Tensor.__pos__ = elementwise.pos_operator
Tensor.__abs__ = rounding.abs

# ---- linear algebra ----------------------------------------------------------------------------------

Tensor.matmul = matmul.matmul
Tensor.mm = matmul.mm
Tensor.bmm = matmul.bmm
Tensor.mv = matmul.mv
Tensor.dot = matmul.dot
Tensor.outer = matmul.outer
Tensor.addmm = matmul.addmm
Tensor.tril = matmul.tril
Tensor.triu = matmul.triu
Tensor.trace = matmul.trace
Tensor.diag = matmul.diag
Tensor.__matmul__ = matmul.matmul_operator

# ---- reductions --------------------------------------------------------------------------------------

Tensor.sum = reductions.sum
Tensor.mean = reductions.mean
Tensor.var = reductions.var
Tensor.std = reductions.std
Tensor.amax = reductions.amax
Tensor.amin = reductions.amin
Tensor.all = reductions.all
Tensor.any = reductions.any
Tensor.logsumexp = reductions.logsumexp
Tensor.norm = reductions.norm
Tensor.prod = scans.prod
Tensor.cumsum = scans.cumsum
Tensor.cumprod = scans.cumprod
Tensor.max = ordering.max
Tensor.min = ordering.min
Tensor.argmax = ordering.argmax
Tensor.argmin = ordering.argmin
Tensor.median = ordering.median
Tensor.sort = ordering.sort
Tensor.argsort = ordering.argsort
Tensor.topk = ordering.topk
Tensor.softmax = activations.softmax
Tensor.log_softmax = activations.log_softmax

# ---- comparison and logic ----------------------------------------------------------------------------

Tensor.eq = comparison.eq
Tensor.ne = comparison.ne
Tensor.lt = comparison.lt
Tensor.le = comparison.le
Tensor.gt = comparison.gt
Tensor.ge = comparison.ge
Tensor.isnan = comparison.isnan
Tensor.isinf = comparison.isinf
Tensor.isfinite = comparison.isfinite
Tensor.logical_and = comparison.logical_and
Tensor.logical_or = comparison.logical_or
Tensor.logical_xor = comparison.logical_xor
Tensor.logical_not = comparison.logical_not
Tensor.bitwise_and = comparison.bitwise_and
Tensor.bitwise_or = comparison.bitwise_or
Tensor.bitwise_xor = comparison.bitwise_xor
Tensor.bitwise_not = comparison.bitwise_not
Tensor.where = lambda self, condition, other: comparison.where(condition, self, other)
Tensor.masked_fill = comparison.masked_fill
Tensor.allclose = comparison.allclose
Tensor.equal = comparison.equal

Tensor.__eq__ = comparison.eq.operator
Tensor.__ne__ = comparison.ne.operator
Tensor.__lt__ = comparison.lt.operator
Tensor.__le__ = comparison.le.operator
Tensor.__gt__ = comparison.gt.operator
Tensor.__ge__ = comparison.ge.operator
Tensor.__and__ = Tensor.__rand__ = comparison.bitwise_and.operator
Tensor.__or__ = Tensor.__ror__ = comparison.bitwise_or.operator
Tensor.__xor__ = Tensor.__rxor__ = comparison.bitwise_xor.operator
Tensor.__invert__ = comparison.invert_operator

# ---- views -------------------------------------------------------------------------------------------

Tensor.view = views.view
Tensor.reshape = views.reshape
Tensor.flatten = views.flatten
Tensor.unflatten = views.unflatten
Tensor.squeeze = views.squeeze
Tensor.unsqueeze = views.unsqueeze
Tensor.transpose = views.transpose
Tensor.permute = views.permute
Tensor.movedim = views.movedim
Tensor.t = views.t
Tensor.T = property(views.reversed_dims, doc=views.reversed_dims.__doc__)
Tensor.mT = property(views.matrix_transpose, doc=views.matrix_transpose.__doc__)
Tensor.expand = views.expand
Tensor.expand_as = lambda self, other: views.expand(self, other._array.shape)
Tensor.broadcast_to = lambda self, size: views.expand(self, size)
Tensor.select = views.select
Tensor.narrow = views.narrow
Tensor.diagonal = views.diagonal
Tensor.as_strided = views.as_strided
Tensor.clone = views.clone
Tensor.contiguous = views.contiguous
Tensor.is_contiguous = views.is_contiguous
Tensor.split = joining.split
Tensor.chunk = joining.chunk
Tensor.unbind = joining.unbind
Tensor.repeat = joining.repeat
Tensor.roll = joining.roll
Tensor.flip = joining.flip
Tensor.__getitem__ = indexing.getitem

Tensor.is_inference = lambda self: self._inference
Tensor._is_view = lambda self: self._base is not None

# ---- at places ---------------------------------------------------------------------------------------

Tensor.gather = indexing.gather
Tensor.scatter = indexing.scatter
Tensor.scatter_add = indexing.scatter_add
Tensor.index_select = indexing.index_select
Tensor.index_add = indexing.index_add
Tensor.index_put = indexing.index_put
Tensor.masked_select = indexing.masked_select

# ---- in place ----------------------------------------------------------------------------------------

Tensor.add_ = Tensor.__iadd__ = in_place(elementwise.add)
Tensor.sub_ = Tensor.__isub__ = in_place(elementwise.sub)
Tensor.mul_ = Tensor.__imul__ = in_place(elementwise.mul)
Tensor.div_ = Tensor.__itruediv__ = in_place(arithmetic.div)
Tensor.floor_divide_ = Tensor.__ifloordiv__ = in_place(arithmetic.floor_divide)
Tensor.remainder_ = Tensor.__imod__ = in_place(arithmetic.remainder)
Tensor.fmod_ = in_place(arithmetic.fmod)
Tensor.neg_ = in_place(elementwise.neg)
Tensor.reciprocal_ = in_place(elementwise.reciprocal)
Tensor.pow_ = Tensor.__ipow__ = in_place(elementwise.pow)
Tensor.square_ = lambda self: self.pow_(2)
Tensor.sqrt_ = in_place(elementwise.sqrt)
Tensor.rsqrt_ = in_place(elementwise.rsqrt)
Tensor.lerp_ = in_place(arithmetic.lerp)
Tensor.addcmul_ = in_place(arithmetic.addcmul)
Tensor.abs_ = in_place(rounding.abs)
Tensor.sign_ = in_place(rounding.sign)
Tensor.floor_ = in_place(rounding.floor)
Tensor.ceil_ = in_place(rounding.ceil)
Tensor.trunc_ = in_place(rounding.trunc)
Tensor.round_ = in_place(rounding.round)
Tensor.clamp_ = Tensor.clip_ = in_place(rounding.clamp)

Tensor.exp_ = in_place(elementwise.exp)
Tensor.exp2_ = in_place(elementwise.exp2)
Tensor.expm1_ = in_place(elementwise.expm1)
Tensor.log_ = in_place(elementwise.log)
Tensor.log2_ = in_place(elementwise.log2)
Tensor.log10_ = in_place(elementwise.log10)
Tensor.log1p_ = in_place(elementwise.log1p)
Tensor.sin_ = in_place(trigonometry.sin)
Tensor.cos_ = in_place(trigonometry.cos)
Tensor.tan_ = in_place(trigonometry.tan)
Tensor.asin_ = in_place(trigonometry.asin)
Tensor.acos_ = in_place(trigonometry.acos)
Tensor.atan_ = in_place(trigonometry.atan)
Tensor.atan2_ = in_place(trigonometry.atan2)
Tensor.hypot_ = in_place(trigonometry.hypot)
Tensor.sinh_ = in_place(trigonometry.sinh)
Tensor.cosh_ = in_place(trigonometry.cosh)
Tensor.tanh_ = in_place(trigonometry.tanh)
Tensor.sigmoid_ = in_place(activations.sigmoid)
Tensor.relu_ = in_place(activations.relu)
Tensor.erf_ = in_place(activations.erf)

Tensor.eq_ = in_place(comparison.over(comparison.eq))
Tensor.ne_ = in_place(comparison.over(comparison.ne))
Tensor.lt_ = in_place(comparison.over(comparison.lt))
Tensor.le_ = in_place(comparison.over(comparison.le))
Tensor.gt_ = in_place(comparison.over(comparison.gt))
Tensor.ge_ = in_place(comparison.over(comparison.ge))
Tensor.logical_and_ = in_place(comparison.logical_and)
Tensor.logical_or_ = in_place(comparison.logical_or)
Tensor.logical_xor_ = in_place(comparison.logical_xor)
Tensor.logical_not_ = in_place(comparison.logical_not)
Tensor.bitwise_and_ = Tensor.__iand__ = in_place(comparison.bitwise_and)
Tensor.bitwise_or_ = Tensor.__ior__ = in_place(comparison.bitwise_or)
Tensor.bitwise_xor_ = Tensor.__ixor__ = in_place(comparison.bitwise_xor)
Tensor.bitwise_not_ = in_place(comparison.bitwise_not)
Tensor.addmm_ = in_place(matmul.addmm)
Tensor.tril_ = in_place(matmul.tril)
Tensor.triu_ = in_place(matmul.triu)
Tensor.cumsum_ = in_place(scans.cumsum)
Tensor.cumprod_ = in_place(scans.cumprod)
Tensor.scatter_ = in_place(indexing.scatter)
Tensor.scatter_add_ = in_place(indexing.scatter_add)
Tensor.index_add_ = in_place(indexing.index_add)
Tensor.index_put_ = writes.index_put_
Tensor.masked_fill_ = writes.masked_fill_

Tensor.zero_ = inplace.zero_
Tensor.fill_ = inplace.fill_
Tensor.copy_ = inplace.copy_
Tensor.__setitem__ = writes.setitem
Tensor.t_ = writes.t_
Tensor.transpose_ = writes.in_place_view(views.transpose, "TransposeBackward1")
Tensor.unsqueeze_ = writes.in_place_view(views.unsqueeze, "UnsqueezeBackward1")
Tensor.squeeze_ = writes.squeeze_
Tensor.as_strided_ = writes.as_strided_
Tensor.set_ = writes.set_
Tensor.resize_ = writes.resize_
Tensor.normal_ = in_place(writes.normal)
Tensor.uniform_ = in_place(writes.uniform)

# ---- history -----------------------------------------------------------------------------------------

Tensor.detach = detach.detach
Tensor.detach_ = detach.detach_
Tensor.data = property(detach.get_data, detach.set_data, doc=detach.get_data.__doc__)
Tensor.retain_grad = hooks.retain_grad
Tensor.register_hook = hooks.register_hook
Tensor.register_post_accumulate_grad_hook = hooks.register_post_accumulate_grad_hook


@telling
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


def __len__(self: Tensor) -> int:
    if not self._array.ndim:
        raise TypeError("len() of a 0-d tensor")
    return len(self._array)


def __iter__(self: Tensor) -> Iterator[Tensor]:
    if not self._array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(joining.unbind(self))


def __bool__(self: Tensor) -> bool:
    if self._array.size != 1:
        name = "more than one value" if self._array.size else "no values"
        raise RuntimeError(f"Boolean value of Tensor with {name} is ambiguous")
    return bool(self._array.item())


def _scalar(self: Tensor) -> float | int | bool:
    """The only element, for `float(x)` and `int(x)`. Raises ValueError if there is not just one."""
    if self._array.size != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    return self._array.item()


def __float__(self: Tensor) -> float:
    if self.requires_grad:
        warnings.warn(errors.SCALAR_REQUIRES_GRAD, UserWarning, stacklevel=2)
    return float(_scalar(self))


def __index__(self: Tensor) -> int:
    if self._array.size != 1 or self._array.dtype.kind == "f":
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self._array.item())


def __format__(self: Tensor, spec: str) -> str:
    return format(self.item(), spec) if not self._array.ndim else object.__format__(self, spec)


Tensor.to = conversion.to
Tensor.type = conversion.type_
Tensor.float = lambda self: conversion.convert(self, dtypes.float32)
Tensor.double = lambda self: conversion.convert(self, dtypes.float64)
Tensor.half = lambda self: conversion.convert(self, dtypes.float16)
Tensor.long = lambda self: conversion.convert(self, dtypes.int64)
Tensor.int = lambda self: conversion.convert(self, dtypes.int32)
Tensor.short = lambda self: conversion.convert(self, dtypes.int16)
Tensor.char = lambda self: conversion.convert(self, dtypes.int8)
Tensor.byte = lambda self: conversion.convert(self, dtypes.uint8)
Tensor.bool = lambda self: conversion.convert(self, dtypes.bool)
Tensor.is_floating_point = conversion.is_floating_point
Tensor.item = conversion.item
Tensor.tolist = conversion.tolist
Tensor.numpy = conversion.numpy
Tensor.__array__ = conversion.__array__
Tensor.__array_priority__ = 1000  # an array on the left of an operator leaves the work to the tensor
Tensor.numel = lambda self: self._array.size
Tensor.dim = lambda self: self._array.ndim
Tensor.__len__ = __len__
Tensor.__iter__ = __iter__
Tensor.__deepcopy__ = copying.deepcopy
Tensor.__copy__ = copying.shallow
Tensor.__reduce__ = copying.reduce
Tensor.__bool__ = __bool__
Tensor.__float__ = __float__
Tensor.__int__ = lambda self: int(_scalar(self))
Tensor.__index__ = __index__
Tensor.__repr__ = formatting.tensor_repr
Tensor.__format__ = __format__
