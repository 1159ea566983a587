"""Other shapes of the same elements."""

from __future__ import annotations

import numpy as np

from ..differentiable import differentiable


@differentiable
def expand(self, size):
    return np.broadcast_to(self, size)

expand.gradient(self=lambda grad: grad)  # the engine sums it back to the input's shape


@differentiable(name="unsqueeze", node="UnsqueezeBackward0")
def unsqueeze_all(self, dim):
    return np.expand_dims(self, dim)

unsqueeze_all.gradient(self=lambda grad, dim: squeeze_all(grad, dim))


@differentiable(name="squeeze", node="SqueezeBackward1")
def squeeze_all(self, dim):
    return np.squeeze(self, dim)

squeeze_all.gradient(self=lambda grad, dim: unsqueeze_all(grad, dim))
