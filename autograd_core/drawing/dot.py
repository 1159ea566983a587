"""Scene -> DOT: says what stands beside what, and lets Graphviz find the lines between.

The surprising idea: Graphviz never sees the words of a picture, only cells of a fixed size with a
placeholder in each (`labels`). So one layout has room for all steps, and no renderer's idea of a
font can move anything; `svg` puts the words in.

Graphviz would take minutes to route hundreds of edges past hundreds of rows, and leads some around
the back of what they point to. Those that leave their row are left out of what it lays out, and
`lines` draws them in the lanes between the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from .frames import Change, Frame, frame
from .labels import Cell, Labels
from .scene import Edge, Scene
from .style import light

if TYPE_CHECKING:
    import graphviz

NEAR = 4  # rows: a `next` edge that goes further gets a lane of its own


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph that Graphviz can lay out, and the cell behind each placeholder in it.

    `backwards` are the edges that it declares head first, `far` those that it leaves out.
    """

    graph: graphviz.Digraph
    cells: dict[str, Cell]
    backwards: frozenset[str]
    far: tuple[Edge, ...]


def layout(scene: Scene, film: Sequence[Change]) -> Layout:
    """The graph of a scene, with placeholders for the words.

    ImportError where the `graphviz` package is missing.
    """
    return _Builder(scene, film, None).build()


def readable(scene: Scene, film: Sequence[Change], step: int) -> graphviz.Digraph:
    """The same graph as a person would read or render it: with one step's words and arrows."""
    return _Builder(scene, film, frame(film, step)).build().graph


class _Builder:
    def __init__(self, scene: Scene, film: Sequence[Change], frame: Frame | None) -> None:
        self.scene = scene
        self.frame = frame  # None: placeholders
        self.labels = Labels(scene, film, frame)
        self.backwards: set[str] = set()
        self.far: list[Edge] = []
        self.row_of = {
            name: number
            for number, row in enumerate(scene.rows)
            for name in (*row.nodes, row.storage)
            if name is not None
        }
        self.home = {card: box.storage for box in scene.boxes.values() for card in box.ids}
        self.first = {box.ids[0] for box in scene.boxes.values()}

    def build(self) -> Layout:
        import graphviz  # here: a trace can be described, and the core used, without it

        graph = graphviz.Digraph(
            "run",
            graph_attr={
                "bgcolor": light("paper"),
                "fontname": "Helvetica",
                "nodesep": "0.6",
                "pad": "0.1",
                "rankdir": "TB",
                "ranksep": "0.18",
            },
            node_attr={"fontname": "Helvetica", "shape": "plain"},
            edge_attr={"arrowsize": "0.8", "color": light("node-line"), "fontname": "Helvetica"},
        )
        if self.scene.raises:
            graph.attr(label=self.labels.error(), labelloc="b", labeljust="l")
        for number, row in enumerate(self.scene.rows):
            with graph.subgraph(name=f"row{number}", graph_attr={"rank": "same"}) as line:
                for node in row.nodes:
                    line.node(node, self.labels.node(node), id=node, **self.visible(node))
                if row.storage:
                    label = self.labels.storage(self.scene.boxes[row.storage])
                    line.node(row.storage, label, id=row.storage, **self.visible(row.storage))
        for tail, head in self.columns():
            graph.edge(tail, head, style="invis", weight="50")
        for edge in self.scene.edges.values():
            self.edge(graph, edge)
        return Layout(graph, self.labels.cells, frozenset(self.backwards), tuple(self.far))

    def columns(self) -> Iterator[tuple[str, str]]:
        """Invisible edges that keep the rows in order, and nodes and storages in a column each."""
        drawn = {
            (edge.head, edge.tail) for edge in self.scene.edges.values() if edge.kind == "next"
        }
        last_node = last_card = None
        for row in self.scene.rows:
            yield from pairwise(row.nodes)
            node = row.nodes[-1] if row.nodes else None
            card = None
            if row.storage:
                # By the badge, at the right: that leaves room for what the edges on the left say.
                card = f"{row.storage}:{self.scene.boxes[row.storage].ids[0]}b"
            if node and last_node and (last_node, node) not in drawn:
                yield f"{last_node}:s", f"{node}:n"
            if card and last_card:
                yield f"{last_card}:s", f"{card}:n"
            if node and card:
                yield node, row.storage
            elif node and last_card:
                yield f"{last_card}:s", f"{node}:n"
            last_node, last_card = node or last_node, card or last_card

    def edge(self, graph: graphviz.Digraph, edge: Edge) -> None:
        tail, head = self.end(edge, edge.tail), self.end(edge, edge.head)
        down = self.row(edge.head) - self.row(edge.tail)
        if self.frame is None and self.is_far(edge, abs(down)):
            self.far.append(edge)
            return
        # Graphviz ranks by direction, and reads an edge within a row from left to right. So an
        # arrow that points up, or from a storage to its node, is declared backwards.
        backwards = down < 0 or (down == 0 and edge.kind == "grad_fn")
        if backwards:
            self.backwards.add(edge.id)
        attributes = {"id": edge.id}
        if edge.kind == "next" and backwards:
            attributes["weight"] = "50"  # keeps the nodes in one column
        else:
            attributes["constraint"] = "false"
        if edge.kind == "next":
            attributes["label"] = self.labels.edge(edge)
        if edge.kind == "saved":
            broken = self.frame and "broken" in self.frame.shown.get(edge.id, ())
            attributes |= {"style": "dashed", "color": light("broken" if broken else "saved")}
        # Graphviz 2.43 puts the heads of parallel edges within a row on the wrong ends, so `lines`
        # draws the heads.
        attributes["dir"] = "none" if self.frame is None else "back" if backwards else "forward"
        attributes |= self.visible(edge.id)
        graph.edge(*((head, tail) if backwards else (tail, head)), **attributes)

    def is_far(self, edge: Edge, rows: int) -> bool:
        if edge.kind == "next":
            return rows > NEAR
        return rows > 0 and bool(self.first & {edge.tail, edge.head})

    def row(self, element: str) -> int:
        return self.row_of[self.home.get(element, element)]

    def end(self, edge: Edge, element: str) -> str:
        """Where an edge touches a card or a node."""
        if element in self.home:
            port = {"grad_fn": "f", "variable": "g", "saved": "v"}[edge.kind]
            side = "w" if element in self.first else "e"
            return f"{self.home[element]}:{element}{port}:{side}"
        if edge.kind == "next":
            other = edge.head if element == edge.tail else edge.tail
            return f"{element}:{'s' if self.row(element) < self.row(other) else 'n'}"
        return f"{element}:k{edge.number}:e" if edge.kind == "saved" else f"{element}:out:e"

    def visible(self, element: str) -> dict[str, str]:
        hidden = self.frame is not None and element not in self.frame.shown
        return {"style": "invis"} if hidden else {}
