"""Tell of what nobody counted: numbers that changed behind autograd's back, and gradients gone wrong.

`alarm` and `exposed` find it out; here it becomes notes on the tape, and a warning to the user.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import SilentCorruption
from . import events as e
from .alarm import Alarm
from .exposed import Exposed
from .library import Kept, Library
from .places import Spot
from .rewrite import may_write
from .silent import silent_story
from .story import Story
from .tape import Tape
from .trace import Trace
from .values import Held, hold

if TYPE_CHECKING:
    from .known import Known, Seen


class Watch:
    """What a recorder keeps an eye on beside what the core tells it."""

    def __init__(self, tape: Tape, library: Library) -> None:
        self.tape, self.library = tape, library
        self.alarm, self.exposed = Alarm(library), Exposed(library.content)
        self.open: set[str] = set()  # the storages that others may write to

    # ---- memory that NumPy shares ------------------------------------------------------------------

    def shown(self, tensor: object, seen: Seen, how: str, at: Spot) -> None:
        """NumPy shares the memory of this tensor from now on."""
        self.tape.newer.append((e.MemoryShown, at, seen.id, seen.storage, how))
        self.exposed.watch(seen.storage, self.library.memory(tensor), at)

    def look(self, at: Spot, tensors: Known) -> None:
        """Note what NumPy has written since the last look."""
        for storage, after in self.exposed.changed(at):
            living = [each for each in tensors.living() if each[1].storage == storage]
            values = tuple([(seen.id, self.library.held(tensor)) for tensor, seen in living])
            place = self.tape.places.place(after)
            line = self._line_between(after, at)
            self.tape.newer.append((e.MemoryWritten, at, storage, place, line, values))

    def _line_between(self, after: Spot, here: Spot) -> e.Place | None:
        """The one line between two places of a function that may have written, if there is just one."""
        places = self.tape.places
        first, last = places.place(after), places.place(here)
        if after[0].co_filename != here[0].co_filename or first.function != last.function:
            return None
        source = self.tape.files.lines.get(here[0].co_filename, ())
        lines = [
            e.Place(last.file, number, source[number - 1].rstrip(), last.function)
            for number in range(first.line + 1, last.line)
            if number <= len(source) and may_write(source[number - 1].strip())
        ]
        return lines[0] if len(lines) == 1 else None

    # ---- what nodes save ---------------------------------------------------------------------------

    def saved(self, node: str, field: str, saved: Kept, storage: str) -> None:
        if self.library.is_shared is None or storage in self.open:
            self.alarm.keep(node, field, saved)

    def ran(
        self, seen: Seen, node: object, grads_in: Sequence, grads_out: Sequence, at: Spot | None
    ) -> None:
        """A node has run: note which of its saved tensors were not as it saved them."""
        for found in self.alarm.ran(seen.id, node, grads_in, grads_out):
            true = None if found.true is None else _held(found.true)
            self.tape.newer.append(
                (e.SavedChanged, at, seen.id, found.field, found.version, _held(found.computed), true)
            )

    def ended(self, frame: FrameType, at: Spot, trace: Trace, tensors: Known) -> list[Story]:
        """A backward is over: note what went wrong in it, and warn. The stories of that."""
        found, leaves, lost = self.alarm.finish()
        for leaf in () if lost else leaves:
            off = float(np.abs(leaf.true - leaf.computed).max())
            note = tensors[id(leaf.tensor)].id, hold(leaf.computed), hold(leaf.true), off
            self.tape.newer.append((e.GradWrong, at, *note))
        if not found:
            return []
        events = [each for each in trace.events if isinstance(each, e.SavedChanged)]
        stories = [silent_story(each, trace) for each in events[-len(found) :]]
        for story in stories:
            warning = SilentCorruption(story.text)
            warning.story = story
            warnings.warn_explicit(
                warning,
                None,
                frame.f_code.co_filename,
                frame.f_lineno,
                module=frame.f_globals.get("__name__", "__main__"),
                registry=frame.f_globals.setdefault("__warningregistry__", {}),
            )
        return stories


def _held(arrays: Sequence) -> tuple[Held | None, ...]:
    return tuple([None if each is None else hold(each) for each in arrays])
