"""A step -> what just happened, in one or two plain sentences.

Every sentence is made from the events of the step and the state after it, so it cannot say anything
that did not happen.
"""

from __future__ import annotations

from ..recording import events as e
from ..recording.state import BEFORE, OPENERS, START, State
from ..recording.steps import Step
from ..recording.trace import Trace
from .text import line
from .wording import (
    begun,
    call,
    called,
    code,
    grad_of,
    held_now,
    listing,
    memory,
    name,
    names,
    saved_as,
    value,
)

MANY = 3  # nodes: of more that go at once, only how many
MESSAGE = 300  # characters: of an error's sentence, more is not told


def narrate(trace: Trace) -> list[str]:
    """One short text for each step of the trace."""
    return [sentence(step) for step in trace.steps]


def sentence(step: Step) -> str:
    """What happened in this step."""
    openers = (event for event in step.events if isinstance(event, (e.TensorCreated, *OPENERS)))
    opener = next(openers, None)
    said = [_SAY[type(opener)](opener, step)] if opener else ["The recording goes on."]
    if step.find(e.BackwardEnded):
        said.append("The backward pass is complete.")
    for wrong in step.events:
        if isinstance(wrong, e.GradWrong):
            grad = grad_of(step.state, wrong.tensor)
            said.append(f"{begun(grad)} is wrong: it should be {value(wrong.true)}.")
    gone = [event.tensor for event in step.events if isinstance(event, e.TensorDeleted)]
    gone = [name(step.state, tensor) for tensor in gone if tensor in step.state.tensors]
    nodes = [event.node for event in step.events if isinstance(event, e.NodeDeleted)]
    nodes = [step.state.nodes[node].name for node in nodes if node in step.state.nodes]
    if gone or nodes:
        gone = [*gone, *([_many(nodes)] if len(nodes) > MANY else nodes)]
        left = "they are" if len(gone) > 1 or len(nodes) > MANY else "it is"
        said.append(f"Nothing refers to {listing(gone)} any more: {left} gone.")
    return " ".join(said)


def _many(nodes: list[str]) -> str:
    return f"{len(nodes)} nodes"


def _statement(state: State, tensor: str) -> str:
    """The code that made a tensor, as `c = out.detach()`, or as much as is known of it."""
    made = state.tensors[tensor]
    parts = [called(made, state.place)] if made.names else []
    return code(" = ".join([*parts, made.expression or made.op]))


def _created(event: e.TensorCreated, step: Step) -> str:
    kind = (
        "a leaf that requires grad"
        if event.requires_grad and event.is_leaf
        else "a tensor that requires grad"
        if event.requires_grad
        else "a tensor that does not require grad"
    )
    tensor, origin = name(step.state, event.tensor), ""
    if event.op == ".grad":
        origin = f"{tensor} is what backward has put there: "
    elif event.op == "gradient":
        origin = f"{tensor} is a gradient on its way, handed to the user's code: "
    elif event.op == START:
        origin = f"{tensor} is what the backward pass starts with: "
    elif event.op == BEFORE:
        origin = f"{tensor} was there before the recording: "
    holds = f"holds {value(event.value)}, in storage {event.storage.upper()} at version {event.version}."
    if origin:
        return f"{origin}{kind}. It {holds}"
    return f"{tensor} is {kind}. It {holds}"


def _op_ran(event: e.OpRan, step: Step) -> str:
    state = step.state
    outputs = [tensor for tensor in event.outputs if tensor in state.tensors]
    if not outputs:
        return f"{code(event.op)} runs."
    said = [
        f"{_statement(state, outputs[0])} makes a new tensor that holds "
        f"{value(state.tensors[outputs[0]].value)}."
    ]
    node = state.nodes.get(event.node)
    if node is None:
        tracked = [t for t in event.inputs if t in state.tensors and state.tensors[t].requires_grad]
        why = "Gradients are switched off" if tracked else "No input requires grad"
        if tracked and "float" not in state.tensors[outputs[0]].value.dtype:
            why = "What holds no floats has no gradient"
        return f"{said[0]} {why}, so no node is recorded: its grad_fn is None."
    keeps = [
        f"{saved_as(state, kept.field, kept.tensor)} at version {kept.expected}"
        for kept in step.events
        if isinstance(kept, e.TensorSaved) and kept.node == event.node
    ]
    said.append(
        f"Its grad_fn is {node.name}, which saves {listing(keeps) if keeps else 'no tensor'}."
    )
    leaves = [
        grad_of(state, made.variable)
        for made in step.events
        if isinstance(made, e.NodeCreated) and made.variable is not None
    ]
    if leaves:
        said.append(f"AccumulateGrad will add what arrives to {listing(leaves)}.")
    return " ".join(said)


def _alias(event: e.AliasMade, step: Step) -> str:
    state = step.state
    source = name(state, event.source)
    made = _statement(state, event.alias) if event.alias in state.tensors else code(event.how)
    known = state.tensors.get(event.source)
    said = f"{made} makes a second tensor on the memory of {source}"
    if event.how == "detach":
        said += ": the same storage and the same version counter, but no grad_fn."
        return said + (
            " The graph is cut between the two." if known and known.requires_grad else ""
        )
    if not event.same_counter:
        cut = "cut from the graph and with" if known is None or known.requires_grad else "with"
        return (
            f"{said}, {cut} a version counter of its own: nobody who saved {source} will notice a "
            "write through it."
        )
    return f"{said}, a view: a write through either of the two is a write to both."


def _bumped(event: e.VersionBumped, step: Step) -> str:
    state = step.state
    said = [f"{code(call(event, state))} writes into {memory(state, event.storage)}"]
    said[0] += held_now(state, event.storage, event.tensor)
    inside = [t for t in state.tensors.values() if t.storage == event.storage]
    living = [t for t in inside if not t.deleted]
    unaware = [t for t in living if t.counter != event.counter]
    if event.before == event.after:
        said[0] += ". What inference mode makes has no version counter: nobody counts the write."
    elif not unaware:
        said[0] += f". Its version goes from {event.before} to {event.after}."
    else:
        # Who wrote may be gone by now, as in `out.data.zero_()`.
        counting = [t for t in living if t.counter == event.counter]
        counting = counting or [t for t in inside if t.id == event.tensor]
        said[0] += (
            f". Only the counter of {names(state, counting)} goes from {event.before} to "
            f"{event.after}; the one of {names(state, unaware)} stays at "
            f"{state.versions[unaware[0].counter]}."
        )
    for kept in state.saved:
        node = state.nodes[kept.node]
        what = saved_as(state, kept.field, kept.tensor)
        broken = state.mismatched(kept)
        if kept.counter == event.counter and broken:
            said.append(
                f"{node.name} saved {what} at version {kept.expected}: its backward would raise."
            )
        elif kept.counter in {t.counter for t in inside} - {event.counter} and not (
            broken or node.freed or node.deleted
        ):
            said.append(
                f"{node.name} saved {what} at version {kept.expected} and will not notice: its "
                "gradient will be computed from the changed values."
            )
    return " ".join(said)


def _memory_written(event: e.MemoryWritten, step: Step) -> str:
    held = held_now(step.state, event.storage)
    line = event.line.text.strip() if event.line else ""
    who = f"{code(line)} writes" if line else "Something that is no operation has written"
    return f"{who} into {memory(step.state, event.storage)}{held}. No version counter has counted that."


def _changed(event: e.TensorChanged, step: Step) -> str:
    state = step.state
    tensor = name(state, event.tensor)
    if event.op == "requires_grad_":
        if event.requires_grad:
            return f"{tensor} now requires grad: it is a leaf, with a grad of its own."
        return f"{tensor} no longer requires grad."
    if event.op == "detach_":
        return f"`detach_()` cuts {tensor} itself from the graph: its grad_fn is None from now on."
    if event.op == "retain_grad":
        return f"{tensor} will keep its gradient in `grad`, although it is no leaf."
    node = state.nodes.get(event.grad_fn)
    return (
        f"The history of {tensor} is rewritten: its grad_fn is now {node.name if node else None}."
    )


def _memory_changed(event: e.MemoryChanged, step: Step) -> str:
    call = "`.data =`" if event.op == ".data =" else code(f"{event.op}()")
    said = (
        f"{call} lets {name(step.state, event.tensor)} look at other memory: at storage "
        f"{event.storage.upper()}. It now holds {value(event.value)}."
    )
    bumped = step.find(e.VersionBumped)
    if bumped is None:
        return f"{said} Its version counter does not notice."
    return f"{said} Its version goes from {bumped.before} to {bumped.after}."


def _grad_set(event: e.GradSet, step: Step) -> str:
    grad = grad_of(step.state, event.tensor)
    if event.grad is None:
        return f"{grad} is set to None: the next gradient starts anew."
    return f"{grad} is set to {value(event.grad)}."


def _hook_registered(event: e.HookRegistered, step: Step) -> str:
    state, hook = step.state, code(event.name)
    if event.tensor is not None:
        tensor = name(state, event.tensor)
        if event.kind == "post-accumulate":
            return f"The hook {hook} will be called each time a gradient has arrived in {tensor}'s grad."
        return f"The hook {hook} will be called with the gradient of {tensor}, and may replace it."
    node = state.nodes.get(event.node)
    return (
        f"The hook {hook} will be called {event.kind} {node.name if node else 'the node'} runs, and may "
        "replace gradients."
    )


def _hook_removed(event: e.HookRemoved, step: Step) -> str:
    return "A hook is taken away: it will not be called again."


def _hook_ran(event: e.HookRan) -> str:
    hook = code(event.name)
    if not event.before:
        return f"The hook {hook} was called."
    given = listing([value(grad) for grad in event.before if grad is not None] or ["nothing"])
    if event.before == event.after:
        return f"The hook {hook} saw {given}."
    after = listing([value(grad) for grad in event.after if grad is not None] or ["nothing"])
    return f"The hook {hook} turned {given} into {after}."


def _backward(event: e.BackwardStarted, step: Step) -> str:
    state = step.state
    roots = listing([name(state, root) for root in event.roots] or ["nothing"])
    tracked = [t for t in event.roots if t in state.tensors and state.tensors[t].requires_grad]
    if not tracked:
        return f"`backward()` is called on {roots}, which has no grad_fn to follow."
    return f"The backward pass starts at {roots} and follows its grad_fn."


def _node_ran(event: e.NodeRan, step: Step) -> str:
    state = step.state
    node = state.nodes[event.node]
    into = [value(grad) for grad in event.grads_in if grad is not None] or ["nothing"]
    arrived = step.find(e.GradAccumulated)
    if node.variable is not None and arrived is not None:
        said = (
            f"AccumulateGrad adds {listing(into)} to {grad_of(state, node.variable)}, "
            f"which is now {value(arrived.grad)}."
        )
        written = step.find(e.VersionBumped)
        if written is not None:
            said += (
                f" That is a write to memory that {name(state, written.tensor)} looks at, too: its "
                f"version goes from {written.before} to {written.after}."
            )
        return " ".join([said, *_hooks(step)])
    out = [value(grad) for grad in event.grads_out if grad is not None]
    passes = f"passes on {listing(out)}" if out else "passes nothing on"
    said = f"{node.name} gets the gradient {listing(into)} and {passes}."
    used = [kept for kept in state.saved if kept.node == node.id]
    if used:
        what = listing([saved_as(state, kept.field, kept.tensor) for kept in used])
        said += f" It used {what}, at the version that it expects"
        if step.find(e.SavedChanged):
            said += " but with other numbers than it saved (so this gradient is wrong)"
        said += ", and lets go of it." if step.find(e.NodeFreed) else "."
    for kept in step.events:
        if isinstance(kept, e.GradAccumulated):
            said += f" {grad_of(state, kept.tensor)} is kept: {value(kept.grad)}."
    return " ".join([said, *_hooks(step)])


def _hooks(step: Step) -> list[str]:
    return [_hook_ran(event) for event in step.events if isinstance(event, e.HookRan)]


def _error(event: e.ErrorRaised, step: Step) -> str:
    state = step.state
    node = state.nodes.get(event.node)
    if node is not None and event.expected is not None:
        kept = next((s for s in state.saved if s.node == node.id and s.field == event.field), None)
        what = saved_as(state, kept.field, kept.tensor) if kept else "what it saved"
        return (
            f"{node.name} expects {what} at version {event.expected} and finds version "
            f"{event.found}: {event.type}."
        )
    message = line(event.message, MESSAGE)
    if not message:
        return f"This raises {event.type}."
    return f"This raises {event.type}: {message}" + (
        "" if message.endswith((".", "!", "?")) else "."
    )


_SAY = {
    e.TensorCreated: _created,
    e.OpRan: _op_ran,
    e.AliasMade: _alias,
    e.VersionBumped: _bumped,
    e.MemoryWritten: _memory_written,
    e.TensorChanged: _changed,
    e.MemoryChanged: _memory_changed,
    e.GradSet: _grad_set,
    e.HookRegistered: _hook_registered,
    e.HookRemoved: _hook_removed,
    e.BackwardStarted: _backward,
    e.NodeRan: _node_ran,
    e.ErrorRaised: _error,
}
