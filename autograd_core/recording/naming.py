"""Tell what the user calls each tensor, whenever that has changed.

The surprising idea: names are late. `out = a.sigmoid()` binds `out` only after the operation is over, so
they are looked at when the next thing happens; and not even then where nothing can have been bound in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import FrameType

from . import events as e
from .known import Seen
from .names import Names, operator_after
from .places import Spot, spot
from .tape import Tape

MOST_PATIENT = 64  # lines between two searches
SOUGHT = 2  # searches: a tensor that lives nowhere by then is a temporary


class Naming:
    """The names as they were told last, and what to do about tensors that have none."""

    def __init__(self, tape: Tape, names: Names) -> None:
        self.tape, self.names = tape, names
        self.homeless: dict[Seen, int] = {}  # tensors without a name, and how often they were sought
        self.sought_at: Spot | None = None
        self.lines, self.patience = 0, 1  # how many begun since the last search, and how many to wait for
        self.named: list[object] = []  # as it was seen last
        self.named_tensors: dict[Seen, tuple[str, ...]] = {}
        self.within: Spot | None = None  # the operation that was told last, if that has met no other tensor

    def happens(self, frame: FrameType) -> None:
        """Something happens in this frame of the user's: tell what was bound before."""
        before, self.within = self.within, None
        if before is None or frame.f_code is not before[0] or not _follows(before, frame.f_lasti):
            self.catch_up(frame)
        if self.homeless and self.sought_at != spot(frame):
            self.seek_homes(frame)

    def ends(self, frame: FrameType | None) -> None:
        """This is the last look: all that can be found is."""
        self.catch_up(frame)
        if frame is not None:
            self.seek_homes(frame, now=True)

    def ends_with(self, variables: Mapping[str, object]) -> None:
        """The same, where these variables are all that is left."""
        self.names.search(None)
        self.rename(self.names.seen_in(variables))

    def catch_up(self, frame: FrameType | None) -> None:
        found = self.names.seen_from(frame)
        if found is not self.named or self.names.homes.moved:
            self.rename(found)

    def seek_homes(self, frame: FrameType, now: bool = False) -> None:
        """At a new line, look in the user's objects for tensors that have outlived theirs without a name.

        After a search that has found nothing, it takes twice as many lines until the next, unless it has
        to be `now`: most of what is made for a moment never comes to live anywhere.
        """
        self.sought_at = frame.f_code, frame.f_lasti
        self.lines += 1
        if not now and self.lines < self.patience:
            return
        for seen in list(self.homeless):
            if seen() is None or seen.names or self.homeless[seen] >= SOUGHT:
                del self.homeless[seen]
            else:
                self.homeless[seen] += 1
        if self.homeless:
            self.names.search(frame)
            found = any(seen.home is not None for seen in self.homeless)
            self.lines, self.patience = 0, 1 if found else min(2 * self.patience, MOST_PATIENT)
            self.rename(self.named)

    def rename(self, found: list[object]) -> None:
        """Note which names hold which tensors, where that has changed."""
        self.named = found
        held, names = found[1::2], found[::2]
        now: dict[Seen, tuple[str, ...]] = dict(zip(held, zip(names)))
        if len(now) != len(held):  # some have several
            now = {seen: () for seen in held}
            for name, seen in zip(names, held):
                if name not in now[seen]:
                    now[seen] = (*now[seen], name)
        before, self.named_tensors = self.named_tensors, now
        moved, self.names.homes.moved = self.names.homes.moved, []
        changed = []
        for seen in dict.fromkeys([*before, *moved]):
            names = () if seen.home is None else (seen.home,)
            if seen not in now and seen.names != names and seen() is not None:
                if not names and not seen.names[0].isidentifier():  # as `self.w` when the method is over
                    self.homeless[seen] = 0
                seen.names = names
                changed.append(seen)
        for seen, names in now.items():
            if seen.names != names:
                seen.names = names
                changed.append(seen)
        if len(changed) > 1:
            changed.sort(key=lambda seen: seen.number)
        for seen in changed:
            self.tape.newer.append((e.Named, None, seen.id, seen.names))


def _follows(before: Spot, lasti: int) -> bool:
    """Is this the next operator of one expression? Then no name was bound in between."""
    return operator_after(before[0]).get(before[1]) == lasti
