"""Three ways to cut a tensor from its history: `detach`, `detach_` and `.data`.

All three leave the numbers where they are. They differ in what they do to the *counter* and to the
tensor itself:

    call           returns                  memory   version counter
    x.detach()     a new tensor             shared   shared: a write is noticed by whoever saved x
    x.detach_()    x itself, now a leaf     its own  its own
    x.data         a new tensor             shared   a new one: nobody notices a write
"""

from __future__ import annotations

from . import errors
from .errors import demand
from .modes import modes
from .observe import Listener, slot, tell, telling
from .tensor import Tensor, alias, new_counter


def detach(self: Tensor) -> Tensor:
    """A tensor on the same memory, with the same version counter and no history (`torch.detach`).

    >>> from autograd_core import tensor
    >>> out = tensor([0.0], requires_grad=True).sigmoid()
    >>> c = out.detach()
    >>> c.requires_grad, c.zero_(), out._version
    (False, tensor([0.]), 1)
    """
    counter = new_counter(True) if self._inference else self._counter
    out = alias(self, self._array, counter)
    if slot.listener is not None:
        slot.listener.alias_made(self, out, "detach")
    return out


@telling
def detach_(self: Tensor) -> Tensor:
    """Cut this very tensor from its history: it becomes a leaf (`torch.Tensor.detach_`).

    Raises RuntimeError on a view, whose history belongs to its base.
    """
    if modes.before_write is not None and (modes.inference or self._inference):
        modes.before_write(self)  # for lack of a history to cut it counts as a write
    if modes.inference:  # nothing is recorded there, nor cut
        return self
    demand(self._base is None, errors.DETACH_VIEW_IN_PLACE)
    self._own_counter = self._counter  # who keeps this tensor sees by it to look closer (`saved`)
    self._grad_fn, self._output_nr, self._requires_grad = None, 0, False
    tell(Listener.changed, self, "detach_")
    return self


def get_data(self: Tensor) -> Tensor:
    """`.data`: the same memory, no history, and a version counter of its own (`Tensor.data`).

    A write through it changes the numbers that others saved and leaves their counters at rest, so
    backward computes with the wrong numbers and nothing is raised.
    """
    out = alias(self, self._array, new_counter(self._inference))
    tell(Listener.alias_made, self, out, ".data")
    return out


@telling
def set_data(self: Tensor, data: Tensor) -> None:
    """`x.data = y`: x looks at y's memory from now on, and keeps its own history and counter."""
    if not isinstance(data, Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
    demand(not self.requires_grad or data._array.dtype.kind == "f", errors.NON_FLOAT_DATA)
    self._inference, self._own_counter = data._inference, self._counter  # a node has to look closer
    if data._array.dtype != self._array.dtype:
        self._accumulate_grad = None  # what was recorded so far goes to a gradient of the old type
    self._array, self._storage = data._array, data.untyped_storage()
    tell(Listener.changed, self, ".data =")
