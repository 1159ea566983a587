"""einsum: sums over products of any dimensions, told by letters.

It is no operation of its own: PyTorch turns and stretches the operands, takes `bmm`, and the graph
shows all of that.
"""

from __future__ import annotations

import math

from .. import errors
from ..errors import demand
from ..tensor import Tensor
from .matmul import bmm
from .reductions import sum_dim
from .views import diagonal, movedim, permute, reshape, unsqueeze, view


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
    more = "fewer" if len(operands) < len(terms) else "more"
    demand(len(terms) == len(operands), errors.WRONG_NUMBER_OF_OPERANDS, more)
    spans = [op.ndim - len(term.replace("...", "")) for op, term in zip(operands, terms)]
    widest = max((span for span, term in zip(spans, terms) if "..." in term), default=0)
    for position, (operand, term, span) in enumerate(zip(operands, terms, spans)):
        dots, count = "..." in term, operand.ndim - span
        sentence = errors.TOO_MANY_SUBSCRIPTS if dots else errors.WRONG_SUBSCRIPTS
        demand(span == 0 or (dots and span > 0), sentence, count, operand.ndim, position)
    names = [_split(term, widest, span) for term, span in zip(terms, spans)]
    every = [name for each in names for name in each]
    if arrow:
        kept = _split(right, widest, widest)
    else:
        once = sorted(name for name in set(every) if every.count(name) == 1 and name.isalpha())
        kept = [str(i) for i in range(widest)] + once
    for name in kept:
        demand(name in every or not name.isalpha(), errors.UNKNOWN_SUBSCRIPT, name)
    return names, kept


def _split(term: str, widest: int, span: int) -> list[str]:
    before, dots, after = term.partition("...")
    for index, letter in enumerate(before + after):
        demand(letter.isascii() and letter.isalpha(), errors.NO_SUBSCRIPT, index)
    middle = [str(i) for i in range(widest - span, widest)] if dots else []
    return [*before, *middle, *after]


def _in_order(position: int, operand: Tensor, labels: list[str], order: list[str]) -> Tensor:
    """The operand with all dimensions of `order`; a letter that it has twice takes its diagonal."""
    labels = list(labels)
    for name in dict.fromkeys(labels):
        while labels.count(name) > 1:
            first, second = [i for i, each in enumerate(labels) if each == name][:2]
            n, m = operand._array.shape[first], operand._array.shape[second]
            demand(n == m, errors.UNEVEN_DIAGONAL, name, position, m, n)
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
            fits = size == 1 or seen in (1, size)
            demand(fits, errors.UNEVEN_SUBSCRIPT, name, size, position, seen)
            seen = size if size != 1 else seen


def _contracted(a: Tensor, b: Tensor, over: list[int]) -> Tensor:
    """The product of two tensors of equally many dimensions, summed over some, as one `bmm`."""
    sizes = list(zip(a._array.shape, b._array.shape))
    for d in over:  # what only one of them has is summed there and then
        if sizes[d][0] != 1 == sizes[d][1]:
            a = sum_dim(a, (d,), True)
        elif sizes[d][1] != 1 == sizes[d][0]:
            b = sum_dim(b, (d,), True)
    over = [d for d in over if 1 not in sizes[d]]
    if not over:
        return a * b
    rest = [d for d in range(a.ndim) if d not in over]
    both = [d for d in rest if 1 not in sizes[d]]
    left = [d for d in rest if d not in both and sizes[d][0] != 1]
    right = [d for d in rest if d not in both and d not in left]
    wide = [d for d in right if sizes[d] != (1, 1)]
    if left and wide and wide[0] < left[0]:  # the result is to lie in the order it is asked for
        a, b, left, right = b, a, right, left
    size = tuple(m if n == 1 else n for n, m in zip(a._array.shape, b._array.shape))
    parts = both, left, over, right
    batch, rows, inner, columns = (math.prod(size[d] for d in dims) for dims in parts)
    a = reshape(permute(a, (*both, *left, *over, *right)), (batch, rows, inner))
    b = reshape(permute(b, (*both, *over, *right, *left)), (batch, inner, columns))
    found = [*both, *left, *over, *right]
    out = view(bmm(a, b), tuple(1 if d in over else size[d] for d in found))
    return permute(out, tuple(found.index(d) for d in range(len(found))))
