"""How tensors, values and lists of them are put into a sentence. Code stands between backticks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..recording import events as e
from ..recording.state import State, TensorState
from ..recording.values import unshown
from .text import ELLIPSIS, line

NAME, VALUE = 60, 60
ASSIGNED = {
    "copy_": " *= ",
    "fill_": " *= ",
    "index_put_": r"\[.*\] *= ",
}  # what an assignment does


def code(text: str) -> str:
    """`text` as code, on one line."""
    return f"`{line(text, NAME)}`"


def called(tensor: TensorState, place: e.Place | None = None) -> str:
    """One name for a tensor that may have several: that in the line at hand, else the first."""
    text = place.text if place else ""
    there = (
        name for name in tensor.names if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)
    )
    return next(there, tensor.names[0] if tensor.names else tensor.name)


def name(state: State, tensor: str) -> str:
    """What a reader calls this tensor, even one that the recording never met."""
    known = state.tensors.get(tensor)
    return code(called(known, state.place)) if known else "a tensor made before the recording"


def names(state: State, tensors: Iterable[TensorState]) -> str:
    """The tensors that a reader has to know apart, in a row."""
    return listing([name(state, tensor.id) for tensor in tensors])


def grad_of(state: State, tensor: str) -> str:
    """`a.grad`, or what comes nearest where the tensor has no simple name."""
    known = state.tensors.get(tensor)
    if known is not None and known.names and (own := called(known, state.place)).isidentifier():
        return code(f"{own}.grad")
    return f"the grad of {name(state, tensor)}"


def begun(said: str) -> str:
    """As a sentence begins."""
    return said[:1].upper() + said[1:]


def call(event: e.VersionBumped, state: State) -> str:
    """The user's line, if all it does is write: `c.zero_()`, `c += 1`. Else who wrote and how."""
    known = state.tensors.get(event.tensor)
    written = called(known, event.place) if known else "a tensor"
    text = event.place.text.strip() if event.place else ""
    sign = ASSIGNED.get(event.op, r" *[^\w\s=<>!]+= ")
    by, whom = re.escape(event.op), re.escape(written)
    just_that = rf"{whom}(\.{by}\(|{sign})|[\w.]*\b{by}\({whom}[,)]"
    return text if re.match(just_that, text) else f"{written}.{event.op}"


def value(held: e.Value) -> str:
    """What a tensor holds, or its shape where that would be long.

    >>> value(e.Value("[1., 2.]", (2,), "float32"))
    '`[1., 2.]`'
    """
    flat = line(held.text, VALUE)
    shown = flat and not flat.endswith(ELLIPSIS) and flat != unshown(held.shape)
    return code(flat) if shown else unshown(held.shape)


def listing(words: Iterable[str]) -> str:
    """Words in a row.

    >>> listing(["`a`", "`b`", "`c`"])
    '`a`, `b` and `c`'
    """
    *most, last = [*words] or ["nothing"]
    return f"{', '.join(most)} and {last}" if most else last


def saved_as(state: State, field: str, tensor: str) -> str:
    """What a node saved: its own result, or an input by name."""
    return "its result" if field == "result" else f"{name(state, tensor)} (as {field})"


def memory(state: State, storage: str) -> str:
    """A storage, by the tensors that live in it."""
    alive = [t for t in state.tensors.values() if t.storage == storage and not t.deleted]
    if len(alive) > 1:
        return f"the storage that {names(state, alive)} share"
    return f"the storage of {names(state, alive)}" if alive else f"storage {storage.upper()}"


def held_now(state: State, storage: str, first: str | None = None) -> str:
    """What a storage holds, to go on after its name: told by a tensor that looks at all of it.

    Where there is none, it is only told what one of them holds; rather `first` than another.
    """
    inside = [t for t in state.tensors.values() if t.storage == storage]
    inside = [t for t in inside if not t.deleted] or inside
    if not inside:
        return ""
    best = min(inside, key=lambda t: (t.part is not None, not t.names, t.id != first))
    subject = f"; {name(state, best.id)}" if best.part is not None else ", which"
    return f"{subject} now holds {value(best.value)}"
