"""SavedTensor: keep a tensor for backward, and notice when it was written meanwhile.

A node saves a tensor *together with the version it had*, and compares the two numbers when it unpacks.
The check costs two integers; a copy would cost memory. That is why PyTorch complains about a write
after the fact instead of surviving it.

The surprising idea: a node that saves its own *result* must not keep the result tensor itself, for
that tensor keeps the node (`grad_fn`), and the two would never be freed:

    x = tensor([1.0], requires_grad=True)
    y = x.exp()     # y -> ExpBackward0 -> y
    del y           # ... would still be there

So a result is kept as bare memory plus counter, and joined to its node again when it is unpacked.
"""

from __future__ import annotations

import re

import numpy as np

from . import errors
from .dtypes import FROM_NUMPY
from .graph import Node
from .tensor import Tensor


class SavedTensor:
    """One tensor that a node keeps, with the version it had (PyTorch's `SavedVariable`)."""

    __slots__ = ("tensor", "array", "counter", "version", "storage", "output_nr")

    def __init__(self, tensor: Tensor, is_result: bool = False) -> None:
        self.counter = tensor._counter
        self.version = tensor._counter.value
        if is_result:
            self.tensor = None
            self.array = tensor._array
            self.storage = tensor.untyped_storage()
            self.output_nr = tensor._output_nr
        else:
            self.tensor = tensor

    def read(self, node: Node) -> np.ndarray:
        """The saved memory, if it is still at the version it was saved at."""
        if self.counter.value != self.version:
            raise self._mismatch(node)
        return self.array if self.tensor is None else self.tensor._array

    def unpack(self, node: Node) -> Tensor:
        """The saved tensor with its history, if it is still at the version it was saved at."""
        if self.counter.value != self.version:
            raise self._mismatch(node)
        return self.peek(node)

    def peek(self, node: Node) -> Tensor:
        """The saved tensor, whatever its version."""
        if self.tensor is not None:
            return self.tensor
        result = Tensor.__new__(Tensor)
        result._array, result._counter, result._storage = self.array, self.counter, self.storage
        result._grad_fn, result._output_nr = node, self.output_nr
        return result

    def _mismatch(self, node: Node) -> RuntimeError:
        tensor = self.peek(node)
        maker = tensor.grad_fn
        return errors.version_mismatch(
            FROM_NUMPY[tensor._array.dtype].type_name,
            tensor._array.shape,
            tensor._output_nr,
            None if maker is None else re.sub(r"Backward\d+$", "", type(maker).__name__),
            errors.Mismatch(self.version, self.counter.value, node),
        )
