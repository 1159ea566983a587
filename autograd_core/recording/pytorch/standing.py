"""A node of PyTorch's as it is now, without a recording: what it keeps, and which versions it expects.

The surprising idea: PyTorch tells the expected version to nobody who asks, but to everybody who is refused.
Unpacking a saved tensor compares the versions; if they are equal, the expected one is the current one, and if
not, the error's own sentence names both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from ..library import Standing, Still
from .engine import MISMATCH
from .memory import version
from .nodes import FUNCTIONS, RAW, kind_of

FREED = "through the graph a second time"
APART = 1 << 24  # versions that no tensor is at

set_versions = torch._C._autograd._unsafe_set_version_counter


def standing(node: object) -> Standing:
    kind, saved, freed = type(node).__name__, {}, False
    for attribute, _ in kind_of(type(node)).fields:
        try:
            for name, still in _kept(node, attribute):
                saved[name] = still
        except RuntimeError as error:
            freed = freed or FREED in str(error)
    edges = [None if behind is None else (behind, number) for behind, number in node.next_functions]
    variable = node.variable if kind == "AccumulateGrad" else None
    return Standing(kind, edges, node._sequence_nr(), variable, saved, freed)


def _kept(node: object, raw: str) -> Iterator[tuple[str, Still]]:
    """What the node keeps under this attribute, one by one. Raises RuntimeError where it let go of it."""
    found, name = getattr(node, raw), raw.removeprefix(RAW)
    each_of = isinstance(found, (tuple, list))
    kept = list(found) if each_of else [found]
    if any(each.unpack_hook is not None for each in kept):
        return  # unpacking would run the user's code
    data = [each.data for each in kept]
    tensors, expected = _unpacked(node, "saved_tensors" if raw == FUNCTIONS else f"_saved_{name}", data)
    for number, (now, tensor) in enumerate(zip(data, tensors)):
        if now is not None and tensor is not None:
            field = f"{name}[{number}]" if each_of else name
            # A number among the arguments is saved as such a tensor, too, that is nobody's.
            bare = now.ndim == 0 and now.is_leaf and not now.requires_grad
            yield field, Still(tensor, expected[number], tensor is not now, bare)


def _unpacked(node: object, attribute: str, data: Sequence[torch.Tensor | None]) -> tuple[list, list[int]]:
    """The saved tensors as backward would get them, and the versions that they are expected at.

    Where a version is another, each tensor is set to one of its own, so that the error tells which one it is
    about, and then to the expected one. Afterwards all are as they were.
    """
    at = [0 if each is None else version(each) for each in data]
    try:
        return _listed(getattr(node, attribute)), at
    except RuntimeError as error:
        if MISMATCH.search(str(error)) is None:
            if FREED in str(error):
                raise
            return list(data), at  # it was cut by `detach_()`
    expected = list(at)
    try:
        for number, each in enumerate(data):
            if each is not None:
                set_versions((each,), (APART + number,))
        for _ in range(len(data) + 1):
            try:
                return _listed(getattr(node, attribute)), expected
            except RuntimeError as error:
                told = MISMATCH.search(str(error))
                found, right = map(int, told.groups()) if told else (0, 0)
                if found < APART:
                    break
                for number, each in enumerate(data):  # several may share one counter
                    if each is not None and each._version == found:
                        expected[number] = right
                set_versions((data[found - APART],), (right,))
    finally:
        for each, was in zip(data, at):
            if each is not None:
                set_versions((each,), (was,))
    return list(data), expected


def _listed(unpacked: object) -> list:
    return list(unpacked) if isinstance(unpacked, (tuple, list)) else [unpacked]

