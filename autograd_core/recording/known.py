"""The objects that a recording has met: short ids in order of first sight, and no reference kept.

Ids are `t0`, `t1`, ... for tensors, `n0`, ... for nodes, and so on: never an address, so two runs of the
same program give the same ids on any machine.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable


class Seen(weakref.ref):
    """One object that the recording has met: a weak reference that knows what was told of it."""

    __slots__ = (
        *("key", "id", "number"),
        *("storage", "counter", "memory", "made", "alias", "changed", "names", "home", "grad", "grad_fn"),  # a tensor's
        *("saved", "freed"),  # a node's, besides `made`
    )

    # Two of them are equal if they are one. (Weak references ask their objects, and tensors compare
    # element by element.)
    __eq__, __hash__ = object.__eq__, object.__hash__


class Known(dict[int, Seen]):
    """Those that are still alive, by address.

    `gone` is told of each whose last reference goes away; it has to take it out.
    """

    def __init__(self, prefix: str, gone: Callable[[Seen], None]) -> None:
        self.prefix, self.gone = prefix, gone
        self.count = 0

    def add(self, thing: object) -> Seen:
        """Meet an object for the first time."""
        seen = Seen(thing, self.gone)
        seen.key = key = id(thing)
        seen.memory = seen.home = None
        seen.number = number = self.count
        seen.id = f"{self.prefix}{number}"
        self.count = number + 1
        self[key] = seen
        return seen

    def living(self) -> list[tuple[object, Seen]]:
        """Each object that is still there, with what is known of it, in order of first sight."""
        pairs = [(seen(), seen) for seen in list(self.values())]
        return [(thing, seen) for thing, seen in pairs if thing is not None]


class Collector:
    """Is Python's garbage collector at work right now?

    When it comes is chance. So what only it can find (a cycle that nobody refers to) is no event.
    """

    works = False

    def __call__(self, phase: str, info: dict) -> None:
        self.works = phase == "start"

    def watch(self) -> None:
        gc.callbacks.append(self)

    def stop(self) -> None:
        gc.callbacks.remove(self)
