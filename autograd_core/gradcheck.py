"""gradcheck: hold the gradients of a function against finite differences.

The numerical side moves one input element at a time by a little and looks how far the output moves.
It knows nothing of autograd, which is why it can be trusted, and it needs float64: in float32 the
little steps drown in rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from . import errors
from .engine import grad
from .errors import demand
from .frames import warn
from .storage import repeats
from .tensor import Tensor, wrap


class GradcheckError(RuntimeError):
    """The gradients of a function are not what finite differences say."""


def gradcheck(
    func: Callable, inputs: Tensor | Sequence[object], *,
    eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3, raise_exception: bool = True,
    nondet_tol: float = 0.0, check_undefined_grad: bool = True, check_grad_dtypes: bool = False,
    check_batched_grad: bool = False, check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False, check_backward_ad: bool = True,
    fast_mode: bool = False, masked: bool | None = None,
) -> bool:  # fmt: skip
    """Are the gradients of `func` at these inputs right? Follows `torch.autograd.gradcheck`.

    Raises GradcheckError if they are not (or returns False, without `raise_exception`), ValueError
    where no input requires grad, RuntimeError for checks that need vmap or forward mode. Every element
    is looked at, in `fast_mode`, too. Gradients always have the dtypes of what they are of, and no
    tensor is sparse, so `check_grad_dtypes` and `masked` change nothing.

    >>> from autograd_core import float64, tensor
    >>> gradcheck(lambda x: x * x, tensor([1.0, 2.0], dtype=float64, requires_grad=True))
    True
    """
    _refuse("vmap", check_batched_grad or check_batched_forward_grad)
    _refuse("forward mode", check_forward_ad or not check_backward_ad)
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    pairs = enumerate(inputs)
    asked = [(i, each) for i, each in pairs if isinstance(each, Tensor) and each.requires_grad]
    demand(asked, errors.NOTHING_TO_CHECK, kind=ValueError)
    for i, each in asked:
        if each._array.dtype != np.float64:
            warn(errors.NO_DOUBLE_TO_CHECK.format(i) + " ")
        demand(not repeats(each._array), errors.REPEATED_TO_CHECK, i)
    try:
        _check(func, inputs, asked, eps, atol, rtol, nondet_tol)
        if check_undefined_grad:
            _check_nothing(_outputs(func, inputs))
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _refuse(what: str, asked: bool) -> None:
    demand(not asked, "this check needs {}, which autograd_core does not have", what)


def _check(func, inputs, asked, eps, atol, rtol, nondet_tol) -> None:
    for number, output in enumerate(_outputs(func, inputs)):
        for position, each in asked:
            if not output._array.size or not each._array.size:
                continue
            numerical = _numerical(func, inputs, each, number, eps)
            if not output.requires_grad:
                sentence = "Numerical gradient for function expected to be zero"
                demand(not np.any(numerical), sentence, kind=GradcheckError)
                continue
            analytical, again = _analytical(output, each), _analytical(output, each)
            right = np.allclose(analytical, numerical, rtol, atol)  # a nan is never right
            told = number, position, wrap(numerical), wrap(analytical)
            demand(right, errors.OTHER_JACOBIAN + "\n", *told, kind=GradcheckError)
            steady = np.allclose(analytical, again, 0, nondet_tol, equal_nan=True)
            demand(steady, errors.OTHER_EACH_TIME, float(nondet_tol), kind=GradcheckError)


def _check_nothing(outputs: list[Tensor]) -> None:
    """Where no gradient comes in, a node must make none."""
    for node in dict.fromkeys(each.grad_fn for each in outputs if each.grad_fn is not None):
        grads = node.apply([None] * len(node.outputs), True)
        if any(each is not None and each._array.any() for each in grads):
            warn(errors.UNDEFINED_GRADIENTS)
            raise GradcheckError(errors.GRADIENT_FROM_NOTHING)


def _outputs(func: Callable, inputs: tuple) -> list[Tensor]:
    result = func(*inputs)
    listed = result if isinstance(result, (tuple, list)) else (result,)
    return [each for each in listed if isinstance(each, Tensor) and each._array.dtype.kind == "f"]


def _numerical(func: Callable, inputs: tuple, moved: Tensor, number: int, eps: float) -> np.ndarray:
    """The Jacobian by central differences: a row per element of the input that is moved."""
    rows = []
    for index in np.ndindex(moved._array.shape):
        before, sides = moved._array[index].copy(), []
        for step in (eps, -eps):
            moved._array[index] = before + step
            out = _outputs(func, inputs)[number]._array
            sides.append(out.astype(moved._array.dtype).ravel())
        moved._array[index] = before
        with np.errstate(all="ignore"):
            rows.append((sides[0] - sides[1]) / (2 * eps))
    return np.array(rows).reshape(moved._array.size, -1)


def _analytical(output: Tensor, each: Tensor) -> np.ndarray:
    """The same Jacobian by autograd: a column per element of the output."""
    count, shape, dtype = output._array.size, output._array.shape, output._array.dtype
    ones = np.eye(count, dtype=dtype).reshape(count, *shape)
    asked = {"retain_graph": True, "materialize_grads": True}
    columns = [grad(output, each, wrap(one), **asked)[0]._array.ravel() for one in ones]
    return np.array(columns).reshape(-1, each._array.size).T.copy()


def gradgradcheck(
    func: Callable, inputs: Tensor | Sequence[object],
    grad_outputs: Tensor | Sequence[Tensor] | None = None, *,
    gen_non_contig_grad_outputs: bool = False, check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True, **options: object,
) -> bool:  # fmt: skip
    """Are the second derivatives of `func` right? Follows `torch.autograd.gradgradcheck`.

    It is `gradcheck`, with its options, of a function that returns the gradients of `func`: of its
    inputs and of `grad_outputs`, which by default are drawn at random.
    """
    _refuse("forward mode", check_fwd_over_rev or not check_rev_over_rev)
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    if isinstance(grad_outputs, Tensor):
        grad_outputs = (grad_outputs,)
    if grad_outputs is None:
        gaps, random = 2 if gen_non_contig_grad_outputs else 1, np.random.default_rng(0)
        grad_outputs = []
        for each in _outputs(func, inputs):
            drawn = random.standard_normal((*each._array.shape, gaps)).astype(each._array.dtype)
            grad_outputs.append(wrap(drawn[..., 0]).requires_grad_())

    def first(*arguments: object) -> tuple[Tensor, ...]:
        given, weights = arguments[: len(inputs)], arguments[len(inputs) :]
        wanted = [each for each in given if isinstance(each, Tensor) and each.requires_grad]
        pairs = [(out, w) for out, w in zip(_outputs(func, given), weights) if out.requires_grad]
        outputs, weights = zip(*pairs)
        grads = grad(outputs, wanted, weights, create_graph=True, allow_unused=True)
        return tuple(each for each in grads if each is not None)

    return gradcheck(first, (*inputs, *grad_outputs), **options)
