"""What the recorder writes on: short notes that become events when somebody reads them.

Making an event takes longer than the operation that it tells of: numbers have to be put into words,
lines to be looked up. So while the user's code runs, a note is a plain tuple: the kind of event, the
instruction, and the event's fields in the order of their declaration, with bytes for values. What always
comes together is one note (`Made`), which becomes several events. Most notes are never read.

The surprising idea: a tape of bounded length has to remember what was true where it now begins, and
folding every event that is dropped would cost as much as reading it. Instead the tape is kept in two
parts. When the newer part is full, the recorder writes down once what there is (`base`), the older part
is dropped, and a new one is begun.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from types import CodeType

from . import events as e
from .places import Files, Places
from .values import value_of

# (kind, spot or None, *fields). All in it is a plain tuple, a string or a number, so that Python's
# garbage collector has no work with the notes.
Note = tuple

FIELDS = {
    kind: tuple(field.name for field in dataclasses.fields(kind) if field.name != "place")
    for kind in e.KINDS.values()
}


class Made:
    """The kind of a note that tells of an operation all at once: its one result, its node, and what that saved.

    (Made, spot, op, inputs, node, name of its class, edges, what it saved: field, tensor, counter and version,
    result, storage, counter, and what `Library.look` said of the result)
    """


def parts(note: Note) -> Sequence[Note]:
    """The notes of one event each that this note stands for."""
    if note[0] is not Made:
        return (note,)
    _, at, op, inputs, node, name, edges, saved, out, storage, counter, look = note
    version, held, requires_grad, output_nr, part = look
    made = version, held, op, requires_grad, node is None, node, output_nr, at, part
    notes = [(e.OpRan, at, op, inputs, (out,), node)]
    if node is not None:
        notes.append((e.NodeCreated, None, node, name, edges, None))
    notes.append((e.TensorCreated, at, out, storage, counter, *made))
    return notes + [(e.TensorSaved, None, node, *each) for each in saved]


def part_of_kind(note: Note, kind: type[e.Event]) -> Note:
    return next(part for part in parts(note) if part[0] is kind)


def events_in(note: Note) -> int:
    return 1 if note[0] is not Made else 2 + (note[4] is not None) + len(note[7])


class Tape:
    """The notes of one recording, at least the newest `keep` of them."""

    def __init__(self, keep: int | None) -> None:
        self.keep = keep
        self.room = sys.maxsize if keep is None else keep  # for how many notes, until it turns
        self.files = Files()
        self.places = Places(self.files.lines)
        self.older: list[Note] = []
        self.newer: list[Note] = []
        self.older_base: list[Note] = []  # what there was where each part begins
        self.newer_base: list[Note] = []
        self.dropped = 0
        self.left_out = 0

    def turn(self, base: list[Note]) -> None:
        """Drop the older part, and begin a new one where there is what `base` tells."""
        self.dropped += sum(map(events_in, self.older))
        self.older, self.older_base = self.newer, self.newer_base
        self.newer, self.newer_base = [], base
        self.room = max(self.keep, len(base))  # a base is to be short beside what follows it

    def end(self) -> tuple[int, int]:
        """How far the tape was written: another answer each time that there is more on it."""
        return self.dropped, len(self.older) + len(self.newer)

    def base(self) -> Iterator[e.Event]:
        return map(self.event, self.older_base)

    def events(self) -> Iterator[e.Event]:
        for part in (self.older, self.newer):
            for note in part:
                yield from map(self.event, parts(note))

    def event(self, note: Note) -> e.Event:
        """The event that a note stands for."""
        kind, at, *fields = note
        place = None if at is None else self.places.place(at)
        return kind(place=place, **dict(zip(FIELDS[kind], map(self.read, fields))))

    def read(self, field: object) -> object:
        """A field as the event has it."""
        match field:
            case (bytes(), tuple(), _):
                return value_of(field)
            case (CodeType(), int()):
                return self.places.expression(field)
            case (str(), int()):
                return e.Edge(*field)
            case (int(), tuple(), int()):
                return e.Part(*field)
            case tuple():
                return tuple(map(self.read, field))
        return field
