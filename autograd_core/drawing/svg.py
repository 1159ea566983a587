"""SVG -> the picture: puts the words and the arrows into what Graphviz laid out.

`template` does that once for a scene; `show` fills in one frame. Each element carries its id as
`data-id`, its conditions as `data-is`, and each text its `data-slot`, so the player does in the
browser exactly what `show` does here. Shapes carry the role of their colour as a class, `fill-…` or
`line-…`, for which the page's theme has the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from . import lines
from .dot import Layout
from .frames import Change, Frame
from .labels import PAD, Cell
from .routes import Route, Surveyor
from .scene import Edge, Scene
from .style import KINDS, PALETTE, SHAPES, css

SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", SVG)
MARGIN = 12  # pixels below the last box of a cropped picture
ROLES = {PALETTE[role][0]: role for role in SHAPES}


@dataclass(frozen=True, slots=True)
class Template:
    """A picture with all words blank; `ends` says how far down each box, node and the error go."""

    picture: ET.Element
    ends: dict[str, float]


def template(rendered: str, scene: Scene, layout: Layout, film: Sequence[Change]) -> Template:
    """The template of a scene, from the SVG that Graphviz made of its layout."""
    return _Copyist(rendered, scene, layout, film).copy()


def show(template: Template, frame: Frame, title: str = "", *, crop: bool = False) -> str:
    """The template with one frame filled in, as text; `title` is for whoever has it read out.

    `crop` leaves out the room at the bottom that later steps will need.
    """
    picture = deepcopy(template.picture)
    picture.set("aria-label", title)
    if crop:
        left, _, width, height = picture.get("viewBox").split()
        ends = [end for name, end in template.ends.items() if name in frame.shown]
        height = str(min(int(height), math.ceil(max(ends, default=0) + MARGIN)))
        picture.set("height", height)
        picture.set("viewBox", f"{left} 0 {width} {height}")
    words: set[str] = set()
    for element in picture.iter():
        conditions: tuple[str, ...] = ()
        if name := element.get("data-id"):
            conditions = frame.conditions(name)
            conditions = ("hidden",) if conditions is None else conditions
        elif slot := element.get("data-slot"):
            element.text = frame.texts.get(slot, "")
            conditions = frame.conditions(slot) or ()
        if conditions:
            element.set("data-is", " ".join(conditions))
        words.update(conditions, element.get("class", "").split())
    picture.find(_svg("style")).text = css(frozenset(words))
    return ET.tostring(picture, encoding="unicode")


def _svg(tag: str) -> str:
    return f"{{{SVG}}}{tag}"


class _Copyist:
    """Copies from Graphviz's SVG what is ours, in layers: storages, lines, their words, the rest.

    So no line crosses out a word, and each arrives at the card inside the storage.
    """

    def __init__(self, rendered: str, scene: Scene, layout: Layout, film: Sequence[Change]) -> None:
        self.source = ET.fromstring(rendered)
        self.scene = scene
        self.layout = layout
        self.kinds = (
            dict.fromkeys(scene.boxes, "storage")
            | dict.fromkeys(scene.nodes, "node")
            | dict.fromkeys(scene.folds, "node fold")
            | dict.fromkeys(scene.cards, "card")
        )
        self.changing = {name for change in film for name in change.marks}
        self.conditions: dict[str, set[str]] = {}
        for change in film:
            for name, words in change.shown.items():
                self.conditions.setdefault(name, set()).update(words or ())
        self.boxes: dict[str, lines.Box] = {}  # where each card and node is
        self.heights: dict[str, float] = {}  # the middle of each slot's line
        self.beside: list[tuple[Cell, float]] = []  # the words of edges, and how far down they are
        self.written: list[tuple[Cell, float]] = []  # the same, and how far to the right they begin

    def copy(self) -> Template:
        graph = self.source.find(_svg("g"))
        picture = ET.Element(_svg("svg"), {"class": "agc", "role": "img"})
        ET.SubElement(picture, _svg("style"))
        paper = ET.SubElement(
            picture, _svg("rect"), {"class": "fill-paper", "fill": PALETTE["paper"][0], "rx": "8"}
        )
        shift = re.search(r"translate\([^)]*\)", graph.get("transform")).group()
        self.bottom, self.lines, self.labels, self.top = (
            ET.SubElement(picture, _svg("g"), {"transform": shift}) for _ in range(4)
        )
        for element in graph:
            name = element.get("id")
            if name in self.kinds or name == "a_error":
                self.group(element, self.top)
        left_room = self.edges()
        self.align_error()

        across, down = (float(number) for number in re.split(r"[ ,()]+", shift)[1:3])
        height = math.ceil(float(self.source.get("viewBox").split()[3]))
        left = math.floor(min(box[0] for box in self.boxes.values()) + across - MARGIN - left_room)
        words = [x + cell.width for cell, x in self.written]
        right = max([*(box[2] for box in self.boxes.values()), *words])
        width = math.ceil(right + across + MARGIN) - left
        size = {"width": str(width), "height": str(height)}
        paper.attrib.update(size, x=str(left))
        picture.attrib.update(size, viewBox=f"{left} 0 {width} {height}")
        picture.set("preserveAspectRatio", "xMinYMin")
        ends = {name: box[3] + down for name, box in self.boxes.items()}
        return Template(picture, ends)

    def align_error(self) -> None:
        """Move the error to the left side of the rest: Graphviz puts what is wider around it."""
        others = [box[0] for name, box in self.boxes.items() if name != "error"]
        if "error" in self.boxes and others:
            left, top, right, bottom = self.boxes["error"]
            by = min(others) - left
            self.boxes["error"] = min(others), top, right + by, bottom
            (group,) = (g for g in self.top.iter(_svg("g")) if g.get("data-id") == "error")
            group.set("transform", f"translate({by:.1f} 0)")

    # ---- boxes, cards, nodes: their shapes and words ---------------------------------------------

    def group(self, source: ET.Element, target: ET.Element) -> None:
        name = source.get("id", "").removeprefix("a_")  # so Graphviz calls a table with a link
        # Of the rest, the ids themselves say what they are: t0.badge, link:t1, error, ....row
        kind = self.kinds.get(name) or name.rpartition(".")[2].partition(":")[0]
        group = ET.SubElement(target, _svg("g"), {"data-id": name, "class": kind})
        self.contents(source, group)
        shape = group.find(_svg("rect"))
        if kind == "storage":
            group.remove(shape)
            ET.SubElement(self.bottom, _svg("g"), dict(group.attrib)).append(shape)
        if kind in ("card", "node", "node fold", "storage", "error"):
            left, top, wide, high = (float(shape.get(each)) for each in ("x", "y", "width", "height"))
            self.boxes[name] = left, top, left + wide, top + high

    def contents(self, source: ET.Element, target: ET.Element) -> None:
        """Groups, shapes in a colour of the palette, placeholders; all else is Graphviz's own."""
        for element in source:
            tag = element.tag.rpartition("}")[2]
            if tag == "g":
                self.group(element, target)
            elif tag == "a":
                self.contents(element, target)
            elif tag == "path":
                self.shape(element, target)
            elif tag == "text" and element.text in self.layout.cells:
                self.words(element, target)

    def shape(self, element: ET.Element, target: ET.Element) -> None:
        """Graphviz draws a box as a path around it, once for the filling and once for the border."""
        fill, stroke = (ROLES.get(element.get(paint)) for paint in ("fill", "stroke"))
        way = lines.points(element.get("d"))
        left, top, right, bottom = lines.bounds(way)
        sides = {"x": left, "y": top, "rx": way[0][0] - left, "width": right - left, "height": bottom - top}
        box = {name: f"{side:.2f}".rstrip("0").rstrip(".") for name, side in sides.items()}
        before = target.find(_svg("rect"))
        if before is not None and fill is None and box.items() <= before.attrib.items():
            # Graphviz draws a table's border last, over the words. Here it is one shape with the
            # filling.
            before.set("class", f"{before.get('class')} line-{stroke}")
            before.set("stroke", PALETTE[stroke][0])
        elif fill is not None:
            colour = {"class": f"fill-{fill}", "fill": PALETTE[fill][0]}
            ET.SubElement(target, _svg("rect"), colour | box)

    def words(self, element: ET.Element, target: ET.Element) -> None:
        # The placeholder is one pixel high and stands in the middle of its cell.
        cell = self.layout.cells[element.text]
        x, y = float(element.get("x")), float(element.get("y"))
        if element.get("text-anchor") == "start":
            x += 0.25 * len(element.text)
        if cell.kind in lines.MARKS:
            lines.link(target, x, y, cell.kind, cell.width)
        elif cell.kind == "strip":
            boxes = self.scene.cards[cell.slot.removesuffix(".strip")].strip.boxes
            lines.strip(target, x - cell.width / 2 + PAD, y, boxes, cell.width - 2 * PAD)
        elif cell.kind == "edge":
            self.heights[cell.slot] = y
            self.beside.append((cell, y))
        else:
            self.heights[cell.slot] = y
            self.slot(target, cell, x, y)

    def slot(self, target: ET.Element, cell: Cell, x: float, y: float) -> None:
        """A text around (x, y), with the marker that lies under it at a step where it changes."""
        half, kind = cell.width / 2, KINDS[cell.kind]
        if cell.slot in self.changing:
            marker = {"x": f"{x - half + 4:.1f}", "y": f"{y - kind.height / 2 + 1:.1f}", "rx": "5",
                      "width": f"{cell.width - 8:.0f}", "height": f"{kind.height - 2}"}  # fmt: skip
            ET.SubElement(target, _svg("rect"), {"class": "marker", "data-id": cell.slot} | marker)
        place = {"x": f"{x:.1f}", "y": f"{y + 0.35 * kind.size:.1f}", "text-anchor": "middle"}
        if cell.align == "left":
            place |= {"x": f"{x + PAD - half:.1f}", "text-anchor": "start"}
        ET.SubElement(
            target, _svg("text"), {"class": f"is-{cell.kind}", "data-slot": cell.slot} | place
        )

    # ---- edges -----------------------------------------------------------------------------------

    def edges(self) -> int:
        """Draw all edges; returns the room that they need on the left."""
        surveyor = Surveyor(self.scene, self.layout.plan, self.boxes, self.heights.__getitem__)
        leaving: dict[str, float] = {}
        words: dict[str, float] = {}  # where the words of an edge begin
        for box in self.scene.nodes.values():
            its = surveyor.leaving(box.node, box.next)
            leaving |= its
            words |= dict.fromkeys(its, max(its.values(), default=0) + 4)
        # What backward comes to first is drawn last: on a common road its colour is on top.
        for edge in self.scene.edges.values():
            if edge.kind == "next":
                self.line(edge, surveyor.next(edge, leaving[edge.id]))
            else:
                self.line(edge, surveyor.across(edge))
        groups: dict[str, ET.Element] = {}
        for cell, y in self.beside:
            edge = self.scene.edges[cell.slot.rpartition(".")[0]]
            if edge.id not in groups:
                groups[edge.id] = self.edge(edge, self.labels)
            self.slot(groups[edge.id], cell, words[edge.id] + cell.width / 2, y)
            self.written.append((cell, words[edge.id]))
        return math.ceil(self.layout.plan.left_room)

    def line(self, edge: Edge, route: Route) -> None:
        ever = self.conditions.get(edge.id, set())
        marks = {"broken": "cross", "fooled": "alarm", "cut": "scissors"}
        mark = next((marks[word] for word in marks if word in ever), None)
        lines.line(self.edge(edge, self.lines), route.way, mark, route.mark)

    def edge(self, edge: Edge, layer: ET.Element) -> ET.Element:
        return ET.SubElement(layer, _svg("g"), {"data-id": edge.id, "class": f"edge {edge.kind}"})
