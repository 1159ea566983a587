"""What PyTorch does with a program: live where it is installed, from the recording elsewhere.

`AUTOGRAD_CORE_REQUIRE_TORCH=1` turns "PyTorch is missing" into a failure, for machines that are
there to compare.
"""

from __future__ import annotations

import os
from functools import cache
from types import ModuleType

from . import recording
from .program import Program
from .run import Step, run

REQUIRED = os.environ.get("AUTOGRAD_CORE_REQUIRE_TORCH") == "1"


@cache
def pytorch() -> ModuleType | None:
    """PyTorch 2.13.0, or None where it is missing (or of another version: that is no oracle)."""
    try:
        import torch
    except ImportError:
        return None
    if torch.__version__.partition("+")[0] != recording.PYTORCH:
        return None
    torch.set_warn_always(True)  # else a warning would depend on what ran before
    torch.set_num_threads(1)  # else the order of a sum would depend on the machine
    return torch


def live(program: Program) -> list[Step]:
    """What PyTorch does now; RuntimeError where there is none."""
    torch = pytorch()
    if torch is None:
        raise RuntimeError(f"This needs PyTorch {recording.PYTORCH} for the CPU; there is none.")
    return run(program.statements, torch)


def expected(program: Program) -> list[Step]:
    """What PyTorch does, live or recorded."""
    return live(program) if REQUIRED or pytorch() is not None else recording.read(program)
