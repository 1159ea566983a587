"""What is not the time of a function call: memory, and how long the import takes."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import psutil

from .works import NUMPY, PACKAGES, PYTORCH, WORKS, X, Y, Z, module

ROOT = Path(__file__).parents[2]


def memory_per_op(side: str, ops: int) -> float:
    """Bytes that each operation of a chain holds until backward, by the size of a new process.

    `tracemalloc` would be more exact, but PyTorch's memory is out of its sight. In this process there
    may be room left from before, which would not count.
    """
    code = f"from {__name__} import held; print(held({side!r}, {ops}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    return float(done.stdout)


def held(side: str, ops: int) -> float:
    """What `memory_per_op` says, for this very process."""
    module(side)
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    kept = _by_hand(ops) if side == NUMPY else _chain(module(side), ops)
    grown = process.memory_info().rss - before
    del kept
    return grown / ops


def _chain(torch, ops: int) -> object:
    x, y, z = (torch.tensor(each.tolist(), requires_grad=True) for each in (X, Y, Z))
    out = x
    for _ in range(ops // 2):
        out = out * y + z
    return out


def _by_hand(ops: int) -> object:
    saved, out = [], X
    for _ in range(ops // 2):
        saved.append(out)
        out = out * Y
        out = out + Z
    return saved, out


def peak_of_training(side: str, batch: int) -> int:
    """The most bytes that one training step needs beyond what is there before it.

    NumPy tells `tracemalloc` of its arrays; PyTorch does not, so this is for the others alone.
    """
    assert side != PYTORCH
    (training,) = [work for work in WORKS if work.name.startswith("training")]
    run = training.run(side) if batch == training.size else training.run(side, small=True)
    run()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    run()
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return peak


def import_times(sides: list[str], times: int = 7) -> dict[str, float]:
    """The least CPU time, in seconds, that a new Python takes to import each of these."""
    turns = [{side: _child(f"import {PACKAGES[side]}") for side in sides} for _ in range(times)]
    return {side: min(turn[side] for turn in turns) for side in sides}


def _child(code: str) -> float:
    # The first turn may compile; from then on there is bytecode, as on a user's machine.
    caching = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    child = os.spawnve(os.P_NOWAIT, sys.executable, [sys.executable, "-c", code], caching)
    _, status, used = os.wait4(child, 0)
    assert status == 0, code
    return used.ru_utime + used.ru_stime
