"""The one place where this core computes, and a sentence for whoever asks for another."""

from __future__ import annotations


class device:
    """Where a tensor's memory lies: always the CPU (`torch.device`). Raises RuntimeError for another.

    >>> device("cpu")
    device(type='cpu')
    """

    type = "cpu"
    index = None

    def __init__(self, type: object) -> None:
        if str(type) != "cpu":
            raise RuntimeError(f"autograd_core computes on the CPU only: device={type!r} is not there")

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __str__(self) -> str:
        return self.type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device)

    def __hash__(self) -> int:
        return hash(self.type)


CPU = device("cpu")
