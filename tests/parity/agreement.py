"""A program recorded on both sides: the core and PyTorch tell the same events."""

from __future__ import annotations

import contextlib
import io
import warnings
from types import ModuleType

from autograd_core import record
from autograd_core.recording.events import Event

from .compare import roughly
from .program import Program
from .sentences import sentence


def events(program: Program, module: ModuleType, backend: str) -> list[Event]:
    """What a recording tells of this program; what it prints, warns and raises is left aside."""
    names: dict[str, object] = {"torch": module}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with record(None, backend=backend, names=names) as trace:
            for statement in program.statements:
                with contextlib.suppress(Exception):
                    statement.run(names)
    return trace.events


def same(one: Event, other: Event) -> bool:
    """Are these events the same, but for the last digits of numbers and PyTorch's names of types?"""
    left, right = (sentence(repr(each)) for each in (one, other))
    return left == right or roughly(left, right)


def first_difference(ours: list[Event], theirs: list[Event]) -> str:
    """Where the two part, in words; empty where they agree to the end."""
    for number, (one, other) in enumerate(zip(ours, theirs)):
        if not same(one, other):
            return f"event {number}:\n    the core tells {one}\n    PyTorch does   {other}"
    if len(ours) != len(theirs):
        more, who = max((ours, "the core"), (theirs, "PyTorch"), key=lambda pair: len(pair[0]))
        return f"{who} tells more: {more[min(len(ours), len(theirs))]}"
    return ""
