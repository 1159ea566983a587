"""All that can be seen of a tensor, as plain data, without changing anything by looking.

Written once for both sides: it uses nothing but PyTorch's public names.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import ModuleType

from .sentences import sentence, without_address

# A picture of the state is to be read, so a big tensor shows its ends and a deep graph its top.
# (What lies between is still seen: printed sums, gradients and the next statement depend on it.)
MOST_VALUES = 200
MOST_NODES = 40

Observation = dict[str, object]
Fields = dict[str, Callable[[object], object]]


def tensors(namespace: dict[str, object], module: ModuleType) -> dict[str, object]:
    """The user's tensors by name. A gradient is a tensor too, and goes by the name `a.grad`."""
    found = {}
    for name, value in namespace.items():
        if isinstance(value, module.Tensor) and not name.startswith("_"):
            found[name] = value
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that `value` is not a leaf is no news here
                gradient = value.grad
            if gradient is not None:
                found[f"{name}.grad"] = gradient
    return found


def observe(tensor, fields: Fields | None = None) -> Observation:
    """The fields of one tensor. A field that cannot be read says what it raised instead."""
    return {name: _read(read, tensor) for name, read in (fields or FIELDS).items()}


def shared(named: dict[str, object], identity: Callable[[object], object]) -> list[str]:
    """The groups of names whose tensors have the same `identity`, each as `a, b`."""
    groups: dict[object, list[str]] = {}
    for name, tensor in named.items():
        key = _read(identity, tensor)
        if key is not None:
            groups.setdefault(str(key), []).append(name)
    return sorted(", ".join(sorted(group)) for group in groups.values() if len(group) > 1)


def storage_of(tensor) -> int | None:
    """The address of a tensor's storage; None if it is empty and so shares nothing with anyone."""
    return None if 0 in tensor.shape else tensor.untyped_storage().data_ptr()


def graph(node) -> list[str]:
    """The graph below a node, one line a node, numbered as found; an edge is `number.output`.

    A leaf's line has no arrow; `-` is an edge to nothing, from an input that needs no gradient.
    For `(a * 2).sum()`:

        0 SumBackward0 -> 1.0
        1 MulBackward0 -> 2.0 -
        2 AccumulateGrad
    """
    numbers, found, lines = {}, [], []

    def number(node) -> int:
        # PyTorch makes its Python nodes on demand: `found` keeps them, or an id might come back.
        if id(node) not in numbers:
            numbers[id(node)] = len(found)
            found.append(node)
        return numbers[id(node)]

    number(node)
    for position, node in enumerate(found):  # grows as it is walked
        if position == MOST_NODES:
            lines.append("…")
            break
        edges = [
            "-" if next_node is None else f"{number(next_node)}.{output}"
            for next_node, output in node.next_functions
        ]
        kind = type(node).__name__
        lines.append(" ".join([str(position), kind, *(["->", *edges] if edges else [])]))
    return lines


def _read(read: Callable[[object], object], tensor) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read(tensor)
    except Exception as error:
        return f"raises {type(error).__name__}: {sentence(str(error))}"


def _flat(values: object) -> list:
    """Numbers of nested lists in one list; a loop, for a tensor may have many dimensions."""
    flat = [values]
    while any(isinstance(value, list) for value in flat):
        flat = [v for value in flat for v in (value if isinstance(value, list) else [value])]
    return flat


def _values(tensor) -> list:
    """The numbers, row by row (JSON has no word for nan and inf, so those are strings)."""
    flat = _flat(tensor.detach().tolist())
    if len(flat) > MOST_VALUES:
        flat = [*flat[: MOST_VALUES // 2], "…", *flat[-MOST_VALUES // 2 :]]
    return [str(v) if isinstance(v, float) and (v - v) != 0 else v for v in flat]


FIELDS: Fields = {
    "repr": lambda t: without_address(repr(t)),
    "values": _values,
    "dtype": lambda t: sentence(str(t.dtype)),
    "shape": lambda t: list(t.shape),
    "requires_grad": lambda t: t.requires_grad,
    "is_leaf": lambda t: t.is_leaf,
    "version": lambda t: t._version,
    "output_nr": lambda t: t.output_nr,
    "retains_grad": lambda t: t.retains_grad,
    "grad_fn": lambda t: None if t.grad_fn is None else t.grad_fn.name(),
    "graph": lambda t: [] if t.grad_fn is None else graph(t.grad_fn),
}

# What a random program looks at besides: how a tensor lies in memory, and what it is a view of.
LAYOUT: Fields = {name: read for name, read in FIELDS.items() if name != "repr"} | {
    # A step along a dimension of one element, or of none, leads nowhere.
    "stride": lambda t: [s for s, n in zip(t.stride(), t.shape) if n > 1 and 0 not in t.shape],
    "offset": lambda t: t.storage_offset(),
    "is_view": lambda t: t._is_view(),
    "base": lambda t: None if t._base is None else list(t._base.shape),
    "is_inference": lambda t: t.is_inference(),
}
