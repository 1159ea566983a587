"""Dropout in place, right behind a sigmoid, in a line that calls one layer in the other."""

import torch
from torch import nn

torch.manual_seed(0)


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 5)
        self.gate = nn.Sigmoid()
        self.dropout = nn.Dropout(0.3, inplace=True)
        self.out = nn.Linear(5, 1)

    def forward(self, x):
        return self.out(self.dropout(self.gate(self.linear(x))))


net = Gate()
loss = net(torch.randn(4, 5)).mean()
loss.backward()
