"""A story: an error of autograd as the lines of the user's code that led to it, and how to mend it.

Plain data, and the sentences made from it. Code stands between backticks, every line is given with
its number, and nothing depends on the machine or on memory addresses.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from itertools import groupby

from .events import Place

TOLD = 4  # writes: of more than these, the first and the last are told, and how many there were


@dataclass(frozen=True, slots=True)
class Share:
    """How a tensor came to look at another's memory: `c = out.detach()`, on this line.

    `to_saved`: it is the saved tensor that was made so, not the one that was written.
    """

    alias: str
    expression: str
    how: str
    source: str
    place: Place | None
    to_saved: bool = False

    @property
    def statement(self) -> str:
        same = self.alias == self.expression
        return self.alias if same else f"{self.alias} = {self.expression or self.how}"


@dataclass(frozen=True, slots=True)
class Write:
    """One write since the tensor was saved. `through`: the aliases by which it reached that tensor.

    `untracked`: it was under `no_grad()`, to what requires grad; a new tensor made there would not.
    `to_leaf`: as the update of a parameter, which has to be in place.
    """

    op: str
    tensor: str
    statement: str
    before: int
    after: int
    place: Place | None
    through: tuple[Share, ...] = ()
    untracked: bool = False
    to_leaf: bool = False


@dataclass(frozen=True, slots=True)
class Save:
    """Who saved the tensor, as what, and at which version."""

    op: str
    node: str
    field: str
    tensor: str
    version: int
    place: Place | None


@dataclass(frozen=True, slots=True)
class Gradient:
    """The gradient of a leaf as it was computed, and as it should be, in words."""

    tensor: str
    computed: str
    true: str


@dataclass(frozen=True, slots=True)
class Story:
    """What led to an error, in words (`text`) and as fields. `str` of it is the text.

    `kind` is one of `written` (a saved tensor was written), `silent` (it was, and nobody noticed),
    `freed` (backward a second time), `cut` (no `grad_fn` to follow), `leaf`, `view` (a write that is
    refused), `ungiven` (a `.grad` is None). `unseen` counts the writes that nobody recorded. `fix` is
    the mended line, or several.
    """

    kind: str
    message: str
    text: str
    fix: str = ""
    place: Place | None = None
    saved: Save | None = None
    writes: tuple[Write, ...] = ()
    unseen: int = 0
    gradients: tuple[Gradient, ...] = ()

    def __str__(self) -> str:
        return self.text


def at(place: Place | None, home: Place | None) -> str:
    """Where something is, for a reader who looks at the file in which the error was raised.

    >>> here = Place("cell", 4, "c.zero_()")
    >>> at(here, here), at(Place("nets.py", 7, "", "forward"), here)
    ('line 4', 'nets.py, line 7, in `forward`')
    """
    if place is None:
        return "before the recording"
    file = "" if home is None or place.file == home.file else f"{place.file}, "
    same = home is not None and (place.file, place.function) == (home.file, home.function)
    function = "" if same or place.function.startswith("<") else f", in `{place.function}`"
    return f"{file}line {place.line}{function}"


def written(saved: Save, writes: tuple[Write, ...], unseen: int, found: int, home: Place) -> str:
    """The story of a saved tensor that was written, without the fix."""
    told = clauses(writes, saved, home)
    if unseen:
        times = "once" if unseen == 1 else f"{unseen} times"
        told.append(f"it was{' also' * bool(told)} written {times} where the recording did not see it")
    by = f"`{saved.tensor}`" if saved.tensor else "it"
    return (
        f"{'; '.join(told)}; {saved.op} saved {by} at version {saved.version} "
        f"({at(saved.place, home)}), and it is now at version {found}."
    )


def clauses(writes: tuple[Write, ...], saved: Save, home: Place) -> list[str]:
    """What each write did, one clause for the same one over and over."""
    told = [_group(list(group), saved, home) for _, group in groupby(writes, _sort_of)]
    if len(told) > TOLD:
        told = [*told[: TOLD - 1], f"{len(told) - TOLD} more wrote it too", told[-1]]
    return told


def _sort_of(write: Write) -> tuple:
    return dataclasses.replace(write, op="", before=0, after=0)


def _group(writes: list[Write], saved: Save, home: Place) -> str:
    """One clause for a write, or for the same one over and over."""
    first = writes[0]
    times = f", {len(writes)} times" if len(writes) > 1 else ""
    return f"`{first.statement}` ({at(first.place, home)}{times}) wrote {_what(first, saved, home)}"


def _what(write: Write, saved: Save, home: Place) -> str:
    if not write.through:
        if not write.tensor:
            return "it"
        if not saved.tensor:
            return f"`{write.tensor}` itself"
        if set(write.tensor.split(" = ")) & set(saved.tensor.split(" = ")):  # by one of its names
            return f"`{saved.tensor}` itself"
        return f"the storage that `{saved.tensor}` shares with `{write.tensor}`"
    links = [
        f"`{each.statement}`" + f" ({at(each.place, home)})" * (each.place != write.place)
        for each in write.through
    ]
    ends = {each.to_saved for each in write.through}
    if ends == {False}:
        shared = f"the storage that `{saved.tensor}` shares with {links[0]}"
    elif ends == {True}:
        shared = f"the storage that {links[0]} shares with `{write.tensor}`"
    else:
        return f"the storage that {' and '.join(links)} share"
    return shared + (f", by way of {' and '.join(links[1:])}" if links[1:] else "")
