"""Tensor's methods, each by its name: the only place where Tensor and the operations meet.

The class below is a table of contents: its methods come from the modules that do the work, and what
writes in place stands beside them. The surprising idea: `Tensor` is there first, for all those modules
use it, so the methods are laid into it from here. An editor takes the class for Tensor's base.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import dtypes, engine
from .detach import get_data, set_data
from .differentiable import operator
from .hooks import hooks_on
from .inplace import anywhere, in_place
from .ops import comparison, elementwise, joining, random, views
from .ops.conversion import conversion_to
from .ops.elementwise import reflected
from .tensor import Tensor

class Methods:
    """What can be done with a tensor."""

    # ---- arithmetic ------------------------------------------------------------------------------

    from .ops.arithmetic import addcmul, div, floor_divide, fmod, lerp, remainder
    from .ops.elementwise import add, mul, neg, pow, reciprocal, rsqrt, sqrt, square, sub

    add_, sub_, mul_, div_, neg_, pow_ = map(in_place, (add, sub, mul, div, neg, pow))
    floor_divide_, remainder_, fmod_ = map(in_place, (floor_divide, remainder, fmod))
    reciprocal_, sqrt_, rsqrt_ = map(in_place, (reciprocal, sqrt, rsqrt))
    lerp_, addcmul_, square_ = in_place(lerp), in_place(addcmul), lambda self: self.pow_(2)

    __add__ = __radd__ = add.operator
    __sub__, __rsub__ = sub.operator, operator(elementwise.rsub)
    __mul__ = __rmul__ = mul.operator
    __truediv__ = elementwise.true_divide.operator
    __rtruediv__ = lambda self, other: self.reciprocal() * other
    __floordiv__, __rfloordiv__ = floor_divide.operator, reflected(floor_divide)
    __mod__, __rmod__ = operator(remainder), reflected(remainder)
    __pow__, __rpow__ = operator(pow), reflected(pow)
    from .ops.elementwise import neg as __neg__, pos_operator as __pos__

    __iadd__, __isub__, __imul__, __itruediv__ = map(operator, (add_, sub_, mul_, div_))
    __ifloordiv__, __imod__, __ipow__ = map(operator, (floor_divide_, remainder_, pow_))

    # ---- steps and limits ------------------------------------------------------------------------

    from .ops.rounding import abs, ceil, clamp, floor, maximum, minimum, round, sign, trunc
    from .ops.rounding import abs as __abs__, clamp as clip

    abs_, sign_, clamp_ = map(in_place, (abs, sign, clamp))
    clip_ = clamp_
    floor_, ceil_, trunc_, round_ = map(in_place, (floor, ceil, trunc, round))

    # ---- functions of each element ---------------------------------------------------------------

    from .ops.activations import erf, log_softmax, relu, sigmoid, softmax
    from .ops.elementwise import acos, asin, atan, atan2, cos, cosh, exp, exp2, expm1, hypot, log
    from .ops.elementwise import log1p, log2, log10, sin, sinh, tan, tanh

    exp_, exp2_, expm1_ = map(in_place, (exp, exp2, expm1))
    log_, log2_, log10_, log1p_ = map(in_place, (log, log2, log10, log1p))
    sin_, cos_, tan_, sinh_, cosh_, tanh_ = map(in_place, (sin, cos, tan, sinh, cosh, tanh))
    asin_, acos_, atan_, atan2_, hypot_ = map(in_place, (asin, acos, atan, atan2, hypot))
    sigmoid_, relu_, erf_ = map(in_place, (sigmoid, relu, erf))

    # ---- linear algebra --------------------------------------------------------------------------

    from .ops.matmul import addmm, bmm, diag, dot, matmul, mm, mv, outer, trace, tril, triu
    from .ops.matmul import matmul_operator as __matmul__

    addmm_, tril_, triu_ = in_place(addmm), in_place(tril, anywhere), in_place(triu, anywhere)

    # ---- reductions ------------------------------------------------------------------------------

    from .ops.ordering import argmax, argmin, argsort, max, median, min, sort, topk
    from .ops.reductions import all, amax, amin, any, logsumexp, mean, norm, std, sum, var
    from .ops.scans import cumprod, cumsum, prod

    cumsum_, cumprod_ = in_place(cumsum), in_place(cumprod)

    # ---- comparison and logic --------------------------------------------------------------------

    from .ops.comparison import allclose, eq, equal, ge, gt, isfinite, isinf, isnan, le, lt, ne
    from .ops.comparison import bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or
    from .ops.comparison import bitwise_right_shift, bitwise_xor
    from .ops.comparison import logical_and, logical_not, logical_or, logical_xor, masked_fill
    from .ops.comparison import eq_operator as __eq__, invert_operator as __invert__
    from .writes import masked_fill_

    eq_, ne_, lt_, le_, gt_, ge_ = map(in_place, map(comparison.over, (eq, ne, lt, le, gt, ge)))
    logical_and_, logical_or_ = in_place(logical_and), in_place(logical_or)
    logical_xor_, logical_not_ = in_place(logical_xor), in_place(logical_not)
    bitwise_and_, bitwise_or_ = in_place(bitwise_and), in_place(bitwise_or)
    bitwise_xor_, bitwise_not_ = in_place(bitwise_xor), in_place(bitwise_not)
    bitwise_left_shift_ = in_place(bitwise_left_shift)
    bitwise_right_shift_ = in_place(bitwise_right_shift)
    where = lambda self, condition, other: comparison.where(condition, self, other)

    __ne__, __lt__, __le__ = ne.operator, lt.operator, le.operator
    __gt__, __ge__ = gt.operator, ge.operator
    __and__ = __rand__ = operator(bitwise_and)
    __or__ = __ror__ = operator(bitwise_or)
    __xor__ = __rxor__ = operator(bitwise_xor)
    __lshift__, __rlshift__ = operator(bitwise_left_shift), reflected(bitwise_left_shift)
    __rshift__, __rrshift__ = operator(bitwise_right_shift), reflected(bitwise_right_shift)
    __iand__, __ior__, __ixor__ = map(operator, (bitwise_and_, bitwise_or_, bitwise_xor_))
    __ilshift__, __irshift__ = operator(bitwise_left_shift_), operator(bitwise_right_shift_)

    # ---- views and copies ------------------------------------------------------------------------

    from .ops.joining import chunk, flip, repeat, roll, unbind
    from .ops.viewing import as_strided
    from .ops.views import clone, contiguous, diagonal, expand, flatten, is_contiguous, movedim
    from .ops.views import narrow, permute, reshape, select, squeeze, t, transpose, unflatten
    from .ops.views import expand as broadcast_to, unsqueeze, view

    T = property(views.reversed_dims, doc=views.reversed_dims.__doc__)
    mT = property(views.matrix_transpose, doc=views.matrix_transpose.__doc__)
    expand_as = lambda self, other: views.expand(self, other._array.shape)
    split = lambda self, split_size, dim=0: joining.split(self, split_size, dim)
    is_inference = lambda self: self._inference
    _is_view = lambda self: self._base is not None

    # ---- at places -------------------------------------------------------------------------------

    from .ops.gathering import gather, index_add, index_select, scatter, scatter_add
    from .ops.indexing import getitem as __getitem__, index_put, masked_select
    from .writes import index_put_, setitem as __setitem__

    scatter_, scatter_add_, index_add_ = map(in_place, (scatter, scatter_add, index_add))

    # ---- in place --------------------------------------------------------------------------------

    from .inplace import copy_, fill_, zero_
    from .writes import as_strided_, resize_, set_, squeeze_, t_, transpose_, unsqueeze_

    normal_, uniform_ = in_place(random.normal), in_place(random.uniform)

    # ---- history ---------------------------------------------------------------------------------

    from .detach import detach, detach_
    from .hooks import register_hook, register_post_accumulate_grad_hook, retain_grad

    data = property(get_data, set_data, doc=get_data.__doc__)
    _backward_hooks = property(hooks_on, doc=hooks_on.__doc__)

    def backward(
        self, gradient: Tensor | None = None, retain_graph: bool | None = None,
        create_graph: bool = False, inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:  # fmt: skip
        """Add the gradient of this tensor to the `.grad` of every leaf it depends on.

        See `engine.backward`; follows `torch.Tensor.backward`.
        """
        engine.backward(self, gradient, retain_graph, create_graph, inputs)

    backward.__qualname__ = "Tensor.backward"

    # ---- Python ----------------------------------------------------------------------------------

    from .copying import deepcopy as __deepcopy__, reduce as __reduce__, shallow as __copy__
    from .formatting import tensor_repr as __repr__
    from .ops.creation import construct as __init__
    from .ops.conversion import __array__, __array_wrap__, __bool__, __complex__, __contains__
    from .ops.conversion import __delitem__, __float__, __format__, __index__, __int__, __len__
    from .ops.conversion import is_floating_point, item, numpy, to, tolist, type_ as type
    from .ops.joining import iterate as __iter__

    double, float, half = map(conversion_to, (dtypes.float64, dtypes.float32, dtypes.float16))
    long, int, short = map(conversion_to, (dtypes.int64, dtypes.int32, dtypes.int16))
    char, byte, bool = map(conversion_to, (dtypes.int8, dtypes.uint8, dtypes.bool))
    cpu = lambda self: self
    numel = lambda self: self._array.size
    dim = lambda self: self._array.ndim
    __reversed__ = lambda self: joining.flip(self, 0) if self._array.ndim else self
    __array_priority__ = 1000  # an array on the left of an operator leaves the work to the tensor


for name, method in vars(Methods).items():
    if name not in vars(Tensor):  # else it is a class's own, as `__module__`
        setattr(Tensor, name, method)
