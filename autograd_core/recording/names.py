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

from .known import Known
from .paths import Path, Paths, Search
from .places import Files

BINDS = ("STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL")
HOMES = 64  # tensors: of more that live in objects, the latest found are named
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
        self.homes: list[Path] = []  # of tensors that no variable holds
        self.searched_at: tuple[int, int] | None = None

    def seen_from(self, frame: FrameType | None) -> list[object]:
        """Name, tensor, name, tensor, ... for this frame and its callers, inner first."""
        found: list[object] = []
        plans, known, outermost = self.plans, self.known.get, self.outermost
        for _ in range(DEEP):
            if frame is None:
                break
            plan = plans.get(id(frame.f_code)) or self.plan(frame)
            if plan.is_users:
                held, outside = frame.f_locals, frame.f_globals
                if held is not outside:
                    for name, value in held.items():
                        seen = known(id(value))
                        if seen is not None and name[0] != "_":
                            found += name, seen
                for name in plan.names:
                    seen = known(id(outside.get(name)))
                    if seen is not None:
                        found += name, seen
                for path in plan.paths:
                    value, text = path.follow(held, outside)
                    seen = known(id(value))
                    if seen is not None:
                        found += text, seen
                # A copy that the frame keeps would keep every tensor in it: it is emptied, unless the
                # user holds it too (by `locals()`), beside the frame, us, and the call that counts.
                if plan.copies and sys.getrefcount(held) <= 3:
                    held.clear()
            if frame is outermost:
                break
            frame = frame.f_back
        if self.homes:
            self.at_home(found)
        return found

    # ---- tensors that no variable holds ------------------------------------------------------------

    def roots(self) -> Mapping[str, object]:
        """The variables of whoever records."""
        if self.namespace is not None:
            return self.namespace
        return {} if self.outermost is None else self.outermost.f_locals

    def at_home(self, found: list[object]) -> None:
        """Add those that live in an object of the user's, and have no name but that."""
        named = {seen.id for seen in found[1::2]}
        roots = self.roots()
        for path in self.homes:
            value, text = path.follow(roots, {})
            seen = self.known.get(id(value))
            if seen is not None and seen.id not in named:
                named.add(seen.id)
                found += text, seen

    def search(self) -> bool:
        """Look where tensors live, once for each statement of whoever records. Is there a new home?"""
        # A cell's statements are pieces of code of their own, run from one place: each brings a plan.
        at = (-1 if self.outermost is None else self.outermost.f_lasti, len(self.plans))
        if at == self.searched_at:
            return False
        self.searched_at = at
        roots = [(name, value) for name, value in self.roots().items() if name in self.mentioned]
        nearest: dict[object, Path] = {}  # one for each tensor
        for path, seen in Search(lambda each: self.known.get(id(each))).from_(roots):
            if not is_private(path.root):
                nearest.setdefault(seen, path)
        new = [path for path in nearest.values() if path not in self.homes]
        self.homes = (self.homes + new)[-HOMES:]
        return bool(new)

    def seen_in(self, variables: Mapping[str, object]) -> list[object]:
        """The same for a namespace."""
        found: list[object] = []
        for name, value in list(variables.items()):
            seen = self.known.get(id(value))
            if seen is not None and not is_private(name):
                found += name, seen
        self.at_home(found)
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
            self.mentioned.update(code.co_names, code.co_varnames)
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
def _names(code: CodeType) -> tuple[list[str], tuple[str, ...]]:
    """The module's names that this code binds or deletes, and those that it mentions."""
    binds, mentions = [], []
    for step in dis.get_instructions(code):
        if step.opname in BINDS and not is_private(step.argval):
            binds.append(step.argval)
        elif step.opname == "LOAD_GLOBAL" and not is_private(step.argval):
            mentions.append(step.argval)
    return binds, tuple(dict.fromkeys(mentions))
