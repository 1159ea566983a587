"""Dimensions as PyTorch counts them: from the end if negative, and each at most once.

And sizes as they broadcast: of two that do not fit, PyTorch's sentence names the last dimension.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from . import errors
from .errors import demand, demand_index


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


def known_axis(ndim: int, dim: int) -> int:
    """The same where a tensor without dimensions has none. Raises IndexError for one that is not there."""
    demand_index(ndim, "Dimension specified as {} but tensor has no dimensions", dim)
    return axis(ndim, dim)


def common_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that all of these are broadcast to. Raises RuntimeError where they do not fit.

    >>> common_shape((2, 1), (3,))
    (2, 3)
    """
    common = shapes[0] if shapes else ()
    for shape in shapes[1:]:
        try:
            common = common if shape == common else np.broadcast_shapes(common, shape)
        except ValueError:
            raise errors.broadcast_mismatch(common, shape) from None
    return common
