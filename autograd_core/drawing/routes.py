"""Which way each arrow of a picture takes: planned by rows before the layout, drawn after it.

The surprising idea: no arrow is left to a router. Nodes stand in one column, in the order of the
program, and storages in another, so there are only three kinds of way: straight up to the node
right above; by a lane left of the nodes to one further up; and between the columns, straight across
or by a lane there. All arrows to one place share its lane, as roads do. So a picture comes out the
same from every Graphviz, and a thousand arrows cost no more than their lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .lines import Point, rounded
from .scene import Edge, Scene

LANE = 12  # pixels between two lanes
INSET = 44  # from a node to the first lane beside it: room for a cross on the way there
HEAD = 34  # from the last lane to a storage
STEP = 14  # between two arrows that leave a node at its top
BASEMENT = 8  # for each way under the cards of a storage

Span = tuple[int, int]


@dataclass(slots=True)
class Plan:
    """The ways of all edges, in lanes and rows.

    `up` are those to the node right above, `left` and `between` have the lane of an edge on either
    side of the nodes (`between`: none where it goes straight across). `under` has the way of edges
    of aliases out of their storage, below the cards.
    """

    up: set[str] = field(default_factory=set)
    left: dict[str, int] = field(default_factory=dict)
    between: dict[str, int | None] = field(default_factory=dict)
    under: dict[str, int] = field(default_factory=dict)

    @property
    def left_room(self) -> float:
        return LANE * (max(self.left.values()) + 2) if self.left else 0

    @property
    def between_room(self) -> float:
        lanes = [lane for lane in self.between.values() if lane is not None]
        return INSET + LANE * (max(lanes, default=-1) + 1) + HEAD


def plan(scene: Scene) -> Plan:
    """The plan for a scene."""
    planned = Plan()
    row_of = {
        name: number
        for number, row in enumerate(scene.rows)
        for name in (row.node, row.storage)
        if name is not None
    }
    home = {card: box.storage for box in scene.boxes.values() for card in box.ids}
    first = {box.ids[0] for box in scene.boxes.values()}
    column = [row.node for row in scene.rows if row.node is not None]
    above = dict(zip(column[1:], column, strict=False))

    def row(element: str) -> int:
        return row_of[home.get(element, element)]

    left: dict[str, list[Edge]] = {}
    between: dict[tuple[str, str], list[Edge]] = {}
    under: dict[str, list[tuple[str, str]]] = {}
    for edge in scene.edges.values():
        if edge.kind == "next":
            if above.get(edge.tail) == edge.head:
                planned.up.add(edge.id)
            else:
                left.setdefault(edge.head, []).append(edge)
            continue
        card = edge.tail if edge.kind == "grad_fn" else edge.head
        road = edge.kind, edge.head
        if card not in first:
            roads = under.setdefault(home[card], [])
            if road not in roads:
                roads.append(road)
            planned.under[edge.id] = roads.index(road)
        elif row(edge.tail) == row(edge.head):
            planned.between[edge.id] = None
            continue
        between.setdefault(road, []).append(edge)

    for roads, lanes in ((left, planned.left), (between, planned.between)):
        spans = {
            name: (
                min(min(row(edge.tail), row(edge.head)) for edge in edges),
                max(max(row(edge.tail), row(edge.head)) for edge in edges),
            )
            for name, edges in roads.items()
        }
        for name, lane in _lanes(spans).items():
            lanes.update({edge.id: lane for edge in roads[name]})
    return planned


def _lanes(spans: dict[object, Span]) -> dict[object, int]:
    """A lane for each span of rows, so that no two in a lane overlap; short ones lie innermost."""
    taken: list[list[Span]] = []
    chosen = {}
    for name, (start, end) in sorted(spans.items(), key=lambda each: each[1][1] - each[1][0]):
        free = (
            lane
            for lane, others in enumerate(taken)
            if all(end < other[0] or other[1] < start for other in others)
        )
        chosen[name] = lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((start, end))
    return chosen


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one edge, and where a mark that breaks it would stand."""

    way: list[Point]
    mark: Point


class Surveyor:
    """Knows where everything came to stand, and turns a plan into ways.

    `boxes` has the sides (left, top, right, bottom) of each card, node and storage; `height` gives
    the middle of the line that a slot is written on.
    """

    def __init__(
        self,
        scene: Scene,
        planned: Plan,
        boxes: dict[str, tuple[float, float, float, float]],
        height: Callable[[str], float],
    ) -> None:
        self.scene = scene
        self.plan = planned
        self.boxes = boxes
        self.height = height
        nodes = [boxes[node] for node in scene.nodes]
        self.left = min((box[0] for box in nodes), default=0.0)
        self.right = max((box[2] for box in nodes), default=0.0)
        self.home = {card: box.storage for box in scene.boxes.values() for card in box.ids}

    def leaving(self, node: str, edges: Sequence[Edge]) -> dict[str, float]:
        """Where each next edge of a node leaves it: those that turn left are left of the others."""
        turning = [edge for edge in reversed(edges) if edge.id not in self.plan.up]
        order = turning + [edge for edge in edges if edge.id in self.plan.up]
        start = self.boxes[node][0] + 18
        return {edge.id: start + STEP * number for number, edge in enumerate(order)}

    def next(self, edge: Edge, x: float) -> Route:
        """From the top of a node, at `x`, to the node above or by a lane to one further up."""
        top = self.boxes[edge.tail][1]
        if edge.id in self.plan.up:
            bottom = self.boxes[edge.head][3]
            return Route(rounded([(x, top), (x, bottom)]), (x, (top + bottom) / 2))
        turn = self.height(f"{edge.id}.label")
        lane = self.left - LANE * (self.plan.left[edge.id] + 1.5)
        end = self.boxes[edge.head][0], self.height(f"{edge.head}.name")
        way = [(x, top), (x, turn), (lane, turn), (lane, end[1]), end]
        return Route(rounded(way), (lane, (turn + end[1]) / 2))

    def across(self, edge: Edge) -> Route:
        """Between a node and a card."""
        node, card = (edge.head, edge.tail) if edge.kind == "grad_fn" else (edge.tail, edge.head)
        part = {"saved": "value.0", "grad_fn": "grad_fn", "variable": "grad"}[edge.kind]
        leaves = f"{edge.row}.field" if edge.kind == "saved" else f"{node}.status"
        x, y = self.boxes[node][2], self.height(leaves)
        end, level = self.boxes[card][0], self.height(f"{card}.{part}")
        lane = self.plan.between[edge.id]
        if lane is None:
            middle = (x + end) / 2
            way = [(x, y), (middle, y), (middle, level), (end, level)]
            mark = middle, (y + level) / 2
        else:
            at = self.right + INSET + LANE * lane
            if edge.id in self.plan.under:
                road = self.plan.under[edge.id]
                beside = end - 6 - 5 * (road % 3)
                under = self.boxes[self.home[card]][3] - 7 - BASEMENT * road
                points = [(x, y), (at, y), (at, under), (beside, under), (beside, level)]
            else:
                points = [(x, y), (at, y), (at, level)]
            way = rounded([*points, (end, level)])
            mark = x + INSET / 2, y
        return Route(way if node == edge.tail else way[::-1], mark)
