"""An autoencoder that cuts off its code for a plot, and decodes what it cut off."""

import torch
from torch import nn


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(5, 2)
        self.decoder = nn.Linear(2, 5)

    def forward(self, x):
        code = torch.tanh(self.encoder(x))
        shown = code.detach()
        return self.decoder(shown)


torch.manual_seed(0)
net = AutoEncoder()
x = torch.randn(4, 5)
loss = (net(x) - x).pow(2).mean()
loss.backward()
print(f"{net.encoder.weight.grad.norm():.3f}")
