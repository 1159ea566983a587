"""A variational autoencoder that saves memory where it draws its sample."""

import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(0)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(10, 6)
        self.decoder = nn.Linear(3, 10)

    def sample(self, mean, log_variance):
        deviation = log_variance.mul(0.5).exp_()
        noise = torch.randn_like(deviation)
        return deviation.mul_(noise).add_(mean)

    def forward(self, x):
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return self.decoder(self.sample(mean, log_variance)), mean, log_variance


model = VAE()
x = torch.randn(4, 10)
reconstructed, mean, log_variance = model(x)
divergence = -0.5 * (1 + log_variance - mean.pow(2) - log_variance.exp()).sum()
loss = functional.mse_loss(reconstructed, x, reduction="sum") + divergence
loss.backward()
