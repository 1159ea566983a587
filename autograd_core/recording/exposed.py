"""Memory that NumPy shares, and the moments between which it changed without an operation.

NumPy tells nobody what it writes. But once a tensor has given its memory away (`numpy()`), or got it
(`from_numpy`), it can be looked at again each time that something is recorded: so the line is known between
which and which the write was.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable

from .library import Memory
from .places import Spot

MOST = 1 << 16  # bytes: larger memory is not looked at each time, only when backward uses it


class Exposed:
    """The shared memory, as it was when it was looked at last."""

    def __init__(self, content: Callable[[Memory], bytes]) -> None:
        self.content = content
        self.known: dict[str, tuple[weakref.ref[Memory], bytes]] = {}
        self.last: Spot | None = None

    def watch(self, name: str, storage: Memory, at: Spot | None) -> None:
        """Look at this storage from now on."""
        self.last = at
        self._see(name, storage)

    def _see(self, name: str, storage: Memory) -> None:
        if storage.nbytes() <= MOST:
            self.known[name] = weakref.ref(storage), self.content(storage)

    def accept(self, name: str) -> None:
        """An operation has written: what is there now is known."""
        storage = self.known[name][0]() if name in self.known else None
        if storage is not None:
            self._see(name, storage)

    def changed(self, at: Spot | None) -> list[tuple[str, Spot | None]]:
        """The storages whose numbers changed since the last look, and where that look was."""
        found = []
        for name, (reference, before) in list(self.known.items()):
            storage = reference()
            if storage is None:
                del self.known[name]
            elif self.content(storage) != before:
                self._see(name, storage)
                found.append((name, self.last))
        self.last = at
        return found
