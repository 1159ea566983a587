"""What it costs to record PyTorch: three programs alone, and the same while they are recorded.

    uv run python -m tests.benchmarks.recorded

The two training steps are what people call small: the network of PyTorch's own MNIST example with a batch
of 64, and a GPT of the size that nanoGPT names for a laptop's processor (4 layers, 4 heads, 128 wide, 64
tokens, a batch of 12). Of the chain each operation is about as short as one can be.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from autograd_core import record

Run = Callable[[], list]  # what is timed: gives the numbers that were computed last


def chain(torch, ops: int = 400) -> Run:
    x, y, z = (torch.ones(3, requires_grad=first) for first in (True, False, False))

    def run() -> list:
        out = x
        for _ in range(ops // 2):
            out = out * y + z
        x.grad = None
        out.sum().backward()
        return x.grad.tolist()

    return run


def convolutions(torch, batch: int = 64) -> Run:
    nn = torch.nn
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10)),
    )
    pictures, digits = torch.randn(batch, 1, 28, 28), torch.randint(0, 10, (batch,))
    return _training(torch, net, torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9), pictures, digits)


def transformer(torch, batch: int = 12, layers: int = 4) -> Run:
    nn, tokens, wide, heads, letters = torch.nn, 64, 128, 4, 65
    torch.manual_seed(0)

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.LayerNorm(wide), nn.LayerNorm(wide)
            self.attend, self.project = nn.Linear(wide, 3 * wide), nn.Linear(wide, wide)
            self.widen, self.narrow = nn.Linear(wide, 4 * wide), nn.Linear(4 * wide, wide)

        def forward(self, x):
            parts = self.attend(self.first(x)).split(wide, 2)
            q, k, v = (each.view(batch, tokens, heads, -1).transpose(1, 2) for each in parts)
            y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.project(y.transpose(1, 2).reshape(batch, tokens, wide))
            return x + self.narrow(nn.functional.gelu(self.widen(self.second(x))))

    net = nn.Sequential(
        nn.Embedding(letters, wide), *(Block() for _ in range(layers)), nn.LayerNorm(wide),
        nn.Linear(wide, letters), nn.Flatten(0, 1),
    )  # fmt: skip
    text, following = torch.randint(0, letters, (batch, tokens)), torch.randint(0, letters, (batch * tokens,))
    return _training(torch, net, torch.optim.AdamW(net.parameters(), lr=1e-3), text, following)


def _training(torch, net, optimizer, inputs, targets) -> Run:
    def run() -> list:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(inputs), targets)
        loss.backward()
        optimizer.step()
        return [loss.item(), *(each.detach().clone() for each in net.parameters())]

    return run


PROGRAMS = {
    "chain of 400 small operations": chain,
    "training step of a convolutional model": convolutions,
    "training step of a transformer": transformer,
}


def _best(run: Run, times: int) -> float:
    least = float("inf")
    for _ in range(times):
        gc.collect()
        begin = time.thread_time()
        run()
        least = min(least, time.thread_time() - begin)
    return least


def measured(run: Run, turns: int = 8) -> tuple[float, float]:
    """The least seconds alone and recorded; the two take turns, for a machine's speed drifts."""
    alone = recorded = float("inf")
    run()
    for _ in range(turns):
        alone = min(alone, _best(run, 3))
        with record(backend="torch"):
            recorded = min(recorded, _best(run, 3))
    return alone, recorded


def main() -> None:
    import torch

    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()
    print("| | alone | recorded | times |\n|---|---:|---:|---:|")
    for name, program in PROGRAMS.items():
        alone, recorded = measured(program(torch))
        print(f"| {name} | {alone * 1e3:.3g} ms | {recorded * 1e3:.3g} ms | {recorded / alone:.2f} |")


if __name__ == "__main__":
    main()
