"""What is true at each step: a fold over the events up to it.

A step is one moment that a person would point at: a tensor made, an op run, a write, one node run in
backward, an error. Events that only fill in such a moment (names, saves, aliases) belong to it; `steps`
says which.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from . import events as e

CUTS = ("detach", ".data", "detach_")  # the ops that leave a tensor without its history

START = "first gradient"  # in place of an op: it is the gradient that backward starts with
BEFORE = "before the recording"  # in place of an op: it was so when the recording met it

# The kinds of event that open a step. A TensorCreated opens one only where nothing has announced it.
OPENERS = (
    e.OpRan,
    e.AliasMade,
    e.VersionBumped,
    e.TensorChanged,
    e.MemoryChanged,
    e.MemoryWritten,
    e.GradSet,
    e.HookRegistered,
    e.HookRemoved,
    e.BackwardStarted,
    e.NodeRan,
    e.ErrorRaised,
)


@dataclass(frozen=True, slots=True)
class TensorState:
    """One tensor at one step. `name` is how a reader knows it: its variables, or its expression.

    `former` is the first variable that it had, for when that holds another one. `cut` says how it lost its history: `detach`, `.data` or `detach_`. It stays when `requires_grad_`
    makes a new leaf of it, and is None where there was no history to lose. `part` is None where it looks at all of its storage, in order.
    """

    id: e.Id
    storage: e.Id
    counter: e.Id
    value: e.Value
    op: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: e.Id | None
    output_nr: int
    expression: str
    names: tuple[str, ...] = ()
    former: str = ""
    retains_grad: bool = False
    grad: e.Value | None = None
    deleted: bool = False
    cut: str | None = None
    part: e.Part | None = None

    @property
    def name(self) -> str:
        former = f"{self.former} (earlier)" if self.former else ""
        return " = ".join(self.names) or former or self.expression or self.op


@dataclass(frozen=True, slots=True)
class NodeState:
    """One node at one step. `status`: `waiting`, then in backward `running`, `ran`; `raised`.

    `freed`: it let go of what it saved. `deleted`: nothing refers to it any more.
    """

    id: e.Id
    name: str
    next_functions: tuple[e.Edge | None, ...]
    variable: e.Id | None
    status: str = "waiting"
    freed: bool = False
    deleted: bool = False
    grads_in: tuple[e.Value | None, ...] = ()
    grads_out: tuple[e.Value | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved tensor: `node` keeps `tensor` as `field` and expects its counter at `expected`."""

    node: e.Id
    field: str
    tensor: e.Id
    counter: e.Id
    expected: int


@dataclass(frozen=True, slots=True)
class Alias:
    """`alias` was made from `source` and shares its memory."""

    source: e.Id
    alias: e.Id
    how: str
    same_counter: bool


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook that is registered, on a tensor or on a node, and where that was done."""

    id: e.Id
    name: str
    kind: str
    tensor: e.Id | None
    node: e.Id | None
    place: e.Place | None


@dataclass(slots=True)
class State:
    """Everything there is at one step, in order of creation.

    `error` is the error that was raised at this very step. An error is a moment: a program that
    catches it goes on.
    """

    tensors: dict[e.Id, TensorState] = field(default_factory=dict)
    nodes: dict[e.Id, NodeState] = field(default_factory=dict)
    saved: list[Saved] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    versions: dict[e.Id, int] = field(default_factory=dict)
    hooks: dict[e.Id, Hook] = field(default_factory=dict)
    ran: list[e.Id] = field(default_factory=list)  # the nodes that the latest backward has met
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
            hooks=dict(self.hooks),
            ran=list(self.ran),
        )

    def living(self) -> State:
        """The same without what is gone: the beginning of a trace whose first events were dropped."""
        nodes = {name: node for name, node in self.nodes.items() if not node.deleted}
        saved = [each for each in self.saved if each.node in nodes and not nodes[each.node].freed]
        kept = {each.tensor for each in saved}
        tensors = {
            name: each for name, each in self.tensors.items() if not each.deleted or name in kept
        }
        counters = {each.counter for each in (*tensors.values(), *saved)}
        return replace(
            self,
            tensors=tensors,
            nodes=nodes,
            saved=saved,
            aliases=[a for a in self.aliases if a.alias in tensors and a.source in tensors],
            versions={name: at for name, at in self.versions.items() if name in counters},
            hooks=dict(self.hooks),
            ran=[node for node in self.ran if node in nodes],
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
        """Would unpacking this saved tensor raise? A node that is freed or gone no longer has it."""
        node = self.nodes[saved.node]
        return self.versions[saved.counter] != saved.expected and not (node.freed or node.deleted)

    # ---- the fold, one method per kind of event --------------------------------------------------

    def apply(self, event: e.Event) -> None:
        if event.place is not None:
            self.place = event.place
        if self.error is not None and isinstance(event, (e.TensorCreated, *OPENERS)):
            self.error = None
        getattr(self, "_" + type(event).__name__)(event)

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
            cut=event.op if event.op in CUTS and self._had_history(event.tensor) else None,
            part=event.part,
        )
        self.versions.setdefault(event.counter, event.version)

    def _had_history(self, alias: str) -> bool:
        """Was there anything to cut off: does what this tensor was made from require grad?"""
        made = next((each for each in reversed(self.aliases) if each.alias == alias), None)
        source = self.tensors.get(made.source) if made is not None else None
        return source is None or source.requires_grad

    def _change(self, tensor: str, **changes: object) -> None:
        if tensor in self.tensors:
            self.tensors[tensor] = replace(self.tensors[tensor], **changes)

    def _Named(self, event: e.Named) -> None:
        known = self.tensors.get(event.tensor)
        had = [name for name in known.names if name.isidentifier()] if known else []
        if known is not None and (known.former or had):
            self._change(event.tensor, former=known.former or had[0])
        self._change(event.tensor, names=event.names)

    def _TensorChanged(self, event: e.TensorChanged) -> None:
        before = self.tensors.get(event.tensor)
        if before is not None and before.requires_grad and event.op in CUTS:
            self._change(event.tensor, cut=event.op)
        self._change(
            event.tensor,
            requires_grad=event.requires_grad,
            is_leaf=event.is_leaf,
            grad_fn=event.grad_fn,
            output_nr=event.output_nr,
            retains_grad=event.retains_grad,
        )

    def _MemoryChanged(self, event: e.MemoryChanged) -> None:
        self._change(event.tensor, storage=event.storage, value=event.value, part=None)

    def _OpRan(self, event: e.OpRan) -> None:
        """What it made is told by the events after it."""

    def _NodeCreated(self, event: e.NodeCreated) -> None:
        self.nodes[event.node] = NodeState(
            event.node, event.name, event.next_functions, event.variable
        )

    def _change_node(self, node: str, **changes: object) -> None:
        if node in self.nodes:
            self.nodes[node] = replace(self.nodes[node], **changes)

    def _TensorSaved(self, event: e.TensorSaved) -> None:
        self.versions.setdefault(event.counter, event.expected)
        self.saved.append(
            Saved(event.node, event.field, event.tensor, event.counter, event.expected)
        )

    def _AliasMade(self, event: e.AliasMade) -> None:
        self.aliases.append(Alias(event.source, event.alias, event.how, event.same_counter))

    def _VersionBumped(self, event: e.VersionBumped) -> None:
        self.versions[event.counter] = event.after
        for tensor, value in event.values:
            self._change(tensor, value=value)

    def _MemoryShown(self, event: e.MemoryShown) -> None:
        """Nothing changes before NumPy writes there."""

    def _MemoryWritten(self, event: e.MemoryWritten) -> None:
        for tensor, value in event.values:
            self._change(tensor, value=value)

    def _SavedChanged(self, event: e.SavedChanged) -> None:
        """What the node passed on is told by its run."""

    def _GradWrong(self, event: e.GradWrong) -> None:
        """What is in `.grad` is told as it arrives there."""

    def _BackwardStarted(self, event: e.BackwardStarted) -> None:
        if self.in_backward:  # one inside another: the outer one goes on after it
            return
        self.in_backward = True
        for node in self.ran:
            self._change_node(node, status="waiting", grads_in=(), grads_out=())
        self.ran = []

    def _leave_node(self) -> None:
        if self.ran and self.nodes[self.ran[-1]].status == "running":
            self._change_node(self.ran[-1], status="ran")

    def _NodeRan(self, event: e.NodeRan) -> None:
        self._leave_node()
        if event.node in self.nodes:
            self.ran.append(event.node)
            self._change_node(
                event.node, status="running", grads_in=event.grads_in, grads_out=event.grads_out
            )

    def _GradAccumulated(self, event: e.GradAccumulated) -> None:
        self._change(event.tensor, grad=event.grad)

    def _GradSet(self, event: e.GradSet) -> None:
        self._change(event.tensor, grad=event.grad)

    def _HookRegistered(self, event: e.HookRegistered) -> None:
        self.hooks[event.hook] = Hook(
            event.hook, event.name, event.kind, event.tensor, event.node, event.place
        )

    def _HookRemoved(self, event: e.HookRemoved) -> None:
        self.hooks.pop(event.hook, None)

    def _HookRan(self, event: e.HookRan) -> None:
        """What it changed is in the gradients of the node that it belongs to."""

    def _NodeFreed(self, event: e.NodeFreed) -> None:
        self._change_node(event.node, freed=True)

    def _NodeDeleted(self, event: e.NodeDeleted) -> None:
        self._change_node(event.node, deleted=True)

    def _BackwardEnded(self, event: e.BackwardEnded) -> None:
        self.in_backward = False
        self._leave_node()

    def _TensorDeleted(self, event: e.TensorDeleted) -> None:
        self._change(event.tensor, deleted=True)

    def _ErrorRaised(self, event: e.ErrorRaised) -> None:
        self.error = event
        self.in_backward = False
        self._leave_node()
        if event.node in self.nodes:
            self.ran.append(event.node)
            self._change_node(event.node, status="raised")
