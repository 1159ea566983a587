"""The plainest kind of call, which most calls are, with everything in one place.

One or two tensors of floats of one type, or a tensor and a number, in the usual modes, none of
them a view: then no type has to be promoted, no user's code asked, and what a node of this operation
keeps is known beforehand. What `operation` does in a dozen small functions is written
out here in a row. The surprising idea: in Python, the calls cost more than the work. So done, `x * y`
with its node takes less than half the time. Whatever is not plain goes the long way, `otherwise`.

A tensor that nobody shares or has ever written is kept by the node as it is: it is at version 0, and
has no counter yet. If it has one when the node looks, somebody may have written it (see `operation`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .graph import leaf_node, next_sequence_nr
from .modes import modes
from .observe import slot
from .operation import FLOAT32, FLOAT64, Operation, keep
from .quiet import SILENT, hush, speak
from .saved import SavedTensor
from .storage import lying_like
from .tensor import Tensor

NOTHING = ((None, None),)
ZEROS = (0, 0)
ndarray, new = np.ndarray, object.__new__


def is_settled(view: Tensor) -> bool:
    """Does a view have the history that it shows, with no write to its base since?"""
    return view._own_counter.value == view._view.version and not (
        view._grad_fn is None and view._base.requires_grad
    )


def of_two(operation: Operation, otherwise: Callable) -> Callable:
    """The operation between a tensor and a tensor or number, or `otherwise` where that is not plain."""
    if operation.edged not in ((), (0, 1)) or operation.node == "NotImplemented":
        return otherwise
    name, forward = operation.name, operation.ufunc or operation.forward
    node_class = operation.node_class
    more = (*operation.takes.defaults, None)
    kept_of, saves, result = operation.kept_of, operation.saved_fields, operation.saved_output
    kept_of_both = kept_of.get((True, True))  # no more than the two is ever kept
    # What is read of other arguments than the two, mostly nothing, is the same in each call.
    constant = set(operation.plain_fields) <= set(operation.parameters[2:])
    read_plain = operation.read_plain
    plain = read_plain((None, None, *more)) if constant else None
    by_element, flows, known = operation.is_elementwise, bool(operation.edged), NOTHING
    numbers = (float, int) if by_element else ()

    def of_two(self, other):
        nonlocal known
        grad = modes.usual
        if grad is not None and type(self) is Tensor:
            a = self._array
            kind = a.dtype
            if type(other) is Tensor:
                b = other._array
                fits = b.dtype is kind and (other._view is None or is_settled(other))
            else:
                b = other
                fits = type(other) in numbers
            if fits and (kind is FLOAT32 or kind is FLOAT64) and (self._view is None or is_settled(self)):
                one, two, two_nr = None, None, 0
                if grad:
                    one = self._grad_fn
                    if one is None and self._requires_grad:
                        one = leaf_node(self)
                    if b is not other:
                        two, two_nr = other._grad_fn, other._output_nr
                        if two is None and other._requires_grad:
                            two = leaf_node(other)
                token = hush(SILENT)
                try:
                    array = forward(a, b)
                    if by_element and array.ndim > 1:
                        array = lying_like((a, b), array)
                except (RuntimeError, TypeError, ValueError):
                    array = None
                finally:
                    speak(token)
                if array is None:
                    return otherwise(self, other)  # fails once more, and says why
                out = new(Tensor)
                out._array = array if type(array) is ndarray else np.asarray(array)
                if flows and (one is not None or two is not None):
                    out._grad_fn = node = new(node_class)
                    node.followers, node.sequence_nr = (one, two), next_sequence_nr()
                    node.output_nrs = (self._output_nr, two_nr) if self._output_nr or two_nr else ZEROS
                    node.hooks = node.notes = None
                    # Results after one another are mostly alike: a quarter less memory to share this.
                    outputs = known
                    shape, kind = outputs[0]
                    if array.shape != shape or array.dtype is not kind:
                        known = outputs = ((array.shape, array.dtype),)
                    node.outputs, kept = outputs, ()
                    if saves:
                        if one is None or two is None:
                            kept = kept_of[one is not None, two is not None]((self, other, *more))
                        else:
                            kept = kept_of_both((self, other))
                        alone = b is other or other._own_counter is None
                        if self._own_counter is not None or not alone:
                            kept = tuple(map(keep, kept))
                        if result is not None:
                            kept = (*kept, SavedTensor(out, is_result=True))
                    node.kept = kept
                    node.plain = read_plain((self, other, *more)) if plain is None else plain
                if slot.listener is not None:
                    slot.listener.op_ran(name, (self, other), (out,))
                return out
        return otherwise(self, other)

    return of_two


def of_one(operation: Operation, otherwise: Callable) -> Callable:
    """The operation on one tensor, by numbers or indices, or `otherwise` where that is not plain."""
    if operation.edged not in ((), (0,)) or operation.promoted:
        return otherwise
    name, forward, node_class, check = operation.name, operation.forward, operation.node_class, operation.check
    arity, defaults = len(operation.parameters) - 1, operation.takes.defaults
    kept_of, saves, result = operation.kept_of, operation.saved_fields, operation.saved_output
    reads, read_plain = bool(operation.plain_fields), operation.read_plain
    by_element, in_rows = operation.is_elementwise, operation.reduces
    flows, known = bool(operation.edged), NOTHING

    def of_one(self, *rest):
        nonlocal known
        grad = modes.usual
        if grad is not None and type(self) is Tensor:
            a = self._array
            kind = a.dtype
            if (kind is FLOAT32 or kind is FLOAT64) and (self._view is None or is_settled(self)):
                if len(rest) < arity:
                    rest = (*rest, *defaults[len(rest) - arity :])
                maker = self._grad_fn if grad else None
                if maker is None and grad and self._requires_grad:
                    maker = leaf_node(self)
                token = hush(SILENT)
                try:
                    arrays = rest
                    if rest:
                        operation.check_tensors((self, *rest))
                        arrays = [each._array if isinstance(each, Tensor) else each for each in rest]
                    if check is not None:
                        check(a, *arrays)
                    array = forward(a, *arrays)
                    if in_rows:
                        array = np.asarray(array, order="C")
                    elif by_element and array.ndim > 1:
                        array = lying_like((a,), array)
                except Exception:
                    array = None
                finally:
                    speak(token)
                if array is None:
                    return otherwise(self, *rest)  # fails once more, and says why
                out = new(Tensor)
                out._array = array if type(array) is ndarray else np.asarray(array)
                if flows and maker is not None and array.dtype.kind == "f":
                    out._grad_fn = node = new(node_class)
                    node.followers, node.sequence_nr = (maker,), next_sequence_nr()
                    node.output_nrs = (self._output_nr,)
                    node.kept, node.plain, node.hooks, node.notes = (), (), None, None
                    outputs = known
                    shape, kind = outputs[0]
                    if array.shape != shape or array.dtype is not kind:
                        known = outputs = ((array.shape, array.dtype),)
                    node.outputs = outputs
                    arguments = (self, *rest, None)
                    if saves:
                        kept = kept_of[(True,)](arguments)
                        if rest or self._own_counter is not None:
                            kept = tuple(map(keep, kept))
                        if result is not None:
                            kept = (*kept, SavedTensor(out, is_result=True))
                        node.kept = kept
                    if reads:
                        node.plain = read_plain(arguments)
                if slot.listener is not None:
                    slot.listener.op_ran(name, (self, *rest), (out,))
                return out
        return otherwise(self, *rest)

    return of_one
