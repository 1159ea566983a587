"""What two honest runs of one sentence may differ in: four things, and nothing else.

An address, the place inside PyTorch's C++ that a warning came from, the prefix `torch.` of the name of
a type, which `autograd_core` leaves out of its sentences (`[FloatTensor [3]]`), and the guess that newer
Pythons add to a mistyped keyword.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"\b0x[0-9a-f]+")
_ORIGIN = re.compile(r" ?\(Triggered internally at [^)]*\)")
_GUESS = re.compile(r"\. Did you mean '\w+'\?$")
_TYPE_NAME = re.compile(
    r"\btorch\.(?=(\w*Tensor|Size|dtype|device|bool|uint8|int\d+|bfloat16|float\d+)\b)"
)


def without_address(text: str) -> str:
    """
    >>> without_address("<SumBackward0 object at 0x7f63e3dd2e00>")
    '<SumBackward0 object at 0x…>'
    """
    return _ADDRESS.sub("0x…", text)


def sentence(text: str) -> str:
    """An error's or a warning's sentence, ready to be compared.

    >>> sentence("[torch.FloatTensor [3]] (Triggered internally at a/b.cpp:30.)")
    '[FloatTensor [3]]'
    >>> sentence("use torch.autograd.set_detect_anomaly(True, check_nan=False).")
    'use torch.autograd.set_detect_anomaly(True, check_nan=False).'
    """
    return _GUESS.sub("", _TYPE_NAME.sub("", _ORIGIN.sub("", without_address(text))))
