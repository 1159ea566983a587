"""A GAN whose discriminator is updated between the two backwards."""

import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Linear(2, 3)
discriminator = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
opt_d = torch.optim.Adam(discriminator.parameters(), lr=0.01)
opt_g = torch.optim.Adam(generator.parameters(), lr=0.01)

fake = generator(torch.randn(5, 2))
score = discriminator(fake)
loss_d = score.mean()
loss_g = -score.mean()
opt_d.zero_grad()
loss_d.backward(retain_graph=True)
opt_d.step()
opt_g.zero_grad()
loss_g.backward()
opt_g.step()
