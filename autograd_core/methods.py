"""Tensor's methods, one explicit line each: the only place where Tensor and the operations meet."""

from __future__ import annotations

from collections.abc import Sequence

from . import copying, detach, dtypes, engine, formatting, hooks, inplace, writes
from .inplace import both, in_place
from .ops import activations, arithmetic, comparison, conversion, elementwise, gathering
from .ops import indexing, joining, matmul, ordering, reductions, rounding, scans, viewing, views
from .tensor import Tensor

# ---- arithmetic --------------------------------------------------------------------------------------

Tensor.add, Tensor.add_ = both(elementwise.add)
Tensor.sub, Tensor.sub_ = both(elementwise.sub)
Tensor.mul, Tensor.mul_ = both(elementwise.mul)
Tensor.div, Tensor.div_ = both(arithmetic.div)
Tensor.floor_divide, Tensor.floor_divide_ = both(arithmetic.floor_divide)
Tensor.remainder, Tensor.remainder_ = both(arithmetic.remainder)
Tensor.fmod, Tensor.fmod_ = both(arithmetic.fmod)
Tensor.neg, Tensor.neg_ = both(elementwise.neg)
Tensor.reciprocal, Tensor.reciprocal_ = both(elementwise.reciprocal)
Tensor.pow, Tensor.pow_ = both(elementwise.pow)
Tensor.square, Tensor.square_ = elementwise.square, lambda self: self.pow_(2)
Tensor.sqrt, Tensor.sqrt_ = both(elementwise.sqrt)
Tensor.rsqrt, Tensor.rsqrt_ = both(elementwise.rsqrt)
Tensor.lerp, Tensor.lerp_ = both(arithmetic.lerp)
Tensor.addcmul, Tensor.addcmul_ = both(arithmetic.addcmul)
Tensor.abs, Tensor.abs_ = both(rounding.abs)
Tensor.sign, Tensor.sign_ = both(rounding.sign)
Tensor.floor, Tensor.floor_ = both(rounding.floor)
Tensor.ceil, Tensor.ceil_ = both(rounding.ceil)
Tensor.trunc, Tensor.trunc_ = both(rounding.trunc)
Tensor.round, Tensor.round_ = both(rounding.round)
Tensor.clamp, Tensor.clamp_ = Tensor.clip, Tensor.clip_ = both(rounding.clamp)
Tensor.maximum = rounding.maximum
Tensor.minimum = rounding.minimum

Tensor.exp, Tensor.exp_ = both(elementwise.exp)
Tensor.exp2, Tensor.exp2_ = both(elementwise.exp2)
Tensor.expm1, Tensor.expm1_ = both(elementwise.expm1)
Tensor.log, Tensor.log_ = both(elementwise.log)
Tensor.log2, Tensor.log2_ = both(elementwise.log2)
Tensor.log10, Tensor.log10_ = both(elementwise.log10)
Tensor.log1p, Tensor.log1p_ = both(elementwise.log1p)
Tensor.sin, Tensor.sin_ = both(elementwise.sin)
Tensor.cos, Tensor.cos_ = both(elementwise.cos)
Tensor.tan, Tensor.tan_ = both(elementwise.tan)
Tensor.asin, Tensor.asin_ = both(elementwise.asin)
Tensor.acos, Tensor.acos_ = both(elementwise.acos)
Tensor.atan, Tensor.atan_ = both(elementwise.atan)
Tensor.atan2, Tensor.atan2_ = both(elementwise.atan2)
Tensor.hypot, Tensor.hypot_ = both(elementwise.hypot)
Tensor.sinh, Tensor.sinh_ = both(elementwise.sinh)
Tensor.cosh, Tensor.cosh_ = both(elementwise.cosh)
Tensor.tanh, Tensor.tanh_ = both(elementwise.tanh)
Tensor.sigmoid, Tensor.sigmoid_ = both(activations.sigmoid)
Tensor.relu, Tensor.relu_ = both(activations.relu)
Tensor.erf, Tensor.erf_ = both(activations.erf)

Tensor.__add__ = Tensor.__radd__ = elementwise.add.operator
Tensor.__sub__ = elementwise.sub.operator
Tensor.__rsub__ = elementwise.operator(elementwise.rsub)
Tensor.__mul__ = Tensor.__rmul__ = elementwise.mul.operator
Tensor.__truediv__ = elementwise.true_divide.operator
Tensor.__rtruediv__ = lambda self, other: elementwise.reciprocal(self) * other
Tensor.__floordiv__ = arithmetic.floor_divide.operator
Tensor.__rfloordiv__ = elementwise.reflected(arithmetic.floor_divide)
Tensor.__mod__ = elementwise.operator(arithmetic.remainder)
Tensor.__rmod__ = elementwise.reflected(arithmetic.remainder)
Tensor.__pow__ = elementwise.operator(elementwise.pow)
Tensor.__rpow__ = elementwise.reflected(elementwise.pow)
Tensor.__neg__ = elementwise.neg
Tensor.__pos__ = elementwise.pos_operator
Tensor.__abs__ = rounding.abs
Tensor.__iadd__ = elementwise.operator(Tensor.add_)
Tensor.__isub__ = elementwise.operator(Tensor.sub_)
Tensor.__imul__ = elementwise.operator(Tensor.mul_)
Tensor.__itruediv__ = elementwise.operator(Tensor.div_)
Tensor.__ifloordiv__ = elementwise.operator(Tensor.floor_divide_)
Tensor.__imod__ = elementwise.operator(Tensor.remainder_)
Tensor.__ipow__ = elementwise.operator(Tensor.pow_)

# ---- linear algebra ----------------------------------------------------------------------------------

Tensor.matmul = matmul.matmul
Tensor.mm = matmul.mm
Tensor.bmm = matmul.bmm
Tensor.mv = matmul.mv
Tensor.dot = matmul.dot
Tensor.outer = matmul.outer
Tensor.addmm, Tensor.addmm_ = both(matmul.addmm)
Tensor.tril, Tensor.tril_ = both(matmul.tril)
Tensor.triu, Tensor.triu_ = both(matmul.triu)
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
Tensor.cumsum, Tensor.cumsum_ = both(scans.cumsum)
Tensor.cumprod, Tensor.cumprod_ = both(scans.cumprod)
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

Tensor.eq, Tensor.eq_ = comparison.eq, in_place(comparison.over(comparison.eq))
Tensor.ne, Tensor.ne_ = comparison.ne, in_place(comparison.over(comparison.ne))
Tensor.lt, Tensor.lt_ = comparison.lt, in_place(comparison.over(comparison.lt))
Tensor.le, Tensor.le_ = comparison.le, in_place(comparison.over(comparison.le))
Tensor.gt, Tensor.gt_ = comparison.gt, in_place(comparison.over(comparison.gt))
Tensor.ge, Tensor.ge_ = comparison.ge, in_place(comparison.over(comparison.ge))
Tensor.isnan = comparison.isnan
Tensor.isinf = comparison.isinf
Tensor.isfinite = comparison.isfinite
Tensor.logical_and, Tensor.logical_and_ = both(comparison.logical_and)
Tensor.logical_or, Tensor.logical_or_ = both(comparison.logical_or)
Tensor.logical_xor, Tensor.logical_xor_ = both(comparison.logical_xor)
Tensor.logical_not, Tensor.logical_not_ = both(comparison.logical_not)
Tensor.bitwise_and, Tensor.bitwise_and_ = both(comparison.bitwise_and)
Tensor.bitwise_or, Tensor.bitwise_or_ = both(comparison.bitwise_or)
Tensor.bitwise_xor, Tensor.bitwise_xor_ = both(comparison.bitwise_xor)
Tensor.bitwise_left_shift, Tensor.bitwise_left_shift_ = both(comparison.bitwise_left_shift)
Tensor.bitwise_right_shift, Tensor.bitwise_right_shift_ = both(comparison.bitwise_right_shift)
Tensor.bitwise_not, Tensor.bitwise_not_ = both(comparison.bitwise_not)
Tensor.where = lambda self, condition, other: comparison.where(condition, self, other)
Tensor.masked_fill, Tensor.masked_fill_ = comparison.masked_fill, writes.masked_fill_
Tensor.allclose = comparison.allclose
Tensor.equal = comparison.equal

Tensor.__eq__ = comparison.eq_operator
Tensor.__ne__ = comparison.ne.operator
Tensor.__lt__ = comparison.lt.operator
Tensor.__le__ = comparison.le.operator
Tensor.__gt__ = comparison.gt.operator
Tensor.__ge__ = comparison.ge.operator
Tensor.__and__ = Tensor.__rand__ = elementwise.operator(comparison.bitwise_and)
Tensor.__or__ = Tensor.__ror__ = elementwise.operator(comparison.bitwise_or)
Tensor.__xor__ = Tensor.__rxor__ = elementwise.operator(comparison.bitwise_xor)
Tensor.__lshift__ = elementwise.operator(comparison.bitwise_left_shift)
Tensor.__rshift__ = elementwise.operator(comparison.bitwise_right_shift)
Tensor.__rlshift__ = elementwise.reflected(comparison.bitwise_left_shift)
Tensor.__rrshift__ = elementwise.reflected(comparison.bitwise_right_shift)
Tensor.__ilshift__ = elementwise.operator(Tensor.bitwise_left_shift_)
Tensor.__irshift__ = elementwise.operator(Tensor.bitwise_right_shift_)
Tensor.__iand__ = elementwise.operator(Tensor.bitwise_and_)
Tensor.__ior__ = elementwise.operator(Tensor.bitwise_or_)
Tensor.__ixor__ = elementwise.operator(Tensor.bitwise_xor_)
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
Tensor.broadcast_to = views.expand
Tensor.select = views.select
Tensor.narrow = views.narrow
Tensor.diagonal = views.diagonal
Tensor.as_strided = viewing.as_strided
Tensor.clone = views.clone
Tensor.contiguous = views.contiguous
Tensor.is_contiguous = views.is_contiguous
Tensor.split = lambda self, split_size, dim=0: joining.split(self, split_size, dim)
Tensor.chunk = joining.chunk
Tensor.unbind = joining.unbind
Tensor.repeat = joining.repeat
Tensor.roll = joining.roll
Tensor.flip = joining.flip
Tensor.__getitem__ = indexing.getitem

Tensor.is_inference = lambda self: self._inference
Tensor._is_view = lambda self: self._base is not None

# ---- at places ---------------------------------------------------------------------------------------

Tensor.gather = gathering.gather
Tensor.scatter, Tensor.scatter_ = both(gathering.scatter)
Tensor.scatter_add, Tensor.scatter_add_ = both(gathering.scatter_add)
Tensor.index_select = gathering.index_select
Tensor.index_add, Tensor.index_add_ = both(gathering.index_add)
Tensor.index_put, Tensor.index_put_ = indexing.index_put, writes.index_put_
Tensor.masked_select = indexing.masked_select

# ---- in place ----------------------------------------------------------------------------------------

Tensor.zero_ = inplace.zero_
Tensor.fill_ = inplace.fill_
Tensor.copy_ = inplace.copy_
Tensor.__setitem__ = writes.setitem
Tensor.t_ = writes.t_
Tensor.transpose_ = writes.transpose_
Tensor.unsqueeze_ = writes.unsqueeze_
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
Tensor._backward_hooks = property(hooks.hooks_on, doc=hooks.hooks_on.__doc__)
Tensor.register_post_accumulate_grad_hook = hooks.register_post_accumulate_grad_hook


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


backward.__qualname__ = "Tensor.backward"
Tensor.backward = backward

# ---- Python ------------------------------------------------------------------------------------------

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
Tensor.cpu = lambda self: self
Tensor.__array__ = conversion.__array__
Tensor.__array_wrap__ = conversion.__array_wrap__
Tensor.__array_priority__ = 1000  # an array on the left of an operator leaves the work to the tensor
Tensor.numel = lambda self: self._array.size
Tensor.dim = lambda self: self._array.ndim
Tensor.__len__ = conversion.__len__
Tensor.__iter__ = joining.iterate
Tensor.__reversed__ = lambda self: joining.flip(self, 0) if self._array.ndim else self
Tensor.__contains__ = conversion.__contains__
Tensor.__delitem__ = conversion.__delitem__
Tensor.__deepcopy__ = copying.deepcopy
Tensor.__copy__ = copying.shallow
Tensor.__reduce__ = copying.reduce
Tensor.__bool__ = conversion.__bool__
Tensor.__float__ = conversion.__float__
Tensor.__complex__ = conversion.__complex__
Tensor.__int__ = conversion.__int__
Tensor.__index__ = conversion.__index__
Tensor.__repr__ = formatting.tensor_repr
Tensor.__format__ = conversion.__format__
