"""How an operation and its gradient formulas are declared.

Forward and gradient stand together, NumPy in and NumPy out, and **the parameter names of a formula
are exactly what the node saves**:

    @differentiable
    def sigmoid(self):
        return 1 / (1 + exp(-self))

    sigmoid.gradient(self=lambda grad, result: grad * (1 - result) * result)

One look tells that `SigmoidBackward0` saves its result and not its input. A formula may name inputs,
plain arguments (`dim`), `result`, and `<input>_sym_sizes` for the shape of an input (`<input>_geometry` for its strides too). It is run on
arrays, or on tensors for `create_graph=True`: the same line serves both, because an operation that
is given arrays returns an array.

What every operation needs is here once: type promotion, making the node, saving only what the
gradients that are asked for need, checking versions. Broadcast gradients are summed back to their
input's shape by the engine.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Sequence

import numpy as np

from . import dtypes, errors
from .graph import Edge, Node, gradient_edge, set_history
from .modes import modes
from .observe import slot
from .saved import SavedTensor, save
from .tensor import Tensor, wrap

NUMBERS = (bool, int, float, np.generic)


class Operation:
    """All there is to know of an operation: its forward, its node class, its formulas."""

    def __init__(
        self,
        forward: Callable,
        name: str | None = None,
        node: str | None = None,
        promotes: bool = False,
        floats: bool = False,
        check: Callable | None = None,
    ) -> None:
        # NumPy would warn of infinities and nans; here they are values like all others.
        self.forward = np.errstate(all="ignore")(forward)
        self.check = check
        self.name = name or forward.__name__
        self.signature = inspect.signature(forward)
        self.parameters = tuple(self.signature.parameters)
        self.promotes = promotes  # all tensor inputs are brought to one type first
        self.floats = floats  # integers are turned into floats first
        self.inputs: tuple[str, ...] = ()  # the parameters that are tensors
        self.edged: tuple[int, ...] = ()  # those of them, by position, that gradients flow to
        self.node_class = type(
            node or self.name.title().replace("_", "") + "Backward0",
            (OperationNode,),
            {"operation": self, "__module__": forward.__module__},
        )

    def gradient(self, /, **formulas: Callable | None) -> None:
        """Declare one formula per tensor input; None says that none flows there, and makes no edge."""
        self.inputs = tuple(formulas)
        edged = [(self.parameters.index(name), f) for name, f in formulas.items() if f is not None]
        self.edged = tuple(position for position, formula in edged)
        wanted = [_parameters(formula)[1:] for position, formula in edged]
        named = {name for names in wanted for name in names}
        self.saved_fields = (*sorted(named & set(self.inputs)), *sorted(named & {"result"}))
        self.saves_result = "result" in named
        self.plain_fields = tuple(sorted(named - set(self.saved_fields)))
        fields = (*self.saved_fields, *self.plain_fields)
        self.formulas = tuple(
            _on_values(formula, [fields.index(name) for name in names])
            for (position, formula), names in zip(edged, wanted)
        )
        # For each set of inputs that need a gradient: which saved fields their formulas use.
        self.needed: dict[tuple[bool, ...], tuple[bool, ...]] = {
            asked: tuple(
                any(ask and field in names for ask, names in zip(asked, wanted))
                for field in self.saved_fields
            )
            for asked in itertools.product((False, True), repeat=len(edged))
        }
        self.node_class.publish(self.saved_fields, self.plain_fields)

    # ---- forward ---------------------------------------------------------------------------------

    @np.errstate(all="ignore")
    def run(self, arguments: Sequence) -> np.ndarray:
        """The forward, with tensors turned into arrays of the types it takes."""
        arrays = [each._array if isinstance(each, Tensor) else each for each in arguments]
        count = len(self.inputs)
        if self.check is not None:
            self.check(*arrays)
        if self.promotes:
            common = dtypes.promote(*arrays[:count])
            if self.floats and common.kind != "f":
                common = dtypes.get_default_dtype().numpy
            half = common == np.float16
            # Halves are computed with as floats and rounded once, at the end.
            inner = np.dtype(np.float32) if half else common
            arrays[:count] = [
                each if getattr(each, "dtype", None) == inner else np.asarray(each).astype(inner)
                for each in arrays[:count]
            ]
            result = np.asarray(self.forward(*arrays))
            return result.astype(np.float16) if half and result.dtype.kind == "f" else result
        if self.floats and arrays[0].dtype.kind != "f":
            arrays[0] = arrays[0].astype(dtypes.get_default_dtype().numpy)
        return np.asarray(self.forward(*arrays))

    def complete(self, args: tuple, kwargs: dict) -> tuple:
        """All arguments in the order of the forward's parameters, defaults filled in."""
        if "input" in kwargs:  # PyTorch's functions call the first argument so
            kwargs["self"] = kwargs.pop("input")
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.args

    def make_node(self, arguments: Sequence, edges: tuple[Edge | None, ...]) -> OperationNode:
        """A node that saves, of the inputs, what the formulas that are asked for need."""
        node = self.node_class(edges)
        if self.saved_fields:
            node.needed = self.needed[tuple([edge is not None for edge in edges])]
            node.kept = tuple(
                [
                    self.keep(field, arguments) if needed and field != "result" else None
                    for field, needed in zip(self.saved_fields, node.needed)
                ]
            )
        if self.plain_fields:
            node.plain = tuple([self.plain(field, arguments) for field in self.plain_fields])
        return node

    def finish_node(self, node: OperationNode, out: Tensor) -> None:
        """Join a node to its output, and save that where a formula needs the result."""
        node.outputs = ((out._array.shape, out._array.dtype),)
        set_history(out, node)
        if self.saves_result and node.needed[-1]:
            node.kept = (*node.kept[:-1], save(out, is_result=True))

    def keep(self, field: str, arguments: Sequence) -> SavedTensor | object:
        argument = arguments[self.parameters.index(field)]
        return save(argument) if isinstance(argument, Tensor) else argument

    def plain(self, field: str, arguments: Sequence) -> object:
        if field.endswith("_sym_sizes"):
            argument = arguments[self.parameters.index(field.removesuffix("_sym_sizes"))]
            return argument._array.shape if isinstance(argument, Tensor) else ()
        if field.endswith("_geometry"):
            tensor = arguments[self.parameters.index(field.removesuffix("_geometry"))]
            return tensor._array.shape, tensor.stride(), tensor.storage_offset()
        return arguments[self.parameters.index(field)]

    def refuse(self, arguments: Sequence) -> TypeError:
        """The error for an argument that is no tensor, in PyTorch's words."""
        for position, (name, each) in enumerate(zip(self.inputs, arguments)):
            if not isinstance(each, Tensor) and (position == 0 or not isinstance(each, NUMBERS)):
                shown = "input" if name == "self" else name
                return TypeError(
                    f"{self.name}(): argument '{shown}' (position {position + 1}) must be Tensor, "
                    f"not {type(each).__name__}"
                )
        raise AssertionError("every argument is fit")


class OperationNode(Node):
    """The node of a declared operation: unpack what was saved, run the formulas."""

    operation: Operation
    needed: tuple[bool, ...] = ()  # which of the operation's saved fields this node keeps
    kept: tuple | None = ()  # a SavedTensor, number or None per saved field; None once freed
    plain: tuple = ()

    @classmethod
    def publish(cls, saved: tuple[str, ...], plain: tuple[str, ...]) -> None:
        """Give the class PyTorch's attributes for what it keeps: `_saved_self`, `_raw_saved_self`."""
        for index, field in enumerate(saved):
            setattr(cls, f"_saved_{field}", property(lambda node, i=index: node.field(i)))
            setattr(cls, f"_raw_saved_{field}", property(lambda node, i=index: node.raw_field(i)))
        for index, field in enumerate(plain):
            setattr(cls, f"_saved_{field}", property(lambda node, i=index: node.plain[i]))

    def raw_field(self, index: int) -> SavedTensor | object:
        if self.kept is None:
            raise RuntimeError(errors.SECOND_BACKWARD)
        return self.kept[index]

    def field(self, index: int) -> Tensor | None:
        kept = self.raw_field(index)
        if isinstance(kept, SavedTensor):
            return kept.unpack(self)
        return kept if kept is None else wrap(np.asarray(kept))

    def saved(self) -> dict[str, object]:
        kept = zip(self.operation.saved_fields, self.kept or ())
        return {field: each for field, each in kept if isinstance(each, SavedTensor)}

    def apply(self, grads: list, on_tensors: bool) -> list:
        operation, kept = self.operation, self.kept
        if kept is None:
            raise RuntimeError(errors.SECOND_BACKWARD)
        values = []
        for index, each in enumerate(kept):
            if isinstance(each, SavedTensor):
                try:
                    each = each.unpack(self) if on_tensors else each.read(self)
                except RuntimeError as error:
                    if hasattr(error, "mismatch"):
                        error.mismatch.field = operation.saved_fields[index]
                    raise
            values.append(each)
        if self.plain:
            values.extend(self.plain)
        (grad,) = grads
        if grad is None:
            return [None] * len(self.edges)
        return [
            None if edge is None else formula(grad, values)
            for edge, formula in zip(self.edges, operation.formulas)
        ]

    def release(self) -> None:
        if self.kept:
            self.kept = None
            if slot.listener is not None:
                slot.listener.freed(self)


def _parameters(formula: Callable) -> tuple[str, ...]:
    return tuple(inspect.signature(formula).parameters)


def _on_values(formula: Callable, positions: list[int]) -> Callable:
    """The formula as a function of the gradient and the list of all that the node keeps."""
    if not positions:
        return lambda grad, values: formula(grad)
    if len(positions) == 1:
        (only,) = positions
        return lambda grad, values: formula(grad, values[only])
    return lambda grad, values: formula(grad, *[values[each] for each in positions])


def differentiable(
    forward: Callable | None = None,
    *,
    name: str | None = None,
    node: str | None = None,
    promotes: bool = False,
    floats: bool = False,
    check: Callable | None = None,
) -> Callable:
    """Turn a function of arrays into an operation on tensors; see this module's docstring.

    `name` and `node` are PyTorch's names for the operation and its node, where they do not follow from
    the function's: PyTorch gives each overload of an operation a node of its own. `promotes`
    brings all tensor inputs to one type first; `floats` turns integers into floats first; `check` is
    given the arrays before that, and raises for those that the operation refuses.
    """
    if forward is None:
        return lambda forward: differentiable(
            forward, name=name, node=node, promotes=promotes, floats=floats, check=check
        )
    operation = Operation(forward, name, node, promotes, floats, check)
    build = _binary if promotes and len(operation.parameters) == 2 else _general
    op = build(operation, as_operator=False)
    op.__name__ = op.__qualname__ = forward.__name__
    op.__doc__, op.__module__ = forward.__doc__, forward.__module__
    op.__signature__ = operation.signature
    op.operation = operation
    op.gradient = operation.gradient
    op.operator = build(operation, as_operator=True)
    return op


def _general(operation: Operation, as_operator: bool) -> Callable:
    forward, arity = operation.forward, len(operation.parameters)
    converts = operation.floats or operation.promotes

    def op(*args, **kwargs):
        if kwargs or len(args) != arity:
            args = operation.complete(args, kwargs)
        inputs = args[: len(operation.inputs)]
        if not isinstance(args[0], Tensor) and not any(isinstance(i, Tensor) for i in inputs):
            if modes.formulas:
                return forward(*args)
            raise operation.refuse(args)
        if converts:
            out = wrap(operation.run(args))
        else:
            out = wrap(
                forward(*[each._array if isinstance(each, Tensor) else each for each in args])
            )
        if modes.grad:
            edges = tuple(
                [gradient_edge(args[i]) if isinstance(args[i], Tensor) else None for i in operation.edged]
            )
            if any(edges):
                operation.finish_node(operation.make_node(args, edges), out)
        elif modes.inference:
            out._inference = True
        if slot.listener is not None:
            slot.listener.op_ran(operation.name, args, (out,))
        return out

    return op


def _binary(operation: Operation, as_operator: bool) -> Callable:
    """Elementwise operations of two tensors, or of a tensor and a Python number."""
    forward = operation.forward

    def op(self, other):
        if isinstance(self, Tensor):
            a = self._array
            if isinstance(other, Tensor):
                b = other._array
                plain = a.dtype is b.dtype and a.dtype.kind == "f" and a.dtype.itemsize > 2
            elif isinstance(other, NUMBERS):
                b = other
                plain = a.dtype.kind == "f" and a.dtype.itemsize > 2 and type(b) in (float, int)
            elif as_operator:
                return NotImplemented
            else:
                raise operation.refuse((self, other))
        elif isinstance(other, Tensor) and isinstance(self, NUMBERS):
            a, b, plain = self, other._array, False
        elif modes.formulas:
            return forward(self, other)
        else:
            raise operation.refuse((self, other))
        try:
            # Two floats of one type, or a float and a number, need no promotion: NumPy does the same.
            out = wrap(forward(a, b) if plain else operation.run((self, other)))
        except ValueError:
            raise errors.broadcast_mismatch(np.shape(a), np.shape(b)) from None
        if modes.grad and operation.edged:
            edges = (
                gradient_edge(self) if isinstance(self, Tensor) else None,
                gradient_edge(other) if isinstance(other, Tensor) else None,
            )
            if edges != (None, None):
                operation.finish_node(operation.make_node((self, other), edges), out)
        elif modes.inference:
            out._inference = True
        if slot.listener is not None:
            slot.listener.op_ran(operation.name, (self, other), (out,))
        return out

    return op
