"""Memory, and the number that counts the writes to it.

The surprising idea: the two are separate. Every alias of a tensor looks at the same `Storage`; but
a view and a `detach()` also share its `VersionCounter`, while `.data` gets a counter of its own, so
a write through `.data` changes the numbers and nobody's count.
"""

from __future__ import annotations

import numpy as np


class Storage:
    """A block of memory that one or more tensors look at (`torch.UntypedStorage`)."""

    __slots__ = ("memory", "__weakref__")

    def __init__(self, memory: np.ndarray) -> None:
        self.memory = memory

    def data_ptr(self) -> int:
        """The address of the first byte. Two tensors share memory where this is the same."""
        return self.memory.__array_interface__["data"][0]

    def nbytes(self) -> int:
        return self.memory.nbytes

    def __len__(self) -> int:
        return self.memory.nbytes


class VersionCounter:
    """How many in-place writes its tensors have seen. Starts at 0 and only goes up.

    >>> counter = VersionCounter()
    >>> counter.value += 1
    >>> counter.value
    1
    """

    # A class attribute rather than an `__init__`: every tensor has a counter, few are ever written.
    value = 0
