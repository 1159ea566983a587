"""How the core refuses and warns, in PyTorch's wording.

A student who pastes one of these sentences into a search box should land where PyTorch users land. The
sentences are text, not code: they stand in `sentences.txt`, each with a name and in one line, and are
attributes of this module by their names. What is here puts together those that have parts.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING


def _read(catalogue: str) -> dict[str, str]:
    """The sentences by their names."""
    lines = [line for line in catalogue.splitlines() if line and not line.startswith("#")]
    pairs = [line.replace("\\n", "\n").partition(": ") for line in lines]
    return {name: sentence for name, _, sentence in pairs}


SENTENCES = _read(Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8"))
globals().update(SENTENCES)

if TYPE_CHECKING:

    def __getattr__(name: str) -> str: ...


def demand(
    fit: object, sentence: str, *told: object, kind: type[Exception] = RuntimeError
) -> None:
    """Raise this sentence, its `{}` filled with what is `told`, unless something is `fit`.

    A tuple of sizes is written as PyTorch writes one, between square brackets. The sentence is put
    together only where it is needed, so a check costs next to nothing.
    """
    if not fit:
        told = [list(each) if isinstance(each, tuple) else each for each in told]
        raise kind(sentence.format(*told))


demand_index = functools.partial(demand, kind=IndexError)


@dataclass
class Mismatch:
    """What the sentence about a version mismatch leaves out: which `node` saved the tensor, as what.

    It is carried by the RuntimeError as `error.mismatch`.
    """

    expected: int
    found: int
    node: object = None
    field: str = ""
    counter: object = dataclasses.field(default=None, compare=False)


def version_mismatch(
    type_name: str,
    shape: tuple[int, ...],
    output_nr: int,
    op: str | None,
    mismatch: Mismatch,
    anomaly: bool = False,
) -> RuntimeError:
    """The error for a saved tensor that is now at another version. `op` is None for a leaf."""
    which = f", which is output {output_nr} of {op}," if op is not None else ""
    error = RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: [{type_name} {list(shape)}]{which} is at version {mismatch.found}; expected "
        f"version {mismatch.expected} instead. Hint: {SENTENCES['ANOMALY_HINT' if anomaly else 'HINT']}"
    )
    error.mismatch = mismatch
    return error


def refused_write(sentence: str, tensor: object) -> RuntimeError:
    """The error for a write that may not be; it carries the `tensor` that was to be written."""
    error = RuntimeError(sentence)
    error.tensor = tensor
    return error


def forward_traceback(node: str, lines: list[str]) -> str:
    """What anomaly mode warns of: where the operation ran whose backward has failed."""
    return f"Error detected in {node}. Traceback of forward call that caused the error:\n" + "".join(
        lines
    )


def kind_of(value: object) -> str:
    """The name of the value's type; PyTorch's sentences say of NumPy's types whose they are."""
    kind = type(value)
    return f"numpy.{kind.__name__}" if kind.__module__ == "numpy" else kind.__name__


def no_number(op: str, value: object, tensors: str = "") -> TypeError:
    """The error for a `value` that is neither a number nor a tensor, after these other `tensors`."""
    given, name = tensors.replace(" mask", ""), kind_of(value)
    wrong = f"      didn't match because some of the arguments have invalid types: ({given}!{name}!)\n"
    return TypeError(
        f"{op}() received an invalid combination of arguments - got ({given}{name}), but expected one "
        f"of:\n * ({tensors}Tensor value)\n{wrong} * ({tensors}Number value)\n{wrong}"
    )


def broadcast_mismatch(a: tuple[int, ...], b: tuple[int, ...]) -> RuntimeError:
    """The sentence for shapes that do not broadcast: it names the last pair of sizes that differ."""
    rank = max(len(a), len(b))
    left, right = (1,) * (rank - len(a)) + tuple(a), (1,) * (rank - len(b)) + tuple(b)
    for axis in reversed(range(rank)):
        if left[axis] != right[axis] and 1 not in (left[axis], right[axis]):
            break
    return RuntimeError(
        f"The size of tensor a ({left[axis]}) must match the size of tensor b ({right[axis]}) at "
        f"non-singleton dimension {axis}"
    )


def no_dimension(dim: int, ndim: int) -> IndexError:
    """The error for a dimension that is not there. A 0-d tensor passes for one of a single dimension."""
    bound = max(ndim, 1)
    return IndexError(
        f"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], but got {dim})"
    )


def cannot_expand(dtype: object, shape: tuple[int, ...], size: tuple[int, ...]) -> RuntimeError:
    """The error for a tensor of this dtype and shape that cannot be expanded to `size`."""
    extra = len(size) - len(shape)
    if extra < 0:
        kind = "CPUBoolType" if dtype.name == "bool" else dtype.type_name  # only here, and only bool
        return RuntimeError(
            f"expand({kind}{{{list(shape)}}}, size={list(size)}): the number of sizes provided "
            f"({len(size)}) must be greater or equal to the number of dimensions in the tensor "
            f"({len(shape)})"
        )
    for dim in range(extra):
        if size[dim] == -1:
            return RuntimeError(
                "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing "
                f"dimension {dim}"
            )
    dim = max(i for i, n in enumerate(size) if i >= extra and shape[i - extra] not in (1, n))
    return RuntimeError(
        f"The expanded size of the tensor ({size[dim]}) must match the existing size "
        f"({shape[dim - extra]}) at non-singleton dimension {dim}.  Target sizes: {list(size)}.  "
        f"Tensor sizes: {list(shape)}"
    )


def view_written(made: str, node: str | None, output_nr: int, indirectly: bool) -> RuntimeError:
    """The error for a write that cannot be told to the history of a view.

    `made` says what is special about the view (see `ops.views.View`). The write is to the view itself,
    or `indirectly` to its base. `node` is the name of the view's node, if it has one.
    """
    written = "its base or another view of its base has been" if indirectly else "is being"
    of_a_node = f"Output {output_nr} of {node} is a view"
    if made in ("no_grad", "inference_mode") or node is None:
        start = "A view was created" if node is None else of_a_node + " of a view which was created"
        where = "in normal mode" if made == "inference_mode" else "with grad mode enabled"
        mode = "inference" if made == "inference_mode" else "no_grad"
        told = f"{start} in {mode} mode and {written} modified inplace {where}"
    else:
        told = f"{of_a_node} and {written} modified inplace"
    reasons = {"function": "VIEW_OF_FUNCTION", "several": "ONE_OF_SEVERAL_VIEWS"}
    reason = SENTENCES[reasons.get(made, "VIEW_OF_MODE")].format(mode=made)
    return RuntimeError(f"{told}. {reason}")


def no_tensor(op: str, name: str, position: int, given: object) -> TypeError:
    """The sentence for an argument that has to be a tensor, and is not."""
    return TypeError(
        f"{op}(): argument '{'input' if name == 'self' else name}' (position {position + 1}) must be "
        f"Tensor, not {kind_of(given)}"
    )


def wrong_arguments(op: str, signature: inspect.Signature, args: tuple, kwargs: dict) -> TypeError:
    """The sentence for arguments that no overload takes."""
    missing = [
        "input" if name == "self" else name
        for name, each in list(signature.parameters.items())[len(args) :]
        if each.default is inspect.Parameter.empty and name not in kwargs
    ]
    for name in kwargs:
        if name not in signature.parameters:
            return TypeError(f"{op}() got an unexpected keyword argument '{name}'")
    if missing:
        named = ", ".join(f'"{name}"' for name in missing)
        return TypeError(f"{op}() missing {len(missing)} required positional arguments: {named}")
    count = len(signature.parameters)
    return TypeError(
        f"{op}() takes {count} positional argument{'s' * (count != 1)} but {len(args)} were given"
    )


def same_dtype(one: object, other: object) -> RuntimeError:
    return RuntimeError(f"{one.c_name} did not match {other.c_name}".capitalize())

