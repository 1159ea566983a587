"""How an operation and its gradient formulas are declared.

Forward and gradient stand together, NumPy in and NumPy out, and **the parameter names of a formula
are exactly what the node saves**:

    @differentiable
    def sigmoid(self):
        return 1 / (1 + exp(-self))

    sigmoid.gradient(self=lambda grad, result: grad * (1 - result) * result)

One look tells that `SigmoidBackward0` saves its result and not its input. A formula may name inputs,
plain arguments (`dim`), `result` (or one of the named `outputs`), and what is known of an input
without keeping it: `self_sym_sizes` for its shape, and the others in `ABOUT`. It is run on arrays, or
on tensors for `create_graph=True`: the same line serves both, because an operation that is given
arrays returns an array. A formula that begins with `grads` gets the gradients of all outputs.

What every operation needs is here once: type promotion, making the node, saving only what the
gradients that are asked for need, checking versions. Broadcast gradients are summed back to their
input's shape by the engine.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import operator
from collections import namedtuple
from collections.abc import Callable, Sequence

import numpy as np

from . import dtypes, errors
from .graph import Edge, Node, gradient_edge, set_history
from .modes import modes
from .observe import slot
from .saved import SavedTensor, save
from .tensor import Tensor, wrap

NUMBERS = (bool, int, float, np.generic)

# What a formula may know of an input without keeping it, by the ending of the parameter's name.
ABOUT = {
    "_sym_sizes": lambda tensor: tensor._array.shape,
    "_sym_strides": Tensor.stride,
    "_dim": lambda tensor: tensor._array.ndim,
    "_sym_numel": lambda tensor: tensor._array.size,
    "_geometry": lambda tensor: (tensor._array.shape, tensor.stride(), tensor.storage_offset()),
    "_each_size": lambda tensors: [tensor._array.shape for tensor in tensors],
}
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
UNSIGNED = set("dim dim0 dim1 dim2 dims start end index offset diagonal shifts".split())
UNSEEN = ("_geometry", "_each_size")  # PyTorch's nodes keep these, too, but do not show them


class Operation:
    """All there is to know of an operation: its forward, its node class, its formulas."""

    def __init__(
        self,
        forward: Callable,
        name: str | None = None,
        node: str | None = None,
        promotes: bool | str = False,
        floats: bool = False,
        tensors: bool = False,
        check: Callable | None = None,
        outputs: Sequence[str] = (),
        joins: bool = False,
    ) -> None:
        self.forward = forward
        self.check = check
        self.name = name or forward.__name__
        self.signature = inspect.signature(forward)
        self.parameters = tuple(self.signature.parameters)
        defaults = (each.default for each in self.signature.parameters.values())
        self.defaults = tuple(each for each in defaults if each is not inspect.Parameter.empty)
        self.promotes = promotes  # all tensor inputs (or those named) are brought to one type first
        self.floats = floats  # integers are turned into floats first
        self.tensors = tensors  # no number may stand for a tensor
        self.outputs = tuple(outputs)
        self.joins = joins
        self.named = _named(self.name, outputs) if outputs else None
        self.inputs: tuple[str, ...] = ()  # the parameters that are tensors
        self.edged: tuple[int, ...] = ()  # those of them, by position, that gradients flow to
        self.node_class = type(
            node or self.name.title().replace("_", "") + "Backward0",
            (OperationNode,),
            {"operation": self, "__module__": forward.__module__},
        )

    def gradient(self, /, **formulas: Callable | None) -> None:
        """Declare one formula per tensor input; None says that none flows there, and makes no edge."""
        self.declared = formulas
        self.inputs = tuple(formulas)
        names = self.inputs if self.promotes is True else (self.promotes or "").split()
        self.promoted = tuple(self.parameters.index(name) for name in names)
        edged = [(self.parameters.index(name), f) for name, f in formulas.items() if f is not None]
        self.edged = tuple(position for position, formula in edged)
        self.prepares = bool(self.promoted or self.floats or self.joins or self.check)
        self.checked = () if self.joins else self.promoted or self.edged
        wanted = [_parameters(formula)[1:] for position, formula in edged]
        named = {name for names in wanted for name in names}
        outputs = {"result", *self.outputs}
        self.saved_fields = (*sorted(named & set(self.inputs)), *sorted(named & outputs))
        self.saved_output = next(iter(named & outputs), None)
        self.saved_positions = tuple(
            None if field == self.saved_output else self.parameters.index(field)
            for field in self.saved_fields
        )
        self.plain_fields = tuple(sorted(named - set(self.saved_fields)))
        self.readers = tuple(_reader(field, self.parameters) for field in self.plain_fields)
        fields = (*self.saved_fields, *self.plain_fields)
        self.formulas = tuple(
            _on_values(formula, [fields.index(name) for name in names])
            for (position, formula), names in zip(edged, wanted)
        )
        # For each set of inputs that need a gradient: which fields are saved. As in PyTorch, only an
        # input that a single formula uses is left out where nobody asks for that formula's gradient.
        users = [[field in names for names in wanted] for field in self.saved_fields]
        self.needed: dict[tuple[bool, ...], tuple[bool, ...]] = {
            asked: tuple(
                field == self.saved_output or sum(uses) > 1 or asked[uses.index(True)]
                for field, uses in zip(self.saved_fields, users)
            )
            for asked in itertools.product((False, True), repeat=len(edged))
        }
        self.takes_all = any(_parameters(formula)[0] == "grads" for position, formula in edged)
        self.node_class.publish(self.saved_fields, self.plain_fields)

    # ---- forward ---------------------------------------------------------------------------------

    @np.errstate(all="ignore")
    def run(self, arguments: Sequence) -> np.ndarray | tuple[np.ndarray, ...]:
        """The forward, with tensors turned into arrays of the types it takes."""
        arrays = [each._array if isinstance(each, Tensor) else each for each in arguments]
        halves = False
        if self.prepares:
            if self.joins:
                arrays[0] = [each._array for each in arguments[0]]
            if self.check is not None:
                self.check(*arrays)
            halves = self.promote(arrays)
        try:
            result = self.forward(*arrays)
        except ValueError as error:
            raise self.explained(error, arrays) from None
        if not halves or self.outputs:
            return result
        return result.astype(np.float16) if result.dtype.kind == "f" else result

    def explained(self, error: ValueError, arrays: Sequence) -> Exception:
        """What PyTorch says where NumPy says that a dimension is not there, or shapes do not fit."""
        if isinstance(error, np.exceptions.AxisError):
            return errors.no_dimension(error.axis, error.ndim)
        common: tuple[int, ...] = ()
        for shape in [np.shape(arrays[i]) for i in self.promoted or self.edged]:
            try:
                common = np.broadcast_shapes(common, shape)
            except ValueError:
                return errors.broadcast_mismatch(common, shape)
        return error

    def promote(self, arrays: list) -> bool:
        """Bring the inputs to the type that is computed in; say whether that is instead of halves."""
        positions = self.promoted or ((0,) if self.floats else ())
        if not positions:
            return False
        common = dtypes.promote(*[arrays[i] for i in positions if arrays[i] is not None])
        if self.floats and common.kind != "f":
            common = dtypes.get_default_dtype().numpy
        # Halves are computed with as floats and rounded once, at the end; but compared as halves.
        halves = common == np.float16 and bool(self.edged)
        inner = np.dtype(np.float32) if halves else common
        for i in positions:
            if arrays[i] is not None:
                arrays[i] = np.asarray(arrays[i]).astype(inner, copy=False)
        return halves

    def complete(self, args: tuple, kwargs: dict) -> tuple:
        """All arguments in the order of the forward's parameters, defaults filled in."""
        kwargs = _renamed(kwargs)
        missing = len(self.parameters) - len(args)
        if not kwargs and 0 <= missing <= len(self.defaults):
            return (*args, *self.defaults[len(self.defaults) - missing :])
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError:
            raise errors.wrong_arguments(self.name, self.signature, args, kwargs) from None
        bound.apply_defaults()
        return bound.args

    def fields_for(self, edges: tuple[Edge | None, ...]) -> set[str]:
        """The fields that a node with these edges saves."""
        if not self.saved_fields:
            return set()
        needed = self.needed[tuple([edge is not None for edge in edges])]
        return set(itertools.compress(self.saved_fields, needed))

    def make_node(self, arguments: Sequence, edges: tuple[Edge | None, ...]) -> OperationNode:
        """A node that saves, of the inputs, what the formulas that are asked for need."""
        node = self.node_class(edges)
        if self.saved_fields:
            node.needed = self.needed[tuple([edge is not None for edge in edges])]
            node.kept = tuple(
                [
                    _keep(arguments[position]) if needed and position is not None else None
                    for position, needed in zip(self.saved_positions, node.needed)
                ]
            )
        if self.readers:
            node.plain = tuple([read(arguments) for read in self.readers])
        return node

    def finish_node(self, node: OperationNode, *outs: Tensor) -> None:
        """Join a node to its outputs, and save the one that a formula needs."""
        node.outputs = tuple([(out._array.shape, out._array.dtype) for out in outs])
        for output_nr, out in enumerate(outs):
            if out._array.dtype.kind == "f":
                set_history(out, node, output_nr)
        if self.saved_output is not None and node.needed[-1]:
            out = outs[self.outputs.index(self.saved_output)] if self.outputs else outs[0]
            node.kept = (*node.kept[:-1], save(out, is_result=out._grad_fn is node))

    def refuse(self, arguments: Sequence) -> TypeError | None:
        """The error for an argument that is no tensor, in PyTorch's words; None if all are fit."""
        for position in self.checked:
            name, each = self.parameters[position], arguments[position]
            fit = isinstance(each, Tensor) or (each is None and name in self.optional)
            first = position == 0 and (0 in self.edged or not self.edged)
            if not fit and (self.tensors or first or not isinstance(each, NUMBERS)):
                shown = "input" if name == "self" else name
                return TypeError(
                    f"{self.name}(): argument '{shown}' (position {position + 1}) must be Tensor, "
                    f"not {type(each).__name__}"
                )
        return None

    @property
    def is_unary(self) -> bool:
        return len(self.parameters) == 1 and not (self.outputs or self.joins or self.check)

    @functools.cached_property
    def optional(self) -> set[str]:
        """The inputs that may be None."""
        return {name for name, each in self.signature.parameters.items() if each.default is None}


def _named(op: str, outputs: Sequence[str]) -> type[tuple]:
    """The class of an operation's several results, which prints as PyTorch's do."""

    def __repr__(self: tuple) -> str:
        shown = ",\n".join(f"{name}={each!r}" for name, each in zip(outputs, self))
        return f"torch.return_types.{op}(\n{shown})"

    kind = namedtuple(op, outputs, module="torch.return_types")
    kind.__repr__ = __repr__
    return kind


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
            if not field.endswith(UNSEEN):
                shown = _unsigned if field in UNSIGNED else lambda value: value
                setattr(cls, f"_saved_{field}", property(lambda n, i=index, s=shown: s(n.plain[i])))

    def raw_field(self, index: int) -> SavedTensor | object:
        if self.kept is None:
            raise RuntimeError(errors.SECOND_BACKWARD)
        return self.kept[index]

    def field(self, index: int) -> Tensor | None:
        kept = self.raw_field(index)
        if isinstance(kept, tuple):
            return tuple(each and each.unpack(self) for each in kept)
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
        in_arrays = operation.promoted and not on_tensors and grads[0] is not None
        kind = grads[0].dtype if in_arrays else None
        values = []
        for index, each in enumerate(kept):
            if isinstance(each, SavedTensor):
                try:
                    each = each.unpack(self) if on_tensors else each.read(self)
                except RuntimeError as error:
                    if hasattr(error, "mismatch"):
                        error.mismatch.field = operation.saved_fields[index]
                    raise
                if kind is not None and each.dtype is not kind:
                    each = _as_promoted(each, kind)
            elif isinstance(each, tuple):
                each = tuple(part and part.unpack(self) for part in each)
            values.append(each)
        if self.plain:
            values.extend(self.plain)
        grad = self.all_of(grads, on_tensors) if operation.takes_all else grads[0]
        if grad is None:
            return [None] * len(self.edges)
        if operation.joins:
            results = operation.formulas[0](grad, values)
            return [edge and result for edge, result in zip(self.edges, results)]
        return [
            None if edge is None else formula(grad, values)
            for edge, formula in zip(self.edges, operation.formulas)
        ]

    def all_of(self, grads: list, on_tensors: bool) -> list:
        """The gradients of all outputs, with zeros for those that nobody asked for."""
        zeros = [np.zeros(*output) for output in self.outputs]
        filled = [wrap(zero) for zero in zeros] if on_tensors else zeros
        return [zero if grad is None else grad for grad, zero in zip(grads, filled)]

    def release(self) -> None:
        if self.kept:
            self.kept = None
            if slot.listener is not None:
                slot.listener.freed(self)


def _keep(argument: object) -> SavedTensor | object:
    if isinstance(argument, Tensor):
        return save(argument)
    if isinstance(argument, tuple):  # index tensors, and None between them
        return tuple(each if each is None else save(each) for each in argument)
    return argument


def _reader(field: str, parameters: tuple[str, ...]) -> Callable:
    """What finds a plain field among the arguments."""
    for ending, look in ABOUT.items():
        if field.endswith(ending):
            position = parameters.index(field.removesuffix(ending))
            return lambda arguments: look(arguments[position])
    return operator.itemgetter(parameters.index(field))


def _unsigned(value: int | Sequence[int] | None) -> object:
    """PyTorch shows dimensions and places as numbers without a sign: -1 is 2**64 - 1."""
    if isinstance(value, int):
        return value % 2**64
    return value and tuple(each % 2**64 for each in value)


def _as_promoted(array: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Beside a gradient NumPy would take integers, and what has no dimensions, for float64."""
    own = array.dtype.kind
    return array if own == "b" or (own == "f" and array.ndim) else array.astype(kind)


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


def differentiable(forward: Callable | None = None, **options: object) -> Callable:
    """Turn a function of arrays into an operation on tensors; see this module's docstring.

    `name` and `node` are PyTorch's names for the operation and its node, where they do not follow from
    the function's: PyTorch gives each overload of an operation a node of its own. `promotes`
    brings all tensor inputs (or those that it names) to one type first; `floats` turns integers into
    floats first; `tensors` lets no number stand for a tensor; `check` is given the arrays before all
    that, and raises for those that the operation refuses. `outputs` names several results; `joins`
    says that the first argument is a list of tensors.
    """
    if forward is None:
        return functools.partial(differentiable, **options)
    operation = Operation(forward, **options)
    op = (_unary if operation.is_unary else _general)(operation)
    op.__name__ = op.__qualname__ = forward.__name__
    op.__doc__, op.__module__ = forward.__doc__, forward.__module__
    op.__signature__ = operation.signature
    op.operation, op.gradient = operation, operation.gradient
    op.operator = _operator(operation)
    return op


# PyTorch's functions call their first argument `input`, and take NumPy's names for some others.
ALIASES = {"input": "self", "axis": "dim", "keepdims": "keepdim"}


def _renamed(kwargs: dict[str, object]) -> dict[str, object]:
    return {ALIASES.get(name, name): each for name, each in kwargs.items()} if kwargs else kwargs


def numpy_names(function: Callable) -> Callable:
    """Let the function be called with NumPy's names for its arguments."""

    @functools.wraps(function)
    def called(*args, **kwargs):
        if not kwargs:
            return function(*args)
        if "input" in kwargs:
            args = (kwargs.pop("input"), *args)
        return function(*args, **_renamed(kwargs))

    return called


def overloads(choose: Callable) -> Callable:
    """An operation that PyTorch has several of: `choose` is given the arguments, and says which."""

    def fitting(args: tuple, kwargs: dict) -> tuple[Callable, dict]:
        """The one that fits, and those of the keywords that it has a use for."""
        kwargs = _renamed(kwargs)
        chosen = choose(*args, **kwargs)
        if kwargs:
            known = chosen.operation.parameters
            kwargs = {name: each for name, each in kwargs.items() if name in known}
        return chosen, kwargs

    @functools.wraps(choose)
    def op(*args, **kwargs):
        chosen, kwargs = fitting(args, kwargs)
        return chosen(*args, **kwargs)

    op.fitting = fitting
    return op


def over(op: Callable, node: str) -> Callable:
    """The operation once more, by the name of the node that PyTorch gives to its twin."""
    again = differentiable(op.operation.forward, name=op.operation.name, node=node)
    again.gradient(**op.operation.declared)
    return again


def only(kinds: str, kernel: str, numbers: bool = False) -> Callable:
    """A check that lets types of these kinds alone through: `f` floats, `i` and `u` integers, `b` bools.

    `numbers`: among the arguments, numbers count like tensors.
    """
    counted = (np.ndarray, *NUMBERS) if numbers else np.ndarray

    def check(*arguments: object) -> None:
        common = dtypes.promote(*(each for each in arguments if isinstance(each, counted)))
        if common.kind not in kinds:
            scalar_name = dtypes.FROM_NUMPY[common].scalar_name
            raise NotImplementedError(f'"{kernel}" not implemented for \'{scalar_name}\'')

    return check


def _general(operation: Operation) -> Callable:
    forward, arity = operation.forward, len(operation.parameters)

    def op(*args, **kwargs):
        if kwargs or len(args) != arity:
            args = operation.complete(args, kwargs)
        if modes.formulas:
            operands = args[0] if operation.joins else args
            if not any(isinstance(each, Tensor) for each in operands):
                return operation.forward(*args)
        for position in operation.checked:
            if not isinstance(args[position], Tensor) and (error := operation.refuse(args)):
                raise error
        if operation.prepares:
            results = operation.run(args)
        else:
            arrays = [each._array if isinstance(each, Tensor) else each for each in args]
            try:
                results = forward(*arrays)
            except ValueError as error:
                raise operation.explained(error, arrays) from None
        outs = tuple(map(wrap, results)) if operation.outputs else (wrap(results),)
        if modes.grad:
            inputs = args[0] if operation.joins else [args[i] for i in operation.edged]
            edges = tuple([gradient_edge(i) if isinstance(i, Tensor) else None for i in inputs])
            if any(edges):
                operation.finish_node(operation.make_node(args, edges), *outs)
        elif modes.inference:
            for out in outs:
                out._inference = True
        if slot.listener is not None:
            slot.listener.op_ran(operation.name, (*args[0], *args) if operation.joins else args, outs)
        return operation.named(*outs) if operation.outputs else outs[0]

    return op


def _unary(operation: Operation) -> Callable:
    """`_general`, with a short cut for one tensor of floats."""
    forward, general = operation.forward, _general(operation)

    def op(*args, **kwargs):
        if len(args) != 1 or kwargs or not isinstance(args[0], Tensor):
            return general(*args, **kwargs)
        (self,) = args
        array = self._array
        if array.dtype is not FLOAT32 and array.dtype is not FLOAT64:
            return general(self)
        out = wrap(forward(array))
        if modes.grad:
            edge = gradient_edge(self)
            if edge is not None:
                operation.finish_node(operation.make_node(args, (edge,)), out)
        elif modes.inference:
            out._inference = True
        if slot.listener is not None:
            slot.listener.op_ran(operation.name, args, (out,))
        return out

    return op


def _operator(operation: Operation) -> Callable:
    """The operation as what stands between two operands, of which one may be a number."""
    forward, more = operation.forward, operation.defaults

    def op(self, other):
        if isinstance(self, Tensor):
            a = self._array
            if isinstance(other, Tensor):
                b = other._array
                plain = a.dtype is b.dtype and a.dtype.kind == "f" and a.dtype.itemsize > 2
            elif isinstance(other, NUMBERS):
                b = other
                plain = a.dtype.kind == "f" and a.dtype.itemsize > 2 and type(b) in (float, int)
            else:
                return NotImplemented
        else:  # a number, as from `2 // x`
            a, b, plain = self, other._array, False
        arguments = (self, other, *more)
        try:
            # Two floats of one type, or a float and a number, need no promotion: NumPy does the same.
            out = wrap(forward(a, b) if plain else operation.run(arguments))
        except ValueError:
            raise errors.broadcast_mismatch(np.shape(a), np.shape(b)) from None
        if modes.grad and operation.edged:
            edges = (
                gradient_edge(self) if isinstance(self, Tensor) else None,
                gradient_edge(other) if isinstance(other, Tensor) else None,
            )
            if edges != (None, None):
                operation.finish_node(operation.make_node(arguments, edges), out)
        elif modes.inference:
            out._inference = True
        if slot.listener is not None:
            slot.listener.op_ran(operation.name, (self, other), (out,))
        return out

    return op
