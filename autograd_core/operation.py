"""Operation: an op's forward with its gradient formulas, and the node that it leaves in the graph.

A node keeps what the formulas that are asked for name, and nothing else: tensors together with their
version, plain arguments (`dim`) as they are, and of some inputs no more than a shape. The surprising
idea: which fields those are is worked out once, when the formulas are declared, for every set of
inputs that may need a gradient. What is left to do for each call is to look it up.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from . import dtypes, errors
from .dimensions import common_shape
from .formulas import written_out
from .graph import LATEST, AccumulateGrad, Asked, Edge, Node, gradient_edge, set_history
from .modes import modes
from .observe import slot
from .quiet import SILENT, hush, speak
from .saved import SavedTensor, save
from .signatures import Signature, names_of
from .storage import copy_of, lying_like
from .tensor import Tensor, wrap

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)

# What a formula may know of an input without keeping it, by the ending of the parameter's name.
ABOUT = {
    "_sym_sizes": lambda tensor: tensor._array.shape,
    "_sym_strides": Tensor.stride,
    "_dim": lambda tensor: tensor._array.ndim,
    "_sym_numel": lambda tensor: tensor._array.size,
    "_geometry": Tensor._geometry,
    "_each_size": lambda tensors: [tensor._array.shape for tensor in tensors],
}
UNSIGNED = set("dim dim0 dim1 dim2 dims start end index offset diagonal shifts".split())
UNSEEN = ("_geometry", "_each_size")  # PyTorch's nodes keep these, too, but do not show them

@dataclass(eq=False)
class Operation:
    """All there is to know of an operation: its forward, its node class, its formulas.

    What the options mean is said where they are given: see `differentiable.differentiable`.
    """

    forward: Callable
    name: str = ""
    node: str = ""
    promotes: bool | str = False
    floats: bool = False
    tensors: bool = False
    check: Callable | None = None
    outputs: Sequence[str] = ()
    joins: bool = False
    like: Callable | None = None
    ufunc: np.ufunc | None = None
    looks: Callable | None = None

    def __post_init__(self) -> None:
        self.name = self.name or self.forward.__name__
        self.takes = Signature(self.name, self.like or self.forward)
        self.parameters = self.takes.names
        self.complete, self.check_tensors = self.takes.complete, self.takes.check_tensors
        self.reduces = "keepdim" in self.parameters and not self.outputs  # then it lies row by row
        self.named = _named(self.name, tuple(self.outputs)) if self.outputs else None
        self.inputs: tuple[str, ...] = ()  # the parameters that are tensors
        self.edged: tuple[int, ...] = ()  # those of them, by position, that gradients flow to
        self.node_class = type(
            self.node or self.name.title().replace("_", "") + "Backward0",
            (NotDerived, OperationNode) if self.node == "NotImplemented" else (OperationNode,),
            {"operation": self, "__slots__": (), "__module__": self.forward.__module__},
        )

    def gradient(self, /, **formulas: Callable | None) -> None:
        """Declare one formula per tensor input; None says that none flows there, and makes no edge."""
        self.declared, self.inputs = formulas, tuple(formulas)
        names = self.inputs if self.promotes is True else (self.promotes or "").split()
        self.promoted = tuple(map(self.parameters.index, names))
        flowing = [name for name, formula in formulas.items() if formula is not None]
        self.edged = tuple(map(self.parameters.index, flowing))
        self.edged_of = operator.itemgetter(0) if self.joins else _picker(self.edged)
        self.is_elementwise = bool(self.promoted or self.floats or len(self.parameters) == 1)
        self.prepares = bool(self.promoted or self.floats or self.joins or self.check)
        self.takes.declare(self.inputs, names, () if self.tensors else (*names, *flowing))
        self.formulas = [formulas[name] for name in flowing]
        wanted = [names_of(formula)[1:] for formula in self.formulas]
        named, outputs = set().union(*wanted), {"result", *self.outputs}
        self.saved_fields = (*sorted(named & set(self.inputs)), *sorted(named & outputs))
        self.saved_output = next(iter(named & outputs), None)
        self.plain_fields = tuple(sorted(named - set(self.saved_fields)))
        self.read_plain = _reader_of(self.plain_fields, self.parameters)
        # For each set of inputs that need a gradient: what picks the saved fields among the arguments (the
        # result is in none), after which stands a None for what is not kept. As in PyTorch, only an input
        # that a single formula uses is left out where nobody asks for that formula's gradient.
        inputs = [field for field in self.saved_fields if field != self.saved_output]
        places = [(self.parameters.index(field), [field in n for n in wanted]) for field in inputs]
        self.kept_of = {
            asked: _picker([
                place if len(wanted) == 1 or sum(uses) > 1 or asked[uses.index(True)] else -1
                for place, uses in places
            ])
            for asked in itertools.product((False, True), repeat=len(wanted))
        }
        self.node_class.publish(self.saved_fields, self.plain_fields)

    def told(self) -> str:
        """What `help` says where the forward says nothing: all this follows from the declaration."""
        each = ", element by element" * self.is_elementwise
        several = "; shapes are broadcast, and types promoted" * bool(self.promotes)
        floats = "; integers become floats" * (self.floats and self.check is None)
        saves = f"saves {' and '.join(f'`{field}`' for field in self.saved_fields) or 'no tensor'}"
        node = f"Its node, {self.node_class.__name__}, {saves}." if self.edged else "Nothing flows back."
        return f"PyTorch's `{self.name}`{each}{several}{floats}. {node}"

    # ---- forward ---------------------------------------------------------------------------------

    def run(self, arguments: Sequence) -> np.ndarray | tuple[np.ndarray, ...]:
        """The forward, with tensors turned into arrays of the types it takes."""
        try:
            arrays = self.arrays_of(arguments)
        except NotImplementedError:  # that there is no kernel is found last, where the shapes fit
            self.shape_of(arguments)
            raise
        return self.compute(arrays)

    def arrays_of(self, arguments: Sequence) -> list:
        """The arguments with arrays for tensors, once the operation's check has passed them."""
        arrays = [each._array if isinstance(each, Tensor) else each for each in arguments]
        if self.joins:
            arrays[0] = [each._array for each in arguments[0]]
        if self.check is not None:
            self.check(*arrays)
        return arrays

    def shape_of(self, operands: Sequence) -> tuple[int, ...]:
        """The shape that the inputs are broadcast to. Raises RuntimeError where they do not fit."""
        return common_shape(*[getattr(operands[i], "shape", ()) for i in self.takes.tensors_at])

    def can_write(self, arrays: list) -> bool:
        """Can the ufunc put its result into the first array: two of one shape and type, or a number?"""
        if self.ufunc is None or tuple(arrays[2:]) != self.takes.defaults:
            return False
        one, other = arrays[:2]
        if type(other) is float:
            return _are_of_one_type([one])
        return _are_of_one_type([one, other]) and one.shape == other.shape

    def compute(self, arrays: list) -> np.ndarray | tuple[np.ndarray, ...]:
        """The forward, with the arrays brought to the types it takes."""
        token = hush(SILENT)
        try:
            halves = self.promote(arrays) if self.prepares else False
            result = self.forward(*arrays)
            if self.reduces:
                result = np.asarray(result, order="C")
            elif self.is_elementwise and result.ndim > 1:
                operands = arrays[: self.promoted[-1] + 1] if self.promoted else arrays
                result = lying_like(operands, result)
            if not halves or self.outputs:
                return result
            return result.astype(np.float16) if result.dtype.kind == "f" else result
        except (TypeError, ValueError) as error:
            self.takes.check_plain(arrays)
            raise self.explained(error, arrays) from None
        finally:
            speak(token)

    def promote(self, arrays: list) -> bool:
        """Bring the inputs to the type that is computed in; say whether that is instead of halves."""
        positions = self.promoted or ((0,) if self.floats else ())
        if not positions:
            return False
        if _are_of_one_type([arrays[i] for i in positions]):
            return False
        common = dtypes.promote(*[arrays[i] for i in positions if arrays[i] is not None])
        if self.floats and common.kind != "f":
            common = dtypes.get_default_dtype().numpy
        # Halves are computed with as floats and rounded once, at the end; but compared as halves.
        halves = common == np.float16 and bool(self.edged)
        inner = np.dtype(np.float32) if halves else common
        for i in positions:
            if arrays[i] is not None:
                each = np.asarray(arrays[i])
                as_is = each.dtype == inner or each.flags.c_contiguous
                arrays[i] = each.astype(inner, copy=False) if as_is else copy_of(each, inner)
        return halves

    def explained(self, error: Exception, arrays: Sequence) -> Exception:
        """What PyTorch says where NumPy says that a dimension is not there, or shapes do not fit."""
        if isinstance(error, np.exceptions.AxisError):
            return errors.no_dimension(error.axis, error.ndim)
        self.shape_of(arrays)
        return error

    # ---- history ---------------------------------------------------------------------------------

    def node_for(self, arguments: Sequence) -> OperationNode | None:
        """A node, if one of the inputs needs a gradient.

        It is made before anything is computed: what cannot be recorded fails first, as in PyTorch.
        """
        if modes.grad:
            edges = tuple(map(gradient_edge, self.edged_of(arguments)))
            if any(edges):
                return self.make_node(arguments, edges)
        return None

    def places_kept(self, followers: Sequence[Node | None]) -> Sequence[int | None]:
        """Where the saved inputs are among the arguments, None for one that is not kept."""
        return self.kept_of[tuple(map(bool, followers))]((*range(len(self.parameters)), None))

    def keeps_first(self, edges: tuple[Edge | None, ...]) -> bool:
        """Does a node with these edges save the first argument?"""
        return 0 in self.places_kept([edge and edge[0] for edge in edges])

    def make_node(self, arguments: Sequence, edges: tuple[Edge | None, ...]) -> OperationNode:
        """A node that saves, of the inputs, what the formulas that are asked for need."""
        node = self.node_class(edges)
        if self.saved_fields:
            kept = self.kept_of[tuple(map(bool, node.followers))]((*arguments, None))
            node.kept = tuple(map(keep, kept))
        if self.plain_fields:
            node.plain = self.read_plain(arguments)
        return node

    def finish_node(self, node: OperationNode, outs: Sequence[Tensor]) -> None:
        """Join a node to its outputs, and save the one that a formula needs."""
        outputs = []
        for out in outs:
            array = out._array
            if array.dtype.kind == "f":  # what else there is, as indices, no gradient comes to
                set_history(out, node, len(outputs))
                outputs.append((array.shape, array.dtype))
        node.outputs = tuple(outputs)
        if self.saved_output is not None:
            out = outs[self.outputs.index(self.saved_output)] if self.outputs else outs[0]
            node.kept = (*node.kept, save(out, is_result=out._grad_fn is node))


def _picker(positions: Sequence[int]) -> Callable[[Sequence], Sequence]:
    """What picks the elements at these positions, as a tuple also where they are less than two."""
    if len(positions) > 1:
        return operator.itemgetter(*positions)
    if not positions:
        return operator.itemgetter(slice(0, 0))
    (start,) = positions
    return operator.itemgetter(slice(start, start + 1 or None))


@functools.cache
def _named(op: str, outputs: Sequence[str]) -> type[tuple]:
    """The class of an operation's several results, which prints as PyTorch's do."""

    def __repr__(self: tuple) -> str:
        shown = ",\n".join(f"{name}={each!r}" for name, each in zip(outputs, self))
        return f"torch.return_types.{op}(\n{shown})"

    kind = namedtuple(op, outputs, module="torch.return_types")
    kind.__repr__ = __repr__
    kind.__reduce__ = lambda self: (_results, (op, outputs, tuple(self)))
    return kind


def _results(op: str, outputs: Sequence[str], values: tuple) -> tuple:
    """Results as they come out of a pickle."""
    return _named(op, outputs)(*values)


class OperationNode(Node):
    """The node of a declared operation: unpack what was saved, run the formulas."""

    operation: Operation
    __slots__ = ("kept", "plain")
    # A SavedTensor, number or None per saved field, or a tensor at version 0; None once freed.
    kept: tuple | None
    plain: tuple

    def __init__(self, edges: tuple[Edge | None, ...]) -> None:
        super().__init__(edges)
        self.kept, self.plain = (), ()

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
        if isinstance(self.kept[index], Tensor):
            self.kept = tuple(map(self._as_saved, range(len(self.kept))))
        return self.kept[index]

    def _keeps(self, index: int) -> bool:
        """Was anything ever kept in this field? Only an input may be left out."""
        places = self.operation.places_kept(self.followers)
        return index >= len(places) or places[index] is not None

    def _as_saved(self, index: int) -> SavedTensor | object:
        """What is kept, a bare tensor as it would have been saved: at version 0, leaf or not."""
        kept, operation = self.kept[index], self.operation
        if isinstance(kept, Tensor):
            position = operation.parameters.index(operation.saved_fields[index])
            maker = self.followers[operation.edged.index(position)]
            saved = SavedTensor(kept)
            saved.version, saved.is_leaf = 0, maker is None or isinstance(maker, AccumulateGrad)
            return saved
        return kept

    def field(self, index: int) -> Tensor | None:
        if self.kept is None and not self._keeps(index):
            return None
        kept = self.raw_field(index)
        if isinstance(kept, tuple):
            return tuple(each and each.unpack(self) for each in kept)
        if isinstance(kept, SavedTensor):
            return kept.unpack(self)
        return kept if kept is None else wrap(np.asarray(kept))

    def saved(self) -> dict[str, object]:
        found = {}
        for index, field in enumerate(self.operation.saved_fields if self.kept else ()):
            each = self.raw_field(index)
            if isinstance(each, SavedTensor):
                found[field] = each
            elif isinstance(each, tuple):
                found |= {part_of(field, i): part for i, part in enumerate(each) if part is not None}
        return found

    def apply(self, grads: list, on_tensors: bool, asked: Asked = None) -> list:
        operation = self.operation  # the first of its nodes that runs has it written: see `formulas`
        fields = operation.saved_fields, operation.plain_fields
        operation.node_class.apply = written_out(operation.formulas, *fields, operation.joins)
        return self.apply(grads, on_tensors, asked)

    def value(self, index: int, grad: object, on_tensors: bool) -> object:
        """What is kept in a field: a tensor with its history or an array, a number as it is."""
        each = self.kept[index]
        if isinstance(each, tuple):
            return tuple(part and part.unpack(self) for part in each)
        if isinstance(each, Tensor):
            each = self.raw_field(index)
        elif not isinstance(each, SavedTensor):
            return each
        if on_tensors:
            return each.unpack(self)
        array = each.read(self)
        # Arrays are taken to the gradient's type where all inputs were brought to one.
        promoted = grad is not None and grad.dtype is not array.dtype and self.operation.promoted
        return _as_promoted(array, grad.dtype) if promoted else array

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


class NotDerived:
    """What the node of an operation without a derivative does: it says so as soon as it can be run.

    PyTorch gives it no number of its own, so that it comes before all older nodes, and edges to those
    inputs alone that need a gradient; to write in place (`set_`) it makes it as all others are made.
    """

    __slots__ = ()
    sequence_nr = property(lambda node: LATEST, Node.sequence_nr.__set__)

    def __init__(self, edges: tuple[Edge | None, ...]) -> None:
        writes = self.operation.name.endswith("_")
        super().__init__(edges if writes else tuple(edge for edge in edges if edge is not None))

    def apply(self, grads: list, on_tensors: bool, asked: Asked = None) -> list:
        self.operation.formulas[0]("".join(self.plain))  # raises, whatever is asked for


def _are_of_one_type(operands: list) -> bool:
    """Are all of them arrays of floats of one type, as almost always? Then there is nothing to promote."""
    kind = getattr(operands[0], "dtype", None)
    if kind is not FLOAT32 and kind is not FLOAT64:
        return False
    for each in operands:
        if type(each) is not np.ndarray or each.dtype is not kind:
            return False
    return True


def part_of(field: str, position: int) -> str:
    """The name of one tensor of several that are kept as one field: `indices[1]`."""
    return f"{field}[{position}]"


def keep(argument: object) -> SavedTensor | object:
    if isinstance(argument, Tensor):
        return save(argument)
    if isinstance(argument, tuple):  # index tensors, and None between them
        return tuple(each if each is None else save(each) for each in argument)
    return argument


def _reader_of(fields: tuple[str, ...], parameters: tuple[str, ...]) -> Callable:
    """What finds the plain fields among the arguments, as a tuple."""
    if all(field in parameters for field in fields):
        return _picker([parameters.index(field) for field in fields])
    readers = [_reader(field, parameters) for field in fields]
    return lambda arguments: tuple([read(arguments) for read in readers])


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


def _as_promoted(array: np.ndarray, kind: np.dtype | None) -> np.ndarray:
    """Beside a gradient NumPy would take integers, and what has no dimensions, for float64."""
    own = array.dtype.kind
    as_is = kind is None or array.dtype is kind or own == "b" or (own == "f" and array.ndim)
    return array if as_is else array.astype(kind)
