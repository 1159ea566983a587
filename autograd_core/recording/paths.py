"""The attributes and items that a piece of code spells out: `self.w`, `model.layers[0].w`, `parts[i]`.

They are found in the source, once, and followed whenever something happens, without running any code of
the user's: attributes in the object's own dictionary (a property is left alone), items in plain lists,
tuples and dictionaries.
"""

from __future__ import annotations

import ast
import functools
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import CodeType, ModuleType
from typing import NamedTuple


PARSED = 5000  # lines: a longer file is not searched
LONGEST = 6  # steps
LOOKED_AT = 300  # objects in one search
WIDEST = 100  # of one object's insides; a longer list is data: numbers in it would name nothing
MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)  # the lines of a cell that are IPython's
HEAP_TYPE = 1 << 9  # of a class that was made by a `class` statement (Py_TPFLAGS_HEAPTYPE)


class Variable(NamedTuple):
    """A subscript that is a variable: `i` in `parts[i]`."""

    name: str


class Path(NamedTuple):
    """A variable, and the steps from it: `.name` as a string in a tuple, an item as its key."""

    root: str
    steps: tuple[tuple[str, object], ...]

    @property
    def text(self) -> str:
        """
        >>> Path("net", (("item", 0), ("attribute", "weight"))).text
        'net[0].weight'
        """
        steps = (f".{key}" if kind == "attribute" else f"[{key!r}]" for kind, key in self.steps)
        return "".join((self.root, *steps))

    def follow(self, inside: Mapping, outside: Mapping) -> tuple[object, str]:
        """What is there now, and what it is called; None where the path leads nowhere."""
        root = self.root
        value = inside[root] if root in inside else outside.get(root)
        text = root
        for kind, key in self.steps:
            if value is None:
                return None, text
            if kind == "attribute":
                value, text = own(value, key), f"{text}.{key}"
            else:
                if type(key) is Variable:
                    key = inside[key.name] if key.name in inside else outside.get(key.name)
                value, text = item(value, key), f"{text}[{key!r}]"
        return value, text


# Where a module of PyTorch's keeps what looks like its attributes.
DRAWERS = ("_parameters", "_buffers", "_modules")


def own(value: object, name: str) -> object:
    """An attribute of the object's own, or None."""
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    if name in held or "_parameters" not in held:
        return held.get(name)
    return next((held[each][name] for each in DRAWERS if name in held.get(each, ())), None)


def item(value: object, key: object) -> object:
    """An item of a plain list, tuple or dictionary, or of a list of modules; or None."""
    kind = type(value)
    if type(key) is int and _has_attributes(kind):
        modules = own(value, "_modules")
        return modules.get(str(key)) if type(modules) is dict else None
    if kind is dict:
        return value.get(key) if type(key) in (str, int) else None
    if (kind is list or kind is tuple) and type(key) is int and -len(value) <= key < len(value):
        return value[key]
    return None


class Paths:
    """All paths in the user's files, each file parsed once."""

    def __init__(self, lines: Mapping[str, Sequence[str]]) -> None:
        self.lines = lines
        self.parsed: dict[str, list[tuple[int, Path]]] = {}

    def of(self, code: CodeType) -> list[Path]:
        """The paths that stand between the first and the last line of this code."""
        filename = code.co_filename
        if filename not in self.parsed:
            lines = self.lines.get(filename, ())
            self.parsed[filename] = _find("".join(lines)) if len(lines) <= PARSED else []
        lines = [line for _, _, line in code.co_lines() if line is not None]
        first, last = min(lines, default=0), max(lines, default=0)
        return list(dict.fromkeys(p for line, p in self.parsed[filename] if first <= line <= last))


@functools.lru_cache(maxsize=32)  # a cell or script is often recorded again
def _find(text: str) -> list[tuple[int, Path]]:
    """Each path in this source, with its line."""
    tree = _parsed(text) or _parsed(MAGIC.sub("", text))
    if tree is None:
        return []
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and id(node) not in called:
            path = _path(node)
            if path is not None:
                found.append((node.lineno, path))
    return sorted(found, key=lambda each: each[0])


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _path(node: ast.expr) -> Path | None:
    steps: list[tuple[str, object]] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            steps.append(("attribute", node.attr))
        elif isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Name):
                key: object = Variable(node.slice.id)
            else:
                try:
                    key = ast.literal_eval(node.slice)
                except (ValueError, TypeError):
                    return None
            steps.append(("item", key))
        else:
            return None
        node = node.value
    if len(steps) > LONGEST or any(kind == "item" and not _is_key(key) for kind, key in steps):
        return None
    return Path(node.id, tuple(reversed(steps)))


def _is_key(key: object) -> bool:
    return type(key) in (str, int, Variable)


class Search:
    """Where in the user's objects a tensor lives: `model.layers[0].w` for one that no variable holds.

    Looks into plain lists, tuples and dictionaries, and into objects of the user's own classes, into
    so `many` of them. `sought` says what of a thing is found, or None for what is none.
    """

    def __init__(self, sought: Callable[[object], object | None], many: int = LOOKED_AT) -> None:
        self.sought, self.many = sought, many

    def from_(self, roots: Iterable[tuple[str, object]]) -> Iterator[tuple[Path, object]]:
        """Each tensor sought that can be reached from these variables, nearest first, by its path.

        All of a module's parameters are as near as the module: not an optimizer's, but its own, come first.
        """
        waiting = deque((Path(name, ()), value) for name, value in roots if is_open(value))
        seen: set[int] = set()
        while waiting and len(seen) < self.many:
            path, value = waiting.popleft()
            if id(value) in seen:
                continue
            seen.add(id(value))
            at_once, deep = [], len(path.steps) < LONGEST - 1
            for step, inner in _inside(value):
                found = self.sought(inner)
                if found is not None or (deep and is_open(inner)):
                    deeper = Path(path.root, (*path.steps, step))
                    if found is not None:
                        yield deeper, found
                    else:
                        (at_once if _is_module(inner) else waiting).append((deeper, inner))
            waiting.extendleft(reversed(at_once))


def _is_module(value: object) -> bool:
    return own(value, "_parameters") is not None


def is_open(value: object) -> bool:
    """Is this something to look into?"""
    kind = type(value)
    return kind in (list, tuple, dict) or _has_attributes(kind)


@functools.lru_cache(maxsize=1024)
def _has_attributes(kind: type) -> bool:
    is_tensor = hasattr(kind, "grad_fn")  # of whatever library
    return bool(kind.__flags__ & HEAP_TYPE) and not (is_tensor or issubclass(kind, (type, ModuleType)))


def _inside(value: object) -> Iterator[tuple[tuple[str, object], object]]:
    kind = type(value)
    if kind is dict:
        inside = [(("item", key), each) for key, each in value.items() if _is_key(key)]
    elif kind is list or kind is tuple:
        inside = [(("item", number), each) for number, each in enumerate(value) if len(value) <= WIDEST]
    else:
        try:
            held = object.__getattribute__(value, "__dict__")
        except AttributeError:
            return
        own = list(held.items())
        if "_parameters" in held:
            drawers = [own for name, own in own if name in DRAWERS]
            own = [each for each in own if each[0] not in DRAWERS]
            own += [each for drawer in drawers for each in drawer.items()]
        inside = [
            (("item", int(name)) if name.isdecimal() else ("attribute", name), each)
            for name, each in own
            if type(name) is str
        ]
    yield from inside[:WIDEST]
