"""A state -> full sentences that say what its picture shows, in order of creation.

This is the picture for whoever cannot see it, and for tests: it has no address and no pixel in it,
so it is the same on every machine.
"""

from __future__ import annotations

from collections import Counter

from ..recording.state import NodeState, Saved, State, TensorState
from .frames import Frame, flags
from .scene import Folded, Scene
from .strips import strip
from .wording import begun, code, grad_of, listing, name, names, saved_as, value


def describe(state: State) -> str:
    """What is true in this state, one line for each storage, tensor, node and error."""
    return "\n".join(lines(state).values()) or "Nothing was recorded."


def lines(state: State, scene: Scene | None = None) -> dict[str, str]:
    """The lines of a description, by the id of what they are about; of a scene, what it draws."""
    said = {}
    nodes, every = state.nodes.values(), state.saved
    storages = state.storages
    if scene is not None and scene.hidden:
        ids = dict.fromkeys(card.tensor for card in scene.cards.values())
        drawn = (state.tensors[name] for name in ids if name in state.tensors)
        storages = {}
        for tensor in drawn:
            storages.setdefault(tensor.storage, []).append(tensor)
        nodes = [state.nodes[name] for name in scene.nodes if name in state.nodes]
        every = [state.saved[number] for number in scene.saved if number < len(state.saved)]
    for storage, tensors in storages.items():
        alive = [tensor for tensor in tensors if not tensor.deleted]
        if len(alive) > 1:
            said[storage] = f"Storage {storage.upper()} is shared by {names(state, alive)}."
        for tensor in tensors:
            said[tensor.id] = _tensor(tensor, state, own=tensor.counter != tensors[0].counter)
    kept: dict[str, list[Saved]] = {node.id: [] for node in nodes}
    for saved in every:
        kept[saved.node].append(saved)
    for node in nodes:
        said[node.id] = _node(node, state, kept[node.id])
    if state.error is not None:
        message = " ".join(state.error.message.split())
        said["error"] = f"{state.error.type} was raised: {message}"
    return said


def fold_line(folded: Folded) -> str:
    """What is not drawn one by one, and how often it comes."""
    counted = listing([f"{n} {code(name)}" for name, n in Counter(folded.names).most_common()])
    if folded.times:
        return f"Folded, for it repeats itself {folded.times} more times: {counted}."
    return f"Folded, {len(folded.names)} rows of the picture: {counted}."


def silent_lines(state: State, scene: Scene, shown: Frame) -> dict[str, str]:
    """What is wrong although every version is right."""
    said = {}
    for number, edge in scene.saved.items():
        if "fooled" in shown.shown.get(f"{edge.id}.row", ()):
            saved = state.saved[number]
            what = saved_as(state, saved.field, saved.tensor)
            said[f"{edge.id}.row"] = (
                f"{state.nodes[saved.node].name} used {what} at version {saved.expected}, as it "
                "expects, but with other numbers than it saved."
            )
    for card in scene.cards.values():
        text = shown.texts.get(f"{card.id}.true") if card.shows_true else None
        if text:
            said[f"{card.id}.true"] = f"{begun(grad_of(state, card.tensor))} is wrong: it {text}."
    return said


def _tensor(tensor: TensorState, state: State, own: bool) -> str:
    if tensor.deleted:
        return f"{code(tensor.name)}, in storage {tensor.storage.upper()}, is gone: nothing refers to it."
    version = f"version {state.versions[tensor.counter]}"
    said = (
        f"{code(tensor.name)} ({flags(tensor)}) holds {value(tensor.value)} in storage "
        f"{tensor.storage.upper()} at {version}" + (" of a counter of its own" if own else "")
    )
    part = strip(tensor.part, tensor.value.shape)
    if part is not None:
        said += f", looking at {part.words}"
    made = next((alias for alias in state.aliases if alias.alias == tensor.id), None)
    if made is not None:
        said += f"; it came from {name(state, made.source)} by {made.how}"
    hooks = [code(hook.name) for hook in state.hooks.values() if hook.tensor == tensor.id]
    if hooks:
        said += f"; its {'hooks are' if len(hooks) > 1 else 'hook is'} {listing(hooks)}"
    if tensor.grad_fn in state.nodes:
        said += f"; its grad_fn is {state.nodes[tensor.grad_fn].name}"
    elif tensor.cut is not None and not tensor.requires_grad:
        said += "; its grad_fn is None: the graph is cut here"
    if tensor.requires_grad and (tensor.is_leaf or tensor.retains_grad):
        said += f"; its grad is {'None' if tensor.grad is None else value(tensor.grad)}"
    return said + "."


def _node(node: NodeState, state: State, kept: list[Saved]) -> str:
    said = [node.name]
    hooks = [code(hook.name) for hook in state.hooks.values() if hook.node == node.id]
    if hooks:
        said.append(f"calls the {'hooks' if len(hooks) > 1 else 'hook'} {listing(hooks)}")
    if node.variable is not None:
        said.append(f"adds to {grad_of(state, node.variable)}")
    follow = [
        state.nodes[edge.node].name
        + (
            f" of {name(state, state.nodes[edge.node].variable)}"
            if state.nodes[edge.node].variable is not None
            else ""
        )
        for edge in node.next_functions
        if edge is not None and edge.node in state.nodes
    ]
    if follow:
        said.append(f"passes gradients on to {listing(follow)}")
    if node.freed:
        said.append("is freed")
    else:
        for each in kept:
            what = saved_as(state, each.field, each.tensor)
            words = f"saved {what} at version {each.expected}"
            if state.mismatched(each):
                words += f", which is now at version {state.versions[each.counter]}: broken"
            said.append(words)
    if node.status == "raised":
        said.append("raised the error")
    elif node.status in ("running", "ran"):
        out = [value(grad) for grad in node.grads_out if grad is not None]
        into = [value(grad) for grad in node.grads_in if grad is not None]
        if into:
            said.append(f"got the gradient {listing(into)}")
        if out:
            said.append(f"passed on {listing(out)}")
    if node.deleted:
        said.append("is gone: nothing refers to it")
    return f"{said[0]} {'; it '.join(said[1:])}." if said[1:] else f"{said[0]} waits."
