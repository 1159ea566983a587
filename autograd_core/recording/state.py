"""What is true at each step: a fold over the events up to it.

A step is one moment that a person would point at: a tensor made, an op run, a write, one node run in
backward, an error. Events that only fill in such a moment (names, saves, aliases) belong to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from . import events as e

CUTS = ("detach", ".data", "detach_")  # the ops that leave a tensor without its history


@dataclass(frozen=True, slots=True)
class TensorState:
    """One tensor at one step. `name` is how a reader knows it: its variables, or its expression.

    `cut` says how it lost its history: `detach`, `.data` or `detach_`. It stays when `requires_grad_`
    makes a new leaf of it.
    """

    id: str
    storage: str
    counter: str
    value: e.Value
    op: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    output_nr: int
    expression: str
    names: tuple[str, ...] = ()
    retains_grad: bool = False
    grad: e.Value | None = None
    deleted: bool = False
    cut: str | None = None

    @property
    def name(self) -> str:
        return " = ".join(self.names) or self.expression or self.op


@dataclass(frozen=True, slots=True)
class NodeState:
    """One node at one step. `status`: `waiting`, then in backward `running`, `ran`; `raised`."""

    id: str
    name: str
    next_functions: tuple[e.Edge | None, ...]
    variable: str | None
    status: str = "waiting"
    freed: bool = False
    grads_in: tuple[e.Value | None, ...] = ()
    grads_out: tuple[e.Value | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved tensor: `node` keeps `tensor` as `field` and expects its counter at `expected`."""

    node: str
    field: str
    tensor: str
    counter: str
    expected: int


@dataclass(frozen=True, slots=True)
class Alias:
    """`alias` was made from `source` and shares its memory."""

    source: str
    alias: str
    how: str
    same_counter: bool


@dataclass(slots=True)
class State:
    """Everything there is at one step, in order of creation."""

    tensors: dict[str, TensorState] = field(default_factory=dict)
    nodes: dict[str, NodeState] = field(default_factory=dict)
    saved: list[Saved] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    in_backward: bool = False
    error: e.ErrorRaised | None = None
    place: e.Place | None = None

    def copy(self) -> State:
        return replace(
            self,
            tensors=dict(self.tensors),
            nodes=dict(self.nodes),
            saved=list(self.saved),
            aliases=list(self.aliases),
            versions=dict(self.versions),
        )

    @property
    def storages(self) -> dict[str, list[TensorState]]:
        """Each storage with the tensors that live inside it."""
        storages: dict[str, list[TensorState]] = {}
        for tensor in self.tensors.values():
            storages.setdefault(tensor.storage, []).append(tensor)
        return storages

    def version(self, tensor: str) -> int:
        return self.versions[self.tensors[tensor].counter]

    def mismatched(self, saved: Saved) -> bool:
        """Would unpacking this saved tensor raise? A freed node no longer has it."""
        return self.versions[saved.counter] != saved.expected and not self.nodes[saved.node].freed

    # ---- the fold, one method per kind of event --------------------------------------------------

    def apply(self, event: e.Event) -> None:
        if event.place is not None:
            self.place = event.place
        method = getattr(self, "_" + type(event).__name__, None)
        if method is not None:
            method(event)

    def _TensorCreated(self, event: e.TensorCreated) -> None:
        self.tensors[event.tensor] = TensorState(
            id=event.tensor,
            storage=event.storage,
            counter=event.counter,
            value=event.value,
            op=event.op,
            requires_grad=event.requires_grad,
            is_leaf=event.is_leaf,
            grad_fn=event.grad_fn,
            output_nr=event.output_nr,
            expression=event.expression,
            cut=event.op if event.op in CUTS else None,
        )
        self.versions.setdefault(event.counter, event.version)

    def _change(self, tensor: str, **changes: object) -> None:
        if tensor in self.tensors:
            self.tensors[tensor] = replace(self.tensors[tensor], **changes)

    def _Named(self, event: e.Named) -> None:
        self._change(event.tensor, names=event.names)

    def _TensorChanged(self, event: e.TensorChanged) -> None:
        self._change(
            event.tensor,
            requires_grad=event.requires_grad,
            is_leaf=event.is_leaf,
            grad_fn=event.grad_fn,
            output_nr=event.output_nr,
            retains_grad=event.retains_grad,
        )
        if event.op in CUTS:
            self._change(event.tensor, cut=event.op)

    def _NodeCreated(self, event: e.NodeCreated) -> None:
        self.nodes[event.node] = NodeState(
            event.node, event.name, event.next_functions, event.variable
        )

    def _TensorSaved(self, event: e.TensorSaved) -> None:
        self.saved.append(
            Saved(event.node, event.field, event.tensor, event.counter, event.expected)
        )

    def _AliasMade(self, event: e.AliasMade) -> None:
        self.aliases.append(Alias(event.source, event.alias, event.how, event.same_counter))

    def _VersionBumped(self, event: e.VersionBumped) -> None:
        self.versions[event.counter] = event.after
        for tensor, value in event.values:
            self._change(tensor, value=value)

    def _BackwardStarted(self, event: e.BackwardStarted) -> None:
        self.in_backward = True
        for node in self.nodes.values():
            if node.status != "waiting":
                self.nodes[node.id] = replace(node, status="waiting", grads_in=(), grads_out=())

    def _leave_node(self) -> None:
        for node in self.nodes.values():
            if node.status == "running":
                self.nodes[node.id] = replace(node, status="ran")

    def _NodeRan(self, event: e.NodeRan) -> None:
        self._leave_node()
        self.nodes[event.node] = replace(
            self.nodes[event.node],
            status="running",
            grads_in=event.grads_in,
            grads_out=event.grads_out,
        )

    def _GradAccumulated(self, event: e.GradAccumulated) -> None:
        self._change(event.tensor, grad=event.grad)

    def _NodeFreed(self, event: e.NodeFreed) -> None:
        self.nodes[event.node] = replace(self.nodes[event.node], freed=True)

    def _BackwardEnded(self, event: e.BackwardEnded) -> None:
        self.in_backward = False
        self._leave_node()

    def _TensorDeleted(self, event: e.TensorDeleted) -> None:
        self._change(event.tensor, deleted=True)

    def _ErrorRaised(self, event: e.ErrorRaised) -> None:
        self.error = event
        self.in_backward = False
        self._leave_node()
        if event.node is not None:
            self.nodes[event.node] = replace(self.nodes[event.node], status="raised")


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of the run: the events that make it, and the state after them."""

    index: int
    events: tuple[e.Event, ...]
    state: State

    @property
    def place(self) -> e.Place | None:
        return self.state.place

    def find(self, kind: type[e.Event]) -> e.Event | None:
        """The first event of this kind in the step, if there is one."""
        return next((event for event in self.events if isinstance(event, kind)), None)


# The kinds of event that open a step. A TensorCreated opens one only where no OpRan goes before it:
# see `steps`.
OPENERS = (
    e.OpRan,
    e.AliasMade,
    e.VersionBumped,
    e.TensorChanged,
    e.BackwardStarted,
    e.NodeRan,
    e.ErrorRaised,
)


def steps(events: Iterable[e.Event], state: State | None = None) -> Iterator[Step]:
    """Group events into steps and fold them, one `Step` after another, from `state` on.

    The recorder writes what opens a step before what belongs to it: an op, then its outputs and its
    node and what that saved; an alias, then the tensor that it made; a node's run, then what it
    accumulated and freed.
    """
    state = State() if state is None else state
    group: list[e.Event] = []
    made_here: set[str] = set()  # tensors that the opener has announced
    written_here: set[str] = set()  # tensors of which it says next what became of their history
    index = 0

    def opens(event: e.Event) -> bool:
        if isinstance(event, e.TensorCreated):
            return event.tensor not in made_here
        if isinstance(event, e.TensorChanged):
            return event.tensor not in written_here
        return isinstance(event, OPENERS)

    for event in events:
        if group and opens(event) and any(opens_a_step(g) for g in group):
            yield Step(index, tuple(group), state.copy())
            index += 1
            group, made_here, written_here = [], set(), set()
        if isinstance(event, e.OpRan):
            made_here |= set(event.outputs)
        elif isinstance(event, e.AliasMade):
            made_here.add(event.alias)
        elif isinstance(event, e.TensorCreated):
            made_here.add(event.tensor)
        elif isinstance(event, e.VersionBumped):
            written_here.add(event.tensor)
        group.append(event)
        state.apply(event)
    if group:
        yield Step(index, tuple(group), state.copy())


def opens_a_step(event: e.Event) -> bool:
    return isinstance(event, (e.TensorCreated, *OPENERS))
