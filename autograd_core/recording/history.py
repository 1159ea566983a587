"""What a story has to know of a run: who wrote, who saved, who shares memory, and on which line.

One pass over the events, which remembers what `State` forgets: a state says how things are, a history
says how they became so. Names that a tensor has lost meanwhile are remembered, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import events as e
from .state import CUTS, State
from .trace import Trace


@dataclass(slots=True)
class History:
    """The state at the end, and for each thing the event that made it so, with its line."""

    state: State = field(default_factory=State)
    names: dict[str, str] = field(default_factory=dict)  # of tensors, as they were known last
    made: dict[str, e.TensorCreated] = field(default_factory=dict)
    made_by: dict[str, e.OpRan] = field(default_factory=dict)  # tensors, by what computed them
    aliases: dict[str, e.AliasMade] = field(default_factory=dict)  # by the tensor that was made
    cuts: dict[str, e.TensorChanged] = field(default_factory=dict)  # tensors cut by `detach_`
    lost: set[str] = field(default_factory=set)  # tensors without the history of what they are of
    saves: dict[tuple[str, str], e.TensorSaved] = field(default_factory=dict)
    writes: list[tuple[e.VersionBumped, str]] = field(default_factory=list)  # and what was written
    updates: dict[int, bool] = field(default_factory=dict)  # writes that no graph knows of: to a leaf?
    freed: dict[str, e.Place | None] = field(default_factory=dict)  # nodes, by the backward's line
    called: dict[tuple[str, str], str] = field(default_factory=dict)  # inputs of nodes, at that moment
    born: dict[str, int] = field(default_factory=dict)  # nodes, by the number of the event
    died: dict[str, int] = field(default_factory=dict)  # freed nodes, likewise
    nodes: dict[str, e.Place] = field(default_factory=dict)  # by the line that made them
    shown: list[e.MemoryShown] = field(default_factory=list)
    changes: list[e.MemoryWritten] = field(default_factory=list)
    moved: list[e.MemoryChanged] = field(default_factory=list)
    when: dict[int, int] = field(default_factory=dict)  # the number of each event, by its `id`
    making: e.Place | None = None  # the line of the operation whose nodes are told
    backward: e.Place | None = None  # the line of the latest backward
    backwards: list[int] = field(default_factory=list)  # by the number of the event
    roots: tuple[str, ...] = ()

    def name(self, tensor: str) -> str:
        """What a reader calls this tensor, even if the variable holds another one by now.

        Empty for a tensor that nobody has named and that is older than the recording.
        """
        made = self.made.get(tensor)
        return self.names.get(tensor) or (made and (made.expression or (made.place and made.op))) or ""

    def whole(self, tensor: str) -> str:
        """What a tensor is a view of in the end, as far as no cut lies between."""
        while tensor in self.aliases and self.aliases[tensor].how not in CUTS:
            tensor = self.aliases[tensor].source
        return tensor

    def latest_write(self) -> tuple[str, e.Place | None]:
        event, _ = self.writes[-1]
        return event.op, event.place

    def tracks(self, tensors: tuple[str, ...]) -> bool:
        """Does one of these tensors require grad now?"""
        known = [self.state.tensors.get(each) for each in tensors]
        return any(each is not None and each.requires_grad for each in known)

    def carried(self, since: int) -> tuple[str, e.Place] | None:
        """The tensor by which the latest backward comes into an earlier round, and the line that took it up.

        It was made before this event, by a line that has run again since; None where there is none.
        """
        again = {place for node, place in self.nodes.items() if self.born.get(node, -1) > since}
        unseen = [self.state.tensors[each].grad_fn for each in self.roots if each in self.state.tensors]
        seen = set(unseen)
        while unseen:
            node = unseen.pop(0)
            known = self.state.nodes.get(node)
            for edge in known.next_functions if known else ():
                behind = edge and self.state.nodes.get(edge.node)
                if behind is None or behind.variable is not None or edge.node in seen:
                    continue
                is_new, leads_to_new = (self.born.get(each, -1) > since for each in (node, edge.node))
                made, rounds = self.born.get(edge.node, -1), self.backwards
                is_older = any(made < each < since for each in rounds)  # a backward lies between
                if is_older and is_new and not leads_to_new and node in self.nodes and self.nodes.get(edge.node) in again:
                    for tensor in self.state.tensors.values():
                        if tensor.grad_fn == edge.node and tensor.id in self.names:
                            name = self.called.get((node, tensor.id), self.names[tensor.id])
                            return name.split(" = ")[0], self.nodes[node]
                seen.add(edge.node)
                unseen.append(edge.node)
        return None

    def statement(self, tensor: str) -> str:
        """The code that made a tensor, as `c = out.detach()`, or as much as is known of it."""
        made = self.made.get(tensor)
        how = (made.expression or made.op) if made else ""
        name = self.names.get(tensor, "")
        return " = ".join(each for each in (name, how) if each)

    def place(self, tensor: str) -> e.Place | None:
        made = self.made.get(tensor)
        return made and made.place


def history(trace: Trace, until: e.Event) -> History:
    """Read a trace up to this event."""
    past = History(state=trace.base.copy())
    for number, event in enumerate(trace.events):
        past.state.apply(event)
        past.when[id(event)] = number
        if not isinstance(event, e.NodeCreated):
            past.making = event.place if isinstance(event, e.OpRan) else None
        match event:
            case e.Named():
                known = past.state.tensors.get(event.tensor)
                if event.names and known is not None:
                    past.names[event.tensor] = known.name
            case e.TensorCreated():
                past.made[event.tensor] = event
                if event.grad_fn is not None and event.place is not None:
                    past.nodes.setdefault(event.grad_fn, event.place)
            case e.TensorChanged():
                if event.grad_fn is not None and event.place is not None:
                    past.nodes.setdefault(event.grad_fn, event.place)
                if event.op == "detach_":
                    past.cuts[event.tensor] = event
                if past.writes and (event.op, event.place) == past.latest_write():
                    past.updates.pop(id(past.writes[-1][0]), None)
            case e.OpRan():
                if event.node is not None:
                    past.called |= {(event.node, each): past.name(each) for each in event.inputs}
                past.made_by.update(dict.fromkeys(event.outputs, event))
                if event.node is None and past.tracks(event.inputs):
                    past.lost.update(event.outputs)
                if event.node is not None and event.place is not None:
                    past.nodes.setdefault(event.node, event.place)
            case e.AliasMade():
                past.aliases[event.alias] = event
                if event.how in CUTS and past.tracks((event.source,)):
                    past.lost.add(event.alias)
            case e.TensorSaved():
                past.saves[event.node, event.field] = event
            case e.VersionBumped():
                past.writes.append((event, past.name(event.tensor)))
                written = past.state.tensors.get(past.whole(event.tensor))
                if written is not None and written.requires_grad:
                    past.updates[id(event)] = written.is_leaf
            case e.BackwardStarted():
                past.backward, past.roots = event.place, event.roots
                past.backwards.append(number)
            case e.NodeCreated():
                past.born[event.node] = number
                if past.making is not None and event.variable is None:
                    past.nodes.setdefault(event.node, past.making)
            case e.NodeFreed():
                past.died[event.node] = number
                past.freed[event.node] = past.backward
            case e.MemoryShown():
                past.shown.append(event)
            case e.MemoryWritten():
                past.changes.append(event)
            case e.MemoryChanged():
                past.moved.append(event)
        if event is until:
            break
    return past
