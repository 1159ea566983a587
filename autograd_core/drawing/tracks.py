"""The drawing of the version lanes: where each counter, moment and word of them stands.

Time runs to the right. A column is as wide as the words in it need, and has one width for all steps.
The surprising idea: pins hang below a line and writers stand above it, so nothing that was written
ever lies over what somebody relies on; where the two disagree, a bar with a cross joins them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from .frames import Change
from .lines import MARKS
from .moments import Lane, Moment, Moments
from .style import KINDS, PALETTE
from .svg import SVG, Template
from .text import cells, width

PAD = 12
HUNG = ("saved", "used", "fooled", "clash")  # the kinds of moments that hang from the line
LEAST_COLUMN = 84
AXIS = 26  # the height of the row that says which line of code a column stands for
ABOVE, BELOW, PIN = 32, 22, 34  # pixels over a line with a writer; under it; for each row of pins
BADGE = (34, 22)


@dataclass(frozen=True, slots=True)
class _Track:
    """The place of one lane: the height of its line, and of the band's top and bottom around it."""

    top: float
    y: float
    bottom: float


class Draughtsman:
    """Draws the moments of a run; `film` has all that any step writes there."""

    def __init__(self, told: Moments, film: list[Change]) -> None:
        self.told = told
        self.widest: dict[str, str] = {}
        for change in film:
            for slot, said in change.texts.items():
                self.widest[slot] = max(self.widest.get(slot, ""), said or "", key=cells)
        self.changing = {name for change in film for name in change.marks}
        self.column_of = {step: number for number, step in enumerate(told.columns)}
        self.picture = ET.Element(f"{{{SVG}}}svg", {"class": "agc lanes", "role": "img"})
        ET.SubElement(self.picture, f"{{{SVG}}}style")
        self.rows = {lane.counter: self.pin_rows(lane) for lane in told.lanes}

    def draw(self) -> Template:
        xs, rooms, width = self.columns()
        tracks, height = self.tracks()
        self.shape("rect", "fill-paper", fill="paper", rx="8", width=f"{width}", height=f"{height}")
        bands, times, lines, top, labels = (self.group("layer", None) for _ in range(5))
        # Where the lanes are scrolled sideways, their labels stay, on paper of their own.
        labels.set("class", "labels")
        self.shape("rect", "fill-paper line-storage-line", labels, fill="paper",
                   line="storage-line", x="1", y="1", rx="6", height=f"{height - 2}",
                   width=f"{self.label_room() - PAD / 2:.0f}")  # fmt: skip
        for number, x in enumerate(xs):
            self.time(times, number, x, rooms[number], height)
        for lane in self.told.lanes:
            track = tracks[lane.counter]
            self.lane(bands, lines, top, lane, track, xs, width)
            self.label(labels, lane, track)
        if self.told.left_out:
            count = self.told.left_out
            said = f"{count} more storage{'s' if count > 1 else ''} with nothing more to tell"
            note = self.group("note", "lane:more", top)
            self.text(note, "axis", PAD, height - 14, said, anchor="start")
        self.picture.attrib.update(width=f"{width}", height=f"{height}")
        self.picture.set("viewBox", f"0 0 {width} {height}")
        self.picture.set("preserveAspectRatio", "xMinYMin")
        return Template(self.picture, {})

    def columns(self) -> tuple[list[float], list[float], int]:
        """The middle of each column, its width, and the picture's: as the words need it."""
        rooms = [float(LEAST_COLUMN)] * len(self.told.columns)
        for number, said in enumerate(self.told.places):
            rooms[number] = max(rooms[number], self.room(said, "axis"))
        for lane in self.told.lanes:
            for number, moment in lane.drawn:
                column = self.column_of[moment.step]
                for kind, said in self.said(lane, number, moment):
                    rooms[column] = max(rooms[column], self.room(said, kind))
        x, middles = self.label_room(), []
        for number, room in enumerate(rooms):
            x += 40 if self.told.columns[number] in self.told.skipped else 0
            middles.append(round(x + room / 2))
            x += room
        return middles, rooms, math.ceil(x + PAD)

    def label_room(self) -> float:
        names = [self.widest.get(f"lane:{lane.counter}.names", "") for lane in self.told.lanes]
        titles = [self.widest.get(f"lane:{lane.counter}.title", "") for lane in self.told.lanes]
        rooms = [self.room(said, "name") for said in names]
        return (
            max(rooms + [self.room(said, "title") for said in titles], default=0)
            + BADGE[0]
            + 2 * PAD
        )

    def tracks(self) -> tuple[dict[str, _Track], int]:
        """Where each lane lies, those of a storage without a gap between them."""
        y, tracks, before = float(AXIS), {}, None
        for lane in self.told.lanes:
            y += 0 if lane.storage == before else PAD
            before = lane.storage
            top = y
            y += ABOVE if self.has_writers(lane) else 18
            middle = y + BADGE[1] / 2
            y = middle + BADGE[1] / 2 + 6
            rows = self.rows[lane.counter]
            y += BELOW + PIN * max(rows.values()) if rows else 10
            tracks[lane.counter] = _Track(top, middle, max(y, top + 56))
            y = tracks[lane.counter].bottom
        return tracks, math.ceil(y + PAD + (24 if self.told.left_out else 0))

    def has_writers(self, lane: Lane) -> bool:
        return any(
            moment.who and moment.kind in ("written", "unnoticed") for _, moment in lane.drawn
        )

    def pin_rows(self, lane: Lane) -> dict[int, int]:
        """How many pins hang from each column of a lane."""
        rows: dict[int, int] = {}
        for _, moment in lane.drawn:
            if moment.kind in HUNG:
                column = self.column_of[moment.step]
                rows[column] = rows.get(column, 0) + 1
        return rows

    def said(self, lane: Lane, number: int, moment: Moment) -> list[tuple[str, str]]:
        """The words around a moment, each with its kind of text."""
        if moment.kind in ("written", "unnoticed"):
            note = [("pin", "not counted")] if moment.kind == "unnoticed" else []
            return [("writer", moment.who), *note]
        if moment.kind == "saved":
            expects = self.widest[f"lane:{lane.counter}:{number}.expects"]
            return [("pin", f"{moment.who} saved"), ("expects", expects)]
        if moment.kind == "used":
            return [("pin", f"{moment.who} finds"), ("expects", f"v{moment.version}, as expected")]
        if moment.kind == "fooled":
            words = f"v{moment.version}, but other numbers"
            return [("pin", f"{moment.who} finds"), ("expects", words)]
        if moment.kind == "clash":
            return [("pin", moment.who), ("expects", f"finds v{moment.version}: raises")]
        return []

    def room(self, said: str, kind: str) -> float:
        return width(said, kind) + 2 * PAD

    # ---- the parts ---------------------------------------------------------------------------

    def time(self, layer: ET.Element, number: int, x: float, room: float, height: float) -> None:
        """A column: its line of code, and the light that falls on it while it is the last one."""
        half = room / 2
        now = self.group("now", f"lane:now:{number}", layer)
        self.shape("rect", "glow", now, x=f"{x - half:.0f}", y="2", width=f"{2 * half:.0f}",
                   height=f"{height - 4:.0f}", rx="6")  # fmt: skip
        at = self.group("time", f"lane:at:{number}", layer)
        self.text(at, "axis", x, AXIS / 2 + 2, self.told.places[number])
        gap = self.told.skipped.get(self.told.columns[number])
        if gap:
            self.text(at, "axis", x - half - 20, AXIS / 2 + 2, f"… {gap} …")

    def lane(
        self,
        bands: ET.Element,
        lines: ET.Element,
        top: ET.Element,
        lane: Lane,
        track: _Track,
        xs: list[float],
        width: float,
    ) -> None:
        name = f"lane:{lane.counter}"
        band = self.group("band", f"{name}.band", bands)
        self.shape("rect", "fill-storage line-storage-line", band, fill="storage", rx="6",
                   line="storage-line", x="4", y=f"{track.top:.0f}", width=f"{width - 8:.0f}",
                   height=f"{track.bottom - track.top:.0f}")  # fmt: skip
        for number in range(1, len(xs)):
            piece = self.group("piece", f"{name}.to{number}", lines)
            d = f"M{xs[number - 1]},{track.y}H{xs[number]}"
            self.shape("path", "line", piece, d=d)
        hung: dict[int, int] = {}
        for number, moment in lane.drawn:
            column, row = self.column_of[moment.step], 0
            if moment.kind in HUNG:
                row = hung.get(column, 0)
                hung[column] = row + 1
            if moment.kind == "saved":
                self.gap(lines, lane, number, moment, xs, track)
            self.moment(top, lane, number, moment, xs[column], track, row)

    def label(self, layer: ET.Element, lane: Lane, track: _Track) -> None:
        """Which storage it is, who lives there, and at which version it is now."""
        name = f"lane:{lane.counter}"
        label = self.group("label", name, layer)
        title = self.text(label, "title", PAD, track.y - 14, "", anchor="start")
        title.set("data-slot", f"{name}.title")
        names = self.text(label, "name", PAD, track.y + 8, "", anchor="start")
        names.set("data-slot", f"{name}.names")
        badge_x = self.label_room() - BADGE[0] / 2 - PAD
        self.station(label, f"{name}.badge", f"{name}.version", badge_x, track.y)

    def moment(
        self,
        layer: ET.Element,
        lane: Lane,
        number: int,
        moment: Moment,
        x: float,
        track: _Track,
        row: int,
    ) -> None:
        name = f"lane:{lane.counter}:{number}"
        group = self.group(f"moment {moment.kind}", name, layer)
        said = self.said(lane, number, moment)
        if moment.kind in ("made", "written"):
            self.station(group, None, None, x, track.y, f"v{moment.version}", own=lane.own)
        if moment.kind == "unnoticed":
            self.shape("path", "diamond", group, d=f"M{x},{track.y - 10}l10,10l-10,10l-10,-10Z")
        if moment.kind in ("written", "unnoticed"):
            self.text(group, "writer", x, track.y - 24, said[0][1])
            for _, words in said[1:]:
                self.text(group, "pin", x, track.y + 24, words)
        if moment.kind in HUNG:
            y = track.y + BADGE[1] / 2 + 6 + 12 + PIN * row
            top = y - 14 if moment.kind == "fooled" else y
            self.shape("path", "stem", group, d=f"M{x},{track.y + 6}V{top}")
            head = {
                "saved": f"M{x - 5},{y - 5}a5,5 0 1,0 10,0a5,5 0 1,0 -10,0",
                "used": f"M{x - 7},{y - 4}l5,5l9,-10",
                "fooled": f"M{x},{y - 9}v7m0,6v0.5",
                "clash": f"M{x - 8},{y - 11}l16,16m0,-16l-16,16",
            }[moment.kind]
            self.shape("path", "pinhead", group, d=head)
            (_, who), (_, expects) = said
            self.text(group, "pin", x, y + 13, who)
            second = self.text(group, "expects", x, y + 29, expects)
            if moment.kind == "saved":
                second.set("data-slot", f"{name}.expects")
                second.text = ""

    def gap(
        self,
        layer: ET.Element,
        lane: Lane,
        number: int,
        pin: Moment,
        xs: list[float],
        track: _Track,
    ) -> None:
        """The bar from a pin to the write that took away what it expects."""
        broke = lane.breaks(pin)
        if broke is None or broke.step not in self.column_of:
            return
        start, end = xs[self.column_of[pin.step]], xs[self.column_of[broke.step]]
        y = track.y + BADGE[1] / 2 + 6
        group = self.group("gap", f"lane:{lane.counter}:{number}.gap", layer)
        self.shape("path", "line", group, d=f"M{start},{y}H{end - 6}Q{end},{y} {end},{y - 6}")
        mark = self.group("mark cross", None, group)
        mark.set("transform", f"translate({(start + end) / 2:.1f} {y:.1f})")
        self.shape("circle", "gap", mark, r="12")
        self.shape("path", "icon", mark, d=MARKS["cross"])

    def station(
        self,
        parent: ET.Element,
        name: str | None,
        slot: str | None,
        x: float,
        y: float,
        said: str = "",
        own: bool = False,
    ) -> None:
        """A version badge around (x, y)."""
        group = self.group("badge", name, parent)
        if own:
            group.set("data-is", "own")
        wide, high = BADGE
        box = {"x": x - wide / 2, "y": y - high / 2, "rx": 8, "width": wide, "height": high}
        sides = {name: f"{side}" for name, side in box.items()}
        self.shape("rect", "fill-badge line-badge", group, fill="badge", line="badge", **sides)
        text = self.text(group, "badge", x, y, said)
        if slot is not None:
            text.set("data-slot", slot)

    # ---- elements ----------------------------------------------------------------------------

    def group(self, kind: str, name: str | None, parent: ET.Element | None = None) -> ET.Element:
        attributes = {"class": kind} | ({} if name is None else {"data-id": name})
        at = self.picture if parent is None else parent
        return ET.SubElement(at, f"{{{SVG}}}g", attributes)

    def shape(
        self,
        tag: str,
        kind: str,
        parent: ET.Element | None = None,
        fill: str | None = None,
        line: str | None = None,
        **attributes: str,
    ) -> None:
        colours = {"fill": PALETTE[fill][0]} if fill else {}
        colours |= {"stroke": PALETTE[line][0]} if line else {}
        at = self.picture if parent is None else parent
        ET.SubElement(at, f"{{{SVG}}}{tag}", {"class": kind} | colours | attributes)

    def text(
        self, parent: ET.Element, kind: str, x: float, y: float, said: str, anchor: str = "middle"
    ) -> ET.Element:
        """A line of text whose middle is at height `y`."""
        baseline = f"{y + 0.35 * KINDS[kind].size:.1f}"
        text = ET.SubElement(
            parent,
            f"{{{SVG}}}text",
            {"class": f"is-{kind}", "x": f"{x:.1f}", "y": baseline, "text-anchor": anchor},
        )
        text.text = said
        return text
