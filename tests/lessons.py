"""Run a few lines of source under the recorder, and tell its trace one short line an event."""

from __future__ import annotations

import linecache
import textwrap
from functools import singledispatch
from pathlib import Path

import autograd_core
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

NAMES = {name: getattr(autograd_core, name) for name in ("tensor", "record", "no_grad", "Tensor")}


def run(source: str, file: str = "lesson.py", names: dict[str, object] | None = None) -> Trace:
    """The trace of this source, run as a module of its own; its second line is the source's first.

    An error that leaves it is in the trace, and goes no further.
    """
    lines = ["with record() as trace:", *textwrap.dedent(source).strip("\n").split("\n")]
    lines[1:] = [f"    {line}" for line in lines[1:]]
    text = "\n".join(lines)
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    space = NAMES | {"__name__": "__main__"} | (names or {})
    try:
        exec(compile(text, file, "exec"), space)
    except Exception as error:
        assert space["trace"].events[-1].message == str(error), "the error is the last that is told"
    return space["trace"]


def run_file(path: Path) -> Trace:
    """The trace of a script that stands in a file."""
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    with autograd_core.record() as trace:
        exec(code, dict(NAMES))
    return trace


def told(trace: Trace, *kinds: type[e.Event]) -> list[str]:
    """One line for each event, or for each of these kinds."""
    return [tell(event) for event in trace.events if not kinds or isinstance(event, kinds)]


# ---- one line for each kind of event -------------------------------------------------------------


@singledispatch
def tell(event: e.Event) -> str:
    return str(event)


def _flags(event: e.TensorCreated | e.TensorChanged) -> str:
    words = ["leaf" if event.is_leaf else f"output {event.output_nr} of {event.grad_fn}"]
    words += ["requires_grad"] * event.requires_grad
    words += ["retains_grad"] * getattr(event, "retains_grad", False)
    return ", ".join(words)


def _values(values: tuple[e.Value | None, ...]) -> str:
    return " ".join("-" if value is None else value.text for value in values) or "nothing"


@tell.register
def _(event: e.TensorCreated) -> str:
    where = f"in {event.storage} at {event.counter}@{event.version}"
    return f"{event.tensor} by {event.op} {where}: {event.value.text} {_flags(event)}"


@tell.register
def _(event: e.Named) -> str:
    return f"{event.tensor} is {' = '.join(event.names) or 'nameless'}"


@tell.register
def _(event: e.TensorChanged) -> str:
    return f"{event.tensor} changed by {event.op}: {_flags(event)}"


@tell.register
def _(event: e.OpRan) -> str:
    made = f"{event.op}({', '.join(event.inputs)}) -> {', '.join(event.outputs)}"
    return made + (f" with {event.node}" if event.node else "")


@tell.register
def _(event: e.NodeCreated) -> str:
    edges = [
        "none" if each is None else f"{each.node}.{each.input_nr}" for each in event.next_functions
    ]
    leads = f" to {' '.join(edges)}" if edges else ""
    return f"{event.node} {event.name}{leads}" + (f" of {event.variable}" if event.variable else "")


@tell.register
def _(event: e.TensorSaved) -> str:
    return f"{event.node} saves {event.field} {event.tensor} at {event.counter}@{event.expected}"


@tell.register
def _(event: e.AliasMade) -> str:
    counter = "same" if event.same_counter else "own"
    return f"{event.alias} is an alias of {event.source} by {event.how}, {counter} counter"


@tell.register
def _(event: e.VersionBumped) -> str:
    values = "; ".join(f"{tensor} {value.text}" for tensor, value in event.values)
    bump = f"{event.counter}@{event.before}->{event.after}"
    return f"{event.op} through {event.tensor} writes {event.storage} {bump}: {values}"


@tell.register
def _(event: e.BackwardStarted) -> str:
    return f"backward from {', '.join(event.roots)}"


@tell.register
def _(event: e.NodeRan) -> str:
    return f"{event.node} ran: {_values(event.grads_in)} -> {_values(event.grads_out)}"


@tell.register
def _(event: e.GradAccumulated) -> str:
    return f"{event.tensor}.grad {event.grad.text} {event.how}"


@tell.register
def _(event: e.GradSet) -> str:
    held = "None" if event.grad is None else event.grad.text
    return f"{event.tensor}.grad {held} by {event.op}"


@tell.register
def _(event: e.MemoryChanged) -> str:
    return f"{event.tensor} looks at {event.storage} by {event.op}: {event.value.text}"


@tell.register
def _(event: e.HookRegistered) -> str:
    return f"{event.hook} is {event.name}, a {event.kind} hook of {event.tensor or event.node}"


@tell.register
def _(event: e.HookRemoved) -> str:
    return f"{event.hook} removed"


@tell.register
def _(event: e.HookRan) -> str:
    return f"{event.hook} {event.name} ran: {_values(event.before)} -> {_values(event.after)}"


@tell.register
def _(event: e.MemoryShown) -> str:
    return f"{event.tensor} shows {event.storage} by {event.how}"


@tell.register
def _(event: e.MemoryWritten) -> str:
    line = event.line.line if event.line else "?"
    return f"{event.storage} written in line {line}: " + "; ".join(
        f"{tensor} {value.text}" for tensor, value in event.values
    )


@tell.register
def _(event: e.SavedChanged) -> str:
    true = "?" if event.true is None else _values(event.true)
    return f"{event.node}.{event.field} changed at version {event.version}: {true}"


@tell.register
def _(event: e.GradWrong) -> str:
    return f"{event.tensor}.grad {event.computed.text} should be {event.true.text}"


@tell.register
def _(event: e.NodeFreed) -> str:
    return f"{event.node} freed"


@tell.register
def _(event: e.NodeDeleted) -> str:
    return f"{event.node} deleted"


@tell.register
def _(event: e.BackwardEnded) -> str:
    return "backward ended"


@tell.register
def _(event: e.TensorDeleted) -> str:
    return f"{event.tensor} deleted"


@tell.register
def _(event: e.ErrorRaised) -> str:
    culprit = f" at {event.node}" if event.node else ""
    if event.field:
        culprit += f".{event.field}, expected {event.expected}, found {event.found}"
    return f"{event.type}{culprit}: {event.message}"
