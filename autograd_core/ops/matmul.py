"""Products of matrices, and what looks at a matrix as one.

`matmul` is not an operation of its own: PyTorch looks at the dimensions, takes `dot`, `mv`, `mm` or
`bmm`, and puts views before and after it. The graph shows them all.
"""

from __future__ import annotations

import math

import numpy as np

from .. import dtypes, errors
from ..differentiable import differentiable, only
from ..dimensions import common_shape
from ..errors import demand, demand_index
from ..observe import Listener, tell
from ..tensor import Tensor
from .elementwise import times
from .reductions import total
from .views import contiguous, diagonal, diagonal_backward, expand, reshape, squeeze_dim
from .views import squeeze_over, t, transpose, unsafe_view, unsqueeze

HALF = np.dtype(np.float16)

# ---- products ----------------------------------------------------------------------------------------


def _product(a, b, kernel="addmm_impl_cpu_"):
    """The matrix product. Halves are multiplied as floats, and rounded once."""
    if a.dtype.kind == "b" and ((a.size and b.size) or kernel == "dot"):
        only("fiu", kernel)(a)
    if a.dtype == HALF:
        return np.matmul(a.astype(np.float32), b.astype(np.float32)).astype(np.float16)
    return np.matmul(a, b)


def _fit(a, b):
    if a.shape[-1] != b.shape[-2]:
        raise RuntimeError(errors.UNEVEN_PRODUCT.format(*a.shape, *b.shape))
    if a.dtype != b.dtype:
        raise RuntimeError(errors.PRODUCT_OF_TWO_TYPES.format(*dtypes.of(a, b)))


@differentiable(tensors=True)
def mm(self, mat2):
    demand(self.ndim == 2, "self must be a matrix")
    demand(mat2.ndim == 2, "mat2 must be a matrix")
    _fit(self, mat2)
    return _product(self, mat2)


# The gradient of a factor is laid out in memory as the factor is: by columns, or by rows.
def _of_left(grad, mat2, self_sym_sizes, self_sym_strides):
    by_columns = self_sym_strides == (1, self_sym_sizes[0])
    return t(mm(mat2, t(grad))) if by_columns else mm(grad, t(mat2))


def _of_right(grad, self, mat2_sym_sizes, mat2_sym_strides):
    by_columns = mat2_sym_strides == (1, mat2_sym_sizes[0])
    return t(mm(t(grad), self)) if by_columns else mm(t(self), grad)

mm.gradient(self=_of_left, mat2=_of_right)


@differentiable(tensors=True)
def bmm(self, mat2):
    demand(self.ndim == 3, "batch1 must be a 3D tensor")
    demand(mat2.ndim == 3, "batch2 must be a 3D tensor")
    expected = (self.shape[0], self.shape[2])
    demand(mat2.shape[:2] == expected, errors.UNEVEN_BATCHES, expected, mat2.shape[:2])
    if self.dtype != mat2.dtype and self.size and mat2.size:  # of nothing PyTorch asks no type
        only("fiu", "bmm")(self)
        raise RuntimeError(errors.BATCHES_OF_TWO_TYPES.format(*dtypes.of(self, mat2)))
    return _product(self.astype(mat2.dtype, copy=False), mat2, "bmm")

bmm.gradient(self=lambda grad, mat2: bmm(grad, transpose(mat2, 1, 2)),
             mat2=lambda grad, self: bmm(transpose(self, 1, 2), grad))


@differentiable(tensors=True)
def mv(self, vec):
    demand_index(self.ndim, "Dimension specified as 0 but tensor has no dimensions")
    demand((self.ndim, vec.ndim) == (2, 1), errors.NO_MATRIX_AND_VECTOR, self.ndim, vec.ndim)
    demand(self.shape[1] == len(vec), errors.UNEVEN_MATRIX_AND_VECTOR, *self.shape, len(vec))
    demand(self.dtype == vec.dtype, errors.MATRIX_AND_VECTOR_TYPES, *dtypes.of(self, vec))
    return _product(self, vec, "addmv_impl_cpu")

mv.gradient(self=lambda grad, vec: reshape(grad, (-1, 1)) * vec,
            vec=lambda grad, self: mv(t(self), grad))


@differentiable(tensors=True)
def dot(self, tensor):
    demand(self.ndim == tensor.ndim == 1, errors.DOT_OF_OTHER_DIM, self.ndim, tensor.ndim)
    demand(self.dtype == tensor.dtype, errors.DOT_OF_TWO_TYPES, *dtypes.of(self, tensor))
    demand(self.size == tensor.size, errors.UNEVEN_DOT, self.size, tensor.size)
    return _product(self, tensor, "dot")

dot.gradient(self=lambda grad, tensor: grad * tensor,
             tensor=lambda grad, self: grad * self)


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Every element of one vector times every one of the other (`torch.outer`)."""
    demand(input.ndim == 1, errors.OUTER_OF_OTHER_DIM, "self", input.ndim)
    demand(vec2.ndim == 1, errors.OUTER_OF_OTHER_DIM, "vec2", vec2.ndim)
    return reshape(input, (-1, 1)) * vec2


def _sum_and_product(self, mat1, mat2, beta, alpha):
    sentence = "self and mat2 must have the same dtype, but got {.scalar_name} and {.scalar_name}"
    demand(self.dtype == mat2.dtype, sentence, *dtypes.of(self, mat2))
    demand(mat1.ndim == 2, errors.NO_MATRIX, "mat1", mat1.ndim)
    demand(mat2.ndim == 2, errors.NO_MATRIX, "mat2", mat2.ndim)
    _fit(mat1, mat2)
    expand.operation.forward(self, (mat1.shape[0], mat2.shape[1]))


@differentiable(tensors=True, check=_sum_and_product)
def addmm(self, mat1, mat2, beta=1, alpha=1):
    product = _product(mat1, mat2) * np.asarray(alpha, mat1.dtype)
    return product + self * np.asarray(beta, self.dtype) if beta else product

addmm.gradient(
    self=lambda grad, beta: times(grad, beta),
    mat1=lambda grad, alpha, mat2, mat1_sym_sizes, mat1_sym_strides: (
        times(_of_left(grad, mat2, mat1_sym_sizes, mat1_sym_strides), alpha)
    ),
    mat2=lambda grad, alpha, mat1, mat2_sym_sizes, mat2_sym_strides: (
        times(_of_right(grad, mat1, mat2_sym_sizes, mat2_sym_strides), alpha)
    ),
)


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The product of vectors, matrices, or batches of matrices, by their dimensions (`torch.matmul`).

    Raises RuntimeError where the sizes do not fit.

    >>> from autograd_core import tensor
    >>> matmul(tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([1.0, 1.0]))
    tensor([3., 7.])
    """
    errors.argument(isinstance(input, Tensor), "matmul", "input", 1, "Tensor", input)
    errors.argument(isinstance(other, Tensor), "matmul", "other", 2, "Tensor", other)
    dims = input._array.ndim, other._array.ndim
    if dims in _PLAIN:
        return _PLAIN[dims](input, other)
    demand(0 not in dims, errors.PRODUCT_OF_SCALARS, *dims)
    if dims == (1, 2):
        out = squeeze_over(mm(unsqueeze(input, 0), other), 0)
        out._counter.value += 1  # PyTorch squeezes the product in place
        tell(Listener.written, out, "squeeze_", 0, (out,))
        return out
    if dims == (3, 3) and len(other) == 1 < len(input) and other.requires_grad:
        return _folded(input, squeeze_dim(other, 0))
    if dims == (3, 3) and len(input) == 1 < len(other) and input.requires_grad:
        return _folded(squeeze_dim(input, 0), other)
    return (_folded if _folds(input, other) else _batched)(input, other)


_PLAIN = {(2, 2): mm, (1, 1): dot, (2, 1): mv}


def matmul_operator(self, other):
    """`self @ other`."""
    return matmul(self, other) if isinstance(other, Tensor) else NotImplemented


def _folds(a: Tensor, b: Tensor) -> bool:
    """Can a batch of matrices be looked at as one tall matrix? Else the other factor is repeated."""
    large, small = (a, b) if a.ndim >= b.ndim else (transpose(b, -2, -1), a)
    if small.ndim > 2:
        return False
    if small.requires_grad:
        return True
    if a.ndim == 2:
        return False
    size, steps = large._array.shape, large.stride()
    inner = range(large.ndim - 2)
    return not large._array.size or all(steps[i] == steps[i + 1] * size[i + 1] for i in inner)


def _folded(a: Tensor, b: Tensor) -> Tensor:
    turned = b.ndim > a.ndim
    if turned:
        a, b = transpose(b, -2, -1), t(a) if a.ndim == 2 else a
    *rows, inner = a._array.shape
    tall = reshape(a, (math.prod(rows), inner))
    if b.ndim == 1:
        return unsafe_view(mv(tall, b), tuple(rows))
    out = unsafe_view(mm(tall, b), (*rows, b._array.shape[1]))
    return contiguous(transpose(out, -2, -1)) if turned else out


def _batched(a: Tensor, b: Tensor) -> Tensor:
    rows = a._array.shape[-2:-1]
    columns = b._array.shape[-1:] if b.ndim > 1 else ()
    a, b = unsqueeze(a, 0) if a.ndim == 1 else a, unsqueeze(b, 1) if b.ndim == 1 else b
    batch = common_shape(a._array.shape[:-2], b._array.shape[:-2])
    count = math.prod(batch)
    sizes = [each._array.shape[-2:] for each in (a, b)]
    a, b = (reshape(expand(e, (*batch, *n)), (count, *n)) for e, n in zip((a, b), sizes))
    return unsafe_view(bmm(a, b), (*batch, *rows, *columns))


# ---- parts of a matrix -------------------------------------------------------------------------------


def _triangle(op, part):
    def forward(self, diagonal=0):
        return np.ascontiguousarray(part(self, diagonal))

    def check(self, diagonal):
        demand(self.ndim >= 2, "{}: input tensor must have at least 2 dimensions", op)

    return differentiable(forward, name=op, check=check)


tril, triu = _triangle("tril", np.tril), _triangle("triu", np.triu)

tril.gradient(self=lambda grad, diagonal: tril(grad, diagonal))
triu.gradient(self=lambda grad, diagonal: triu(grad, diagonal))


@differentiable(check=only("fiu", "trace"))
def trace(self):
    demand(self.ndim == 2, "trace: expected a matrix, but got tensor with dim {}", self.ndim)
    return total(np.diagonal(self), 0)

trace.gradient(self=lambda grad, self_sym_sizes: diagonal_backward(
    expand(grad, (min(self_sym_sizes),)), self_sym_sizes, 0, 0, 1
))


@differentiable
def diag_embed(self, offset=0, dim1=-2, dim2=-1):
    n = self.shape[-1] + abs(offset)
    return diagonal_backward.operation.forward(self, (*self.shape[:-1], n, n), offset, dim1, dim2)

diag_embed.gradient(self=diagonal)


@differentiable(node="DiagonalBackward0_copy")
def diagonal_copy(self, offset=0, dim1=0, dim2=1):
    return np.diagonal(self, offset, dim1, dim2).copy()

diagonal_copy.gradient(self=diagonal_backward)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """A matrix with the vector on its diagonal, or a copy of a matrix's diagonal (`torch.diag`).

    >>> from autograd_core import tensor
    >>> diag(tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    demand(input.ndim in (1, 2), "diag(): Supports 1D or 2D tensors. Got {}D", input.ndim)
    return (diag_embed if input.ndim == 1 else diagonal_copy)(input, diagonal)
