"""Dimensions as PyTorch counts them: from the end if negative, and each at most once."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from .. import errors
from ..errors import demand


def axis(ndim: int, dim: int) -> int:
    """A dimension counted from the front. A tensor without dimensions takes 0 and -1 all the same.

    Raises IndexError for one that is not there.

    >>> axis(3, -1), axis(0, -1)
    (2, 0)
    """
    bound, dim = max(ndim, 1), operator.index(dim)
    if not -bound <= dim < bound:
        raise errors.no_dimension(dim, ndim)
    return dim % bound


def axes(ndim: int, dims: int | Sequence[int] | None) -> tuple[int, ...]:
    """Several dimensions counted from the front; None or none at all stands for every one.

    Raises RuntimeError for one that is named twice.

    >>> axes(3, (-1, 0)), axes(2, None), axes(0, 0)
    ((2, 0), (0, 1), ())
    """
    if dims is None or (isinstance(dims, (tuple, list)) and not dims):
        return tuple(range(ndim))
    found = tuple(axis(ndim, dim) for dim in ((dims,) if hasattr(dims, "__index__") else dims))
    for dim in found:
        demand(found.count(dim) <= 1, "dim {} appears multiple times in the list of dims", dim)
    return found if ndim else ()
