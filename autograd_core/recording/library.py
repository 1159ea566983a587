"""What a recording has to ask about tensors and memory: the same questions for each library.

The surprising idea: this is all that stands between a recording and the library that it listens to. Whoever
answers these questions, and says what happens in the words of `observe.Listener`, is recorded as a whole:
names, lines, aliases, stories and pictures know of no library. `core` answers for this package, and
`pytorch` for PyTorch.

Nodes are asked directly: for `kind` (PyTorch's name of its class), `edges`, `sequence_nr`, `variable` (of an
`AccumulateGrad`, else None).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from ..observe import Slot
from .values import Held

# What is told of a new tensor: its version, its contents, whether it requires grad, which output of its
# node it is, and the fields of its `Part`.
Look = tuple[int, Held, bool, int, tuple | None]
Gradient = object  # as the listener is told it: a tensor, an array, or whatever else the library has


class Kept(Protocol):
    """One tensor that a node keeps. `tensor` is None for the output `output_nr` of the node itself."""

    tensor: object | None
    output_nr: int
    version: int
    counted: bool  # is the version compared? Not where the user's hooks keep the tensor

    @property
    def found(self) -> int:
        """The version that it is at now."""

    @property
    def numbers(self) -> np.ndarray | None:
        """What is in its memory now; None where that cannot be seen."""


class Memory(Protocol):
    """A storage: one object as long as there is that storage, which can be weakly referred to."""

    def nbytes(self) -> int: ...


class Still(NamedTuple):
    """A tensor that a node of a live graph keeps, and the version that it expects.

    Of an output of the node itself the graph keeps bare memory: then `tensor` stands in for it. `bare`: it
    is likely no tensor of the user's at all, but a number among the arguments.
    """

    tensor: object
    version: int
    stands_in: bool
    bare: bool = False


class Standing(NamedTuple):
    """A node of a live graph as it is now, its edges to other such nodes."""

    kind: str
    edges: Sequence[tuple[object, int] | None]
    sequence_nr: int
    variable: object | None
    saved: dict[str, Still]  # without what the user's hooks keep: nobody can see it but by calling them
    freed: bool


@dataclass(frozen=True)
class Library:
    """The answers of one library. No question changes anything, or has an event of its own."""

    slot: Slot
    tensor: type
    look: Callable[[object], Look]
    node_of: Callable[[object], object | None]  # as it was told last: a view is not brought up to date
    saved: Callable[[object], Iterable[tuple[str, Kept]]]  # what a node keeps, by field
    version_of: Callable[[object], int]
    grad_of: Callable[[object], object | None]
    base_of: Callable[[object], object | None]
    retains_grad: Callable[[object], bool]
    shared_memory: Callable[[object], Memory | None]  # None where nobody else looks at it
    memory: Callable[[object], Memory]
    content: Callable[[Memory], bytes]
    # May anyone else write to the memory of this tensor, which is met just now? The question itself is
    # None where any memory may be written unheard; else who is given a way to it is told of.
    is_shared: Callable[[object], bool] | None
    # Lets the nodes behind these tensors be asked for what they keep.
    reach: Callable[[Iterable[object]], AbstractContextManager]
    counter: Callable[[object], object]
    counted_by: Callable[[object, object], bool]
    held: Callable[[object], Held]  # of a tensor or a gradient
    array: Callable[[Gradient], np.ndarray]
    # What a node would pass on, were these the gradients and these the numbers that it saved; None where
    # that cannot be told.
    rerun: Callable[[object, Sequence[np.ndarray | None], dict[str, np.ndarray | None]], list | None]
    task: Callable[[], object | None]  # the backward under way, if there is one
    origin: Callable[[object], str]  # in place of an op, for a tensor that nobody has told of
    # For a look at what there is without a recording: inside `unheard` no recording hears of it.
    unheard: Callable[[], AbstractContextManager]
    grad_fn: Callable[[object], object | None]  # the library's own node; of a view, brought up to date
    standing: Callable[[object], Standing]
