"""The hidden state of a recurrent cell is carried over between batches."""

import torch
from torch import nn

torch.manual_seed(0)
cell = nn.RNNCell(2, 3)
optimizer = torch.optim.SGD(cell.parameters(), lr=0.1)
hidden = torch.zeros(1, 3)
for batch in range(3):
    hidden = cell(torch.randn(1, 2), hidden)
    loss = hidden.sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
