"""The story of a `.grad` that is None where somebody wanted to use it: why nothing has arrived there.

PyTorch says nothing at all about that: Python does, one line later, and all it knows is `NoneType`.
"""

from __future__ import annotations

import ast

from . import events as e
from .culprit import code_of
from .history import History, history
from .refused import cut_at
from .rewrite import SIGNS, Source
from .story import Story, at
from .trace import Trace


def ungiven(error: e.ErrorRaised, trace: Trace) -> Story | None:
    """The story of this error, if it is about the missing gradient of a tensor that the trace knows."""
    if "NoneType" not in error.message:
        return None
    past = history(trace, error)
    for name in _asked(code_of(error.place)):
        for tensor in reversed(past.state.tensors.values()):
            if name in tensor.name.split(" = ") and not tensor.deleted and tensor.grad is None:
                taken = _taken(trace, tensor.id, error.place)
                why, fix = taken or _why(past, tensor.id, name, error.place)
                text = f"`{name}.grad` is None: {why}." + (f" Fix: {fix}." if fix else "")
                return Story("ungiven", error.message, text, fix, error.place)
    return None


def _asked(line: str) -> list[str]:
    """The tensors whose gradients a line of code asks for.

    >>> _asked("w = w - rate * w.grad"), _asked("print(net[0].weight.grad.norm())")
    (['w'], ['net[0].weight'])
    """
    try:
        nodes = ast.walk(ast.parse(line))
    except SyntaxError:
        return []
    return [ast.unparse(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "grad"]


def _taken(trace: Trace, tensor: str, home: e.Place | None) -> tuple[str, str] | None:
    """Who took it away again, if it was there."""
    came: list[e.Event] = [
        each
        for each in trace.events
        if isinstance(each, (e.GradAccumulated, e.GradSet)) and each.tensor == tensor
    ]
    if not came or not isinstance(came[-1], e.GradSet):
        return None
    return f"{_line(came[-1].place, home)} took it away", "ask for it before that"


def _why(past: History, tensor: str, name: str, home: e.Place | None) -> tuple[str, str]:
    """Why nothing has arrived, and what helps."""
    known, made = past.state.tensors[tensor], past.place(tensor)
    line = f"`{past.statement(tensor)}`" + (f" ({at(made, home)})" if made else "")
    if not known.is_leaf:
        update = _in_place(code_of(made), name)
        fix = f"`{update}` under `no_grad()`" if update else f"`{name}.retain_grad()` before the backward"
        return f"{line} is the result of an operation, and gradients stay in leaves alone", fix
    if not known.requires_grad:
        return f"{line} does not require grad", f"`{name}.requires_grad_()` before it is used"
    if past.backward is None:
        return "no backward has run", ""
    if cut := _cut_behind(past, tensor):
        source = past.aliases.get(cut)
        fix = f"use `{past.name(source.source)}` itself there" if source else ""
        return f"{cut_at(past, cut, home)}, and no gradient comes back past that", fix
    return f"nothing that {_line(past.backward, home)} went through was computed from it", ""


def _line(place: e.Place | None, home: e.Place | None) -> str:
    return f"`{code_of(place) or 'a line'}` ({at(place, home)})"


def _in_place(line: str, name: str) -> str:
    """An update that makes a new tensor of the same name, as one that writes to it; "" where it is none.

    >>> _in_place("w = w - 0.1 * w.grad", "w")
    'w -= 0.1 * w.grad'
    """
    try:
        source = Source(line)
    except SyntaxError:
        return ""
    match source.tree.body:
        case [ast.Assign(targets=[target], value=ast.BinOp(left=left, op=op, right=right))]:
            if ast.unparse(target) == ast.unparse(left) == name and type(op) in SIGNS:
                return f"{name} {SIGNS[type(op)]}= {source.quote(right)}"
    return ""


def _cut_behind(past: History, tensor: str) -> str | None:
    """The first tensor that was computed from this one and has lost its history."""
    behind = {tensor}
    for each in past.made:  # in the order in which they were made
        made, op = past.aliases.get(each), past.made_by.get(each)
        if behind.intersection((made.source,) if made else op.inputs if op else ()):
            if each in past.lost:
                return each
            behind.add(each)
    return None
