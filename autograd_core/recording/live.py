"""What there is right now, without a recording: tensors, the graph behind them, and what it saved.

The surprising idea: most of a picture needs no recording, for a live graph remembers a lot. Each
node keeps its edges and what it saved, and a saved tensor keeps the version that it expects. What
nobody remembers is how all this came about: who wrote in between, and in which line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..graph import AccumulateGrad, Node
from ..saved import SavedTensor
from ..tensor import Tensor
from . import events as e
from .state import CUTS, Alias, NodeState, Saved, State, TensorState
from .steps import Step
from .trace import Trace
from .values import part, snapshot


class Glance(Trace):
    """A trace of a single step, in which nothing has happened: there is only what there is."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state

    @property
    def steps(self) -> list[Step]:
        return [Step(0, (), self.state)]


def glance(tensors: Sequence[Tensor], names: Sequence[tuple[str, Tensor]]) -> Glance:
    """These tensors, the graph behind them, what its nodes saved, and who shares memory with them.

    `names` are the user's variables. A tensor that only they hold is shown too where it belongs to
    the picture: if it shares memory with something in it, or was made by one of its nodes.
    """
    held = [tensor for _, tensor in names]
    found = _Found(tensors, held)
    # A relative (another view of the same memory) has a graph of its own.
    relatives = [each for each in found.tensors.values() if each._grad_fn not in found.nodes]
    if any(each._grad_fn is not None for each in relatives):
        found = _Found([*tensors, *relatives], held)
    return Glance(_Portrait(found, names).state)


def graph_behind(tensors: Iterable[Tensor]) -> list[Node]:
    """All nodes that gradients of these would reach, by age; a leaf's before its first use."""
    unseen = [tensor.grad_fn for tensor in tensors]
    seen: set[Node] = set()
    while unseen:
        node = unseen.pop()
        if node is not None and node not in seen:
            seen.add(node)
            unseen += [edge[0] for edge in node.edges if edge is not None]
    in_order: dict[Node, None] = {}
    operations = [node for node in seen if not isinstance(node, AccumulateGrad)]
    for node in sorted(operations, key=lambda node: node.sequence_nr):
        for edge in node.edges:
            if edge is not None and isinstance(edge[0], AccumulateGrad):
                in_order.setdefault(edge[0])
        in_order.setdefault(node)
    return list(in_order)


def is_freed(node: Node) -> bool:
    """Has the node let go of what it saved?"""
    return getattr(node, "kept", ()) is None or getattr(node, "written", ()) is None


class _Found:
    """The tensors of a picture, each once, and what the nodes kept."""

    def __init__(self, tensors: Sequence[Tensor], held: Sequence[Tensor]) -> None:
        self.nodes = {node: age for age, node in enumerate(graph_behind(tensors))}
        self.tensors: dict[int, Tensor] = {}
        self.outputs: dict[tuple[Node, int], Tensor] = {}
        self.saved: dict[Node, dict[str, SavedTensor]] = {}
        for tensor in tensors:
            self.add(tensor)
        for node in self.nodes:
            self.add_what_belongs_to(node)
        for node, kept in self.saved.items():
            for each in kept.values():
                if each.tensor is None and (node, each.output_nr) not in self.outputs:
                    self.add(each.peek(node))
        self.add_relatives(held)

    def add(self, tensor: Tensor) -> None:
        node = tensor.grad_fn  # of a view, this brings it up to date
        if id(tensor) not in self.tensors:
            self.tensors[id(tensor)] = tensor
            if node is not None:
                self.outputs.setdefault((node, tensor._output_nr), tensor)

    def add_what_belongs_to(self, node: Node) -> None:
        if isinstance(node, AccumulateGrad):
            self.add(node.variable)
        kept = node.saved().items()
        # What went through the user's hooks can be seen only by calling them: not ours to do.
        self.saved[node] = {field: each for field, each in kept if each.counted}
        for each in self.saved[node].values():
            if each.tensor is not None:
                self.add(each.tensor)

    def add_relatives(self, others: Iterable[Tensor]) -> None:
        """Of these, what shares memory with a tensor that was found, or hangs on a node."""
        for other in others:
            node = other.grad_fn
            if id(other) not in self.tensors and node is not None and node in self.nodes:
                known = self.outputs.get((node, other._output_nr))
                if known is None or known._array is not other._array:
                    self.add(other)
                else:  # found by what its node saved, and now by itself
                    del self.tensors[id(known)]
                    self.tensors[id(other)] = self.outputs[node, other._output_nr] = other
        storages = {id(tensor.untyped_storage()) for tensor in self.tensors.values()}
        for other in others:
            if other._storage is not None and id(other._storage) in storages:
                self.add(other)

    def in_order(self) -> list[Tensor]:
        """As the program may have made them: by the age of what made them or first used them.

        Those that share memory stand together, with the one first that the others come from.
        """
        ages: dict[int, int] = {}
        for node, age in self.nodes.items():
            if isinstance(node, AccumulateGrad):
                ages.setdefault(id(node.variable), age)
            for each in self.saved[node].values():
                ages.setdefault(id(self.kept(node, each)), age)
        for (node, _), tensor in self.outputs.items():
            ages[id(tensor)] = self.nodes.get(node, len(self.nodes))

        sharing: dict[int, list[Tensor]] = {}
        for tensor in self.tensors.values():
            sharing.setdefault(id(tensor.untyped_storage()), []).append(tensor)

        def age(tensor: Tensor) -> int:
            return ages.get(id(tensor), len(self.nodes))

        groups = [
            sorted(each, key=lambda t: (t._base is not None, not t.requires_grad, age(t)))
            for each in sharing.values()
        ]
        return [tensor for group in sorted(groups, key=lambda g: age(g[0])) for tensor in group]

    def kept(self, node: Node, saved: SavedTensor) -> Tensor:
        """The tensor behind what a node saved."""
        return saved.tensor if saved.tensor is not None else self.outputs[node, saved.output_nr]


class _Portrait:
    """The state that the found tensors and nodes are in, with short ids for them."""

    def __init__(self, found: _Found, names: Sequence[tuple[str, Tensor]]) -> None:
        self.found = found
        self.ids: dict[tuple[str, int], str] = {}
        self.counts = Counter()
        self.held: dict[int, list[str]] = {}
        for name, tensor in names:
            self.held.setdefault(id(tensor), []).append(name)
        self.state = State()
        tensors = found.in_order()
        for tensor in tensors:
            self.id("t", tensor)
        for node in found.nodes:
            self.id("n", node)
        for node in found.nodes:
            self.state.nodes[self.id("n", node)] = self.node(node)
        elders: dict[int, Tensor] = {}  # the first tensor of each storage
        for tensor in tensors:
            elder = elders.setdefault(id(tensor.untyped_storage()), tensor)
            self.add_tensor(tensor, elder)
        for node in found.nodes:
            for field, saved in found.saved[node].items():
                self.state.saved.append(
                    Saved(
                        self.id("n", node),
                        field,
                        self.id("t", found.kept(node, saved)),
                        self.id("c", saved.counter),
                        saved.version,
                    )
                )

    def id(self, kind: str, thing: object) -> str:
        key = kind, id(thing)  # what was found is alive as long as this is built
        if key not in self.ids:
            self.ids[key] = f"{kind}{self.counts[kind]}"
            self.counts[kind] += 1
        return self.ids[key]

    def node(self, node: Node) -> NodeState:
        return NodeState(
            id=self.id("n", node),
            name=type(node).__name__,
            next_functions=tuple(
                None
                if edge is None or edge[0] not in self.found.nodes
                else e.Edge(self.id("n", edge[0]), edge[1])
                for edge in node.edges
            ),
            variable=self.id("t", node.variable) if isinstance(node, AccumulateGrad) else None,
            freed=is_freed(node),
        )

    def add_tensor(self, tensor: Tensor, elder: Tensor) -> None:
        name, counter = self.id("t", tensor), self.id("c", tensor._counter)
        node = tensor._grad_fn
        self.state.versions[counter] = tensor._counter.value
        cut, where = None, part(tensor)
        if tensor is not elder:
            source = tensor if tensor._base is None else tensor._base
            if id(source) not in self.found.tensors or source is tensor:
                source = elder
            how = _kind_of_alias(tensor, source)
            cut = how if how in CUTS and source.requires_grad else None
            same = tensor._counter is source._counter
            self.state.aliases.append(Alias(self.id("t", source), name, how, same))
        self.state.tensors[name] = TensorState(
            id=name,
            storage=self.id("s", tensor.untyped_storage()),
            counter=counter,
            value=snapshot(tensor),
            op="no name" if node is None else f"output of {type(node).__name__}",
            requires_grad=tensor.requires_grad,
            is_leaf=node is None,
            grad_fn=self.ids.get(("n", id(node))),
            output_nr=tensor._output_nr,
            expression="",
            names=tuple(self.held.get(id(tensor), ())),
            retains_grad=tensor._retains_grad,
            grad=None if tensor._grad is None else snapshot(tensor._grad),
            cut=cut,
            part=None if where is None else e.Part(*where),
        )


def _kind_of_alias(tensor: Tensor, source: Tensor) -> str:
    """How one tensor came to share memory with another, as far as that can be seen."""
    if tensor._base is not None:
        return "view"
    return "detach" if tensor._counter is source._counter else ".data"
