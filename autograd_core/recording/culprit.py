"""Who is the culprit: a write to a saved tensor, as the lines of the user's code that led to the error.

PyTorch's version counter keeps a number and no writer, so its message can name neither. A trace has
every write with its line, and every alias with the line that made it: the rest is following them back.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from tokenize import COMMENT, TokenError, generate_tokens

from . import events as e
from .history import History
from .rewrite import Source, can_wait, cloned, cloned_before, copy_passed, out_of_place, saved_apart
from .state import CUTS
from .story import Save, Share, Story, Write, at, written

QUOTED = 80  # characters of a line: a longer one is told as who wrote and how


def op_of(node: str) -> str:
    """The operation that a node belongs to, as PyTorch's messages call it.

    >>> op_of("SigmoidBackward0"), op_of("PowBackward1"), op_of("DoubleBackward")
    ('Sigmoid', 'Pow1', 'Double')
    """
    return re.sub(r"Backward(0?$|(?=[1-9]\d*$))", "", node)


def culprit(past: History, error: e.ErrorRaised) -> Story:
    """The story of a saved tensor that was written before its gradient was asked for."""
    save = past.saves.get((error.node, error.field))
    node = past.state.nodes.get(error.node)
    counter = save.counter if save else error.counter
    tensor = saved_tensor(past, save)
    name = node.name if node else ""
    saved = Save(
        op_of(name) or "A node",
        name,
        error.field or "",
        _name_at_write(past, tensor, error.expected) if tensor else "",
        error.expected,
        past.nodes.get(error.node) if save else None,
    )
    writes = tuple(
        write_of(past, event, name, tensor)
        for event, name in past.writes
        if event.counter == counter and event.after > error.expected
    )
    unseen = error.found - error.expected - sum(each.after - each.before for each in writes)
    text = written(saved, writes, max(unseen, 0), error.found, error.place)
    rounds = [past.when[id(event)] for event, _ in past.writes if event.counter == counter]
    between = past.carried(rounds[-1]) if rounds and all(each.to_leaf for each in writes) else None
    mends = [apart(*between, error.place)] if between else list(fixes(writes, saved, error.place))
    if mends:
        text += f" Fix: {' and '.join(mends)}."
    elif not writes:
        text += " Record from where it is made on, and this note names the line."
    return Story(
        "written", error.message, text, "; ".join(mends), error.place, saved, writes, max(unseen, 0)
    )


def saved_tensor(past: History, save: e.TensorSaved | None) -> str | None:
    """The tensor that was saved; where nobody has seen that one, as a weight that `nn.Linear` turns, whose it is."""
    if save is None or past.name(save.tensor):
        return save and save.tensor
    known = (each for each in past.state.tensors.values() if each.counter == save.counter and past.name(each.id))
    return next((each.id for each in known), save.tensor)


def _name_at_write(past: History, tensor: str, version: int) -> str:
    """What a saved tensor was called where it was written itself; else what it is called now."""
    names = (name for event, name in past.writes if event.tensor == tensor and event.after > version)
    return next((each for each in names if " = " not in each), "") or past.name(tensor)


def write_of(past: History, event: e.VersionBumped, name: str, saved: str | None) -> Write:
    tensor = event.tensor
    while tensor in past.aliases and _is_passing(past, tensor, event):
        tensor = past.aliases[tensor].source
        name = past.name(tensor)
    return Write(
        event.op,
        name,
        statement(event, name),
        event.before,
        event.after,
        event.place,
        _path(past, event, saved) if saved else (),
        id(event) in past.updates,
        past.updates.get(id(event), False),
    )


def statement(event: e.VersionBumped, name: str) -> str:
    """The user's line where it is the write, else who wrote and how."""
    text = code_of(event.place)
    try:
        ast.parse(text)
    except SyntaxError:
        text = ""
    return text if 0 < len(text) <= QUOTED else f"{name}.{event.op}()"


def code_of(place: e.Place | None) -> str:
    """The line of this place without the comment behind it.

    >>> code_of(e.Place("a.py", 3, "    c[0] = '#'  # reset"))
    "c[0] = '#'"
    """
    text = place.text.strip() if place else ""
    try:
        comments = [each for each in generate_tokens(io.StringIO(text).readline) if each.type == COMMENT]
    except (TokenError, SyntaxError):
        return text
    return text[: comments[0].start[1]].rstrip() if comments and comments[0].start[0] == 1 else text


def quoted(place: e.Place | None) -> str:
    text = code_of(place)
    return f"`{text}`" if text else "the backward"


def _path(past: History, event: e.VersionBumped, saved: str) -> tuple[Share, ...]:
    """The aliases that lead from what was written to what was saved, the nearest to each first."""
    up, down = ancestors(past, event.tensor), ancestors(past, saved)
    met = next((each for each in up if each in down), None)
    if met is None:
        return ()
    steps = [(each, False) for each in up[: up.index(met)]]
    steps += [(each, True) for each in down[: down.index(met)]]
    shares, nearer = [], event
    for alias, to_saved in steps:
        made = past.aliases[alias]
        if _is_passing(past, alias, event) or _is_passing(past, alias, nearer):
            continue
        nearer = made
        shares.append(
            Share(
                past.name(alias),
                past.made[alias].expression,
                made.how,
                past.name(made.source),
                made.place,
                to_saved,
            )
        )
    return tuple(shares)


def _is_passing(past: History, alias: str, event: e.Event) -> bool:
    """Is it a nameless view, which began and ended with the line, as the one `x[0] = 1` writes to?"""
    made = past.aliases[alias]
    nameless = alias not in past.names and made.place == event.place
    return nameless and made.same_counter and made.how not in CUTS


def ancestors(past: History, tensor: str) -> list[str]:
    """The tensor, whose alias it is, whose alias that is, and so on."""
    line = [tensor]
    while line[-1] in past.aliases:
        line.append(past.aliases[line[-1]].source)
    return line


def fixes(writes: tuple[Write, ...], saved: Save, home: e.Place | None) -> Iterator[str]:
    """The mended lines. What one of them has cut off from the saved tensor needs no second one."""
    apart: set[str] = set()
    for write in writes:
        shares = [each for each in write.through if not each.to_saved]
        names = {write.tensor, *(each.alias for each in shares)}
        if apart & names:
            continue
        if write.op == "backward":
            apart.add(write.tensor)
            yield f"`{write.tensor}.clone()` where it is used"
            continue
        if write.untracked:
            apart.add(write.tensor)
            yield _reordered(write, saved, home)
            continue
        cuts = [each for each in shares if each.how in CUTS] or shares[:1]
        kept = all(each.alias.isidentifier() for each in cuts)  # else nobody could use the copy
        if kept and cuts and (line := mended(cuts[0].place, cloned, cuts[0].expression)):
            apart.add(cuts[0].alias)
            yield f"`{line}`"
        elif kept and (line := mended(write.place, out_of_place, write.op)):
            apart.add(write.tensor)
            yield f"`{line}`"
        elif kept and (lines := mended(write.place, cloned_before, write.op)):
            apart.add(write.tensor)
            yield f"`{lines.splitlines()[0]}` before line {write.place.line}"
        elif line := mended(write.place, copy_passed, write.tensor):
            apart.add(write.tensor)
            yield f"`{line}`"
        elif line := _later(write, home):
            apart.add(write.tensor)
            yield line
        elif line := _saved_apart(saved):
            apart.add(write.tensor)
            yield f"`{line}` (line {saved.place.line})"


def apart(name: str, place: e.Place, home: e.Place | None) -> str:
    """What keeps the graph of one round apart from that of the round before it."""
    return f"take `{name}.detach()` for `{name}` ({at(place, home)}), where it comes from an earlier round"


def _later(write: Write, home: e.Place | None) -> str:
    """The advice to write after the backward; none where the write already does, in a loop, or is needed before."""
    if home is None or write.place is None or _in_an_earlier_round(write, home):
        return ""
    if not mended(write.place, lambda source, statement, _: can_wait(statement), ""):
        return ""
    line = f"`{write.statement}` ({at(write.place, home)})"
    return f"let {line} run after {quoted(home)} ({at(home, home)})"


def _saved_apart(saved: Save) -> str | None:
    """The line that saves, when it saves a copy."""
    repair = (lambda source, statement, _: saved_apart(source, statement)) if saved.field == "result" else cloned
    return mended(saved.place, repair, saved.tensor)


def _reordered(write: Write, saved: Save, home: e.Place | None) -> str:
    """The right order for a write that has to be in place: a new tensor would have no history."""
    line, later = f"`{write.statement}` ({at(write.place, home)})", _later(write, home)
    if not write.to_leaf:
        return later or f"take {line} out of `no_grad()`, and let it make a new tensor"
    forward = f"run the forward ({at(saved.place, home)}) anew"
    return f"{later}, or {forward} before that" if later else f"{forward} after {line}"


def _in_an_earlier_round(write: Write, home: e.Place | None) -> bool:
    """Does the write stand below the backward that comes after it? Then both are in a loop."""
    there = write.place
    same = there and home and (there.file, there.function) == (home.file, home.function)
    return bool(same) and there.line >= home.line


def mended(place: e.Place | None, repair, what: str) -> str | None:
    """The user's line with a repair done to it, if that is a whole statement and the repair applies."""
    try:
        source = Source(place.text.strip()) if place else None
    except SyntaxError:
        return None
    if source is None or len(source.tree.body) != 1:
        return None
    if repair is cloned:
        return cloned(source, 1, what)
    return repair(source, source.tree.body[0], what)
