"""Writing into a tensor: who may, what it does to the version, and what it does to history.

An in-place operation does three things that its out-of-place twin does not. It writes the memory that
every alias looks at; it bumps the version counter, so that whoever saved the old numbers can tell;
and it gives the tensor a new `grad_fn`, for the tensor is another function of its inputs now.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import errors
from .differentiable import NUMBERS, differentiable
from .dtypes import FROM_NUMPY
from .graph import gradient_edge
from .modes import modes
from .observe import slot
from .ops.creation import zeros_like
from .tensor import Tensor, wrap


def check_writable(self: Tensor) -> None:
    """Raise RuntimeError if an in-place operation on this tensor could not be differentiated."""
    if modes.grad and self._requires_grad and self._grad_fn is None:
        raise RuntimeError(errors.LEAF_IN_PLACE)


def in_place(op: Callable) -> Callable:
    """The twin of an operation that writes its result into its first input: `mul` gives `mul_`."""
    operation = op.operation

    def write(self, *args, **kwargs):
        args = operation.complete((self, *args), kwargs)
        for position, each in enumerate(args[1:], 1):
            if operation.parameters[position] in operation.inputs:
                if not isinstance(each, (Tensor, *NUMBERS)):
                    raise operation.refuse(args)
        check_writable(self)
        # 1. Compute aside, so that an error leaves the tensor as it was.
        arrays = operation.arrays(args)
        try:
            result = np.asarray(operation.forward(*arrays))
        except ValueError:
            raise errors.broadcast_mismatch(*(np.shape(each) for each in arrays[:2])) from None
        _check_fits(self, result)
        # 2. The new node needs the old edge, and where a formula uses the old numbers, a copy of them.
        node = None
        if modes.grad:
            edges = tuple(
                gradient_edge(args[i]) if isinstance(args[i], Tensor) else None
                for i in operation.edged
            )
            if any(edges):
                old = wrap(self._array.copy()) if "self" in operation.saved_fields else self
                node = operation.make_node((old, *args[1:]), edges)
        # 3. Write, count the write, and rewrite history.
        self._array[...] = result
        self._counter.value += 1
        if node is not None:
            operation.finish_node(node, self)
        if slot.listener is not None:
            slot.listener.written(self, write.__name__, self._counter.value - 1, args)
        return self

    write.__name__ = write.__qualname__ = operation.name + "_"
    write.__doc__ = f"`{operation.name}`, written into the tensor itself. Returns the tensor."
    return write


def _check_fits(self: Tensor, result: np.ndarray) -> None:
    if result.shape != self._array.shape:
        raise RuntimeError(
            f"output with shape {list(self._array.shape)} doesn't match the broadcast shape "
            f"{list(result.shape)}"
        )
    kinds = "biuf"
    if kinds.index(result.dtype.kind) > kinds.index(self._array.dtype.kind):
        if result.dtype.kind == "f" or self._array.dtype.kind == "b":
            raise RuntimeError(
                f"result type {FROM_NUMPY[result.dtype].scalar_name} can't be cast to the desired "
                f"output type {FROM_NUMPY[self._array.dtype].scalar_name}"
            )


@differentiable
def zero(self):
    return np.zeros_like(self)

zero.gradient(self=lambda grad: zeros_like(grad))


@differentiable
def fill(self, value):
    return np.full_like(self, value)

fill.gradient(self=lambda grad: zeros_like(grad))
