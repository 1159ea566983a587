"""A write through a NumPy array that shares a tensor's memory."""

import torch

rates = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
growth = rates.exp()
array = growth.detach().numpy()
array[0] = 0.0
growth.sum().backward()
