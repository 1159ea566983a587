"""What stands in which row of a picture: storages and nodes in the order of the program, and folds.

The surprising idea: a node has no place of its own. It stands beside the storage of the tensor that
hangs on it, so a row tells what was computed and by what; only what has no such tensor (a view's
node, an in-place operation's) gets a row to itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..recording import events as e
from ..recording.state import State, TensorState
from ..recording.trace import Trace
from .folding import NAMED, TROUBLE, Fold, fold


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold hides. It has a `NodeBox` of its own, and edges in bundles."""

    nodes: tuple[str, ...]
    names: tuple[str, ...]  # of what is in each of its rows, as a reader knows it
    times: int  # how often the pattern repeats; 0 where there is none

    @property
    def title(self) -> str:
        return (
            f"⋮ {self.times} times the same" if self.times else f"⋮ {len(self.names)} rows folded"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on one line of the picture: a node or a fold, and to the right a storage."""

    node: str | None = None
    storage: str | None = None


def rows(
    end: State,
    storages: dict[str, dict[str, TensorState]],
    grad_fns: dict[tuple[str, str], None],
) -> list[Row]:
    """Storages one below the other, each with the node that it hangs on, or that adds to its leaf.

    A node with no storage of its own (an in-place op's, a view's, one whose tensor is gone) gets a
    row where the program created it.
    """
    hangs_on: dict[str, str] = {}
    for tensor, node in grad_fns:
        hangs_on.setdefault(tensor, node)
    adds_to = {node.variable: node.id for node in end.nodes.values() if node.variable is not None}
    found: list[Row] = []
    at: dict[str, int] = {}  # the place of each node among the storages
    home: dict[str, int] = {}  # and that of each tensor
    for storage, tensors in storages.items():
        home |= {tensor.id: len(found) for tensor in tensors.values()}
        first = next(iter(tensors.values())).id
        node = hangs_on.get(first) or adds_to.get(first)
        if node in at:  # a second output
            node = None
        if node is not None:
            at[node] = len(found)
        found.append(Row(node, storage))

    # Nodes' ids count up by creation: one without a place goes below all that are older.
    last, lone = 0, {}
    for node in end.nodes.values():
        if node.id in at:
            last = max(last, at[node.id]) if node.variable is None else last
        else:
            older = [at[edge.node] for edge in node.next_functions if edge and edge.node in at]
            own = [home[node.variable]] if node.variable in home else []
            last = at[node.id] = max([last, *older, *own])
            lone.setdefault(last, []).append(Row(node.id))
    return [each for place, row in enumerate(found) for each in (row, *lone.pop(place, ()))] + [
        each for more in lone.values() for each in more
    ]


def folded(
    all_rows: list[Row], end: State, storages: dict[str, dict[str, TensorState]], trace: Trace
) -> tuple[list[Row], dict[str, Folded], dict[str, str]]:
    """The rows that are drawn, the folds among them, and what is hidden, each with its fold."""
    trouble = _trouble(end, trace)
    fields: dict[str, list[str]] = {}
    for saved in end.saved:
        fields.setdefault(saved.node, []).append(saved.field)

    def kind(row: Row) -> tuple:
        node, inside = end.nodes.get(row.node), storages.get(row.storage, {"": None})
        first = next(iter(inside.values()))
        return (
            node and (node.name, *fields.get(node.id, ())),
            first and (first.op, first.expression, first.value.shape, first.value.dtype),
            len(inside),
        )

    def weight(number: int) -> int:
        row = all_rows[number]
        inside = [
            end.tensors[each] for each in storages.get(row.storage, ()) if each in end.tensors
        ]
        if row.node in trouble or any(each.id in trouble for each in inside):
            return TROUBLE
        return NAMED if any(tensor.names and not tensor.deleted for tensor in inside) else 0

    drawn: list[Row] = []
    folds: dict[str, Folded] = {}
    hidden: dict[str, str] = {}
    for each in fold([kind(row) for row in all_rows], weight):
        if not isinstance(each, Fold):
            drawn.append(all_rows[each])
            continue
        name = f"fold{len(folds)}"
        its = [all_rows[number] for number in each.rows]
        nodes = tuple(row.node for row in its if row.node is not None)
        for row in its:
            inside = storages.get(row.storage, ())
            hidden.update({each: name for each in (row.node, row.storage, *inside) if each})
        names = tuple(
            end.nodes[row.node].name if row.node else next(iter(storages[row.storage].values())).op
            for row in its
        )
        folds[name] = Folded(nodes, names, each.times)
        drawn.append(Row(name))
    return drawn, folds, hidden


def _trouble(end: State, trace: Trace) -> set[str]:
    """The nodes that raised, or whose saved tensors were ever at another version, and these."""
    trouble = {node.id for node in end.nodes.values() if node.status in ("running", "raised")}
    kept: dict[str, list[e.TensorSaved]] = {}
    freed: set[str] = set()
    for event in trace.events:
        if isinstance(event, e.TensorSaved):
            kept.setdefault(event.counter, []).append(event)
        elif isinstance(event, e.NodeFreed):
            freed.add(event.node)
        elif isinstance(event, e.SavedChanged):
            trouble |= {event.node, *(s.tensor for s in end.saved if s.node == event.node)}
        elif isinstance(event, e.VersionBumped):
            for saved in kept.get(event.counter, ()):
                if saved.expected != event.after and saved.node not in freed:
                    trouble |= {saved.node, saved.tensor}
    for saved in end.saved:
        if end.mismatched(saved):
            trouble |= {saved.node, saved.tensor}
    return trouble
