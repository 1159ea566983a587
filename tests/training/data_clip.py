"""Clipping through `.data` spoils a gradient, and nobody says so."""

import torch

torch.manual_seed(0)
weight = torch.tensor([0.5, 2.0, -3.0], requires_grad=True)
activation = weight.exp()
activation.data.clamp_(max=1.0)
activation.sum().backward()
print(weight.grad)
