"""A weight is normalised in place in `forward`, between two uses."""

import torch
from torch import nn


class Cosine(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 2))

    def forward(self, x):
        with torch.no_grad():
            self.weight.div_(self.weight.norm(dim=1, keepdim=True))
        return x @ self.weight.T


torch.manual_seed(0)
layer = Cosine()
data = torch.randn(5, 2, requires_grad=True)
first = layer(data)
second = layer(data * 2)
(first + second).sum().backward()
