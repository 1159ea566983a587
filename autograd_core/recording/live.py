"""What there is right now, without a recording: tensors, the graph behind them, and what it saved.

The surprising idea: most of a picture needs no recording, for a live graph remembers a lot. Each
node keeps its edges and what it saved, and a saved tensor keeps the version that it expects. What
nobody remembers is how all this came about: who wrote in between, and in which line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

from . import events as e
from .library import Library, Standing
from .paths import Search
from .state import BEFORE, CUTS, Alias, NodeState, Saved, State, TensorState
from .steps import Step
from .trace import Trace
from .values import value_of

Named = Sequence[tuple[str, object]]  # names and the tensors that they hold
OBJECTS = 3000  # of the user's, that are looked into for tensors


class Glance(Trace):
    """A trace of a single step, in which nothing has happened: there is only what there is."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state

    @property
    def steps(self) -> list[Step]:
        return [Step(0, (), self.state)]


def glance(
    library: Library, tensors: Sequence[object], names: Named, variables: Mapping[str, object]
) -> Glance:
    """These tensors, the graph behind them, what its nodes saved, and who shares memory with them.

    `names` are those given to tensors, and `variables` the user's, whatever they hold: a tensor that has no
    name is looked for in their objects. A tensor that only they hold is shown too where it belongs to
    the picture: if it shares memory with something in it, or was made by one of its nodes.
    """
    with library.unheard():
        names = [*names, *held_by(library, variables, {id(tensor) for _, tensor in names})]
        held = [tensor for _, tensor in names]
        found = _Found(library, tensors, held)
        # A relative (another view of the same memory) has a graph of its own.
        histories = [(each, library.grad_fn(each)) for each in found.tensors.values()]
        relatives = [each for each, node in histories if node is not None and node not in found.nodes]
        if relatives:
            found = _Found(library, [*tensors, *relatives], held)
        return Glance(_Portrait(found, names).state)


def held_by(
    library: Library, variables: Mapping[str, object], given: Set[int] = frozenset()
) -> list[tuple[str, object]]:
    """The tensors that variables hold, and after them those in objects that variables hold.

    A tensor is called by a path (`net[0].weight`) only where no variable holds it. Those `given`, by
    address, are left out.
    """
    kind = library.tensor
    direct = [(name, each) for name, each in variables.items() if issubclass(type(each), kind)]
    direct = [(name, each) for name, each in direct if id(each) not in given]
    known = given | {id(each) for _, each in direct}
    inner: dict[int, tuple[str, object]] = {}
    search = Search(lambda each: each if issubclass(type(each), kind) else None, OBJECTS)
    for path, tensor in search.from_(variables.items()):
        if id(tensor) not in known:
            inner.setdefault(id(tensor), (path.follow(variables, {})[1], tensor))
    return [*direct, *inner.values()]


class _Found:
    """The tensors of a picture, each once, the nodes by age, and what they keep."""

    def __init__(self, library: Library, tensors: Iterable[object], held: Sequence[object]) -> None:
        self.library = library
        self.tensors: dict[int, object] = {}
        self.memory: dict[int, object] = {}  # the storage of each, or what stands for it
        self.outputs: dict[tuple[object, int], object] = {}
        self.nodes = self.graph_behind(tensors)
        names = {id(each) for each in held}
        self.saved = {
            node: {
                field: still
                for field, still in standing.saved.items()
                if not still.bare or id(still.tensor) in names
            }
            for node, standing in self.nodes.items()
        }
        stills = [still for kept in self.saved.values() for still in kept.values()]
        variables = [each.variable for each in self.nodes.values() if each.variable is not None]
        inputs = [still.tensor for still in stills if not still.stands_in]
        hanging = [each for each in held if library.grad_fn(each) in self.nodes]
        for tensor in (*tensors, *variables, *inputs, *hanging):
            self.add(tensor)
        self.behind = {id(still.tensor): self.behind_stand_in(still.tensor) for still in stills}
        for tensor in self.behind.values():
            self.add(tensor)
        storages = {id(each) for each in self.memory.values()}
        for tensor in held:
            if id(self.memory_of(tensor)) in storages:
                self.add(tensor)

    def graph_behind(self, tensors: Iterable[object]) -> dict[object, Standing]:
        """All nodes that gradients of these would reach, by age; a leaf's before its first use."""
        unseen = [self.library.grad_fn(tensor) for tensor in tensors]
        seen: dict[object, Standing] = {}
        while unseen:
            node = unseen.pop()
            if node is not None and node not in seen:
                seen[node] = self.library.standing(node)
                unseen += [edge[0] for edge in seen[node].edges if edge is not None]
        in_order: dict[object, Standing] = {}
        operations = [node for node in seen if seen[node].variable is None]
        for node in sorted(operations, key=lambda node: seen[node].sequence_nr):
            for edge in seen[node].edges:
                if edge is not None and seen[edge[0]].variable is not None:
                    in_order.setdefault(edge[0], seen[edge[0]])
            in_order.setdefault(node, seen[node])
        return in_order

    def add(self, tensor: object) -> None:
        node = self.library.grad_fn(tensor)
        if id(tensor) not in self.tensors:
            self.tensors[id(tensor)] = tensor
            self.memory[id(tensor)] = self.memory_of(tensor)
            if node is not None:
                self.outputs.setdefault((node, self.library.look(tensor)[3]), tensor)

    def memory_of(self, tensor: object) -> object:
        """Its storage; the tensor itself where nobody else can share it."""
        memory = self.library.shared_memory(tensor)
        return tensor if memory is None else memory

    def behind_stand_in(self, tensor: object) -> object:
        """The tensor that this one stands in for, if it is still there and on that memory."""
        known = self.outputs.get((self.library.grad_fn(tensor), self.library.look(tensor)[3]))
        moved = known is None or self.memory_of(known) is not self.memory_of(tensor)
        return tensor if id(tensor) in self.tensors or moved else known

    def in_order(self) -> list[object]:
        """As the program may have made them: by the age of what made them or first used them.

        Those that share memory stand together, with the one first that the others come from.
        """
        ages: dict[int, int] = {}
        for age, (node, standing) in enumerate(self.nodes.items()):
            if standing.variable is not None:
                ages.setdefault(id(standing.variable), age)
            for still in self.saved[node].values():
                ages.setdefault(id(self.behind[id(still.tensor)]), age)
        places = {node: age for age, node in enumerate(self.nodes)}
        for (node, _), tensor in self.outputs.items():
            ages[id(tensor)] = places.get(node, len(places))

        sharing: dict[int, list[object]] = {}
        for key, tensor in self.tensors.items():
            sharing.setdefault(id(self.memory[key]), []).append(tensor)

        def age(tensor: object) -> int:
            return ages.get(id(tensor), len(places))

        def rank(tensor: object) -> tuple:
            return self.library.base_of(tensor) is not None, not tensor.requires_grad, age(tensor)

        groups = [sorted(each, key=rank) for each in sharing.values()]
        return [tensor for group in sorted(groups, key=lambda g: age(g[0])) for tensor in group]


class _Portrait:
    """The state that the found tensors and nodes are in, with short ids for them."""

    def __init__(self, found: _Found, names: Named) -> None:
        self.found, self.library = found, found.library
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
        for node, standing in found.nodes.items():
            self.state.nodes[self.id("n", node)] = self.node(node, standing)
        sharing: dict[int, list[object]] = {}  # the tensors of each storage, the eldest first
        for tensor in tensors:
            inside = sharing.setdefault(id(found.memory[id(tensor)]), [])
            self.add_tensor(tensor, inside)
            inside.append(tensor)
        for node, kept in found.saved.items():
            for field, still in kept.items():
                tensor = found.behind[id(still.tensor)]
                counter = self.id("c", self.library.counter(tensor))
                at = self.id("n", node), field, self.id("t", tensor), counter, still.version
                self.state.saved.append(Saved(*at))

    def id(self, kind: str, thing: object) -> str:
        key = kind, id(thing)  # what was found is alive as long as this is built
        if key not in self.ids:
            self.ids[key] = f"{kind}{self.counts[kind]}"
            self.counts[kind] += 1
        return self.ids[key]

    def node(self, node: object, standing: Standing) -> NodeState:
        return NodeState(
            id=self.id("n", node),
            name=standing.kind,
            next_functions=tuple(
                None
                if edge is None or edge[0] not in self.found.nodes
                else e.Edge(self.id("n", edge[0]), edge[1])
                for edge in standing.edges
            ),
            variable=None if standing.variable is None else self.id("t", standing.variable),
            freed=standing.freed,
        )

    def add_tensor(self, tensor: object, sharing: Sequence[object]) -> None:
        """Add a tensor; `sharing` are those that were added already and look at the same memory."""
        library, name, counter = self.library, self.id("t", tensor), self.counter(tensor, sharing)
        version, content, requires_grad, output_nr, part = library.look(tensor)
        node, grad = library.grad_fn(tensor), library.grad_of(tensor)
        self.state.versions[counter] = version
        cut = None
        if sharing:
            base = library.base_of(tensor)
            source = base if any(base is each for each in sharing) else sharing[0]
            same = self.id("c", library.counter(source)) == counter
            viewed = base is not None or tensor.is_inference()  # those have no counters that could tell
            shared = "detach" if node is None else "a write"  # the output of a node, written since
            how = "view" if viewed else shared if same else ".data"
            cut = how if how in CUTS and source.requires_grad else None
            self.state.aliases.append(Alias(self.id("t", source), name, how, same))
        origin = library.origin(tensor) if node is None else f"output of {library.standing(node).kind}"
        self.state.tensors[name] = TensorState(
            id=name,
            storage=self.id("s", self.found.memory[id(tensor)]),
            counter=counter,
            value=value_of(content),
            op="no name" if origin == BEFORE else origin,
            requires_grad=requires_grad,
            is_leaf=node is None,
            grad_fn=self.ids.get(("n", id(node))),
            output_nr=output_nr,
            expression="",
            names=tuple(self.held.get(id(tensor), ())),
            retains_grad=library.retains_grad(tensor),
            grad=None if grad is None else value_of(library.held(grad)),
            cut=cut,
            part=None if part is None else e.Part(*part),
        )

    def counter(self, tensor: object, sharing: Sequence[object]) -> str:
        """The id of its version counter, which may be that of another tensor on the same memory."""
        asked = self.library.counter
        same = next((each for each in sharing if self.library.counted_by(tensor, asked(each))), tensor)
        name = self.id("c", asked(same))
        self.ids["c", id(asked(tensor))] = name
        return name
