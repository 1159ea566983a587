"""How many of what a fold hides are made, have run, or are freed: counted along, step by step.

A fold may hide thousands of nodes, and a run has as many steps. So at each step only those are
looked at again that the step's events name, and what was running before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

from ..recording import events as e
from ..recording.steps import Step
from .scene import Edge, Scene


class Tallies:
    """For each fold and each bundle of edges from one: how many of its members look how.

    `of` has a counter of looks by the id of the fold or bundle. A node's look is its status, with
    `freed`; that of an edge is what `way` says of it (None: it is not there), that of a saved one
    whether its node is freed.
    """

    def __init__(self, scene: Scene, way: Callable[[Edge], Hashable]) -> None:
        self.way = way
        self.fold_of = {node: name for name, fold in scene.folds.items() for node in fold.nodes}
        self.edges: dict[str, list[tuple[str, Edge]]] = {}  # by the hidden node that they leave
        for name, bundle in scene.bundles.items():
            for edge in bundle:
                if edge.tail in self.fold_of:
                    self.edges.setdefault(edge.tail, []).append((name, edge))
        self.of: dict[str, Counter[Hashable]] = {}
        self.looks: dict[tuple[str, str], Hashable] = {}
        self.running: set[str] = set()
        self.begun = False

    def count(self, step: Step) -> set[str]:
        """Bring the counts up to date; returns the folds and bundles in which anything changed."""
        changed: set[str] = set()
        for node in self.touched(step):
            state = step.state.nodes.get(node)
            if state is None:
                continue
            self.running.discard(node)
            if state.status == "running":
                self.running.add(node)
            self.note(self.fold_of[node], node, (state.status, state.freed), changed)
            for name, edge in self.edges.get(node, ()):
                if edge.kind == "saved" and edge.number >= len(step.state.saved):
                    continue  # the node is there, and saves it at a later step
                look = state.freed if edge.kind == "saved" else self.way(edge)
                self.note(name, edge.id, look, changed)
        return changed

    def touched(self, step: Step) -> set[str]:
        anew = any(isinstance(event, e.BackwardStarted) for event in step.events)
        if anew or not self.begun:
            self.begun = True
            return set(self.fold_of)
        named = {getattr(event, "node", None) for event in step.events}
        return (named | self.running) & self.fold_of.keys()

    def note(self, owner: str, member: str, look: Hashable, changed: set[str]) -> None:
        counts = self.of.setdefault(owner, Counter())
        before = self.looks.get((owner, member), _NEVER)
        if before != look:
            if before is not _NEVER:
                counts[before] -= 1
            counts[look] += 1
            self.looks[owner, member] = look
            changed.add(owner)

    def seen(self, owner: str) -> list[Hashable]:
        """The looks that any member of this fold or bundle has now."""
        return [look for look, count in self.of.get(owner, {}).items() if count]


_NEVER = object()


def status(counts: Counter[Hashable], total: int) -> tuple[str, bool]:
    """What a fold of `total` nodes says of itself, and whether one of them is running.

    >>> status(Counter({("waiting", False): 3}), 5)
    ('3 of 5 nodes so far', False)
    >>> status(Counter({("ran", True): 5}), 5)
    ('done, freed', False)
    """
    made = sum(counts.values())
    ran = sum(count for (look, _), count in counts.items() if look in ("running", "ran"))
    freed = sum(count for (_, freed), count in counts.items() if freed)
    running = any(count and look == "running" for (look, _), count in counts.items())
    if made < total:
        words = [f"{made} of {total} nodes so far"]
    elif running or 0 < ran < total:
        words = [f"{ran} of {total} nodes have run"]
    else:
        words = ["done"] if ran else []
    return ", ".join([*words, "freed"] if freed == total else words), running
