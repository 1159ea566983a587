"""What a picture of a run consists of: boxes, cards, nodes and edges, as plain data.

The surprising idea: one scene serves all steps. It is the union of everything that ever exists in
the trace, so it is laid out once, and stepping only shows, hides and rewrites (`frames`): nothing
can jump. The layout is that of the program. Each row is a storage with the tensors that live in it,
in the order in which the code made them; to its left stands the node that they hang on. Of a long
run, what repeats is folded (see `folding`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..recording import events as e
from ..recording.state import NodeState, Saved, State, TensorState
from ..recording.steps import Step
from ..recording.trace import Trace
from .rows import Folded, Row, folded, rows
from .strips import Strip, strip

EARLIER = "_in_"  # between a tensor and a storage: the card that it had there
BUNDLES = 4  # this many edges from one node to a fold become a bundle; tensors that a fold saved


@dataclass(frozen=True, slots=True)
class Card:
    """One tensor in one storage. The flags say which of its lines any step has something to write in.

    Its `id` is the tensor's own in the storage where that is at the end. A tensor that looked at
    other memory before (`w.data = other`) has a card there, too.
    """

    id: str
    tensor: str
    own_counter: bool  # not the counter of the tensor that the storage was made with
    shows_grad_fn: bool
    shows_grad: bool
    shows_hooks: bool
    shows_true: bool  # its grad is wrong at some step
    strip: Strip | None  # which part of its storage it looks at, if that is not all of it


@dataclass(frozen=True, slots=True)
class Link:
    """How a card's tensor came from another one of the storage: a cut, or an uncut view."""

    id: str
    source: str
    alias: str
    how: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A storage: the card of its first tensor, then each alias with its link."""

    storage: str
    cards: tuple[Card, ...]
    links: dict[str, Link]  # by the alias's id; one may be missing, then the card just stands there
    edges: tuple[Edge, ...]  # that lead to its cards or from them

    @property
    def ids(self) -> list[str]:
        return [card.id for card in self.cards]


@dataclass(frozen=True, slots=True)
class NodeBox:
    """A node, with one edge for each tensor that it saves, and one for each node that is next.

    `shows_grad`: what it gets in backward is not just what one edge has brought.
    """

    node: str
    saved: tuple[Edge, ...]
    next: tuple[Edge, ...]
    shows_grad: bool = False
    shows_hooks: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow. `number` is its place among the tail's edges of that kind.

    `kind` is `grad_fn`, `next` (next_functions), `variable` (of an AccumulateGrad) or `saved`. `row`
    is that of a node where a saved one begins.
    """

    id: str
    kind: str
    tail: str
    head: str
    number: int = 0

    @classmethod
    def of(cls, kind: str, tail: str, head: str, number: int = 0) -> Edge:
        return cls(f"{kind}:{tail}:{head}:{number}", kind, tail, head, number)

    @property
    def row(self) -> str:
        return f"{self.kind}:{self.tail}:{self.head.partition(EARLIER)[0]}:{self.number}"


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is drawn of a run, by id, in order of creation; `rows` says what stands where.

    `saved` has the edges by their place in `State.saved`, `also` by their ids those to the cards that
    a saved tensor has elsewhere. `folds` are among the `nodes`, and
    `bundles` says for which edges one stands that leads to a fold or from it. `hidden` are the ids
    of all that the folds hide.
    """

    boxes: dict[str, Box]
    nodes: dict[str, NodeBox]
    edges: dict[str, Edge]
    saved: dict[int, Edge]
    also: dict[str, tuple[Edge, ...]]
    rows: tuple[Row, ...]
    raises: bool
    folds: dict[str, Folded]
    bundles: dict[str, tuple[Edge, ...]]
    hidden: frozenset[str]

    @property
    def cards(self) -> dict[str, Card]:
        return {card.id: card for box in self.boxes.values() for card in box.cards}


def build(trace: Trace, steps: Sequence[Step] | None = None) -> Scene:
    """The scene of a whole trace, whose `steps` may be given; an empty one for an empty trace."""
    steps = trace.steps if steps is None else steps
    if not steps:
        return Scene({}, {}, {}, {}, {}, (), False, {}, {}, frozenset())
    end = steps[-1].state
    # A tensor's grad_fn may change (an in-place op, detach_), so every one it ever had is drawn.
    # The last state has all the rest: nothing ever leaves it.
    ever = [each for each in trace.events if isinstance(each, (e.TensorCreated, e.TensorChanged))]
    grad_fns = dict.fromkeys(
        (tensor, node)
        for tensor, node in [
            *((event.tensor, event.grad_fn) for event in ever),
            *((tensor.id, tensor.grad_fn) for tensor in end.tensors.values()),
        ]
        if tensor in end.tensors and node in end.nodes
    )
    graded = {
        tensor.id
        for tensor in end.tensors.values()
        if tensor.grad is not None
        or tensor.retains_grad
        or (tensor.is_leaf and tensor.requires_grad)
    }
    graded |= {event.tensor for event in ever if event.is_leaf and event.requires_grad}

    its_stays = stays(trace, steps)
    storages = _storages(its_stays)
    drawn, folds, hidden = folded(rows(end, storages, grad_fns), end, storages, trace)
    cast = _Cast(end, hidden, {tensor: list(its) for tensor, its in its_stays.items()})
    for tensor, node in grad_fns:
        cast.grad_fn(tensor, node)
    for node in end.nodes.values():
        cast.next(node)
        if node.variable in end.tensors:
            cast.variable(node.id, node.variable)
    for number, saved in enumerate(end.saved):
        cast.keep(number, saved)

    gathering, hooked = _gathering(trace), {hook.tensor or hook.node for hook in end.hooks.values()}
    for event in trace.events:
        if isinstance(event, e.HookRegistered):
            hooked.add(event.tensor or event.node)
    wrong = {event.tensor for event in trace.events if isinstance(event, e.GradWrong)}
    hangs_on = {tensor for tensor, _ in grad_fns}
    boxes: dict[str, Box] = {}
    links = {alias.alias: alias for alias in end.aliases}
    for storage, tensors in storages.items():
        if storage in hidden:
            continue
        inside = {tensor.id for tensor in tensors.values()}
        first = next(iter(tensors.values()))
        cards = tuple(
            Card(
                name,
                tensor.id,
                own_counter=tensor.counter != first.counter,
                shows_grad_fn=tensor.id in hangs_on or tensor.cut is not None,
                shows_grad=tensor.id in graded,
                shows_hooks=tensor.id in hooked,
                shows_true=tensor.id in wrong,
                strip=strip(tensor.part, tensor.value.shape),
            )
            for name, tensor in tensors.items()
        )
        boxes[storage] = Box(
            storage,
            cards,
            {
                name: Link(
                    f"link:{name}",
                    links[name].source,
                    name,
                    links[name].how,
                    is_cut=end.tensors[name].cut == links[name].how,
                )
                for name in inside & links.keys()
                if links[name].source in inside
                and next(iter(its_stays[name].values())).storage == storage
            },
            tuple(edge for card in cards for edge in cast.at.get(card.id, ())),
        )

    return Scene(
        boxes=boxes,
        nodes={
            node: NodeBox(
                node,
                tuple(cast.kept.get(node, ())),
                tuple(cast.leading.get(node, ())),
                shows_grad=node in gathering,
                shows_hooks=node in hooked,
            )
            for row in drawn
            if (node := row.node) is not None
        },
        edges=cast.edges,
        saved=cast.saved,
        also={name: tuple(others) for name, others in cast.also.items()},
        rows=tuple(drawn),
        raises=any(isinstance(event, e.ErrorRaised) for event in trace.events),
        folds=folds,
        bundles={name: tuple(real) for name, real in cast.bundles.items()},
        hidden=frozenset(hidden),
    )


Stays = dict[
    str, dict[str, TensorState]
]  # of each tensor by its card, as it was when it came there


def stays(trace: Trace, steps: Sequence[Step]) -> Stays:
    """Where each tensor was, at the end of any step: in one storage, unless it was moved."""
    end = steps[-1].state
    moved = {event.tensor for event in trace.events if isinstance(event, e.MemoryChanged)}
    found: Stays = {}
    for tensor in end.tensors.values():
        states = [step.state.tensors.get(tensor.id) for step in steps] if tensor.id in moved else []
        came = {each.storage: each for each in reversed([*filter(None, states), tensor])}
        found[tensor.id] = {
            tensor.id if storage == tensor.storage else f"{tensor.id}{EARLIER}{storage}": each
            for storage, each in reversed(came.items())
        }
    return found


def _storages(stays: Stays) -> dict[str, dict[str, TensorState]]:
    """Each storage with its cards: first those of tensors that began there, then the newcomers."""
    storages: dict[str, dict[str, TensorState]] = {}
    for began in (True, False):
        for its in stays.values():
            for number, (card, tensor) in enumerate(its.items()):
                if began == (number == 0):
                    storages.setdefault(tensor.storage, {})[card] = tensor
    return storages


class _Cast:
    """The edges of a scene: those between what is drawn, and bundles of those that touch a fold."""

    def __init__(self, end: State, hidden: dict[str, str], cards: dict[str, list[str]]) -> None:
        self.end = end
        self.cards = cards  # by tensor
        self.hidden = hidden  # the fold of each hidden node, tensor and storage
        self.edges: dict[str, Edge] = {}
        self.bundles: dict[str, list[Edge]] = {}
        self.saved: dict[int, Edge] = {}
        self.also: dict[str, list[Edge]] = {}
        self.kept: dict[str, list[Edge]] = {}  # by node, also what nothing can be drawn to
        self.leading: dict[str, list[Edge]] = {}  # next edges, by the node that they leave
        self.at: dict[str, list[Edge]] = {}  # the others, by the card that they touch

    def drawn(self, tensor: str) -> list[str]:
        return [card for card in self.cards[tensor] if card not in self.hidden]

    def grad_fn(self, tensor: str, node: str) -> None:
        for card in self.drawn(tensor):
            self.at.setdefault(card, []).append(self.edge(Edge.of("grad_fn", card, node)))

    def variable(self, node: str, tensor: str) -> None:
        for card in self.drawn(tensor) if node not in self.hidden else ():
            self.at.setdefault(card, []).append(self.edge(Edge.of("variable", node, card)))

    def next(self, node: NodeState) -> None:
        tail = self.hidden.get(node.id, node.id)
        real = [
            Edge.of("next", node.id, target.node, number)
            for number, target in enumerate(node.next_functions)
            if target is not None and target.node in self.end.nodes
        ]
        to_folds = Counter(self.hidden.get(edge.head) for edge in real)
        for edge in real:
            fold = self.hidden.get(edge.head)
            if fold is None or fold != tail:
                drawn = self.edge(edge, one_by_one=to_folds[fold] < BUNDLES)
                if drawn not in (its := self.leading.setdefault(tail, [])):
                    its.append(drawn)

    def keep(self, number: int, saved: Saved) -> None:
        tail, known = self.hidden.get(saved.node, saved.node), saved.tensor in self.end.tensors
        its = self.kept.setdefault(tail, [])
        if tail in self.end.nodes:
            edge = Edge.of("saved", tail, saved.tensor, len(its))
            its.append(edge)
            self.saved[number] = edge
            # A node may have saved a tensor that the recording never saw: that arrow has no end.
            for card in self.drawn(saved.tensor) if known else ():
                arrow = Edge.of("saved", tail, card, edge.number)
                self.edges[arrow.id] = arrow
                self.at.setdefault(card, []).append(arrow)
                if card != saved.tensor:
                    self.also.setdefault(edge.id, []).append(arrow)
        elif known and saved.tensor not in self.hidden:
            same = next((each for each in its if each.head == saved.tensor), None)
            if same is None and len(its) < BUNDLES:
                same = Edge.of("saved", tail, saved.tensor, len(its))
                its.append(same)
                self.edges[same.id] = same
                self.at.setdefault(saved.tensor, []).append(same)
            if same is not None:
                real = Edge.of("saved", saved.node, saved.tensor, number)
                self.bundles.setdefault(same.id, []).append(real)

    def edge(self, real: Edge, one_by_one: bool = True) -> Edge:
        """The edge that is drawn for a real one: itself, or one of a bundle to or from a fold."""
        tail, head = (self.hidden.get(end, end) for end in (real.tail, real.head))
        if (tail, head) == (real.tail, real.head):
            return self.edges.setdefault(real.id, real)
        number = real.number if tail == real.tail and one_by_one else 0
        drawn = Edge.of(real.kind, tail, head, number)
        self.bundles.setdefault(drawn.id, []).append(real)
        return self.edges.setdefault(drawn.id, drawn)


def _gathering(trace: Trace) -> set[str]:
    """The nodes that ran with something else than one edge brought: a root, a sum, a hook's."""
    gathering: set[str] = set()
    brought: dict[tuple[str, int], list[str]] = {}
    edges: dict[str, tuple[e.Edge | None, ...]] = {}
    for event in trace.events:
        if isinstance(event, e.NodeCreated):
            edges[event.node] = event.next_functions
        elif isinstance(event, e.BackwardStarted):
            brought.clear()
        elif isinstance(event, e.NodeRan):
            for number, grad in enumerate(event.grads_in):
                came = brought.pop((event.node, number), [])
                if grad is not None and came != [grad.text]:
                    gathering.add(event.node)
            for edge, grad in zip(edges.get(event.node, ()), event.grads_out, strict=False):
                if edge is not None and grad is not None:
                    brought.setdefault((edge.node, edge.input_nr), []).append(grad.text)
    return gathering
