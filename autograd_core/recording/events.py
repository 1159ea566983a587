"""Everything that can happen in a run, as plain frozen records.

The surprising idea: nothing here knows NumPy, PyTorch or even a `Tensor`. Tensors, storages, version
counters and nodes are named by short ids in order of creation (`t0`, `s0`, `c0`, `n0`), never by
memory address, so two runs of the same program give the same events on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    `recorder.SMALL` elements.
    """

    text: str
    shape: tuple[int, ...]
    dtype: str
    data: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `place` is None when no line of the user's code caused it."""

    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorCreated(Event):
    """A tensor came into being. `op` is what made it (`tensor`, `sigmoid`, `detach`, `.data`, ...).

    `expression` is the source text that made it, the name of last resort for a temporary.
    """

    tensor: str
    storage: str
    counter: str
    version: int
    value: Value
    op: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None = None
    output_nr: int = 0
    expression: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Event):
    """The user's variables that hold this tensor from now on (none, once the last one let go)."""

    tensor: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorChanged(Event):
    """A tensor's own flags or history changed: `requires_grad_`, `detach_`, `retain_grad`."""

    tensor: str
    op: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    output_nr: int
    retains_grad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpRan(Event):
    """A differentiable operation ran. `node` is None where no gradient was asked for."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """One entry of `next_functions`: gradient flows on to input `input_nr` of `node`."""

    node: str
    input_nr: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCreated(Event):
    """A node joined the graph. `variable` is the leaf that an `AccumulateGrad` adds to."""

    node: str
    name: str
    next_functions: tuple[Edge | None, ...]
    variable: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSaved(Event):
    """A node saved a tensor for its backward, together with the version it had."""

    node: str
    field: str
    tensor: str
    counter: str
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasMade(Event):
    """`alias` looks at the same memory as `source`. `how`: `detach`, `.data`, or a view's op."""

    source: str
    alias: str
    how: str
    same_counter: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionBumped(Event):
    """An in-place operation wrote `storage` through `tensor`; `counter` went up.

    `values` is what each live tensor of the storage holds after the write.
    """

    op: str
    tensor: str
    storage: str
    counter: str
    before: int
    after: int
    values: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackwardStarted(Event):
    """`backward()` or `grad()` was called on these tensors."""

    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRan(Event):
    """A node turned the gradients of its outputs into gradients of its inputs."""

    node: str
    grads_in: tuple[Value | None, ...]
    grads_out: tuple[Value | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradAccumulated(Event):
    """A gradient arrived in `.grad`; `grad` is what `.grad` holds now.

    `counter` and `version` tell of a `.grad` that somebody has used, and that was now added to in place.
    """

    tensor: str
    grad: Value
    counter: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRan(Event):
    """One of the user's hooks was called during backward. It belongs to the node that runs next."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFreed(Event):
    """A node let go of what it saved; a second backward through it would raise."""

    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackwardEnded(Event):
    """The backward pass finished without an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorDeleted(Event):
    """The last reference to a tensor went away."""

    tensor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRaised(Event):
    """The run stopped with an error.

    `field` to `counter` are set for a version mismatch alone; `tensor` where a write was refused.
    """

    type: str
    message: str
    node: str | None = None
    field: str | None = None
    expected: int | None = None
    found: int | None = None
    counter: str | None = None
    tensor: str | None = None


KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
