"""Every operation's domain, declared once; all its comparisons with PyTorch come from that."""

from . import creation, elementwise, matrices, places, reductions, shapes

FAMILIES = tuple(each.family for each in (creation, elementwise, matrices, places, reductions, shapes))
