"""gradcheck: hold the gradients of a function against finite differences.

The numerical side moves one input element at a time by a little and looks how far the output moves.
It knows nothing of autograd, which is why it can be trusted, and it needs float64: in float32 the
little steps drown in rounding.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np

from .engine import grad
from .tensor import Tensor, wrap


class GradcheckError(RuntimeError):
    """The gradients of a function are not what finite differences say."""


def gradcheck(
    func: Callable,
    inputs: Tensor | Sequence[object],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Are the gradients of `func` at these inputs right? Follows `torch.autograd.gradcheck`.

    Raises GradcheckError if they are not (or returns False, without `raise_exception`), ValueError
    where no input requires grad.

    >>> from autograd_core import float64, tensor
    >>> gradcheck(lambda x: x * x, tensor([1.0, 2.0], dtype=float64, requires_grad=True))
    True
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    asked = [
        (i, each) for i, each in enumerate(inputs) if isinstance(each, Tensor) and each.requires_grad
    ]
    if not asked:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have "
            "requires_grad=True."
        )
    for i, each in asked:
        if each._array.dtype != np.float64:
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. "
                "This check will likely fail if all the inputs are not of double precision floating "
                "point or complex. ",
                stacklevel=2,
            )
    try:
        _check(func, inputs, asked, eps, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check(func, inputs, asked, eps, atol, rtol) -> None:
    for number, output in enumerate(_outputs(func, inputs)):
        for position, each in asked:
            if not output._array.size or not each._array.size:
                continue
            numerical = _numerical(func, inputs, each, number, eps)
            if not output.requires_grad:
                if np.any(numerical):
                    raise GradcheckError("Numerical gradient for function expected to be zero")
                continue
            analytical = _analytical(output, each)
            if not np.allclose(analytical, numerical, rtol, atol, equal_nan=True):
                raise GradcheckError(
                    f"Jacobian mismatch for output {number} with respect to input {position},\n"
                    f"numerical:{wrap(numerical)}\nanalytical:{wrap(analytical)}\n"
                )


def _outputs(func: Callable, inputs: tuple) -> list[Tensor]:
    result = func(*inputs)
    return [
        each
        for each in (result if isinstance(result, (tuple, list)) else (result,))
        if isinstance(each, Tensor) and each._array.dtype.kind == "f"
    ]


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
        rows.append((sides[0] - sides[1]) / (2 * eps))
    return np.array(rows).reshape(moved._array.size, -1)


def _analytical(output: Tensor, each: Tensor) -> np.ndarray:
    """The same Jacobian by autograd: a column per element of the output."""
    columns = []
    for index in np.ndindex(output._array.shape):
        one = np.zeros_like(output._array)
        one[index] = 1
        (column,) = grad(output, each, wrap(one), retain_graph=True, allow_unused=True)
        columns.append(np.zeros(each._array.size) if column is None else column._array.ravel())
    return np.array(columns).reshape(-1, each._array.size).T.copy()


def gradgradcheck(
    func: Callable,
    inputs: Tensor | Sequence[object],
    grad_outputs: Sequence[Tensor] | None = None,
    **options: object,
) -> bool:
    """Are the second derivatives of `func` right? Follows `torch.autograd.gradgradcheck`.

    It is gradcheck of a function that returns the gradients of `func`, of its inputs and of
    `grad_outputs` (by default drawn at random).
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    outputs = _outputs(func, inputs)
    if grad_outputs is None:
        random = np.random.default_rng(0)
        grad_outputs = [
            wrap(random.standard_normal(each._array.shape).astype(each._array.dtype))
            for each in outputs
        ]
        for each in grad_outputs:
            each.requires_grad_()

    def first(*arguments: object) -> tuple[Tensor, ...]:
        given, weights = arguments[: len(inputs)], arguments[len(inputs) :]
        wanted = [each for each in given if isinstance(each, Tensor) and each.requires_grad]
        with_history = [(o, w) for o, w in zip(_outputs(func, given), weights) if o.requires_grad]
        grads = grad(
            [output for output, _ in with_history],
            wanted,
            [weight for _, weight in with_history],
            create_graph=True,
            allow_unused=True,
        )
        return tuple(each for each in grads if each is not None)

    return gradcheck(first, (*inputs, *grad_outputs), **options)
