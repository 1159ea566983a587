"""Making tensors of a size: filled with one number, in steps, or at random."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np

from .. import dtypes, errors
from ..differentiable import only
from ..errors import demand
from ..modes import modes
from ..signatures import number_for
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
    return _new("zeros", size, np.zeros, **options)


def ones(*size: int, **options: object) -> Tensor:
    """A new leaf of ones (`torch.ones`).

    >>> ones(2)
    tensor([1., 1.])
    """
    return _new("ones", size, np.ones, **options)


def empty(*size: int, **options: object) -> Tensor:
    """A new leaf of whatever was in memory (`torch.empty`)."""
    return _new("empty", size, np.empty, **options)


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
    return _new("full", (size,), functools.partial(_filled, number), kind, **options)


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
    return _new("eye", shape, lambda shape, dtype: np.eye(*shape, dtype=dtype), **options)


def _new(
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
    return _new("arange", (count,), lambda shape, dtype: numbers.astype(dtype), kind, **options)


def linspace(start: float, end: float, steps: int, **options: object) -> Tensor:
    """`steps` numbers from `start` to `end`, both included, evenly spaced (`torch.linspace`).

    >>> linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    demand(steps >= 0, "number of steps must be non-negative")
    return _new("linspace", (steps,), lambda shape, dtype: _even(start, end, steps, dtype), **options)


def _even(start, end, steps, dtype):
    """Even steps, the later half counted from the end, as PyTorch does."""
    inner = dtype if dtype.kind == "f" and dtype.itemsize > 2 else np.dtype(np.float32)
    number = inner.type
    step = number((end - start) / max(steps - 1, 1))
    i = np.arange(steps).astype(inner)
    out = np.where(i < steps // 2, number(start) + step * i, number(end) - step * (steps - 1 - i))
    return (out if steps > 1 else np.full(steps, start, inner)).astype(dtype)


# ---- at random ---------------------------------------------------------------------------------------


class Generator:
    """Where random numbers come from. They are not PyTorch's, not even from the same seed."""

    @functools.cached_property
    def random(self) -> np.random.Generator:
        return np.random.default_rng()


generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Let the same random numbers come again (`torch.manual_seed`).

    The same each time, that is, and on every machine; but other ones than PyTorch's.

    >>> _ = manual_seed(0)
    >>> first = rand(2)
    >>> _ = manual_seed(0)
    >>> bool((rand(2) == first).all())
    True
    """
    generator.random = np.random.default_rng(int(seed) % 2**64)
    return generator


def _uniform(shape, dtype):
    only("f", "check_uniform_bounds")(np.empty(0, dtype))
    return generator.random.random(shape).astype(dtype)


def _normal(shape, dtype):
    only("f", "normal_kernel_cpu")(np.empty(0, dtype))
    return generator.random.standard_normal(shape).astype(dtype)


def rand(*size: int, **options: object) -> Tensor:
    """Numbers evenly at random from 0 up to before 1 (`torch.rand`)."""
    return _new("rand", size, _uniform, **options)


def randn(*size: int, **options: object) -> Tensor:
    """Numbers at random from the normal distribution (`torch.randn`)."""
    return _new("randn", size, _normal, **options)


def randint(low: int = 0, high: object = None, size: object = None, **options: object) -> Tensor:
    """Integers at random, from `low` (by default 0) up to before `high` (`torch.randint`)."""
    if size is None:
        low, high, size = 0, low, high
    listed, position = isinstance(size, (tuple, list)), 2 if low == 0 else 3
    errors.argument(listed, "randint", "size", position, "tuple of ints", size)
    return _new("randint", (size,), _integers(low, high), dtypes.int64, **options)


def _integers(low: int, high: int) -> Callable:
    demand(low < high, errors.EMPTY_RANGE, low, high)
    return lambda shape, dtype: generator.random.integers(low, high, shape).astype(dtype)


# ---- like another ------------------------------------------------------------------------------------


def _like(
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
    array[...] = make(array.shape, array.dtype)
    return leaf(array, op, requires_grad)


def zeros_like(input: Tensor, **options: object) -> Tensor:
    """Zeros of the shape and dtype of `input` (`torch.zeros_like`)."""
    return _like("zeros_like", input, np.zeros, **options)


def ones_like(input: Tensor, **options: object) -> Tensor:
    """Ones of the shape and dtype of `input` (`torch.ones_like`)."""
    return _like("ones_like", input, np.ones, **options)


def empty_like(input: Tensor, **options: object) -> Tensor:
    """Whatever was in memory, in the shape and dtype of `input` (`torch.empty_like`)."""
    return _like("empty_like", input, np.empty, **options)


def full_like(input: Tensor, fill_value: float, **options: object) -> Tensor:
    """One number throughout, in the shape and dtype of `input` (`torch.full_like`)."""
    number = number_for("full_like", "fill_value", 2, fill_value)
    return _like("full_like", input, functools.partial(_filled, number), **options)


def rand_like(input: Tensor, **options: object) -> Tensor:
    """Numbers from 0 up to before 1, in the shape and dtype of `input` (`torch.rand_like`)."""
    return _like("rand_like", input, _uniform, **options)


def randn_like(input: Tensor, **options: object) -> Tensor:
    """Numbers from the normal distribution, in the shape and dtype of `input` (`torch.randn_like`)."""
    return _like("randn_like", input, _normal, **options)


def randint_like(input: Tensor, low: int, high: int | None = None, **options: object) -> Tensor:
    """Integers at random, in the shape and dtype of `input` (`torch.randint_like`)."""
    low, high = (0, low) if high is None else (low, high)
    return _like("randint_like", input, _integers(low, high), **options)


def level(grad):
    """The formula of what is flat wherever it has a slope: zeros."""
    return zeros_like(grad)


def new_zeros(like, size):
    """Zeros of this size and of the type of `like`: a tensor if that is one, else an array."""
    zeros = np.zeros(size, like._array.dtype if isinstance(like, Tensor) else like.dtype)
    return wrap(zeros) if isinstance(like, Tensor) else zeros
