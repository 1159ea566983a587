"""The labels of nodes and edges: tables of cells, with a placeholder in each.

A cell is known by its slot, and is as large as the widest text that any step writes there: what is
written at which step is no matter here. So the layout is the same for all steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from .frames import Change, Frame
from .routes import BASEMENT, Plan
from .scene import Box, Card, Edge, NodeBox, Scene
from .style import KINDS, light
from .text import cells, width

PAD = 10  # pixels between a text and the edge of its cell
GAP = 8  # between a storage and the cards in it
FOOT = 5  # below the last line of a card or a node
BORDER = 1
LEAST = 150  # the width of a card or a node
LINK = 76  # the least width of what stands between two cards
MARK = 34  # the height of the mark in it
STRIP = 18  # the height of a strip
ROOF = 6  # between the words of a node's edges and the node


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of one slot: what kind of text goes there, how wide it is, and where it aligns."""

    slot: str
    kind: str
    width: float
    align: str = "left"


class Labels:
    """The labels of a scene, for Graphviz. `cells` has the cell behind each placeholder.

    With a `frame` they hold its words instead, for a graph that a person can read.
    """

    def __init__(
        self, scene: Scene, planned: Plan, film: Sequence[Change], frame: Frame | None
    ) -> None:
        self.scene = scene
        self.planned = planned
        self.frame = frame
        self.cells: dict[str, Cell] = {}
        self.widest: dict[str, str] = {}
        for change in film:
            for slot, said in change.texts.items():
                self.widest[slot] = max(self.widest.get(slot, ""), said or "", key=cells)
        self.card_width = max([LEAST, *map(self.card_room, scene.cards.values())])
        self.node_width = max([LEAST, *(self.room(*slot) for slot in self.node_slots())])

    # ---- how much room the words need ------------------------------------------------------------

    def room(self, slot: str, kind: str) -> float:
        return width(self.widest.get(slot, ""), kind) + 2 * PAD

    def lines(self, slot: str) -> list[str]:
        """The slots of a text of several lines."""
        slots = []
        while f"{slot}.{len(slots)}" in self.widest:
            slots.append(f"{slot}.{len(slots)}")
        return slots

    def card_slots(self, card: Card) -> list[tuple[str, str, str | None]]:
        """The lines of a card below its name: slot, kind of text, and the port for edges."""
        slots = [(slot, "value", None) for slot in self.lines(f"{card.id}.value")]
        slots[0] = (*slots[0][:2], f"{card.id}v")
        if card.strip is not None:
            slots.append((f"{card.id}.part", "part", None))
        slots.append((f"{card.id}.flags", "flags", None))
        if card.shows_hooks:
            slots.append((f"{card.id}.hooks", "flags", None))
        if card.shows_grad_fn:
            slots.append((f"{card.id}.grad_fn", "code", f"{card.id}f"))
        if card.shows_grad:
            slots.append((f"{card.id}.grad", "code", f"{card.id}g"))
        if card.shows_true:
            slots.append((f"{card.id}.true", "wrong", None))
        return slots

    def badge_room(self, card: Card) -> float:
        return self.room(f"{card.id}.version", "badge") + 6

    def card_room(self, card: Card) -> float:
        top = self.room(f"{card.id}.name", "name") + self.badge_room(card)
        return max([top, *(self.room(slot, kind) for slot, kind, _ in self.card_slots(card))])

    def node_slots(self) -> Iterator[tuple[str, str]]:
        for box in self.scene.nodes.values():
            yield f"{box.node}.name", "node"
            yield f"{box.node}.status", "status"
            for slot in self.node_lines(box):
                yield slot, "status"
            for saved in box.saved:
                yield f"{saved.id}.field", "saved"
                yield f"{saved.id}.expects", "saved"

    def node_lines(self, box: NodeBox) -> list[str]:
        """The lines of a node between its name and what it saved."""
        slots = self.lines(f"{box.node}.what")
        if box.shows_grad:
            slots.append(f"{box.node}.grad")
        if box.shows_hooks:
            slots.append(f"{box.node}.hooks")
        return slots

    def edge_slots(self, edge: Edge) -> list[str]:
        """The lines beside an edge: which it is, and the gradient on it, if ever there is one."""
        return [slot for slot in (f"{edge.id}.label", f"{edge.id}.grad") if self.widest.get(slot)]

    def edge_room(self) -> float:
        """How wide the widest words beside an edge are."""
        edges = [edge for box in self.scene.nodes.values() for edge in box.next]
        slots = [slot for edge in edges for slot in self.edge_slots(edge)]
        return max((self.room(slot, "edge") for slot in slots), default=0)

    # ---- the labels ------------------------------------------------------------------------------

    def storage(self, box: Box) -> str:
        """The first tensor on the left, its aliases on the right, each with what joins it."""
        first, *aliases = box.cards
        lines = max(len(self.card_slots(card)) + (card.strip is not None) for card in box.cards)
        table = _table(cellspacing=GAP, border=BORDER, fill="storage", line="storage-line")
        # A title longer than a card runs on over the free cells beside it.
        self.cell(_row(table), f"{box.storage}.title", "title", self.card_width)
        row = _row(table)
        self.card(row, first, lines)
        slots = [f"{link.id}.{part}" for link in box.links.values() for part in ("how", "of")]
        room = max([LINK, *(self.room(slot, "cut") for slot in slots)])
        for number, alias in enumerate(aliases):
            if number > 0:
                row = _row(table)
                _cell(row, text="")
            link = box.links.get(alias.tensor)
            if link is None:
                _cell(row, text="")
            else:
                inner = _table(_cell(row), id=link.id)
                mark = Cell(f"{link.id}.mark", "scissors" if link.is_cut else "chain", room)
                _cell(_row(inner), width=room, height=MARK, text=self.say(mark))
                self.cell(_row(inner), f"{link.id}.how", "cut", room, align="middle")
                self.cell(_row(inner), f"{link.id}.of", "cut", room, align="middle")
            self.card(row, alias, lines)
        roads = [self.planned.under[each.id] for each in box.edges if each.id in self.planned.under]
        if roads:
            room = BASEMENT * (max(roads) + 1)
            _cell(_row(table), width=self.card_width, height=room, text="")
        return _html(table)

    def card(self, row: ET.Element, card: Card, lines: int) -> None:
        wide, badge = self.card_width, self.badge_room(card)
        holder = _cell(row, port=card.id)
        table = _table(holder, id=card.id, border=BORDER, fill="card", line="card-line")
        top = _row(table)
        self.cell(top, f"{card.id}.name", "name", wide - badge)
        holder = _cell(top, width=badge, height=KINDS["name"].height, padding=4)
        holder.set("PORT", f"{card.id}b")
        inner = _table(holder, id=f"{card.id}.badge", border=BORDER, fill="badge", line="badge")
        self.cell(_row(inner), f"{card.id}.version", "badge", badge - 12, align="middle")
        slots = self.card_slots(card)
        blank = (lines - len(slots)) * KINDS["code"].height + FOOT
        for slot, kind, port in slots:
            if kind == "part":
                mark = Cell(f"{card.id}.strip", "strip", wide)
                _cell(_row(table), width=wide, height=STRIP, text=self.say(mark), columns=2)
                blank -= STRIP
            self.cell(_row(table), slot, kind, wide, port=port, columns=2)
        _cell(_row(table), width=wide, height=blank, text="", columns=2)

    def node(self, node: str) -> str:
        """The name, what it saved, and how it is doing; above it the words of its edges."""
        wide, box = self.node_width, self.scene.nodes[node]
        outer = _table()
        if self.frame is None:
            slots = [slot for edge in box.next for slot in self.edge_slots(edge)]
            for slot in slots:
                self.cell(_row(outer), slot, "edge", wide)
            if slots:
                _cell(_row(outer), width=wide, height=ROOF, text="")
        table = _table(_cell(_row(outer)), border=BORDER, fill="node", line="node-line")
        self.cell(_row(table), f"{node}.name", "node", wide)
        for slot in self.node_lines(box):
            self.cell(_row(table), slot, "status", wide)
        for saved in box.saved:
            holder = _cell(_row(table), port=f"k{saved.number}")
            inner = _table(holder, id=f"{saved.id}.row")
            self.cell(_row(inner), f"{saved.id}.field", "saved", wide)
            self.cell(_row(inner), f"{saved.id}.expects", "saved", wide)
        self.cell(_row(table), f"{node}.status", "status", wide, port="out")
        _cell(_row(table), width=wide, height=FOOT, text="")
        return _html(outer)

    def edge(self, edge: Edge) -> str:
        """The words beside an edge, where Graphviz draws it."""
        table = _table()
        slots = self.edge_slots(edge)
        room = max(self.room(slot, "edge") for slot in slots)
        for slot in slots:
            self.cell(_row(table), slot, "edge", room)
        return _html(table)

    def error(self) -> str:
        """The sentence of the error, below the whole graph."""
        slots = self.lines("error")
        room = max(self.room(slot, "error") for slot in slots)
        outer = _table()
        _cell(_row(outer), width=room, height=14, text="")
        holder = _cell(_row(outer))
        table = _table(holder, id="error", border=BORDER, fill="broken-glow", line="broken")
        for slot in slots:
            self.cell(_row(table), slot, "error", room)
        return _html(outer)

    def cell(
        self,
        row: ET.Element,
        slot: str,
        kind: str,
        width: float,
        *,
        align: str = "left",
        port: str | None = None,
        columns: int = 1,
    ) -> None:
        said = self.say(Cell(slot, kind, width, align))
        height = KINDS[kind].height
        cell = _cell(row, width=width, height=height, port=port, columns=columns, text=said)
        if self.frame is not None:
            cell[0].set("POINT-SIZE", f"{KINDS[kind].size:g}")
            cell[0].set("COLOR", light("badge-ink" if kind == "badge" else "ink"))

    def say(self, cell: Cell) -> str:
        if self.frame is not None:
            return self.frame.texts.get(cell.slot, "")
        placeholder = f"x{len(self.cells)}"
        self.cells[placeholder] = cell
        return placeholder


# ---- Graphviz's HTML-like tables, built as trees so that every text in them is escaped -----------


def _table(
    parent: ET.Element | None = None,
    *,
    id: str | None = None,
    border: int = 0,
    cellspacing: int = 0,
    fill: str | None = None,
    line: str | None = None,
) -> ET.Element:
    table = ET.Element("TABLE") if parent is None else ET.SubElement(parent, "TABLE")
    table.set("BORDER", str(border))
    table.set("CELLBORDER", "0")
    table.set("CELLPADDING", "0")
    table.set("CELLSPACING", str(cellspacing))
    if border:
        table.set("STYLE", "ROUNDED")
    if fill:
        table.set("BGCOLOR", light(fill))
    if line:
        table.set("COLOR", light(line))
    if id:
        # Without a link, Graphviz does not give a table a group of its own in the SVG.
        table.set("ID", id)
        table.set("HREF", f"#{id}")
    return table


def _row(table: ET.Element) -> ET.Element:
    return ET.SubElement(table, "TR")


def _cell(
    row: ET.Element,
    *,
    width: float = 0,
    height: float = 0,
    port: str | None = None,
    columns: int = 1,
    padding: int = 0,
    text: str | None = None,
) -> ET.Element:
    cell = ET.SubElement(row, "TD")
    if width:
        cell.set("FIXEDSIZE", "TRUE")
        cell.set("WIDTH", f"{width:.0f}")
        cell.set("HEIGHT", f"{height:.0f}")
    if port:
        cell.set("PORT", port)
    if columns > 1:
        cell.set("COLSPAN", str(columns))
    if padding:
        cell.set("CELLPADDING", str(padding))
    if text is not None:
        # So small that it fits whatever the renderer's font; an empty cell would be a mistake.
        ET.SubElement(cell, "FONT", {"POINT-SIZE": "1"}).text = text or " "
    return cell


def _html(table: ET.Element) -> str:
    """An HTML-like label, as the `graphviz` package wants it."""
    return f"<{ET.tostring(table, encoding='unicode')}>"
