"""Products of matrices, and what looks at a matrix as one.

`matmul` is not an operation of its own: PyTorch looks at the dimensions, takes `dot`, `mv`, `mm` or
`bmm`, and puts views before and after it. The graph shows them all.
"""

from __future__ import annotations

import math

import numpy as np

from .. import errors
from ..differentiable import differentiable, only
from ..dtypes import FROM_NUMPY
from ..observe import slot
from ..tensor import Tensor
from .elementwise import times
from .reductions import sum_dim, total
from .views import (
    contiguous,
    diagonal,
    diagonal_backward,
    expand,
    movedim,
    permute,
    reshape,
    squeeze_dim,
    squeeze_over,
    t,
    transpose,
    unsafe_view,
    unsqueeze,
    view,
)

# ---- products ----------------------------------------------------------------------------------------


def _product(a, b, kernel="addmm_impl_cpu_"):
    """The matrix product. Halves are multiplied as floats, and rounded once."""
    if (a.size and b.size) or kernel == "dot":
        only("fiu", kernel)(a)
    if a.dtype == np.float16:
        return np.matmul(a.astype(np.float32), b.astype(np.float32)).astype(np.float16)
    return np.matmul(a, b)


def _fit(a, b):
    if a.shape[-1] != b.shape[-2]:
        shapes = " and ".join("x".join(map(str, each.shape)) for each in (a, b))
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({shapes})")
    if a.dtype != b.dtype:
        one, other = (FROM_NUMPY[each.dtype].c_name for each in (a, b))
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {one} != {other}")


def _matrices(self, mat2):
    for name, each in (("self", self), ("mat2", mat2)):
        if each.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix")
    _fit(self, mat2)


@differentiable(tensors=True, check=_matrices)
def mm(self, mat2):
    return _product(self, mat2)

mm.gradient(
    self=lambda grad, mat2, self_sym_sizes, self_sym_strides: (
        _slope_of_left(grad, mat2, self_sym_sizes, self_sym_strides)
    ),
    mat2=lambda grad, self, mat2_sym_sizes, mat2_sym_strides: (
        _slope_of_right(grad, self, mat2_sym_sizes, mat2_sym_strides)
    ),
)


def _slope_of_left(grad, right, sizes, strides, alpha=1):
    """The gradient of the left factor, laid out in memory as that is: by columns, or by rows."""
    by_columns = strides[0] == 1 and strides[1] == sizes[0]
    return times(t(mm(right, t(grad))) if by_columns else mm(grad, t(right)), alpha)


def _slope_of_right(grad, left, sizes, strides, alpha=1):
    by_columns = strides[0] == 1 and strides[1] == sizes[0]
    return times(t(mm(t(grad), left)) if by_columns else mm(t(left), grad), alpha)


def _batches(self, mat2):
    for number, each in enumerate((self, mat2), 1):
        if each.ndim != 3:
            raise RuntimeError(f"batch{number} must be a 3D tensor")
    expected = [self.shape[0], self.shape[2]]
    if list(mat2.shape[:2]) != expected:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: {expected} but got: "
            f"{list(mat2.shape[:2])}."
        )
    if self.dtype != mat2.dtype:
        one, other = (FROM_NUMPY[each.dtype].scalar_name for each in (self, mat2))
        raise RuntimeError(f"expected scalar type {one} but found {other}")


@differentiable(tensors=True, check=_batches)
def bmm(self, mat2):
    return _product(self, mat2, "bmm")

bmm.gradient(self=lambda grad, mat2: bmm(grad, transpose(mat2, 1, 2)),
             mat2=lambda grad, self: bmm(transpose(self, 1, 2), grad))


def _matrix_and_vector(self, vec):
    if self.ndim != 2 or vec.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {self.ndim}, {vec.ndim}")
    if self.shape[1] != vec.shape[0]:
        raise RuntimeError(
            f"size mismatch, got input ({self.shape[0]}), mat ({self.shape[0]}x{self.shape[1]}), vec "
            f"({vec.shape[0]})"
        )
    if self.dtype != vec.dtype:
        one, other = (FROM_NUMPY[each.dtype].scalar_name for each in (self, vec))
        raise RuntimeError(
            f"addmv input tensors must have the same dtype, but got {other}, {one}, and {other}"
        )


@differentiable(tensors=True, check=_matrix_and_vector)
def mv(self, vec):
    return _product(self, vec, "addmv_impl_cpu")

mv.gradient(self=lambda grad, vec: reshape(grad, (-1, 1)) * vec,
            vec=lambda grad, self: mv(t(self), grad))


def _vectors(self, tensor):
    if self.ndim != 1 or tensor.ndim != 1:
        raise RuntimeError(
            f"1D tensors expected, but got {self.ndim}D and {tensor.ndim}D tensors"
        )
    if self.dtype != tensor.dtype:
        one, other = (FROM_NUMPY[each.dtype].scalar_name for each in (self, tensor))
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found {one} and {other}"
        )
    if self.shape != tensor.shape:
        n, m = self.size, tensor.size
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{n}] and src [{m}] to have the same number of "
            f"elements, but got {n} and {m} elements respectively"
        )


@differentiable(tensors=True, check=_vectors)
def dot(self, tensor):
    return _product(self, tensor, "dot")

dot.gradient(self=lambda grad, tensor: grad * tensor,
             tensor=lambda grad, self: grad * self)


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Every element of one vector times every one of the other (`torch.outer`)."""
    for name, each in (("self", input), ("vec2", vec2)):
        if each.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {each.ndim}-D")
    return reshape(input, (-1, 1)) * vec2


def _sum_and_product(self, mat1, mat2, beta, alpha):
    for name, each in (("mat1", mat1), ("mat2", mat2)):
        if each.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix, got {each.ndim}-D tensor")
    _fit(mat1, mat2)
    expand.operation.forward(self, (mat1.shape[0], mat2.shape[1]))


@differentiable(tensors=True, check=_sum_and_product)
def addmm(self, mat1, mat2, beta=1, alpha=1):
    product = _product(mat1, mat2) * np.asarray(alpha, mat1.dtype)
    return product + self * np.asarray(beta, self.dtype) if beta else product

addmm.gradient(
    self=lambda grad, beta: times(grad, beta),
    mat1=lambda grad, alpha, mat2, mat1_sym_sizes, mat1_sym_strides: (
        _slope_of_left(grad, mat2, mat1_sym_sizes, mat1_sym_strides, alpha)
    ),
    mat2=lambda grad, alpha, mat1, mat2_sym_sizes, mat2_sym_strides: (
        _slope_of_right(grad, mat1, mat2_sym_sizes, mat2_sym_strides, alpha)
    ),
)


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The product of vectors, matrices, or batches of matrices, by their dimensions (`torch.matmul`).

    Raises RuntimeError where the sizes do not fit.

    >>> from autograd_core import tensor
    >>> matmul(tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([1.0, 1.0]))
    tensor([3., 7.])
    """
    for position, each in enumerate((input, other), 1):
        if not isinstance(each, Tensor):
            name = ("input", "other")[position - 1]
            raise TypeError(
                f"matmul(): argument '{name}' (position {position}) must be Tensor, not "
                f"{type(each).__name__}"
            )
    dims = input.ndim, other.ndim
    if 0 in dims:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {dims[0]}D and {dims[1]}D"
        )
    if dims == (1, 1):
        return dot(input, other)
    if dims == (2, 1):
        return mv(input, other)
    if dims == (1, 2):
        out = squeeze_over(mm(unsqueeze(input, 0), other), 0)
        out._counter.value += 1  # PyTorch squeezes the product in place
        if slot.listener is not None:
            slot.listener.written(out, "squeeze_", 0, (out,))
        return out
    if dims == (2, 2):
        return mm(input, other)
    if dims == (3, 3) and len(other) == 1 < len(input) and other.requires_grad:
        return _folded(input, squeeze_dim(other, 0))
    if dims == (3, 3) and len(input) == 1 < len(other) and input.requires_grad:
        return _folded(squeeze_dim(input, 0), other)
    return (_folded if _folds(input, other) else _batched)(input, other)


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
    return not large._array.size or all(
        steps[i] == steps[i + 1] * size[i + 1] for i in range(large.ndim - 2)
    )


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
    try:
        batch = np.broadcast_shapes(a._array.shape[:-2], b._array.shape[:-2])
    except ValueError:
        raise errors.broadcast_mismatch(a._array.shape[:-2], b._array.shape[:-2]) from None
    count = math.prod(batch)
    a, b = (
        reshape(expand(each, (*batch, *each._array.shape[-2:])), (count, *each._array.shape[-2:]))
        for each in (a, b)
    )
    return unsafe_view(bmm(a, b), (*batch, *rows, *columns))


# ---- sums over products of any dimensions ------------------------------------------------------------


def einsum(equation: str, *operands: Tensor) -> Tensor:
    """Products of the operands, summed over the letters that the result does not have (`torch.einsum`).

    Each operand's dimensions are named by letters, `...` stands for any number of them, and after `->`
    stand those of the result. Raises RuntimeError where the letters do not fit.

    >>> from autograd_core import tensor
    >>> einsum("ij,j->i", tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([1.0, 1.0]))
    tensor([3., 7.])
    """
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    names, kept = _labels(equation, operands)
    rest = sorted({name for each in names for name in each} - set(kept))
    order = [*kept, *rest]
    # 1. Every operand gets all dimensions, in one order; those it has not are of size 1.
    parts = [_in_order(i, *each, order) for i, each in enumerate(zip(operands, names))]
    _check_sizes(parts, names, order)
    if len(parts) == 1:
        return sum_dim(parts[0], tuple(range(len(kept), len(order)))) if rest else parts[0]
    # 2. They are multiplied from left to right; a dimension is summed when nobody has it any more.
    out, last = parts[0], {name: i for i, labels in enumerate(names) for name in labels}
    for i, part in enumerate(parts[1:], 1):
        over = [d for d, name in enumerate(order) if name in rest and max(last[name], 1) == i]
        out = _contracted(out, part, over) if over else out * part
    return view(out, out._array.shape[: len(kept)]) if rest else out


def _labels(equation: str, operands: tuple) -> tuple[list[list[str]], list[str]]:
    """The names of each operand's dimensions and of the result's; dots become names of digits."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        more = "fewer" if len(operands) < len(terms) else "more"
        raise RuntimeError(f"einsum(): {more} operands were provided than specified in the equation")
    spans = [op.ndim - len(term.replace("...", "")) for op, term in zip(operands, terms)]
    widest = max((span for span, term in zip(spans, terms) if "..." in term), default=0)
    names = []
    for position, (operand, term, span) in enumerate(zip(operands, terms, spans)):
        if span < 0 or (span and "..." not in term):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(term.replace('...', ''))}) "
                f"{'does not match' if '...' not in term else 'is more than'} the number of dimensions "
                f"({operand.ndim}) for operand {position}"
                + (" and no ellipsis was given" if "..." not in term else "")
            )
        names.append(_split(term, widest, span))
    if arrow:
        kept = _split(right, widest, widest)
    else:
        every = [name for each in names for name in each]
        once = sorted(name for name in set(every) if every.count(name) == 1 and name.isalpha())
        kept = [str(i) for i in range(widest)] + once
    for name in kept:
        if name.isalpha() and not any(name in each for each in names):
            raise RuntimeError(
                f"einsum(): output subscript {name} does not appear in the equation for any input "
                "operand"
            )
    return names, kept


def _split(term: str, widest: int, span: int) -> list[str]:
    before, dots, after = term.partition("...")
    for index, letter in enumerate(term.replace("...", "")):
        if not (letter.isascii() and letter.isalpha()):
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {index} in the equation string, "
                "subscripts must be in [a-zA-Z]"
            )
    middle = [str(i) for i in range(widest - span, widest)] if dots else []
    return [*before, *middle, *after]


def _in_order(position: int, operand: Tensor, labels: list[str], order: list[str]) -> Tensor:
    """The operand with all dimensions of `order`; a letter that it has twice takes its diagonal."""
    labels = list(labels)
    for name in dict.fromkeys(labels):
        while labels.count(name) > 1:
            first, second = [i for i, each in enumerate(labels) if each == name][:2]
            n, m = operand._array.shape[first], operand._array.shape[second]
            if n != m:
                raise RuntimeError(
                    f"einsum(): subscript {name} is repeated for operand {position} but the sizes don't "
                    f"match, {m} != {n}"
                )
            operand = movedim(diagonal(operand, 0, first, second), -1, first)
            del labels[second]
    for name in order:
        if name not in labels:
            operand = unsqueeze(operand, operand.ndim)
            labels.append(name)
    return permute(operand, tuple(labels.index(name) for name in order))


def _check_sizes(parts: list[Tensor], names: list[list[str]], order: list[str]) -> None:
    for d, name in enumerate(order):
        seen = 1
        for position, part in enumerate(parts):
            size = part._array.shape[d]
            if size != 1 and seen not in (1, size):
                raise RuntimeError(
                    f"einsum(): subscript {name} has size {size} for operand {position} which does not "
                    f"broadcast with previously seen size {seen}"
                )
            seen = max(seen, size)


def _contracted(a: Tensor, b: Tensor, over: list[int]) -> Tensor:
    """The product of two tensors of equally many dimensions, summed over some, as one `bmm`."""
    sizes = list(zip(a._array.shape, b._array.shape))
    for d in over:  # what only one of them has is summed there and then
        if sizes[d][0] != 1 == sizes[d][1]:
            a = sum_dim(a, (d,), True)
        elif sizes[d][1] != 1 == sizes[d][0]:
            b = sum_dim(b, (d,), True)
    rest = [d for d in range(a.ndim) if d not in over]
    both = [d for d in rest if sizes[d][0] > 1 and sizes[d][1] > 1]
    left = [d for d in rest if d not in both and sizes[d][0] > 1]
    right = [d for d in rest if d not in both and d not in left]
    if left and right and right[0] < left[0]:  # the result is to lie in the order it is asked for
        a, b, left, right = b, a, right, left
    size = tuple(max(n, m) for n, m in zip(a._array.shape, b._array.shape))
    batch, rows, columns = (math.prod(size[d] for d in dims) for dims in (both, left, right))
    a = reshape(permute(a, (*both, *left, *over, *right)), (batch, rows, -1))
    b = reshape(permute(b, (*both, *over, *right, *left)), (batch, -1, columns))
    found = [*both, *left, *over, *right]
    out = view(bmm(a, b), tuple(1 if d in over else size[d] for d in found))
    return permute(out, tuple(found.index(d) for d in range(len(found))))


# ---- parts of a matrix -------------------------------------------------------------------------------


def _two_dimensions(op):
    def check(self, diagonal):
        if self.ndim < 2:
            raise RuntimeError(f"{op}: input tensor must have at least 2 dimensions")

    return check


@differentiable(check=_two_dimensions("tril"))
def tril(self, diagonal=0):
    return np.tril(self, diagonal)

tril.gradient(self=lambda grad, diagonal: tril(grad, diagonal))


@differentiable(check=_two_dimensions("triu"))
def triu(self, diagonal=0):
    return np.triu(self, diagonal)

triu.gradient(self=lambda grad, diagonal: triu(grad, diagonal))


@differentiable
def trace(self):
    if self.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {self.ndim}")
    return total(np.diagonal(self), 0)

trace.gradient(
    self=lambda grad, self_sym_sizes: diagonal_backward(
        expand(grad, (min(self_sym_sizes),)), self_sym_sizes, 0, 0, 1
    )
)


@differentiable
def diag_embed(self, offset=0, dim1=-2, dim2=-1):
    n = self.shape[-1] + abs(offset)
    out = np.zeros((*self.shape[:-1], n, n), self.dtype)
    part = np.diagonal(out, offset, dim1, dim2)
    part.flags.writeable = True
    part[...] = self
    return out

diag_embed.gradient(self=lambda grad, dim1, dim2, offset: diagonal(grad, offset, dim1, dim2))


@differentiable(name="diagonal_copy", node="DiagonalBackward0_copy")
def diagonal_copy(self, offset=0, dim1=0, dim2=1):
    return np.diagonal(self, offset, dim1, dim2).copy()

diagonal_copy.gradient(
    self=lambda grad, dim1, dim2, offset, self_sym_sizes: diagonal_backward(
        grad, self_sym_sizes, offset, dim1, dim2
    )
)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """A matrix with the vector on its diagonal, or a copy of a matrix's diagonal (`torch.diag`).

    >>> from autograd_core import tensor
    >>> diag(tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    if input.ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")
    return (diag_embed if input.ndim == 1 else diagonal_copy)(input, diagonal)
