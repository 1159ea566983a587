"""The least that Python must do for a chain of small operations: what the core is to be held against.

    uv run --group bench python -m tests.benchmarks.floor

Here a product or a sum of two tensors is one call: it looks at the modes and at both types, computes, makes
one tensor and one node, and keeps what a gradient needs. Backward counts, sorts, unpacks with a look at the
versions, checks shapes and types, adds up and frees. There are no views, hooks, numbers, other types, no
broadcasting and no word to a recorder: it is no autograd, it only takes the time that one takes at least.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable
from operator import attrgetter
from sys import getrefcount

import numpy as np

from autograd_core.modes import modes
from autograd_core.observe import slot
from autograd_core.quiet import SILENT, hush, speak

from .works import CORE, X, Y, Z, chain, chain_by_hand, module

FLOAT = np.dtype(np.float32)
SHARED = 3  # what `getrefcount` says of an array that a dict holds and one name
number = itertools.count().__next__


class Node:
    __slots__ = ("followers", "number", "output", "hooks", "kept")


class MulNode(Node):
    __slots__ = ()

    def apply(self, grad: np.ndarray) -> list:
        (one, other), (left, right) = self.kept, self.followers
        assert one.counter is None and other.counter is None
        return [left and grad * other.array, right and grad * one.array]


class AddNode(Node):
    __slots__ = ()

    def apply(self, grad: np.ndarray) -> list:
        left, right = self.followers
        return [left and grad, right and grad]


def between(ufunc: np.ufunc, node_class: type[Node], keeps: bool) -> Callable:
    def operator(self: Bare, other: Bare) -> Bare:
        if modes.usual and slot.listener is None and type(self) is Bare is type(other):
            a, b = self.array, other.array
            if a.dtype is FLOAT is b.dtype and self.view is None is other.view:
                token = hush(SILENT)
                try:
                    array = ufunc(a, b)
                finally:
                    speak(token)
                out = Bare(array)
                out.maker = node = node_class()
                node.followers, node.number = (self.maker, other.maker), number()
                node.output, node.hooks = (array.shape, array.dtype), None
                node.kept = (self, other) if keeps else ()
                return out
        return NotImplemented

    return operator


class Bare:
    """A tensor of float32 numbers."""

    counter = view = maker = grad = None

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    __mul__ = between(np.multiply, MulNode, keeps=True)
    __add__ = between(np.add, AddNode, keeps=False)


class Leaf:
    """The node of a tensor whose gradient is asked for."""

    number, followers = 2**64, ()

    def __init__(self, tensor: Bare) -> None:
        self.tensor, self.output = tensor, (tensor.array.shape, tensor.array.dtype)


def backward(root: Node, grad: np.ndarray) -> None:
    waiting, unseen = {root: 0}, [root]
    while unseen:
        for follower in unseen.pop().followers:
            if follower in waiting:
                waiting[follower] += 1
            else:
                waiting[follower] = 1
                unseen.append(follower)
    pending, left = sorted(waiting, key=attrgetter("number")), {}
    while pending[-1].number == Leaf.number:
        leaf = pending.pop()
        left[leaf] = waiting[leaf]
    arrived = {root: grad}
    token = hush(SILENT)
    while pending:
        node = pending.pop()
        grad = arrived.pop(node)
        grads = node.apply(grad)
        for index, follower in enumerate(node.followers):
            grad, grads[index] = grads[index], None
            shape, kind = follower.output
            assert type(grad) is np.ndarray and grad.shape == shape and grad.dtype is kind
            held = arrived.get(follower)
            if held is None:
                arrived[follower] = grad
            elif getrefcount(held) == SHARED:
                held += grad
            else:
                arrived[follower] = held + grad
            if follower in left:
                left[follower] -= 1
                if not left[follower]:
                    follower.tensor.grad = arrived.pop(follower)
        node.kept = None
    speak(token)


def chain_bare(ops: int) -> Callable[[], list]:
    """The chain of `works`, as the bare tensors do it."""
    x, y, z = leaves = [Bare(each) for each in (X, Y, Z)]
    for each in leaves:
        each.maker = Leaf(each)

    def run() -> list:
        out = x
        for _ in range(ops // 2):
            out = out * y + z
        backward(out.maker, np.ones_like(out.array))
        return [each.grad for each in leaves]

    return run


def main(ops: int = 200, rounds: int = 3_000) -> None:
    sides = {"NumPy by hand": chain_by_hand(ops), "bare": chain_bare(ops), CORE: chain(module(CORE), ops)}
    least = dict.fromkeys(sides, float("inf"))
    gc.disable()
    for _ in range(rounds):
        for side, run in sides.items():
            start = time.perf_counter()
            run()
            least[side] = min(least[side], time.perf_counter() - start)
    for side, seconds in least.items():
        print(f"{side}: {seconds / ops * 1e6:.2f} µs each, {seconds / least['NumPy by hand']:.2f} of NumPy")


if __name__ == "__main__":
    main()
