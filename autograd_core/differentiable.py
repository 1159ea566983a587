"""How an operation and its gradient formulas are declared.

Forward and gradient stand together, NumPy in and NumPy out, and **the parameter names of a formula
are exactly what the node saves**:

    @differentiable
    def sigmoid(self):
        return 1 / (1 + exp(-self))

    sigmoid.gradient(self=lambda grad, result: grad * (1 - result) * result)

One look tells that `SigmoidBackward0` saves its result and not its input. A formula may name inputs,
plain arguments (`dim`), `result` (or one of the named `outputs`), and what is known of an input
without keeping it: `self_sym_sizes` for its shape, and the others in `operation.ABOUT`. It is run on
arrays, or on tensors for `create_graph=True`: the same line serves both, because an operation that is
given arrays returns an array. A formula that begins with `grads` gets the gradients of all outputs.

Where NumPy has the forward ready, a row of a table says it all:

    sin = unary("sin", np.sin, lambda grad, self: grad * cos(self))

What every operation needs is in `operation`: type promotion, making the node, saving only what the
gradients that are asked for need, checking versions. Broadcast gradients are summed back to their
input's shape by the engine.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from . import dtypes, errors, quick
from .modes import modes
from .observe import failed, slot
from .operation import Operation
from .signatures import NUMBERS, OPERANDS
from .tensor import Tensor, wrap


def differentiable(forward: Callable | None = None, **options: object) -> Callable:
    """Turn a function of arrays into an operation on tensors; see this module's docstring.

    `name` and `node` are PyTorch's names for the operation and its node, where they do not follow from
    the function's: PyTorch gives each overload of an operation a node of its own. `promotes`
    brings all tensor inputs (or those that it names) to one type first; `floats` turns integers into
    floats first; `tensors` lets no number stand for a tensor; `check` is given the arrays before all
    that, and raises for those that the operation refuses. `outputs` names several results; `joins`
    says that the first argument is a list of tensors. `like` has the parameters of a forward that does
    not tell its own, and `ufunc` does the same as the forward where what is optional is left out; `looks`
    makes the views of an operation that returns views. What a parameter takes follows from its name
    and its hint: see `signatures`.
    """
    if forward is None:
        return functools.partial(differentiable, **options)
    operation = Operation(forward, **options)
    asked = plain = _function(operation)
    unusual = operation.takes.several_at or operation.outputs or operation.joins or operation.looks
    most = len(operation.parameters)
    least = most - len(operation.takes.defaults)

    def called(*args, **kwargs):
        if kwargs or not least <= len(args) <= most:
            return asked(*args, **kwargs)
        if modes.formulas and Tensor not in map(type, args):
            return forward(*args)
        return plain(*args)

    op = dressed(asked if unusual else called, operation)

    def gradient(**formulas: Callable | None) -> None:
        nonlocal plain, most
        operation.gradient(**formulas)
        op.__doc__ = op.__doc__ or operation.told()
        op.operator = quick.of_two(operation, operator(asked))
        if unusual:
            return
        if operation.promoted == (0, 1) and not (operation.check or operation.tensors):
            plain, most = quick.of_two(operation, asked), 2
        elif operation.edged == (0, 1) and most == 2 and not operation.promoted:
            plain = quick.of_two(operation, asked)
        else:
            plain = quick.of_one(operation, asked)

    op.gradient = gradient
    return op


def dressed(op: Callable, operation: Operation) -> Callable:
    """The function that is called for an operation, made to look like the operation's forward."""
    forward = operation.forward
    op.__name__ = op.__qualname__ = operation.name if operation.like else forward.__name__
    op.__doc__, op.__module__ = None if operation.like else forward.__doc__, forward.__module__
    op.__wrapped__ = operation.like or forward  # there `help` finds the parameters
    op.operation = operation
    return op


def unary(
    name: str, forward: Callable, formula: Callable | None, floats: bool = True, **options: object
) -> Callable:
    """An operation on each element of one tensor, whose forward is there already: a row of a table."""
    op = differentiable(forward, name=name, like=lambda self: None, floats=floats, **options)
    op.gradient(self=formula)
    return op


def binary(
    name: str, forward: Callable, self: Callable | None = None, other: Callable | None = None,
    **options: object,
) -> Callable:  # fmt: skip
    """The same for two tensors. Nothing flows back where there is no formula."""
    op = differentiable(forward, name=name, like=lambda self, other: None, promotes=True, **options)
    op.gradient(self=self, other=other)
    return op


def over(op: Callable, node: str, **options: object) -> Callable:
    """The operation once more, by the name of the node that PyTorch gives to its twin."""
    names = {"name": op.operation.name, "node": node, "like": op}
    again = differentiable(op.operation.forward, **names, **options)
    again.gradient(**op.operation.declared)
    return again


def only(kinds: str, kernel: str, numbers: bool = False) -> Callable:
    """A check that lets types of these kinds alone through: `f` floats, `i` and `u` integers, `b` bools.

    `numbers`: among the arguments, numbers count like tensors.
    """
    counted = (np.ndarray, *NUMBERS) if numbers else np.ndarray

    def check(*arguments: object) -> None:
        common = dtypes.promote(*(each for each in arguments if isinstance(each, counted)))
        sentence = "\"{}\" not implemented for '{.scalar_name}'"
        known = dtypes.FROM_NUMPY[common]
        errors.demand(common.kind in kinds, sentence, kernel, known, kind=NotImplementedError)

    return check


# ---- what is called ------------------------------------------------------------------------------------


def _function(operation: Operation) -> Callable:
    """The operation as a function: arguments in any way that PyTorch takes them, one result or several."""
    forward, arity = operation.forward, len(operation.parameters)

    def op(*args, **kwargs):
        try:
            if kwargs or len(args) != arity or operation.takes.several_at:
                args = operation.complete(args, kwargs)
            if modes.formulas:
                operands = args[0] if operation.joins else args
                if not any([isinstance(each, Tensor) for each in operands]):
                    return forward(*args)
            operation.check_tensors(args)
            node = operation.node_for(args)
            if operation.looks is not None:
                return operation.looks(operation, args, node)
            results = operation.run(args)
            outs = tuple(map(wrap, results)) if operation.outputs else (wrap(results),)
            if node is not None:
                operation.finish_node(node, outs)
            if slot.listener is not None:
                inputs = (*args[0], *args) if operation.joins else args
                slot.listener.op_ran(operation.name, inputs, outs)
            return operation.named(*outs) if operation.outputs else outs[0]
        except Exception as error:
            failed(error)
            raise

    return op


def operator(op: Callable) -> Callable:
    """The operation between a tensor and another or a number; beside anything else, Python decides."""
    return lambda self, other: op(self, other) if isinstance(other, OPERANDS) else NotImplemented
