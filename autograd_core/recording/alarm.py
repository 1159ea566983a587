"""The alarm: notice that a saved tensor holds other numbers than when it was saved, whatever its version.

A version counter counts what goes through a tensor that shares it. A write through `.data` goes to another
counter, and one through NumPy to none; then backward computes with the wrong numbers and nobody says so.
So while recording, the numbers themselves are kept, and compared when they are used.

The surprising idea: the true gradient needs no second backward. Backward is linear in the gradients, so it
is enough to send the *difference* between right and wrong along, beside the gradients that really flow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .library import Kept, Library

# Which field, what is saved there, and its numbers at save: a copy, or beyond the budget its hash.
Copied = tuple[str, Kept, bytes | int]
LARGE = 1 << 16  # bytes
RECENT = 8  # copies: nodes made one after the other often save the same tensor
BUDGET = 64 << 20  # bytes of copies at a time: what goes beyond is known by its hash alone


@dataclass
class Changed:
    """A saved tensor that was used with other numbers than it was saved with, at the same version."""

    node: str
    field: str
    version: int
    computed: list[np.ndarray | None]  # the gradients that the node passed on
    true: list[np.ndarray | None] | None  # those it should have; None where nobody can tell


@dataclass
class Leaf:
    """What arrived in the `.grad` of a leaf, and what should have."""

    tensor: object
    computed: np.ndarray
    true: np.ndarray


@dataclass
class Alarm:
    """Keeps what nodes save, compares it at use, and follows what is wrong down to the leaves."""

    library: Library
    kept: dict[str, list[Copied]] = field(default_factory=dict)  # by node
    size: int = 0  # bytes of all copies
    recent: dict[int, bytes] = field(default_factory=dict)  # copies of large arrays, by address
    found: list[Changed] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    # What has not arrived at a node and should have, by output.
    missing: dict[object, dict[int, np.ndarray]] = field(default_factory=dict)
    lost: bool = False  # did a difference reach a node that cannot be run a second time?

    # ---- saving ----------------------------------------------------------------------------------

    def keep(self, name: str, field: str, saved: Kept) -> None:
        """Remember the numbers that a node has just saved: a copy while there is room, else a hash."""
        array = saved.numbers
        if array is None:
            return
        data: bytes | int = array.tobytes() if array.nbytes <= LARGE else self._copy(array)
        size = self.size + len(data)
        if size <= BUDGET:
            self.size = size
        else:
            data = hash(data)
        kept = self.kept.get(name)
        if kept is None:
            self.kept[name] = [(field, saved, data)]
        else:
            kept.append((field, saved, data))

    def _copy(self, array: np.ndarray) -> bytes:
        """The bytes of a large array: those of the last copy, if nothing was written since."""
        address = array.ctypes.data
        copied = self.recent.pop(address, b"")
        if not is_as(array, copied):
            copied = array.tobytes()
        self.recent[address] = copied
        if len(self.recent) > RECENT:
            del self.recent[next(iter(self.recent))]
        return copied

    def forget(self, name: str) -> None:
        """A node has let go of what it saved, or is gone."""
        for _, _, data in self.kept.pop(name, ()):
            if type(data) is bytes:
                self.size -= len(data)

    # ---- use -------------------------------------------------------------------------------------

    def cares(self, name: str) -> bool:
        """Is there anything to look at when this node has run?"""
        return name in self.kept or bool(self.missing)

    def ran(self, name: str, node: object, grads_in: Sequence, grads_out: Sequence) -> list[Changed]:
        """A node has run on these gradients: did it use what it had saved? The new finds."""
        kept = self.kept.get(name)
        changed = self._changed(kept) if kept else {}
        missing = self.missing.pop(node, None) if self.missing else None
        if not changed and missing is None:
            return []
        if node.variable is not None:
            self._arrived(node.variable, missing)
            return []
        right, grads = {f: kept for f, (kept, _) in changed.items()}, self._arrays(grads_in)
        out = self._arrays(grads_out)
        finds = []
        if changed:
            true = self.library.rerun(node, grads, right)
            if true is None or _differ(out, true):  # else the numbers did not matter
                finds = [
                    Changed(name, field, saved.version, _copies(out), true and _copies(true))
                    for field, (_, saved) in changed.items()
                ]
            self.found += finds
        true = self.library.rerun(node, _sum(grads, missing), right)
        if true is None:
            self.lost = True
        else:
            self._send(node, out, true)
        return finds

    def _changed(self, kept: list[Copied]) -> dict[str, tuple[np.ndarray | None, Kept]]:
        """The fields whose numbers are others, with the numbers at save where there is a copy."""
        changed = {}
        for field, saved, before in kept:
            array = saved.numbers
            if array is None or saved.found != saved.version:
                continue
            if not is_as(array, before):
                same_size = isinstance(before, bytes) and len(before) == array.nbytes
                copied = np.frombuffer(before, array.dtype).reshape(array.shape) if same_size else None
                changed[field] = copied, saved
        return changed

    def _send(self, node: object, out: Sequence, true: Sequence) -> None:
        """Let the difference arrive where the edges lead."""
        for edge, computed, right in zip(node.edges, out, true):
            if edge is None or (computed is None and right is None):
                continue
            difference = _difference(computed, right)
            if np.any(difference):
                follower, number = edge
                grads = self.missing.setdefault(follower, {})
                grads[number] = grads[number] + difference if number in grads else difference

    def _arrived(self, leaf: object, missing: dict[int, np.ndarray]) -> None:
        grad = self.library.grad_of(leaf)
        if grad is None:
            return
        computed = self.library.array(grad).copy()
        self.leaves.append(Leaf(leaf, computed, computed + missing[0]))

    def _arrays(self, grads: Sequence) -> list[np.ndarray | None]:
        return [None if each is None else self.library.array(each) for each in grads]

    def finish(self) -> tuple[list[Changed], list[Leaf], bool]:
        """All that one backward has found; the next starts with nothing found."""
        all_of_it = self.found, self.leaves, self.lost
        self.found, self.leaves, self.missing, self.lost = [], [], {}, False
        return all_of_it


def is_as(array: np.ndarray, before: bytes | int) -> bool:
    """Does the array hold these bytes, or bytes of this hash?

    A large one is compared where it lies: memory for a copy would cost more than the comparison.
    """
    if type(before) is bytes and len(before) == array.nbytes > LARGE and array.flags.c_contiguous:
        words = "u8" if array.nbytes % 8 == 0 else "u1"
        return np.array_equal(array.ravel().view(words), np.frombuffer(before, words))
    data = array.tobytes()
    return data == before if type(before) is bytes else hash(data) == before


def _copies(grads: Sequence) -> list[np.ndarray | None]:
    """Copies: who holds on to a gradient itself keeps the engine from giving it away as it is."""
    return [None if each is None else np.array(each) for each in grads]


def _sum(grads: Sequence, more: dict[int, np.ndarray] | None) -> list:
    total = list(grads)
    for number, each in (more or {}).items():
        total[number] = each if total[number] is None else total[number] + each
    return total


def _differ(computed: Sequence, true: Sequence) -> bool:
    """Is one of these gradients another than it should be? (nan is nan.)"""
    return not all(
        (a is None and b is None)
        or np.array_equal(0 if a is None else a, 0 if b is None else b, equal_nan=True)
        for a, b in zip(computed, true)
    )


def _difference(computed: np.ndarray | None, true: np.ndarray | None) -> np.ndarray:
    if computed is None:
        return true.copy()
    return -computed if true is None else true - computed
