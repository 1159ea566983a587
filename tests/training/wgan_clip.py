"""The critic's weights are clipped between the generator's forward and its backward."""

import torch
from torch import nn

torch.manual_seed(0)


def clip(net, limit):
    for weight in net.parameters():
        weight.data.clamp_(-limit, limit)


generator = nn.Linear(3, 2)
critic = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
optimizer = torch.optim.RMSprop(generator.parameters(), lr=1e-3)
for _ in range(2):
    loss = -critic(generator(torch.randn(6, 3))).mean()
    clip(critic, 0.05)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
