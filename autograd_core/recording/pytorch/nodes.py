"""What stands for a PyTorch node in a recording.

The surprising idea: the Python object that `grad_fn` gives is made anew whenever somebody asks, and holding
on to it would keep alive all that the node has saved. But each node has a dictionary of its own for notes
(`metadata`), which lives exactly as long as the node. What is put there is our `Face` of it: the same object
each time, and gone when the node is.

The version with which a tensor was saved is kept where Python cannot read it. It is the tensor's own version
at that moment, so it is read right after the operation, from `_raw_saved_*`, which never raises.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

from .memory import address, grad_fn_of, numbers, version

KEY = "autograd_core"  # in a node's metadata
RAW = "_raw_saved_"
FUNCTIONS = "_raw_saved_tensors"  # where a user's Function keeps them


class Kind(NamedTuple):
    """A class of nodes: its name, and where its nodes may keep tensors (the attribute, and its field)."""

    name: str
    fields: tuple[tuple[str, str], ...]
    frees: bool  # does such a node let go of something when it has run?


class Face:
    """A node: `edges`, `sequence_nr`, `kind`, `variable` as in the core, and what it has `saved()`.

    `node` is PyTorch's own object, as long as a backward runs through it; else None.
    """

    __slots__ = ("kind", "frees", "edges", "sequence_nr", "variable", "kept", "node", "__weakref__")

    def __init__(self, node: object, edges: tuple[tuple[Face, int] | None, ...] = ()) -> None:
        kind = kind_of(type(node))
        self.kind, self.frees, self.edges = kind.name, kind.frees, edges
        self.variable = node.variable if self.kind == "AccumulateGrad" else None
        self.sequence_nr = node._sequence_nr()
        self.kept: dict[str, Kept] = {}
        self.node: object | None = None

    def saved(self) -> dict[str, Kept]:
        return self.kept

    @property
    def keeps(self) -> bool:
        """Does a node of this kind let go of something when it has run?"""
        return self.frees or bool(self.kept)

    def keep(
        self,
        node: object,
        outputs: Sequence[torch.Tensor],
        before: Mapping[int, int],
        known: Sequence[Container[int]],
    ) -> set[int]:
        """Note what the node has saved just now; of that, the addresses of what nobody else has seen.

        `before` has the versions, from before the operation, of the tensors that it wrote: an operation
        saves what it is given before it writes, and its result after. `known` are the tensors, by address,
        that the user may have: a number among the arguments is saved as a tensor, too, which is nobody's.
        """
        inner = set()
        for field, raw in raw_saved(node):
            data = raw.data
            if data is None or raw.unpack_hook is not None or not isinstance(data, torch.Tensor):
                continue  # nothing is kept there, or the user's hooks keep it
            output_nr = None
            for number, out in enumerate(outputs):
                if data is not out and _is_result(data, out, node):
                    output_nr = number
                    break
            else:
                if not any(id(data) in each for each in known):
                    if data.ndim == 0 and data.is_leaf:
                        continue
                    inner.add(id(data))
            at = version(data)
            if before and output_nr is None and id(data) in before:
                at = before[id(data)]
            self.kept[field] = Kept(self, field, data, output_nr, at)
        return inner

    def settle(self) -> None:
        """Let go of the tensors: from now on only the node itself keeps them."""
        for each in self.kept.values():
            each.tensor = each.data = None


class Kept:
    """One tensor that a node keeps: which, and at which version. `tensor` is there while it is told."""

    __slots__ = ("face", "field", "tensor", "data", "output_nr", "version")
    counted = True

    def __init__(
        self, face: Face, field: str, data: torch.Tensor, output_nr: int | None, version: int
    ) -> None:
        self.face, self.field, self.version = weakref.ref(face), field, version
        self.data: torch.Tensor | None = data
        self.tensor = data if output_nr is None else None
        self.output_nr = output_nr

    def now(self) -> torch.Tensor | None:
        """The saved tensor, whatever its version; None where nobody can ask the node for it."""
        face = self.face()
        if self.data is not None or face is None or face.node is None:
            return self.data
        try:
            return dict(raw_saved(face.node))[self.field].data
        except RuntimeError:  # it is freed
            return None

    @property
    def found(self) -> int:
        data = self.now()
        return self.version if data is None else version(data)

    @property
    def numbers(self) -> np.ndarray | None:
        data = self.now()
        return None if data is None else numbers(data)


def _is_result(data: torch.Tensor, out: torch.Tensor, node: object) -> bool:
    """Is this saved tensor an output of the node itself? It comes back as another tensor, without history."""
    return (
        data.grad_fn is None
        and address(data) == address(out)
        and data.shape == out.shape
        and grad_fn_of(out) is node
    )


@functools.cache
def kind_of(cls: type) -> Kind:
    found = sorted((each for each in dir(cls) if each.startswith(RAW)), key=lambda each: "result" in each)
    fields = [(each, "saved_tensors" if each == FUNCTIONS else each[len(RAW) :]) for each in found]
    frees = cls.__name__ == "CopySlices" or any(each != FUNCTIONS for each in found)
    return Kind(cls.__name__, tuple(fields), frees)


def raw_saved(node: object) -> list[tuple[str, object]]:
    """The fields of a node that may keep a tensor, inputs first, those of a list one by one."""
    found = []
    for attribute, field in kind_of(type(node)).fields:
        try:
            raw = getattr(node, attribute)
        except RuntimeError:  # it is freed
            continue
        if isinstance(raw, (tuple, list)):
            found += [(f"{field}[{i}]", each) for i, each in enumerate(raw)]
        else:
            found.append((field, raw))
    return found


def face_of(node: object) -> Face:
    """The face of this node. Those of all nodes behind it are made first, with a loop: graphs are deep."""
    known = node.metadata.get(KEY)
    if known is not None:
        return known
    unseen, order = [node], []
    while unseen:
        each = unseen.pop()
        if KEY not in each.metadata:
            each.metadata[KEY] = Face(each)
            order.append(each)
            unseen += [behind for behind, _ in each.next_functions if behind is not None]
    for each in order:
        each.metadata[KEY].edges = tuple(
            None if behind is None else (behind.metadata[KEY], number)
            for behind, number in each.next_functions
        )
    return node.metadata[KEY]


def graph(roots: Iterable[object]) -> dict[Face, object]:
    """These nodes and all behind them, by their faces."""
    unseen, found = list(roots), {}
    while unseen:
        each = unseen.pop()
        face = each.metadata.get(KEY) or face_of(each)
        if face not in found:
            found[face] = each
            unseen += [behind for behind, _ in each.next_functions if behind is not None]
    return found


def new_behind(node: object) -> list[object]:
    """This node and those behind it that have come into being just now: they get their faces here."""
    if KEY in node.metadata:
        return []
    edges = []
    for behind, number in node.next_functions:
        if behind is None:
            edges.append(None)
        elif (face := behind.metadata.get(KEY)) is not None:
            edges.append((face, number))
        else:
            break
    else:  # mostly it is this node alone
        node.metadata[KEY] = Face(node, tuple(edges))
        return [node]
    unseen, new = [node], {}
    while unseen:
        each = unseen.pop()
        if KEY not in each.metadata and id(each) not in new:
            new[id(each)] = each
            unseen += [behind for behind, _ in each.next_functions if behind is not None]
    face_of(node)
    return list(new.values())
