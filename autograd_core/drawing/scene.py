"""What a picture of a run consists of: boxes, cards, nodes and edges, as plain data.

The surprising idea: one scene serves all steps. It is the union of everything that ever exists in
the trace, so it is laid out once, and stepping only shows, hides and rewrites (`frames`): nothing
can jump. The layout is that of the program. Each row is a storage with the tensors that live in it,
in the order in which the code made them; to its left stands the node that they hang on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..recording import events as e
from ..recording.state import CUTS, State
from ..recording.trace import Trace


@dataclass(frozen=True, slots=True)
class Card:
    """One tensor. The flags say which of its lines any step has something to write in."""

    tensor: str
    own_counter: bool  # not the counter of the tensor that the storage was made with
    shows_grad_fn: bool
    shows_grad: bool


@dataclass(frozen=True, slots=True)
class Link:
    """How a card's tensor came from another one of the storage: a cut, or an uncut view."""

    id: str
    source: str
    alias: str
    how: str

    @property
    def is_cut(self) -> bool:
        return self.how in CUTS


@dataclass(frozen=True, slots=True)
class Box:
    """A storage: the card of its first tensor, then each alias with its link."""

    storage: str
    cards: tuple[Card, ...]
    links: dict[str, Link]  # by the alias's id; one may be missing, then the card just stands there

    @property
    def ids(self) -> list[str]:
        return [card.tensor for card in self.cards]


@dataclass(frozen=True, slots=True)
class NodeBox:
    """A node, with one entry for each tensor that it saves."""

    node: str
    saved: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow. `number` is its place among the tail's edges of that kind.

    `kind` is `grad_fn`, `next` (next_functions), `variable` (of an AccumulateGrad) or `saved`.
    """

    id: str
    kind: str
    tail: str
    head: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on one line of the picture: nodes on the left, a storage on the right."""

    nodes: tuple[str, ...] = ()
    storage: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """All that ever exists in a run, by id, in order of creation; `rows` says what stands where."""

    boxes: dict[str, Box]
    nodes: dict[str, NodeBox]
    edges: dict[str, Edge]
    saved: tuple[Edge, ...]  # in the order of `State.saved`
    rows: tuple[Row, ...]
    raises: bool

    @property
    def cards(self) -> dict[str, Card]:
        return {card.tensor: card for box in self.boxes.values() for card in box.cards}


def build(trace: Trace) -> Scene:
    """The scene of a whole trace; an empty one for an empty trace."""
    steps = trace.steps
    if not steps:
        return Scene({}, {}, {}, (), (), raises=False)
    end = steps[-1].state

    # A tensor's grad_fn may change (an in-place op, detach_), so every one it ever had is drawn.
    # The last state has all the rest: nothing ever leaves it.
    grad_fns = dict.fromkeys(
        (event.tensor, event.grad_fn)
        for event in trace.events
        if isinstance(event, (e.TensorCreated, e.TensorChanged))
        and event.tensor in end.tensors
        and event.grad_fn in end.nodes
    )
    graded = {
        event.tensor
        for event in trace.events
        if isinstance(event, e.GradAccumulated)
        or (isinstance(event, e.TensorCreated) and event.is_leaf and event.requires_grad)
        or (
            isinstance(event, e.TensorChanged)
            and (event.retains_grad or (event.is_leaf and event.requires_grad))
        )
    }

    edges: dict[str, Edge] = {}

    def edge(kind: str, tail: str, head: str, number: int = 0) -> Edge:
        added = Edge(f"{kind}:{tail}:{head}:{number}", kind, tail, head, number)
        edges[added.id] = added
        return added

    for tensor, node in grad_fns:
        edge("grad_fn", tensor, node)
    for node in end.nodes.values():
        for number, target in enumerate(node.next_functions):
            if target is not None and target.node in end.nodes:
                edge("next", node.id, target.node, number)
        if node.variable in end.tensors:
            edge("variable", node.id, node.variable)

    saved: dict[str, list[Edge]] = {node: [] for node in end.nodes}
    for record in end.saved:
        number = len(saved[record.node])
        saved[record.node].append(edge("saved", record.node, record.tensor, number))

    hangs_on = {tensor for tensor, _ in grad_fns}
    boxes: dict[str, Box] = {}
    for storage, tensors in end.storages.items():
        inside = {tensor.id for tensor in tensors}
        cards = tuple(
            Card(
                tensor.id,
                own_counter=tensor.counter != tensors[0].counter,
                shows_grad_fn=tensor.id in hangs_on or tensor.cut is not None,
                shows_grad=tensor.id in graded,
            )
            for tensor in tensors
        )
        links = {
            alias.alias: Link(f"link:{alias.alias}", alias.source, alias.alias, alias.how)
            for alias in end.aliases
            if alias.alias in inside and alias.source in inside
        }
        boxes[storage] = Box(storage, cards, links)

    return Scene(
        boxes=boxes,
        nodes={node: NodeBox(node, tuple(saved[node])) for node in end.nodes},
        # A node may have saved a tensor that the recording never saw: that arrow has no end.
        edges={name: each for name, each in edges.items() if each.head in end.tensors | end.nodes},
        saved=tuple(each for each in edges.values() if each.kind == "saved"),
        rows=tuple(_rows(end, boxes, grad_fns)),
        raises=end.error is not None,
    )


def _rows(
    end: State, boxes: dict[str, Box], grad_fns: dict[tuple[str, str], None]
) -> Iterator[Row]:
    """Storages one below the other, each with the node that it hangs on; a node with no storage of
    its own (an in-place op's, a view's) gets a row where the program created it.
    """
    home: dict[str, str] = {}  # the storage beside which a node stands
    for node in end.nodes.values():
        if node.variable in end.tensors:
            home[node.id] = end.tensors[node.variable].storage
    for box in boxes.values():
        first = box.cards[0].tensor
        node = next((node for tensor, node in grad_fns if tensor == first), None)
        if node is not None:
            home.setdefault(node, box.storage)  # the last one in a row stands nearest the storage

    beside: dict[str, list[str]] = {}
    for node, storage in home.items():
        beside.setdefault(storage, []).append(node)
    # ids count up by creation, each kind for itself, so a lone node goes below what it hangs on.
    below: dict[str, list[str]] = {}
    for node in end.nodes.values():
        if node.id not in home:
            over = next(
                (end.tensors[tensor].storage for tensor, n in grad_fns if n == node.id),
                next(iter(boxes), ""),
            )
            below.setdefault(over, []).append(node.id)
    for storage in boxes:
        yield Row(tuple(beside.get(storage, ())), storage)
        for node in below.pop(storage, ()):
            yield Row((node,))
    for nodes in below.values():
        for node in nodes:
            yield Row((node,))
