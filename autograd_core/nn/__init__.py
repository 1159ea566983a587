"""The part of `torch.nn` that is plain functions."""

from . import functional
