"""What a picture of a run consists of: boxes, cards, nodes and edges, as plain data.

The surprising idea: one scene serves all steps. It is the union of everything that ever exists in
the trace, so it is laid out once, and stepping only shows, hides and rewrites (`frames`): nothing
can jump. The layout is that of the program. Each row is a storage with the tensors that live in it,
in the order in which the code made them; to its left stands the node that they hang on.
"""

from __future__ import annotations

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
    edges: tuple[Edge, ...]  # that lead to its cards or from them

    @property
    def ids(self) -> list[str]:
        return [card.tensor for card in self.cards]


@dataclass(frozen=True, slots=True)
class NodeBox:
    """A node, with one edge for each tensor that it saves, and one for each node that is next."""

    node: str
    saved: tuple[Edge, ...]
    next: tuple[Edge, ...]


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
    """What stands on one line of the picture: a node on the left, a storage on the right."""

    node: str | None = None
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

    # A node may have saved a tensor that the recording never saw: that arrow has no end.
    edges = {name: each for name, each in edges.items() if each.head in end.tensors | end.nodes}
    touching: dict[str, list[Edge]] = {}
    for each in edges.values():
        if each.kind != "next":
            card = each.tail if each.kind == "grad_fn" else each.head
            touching.setdefault(card, []).append(each)
    leading: dict[str, list[Edge]] = {}
    for each in edges.values():
        if each.kind == "next":
            leading.setdefault(each.tail, []).append(each)

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
        its = [each for card in cards for each in touching.get(card.tensor, ())]
        boxes[storage] = Box(storage, cards, links, tuple(its))

    return Scene(
        boxes=boxes,
        nodes={
            node: NodeBox(node, tuple(saved[node]), tuple(leading.get(node, ())))
            for node in end.nodes
        },
        edges=edges,
        saved=tuple(each for each in edges.values() if each.kind == "saved"),
        rows=tuple(_rows(end, boxes, grad_fns)),
        raises=any(isinstance(event, e.ErrorRaised) for event in trace.events),
    )


def _rows(end: State, boxes: dict[str, Box], grad_fns: dict[tuple[str, str], None]) -> list[Row]:
    """Storages one below the other, each with the node that it hangs on, or that adds to its leaf.

    A node with no storage of its own (an in-place op's, a view's, one whose tensor is gone) gets a
    row where the program created it.
    """
    hangs_on: dict[str, str] = {}
    for tensor, node in grad_fns:
        hangs_on.setdefault(tensor, node)
    adds_to = {node.variable: node.id for node in end.nodes.values() if node.variable is not None}
    rows: list[Row] = []
    at: dict[str, int] = {}  # the place of each node among the storages
    for box in boxes.values():
        first = box.cards[0].tensor
        node = hangs_on.get(first) or adds_to.get(first)
        if node in at:  # a second output
            node = None
        if node is not None:
            at[node] = len(rows)
        rows.append(Row(node, box.storage))

    home = {card: place for place, box in enumerate(boxes.values()) for card in box.ids}
    # Nodes' ids count up by creation: one without a place goes below all that are older.
    last, lone = 0, {}
    for node in end.nodes.values():
        if node.id in at:
            last = max(last, at[node.id]) if node.variable is None else last
        else:
            older = [at[edge.node] for edge in node.next_functions if edge and edge.node in at]
            own = [home[node.variable]] if node.variable in home else []
            last = at[node.id] = max([last, *older, *own])
            lone.setdefault(last, []).append(Row(node.id))
    return [each for place, row in enumerate(rows) for each in (row, *lone.pop(place, ()))] + [
        each for more in lone.values() for each in more
    ]
