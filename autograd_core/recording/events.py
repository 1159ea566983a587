"""Everything that can happen in a run, as plain frozen records.

The surprising idea: nothing here knows NumPy, PyTorch or even a `Tensor`. Tensors, storages, version
counters and nodes are named by short ids in order of creation (`t0`, `s0`, `c0`, `n0`), never by
memory address, so two runs of the same program give the same events on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

Id = NewType("Id", str)  # a letter that says of what kind a thing is, and its number: `t0`, `n12`


@dataclass(frozen=True, slots=True)
class Place:
    """The line of the user's code that caused an event."""

    file: str
    line: int
    text: str
    function: str = "<module>"


@dataclass(frozen=True, slots=True)
class Value:
    """What a tensor held at one moment: `text` as it prints, `data` in full when it is small.

    `data` is a nested list (or a number, for a 0-d tensor), or None where the tensor has more than
    `values.SMALL` elements, or complex ones.
    """

    text: str
    shape: tuple[int, ...]
    dtype: str
    data: object = None


@dataclass(frozen=True, slots=True)
class Part:
    """Which elements of its storage a tensor looks at; `size` is how many the storage has.

    All three are counted in elements, as `Tensor.stride` does.
    """

    offset: int
    strides: tuple[int, ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `place` is None when no line of the user's code caused it."""

    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorCreated(Event):
    """A tensor came into being, or the recording met it for the first time.

    `op` is what made it (`tensor`, `sigmoid`, `detach`, `.data`, ...), or what else is known of it:
    `before the recording`, `first gradient` for what backward starts with, `.grad` for what stands in
    a tensor's `.grad`, `gradient` for one that a hook or a user's backward was handed. `expression` is the source text that made it, the name of
    last resort for a temporary. `part` is None where it looks at all of its storage, in order.
    """

    tensor: Id
    storage: Id
    counter: Id
    version: int
    value: Value
    op: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: Id | None = None
    output_nr: int = 0
    expression: str = ""
    part: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Event):
    """The user's variables that hold this tensor from now on (none, once the last one let go)."""

    tensor: Id
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorChanged(Event):
    """A tensor's own flags or history changed: `requires_grad_`, `detach_`, `retain_grad`, a write."""

    tensor: Id
    op: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: Id | None
    output_nr: int
    retains_grad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryChanged(Event):
    """A tensor looks at other memory from now on: `x.data = y`, `set_`, `resize_`."""

    tensor: Id
    storage: Id
    value: Value
    op: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpRan(Event):
    """A differentiable operation ran. `node` is None where no gradient was asked for."""

    op: str
    inputs: tuple[Id, ...]
    outputs: tuple[Id, ...]
    node: Id | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """One entry of `next_functions`: gradient flows on to input `input_nr` of `node`."""

    node: Id
    input_nr: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCreated(Event):
    """A node joined the graph. `variable` is the leaf that an `AccumulateGrad` adds to."""

    node: Id
    name: str
    next_functions: tuple[Edge | None, ...]
    variable: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSaved(Event):
    """A node saved a tensor for its backward, together with the version it had."""

    node: Id
    field: str
    tensor: Id
    counter: Id
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasMade(Event):
    """`alias` looks at the same memory as `source`. `how`: `detach`, `.data`, or a view's op."""

    source: Id
    alias: Id
    how: str
    same_counter: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionBumped(Event):
    """An in-place operation wrote `storage` through `tensor`; `counter` went up.

    `values` is what each live tensor of the storage holds after the write.
    """

    op: str
    tensor: Id
    storage: Id
    counter: Id
    before: int
    after: int
    values: tuple[tuple[Id, Value], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryShown(Event):
    """NumPy shares the memory of `tensor` from now on, and may write to it; `how`: `numpy`."""

    tensor: Id
    storage: Id
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryWritten(Event):
    """Numbers in `storage` changed, and no operation wrote them: NumPy did.

    It happened between `after`, where they were still the old, and `place`; `line` is the one line
    that lies between, if there is just one. `values` is what the tensors of the storage hold now.
    """

    storage: Id
    after: Place | None
    line: Place | None = None
    values: tuple[tuple[Id, Value], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedChanged(Event):
    """The node that runs has used a saved tensor whose numbers are others than at save, unnoticed.

    `computed` is what the node passed on, `true` what it would have passed on with the numbers it
    saved; None where that cannot be told.
    """

    node: Id
    field: str
    version: int
    computed: tuple[Value | None, ...]
    true: tuple[Value | None, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradWrong(Event):
    """The `.grad` of `tensor` is wrong since the last backward: it should be `true`.

    `off` is by how much, at the place where it is furthest off.
    """

    tensor: Id
    computed: Value
    true: Value
    off: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BackwardStarted(Event):
    """`backward()` or `grad()` was called on these tensors."""

    roots: tuple[Id, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRan(Event):
    """A node turned the gradients of its outputs into gradients of its inputs."""

    node: Id
    grads_in: tuple[Value | None, ...]
    grads_out: tuple[Value | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradAccumulated(Event):
    """A gradient arrived in `.grad`; `grad` is what `.grad` holds now.

    `how`: `stolen` (what arrived was put there as it is), `copied`, `added` to the numbers there, or
    `summed` (a new tensor took the place of the old one).
    """

    tensor: Id
    grad: Value
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradSet(Event):
    """The user's code set `.grad` (`op` is `.grad =`) or wrote to it; None: there is none now."""

    tensor: Id
    grad: Value | None
    op: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRegistered(Event):
    """A hook was registered on a tensor or on a node. `name` is that of the user's function.

    `kind`: `tensor`, `post-accumulate`, or on a node `before` or `after`.
    """

    hook: Id
    name: str
    kind: str
    tensor: Id | None = None
    node: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRemoved(Event):
    """A hook was taken away by its handle."""

    hook: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRan(Event):
    """A hook was called during backward: the gradients it was given, and what they were after it.

    One that replaces nothing leaves them as they are. A `post-accumulate` hook gets none. It is told
    after the run of the node that it belongs to.
    """

    hook: Id
    name: str
    before: tuple[Value | None, ...]
    after: tuple[Value | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFreed(Event):
    """A node let go of what it saved; a second backward through it would raise."""

    node: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class BackwardEnded(Event):
    """The backward pass finished without an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorDeleted(Event):
    """The last reference to a tensor went away."""

    tensor: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDeleted(Event):
    """The last reference to a node went away, and with it what it had saved."""

    node: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRaised(Event):
    """An error was raised, whether or not it was caught.

    `field` to `counter` are set for a version mismatch alone; `tensor` where a write was refused.
    """

    type: str
    message: str
    node: Id | None = None
    field: str | None = None
    expected: int | None = None
    found: int | None = None
    counter: Id | None = None
    tensor: Id | None = None


KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
