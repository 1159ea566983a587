"""The story of a gradient that is silently wrong: who changed what was saved, and what it should be."""

from __future__ import annotations

from . import events as e
from .culprit import code_of, fixes, mended, op_of, saved_tensor, write_of
from .history import History, history
from .rewrite import copied
from .story import Gradient, Save, Story, Write, at, clauses
from .trace import Trace

TOLD = 2  # gradients: of more than these, it is told how many there are


def silent_story(found: e.SavedChanged, trace: Trace) -> Story:
    """The story of a saved tensor that was used with other numbers than it was saved with."""
    return _story(history(trace, found), found, _wrong(trace, found))


def _wrong(trace: Trace, found: e.SavedChanged) -> list[e.GradWrong]:
    """The gradients that went wrong in the same backward."""
    wrong, later = [], False
    for event in trace.events:
        later = later or event is found
        if later and isinstance(event, e.GradWrong):
            wrong.append(event)
        elif later and isinstance(event, (e.BackwardStarted, e.ErrorRaised)):
            break
    return wrong


def _story(past: History, found: e.SavedChanged, wrong: list[e.GradWrong]) -> Story:
    home, key = found.place, (found.node, found.field)
    node, save = past.state.nodes[found.node].name, past.saves.get(key)
    tensor = saved_tensor(past, save)
    saved = Save(
        op_of(node), node, found.field, past.name(tensor) if tensor else "", found.version,
        past.nodes.get(found.node),
    )
    writes, by_numpy, looks = _unnoticed(past, found, save)
    said = [
        *clauses(writes, saved, home),
        *_moved(past, save, saved, home),
        *_numpy(by_numpy, looks, saved, home),
    ] or [f"something wrote the memory of {_named(saved)} by its address"]
    told = "; ".join(said)
    gradients = tuple(
        Gradient(past.name(each.tensor), each.computed.text, _true(each)) for each in wrong
    )
    head = _heading(gradients)
    text = (
        f"{head} {told[0].upper()}{told[1:]}{_why(writes)}. {saved.op} saved {_named(saved)} at version {saved.version} "
        f"({at(saved.place, home)}), and it is still at version {found.version}, with other numbers. "
        f"{_both(gradients, found, saved.op)}"
    )
    fix = list(fixes(writes, saved, home)) or _copies(looks)
    text += f" Fix: {' and '.join(fix) or 'write to a copy, or after the backward'}."
    return Story("silent", head, text, "; ".join(fix), home, saved, writes, gradients=gradients)


def _true(wrong: e.GradWrong) -> str:
    """The true gradient; of one too large to be written out, how far off the computed one is."""
    same = wrong.true.text == wrong.computed.text
    return f"others, by up to {wrong.off:.4g}" if same else wrong.true.text


def _named(saved: Save) -> str:
    return f"`{saved.tensor}`" if saved.tensor else "it"


def _unnoticed(
    past: History, found: e.SavedChanged, save: e.TensorSaved | None
) -> tuple[tuple[Write, ...], list[e.MemoryWritten], list[e.MemoryShown]]:
    """Who wrote the storage since it was saved, by another counter or by none, and how it got out."""
    if save is None or save.tensor not in past.made:
        return (), [], []
    storage, since = past.made[save.tensor].storage, past.when[id(save)]
    writes = tuple(
        write_of(past, event, name, saved_tensor(past, save))
        for event, name in past.writes
        if event.storage == storage and event.counter != save.counter
        if past.when[id(event)] > since
    )
    changes = [
        each for each in past.changes if each.storage == storage and past.when[id(each)] > since
    ]
    return writes, changes, [each for each in past.shown if each.storage == storage]


def _moved(
    past: History, save: e.TensorSaved | None, saved: Save, home: e.Place | None
) -> list[str]:
    """The clauses about `x.data = y`, which lets the saved tensor itself look at other memory."""
    return [
        f"{_line(each.place, home)} let {_named(saved)} look at other memory"
        for each in past.moved
        if save is not None and each.tensor == save.tensor and past.when[id(each)] > past.when[id(save)]
    ]


def _line(place: e.Place | None, home: e.Place | None) -> str:
    return f"`{code_of(place) or '?'}` ({at(place, home)})"


def _numpy(
    changes: list[e.MemoryWritten],
    looks: list[e.MemoryShown],
    saved: Save,
    home: e.Place | None,
) -> list[str]:
    """The clauses about memory that NumPy shares."""
    how = [_line(each.place, home) for each in looks]
    shared = f"the memory of {_named(saved)}, which NumPy shares since {' and '.join(how)}" if how else ""
    said = []
    for each in changes:
        if each.line is not None:
            said.append(f"{_line(each.line, home)} wrote {shared}")
        else:
            said.append(
                f"{shared}, was written between {at(each.after, home)} and {at(each.place, home)}"
            )
    if not said and how:
        said.append(f"{shared}, was written")
    return said


def _why(writes: tuple[Write, ...]) -> str:
    hows = {share.how for write in writes for share in write.through}
    if ".data" in hows:
        return ", and `.data` has a version counter of its own"
    if writes:
        return ", by another version counter"
    return ", and no counter counts that"


def _heading(gradients: tuple[Gradient, ...]) -> str:
    names = " and ".join(f"`{each.tensor}.grad`" for each in gradients[:TOLD]) or "A gradient"
    if len(gradients) > TOLD:
        names += f" and {len(gradients) - TOLD} more"
    return f"{names} {'are' if len(gradients) > 1 else 'is'} wrong, and no version counter tells."


def _both(gradients: tuple[Gradient, ...], found: e.SavedChanged, op: str) -> str:
    """The computed and the true gradient, of the leaves where they are known, else of the node."""
    if gradients:
        each = [f"`{g.tensor}.grad` is {g.computed} and should be {g.true}" for g in gradients[:TOLD]]
        return f"Computed and true: {'; '.join(each)}."
    if found.true is None:
        return "What it should be cannot be told: no copy was kept, or a backward of your own would run."
    computed, true = (
        ", ".join(each.text for each in side if each is not None) for side in (found.computed, found.true)
    )
    return f"Computed and true: {op} passed on {computed} and should have passed on {true}."


def _copies(looks: list[e.MemoryShown]) -> list[str]:
    """The lines in which NumPy gets a copy instead of the memory itself."""
    lines = (mended(each.place, copied, each.how) for each in looks)
    return [f"`{line}`" for line in lines if line]
