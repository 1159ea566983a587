"""How tensors, values and lists of them are put into a sentence. Code stands between backticks."""

from __future__ import annotations

from collections.abc import Iterable

from ..recording import events as e
from ..recording.state import State
from .text import ELLIPSIS, line

NAME, VALUE = 60, 60


def code(text: str) -> str:
    """`text` as code, on one line."""
    return f"`{line(text, NAME)}`"


def name(state: State, tensor: str) -> str:
    """What a reader calls this tensor, even one that the recording never met."""
    known = state.tensors.get(tensor)
    return code(known.name) if known else "a tensor made before the recording"


def grad_of(state: State, tensor: str) -> str:
    """`a.grad`, or what comes nearest where the tensor has no simple name."""
    known = state.tensors.get(tensor)
    if known is not None and known.names and known.names[0].isidentifier():
        return code(f"{known.names[0]}.grad")
    return f"the grad of {name(state, tensor)}"


def value(held: e.Value) -> str:
    """What a tensor holds, or its shape where that would be long.

    >>> value(e.Value("[1., 2.]", (2,), "float32"))
    '`[1., 2.]`'
    """
    flat = line(held.text, VALUE)
    return code(flat) if flat and not flat.endswith(ELLIPSIS) else f"values of shape {held.shape}"


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
    alive = [code(t.name) for t in state.tensors.values() if t.storage == storage and not t.deleted]
    if len(alive) > 1:
        return f"the storage that {listing(alive)} share"
    return f"the storage of {alive[0]}" if alive else f"storage {storage.upper()}"
