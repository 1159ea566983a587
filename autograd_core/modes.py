"""The switches that say whether operations are recorded for backward.

Each thread has its own switches, as in PyTorch; a new thread starts with gradients on.
"""

from __future__ import annotations

import threading


class _Modes(threading.local):
    grad = True  # is an operation on a tensor that requires grad given a node?
    formulas = False  # is a gradient formula running on plain arrays? Then operations take arrays too


modes = _Modes()


def is_grad_enabled() -> bool:
    """Is the graph being built in this thread (`torch.is_grad_enabled`)?

    >>> is_grad_enabled()
    True
    """
    return modes.grad


class set_grad_enabled:
    """Switch graph building on or off, at once and, in a `with`, until its end."""

    def __init__(self, mode: bool) -> None:
        self.previous = modes.grad
        modes.grad = bool(mode)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        modes.grad = self.previous


class no_grad:
    """Operations inside this `with` build no graph (`torch.no_grad`).

    >>> with no_grad():
    ...     is_grad_enabled()
    False
    """

    mode = False

    def __enter__(self) -> None:
        self.previous = modes.grad
        modes.grad = self.mode

    def __exit__(self, *error: object) -> None:
        modes.grad = self.previous


class enable_grad(no_grad):
    """Operations inside this `with` build the graph again, even inside a `no_grad`."""

    mode = True
