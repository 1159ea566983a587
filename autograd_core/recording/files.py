"""A trace as a file: JSON that can be read by eye, compared, and opened anywhere.

    trace.save("lesson.json")
    trace = Trace.load("lesson.json")

Opening a file runs none of its content. What is not a trace is refused with one sentence, before
anything is drawn of it: a picture of a graph that leads in a circle would never end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..errors import TraceFileError
from . import events as e
from .plain import Unfit, name_of, read, write
from .state import State

FORMAT, VERSION = "autograd_core trace", 1
MOST = 1_000_000  # events
FIELDS = {"format", "version", "dropped", "left_out", "sources", "base", "places", "events"}

Sources = dict[str, dict[int, str]]


def save(
    path: str | Path,
    events: Sequence[e.Event],
    sources: Sources,
    base: State,
    dropped: int,
    left_out: int,
) -> None:
    """Write a trace; each line of code that it speaks of stands in it once, each event on one line."""
    places: dict[e.Place, int] = {}
    lines = []
    for event in events:
        place = event.place
        record = {"event": type(event).__name__}
        if place is not None:
            record["place"] = places.setdefault(place, len(places))
        lines.append(_json(record | {k: v for k, v in write(event).items() if k != "place"}))
    head = {"format": FORMAT, "version": VERSION, "dropped": dropped, "left_out": left_out}
    head |= {"sources": write(sources), "base": write(base) if dropped else None}
    head |= {"places": [write(place) for place in places]}
    told = ",\n".join(lines)
    Path(path).write_text(f'{_json(head)[:-1]}, "events": [\n{told}\n]}}\n', encoding="utf-8")


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, allow_nan=False)


def load(path: str | Path) -> tuple[list[e.Event], Sources, State, int, int]:
    """What `save` wrote. Raises TraceFileError for what it did not write, OSError where there is none."""
    text = Path(path).read_bytes()
    try:
        return _parsed(text)
    except Unfit as wrong:
        raise TraceFileError(f"{Path(path).name} cannot be opened as a trace: {wrong}.") from None


def _parsed(text: bytes) -> tuple[list[e.Event], Sources, State, int, int]:
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Unfit(
            f"it is no JSON, or was cut off (line {error.lineno}, column {error.colno})"
        ) from None
    except UnicodeDecodeError:
        raise Unfit("it is no text") from None
    except RecursionError:
        raise Unfit("it is nested too deeply") from None
    except ValueError:
        raise Unfit("it has a number that is too long") from None
    if type(data) is not dict or data.get("format") != FORMAT:
        raise Unfit("it does not say that it is one")
    version = data.get("version")
    if type(version) is not int or version < 1:
        raise Unfit("its version is no number")
    if version > VERSION:
        raise Unfit(
            f"it was written by a newer version of autograd_core (format {version}, and this one knows "
            f"{VERSION})"
        )
    if missing := FIELDS - data.keys():
        raise Unfit(f"it has no `{min(missing)}`")
    if data.keys() - FIELDS:
        raise Unfit("it has a field that a trace does not have")
    try:
        return _read(data)
    except RecursionError:
        raise Unfit("it is nested too deeply") from None


def _no_constant(name: str) -> None:
    raise Unfit(f"{name} is no JSON")


def _read(data: dict) -> tuple[list[e.Event], Sources, State, int, int]:
    dropped, left_out = (_part(int, data, name) for name in ("dropped", "left_out"))
    if dropped < 0 or left_out < 0:
        raise Unfit("it counts below zero")
    base = State() if data["base"] is None else _part(State, data, "base")
    places = _part(list[e.Place], data, "places")
    told = data["events"]
    if type(told) is not list:
        raise Unfit("its events are no list")
    if len(told) > MOST:
        raise Unfit(f"it has {len(told)} events, and {MOST} is the most")
    events = [_event(each, places, number) for number, each in enumerate(told)]
    _Check(base).follow(events)
    return events, _part(dict[str, dict[int, str]], data, "sources"), base, dropped, left_out


def _part(kind: object, data: dict, name: str) -> object:
    try:
        return read(kind, data[name])
    except Unfit as wrong:
        raise Unfit(f"`{name}`: {wrong}") from None


def _event(data: object, places: list[e.Place], number: int) -> e.Event:
    if type(data) is not dict:
        raise Unfit(f"event {number} is {name_of(data)}")
    fields = dict(data)
    name, place = fields.pop("event", None), fields.pop("place", None)
    kind = e.KINDS.get(name) if type(name) is str else None
    if kind is None:
        raise Unfit(f"event {number} is of a kind that there is not")
    if place is not None and not (type(place) is int and 0 <= place < len(places)):
        raise Unfit(f"event {number} ({name}) has a place that there is not")
    try:
        event = read(kind, fields)
    except Unfit as wrong:
        raise Unfit(f"event {number} ({name}): {wrong}") from None
    if place is not None:
        object.__setattr__(event, "place", places[place])  # it is new, and nobody has seen it yet
    return event


class _Check:
    """Do events speak of what there is? So a graph cannot lead in a circle, nor an alias to itself."""

    def __init__(self, base: State) -> None:
        self.tensors: set[str] = set(base.tensors)
        self.nodes: set[str] = set()
        self.number = -1
        for name, tensor in base.tensors.items():
            self.demand(name == tensor.id, "a tensor stands under another's id")
            self.demand(tensor.counter in base.versions, "a tensor has a counter that there is not")
        for name, node in base.nodes.items():
            self.demand(name == node.id, "a node stands under another's id")
            self.node_created(node.id, node.next_functions, base.nodes)
        for saved in base.saved:
            self.demand(saved.node in self.nodes, "something was saved by a node that there is not")
            self.demand(saved.counter in base.versions, "something saved has no counter")
        for alias in base.aliases:
            self.alias(alias.source, alias.alias)
        for name, hook in base.hooks.items():
            self.demand(name == hook.id, "a hook stands under another's id")
        self.demand(self.nodes.issuperset(base.ran), "a node ran that there is not")
        self.made: set[str] = set(base.tensors)
        self.outputs: tuple[str, ...] = ()  # of the operation that ran last

    def demand(self, holds: bool, sentence: str) -> None:
        if not holds:
            where = "`base`" if self.number < 0 else f"event {self.number}"
            raise Unfit(f"{where}: {sentence}")

    def follow(self, events: Iterable[e.Event]) -> None:
        for self.number, event in enumerate(events):
            check = getattr(self, "_" + type(event).__name__, None)
            if check is not None:
                check(event)

    def node_created(self, node: str, edges: Sequence[e.Edge | None], others: Iterable[str]) -> None:
        self.demand(node not in self.nodes, "a node is made a second time")
        for edge in edges:
            later = edge is not None and edge.node not in self.nodes and edge.node in others
            self.demand(not later and (edge is None or edge.node != node), "an edge leads to a newer node")
        self.nodes.add(node)

    def alias(self, source: str, alias: str) -> None:
        self.demand(_number(source) < _number(alias), "an alias is older than what it is an alias of")

    def known(self, node: str | None) -> None:
        self.demand(node is None or node in self.nodes, "it speaks of a node that there is not")

    def _TensorCreated(self, event: e.TensorCreated) -> None:
        # A user's Function, or a hook, may have had it before the operation that it is a result of was over.
        again = event.tensor in self.made and event.tensor not in self.outputs
        self.demand(not again, "a tensor is made a second time")
        self.made.add(event.tensor)

    def _OpRan(self, event: e.OpRan) -> None:
        self.outputs = event.outputs

    def _NodeCreated(self, event: e.NodeCreated) -> None:
        self.node_created(event.node, event.next_functions, ())
        for edge in event.next_functions:
            self.known(edge and edge.node)

    def _AliasMade(self, event: e.AliasMade) -> None:
        self.alias(event.source, event.alias)

    def _of_a_node(self, event: e.Event) -> None:
        self.known(event.node)

    _TensorSaved: Callable = _of_a_node
    _NodeRan = _NodeFreed = _NodeDeleted = _HookRegistered = _ErrorRaised = _of_a_node


def _number(name: str) -> int:
    return int(name[1:])
