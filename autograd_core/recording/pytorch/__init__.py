"""Record real PyTorch: the same events, from the library itself.

    with record(backend="torch") as trace:
        out = torch.tensor([1.0], requires_grad=True).sigmoid()

`capture` hears of each call (a `TorchFunctionMode`), `engine` of each node that backward runs (hooks that
change nothing), `nodes` reads what a node has just saved, and `answers` tells a recording what it asks about
a tensor. PyTorch is imported here and nowhere else.
"""

from .answers import PYTORCH

__all__ = ["PYTORCH"]
