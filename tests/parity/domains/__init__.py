"""Every operation's domain, declared once; all its comparisons with PyTorch come from that."""

from . import elementwise, matrices

FAMILIES = (elementwise.family, matrices.family)
