"""What there was before a recording began, kept so that the same statements can be run once more.

A copy of the user's variables, with the numbers that they held, and the states of the random generators.
The surprising idea: arrays are copied by the memory that they look at, so what shared memory before shares
memory in the copy.
"""

from __future__ import annotations

import contextlib
import copy
import enum
import functools
import inspect
import linecache
import random
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType

import numpy as np

from ..ops.random import default_generator
from ..storage import owner
from ..tensor import Tensor

# What remembers nothing, or what the user's code does not change.
KEPT = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, np.generic, np.dtype)
KEPT += (np.ufunc, functools.partial, enum.Enum)
BUDGET = 16 << 20  # bytes: beyond, nothing is kept


class TooLarge(Exception):
    """The variables hold more numbers than are kept."""


def variables(frame: FrameType) -> dict[str, object]:
    """The variables that code in this frame sees.

    Before Python 3.13 a function's frame that is asked for them keeps a copy, and so every tensor in it:
    the copy is emptied, unless the user holds it too (by `locals()`).
    """
    held = frame.f_locals
    seen = {**frame.f_globals, **held}
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        if sys.getrefcount(held) <= 3:  # the frame's reference, ours, and that of the call itself
            held.clear()
    return seen


@dataclass(frozen=True)
class Left:
    """Stands for a value that cannot be copied, and is not kept alive. `why` ends a sentence on it."""

    why: str


@dataclass(frozen=True)
class Program:
    """What is recorded: all of a source, or what stands in the `with` on a `line` of it."""

    filename: str
    source: str
    line: int | None = None

    @staticmethod
    def of(frame: FrameType) -> Program:
        """The `with` that this frame is entering."""
        name = frame.f_code.co_filename
        return Program(name, "".join(linecache.getlines(name, frame.f_globals)), frame.f_lineno)


class Before:
    """A program, and the variables as they are now, before it runs.

    `names` is None where the variables hold too many numbers, or are too many, to be kept.
    """

    def __init__(self, program: Program, variables: Mapping[str, object]) -> None:
        self.program, self.randomness = program, randomness()
        self.file = ""  # as the trace calls it
        self.backend = "core"  # whose tensors were recorded
        self.names: dict[str, object] | None = None
        public = {name: each for name, each in variables.items() if _counts(name)}
        with contextlib.suppress(TooLarge, RecursionError):
            self.names = copied(public, BUDGET)

    def fresh(self, wide: bool) -> dict[str, object]:
        """The variables once more, for one run; `wide`: with floats turned into doubles."""
        return copied(self.names, None, wide)


def copied(
    variables: Mapping[str, object], budget: int | None, wide: bool = False
) -> dict[str, object]:
    """The same variables on memory of their own. What is neither number nor container stays itself."""
    copier = Copier(budget, wide)
    return {name: copier.copy(value) for name, value in list(variables.items())}


def _counts(name: str) -> bool:
    """Is it a variable of the user's? IPython keeps what was typed and shown in some of its own."""
    return not name.startswith("_") and name not in ("In", "Out")


class Copier:
    """Copies values that belong together: what was one object is one object in the copy."""

    def __init__(self, budget: int | None, wide: bool) -> None:
        self.budget, self.wide = budget, wide
        self.done: dict[int, tuple[object, object]] = {}  # by address: the original, and its copy

    def copy(self, value: object) -> object:
        known = self.done.get(id(value))
        if known is not None:
            return known[1]
        kind = type(value)
        if kind is np.ndarray and not value.dtype.hasobject:
            made = self.array(value)
        elif issubclass(kind, Tensor):
            made = self.tensor(value)
        elif kind in (list, tuple, set, dict):
            return self.container(value)
        elif kind is np.random.Generator or kind is random.Random:
            made = copy.deepcopy(value)
        elif issubclass(kind, (*KEPT, Left)) or kind.__module__.split(".")[0] in ("builtins", "autograd_core"):
            return value
        else:
            return Left("is an object of a class of its own, which may remember things")
        self.done[id(value)] = value, made
        return made

    def container(self, value: list | tuple | set | dict) -> list | tuple | set | dict:
        self.spend(64 * len(value))
        if isinstance(value, (tuple, set)):
            made = type(value)(map(self.copy, value))
            self.done[id(value)] = value, made
            return made
        made = type(value)()
        self.done[id(value)] = value, made  # before it is filled: it may hold itself
        if isinstance(value, list):
            made.extend(map(self.copy, value))
        else:
            made.update((key, self.copy(each)) for key, each in value.items())
        return made

    def spend(self, size: int) -> None:
        if self.budget is not None:
            self.budget -= size
            if self.budget < 0:
                raise TooLarge

    def memory(self, array: np.ndarray) -> np.ndarray:
        whole = owner(array)
        if id(whole) not in self.done:
            self.spend(whole.nbytes)
            wider = self.wide and whole.dtype in (np.float16, np.float32)
            copy = whole.astype(np.float64) if wider else whole.copy("K")
            self.done[id(whole)] = whole, copy
        return self.done[id(whole)][1]

    def array(self, array: np.ndarray) -> np.ndarray:
        whole, copy = owner(array), self.memory(array)
        if whole is array:
            return copy
        if array.dtype != whole.dtype or copy.strides != tuple(
            step // whole.itemsize * copy.itemsize for step in whole.strides
        ):
            return array.copy()
        offset = array.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
        scale = copy.itemsize / whole.itemsize
        return np.ndarray(
            array.shape,
            copy.dtype,
            copy.ravel("K"),
            int(offset * scale),
            [int(step * scale) for step in array.strides],
        )

    def tensor(self, tensor: Tensor) -> Tensor | Left:
        """A leaf's copy. A history cannot be copied."""
        if tensor._grad_fn is not None or tensor._base is not None:
            return Left("has a history from before the recording")
        made = Tensor.__new__(type(tensor))
        made.__dict__.update(tensor.__dict__)
        made._array, made._storage, made._accumulate_grad = self.array(tensor._array), None, None
        counter = self.done.get(id(tensor._counter))
        if counter is None:
            fresh = type(tensor._counter)()
            fresh.value = tensor._counter.value
            counter = self.done[id(tensor._counter)] = tensor._counter, fresh
        made._counter = counter[1]
        if tensor._storage is not None:
            known = self.done.get(id(tensor._storage))
            if known is None:
                known = self.done[id(tensor._storage)] = tensor._storage, made.untyped_storage()
            made._storage = known[1]
        if tensor._grad is not None:
            made._grad = self.copy(tensor._grad)
        return made


def randomness() -> tuple:
    """The states of all random generators that the user's code may ask, PyTorch's where it is loaded."""
    torch = sys.modules.get("torch")
    theirs = None if torch is None else torch.get_rng_state()
    return random.getstate(), np.random.get_state(), default_generator.get_state(), theirs


def set_randomness(state: tuple) -> None:
    random.setstate(state[0])
    np.random.set_state(state[1])
    default_generator.set_state(state[2])
    if state[3] is not None:
        sys.modules["torch"].set_rng_state(state[3])
