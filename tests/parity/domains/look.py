"""All that can be seen of one case, on either side, as plain data.

Written once for both sides, with PyTorch's public names alone. A tensor is one line of text, such as
`float32[2,3] 0.3 -1.2 2.5 0.7 -0.4 1.9`: its numbers in order, and strides where they are not usual.
"""

from __future__ import annotations

import itertools
import re
import warnings
from types import ModuleType

import numpy as np

from ..sentences import sentence, without_address
from .domain import Case

Look = dict[str, object]
WEIGHTS = (1.0, -0.5, 2.0, 0.25, 1.5, -1.0, 0.75)  # what arrives from above differs per element


def look(case: Case, module: ModuleType) -> Look:
    """Run the case against `module` and say what came of it."""
    seen: Look = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", "Using backward.. with create_graph")
        inputs, outputs = _forward(case, module, seen)
        if caught:
            seen["warnings"] = [f"{w.category.__name__}: {sentence(str(w.message))}" for w in caught]
        leaves = {name: each for name, each in inputs.items() if _is_leaf(each)}
        if any(out.requires_grad for out in outputs):
            gradients = _backward(seen, "grads", outputs, leaves, module)
            if case.full and gradients is not None and not _has_halves(case):
                _second(case, module, seen)
    return seen


def _has_halves(case: Case) -> bool:
    """Second derivatives of halves are differences of rounding errors, on either side."""
    return any(each.dtype == "float16" for each in case.operands.values())


def _is_leaf(tensor) -> bool:
    return tensor.requires_grad and tensor.is_leaf


def _evaluate(case: Case, module: ModuleType) -> tuple[dict, object]:
    names = {name: each.make(module) for name, each in case.operands.items()}
    inputs = dict(names)
    if re.search(r"\bc\b", case.text):
        names["c"] = names["a"].clone()
    functional = getattr(getattr(module, "nn", None), "functional", None)
    names |= {"torch": module, "F": functional}
    if " = " in case.text:  # a statement: what it has made of the copy is what is looked at
        exec(case.text, names)
        result = names["c"]
    else:
        result = eval(case.text, names)
    if "c" in names and result is names["c"]:
        inputs["c"] = result
    return inputs, result


def _forward(case: Case, module: ModuleType, seen: Look) -> tuple[dict, list]:
    try:
        inputs, result = _evaluate(case, module)
    except AttributeError:
        seen["error"] = "AttributeError"
        return {}, []
    except Exception as error:
        seen["error"] = f"{type(error).__name__}: {sentence(str(error))}"
        return {}, []
    several = isinstance(result, (tuple, list))
    if several:
        seen["kind"] = type(result).__name__
    results = list(result) if several else [result]
    outputs = [each for each in results if isinstance(each, module.Tensor)]
    seen["out"] = [
        line(each, inputs) if isinstance(each, module.Tensor) else repr(each) for each in results
    ]
    if "c" in inputs:
        seen["version"] = inputs["c"]._version
    floating = [each for each in outputs if each.dtype.is_floating_point]
    nodes = {id(each.grad_fn): each.grad_fn for each in floating if each.grad_fn is not None}
    if nodes:
        seen["nodes"] = [_node(node) for node in nodes.values()]
    return inputs, floating


def line(tensor, inputs: dict | None = None) -> str:
    """A tensor as a line of text."""
    shape, usual, size = tuple(tensor.shape), [], 1
    for length in reversed(shape):
        usual.append(size)
        size *= max(length, 1)
    strides = tuple(tensor.stride())
    text = str(tensor.dtype).removeprefix("torch.") + f"[{','.join(map(str, shape))}]"
    unusual = any(s != u for s, u, n in zip(strides, reversed(usual), shape) if n > 1)
    if unusual and 0 not in shape:
        text += f"({','.join(map(str, strides))})"
    for name, each in (inputs or {}).items():
        text += f" is {name}" if each is tensor else f" views {name}" * (tensor._base is each)
    return " ".join([text, *numbers(tensor)])


def numbers(tensor) -> list[str]:
    """The numbers in order, each as short as its type allows."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    kind = getattr(np, dtype) if dtype.startswith("float") else str
    try:
        flat = [tensor.detach().tolist()]
    except RuntimeError:  # zeros that PyTorch has not bothered to write anywhere
        flat = [0.0] * tensor.numel()
    while any(isinstance(each, list) for each in flat):
        flat = [n for each in flat for n in (each if isinstance(each, list) else [each])]
    with np.errstate(over="ignore"):
        return [str(kind(number)).removesuffix(".0") for number in flat]


def _node(node) -> str:
    edges = [
        "-" if next_node is None else f"{type(next_node).__name__}.{output}"
        for next_node, output in node.next_functions
    ]
    return " ".join([type(node).__name__, "->", *edges, "saves", *saved(node)])


def saved(node) -> list[str]:
    """What the node shows of what it keeps, by PyTorch's names; tensors by shape."""
    found = []
    for name in sorted(name for name in dir(node) if name.startswith("_saved_")):
        found.append(f"{name.removeprefix('_saved_')}={_short(getattr(node, name))}")
    return found


def _short(value: object) -> str:
    if isinstance(value, (tuple, list)):
        return f"({','.join(map(_short, value))})"
    if hasattr(value, "shape"):
        return str(value.dtype).removeprefix("torch.") + str(list(value.shape)).replace(" ", "")
    if isinstance(value, float):
        return f"{value:g}"
    return without_address(repr(value)).removeprefix("torch.")


def _loss(outputs: list, module: ModuleType) -> object:
    """One number that depends on every element of every output, on each in its own measure."""
    loss = None
    for out in outputs:
        if out.requires_grad:
            weights = list(itertools.islice(itertools.cycle(WEIGHTS), out.numel()))
            part = (out * module.tensor(weights, dtype=out.dtype).reshape(out.shape)).sum()
            loss = part if loss is None else loss + part
    return loss


def _backward(
    seen: Look, what: str, outputs: list, leaves: dict, module: ModuleType, create_graph: bool = False
) -> dict | None:
    """Run backward and note the gradients; None if that raised."""
    try:
        _loss(outputs, module).backward(create_graph=create_graph)
    except Exception as error:
        seen[what] = f"{type(error).__name__}: {sentence(str(error))}"
        return None
    gradients = {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}
    seen[what] = {name: line(each) for name, each in gradients.items()}
    return gradients


def _second(case: Case, module: ModuleType, seen: Look) -> None:
    """The gradients of the gradients."""
    inputs, result = _evaluate(case, module)
    results = list(result) if isinstance(result, (tuple, list)) else [result]
    outputs = [each for each in results if each.dtype.is_floating_point]
    leaves = {name: each for name, each in inputs.items() if _is_leaf(each)}
    first = _backward(seen, "again", outputs, leaves, module, create_graph=True)
    if first is None:
        return
    for leaf in leaves.values():
        leaf.grad = None
    if any(each.requires_grad for each in first.values()):
        _backward(seen, "second", list(first.values()), leaves, module)

