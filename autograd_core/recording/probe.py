"""Look at one backward of a rerun, and push the leaves a little to see whether its gradients are right.

Finite differences ask: if a leaf were a little larger, how much larger would the result be? Autograd answers
for the graph alone: what was detached, or computed without gradients, counts as constant. So in a pushed run
everything that is cut from the graph is set back to the numbers of the run that was not pushed. A leaf is
pushed again each time that something outside the graph overwrites it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType, ModuleType

import numpy as np

from ..frames import is_the_users
from ..graph import AccumulateGrad, Node
from ..tensor import Tensor

RERUN = f"{__package__}.rerun"  # whose frame is the outermost of a rerun
Key = tuple[str, object]  # a leaf: ("name", its variable) or ("made", the how many-th tensor made)


class Reached(BaseException):
    """The backward that was waited for is there, or over."""


class Probe:
    """Listens to a rerun. `backward` counts from 1: which one is looked at.

    Without `push` it notes the numbers of all that is cut from the graph, the roots of that backward and
    what it adds to each leaf. With the probe of such a run and with `push`, one array per leaf, it sets
    the leaves off by that much and stops where the backward begins.
    """

    def __init__(
        self, backward: int, base: Probe | None = None, push: dict[Key, np.ndarray] | None = None
    ) -> None:
        self.backward, self.base, self.push = backward, base, push or {}
        self.count = self.made = self.moment = 0
        self.keys: dict[int, tuple[Tensor, Key]] = {}  # by address; the tensor, so that it stays there
        self.constants: dict[int, np.ndarray] = {}  # by moment: the numbers of what is cut
        self.last_write: dict[int, int] = {}  # by the moment of an alias: when its memory was written
        self.aliases: list[tuple[int, Tensor]] = []
        self.roots: list[np.ndarray] = []
        self.weights: list[np.ndarray | None] = []
        self.root_nodes: list[tuple[Node | None, int]] = []
        self.leaves: dict[Key, np.ndarray] = {}
        self.grads: dict[Key, np.ndarray] = {}
        self.names: dict[Key, str] = {}  # what the leaves are called
        self.error: BaseException | None = None  # with which that backward ended, caught or not

    def known(self, names: dict[str, object]) -> None:
        """The variables there are at the beginning."""
        for name, value in names.items():
            if isinstance(value, Tensor) and id(value) not in self.keys:
                self._meet(value, ("name", name))

    def called(self, names: dict[str, object]) -> None:
        """The variables there are at the end."""
        for name, value in names.items():
            if isinstance(value, Tensor) and id(value) in self.keys:
                self.names.setdefault(self.keys[id(value)][1], name)

    def _meet(self, tensor: Tensor, key: Key) -> None:
        self.keys[id(tensor)] = tensor, key
        if key in self.push:
            tensor._array[...] += self.push[key]

    def _constant(self, array: np.ndarray) -> None:
        """These numbers are no part of the graph: note them, or set them back."""
        if self.base is None:
            self.constants[self.moment] = array.copy()
        elif (was := self.base.constants.get(self.moment)) is not None and was.shape == array.shape:
            array[...] = was

    # ---- what the core says ----------------------------------------------------------------------

    def created(self, tensor: Tensor, op: str) -> None:
        self.moment += 1
        if id(tensor) not in self.keys and tensor._grad_fn is None:
            self.made += 1
            self._meet(tensor, ("made", self.made))

    def op_ran(self, op: str, inputs: Sequence[object], outputs: Sequence[Tensor]) -> None:
        self.moment += 1
        for out in outputs:
            if not out.requires_grad:
                self._constant(out._array)

    def alias_made(self, source: Tensor, alias: Tensor, how: str) -> None:
        self.moment += 1
        if alias.requires_grad or not source.requires_grad:
            return
        if self.base is None:
            self.aliases.append((self.moment, alias))
            self.constants[self.moment] = alias._array.copy()
        elif self.moment not in self.base.last_write:
            # Nobody writes this memory later, so nobody can tell that it is not shared.
            alias._array, alias._storage = self.base.constants[self.moment].copy(), None

    def written(self, tensor: Tensor, op: str, before: int, inputs: Sequence[object]) -> None:
        self.moment += 1
        if self.base is None:
            for moment, alias in self.aliases:
                if np.may_share_memory(alias._array, tensor._array):
                    self.last_write[moment] = self.moment
        if tensor._grad_fn is None:
            self._constant(tensor._array)
            _, key = self.keys.get(id(tensor), (None, None))
            if key in self.push:
                tensor._array[...] += self.push[key]

    def changed(self, tensor: Tensor, op: str) -> None:
        self.moment += 1
        if tensor._requires_grad and tensor._grad_fn is None and id(tensor) not in self.keys:
            self.made += 1  # what was computed is a leaf from now on: `(randn(3) * 0.1).requires_grad_()`
            self._meet(tensor, ("made", self.made))

    def backward_started(self, roots: Sequence[Tensor]) -> None:
        self.count += 1
        if self.count == self.backward:
            self.roots = [root._array.copy() for root in roots]
            self.root_nodes = [(root._grad_fn, root._output_nr) for root in roots]
            self.weights = [None] * len(roots)
            if self.base is not None:
                raise Reached

    def node_ran(self, node: Node, grads_in: Sequence, grads_out: Sequence) -> None:
        if self.count != self.backward:
            return
        arrays = [each._array if isinstance(each, Tensor) else each for each in grads_in]
        for index, (root, number) in enumerate(self.root_nodes):
            if root is node and self.weights[index] is None and arrays[number] is not None:
                self.weights[index] = np.array(arrays[number])
        if isinstance(node, AccumulateGrad) and arrays[0] is not None:
            leaf = node.variable
            key = self.keys.get(id(leaf), (None, ("made", None)))[1]
            self.grads[key] = np.array(arrays[0])
            self.leaves[key] = leaf._array.copy()

    def backward_ended(self) -> None:
        if self.count == self.backward:
            self._reached(sys._getframe(1))

    def _reached(self, frame: FrameType | None) -> None:
        """Stop here, with what the leaves are called in the functions that are still running."""
        while frame is not None and frame.f_globals.get("__name__") != RERUN:
            if is_the_users(frame):
                held = dict(frame.f_locals)
                for name, value in held.items():
                    if not isinstance(value, (Tensor, ModuleType, type)):
                        self.called({f"{name}.{of}": part for of, part in _parts(value).items()})
                self.called(held)
            frame = frame.f_back
        raise Reached

    def failed(self, error: BaseException, node: Node | None) -> None:
        if self.count == self.backward and self.error is None:
            self.error = error
            self._reached(sys._getframe(1))

    def value(self) -> float:
        """What the backward differentiates: the sum of its roots, each by the gradient it began with."""
        weights = (self.base or self).weights
        return float(
            sum(
                np.sum(root.astype(np.float64) * (1 if weight is None else weight))
                for root, weight in zip(self.roots, weights)
            )
        )

    def _nothing(self, *args: object) -> None:
        pass

    shown = grad_set = hook_registered = hook_removed = hook_ran = handed = _nothing
    accumulated = freed = made_by_backward = _nothing


def _parts(value: object) -> dict[str, object]:
    """The attributes of an object, as its own dictionary has them."""
    return dict(getattr(value, "__dict__", None) or {})
