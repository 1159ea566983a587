"""The core's answers to what a recording asks (see `library`), most of them one attribute."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from operator import attrgetter

import numpy as np

from ..engine import fit
from ..function import FunctionCtx
from ..graph import AccumulateGrad, Arrived, Node
from ..inplace import CopySlices
from ..modes import modes, no_grad
from ..observe import slot
from ..operation import OperationNode, part_of
from ..saved import SavedTensor
from ..storage import VersionCounter
from ..tensor import Tensor
from .library import Kept, Library, Look, Standing, Still
from .state import BEFORE
from .values import Held, hold, part


def version(tensor: Tensor) -> int:
    """How many writes are counted; to ask makes no counter, for then nodes would have to look for more."""
    counter = tensor._own_counter
    return 0 if counter is None else counter.value


def look(tensor: Tensor) -> Look:
    counter = tensor._own_counter
    return (
        0 if counter is None else counter.value,
        hold(tensor._array),
        tensor.requires_grad,
        tensor._output_nr,
        part(tensor),
    )


class Bare:
    """A tensor that a node keeps as it is: nobody had shared or written it by then."""

    __slots__ = ("tensor",)
    output_nr = version = 0
    counted = True

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    @property
    def found(self) -> int:
        return version(self.tensor)

    @property
    def numbers(self) -> np.ndarray:
        return self.tensor._array


def saved(node: Node) -> Iterable[tuple[str, Kept]]:
    """As `Node.saved`, but what is kept as it is stays so, for backward reads that at once."""
    if not isinstance(node, OperationNode) or node.kept is None:
        return node.saved().items()
    found = []
    for field, each in zip(node.operation.saved_fields, node.kept):
        if type(each) is Tensor:
            found.append((field, Bare(each)))
        elif isinstance(each, SavedTensor):
            found.append((field, each))
        elif isinstance(each, tuple):
            found += [(part_of(field, i), part) for i, part in enumerate(each) if part is not None]
    return found


def array(held: Tensor | np.ndarray) -> np.ndarray:
    return held._array if isinstance(held, Tensor) else held


def held(each: Tensor | np.ndarray) -> Held:
    return hold(each if type(each) is np.ndarray else array(each))


def rerun(
    node: Node, grads: Sequence[np.ndarray | None], right: dict[str, np.ndarray | None]
) -> list[np.ndarray | None] | None:
    """A copy of the node, with the right numbers in it, is run.

    None where there is no copy of the numbers, or the node runs the user's own code.
    """
    if isinstance(node, FunctionCtx) or any(each is None for each in right.values()):
        return None
    twin = _with_saved(node, right)
    before = modes.formulas, slot.listener
    modes.formulas, slot.listener = True, None
    try:
        with no_grad(), np.errstate(all="ignore"):
            results = type(twin).apply(twin, Arrived(grads), False)
            return [
                each if each is None or edge is None else fit(array(each), edge[0].outputs[edge[1]])
                for each, edge in zip(results, node.edges)
            ]
    finally:
        modes.formulas, slot.listener = before


def _with_saved(node: Node, right: dict[str, np.ndarray]) -> Node:
    """The same node, with all that it saved taken from elsewhere or trusted as it is."""
    twin = copy.copy(node)
    if isinstance(node, CopySlices):
        twin.written = _with_saved(node.written, right)
    elif isinstance(node, OperationNode):
        twin.kept = tuple(map(partial(_trusting, right), node.operation.saved_fields, node.kept))
    return twin


def _trusting(right: dict[str, np.ndarray], field: str, kept: object) -> object:
    """What is kept in this field, with the right numbers where they are known to be others."""
    if isinstance(kept, tuple):
        return tuple(_trusting(right, part_of(field, i), part) for i, part in enumerate(kept))
    return _trusted(right[field]) if field in right else kept


def _trusted(array: np.ndarray) -> SavedTensor:
    trusted = SavedTensor.__new__(SavedTensor)
    trusted.tensor, trusted.array, trusted.storage, trusted.output_nr = None, array, None, 0
    trusted.counter, trusted.version = VersionCounter(), 0
    return trusted


def standing(node: Node) -> Standing:
    saved = {
        field: Still(kept.peek(node), kept.version, stands_in=kept.tensor is None)
        for field, kept in node.saved().items()
        if kept.counted
    }
    freed = getattr(node, "kept", ()) is None or getattr(node, "written", ()) is None
    variable = node.variable if isinstance(node, AccumulateGrad) else None
    return Standing(type(node).__name__, node.edges, node.sequence_nr, variable, saved, freed)


CORE = Library(
    slot=slot,
    tensor=Tensor,
    look=look,
    node_of=attrgetter("_grad_fn"),
    saved=saved,
    version_of=version,
    grad_of=attrgetter("_grad"),
    base_of=attrgetter("_base"),
    retains_grad=attrgetter("_retains_grad"),
    shared_memory=attrgetter("_storage"),
    memory=Tensor.untyped_storage,
    content=lambda storage: storage.memory.tobytes(),
    is_shared=None,  # a storage shows its array to everybody
    reach=nullcontext,
    counter=attrgetter("_counter"),
    counted_by=lambda tensor, counter: tensor._counter is counter,
    held=held,
    array=array,
    rerun=rerun,
    task=lambda: modes.task,
    origin=lambda tensor: BEFORE,
    unheard=nullcontext,
    grad_fn=attrgetter("grad_fn"),
    standing=standing,
)
