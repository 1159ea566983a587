"""What the user's code calls a tensor right now: `out`, `self.w`, `parts[0]`, `params["w"]`.

Names are read off the user's frames each time something happens, so this has to be quick. Of a function
all variables are looked at; of a module or cell, which may have hundreds, only those that the code may
have bound since, and those that hold a tensor of the recording. Attributes and items are looked up where
the code spells them out, by `paths` (see there); only what can be had without running any code of the
user's is looked at.
"""

from __future__ import annotations

import dis
import functools
import inspect
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType

from .homes import Homes, Scope
from .known import Known, Seen
from .paths import Path, Paths
from .places import Files

BINDS = ("STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL")
DEEP = 40  # frames: a recursion that is deeper has no new names to show


@dataclass(slots=True)
class Plan:
    """What to look at where a piece of code runs."""

    code: CodeType  # kept, so that no other code can come to have its id
    is_users: bool
    names: Collection[str]  # of the module's: those to look at
    paths: list[Path]
    copies: bool  # does its frame keep the copy of its variables that it is asked for?


class Names:
    """The names of all tensors that are known, as seen from the user's frames.

    `known` has them by address, as long as they live: so whatever lives at such an address is one.
    """

    def __init__(
        self,
        files: Files,
        known: Known,
        outermost: FrameType | None,
        namespace: Mapping[str, object] | None,
        kind: type,
    ) -> None:
        self.files, self.known, self.kind = files, known, kind
        self.outermost, self.namespace = outermost, namespace
        self.paths = Paths(files.lines)
        self.plans: dict[int, Plan] = {}
        self.watched: dict[int, dict[str, None]] = {}  # per module: the names that may hold a tensor
        self.mentioned: set[str] = set()  # all names in the code that was seen
        self.homes = Homes(known)
        # What was seen last, and what came of it: mostly it is the same as before.
        self.names: list[str] = []
        self.tensors: list[Seen | None] = []
        self.found: list[object] = []

    def seen_from(self, frame: FrameType | None) -> list[object]:
        """Name, tensor, name, tensor, ... for this frame and its callers, inner first.

        It is the same list as the last time if all is as it was.
        """
        names: list[str] = []  # all that were looked at, and the tensors that they hold, or None
        tensors: list[Seen | None] = []
        plans, known, outermost, homes = self.plans, self.known.get, self.outermost, self.homes
        homes.look += 1
        for _ in range(DEEP):
            if frame is None:
                break
            plan = plans.get(id(frame.f_code)) or self.plan(frame)
            if plan.is_users:
                held, outside = frame.f_locals, frame.f_globals
                if held is not outside:
                    names += held
                    tensors += map(known, map(id, held.values()))
                if plan.names:
                    names += plan.names
                    tensors += map(known, map(id, map(outside.get, plan.names)))
                for path in plan.paths:
                    value, text = path.follow(held, outside)
                    seen = known(id(value))
                    if seen is not None:
                        names.append(text)
                        tensors.append(seen)
                if homes.houses:
                    homes.standing(id(frame.f_code), held)
                # A copy that the frame keeps would keep every tensor in it: it is emptied, unless the
                # user holds it too (by `locals()`), beside the frame, us, and the call that counts.
                if plan.copies and sys.getrefcount(held) <= 3:
                    held.clear()
            if frame is outermost:
                break
            frame = frame.f_back
        if homes.houses:
            homes.tear_down()
        if tensors != self.tensors or names != self.names:
            self.names, self.tensors, self.found = names, tensors, []
            for name, seen in zip(names, tensors):
                if seen is not None and (name[0] != "_" or not name.isidentifier()):
                    self.found += name, seen
        return self.found

    # ---- tensors that no variable holds ------------------------------------------------------------

    def roots(self) -> Mapping[str, object]:
        """The variables of whoever records."""
        if self.namespace is not None:
            return self.namespace
        if self.outermost is None:
            return {}
        return self.outermost.f_globals | self.outermost.f_locals

    def search(self, frame: FrameType | None) -> None:
        """Look where tensors live, from the variables of all functions that run, the outer ones first."""
        scopes: list[Scope] = []
        while frame is not None and frame is not self.outermost:
            if self.files[frame.f_code.co_filename] and frame.f_locals is not frame.f_globals:
                held = frame.f_locals
                scopes.append((id(frame.f_code), self._mentioned(held)))
                if sys.version_info < (3, 13) and sys.getrefcount(held) <= 3:
                    held.clear()  # see `seen_from`
            frame = frame.f_back
        self.homes.search([(None, self._mentioned(self.roots())), *reversed(scopes)])

    def _mentioned(self, variables: Mapping[str, object]) -> dict[str, object]:
        items = list(variables.items())
        return {name: each for name, each in items if name in self.mentioned and not is_private(name)}

    def seen_in(self, variables: Mapping[str, object]) -> list[object]:
        """The same for a namespace."""
        found: list[object] = []
        for name, value in list(variables.items()):
            seen = self.known.get(id(value))
            if seen is not None and not is_private(name):
                found += name, seen
        return found

    def plan(self, frame: FrameType) -> Plan:
        """Look at a piece of code that runs here for the first time."""
        code, outside = frame.f_code, frame.f_globals
        if not self.files[code.co_filename]:
            plan = Plan(code, False, (), [], False)
        else:
            self.files.keep_source(frame)
            if id(outside) not in self.watched:
                # Older tensors may be met at any time, and by names that the code does not mention.
                self.watched[id(outside)] = dict.fromkeys(
                    name for name, value in list(outside.items()) if self._is_named(name, value)
                )
            binds, mentions = _names(code)
            self.mentioned.update(code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
            watched = self.watched[id(outside)]
            watched |= dict.fromkeys(binds)
            inside = bool(code.co_flags & inspect.CO_OPTIMIZED)
            names = mentions if inside else watched if frame.f_locals is outside else ()
            copies = inside and sys.version_info < (3, 13)
            plan = Plan(code, True, names, self.paths.of(code), copies)
        self.plans[id(code)] = plan
        return plan

    def _is_named(self, name: str, value: object) -> bool:
        # `isinstance` would ask the user's object for its `__class__`, and that may run code.
        return not is_private(name) and issubclass(type(value), self.kind)


def is_private(name: str) -> bool:
    """IPython keeps results in `_`, `__`, `_3`, ...: those are not names that a reader gave."""
    return name.startswith("_")


@functools.lru_cache(maxsize=512)
def operator_after(code: CodeType) -> dict[int, int]:
    """For the instruction of an operator: that of the next, if nothing between the two can bind a name.

    So it is within an expression, as of `a * b + c`.
    """
    following, last = {}, None
    for step in dis.get_instructions(code):
        if step.is_jump_target or not step.opname.startswith(("LOAD_", "BINARY_OP", "UNARY_NEGATIVE")):
            last = None
        if step.opname in ("BINARY_OP", "UNARY_NEGATIVE"):
            if last is not None:
                following[last] = step.offset
            last = step.offset
    return following


@functools.lru_cache(maxsize=512)
def _names(code: CodeType) -> tuple[list[str], tuple[str, ...]]:
    """The module's names that this code binds or deletes, and those that it mentions."""
    binds, mentions = [], []
    for step in dis.get_instructions(code):
        if step.opname in BINDS and not is_private(step.argval):
            binds.append(step.argval)
        elif step.opname == "LOAD_GLOBAL" and not is_private(step.argval):
            mentions.append(step.argval)
    return binds, tuple(dict.fromkeys(mentions))
