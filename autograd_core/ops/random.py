"""Random numbers: from the same seed the same as PyTorch's.

The surprising idea: they are made by a recipe that anyone can follow. A Mersenne twister gives words of
32 bits, and NumPy has the same one. The low bits of a word are a number from 0 to 1; two of those are two
of the normal distribution (Box and Muller), which PyTorch does one pair after the other where there are
few, and eight pairs at once where there are many. That is why `randn(16)` begins otherwise than `randn(15)`.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence

import numpy as np

from .. import devices, dtypes, errors
from ..differentiable import differentiable, only
from ..errors import demand
from ..storage import lies_in_rows, room_in_order_of
from ..tensor import Tensor
from .filling import level, like_another, new_of_size

FEW = 16  # from so many numbers on they are drawn eight pairs at once
WIDE = 2**28  # from such a range of integers on each of them takes two words


class Generator:
    """Where random numbers come from, with a seed of its own (`torch.Generator`).

    >>> g = Generator().manual_seed(2147483647)
    >>> randn(2, generator=g), g.initial_seed()
    (tensor([-0.9800, -1.6578]), 2147483647)
    """

    def __init__(self, device: str = "cpu") -> None:
        self.device = devices.device(device)
        self.manual_seed(67280421310721)

    def manual_seed(self, seed: int) -> Generator:
        """Begin with the numbers that belong to this seed."""
        self.from_seed = int(seed) % 2**64
        self.spare: list[float] = []  # the other of a pair of which one was asked for
        vars(self).pop("engine", None)
        return self

    @functools.cached_property  # the import has no time for it
    def engine(self) -> np.random.MT19937:
        engine = np.random.MT19937()
        np.random.RandomState(engine).seed(self.from_seed % 2**32)
        return engine

    def initial_seed(self) -> int:
        """The seed that it began with."""
        return self.from_seed

    def seed(self) -> int:
        """Begin anywhere, and return the seed that it is."""
        return self.manual_seed(int.from_bytes(os.urandom(8))).from_seed

    def get_state(self) -> tuple:
        """Where it stands: all that the next numbers depend on."""
        return self.from_seed, self.engine.state, list(self.spare)

    def set_state(self, state: tuple) -> Generator:
        """Let it stand where it stood then."""
        self.from_seed, self.engine.state, self.spare = state[0], state[1], list(state[2])
        return self

    # ---- as many numbers in a row as are asked for ------------------------------------------------

    def words(self, count: int, bits: int = 32) -> np.ndarray:
        words = self.engine.random_raw(count * bits // 32)
        return words if bits == 32 else words[::2] << 32 | words[1::2]

    def uniform(self, count: int, dtype: np.dtype) -> np.ndarray:
        """From 0 up to before 1: of a word, as many bits as a number of this type has digits."""
        if dtype == np.float64:
            return (self.words(count, 64) & (2**53 - 1)) * 2.0**-53
        return ((self.words(count) & (2**24 - 1)) * 2.0**-24).astype(np.float32)

    def normal(self, count: int, dtype: np.dtype, in_rows: bool = True) -> np.ndarray:
        """Of the normal distribution. `in_rows`: are they for memory that is filled from end to end?"""
        if count < FEW or not in_rows:
            return self.one_by_one(count)
        drawn = count - count % FEW if dtype == np.float16 else count  # of halves none in vain
        numbers = np.append(self.uniform(drawn, dtype), np.zeros(count - drawn, np.float32))
        for start in range(0, count - FEW + 1, FEW):
            numbers[start : start + FEW] = eight_pairs(numbers[start : start + FEW])
        if count % FEW:  # the last are drawn anew, with those before them to make them sixteen
            numbers[-FEW:] = eight_pairs(self.uniform(FEW, dtype))
        return numbers

    def one_by_one(self, count: int) -> np.ndarray:
        missing = max(count - len(self.spare) + 1, 0) // 2
        pairs = self.uniform(2 * missing, np.dtype(np.float64)).reshape(-1, 2)
        radius, angle = np.sqrt(-2 * np.log1p(-pairs[:, 1])), 2 * np.pi * pairs[:, 0]
        drawn = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()
        drawn = np.concatenate([self.spare, drawn])
        self.spare = drawn[count:].tolist()
        return drawn[:count]

    def integers(self, low: int, high: int, count: int) -> np.ndarray:
        """From `low` up to before `high`: what is left of a word that is divided by their number."""
        words = self.words(count, 64 if high - low >= WIDE else 32)
        return (words % np.uint64(high - low)).astype(np.int64) + low


def eight_pairs(numbers: np.ndarray) -> np.ndarray:
    radius = np.sqrt(-2 * np.log(1 - numbers[:8]))
    angle = numbers.dtype.type(2 * np.pi) * numbers[8:]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])


default_generator = Generator()
default_generator.seed()


def manual_seed(seed: int) -> Generator:
    """Let the same random numbers come again, which are PyTorch's (`torch.manual_seed`).

    >>> _ = manual_seed(0)
    >>> randn(2), rand(2)
    (tensor([ 1.5410, -0.2934]), tensor([0.3074, 0.6341]))
    """
    return default_generator.manual_seed(seed)


# ---- tensors of them ---------------------------------------------------------------------------------


def _uniform(shape, dtype, generator=None, low=0.0, high=1.0):
    only("f", "check_uniform_bounds")(np.empty(0, dtype))
    numbers = (generator or default_generator).uniform(int(np.prod(shape)), dtype)
    return (numbers * numbers.dtype.type(high - low) + numbers.dtype.type(low)).astype(dtype).reshape(shape)


def _normal(shape, dtype, generator=None, mean=0.0, std=1.0, in_rows=True):
    only("f", "normal_kernel_cpu")(np.empty(0, dtype))
    numbers = (generator or default_generator).normal(int(np.prod(shape)), dtype, in_rows)
    return (numbers * numbers.dtype.type(std) + numbers.dtype.type(mean)).astype(dtype).reshape(shape)


def _integers(shape, dtype, generator, low, high):
    demand(low < high, errors.EMPTY_RANGE, low, high)
    numbers = (generator or default_generator).integers(low, high, int(np.prod(shape)))
    return numbers.astype(dtype).reshape(shape)


def rand(*size: int, generator: Generator | None = None, **options: object) -> Tensor:
    """Numbers evenly at random from 0 up to before 1 (`torch.rand`).

    Raises NotImplementedError where integers should be made.
    """
    return new_of_size("rand", size, functools.partial(_uniform, generator=generator), **options)


def randn(*size: int, generator: Generator | None = None, **options: object) -> Tensor:
    """Numbers at random from the normal distribution (`torch.randn`).

    Raises NotImplementedError where integers should be made.
    """
    return new_of_size("randn", size, functools.partial(_normal, generator=generator), **options)


def randint(
    low: int = 0,
    high: int | None = None,
    size: Sequence[int] | None = None,
    generator: Generator | None = None,
    **options: object,
) -> Tensor:
    """Integers at random, from `low` (by default 0) up to before `high` (`torch.randint`).

    Raises TypeError for a size that is no tuple, RuntimeError where there is none between the two.
    """
    if size is None:
        low, high, size = 0, low, high
    if high is None:
        low, high = 0, low
    listed, position = isinstance(size, (tuple, list)), 2 if low == 0 else 3
    errors.argument(listed, "randint", "size", position, "tuple of ints", size)
    make = functools.partial(_integers, generator=generator, low=low, high=high)
    return new_of_size("randint", (size,), make, dtypes.int64, **options)


def randperm(n: int, *, generator: Generator | None = None, **options: object) -> Tensor:
    """The integers from 0 up to before `n`, shuffled (`torch.randperm`).

    >>> _ = manual_seed(0)
    >>> randperm(4)
    tensor([0, 1, 3, 2])
    """
    errors.argument(hasattr(n, "__index__"), "randperm", "n", 1, "int", n)
    order = list(range(n))
    for i, word in enumerate((generator or default_generator).words(max(n - 1, 0)).tolist()):
        other = i + word % (n - i)
        order[i], order[other] = order[other], order[i]
    make = lambda shape, dtype: np.array(order, dtype)
    return new_of_size("randperm", ((n,),), make, dtypes.int64, **options)


def rand_like(input: Tensor, **options: object) -> Tensor:
    """Numbers from 0 up to before 1, in the shape and dtype of `input` (`torch.rand_like`)."""
    return like_another("rand_like", input, _uniform, **options)


def randn_like(input: Tensor, **options: object) -> Tensor:
    """Numbers from the normal distribution, in the shape and dtype of `input` (`torch.randn_like`)."""
    rows = not isinstance(input, Tensor) or lies_in_rows(room_in_order_of(input._array))
    return like_another("randn_like", input, functools.partial(_normal, in_rows=rows), **options)


def randint_like(input: Tensor, low: int, high: int | None = None, **options: object) -> Tensor:
    """Integers at random, in the shape and dtype of `input` (`torch.randint_like`)."""
    low, high = (0, low) if high is None else (low, high)
    make = functools.partial(_integers, generator=None, low=low, high=high)
    return like_another("randint_like", input, make, **options)


# ---- written into a tensor ---------------------------------------------------------------------------


def _in_order_of(array: np.ndarray, make: functools.partial) -> np.ndarray:
    """What `make` makes, put where the elements of the array lie one after the other in memory."""
    order = sorted(range(array.ndim), key=lambda dim: -array.strides[dim])
    made = make(array.transpose(order).shape, array.dtype)
    return made.transpose(np.argsort(order))


def _some_width(self, mean, std, generator):
    demand(std >= 0, "normal expects std >= 0.0, but found std {}", std)
    if self.size:
        only("f", "normal_kernel_cpu")(self)


@differentiable(check=_some_width)
def normal(self, mean=0.0, std=1.0, generator=None):
    told = {"generator": generator, "mean": mean, "std": std, "in_rows": lies_in_rows(self)}
    return _in_order_of(self, functools.partial(_normal, **told)) if self.size else self.copy()

normal.gradient(self=level)


@differentiable(check=only("f", "check_uniform_bounds"))
def uniform(self, a=0.0, b=1.0, generator=None):
    demand(a <= b, "uniform_ expects to return a [from, to) range, but found from={} > to={}", a, b)
    return _in_order_of(self, functools.partial(_uniform, generator=generator, low=a, high=b))

uniform.gradient(self=level)
