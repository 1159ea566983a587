"""Scene -> DOT: says what stands beside what.

The surprising idea: Graphviz never sees the words of a picture, only cells of a fixed size with a
placeholder in each (`labels`). So one layout has room for all steps, and no renderer's idea of a
font can move anything; `svg` puts the words in. It does not see the arrows either, only invisible
ones that keep nodes and storages in a column each: `routes` has the way of every arrow. The graph
that a person is to read has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from .frames import Change, Frame, frame
from .labels import Cell, Labels
from .routes import STEP, Plan, plan
from .scene import Edge, Row, Scene
from .style import light

if TYPE_CHECKING:
    import graphviz

INCH = 72  # pixels


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph that Graphviz can lay out, the cell behind each placeholder in it, and the arrows."""

    graph: graphviz.Digraph
    cells: dict[str, Cell]
    plan: Plan


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
        self.plan = plan(scene)
        self.labels = Labels(scene, self.plan, film, frame)
        self.home = {card: box.storage for box in scene.boxes.values() for card in box.ids}

    def build(self) -> Layout:
        import graphviz  # here: a trace can be described, and the core used, without it

        graph = graphviz.Digraph(
            "run",
            graph_attr={
                "bgcolor": light("paper"),
                "fontname": "Helvetica",
                "pad": "0.1",
            },
            node_attr={"fontname": "Helvetica", "shape": "plain"},
            edge_attr={"arrowsize": "0.8", "color": light("node-line"), "fontname": "Helvetica"},
        )
        if self.scene.raises:
            graph.attr(label=self.labels.error(), labelloc="b", labeljust="l")
        if self.frame is None:
            self.in_columns(graph)
        else:
            # Where Graphviz is to find the ways itself, it is left to choose the places, too.
            graph.attr(rankdir="BT")
            for row in self.scene.rows:
                self.boxes(graph, row)
            for edge in self.scene.edges.values():
                self.edge(graph, edge)
        return Layout(graph, self.labels.cells, self.plan)

    def between(self) -> float:
        """How far apart the two columns have to be: for the arrows, and words beside the nodes."""
        most = max((len(box.next) for box in self.scene.nodes.values()), default=0)
        words = 18 + STEP * most + self.labels.edge_room() - self.labels.node_width
        return max(self.plan.between_room, words)

    def in_columns(self, graph: graphviz.Digraph) -> None:
        """Row by row; where there is no node or no storage, something unseen keeps its place."""
        graph.attr(nodesep=f"{self.between() / INCH:.2f}", ranksep="0.18")
        for number, row in enumerate(self.scene.rows):
            with graph.subgraph(name=f"row{number}", graph_attr={"rank": "same"}) as line:
                self.boxes(line, row)
                for stem in self.stems(number):
                    if stem.startswith("no-"):
                        line.node(stem, label="", shape="point", width="0.01", style="invis")
                one, other = (stem.partition(":")[0] for stem in self.stems(number))
                line.edge(one, other, style="invis")
        for upper, lower in pairwise(range(len(self.scene.rows))):
            for one, other in zip(self.stems(upper), self.stems(lower), strict=True):
                graph.edge(f"{one}:s", f"{other}:n", style="invis", weight="50")

    def boxes(self, graph: graphviz.Digraph, row: Row) -> None:
        if row.node:
            label = self.labels.node(row.node)
            graph.node(row.node, label, id=row.node, **self.visible(row.node))
        if row.storage:
            label = self.labels.storage(self.scene.boxes[row.storage])
            graph.node(row.storage, label, id=row.storage, **self.visible(row.storage))

    def stems(self, number: int) -> tuple[str, str]:
        """What holds a row in the column of nodes, and in that of storages.

        The latter by the first card, for storages are not all equally wide.
        """
        row = self.scene.rows[number]
        card = row.storage and f"{row.storage}:{self.scene.boxes[row.storage].ids[0]}b"
        return row.node or f"no-node{number}", card or f"no-storage{number}"

    # ---- for a person ------------------------------------------------------------------------

    def edge(self, graph: graphviz.Digraph, edge: Edge) -> None:
        attributes = {"id": edge.id}
        if edge.kind == "next" and self.labels.edge_slots(edge):
            attributes["label"] = self.labels.edge(edge)
        if edge.kind == "saved":
            broken = "broken" in self.frame.shown.get(edge.id, ())
            attributes |= {"style": "dashed", "color": light("broken" if broken else "saved")}
            attributes["constraint"] = "false"
        attributes |= self.visible(edge.id)
        graph.edge(self.end(edge, edge.tail), self.end(edge, edge.head), **attributes)

    def end(self, edge: Edge, element: str) -> str:
        """Where an edge touches a card or a node."""
        if element in self.home:
            port = {"grad_fn": "f", "variable": "g", "saved": "v"}[edge.kind]
            return f"{self.home[element]}:{element}{port}"
        if edge.kind == "next":
            return element
        return f"{element}:k{edge.number}" if edge.kind == "saved" else f"{element}:out"

    def visible(self, element: str) -> dict[str, str]:
        hidden = self.frame is not None and element not in self.frame.shown
        return {"style": "invis"} if hidden else {}
