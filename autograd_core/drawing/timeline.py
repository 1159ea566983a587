"""The version lanes: time runs right, one lane per storage, a station for each version.

    lanes(trace)

A pin hangs where a node saved, with the version that it expects; where a write takes that version
away, a bar leads from the pin to the write, in colour, with a cross, and in words. A counter of its
own (`.data`) has a line of its own in the lane, and the other line shows the write that nobody
counted. No Graphviz takes part: where everything stands follows from the texts alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree as ET

from ..recording.state import State
from ..recording.steps import Step
from ..recording.trace import Trace
from .frames import Change, Conditions, Frame, frame, reel
from .lines import MARKS
from .moments import Lane, Moment, Moments, describe, moments
from .picture import Picture, checked
from .style import KINDS, PALETTE, css
from .svg import SVG, Template, show
from .text import line, width
from .wording import called

PAD = 12
HUNG = ("saved", "used", "fooled", "clash")  # the kinds of moments that hang from the line
NAME_ROOM = 18  # cells
LEAST_COLUMN = 84
AXIS = 26  # the height of the row that says which line of code a column stands for
ABOVE, BELOW, PIN = 32, 22, 34  # pixels over a line with a writer; under it; for each row of pins
BADGE = (34, 22)


class Lanes:
    """The lanes of a trace, laid out once for all of its steps: what `Drawing` is to the graph.

    It gives the player the same two things in the same scheme. `svg(step, title)` is a picture in
    which each element that comes, goes or changes carries its id as `data-id` and its conditions as
    `data-is`, and each text that changes its `data-slot`. `film` says for each step what becomes of
    them: `Change.shown` (None is hidden), `Change.texts` and `Change.marks`. Every id and slot
    begins with `lane:`, so that both films can be played together. `words(step)` is the text twin,
    by the id of the lane that each sentence is about. Empty where nothing was recorded.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.steps = trace.steps
        self.moments = moments(trace, self.steps)
        self.film = _film(self.moments, self.steps)

    @cached_property
    def _template(self) -> Template:
        return _Draughtsman(self.moments, self.film).draw()

    def svg(self, step: int, title: str, *, crop: bool = False) -> str:
        """The picture of one step. `crop` is for pictures that grow; this one keeps its size."""
        return show(self._template, frame(self.film, step), title)

    def words(self, step: int) -> dict[str, str]:
        if not self.steps:
            return {}
        if not self.moments.lanes:
            return {"lane:none": "No tensor was met, so there is no version to follow."}
        at = self.steps[step]
        return describe(self.moments, at.state, at.index)

    def told(self) -> Iterator[dict[str, str]]:
        """The words of all steps, one after the other."""
        if not self.moments.lanes:
            return (self.words(step) for step in range(len(self.steps)))
        return (describe(self.moments, step.state, step.index) for step in self.steps)


def lanes(trace: Trace, step: int = -1) -> Picture:
    """The version lanes of `trace` after `step`; -1 is the end of the run.

    A notebook shows them, `print` tells them in words. Raises `IndexError` for a step that the
    trace does not have.

    >>> from autograd_core import record, tensor
    >>> with record() as trace:
    ...     a = tensor([1.0, 2.0], requires_grad=True)
    ...     c = a.detach()
    ...     c.zero_()
    tensor([0., 0.])
    >>> print(lanes(trace))
    Storage S0, counted by `a` and `c`, is at version 1; `c.zero_()` took it to version 1.
    """
    view = Lanes(trace)
    return Picture(view, checked(view, step))


# ---- what each step shows ------------------------------------------------------------------------


def _film(told: Moments, steps: list[Step]) -> list[Change]:
    """One change for each step of the trace."""
    if not told.lanes:
        return [Change({}, {}, {}) for _ in steps]
    return list(reel(_look(told, step) for step in steps))


def _look(told: Moments, step: Step) -> Frame:
    """All that is to be seen at one step."""
    look = Frame()
    past = [number for number, each in enumerate(told.columns) if each <= step.index]
    for number in past:
        look.shown[f"lane:at:{number}"] = ()
    if past:
        look.shown[f"lane:now:{past[-1]}"] = ()
    if told.left_out:
        look.shown["lane:more"] = ()
    for lane in told.lanes:
        if lane.moments[0].step <= step.index:
            _look_at(lane, step, past, told, look)
    return look


def _look_at(lane: Lane, step: Step, past: list[int], told: Moments, look: Frame) -> None:
    name, state = f"lane:{lane.counter}", step.state
    inside = [tensor for each in lane.tensors if (tensor := state.tensors.get(each))]
    alive = [tensor for tensor in inside if not tensor.deleted]
    broken = False
    for number, moment in lane.drawn:
        if moment.step > step.index:
            break
        conditions: Conditions = ()
        if moment.kind == "saved":
            conditions, said = _pin(moment, state)
            look.texts[f"{name}:{number}.expects"] = said
            if "broken" in conditions:
                broken = True
                look.shown[f"{name}:{number}.gap"] = ()
        look.shown[f"{name}:{number}"] = conditions
    look.shown[name] = () if alive else ("faded",)
    look.shown[f"{name}.band"] = ()
    badge = (("own",) if lane.own else ()) + (("broken",) if broken else ())
    look.shown[f"{name}.badge"] = badge
    names = ", ".join(called(tensor) for tensor in alive or inside[:1])
    look.texts[f"{name}.names"] = line(names, NAME_ROOM)
    look.texts[f"{name}.version"] = f"v{state.versions[lane.counter]}"
    begun = lane.moments[0].step
    for number in past[1:]:
        if told.columns[number - 1] >= begun:
            look.shown[f"{name}.to{number}"] = ("own",) if lane.own else ()


def _pin(moment: Moment, state: State) -> tuple[Conditions, str]:
    saved = state.saved[moment.saved[0]]
    if state.nodes[saved.node].freed:
        return ("faded",), "freed"
    expects = f"expects v{saved.expected}"
    if state.mismatched(saved):
        return ("broken",), f"{expects}, is v{state.versions[saved.counter]}"
    return (), expects


# ---- where everything stands ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Track:
    """The place of one lane: the height of its line, and of the band's top and bottom around it."""

    top: float
    y: float
    bottom: float


class _Draughtsman:
    def __init__(self, told: Moments, film: list[Change]) -> None:
        self.told = told
        self.widest: dict[str, str] = {}
        for change in film:
            for slot, said in change.texts.items():
                self.widest[slot] = max(self.widest.get(slot, ""), said or "", key=len)
        self.changing = {name for change in film for name in change.marks}
        self.column_of = {step: number for number, step in enumerate(told.columns)}
        self.picture = ET.Element(f"{{{SVG}}}svg", {"class": "agc lanes", "role": "img"})
        ET.SubElement(self.picture, f"{{{SVG}}}style").text = css()
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
        titles = [self.title(lane) for lane in self.told.lanes]
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

    def title(self, lane: Lane) -> str:
        return f"storage {lane.storage.upper()}, second counter" if lane.own else (
            f"storage {lane.storage.upper()}"
        )  # fmt: skip

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
        self.text(label, "title", PAD, track.y - 14, self.title(lane), anchor="start")
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
        wide, high, r = *BADGE, 8
        corners = f"v{high - 2 * r}q0,{r} -{r},{r}h{2 * r - wide}q-{r},0 -{r},-{r}"
        start = f"M{x - wide / 2 + r},{y - high / 2}h{wide - 2 * r}q{r},0 {r},{r}"
        d = f"{start}{corners}v{2 * r - high}q0,-{r} {r},-{r}Z"
        self.shape("path", "fill-badge line-badge", group, fill="badge", line="badge", d=d)
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
