"""What is measured: the same arithmetic for each side.

A work is given a side and a size, and makes a function without arguments: that is what is timed. It
returns gradients, so that a test can tell that the sides do the same. PyTorch and the core share one
program; HIPS autograd differentiates functions, micrograd knows single numbers, and by hand the
gradient stands in the program.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

Run = Callable[[], list]  # what is timed: returns gradients, as NumPy arrays or numbers

CORE, PYTORCH, NUMPY, HIPS, MICROGRAD = "autograd_core", "PyTorch", "NumPy", "HIPS autograd", "micrograd"
PACKAGES = {CORE: "autograd_core", PYTORCH: "torch", NUMPY: "numpy", HIPS: "autograd",
            MICROGRAD: "micrograd"}  # fmt: skip


def is_here(side: str) -> bool:
    return importlib.util.find_spec(PACKAGES[side]) is not None


@functools.cache
def module(side: str) -> ModuleType:
    """The package of a side, on one thread, as all of them."""
    loaded = importlib.import_module(PACKAGES[side])
    if side == PYTORCH:
        loaded.set_num_threads(1)
    return loaded


@dataclass(frozen=True)
class Work:
    """A work, and who takes part. `ops` are counted in a run of this size; `rounds` that many runs."""

    name: str
    make: dict[str, Callable[..., Run]]
    size: int
    small: int
    ops: int = 1
    rounds: int = 20

    def run(self, side: str, small: bool = False) -> Run:
        size = self.small if small else self.size
        program = self.make[side]
        shared = side in (CORE, PYTORCH)
        return program(module(side), size) if shared else program(size)


def arrays(tensors: list) -> list[np.ndarray]:
    """The gradients of these leaves, which have none afterwards."""
    found = [each.grad.numpy() for each in tensors]
    for each in tensors:
        each.grad = None
    return found


# ---- a chain of small operations, half of them products and half sums ----------------------------------

X, Y, Z = (np.float32(each) for each in ([1, 2, 3], [1, 0.999, 0.99], [0.1, 0.2, 0.3]))


def chain(torch: ModuleType, ops: int) -> Run:
    x, y, z = (torch.tensor(each.tolist(), requires_grad=True) for each in (X, Y, Z))

    def run() -> list:
        out = x
        for _ in range(ops // 2):
            out = out * y + z
        out.sum().backward()
        return arrays([x, y, z])

    return run


def chain_by_hand(ops: int) -> Run:
    def run() -> list:
        saved, out = [], X
        for _ in range(ops // 2):
            saved.append(out)
            out = out * Y
            out = out + Z
        grad, of_y, of_z = np.ones_like(out), np.zeros_like(Y), np.zeros_like(Z)
        for each in reversed(saved):
            of_z += grad
            of_y += grad * each
            grad = grad * Y
        return [grad, of_y, of_z]

    return run


def chain_hips(ops: int) -> Run:
    def of(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        for _ in range(ops // 2):
            x = x * y + z
        return module(HIPS).numpy.sum(x)

    gradient = module(HIPS).grad(of, (0, 1, 2))
    return lambda: list(gradient(X, Y, Z))


def chain_micrograd(ops: int) -> Run:
    value = importlib.import_module("micrograd.engine").Value
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 5 * ops))  # its backward is a recursion

    def run() -> list:
        x, y, z = (value(each[0].item()) for each in (X, Y, Z))
        out = x
        for _ in range(ops // 2):
            out = out * y + z
        out.backward()
        return [x.grad, y.grad, z.grad]

    return run


# ---- one tensor used many times, and the results brought together ---------------------------------------


def fan(torch: ModuleType, width: int) -> Run:
    x = torch.tensor(X.tolist(), requires_grad=True)

    def run() -> list:
        parts = [x * number for number in range(width)]
        out = parts[0]
        for part in parts[1:]:
            out = out + part
        out.sum().backward()
        return arrays([x])

    return run


def fan_by_hand(width: int) -> Run:
    def run() -> list:
        parts = [X * number for number in range(width)]
        out = parts[0]
        for part in parts[1:]:
            out = out + part
        grad, of_x = np.ones_like(out), np.zeros_like(X)
        for number in reversed(range(width)):
            of_x += grad * number
        return [of_x]

    return run


def fan_hips(width: int) -> Run:
    def of(x: np.ndarray) -> np.ndarray:
        parts = [x * number for number in range(width)]
        out = parts[0]
        for part in parts[1:]:
            out = out + part
        return module(HIPS).numpy.sum(out)

    gradient = module(HIPS).grad(of)
    return lambda: [gradient(X)]


# ---- writes through a view ----------------------------------------------------------------------------


def writes(torch: ModuleType, times: int) -> Run:
    x, y = (torch.tensor(each.tolist(), requires_grad=True) for each in (X, Y))

    def run() -> list:
        base = x * 1
        view = base[1:]
        factor = y[1:]
        for _ in range(times):
            view.mul_(factor)
        base.sum().backward()
        return arrays([x, y])

    return run


# ---- a training step of 784-128-64-10 with a batch of 64 --------------------------------------------------

SIZES = 784, 128, 64, 10
RATE = 0.01


def _data(batch: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Weights and biases, pictures, and for each picture which it is."""
    random = np.random.default_rng(0)
    weights = []
    for fan_in, fan_out in zip(SIZES, SIZES[1:]):
        weights.append(random.normal(0, fan_in**-0.5, (fan_in, fan_out)).astype(np.float32))
        weights.append(np.zeros(fan_out, np.float32))
    pictures = random.normal(size=(batch, SIZES[0])).astype(np.float32)
    return weights, pictures, random.integers(0, SIZES[-1], (batch, 1))


def training(torch: ModuleType, batch: int) -> Run:
    weights, pictures, digits = _data(batch)
    weights = [torch.from_numpy(each).requires_grad_() for each in weights]
    w1, b1, w2, b2, w3, b3 = weights
    pictures, digits = torch.from_numpy(pictures), torch.from_numpy(digits)

    def run() -> list:
        out = (pictures @ w1 + b1).relu()
        out = (out @ w2 + b2).relu()
        out = out @ w3 + b3
        loss = -out.log_softmax(1).gather(1, digits).mean()
        loss.backward()
        with torch.no_grad():
            for each in weights:
                each.sub_(each.grad * RATE)
        return arrays(weights)

    return run


def training_by_hand(batch: int) -> Run:
    weights, pictures, digits = _data(batch)
    w1, b1, w2, b2, w3, b3 = weights
    rows = np.arange(batch)[:, None]

    def run() -> list:
        h1 = np.maximum(pictures @ w1 + b1, 0)
        h2 = np.maximum(h1 @ w2 + b2, 0)
        out = h2 @ w3 + b3
        low = out - out.max(1, keepdims=True)
        logs = low - np.log(np.exp(low).sum(1, keepdims=True))
        loss = -logs[rows, digits].mean()
        assert np.isfinite(loss)
        grad = np.exp(logs)
        grad[rows, digits] -= 1
        grad /= batch
        of_w3, of_b3 = h2.T @ grad, grad.sum(0)
        grad = (grad @ w3.T) * (h2 > 0)
        of_w2, of_b2 = h1.T @ grad, grad.sum(0)
        grad = (grad @ w2.T) * (h1 > 0)
        of_w1, of_b1 = pictures.T @ grad, grad.sum(0)
        found = [of_w1, of_b1, of_w2, of_b2, of_w3, of_b3]
        for each, its in zip(weights, found):
            each -= its * np.float32(RATE)
        return found

    return run


def training_hips(batch: int) -> Run:
    anp = importlib.import_module("autograd.numpy")
    weights, pictures, digits = _data(batch)
    rows = np.arange(batch)[:, None]

    def of(weights: list) -> np.ndarray:
        w1, b1, w2, b2, w3, b3 = weights
        out = anp.maximum(pictures @ w1 + b1, 0)
        out = anp.maximum(out @ w2 + b2, 0)
        out = out @ w3 + b3
        low = out - anp.max(out, 1, keepdims=True)
        logs = low - anp.log(anp.sum(anp.exp(low), 1, keepdims=True))
        return -anp.mean(logs[rows, digits])

    gradient = module(HIPS).grad(of)

    def run() -> list:
        found = gradient(weights)
        for each, its in zip(weights, found):
            each -= its * np.float32(RATE)
        return found

    return run


# ---- recording ---------------------------------------------------------------------------------------


def after_a_recording(torch: ModuleType, ops: int) -> Run:
    with torch.record():
        chain(torch, 2)()
    return chain(torch, ops)


def recorded(torch: ModuleType, ops: int) -> Run:
    run = chain(torch, ops)

    def told() -> list:
        with torch.record(keep=None):
            return run()

    return told


# ---- looking at a recording ----------------------------------------------------------------------------


def drawing(torch: ModuleType, ops: int) -> Run:
    """The picture of a short run, and its place in a graph laid out by `dot`."""
    with torch.record() as trace:
        chain(torch, ops)()
    return lambda: ["<svg" in torch.picture(trace).svg]


def stepping(torch: ModuleType, ops: int) -> Run:
    """The state after each step of a recorded run, from its first event on."""
    with torch.record() as trace:
        chain(torch, ops)()
    return lambda: [len([each.state for each in type(trace)(trace.events).steps])]


_chains = {CORE: chain, PYTORCH: chain, NUMPY: chain_by_hand}
_every_chain = {**_chains, HIPS: chain_hips, MICROGRAD: chain_micrograd}

WORKS = [
    Work("chain of 1,000 small ops", _every_chain, 1_000, 20, 1_000),
    Work("fan-out and fan-in of 1,000", {CORE: fan, PYTORCH: fan, NUMPY: fan_by_hand, HIPS: fan_hips},
         1_000, 20, 2_000),  # fmt: skip
    Work("100 writes through a view", {CORE: writes, PYTORCH: writes}, 100, 5, 100),
    Work("training step, batch 64", {CORE: training, PYTORCH: training, NUMPY: training_by_hand,
                                     HIPS: training_hips}, 64, 4, rounds=50),  # fmt: skip
    Work("100,000 ops deep", _chains, 100_000, 200, 100_000, rounds=3),
    Work("1,000,000 ops deep", _chains, 1_000_000, 200, 1_000_000, rounds=1),
    Work("the chain after a recording", {CORE: after_a_recording}, 1_000, 20, 1_000),
    Work("the chain while recorded", {CORE: recorded}, 1_000, 20, 1_000, rounds=10),
    Work("drawing 20 ops", {CORE: drawing}, 20, 4, rounds=3),
    Work("stepping through 1,000 ops", {CORE: stepping}, 1_000, 20, rounds=3),
]
