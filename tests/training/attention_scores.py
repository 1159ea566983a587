"""A masked write into attention scores that the z-loss has already looked at."""

import math

import torch
from torch import nn

torch.manual_seed(0)


class CausalAttention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.to_qkv = nn.Linear(width, 3 * width)

    def forward(self, x):
        queries, keys, values = self.to_qkv(x).chunk(3, dim=-1)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(x.shape[-1])
        z_loss = scores.logsumexp(dim=-1).pow(2).mean()
        future = torch.ones(scores.shape[-2:]).triu(1).bool()
        scores[:, future] = -torch.inf
        return scores.softmax(dim=-1) @ values, z_loss


attention = CausalAttention(8)
optimizer = torch.optim.Adam(attention.parameters())
out, z_loss = attention(torch.randn(2, 5, 8))
loss = out.pow(2).mean() + 1e-4 * z_loss
optimizer.zero_grad()
loss.backward()
optimizer.step()
