"""What there is at one moment of a recording, as notes: where a tape of bounded length begins anew.

The surprising idea: nothing is folded. What is known of each living tensor and node has the note that told of
it first, so it is enough to tell that again, with the numbers of now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events as e
from .known import Seen
from .library import Kept
from .state import BEFORE
from .tape import Note, part_of_kind
from .values import Held

if TYPE_CHECKING:
    from .ledger import Ledger


def inventory(ledger: Ledger) -> list[Note]:
    """The notes that tell of all that a ledger knows and that is still there."""
    nodes, tensors = ledger.nodes.living(), dict.fromkeys(ledger.tensors.values())
    saved: dict[Seen, Kept] = {}  # what nodes keep of tensors that are gone
    for node, seen in nodes:
        kept = dict(ledger.saved_by(node))
        for field, tensor, _ in seen.saved:
            if tensor() is None and field in kept:
                saved[tensor] = kept[field]
    notes = [part_of_kind(seen.made, e.NodeCreated) for _, seen in nodes]
    for seen in sorted(tensors | saved, key=lambda seen: seen.number):
        tensor = seen()
        if tensor is not None:
            version = ledger.library.version_of(tensor)
            notes += _as_it_is(ledger, seen, version, ledger.held(tensor), tensor)
        elif seen in saved:
            numbers = saved[seen].numbers
            made = part_of_kind(seen.made, e.TensorCreated)
            held = made[6] if numbers is None else ledger.held(numbers)
            notes += _as_it_is(ledger, seen, saved[seen].found, held, None)
    for _, seen in nodes:
        if seen.freed:
            notes.append((e.NodeFreed, None, seen.id))
        else:
            notes += [
                (e.TensorSaved, None, seen.id, field, kept.id, kept.counter, version)
                for field, kept, version in seen.saved
            ]
    living = {seen.id for _, seen in nodes}
    notes += [note for note in ledger.hooks.values() if note[1] is not None]
    return notes + [note for note in ledger.backward if note[0] is not e.NodeRan or note[2] in living]


def _as_it_is(
    ledger: Ledger, seen: Seen, version: int, held: Held, tensor: object | None
) -> list[Note]:
    """The notes that tell of a tensor now. If it is gone, its memory is still there."""
    made = list(part_of_kind(seen.made, e.TensorCreated))
    made[3:7] = seen.storage, seen.counter, version, held
    notes = [tuple(made), *(note for note in (seen.alias, seen.changed) if note is not None)]
    if seen.names:
        notes.append((e.Named, None, seen.id, seen.names))
    if tensor is None:
        notes.append((e.TensorDeleted, None, seen.id))
    elif (grad := ledger.library.grad_of(tensor)) is not None:
        notes.append((e.GradSet, None, seen.id, ledger.held(grad), BEFORE))
    return notes
