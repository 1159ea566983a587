"""A masked write into attention scores that softmax has saved."""

import torch

torch.manual_seed(0)
queries = torch.randn(4, 8, requires_grad=True)
keys = torch.randn(4, 8, requires_grad=True)
weights = torch.softmax(queries @ keys.T, dim=-1)
future = torch.ones(4, 4).triu(1).bool()
weights[future] = 0.0
(weights @ keys).sum().backward()
