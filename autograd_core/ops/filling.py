"""Making tensors of a size: filled with one number, or in steps."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np

from .. import dtypes, errors
from ..errors import demand
from ..modes import modes
from ..signatures import is_of, number_for
from ..storage import room_in_order_of
from ..tensor import Tensor, wrap
from .creation import check, leaf

# ---- of one number -----------------------------------------------------------------------------------


def zeros(*size: int, **options: object) -> Tensor:
    """A new leaf of zeros (`torch.zeros`); `options` are those of every function here: see `tensor`.

    >>> zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return new_of_size("zeros", size, np.zeros, **options)


def ones(*size: int, **options: object) -> Tensor:
    """A new leaf of ones (`torch.ones`).

    >>> ones(2)
    tensor([1., 1.])
    """
    return new_of_size("ones", size, np.ones, **options)


def empty(*size: int, **options: object) -> Tensor:
    """A new leaf of whatever was in memory (`torch.empty`)."""
    return new_of_size("empty", size, np.empty, **options)


def full(size: Sequence[int], fill_value: float | Tensor = ..., **options: object) -> Tensor:
    """A new leaf of one number throughout, of its type (`torch.full`).

    >>> full((2,), 7)
    tensor([7, 7])
    """
    if fill_value is ...:
        raise errors.missing_arguments("full", ["fill_value"])
    number = number_for("full", "fill_value", 2, fill_value)
    errors.argument(isinstance(size, (tuple, list)), "full", "size", 1, "tuple of ints", size)
    kind = dtypes.FROM_NUMPY[dtypes.promote(number)]
    return new_of_size("full", (size,), functools.partial(_filled, number), kind, **options)


def _filled(number: float, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return np.full(shape, dtypes.element(number, dtype), dtype)


def eye(n: int, m: int | None = None, **options: object) -> Tensor:
    """A new matrix with ones on its diagonal (`torch.eye`).

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    for position, (name, each) in enumerate((("n", n), ("m", n if m is None else m)), 1):
        errors.argument(hasattr(each, "__index__"), "eye", name, position, "int", each)
        demand(each >= 0, "{} must be greater or equal to 0, got {}", name, each)
    shape = (n, n if m is None else m)
    return new_of_size("eye", shape, lambda shape, dtype: np.eye(*shape, dtype=dtype), **options)


def new_of_size(
    op: str, sizes: tuple, make: Callable[[tuple[int, ...], np.dtype], np.ndarray],
    usual: dtypes.dtype | None = None, *, size: Sequence[int] | None = None,
    requires_grad: bool = False, **options: object,
) -> Tensor:  # fmt: skip
    """What `make` makes of the size, and of the dtype that is asked for or else the `usual` one."""
    dtype = check(op, requires_grad=requires_grad, **options)
    sizes = sizes if size is None else (size,)
    demand(sizes, '{}() missing 1 required positional arguments: "size"', op, kind=TypeError)
    listed = isinstance(sizes[0], (tuple, list))
    sentence = "{}() takes 1 positional argument but {} were given"
    demand(len(sizes) == 1 or not listed, sentence, op, len(sizes), kind=TypeError)
    shape = tuple(sizes[0]) if listed else sizes
    for each in shape:
        whole = hasattr(each, "__index__") and not isinstance(each, bool)
        errors.argument(whole, op, "size", 1, "tuple of ints", each)
        plain = op in ("zeros", "empty")
        demand(each >= 0 or not plain, "{}: Dimension size must be non-negative.", op)
        demand(each >= 0, errors.NEGATIVE_SIZE, each, shape)
    dtype = dtype or usual or dtypes.get_default_dtype()
    with np.errstate(all="ignore"):
        return leaf(make(tuple(map(int, shape)), dtype.numpy), op, requires_grad)


# ---- in steps ----------------------------------------------------------------------------------------


def arange(
    start: float | None = None, end: float | None = None, step: float = 1, **options: object
) -> Tensor:
    """Numbers from `start` (by default 0) up to before `end`, in steps (`torch.arange`).

    Raises RuntimeError for steps that lead the other way, or nowhere.

    >>> arange(3), arange(1.0, 2.0, 0.5)
    (tensor([0, 1, 2]), tensor([1.0000, 1.5000]))
    """
    if start is None or end is None:
        start, end = 0, start if end is None else end
    given = {"end": end, "start": start, "step": step}.items()
    numbers = [number_for("arange", name, i, each) for i, (name, each) in enumerate(given, 1)]
    end, start, step = (each.item() if isinstance(each, np.generic) else each for each in numbers)
    demand(step != 0, "step must be nonzero")
    demand(math.isfinite(end - start), "unsupported range: {} -> {}", start, end)
    demand((end - start) * step >= 0, "upper bound and lower bound inconsistent with step sign")
    whole = not any(isinstance(each, float) for each in (start, end, step))
    count = math.ceil((end - start) / step)
    kind = dtypes.int64 if whole else dtypes.get_default_dtype()
    numbers = start + step * np.arange(count)  # each from the start, so that no rounding adds up
    return new_of_size("arange", (count,), lambda shape, dtype: numbers.astype(dtype), kind, **options)


def linspace(
    start: float | Tensor, end: float | Tensor, steps: int, **options: object
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included, evenly spaced (`torch.linspace`).

    >>> linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    ends = {"start": start, "end": end}
    dims = {name: each.ndim for name, each in ends.items() if isinstance(each, Tensor)}
    told = " and ".join(
        f"{name} with {ndim} dimension(s)" for name, ndim in dims.items() if ndim or len(dims) == 2
    )
    demand(not any(dims.values()), errors.ENDS_WITH_DIMENSIONS, told)
    for place, (name, each) in enumerate(ends.items(), 1):
        is_tensor = isinstance(each, Tensor)
        ends[name] = each._array.item() if is_tensor else number_for("linspace", name, place, each)
    errors.argument(is_of("int", steps), "linspace", "steps", 3, "int", steps)
    demand(steps >= 0, "number of steps must be non-negative")
    return new_of_size(
        "linspace", (int(steps),), lambda _, dtype: _even(*ends.values(), int(steps), dtype), **options
    )


def _even(start, end, steps, dtype):
    """Even steps, the later half counted from the end, as PyTorch does.

    It multiplies and adds at once and rounds only then; here that is done with more digits.
    """
    demand(dtype.kind != "b", '"linspace_cpu" not implemented for \'Bool\'', kind=NotImplementedError)
    if dtype.kind in "iu":
        start, end = (dtypes.element(each, dtype).item() for each in (start, end))
    number = dtype.type if dtype.kind == "f" else np.int64
    wide = {np.float16: np.float16, np.float64: np.longdouble}.get(number, np.float64)
    first, last = number(start), number(end)
    step, i = wide((last - first) / number(max(steps - 1, 1))), np.arange(steps).astype(wide)
    out = np.where(i < steps // 2, first + step * i, last - step * (steps - 1 - i))
    return out.astype(dtype) if steps != 1 else np.array([first], dtype)


# ---- like another ------------------------------------------------------------------------------------


def like_another(
    op: str, input: Tensor, make: Callable, *, requires_grad: bool = False, **options: object
) -> Tensor:
    """What `make` makes of the other tensor's shape and type, laid out in memory like it.

    A formula may give it an array, and gets one.
    """
    if modes.formulas and not isinstance(input, Tensor):
        return make(input.shape, input.dtype)
    errors.argument(isinstance(input, Tensor), op, "input", 1, "Tensor", input)
    dtype = check(op, requires_grad=requires_grad, **options) or input.dtype
    array = room_in_order_of(input._array, dtype=dtype.numpy)
    rows = array.transpose(sorted(range(array.ndim), key=lambda dim: -array.strides[dim]))
    rows[...] = make(rows.shape, rows.dtype)  # in the order in which the elements lie in memory
    return leaf(array, op, requires_grad)


def zeros_like(input: Tensor, **options: object) -> Tensor:
    """Zeros of the shape and dtype of `input` (`torch.zeros_like`)."""
    return like_another("zeros_like", input, np.zeros, **options)


def ones_like(input: Tensor, **options: object) -> Tensor:
    """Ones of the shape and dtype of `input` (`torch.ones_like`)."""
    return like_another("ones_like", input, np.ones, **options)


def empty_like(input: Tensor, **options: object) -> Tensor:
    """Whatever was in memory, in the shape and dtype of `input` (`torch.empty_like`)."""
    return like_another("empty_like", input, np.empty, **options)


def full_like(input: Tensor, fill_value: float, **options: object) -> Tensor:
    """One number throughout, in the shape and dtype of `input` (`torch.full_like`)."""
    number = number_for("full_like", "fill_value", 2, fill_value)
    return like_another("full_like", input, functools.partial(_filled, number), **options)


def level(grad):
    """The formula of what is flat wherever it has a slope: zeros."""
    return zeros_like(grad)


def new_zeros(like, size):
    """Zeros of this size and of the type of `like`: a tensor if that is one, else an array."""
    zeros = np.zeros(size, like._array.dtype if isinstance(like, Tensor) else like.dtype)
    return wrap(zeros) if isinstance(like, Tensor) else zeros
