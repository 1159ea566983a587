"""Why autograd refuses, where no write to a saved tensor is behind it: the lines that led to the error.

A graph that was used up, a history that was cut off, a leaf or a view that may not be written.
"""

from __future__ import annotations

import ast
import re

from . import events as e
from .culprit import ancestors, apart, mended, op_of, quoted
from .history import History
from .rewrite import Source, cloned, cloned_before, out_of_place
from .story import Story, at


def freed(past: History, error: e.ErrorRaised) -> Story | None:
    node = past.state.nodes.get(error.node)
    if node is None:
        return None
    home, op, made = error.place, op_of(node.name), past.nodes.get(error.node)
    first = past.freed.get(error.node)
    text = f"{op} ({at(made, home)}) is asked for its gradient by {quoted(home)} ({at(home, home)})"
    if first is None:
        return Story(
            "freed",
            error.message,
            text + ", but had let go of what it saved before the recording began.",
            place=home,
        )
    again = first == home
    text += (
        ", which runs a second time" if again else f", but {quoted(first)} ({at(first, home)}) "
        "ran first"
    )
    text += " and let go of what it had saved." if not again else ": the first let go of what it saved."
    fix, between = _keeping(first), past.carried(past.died[error.node])
    if between:
        fix = apart(*between, home)
        text += f" Fix: {fix}."
    elif fix:
        text += f" Fix: `{fix}` (line {first.line}), or compute it anew before each backward."
    return Story("freed", error.message, text, fix, home)


def _keeping(place: e.Place) -> str:
    """The line of a backward, with `retain_graph=True` added to its call."""
    return _with_keyword(place.text.strip(), ("backward", "grad"), "retain_graph=True")


def _with_keyword(text: str, functions: tuple[str, ...], keyword: str) -> str:
    try:
        source = Source(text)
    except SyntaxError:
        return ""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in functions and keyword.split("=")[0] not in [k.arg for k in node.keywords]:
                call = source.quote(node)
                comma = ", " if node.args or node.keywords else ""
                return source.replaced(node, f"{call[:-1]}{comma}{keyword})")
    return ""


def cut(past: History, error: e.ErrorRaised) -> Story | None:
    """Walk back from the root to where the history was lost."""
    home = error.place
    root = next((r for r in past.roots if not past.state.tensors[r].requires_grad), None)
    if root is None:
        return None
    cuts, plain = [], []
    unseen, seen = [root], {root}
    while unseen:
        tensor = unseen.pop(0)
        made, op = past.aliases.get(tensor), past.made_by.get(tensor)
        inputs = (made.source,) if made else op.inputs if op else ()
        if tensor in past.cuts or tensor in past.lost:
            cuts.append(tensor)
        elif inputs:
            new = [each for each in inputs if each not in seen]
            seen |= set(new)
            unseen += new
        else:
            plain.append(tensor)
    said = [cut_at(past, each, home) for each in cuts]
    fix = ""
    if cuts:
        end = f"so {_known(past, root)} has no history to follow back."
        text = f"{', and '.join(said)}, {end}"
    else:
        said = [f"`{past.statement(each)}` ({at(past.place(each), home)})" for each in plain]
        if plain == [root]:
            text = f"{said[0]} does not require grad, and was not computed from anything that does."
        else:
            them = "which does not require grad" if len(said) == 1 else "and none of them requires grad"
            text = f"{_known(past, root)} is computed from {' and '.join(said)} alone, {them}."
        floats = [t for t in plain if "float" in past.state.tensors[t].value.dtype]
        place = past.place(floats[0]) if floats else None
        line = place.text.strip() if place else ""
        if numbers := _numbers(line):
            text += (
                f" Where `{numbers}` comes from tensors that do, take those themselves (by `torch.stack`, without "
                "`.item()`): a number has no history."
            )
        elif fix := _with_keyword(line, MAKERS, "requires_grad=True"):
            text += f" Fix: `{fix}` (line {place.line})."
    return Story("cut", error.message, text, fix, home)


def _numbers(line: str) -> str:
    """What a line makes a tensor of, where that is not written out in it.

    >>> _numbers("loss = torch.tensor(losses).mean()"), _numbers("x = torch.tensor([1.0, -2.0])")
    ('losses', '')
    """
    try:
        source = Source(line)
    except SyntaxError:
        return ""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "tensor" and node.args:
            if any(isinstance(each, ast.Name) for each in ast.walk(node.args[0])):
                return source.quote(node.args[0])
    return ""


MAKERS = tuple("tensor ones zeros full rand randn arange linspace eye empty".split())


def _known(past: History, tensor: str) -> str:
    return f"`{past.name(tensor)}`"


def cut_at(past: History, tensor: str, home: e.Place | None) -> str:
    """The clause about the line that took its history from a tensor."""
    alias, op = past.aliases.get(tensor), past.made_by.get(tensor)
    if tensor in past.cuts:
        place = past.cuts[tensor].place
        return f"`detach_()` ({at(place, home)}) cut {_known(past, tensor)} itself from the graph"
    line = f"`{past.statement(tensor)}` ({at(past.place(tensor), home)})"
    if alias and alias.how in ("detach", ".data"):
        return f"{line} cut it from the graph of {_known(past, alias.source)}"
    if op and "float" not in past.made[tensor].value.dtype:
        return f"{line} gives no floats, and so no gradient"
    return f"{line} ran while gradients were switched off"


def leaf(past: History, error: e.ErrorRaised) -> Story:
    home = error.place
    known = error.tensor is not None and error.tensor in past.state.tensors
    leaf = past.name(error.tensor) if known else ""
    made = _made(past, error.tensor, home) if known else "It"
    text = (
        f"{made[0].upper()}{made[1:]} is a leaf that requires grad, and {quoted(home)} ({at(home, home)}) would write "
        "over the numbers at which its gradient is asked for. Fix: write under `no_grad()` to update "
        "the leaf itself"
    )
    fix = mended(home, out_of_place, _op_in(home)) or ""
    if fix:
        text += f", or `{fix}` to compute a new tensor from it."
    else:
        text += f", or write to a copy, `{leaf}.clone()`." if leaf else ", or write to a clone of it."
    return Story("leaf", error.message, text, fix, home)


def _made(past: History, tensor: str, home: e.Place | None) -> str:
    """A tensor by the line that made it; of a parameter nobody tells that."""
    made = past.made.get(tensor)
    if made is not None and made.op == "Parameter" and made.place is None and past.name(tensor):
        return f"the parameter `{past.name(tensor)}`"
    return f"`{past.statement(tensor)}` ({at(past.place(tensor), home)})"


def _op_in(place: e.Place | None) -> str:
    """The in-place method that a line calls."""
    found = re.search(r"\.(\w+_)\(", place.text) if place else None
    return found[1] if found else ""


def view(past: History, error: e.ErrorRaised) -> Story | None:
    """A write that is refused because of what the tensor is a view of."""
    home, line = error.place, ancestors(past, error.tensor)
    if error.tensor not in past.state.tensors:
        return None
    views = [each for each in line if each in past.aliases]
    links = [f"`{past.statement(each)}` ({at(past.place(each), home)})" for each in views]
    base = _made(past, line[-1], home)
    looks = f"{links[0]} looks at the memory of {base}" if links else base
    if links[1:]:
        looks += f" by way of {' and '.join(links[1:])}"
    text = f"{looks}; {quoted(home)} ({at(home, home)}) would write there."
    fix = None
    if views and not _siblings(past, views[0]):
        fix = mended(past.place(views[0]), cloned, past.made[views[0]].expression)
        text += f" Fix: `{fix}` (line {past.place(views[0]).line})." if fix else ""
    elif fix := mended(home, out_of_place, _op_in(home)):
        text += f" Fix: `{fix}`."
    elif lines := mended(home, cloned_before, _op_in(home)):
        fix = lines.splitlines()[0]
        text += f" Fix: `{fix}` before line {home.line}."
    return Story("view", error.message, text, fix or "", home)


def _siblings(past: History, view: str) -> bool:
    """Was the view made together with others, by `unbind` or `split`?"""
    made = past.aliases[view]
    return any(
        (each.source, each.place, each.how) == (made.source, made.place, made.how)
        for alias, each in past.aliases.items()
        if alias != view
    )
