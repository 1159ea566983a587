"""repr exactly as PyTorch prints: four decimals, columns aligned, long tensors summarised.

All numbers of a tensor are printed in one format, which is chosen from the numbers themselves: whole
numbers lose their decimals (`2.`), and a wide range of magnitudes turns to scientific notation.
"""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np

from . import dtypes
from .tensor import Tensor

# Decimals, how many elements make a summary, how many it shows at each end, characters in a line.
PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
options = SimpleNamespace(**PROFILES["default"], sci_mode=None)


def set_printoptions(
    precision: int | None = None, threshold: float | None = None, edgeitems: int | None = None,
    linewidth: int | None = None, profile: str | None = None, sci_mode: bool | None = None,
) -> None:  # fmt: skip
    """Print otherwise from now on (`torch.set_printoptions`); `profile="default"` as at the start.

    >>> from autograd_core import tensor
    >>> set_printoptions(precision=2)
    >>> tensor([1.23456])
    tensor([1.23])
    >>> set_printoptions(profile="default")
    """
    given = zip(PROFILES["default"], (precision, threshold, edgeitems, linewidth))
    chosen = {name: each for name, each in given if each is not None}
    vars(options).update(PROFILES.get(profile, {}) | chosen, sci_mode=sci_mode)


class _Format:
    """The one format that all numbers of an array are printed in."""

    def __init__(self, array: np.ndarray) -> None:
        self.floating, self.whole, self.scientific = array.dtype.kind == "f", True, False
        telling = array.ravel()
        if self.floating:  # zeros, infinities and nans fit any format, so only the rest decides
            telling = telling[np.isfinite(telling) & (telling != 0)].astype(np.float64)
        if self.floating and telling.size:
            low, high = np.abs(telling).min(), np.abs(telling).max()
            self.whole = bool((telling == np.ceil(telling)).all())
            wide = high > 1000.0 * low or high > 1.0e8 or (low < 1.0e-4 and not self.whole)
            self.scientific = wide if options.sci_mode is None else options.sci_mode
        self.width = max((len(self.bare(each)) for each in telling.tolist()), default=1)

    def bare(self, number: float) -> str:
        if not self.floating:
            return str(number)
        if self.scientific:
            return f"{number:.{options.precision}e}"
        if self.whole:
            return f"{number:.0f}" + ("." if math.isfinite(number) else "")
        return f"{number:.{options.precision}f}"

    def __call__(self, number: object) -> str:
        return self.bare(number).rjust(self.width)


def numbers(array: np.ndarray, indent: int = 0) -> str:
    """The numbers of an array between brackets, without `tensor(...)` around them."""
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    summarise = array.size > options.threshold
    shown = _edges(array) if summarise else array
    return _nested(array, indent, summarise, _Format(shown))


def _edges(array: np.ndarray) -> np.ndarray:
    """Only the elements that a summary shows."""
    for axis, size in enumerate(array.shape):
        if size > 2 * options.edgeitems:
            keep = [*range(options.edgeitems), *range(size - options.edgeitems, size)]
            array = array.take(keep, axis)
    return array


def _nested(array: np.ndarray, indent: int, summarise: bool, form: _Format) -> str:
    if not array.ndim:
        return form(array.item())
    edge, is_row = options.edgeitems, array.ndim == 1
    long = summarise and len(array) > 2 * edge
    parts = [*array[:edge], None, *array[len(array) - edge :]] if long else array
    gap = " ..." if is_row else "..."
    texts = [gap if each is None else _nested(each, indent + 1, summarise, form) for each in parts]
    per_line = max(1, (options.linewidth - indent) // (form.width + 2)) if is_row else 1
    lines = [", ".join(texts[i : i + per_line]) for i in range(0, len(texts), per_line)]
    return "[" + ("," + "\n" * max(array.ndim - 1, 1) + " " * (indent + 1)).join(lines) + "]"


def tensor_repr(self: Tensor) -> str:
    """The tensor as PyTorch prints it (`torch._tensor_str`).

    >>> from autograd_core import tensor
    >>> tensor([1.0, 2.5], requires_grad=True).sigmoid()
    tensor([0.7311, 0.9241], grad_fn=<SigmoidBackward0>)
    """
    opening, array, notes = "tensor(", self._array, []
    text = numbers(array, len(opening)) if array.size else "[]"
    if not array.size and array.ndim != 1:
        notes.append(f"size={array.shape}")
    told_by_numbers = (dtypes.int64, dtypes.bool) if array.size else ()
    if self.dtype not in (dtypes.get_default_dtype(), *told_by_numbers):
        notes.append(f"dtype={self.dtype}")
    node = _node_name(self)
    if node is not None:
        notes.append(f"grad_fn=<{node}>")
    elif self.requires_grad:
        notes.append("requires_grad=True")
    return _with_notes(opening + text, notes, len(opening))


def _node_name(self: Tensor) -> str | None:
    try:
        return None if self.grad_fn is None else type(self.grad_fn).__name__
    except RuntimeError:  # of a view that lost its history by a write to its base
        return "Invalid"


def _with_notes(text: str, notes: list[str], indent: int) -> str:
    width = len(text) - text.rfind("\n") + 1
    for note in notes:
        if width + len(note) + 2 > options.linewidth:
            text += ",\n" + " " * indent + note
            width = indent + len(note)
        else:
            text += ", " + note
            width += len(note) + 2
    return text + ")"
