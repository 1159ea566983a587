"""Reading parts of a tensor with brackets. Integers, slices, `None` and `...` give views."""

from __future__ import annotations

from ..tensor import Tensor
from .views import same, select, slice_dim, unsqueeze


def getitem(self: Tensor, index: object) -> Tensor:
    """`self[index]`: one view operation for each part of the index, as PyTorch does.

    Raises IndexError for an index that is out of range or of another type, ValueError for a negative
    step.

    >>> from autograd_core import tensor
    >>> tensor([[1.0, 2.0], [3.0, 4.0]])[1, :1]
    tensor([3.])
    """
    parts = index if isinstance(index, tuple) else (index,)
    taken = sum(1 for part in parts if part is not None and part is not Ellipsis)
    if taken and not self.ndim and isinstance(parts[0], slice):
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    if not self.ndim and isinstance(index, int):
        if index:
            raise IndexError(f"index {index} is out of bounds for dimension 0 with size 0")
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in "
            "C++ to convert a 0-dim tensor to a number"
        )
    if taken > self.ndim:
        raise IndexError(f"too many indices for tensor of dimension {self.ndim}")
    out, dim = self, 0
    for position, part in enumerate(parts):
        if part is Ellipsis:
            dim += self.ndim - taken
        elif part is None:
            out = unsqueeze(out, dim)
            dim += 1
        elif isinstance(part, slice):
            # PyTorch passes over a slice of everything among other parts, but not where it stands alone.
            if index is part or not is_all(part, out._array.shape[dim]):
                out = _slice(out, dim, part)
            dim += 1
        elif isinstance(part, int) and not isinstance(part, bool):
            out = _select(out, dim, part, position)
        else:
            raise IndexError(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
                f"valid indices (got {type(part).__name__})"
            )
    return same(out) if out is self else out


def is_all(part: object, size: int) -> bool:
    """Is this a slice that, as it is written, takes all of a dimension of this size?"""
    return (
        isinstance(part, slice)
        and part.start in (None, 0)
        and (part.stop is None or part.stop >= size)
        and part.step in (None, 1)
    )


def _select(self: Tensor, dim: int, index: int, position: int) -> Tensor:
    size = self._array.shape[dim]
    if not -size <= index < size:  # PyTorch tells the position in the brackets for the dimension
        raise IndexError(f"index {index} is out of bounds for dimension {position} with size {size}")
    return select(self, dim, index % size)


def _slice(self: Tensor, dim: int, part: slice) -> Tensor:
    if part.step is not None and part.step < 1:
        raise ValueError("step must be greater than zero")
    return slice_dim(self, dim, *part.indices(self._array.shape[dim]))
