"""What a recording knows of each tensor and node, and the notes that tell of them.

Here is how a tensor is told: when it is made, when it is met for the first time, when its flags, its
history or its memory change; and how a node is, with what it saved. `recorder` says when.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence

from . import events as e
from .inventory import inventory
from .known import Collector, Known, Seen
from .library import Library
from .places import Spot
from .state import BEFORE, START
from .tape import Made, Note, Tape
from .values import Held
from .watch import Watch


class Ledger:
    """The tensors, nodes, storages and counters of one recording, by their ids."""

    def __init__(self, tape: Tape, library: Library) -> None:
        self.tape, self.library = tape, library
        self.look, self.node_of, self.held = library.look, library.node_of, library.held
        self.saved_by = library.saved
        self.newer, self.write = tape.newer, tape.newer.append
        self.tensors, self.nodes = Known("t", self.tensor_gone), Known("n", self.node_gone)
        self.storage_count = self.counter_count = self.hook_count = 0
        self.sharers: dict[str, dict[str, Seen]] = {}  # per storage that has aliases: its tensors
        self.at_memory: dict[int, list[Seen]] = {}  # by address of what `Library.shared_memory` says
        self.placed, self.unplaced = 0, []  # below which number all are in there, but for these
        self.owners: dict[int, list[Seen]] = {}  # by address of a gradient: whose `.grad` it is
        self.handed_out: dict[int, tuple[weakref.ref, weakref.ref, Held]] = {}
        self.from_backward: dict[int, tuple[weakref.ref, Seen | None, str]] = {}  # of whom, and as what
        self.hooks: dict[int, Note] = {}  # by number of the handle
        self.backward: list[Note] = []  # the latest one, as far as it went
        self.collector = Collector()
        self.watch = Watch(tape, library)

    # ---- tensors and their memory ----------------------------------------------------------------

    def introduce(self, tensor: object) -> Seen:
        seen = self.tensors.add(tensor)
        self.graph_behind(self.node_of(tensor))
        self.on_memory_of_its_own(seen)
        for each, other in self.looking_at(tensor):
            seen.storage = other.storage
            self.share(other, seen)
            if self.library.counted_by(tensor, self.library.counter(each)):
                seen.counter = other.counter
                break
        is_shared = self.library.is_shared
        if is_shared is not None and is_shared(tensor):
            self.watch.open.add(seen.storage)
        op, expression = self.origin(tensor)
        self.tensor_created(tensor, op, None, seen, self.node_of(tensor), expression)
        if self.library.retains_grad(tensor):
            self.tensor_changed(tensor, BEFORE, None)
        if self.library.grad_of(tensor) is not None:
            grad = self.grad_of(tensor, seen)
            self.write((e.GradSet, None, seen.id, grad, BEFORE))
        return seen

    def looking_at(self, tensor: object) -> list[tuple[object, Seen]]:
        """The other living tensors that look at this one's memory, in order of first sight."""
        memory = self.library.shared_memory(tensor)
        if memory is None:
            return []
        self.place()
        group = sorted(self.at_memory.get(id(memory), ()), key=lambda seen: seen.number)
        pairs = [(seen(), seen) for seen in group]
        return [pair for pair in pairs if pair[0] is not None and pair[0] is not tensor]

    def place(self) -> None:
        """Put the tensors in order by their memory that have come since somebody asked."""
        waiting, self.unplaced = self.unplaced, []
        for seen in reversed(self.tensors.values()):
            if seen.number < self.placed:
                break
            waiting.append(seen)
        self.placed = self.tensors.count
        for seen in waiting:
            tensor = seen()
            memory = None if tensor is None else self.library.shared_memory(tensor)
            if memory is not None:
                seen.memory = id(memory)
                self.at_memory.setdefault(seen.memory, []).append(seen)
            elif tensor is not None:
                self.unplaced.append(seen)

    def displace(self, seen: Seen) -> None:
        if seen.memory is not None:
            group = self.at_memory[seen.memory]
            group.remove(seen)
            if not group:
                del self.at_memory[seen.memory]
            seen.memory = None

    def origin(self, tensor: object) -> tuple[str, str]:
        """What is known of a tensor that nobody has told of: an op and an expression for it."""
        owner = next((seen for seen in self.owners.get(id(tensor), ()) if seen() is not None), None)
        if owner is not None:
            return ".grad", f"{owner.names[0]}.grad" if owner.names else ""
        reference, node, _ = self.handed_out.get(id(tensor), (lambda: None, None, None))
        if reference() is tensor:
            return "gradient", self.gradient_at(node())
        reference, of, what = self.from_backward.get(id(tensor), (lambda: None, None, ""))
        if reference() is tensor:
            if of is None or not of.names:
                return what, ""
            return what, f"gradient of {of.names[0]}" if what == START else f"{of.names[0]}.grad"
        return self.library.origin(tensor), ""

    def gradient_at(self, node: object | None) -> str:
        """`gradient of out`, where it is known whose gradient arrives at a node."""
        if node is None:
            return ""
        if node.variable is not None:
            of = [node.variable]
        else:
            of = [each for each, _ in self.tensors.living() if self.node_of(each) is node]
        names = [self.tensors[id(each)].names for each in of if id(each) in self.tensors]
        return f"gradient of {names[0][0]}" if len(names) == 1 and names[0] else ""

    def new_tensor(self, tensor: object) -> Seen:
        seen = self.tensors.add(tensor)
        self.on_memory_of_its_own(seen)
        return seen

    def on_memory_of_its_own(self, seen: Seen) -> None:
        seen.storage, seen.counter = f"s{self.storage_count}", f"c{self.counter_count}"
        self.storage_count += 1
        self.counter_count += 1
        seen.alias = seen.grad = None

    def new_counter(self) -> str:
        self.counter_count += 1
        return f"c{self.counter_count - 1}"

    def new_hook(self) -> str:
        self.hook_count += 1
        return f"h{self.hook_count - 1}"

    def share(self, old: Seen, new: Seen) -> None:
        """Two tensors look at one storage."""
        self.sharers.setdefault(old.storage, {old.id: old})[new.id] = new

    def sharing(self, tensor: object, seen: Seen) -> list[tuple[object, Seen]]:
        """The living tensors of a tensor's storage."""
        group = self.sharers.get(seen.storage)
        if group is None:
            return [(tensor, seen)]
        pairs = [(each(), each) for each in list(group.values())]
        return [(each, other) for each, other in pairs if each is not None]

    def memory_changed(self, tensor: object, seen: Seen, op: str, at: Spot) -> None:
        """Note at which storage a tensor looks from now on."""
        self.sharers.get(seen.storage, {}).pop(seen.id, None)
        self.displace(seen)
        self.unplaced.append(seen)
        seen.storage = f"s{self.storage_count}"
        for _, other in self.looking_at(tensor)[:1]:
            seen.storage = other.storage
            self.share(other, seen)
            break
        else:
            self.storage_count += 1
        self.write((e.MemoryChanged, at, seen.id, seen.storage, self.held(tensor), op))
        self.grad_written(tensor, op, at)

    def bumped(self, tensor: object, seen: Seen, op: str, before: int, at: Spot) -> None:
        for note in self.write_told(tensor, seen, op, at, before):
            self.write(note)

    def write_told(
        self, tensor: object, seen: Seen, op: str, at: Spot, before: int | None = None
    ) -> list[Note]:
        """The notes of a write: the version, what is in the memory now, and whose `.grad` that is."""
        after = self.library.version_of(tensor)
        before = after - 1 if before is None else before
        living = self.sharing(tensor, seen)
        values = tuple([(other.id, self.held(each)) for each, other in living])
        bump = e.VersionBumped, at, op, seen.id, seen.storage, seen.counter, before, after, values
        return [bump, *[note for each, _ in living for note in self.grads_at(each, op, at)]]

    def grad_written(self, grad: object, op: str, at: Spot) -> None:
        for note in self.grads_at(grad, op, at):
            self.write(note)

    def grads_at(self, grad: object, op: str, at: Spot) -> list[Note]:
        """The notes that say whose `.grad` this is, now that it holds something else."""
        notes = []
        for owner in self.owners.get(id(grad), ()) if op != "backward" else ():
            tensor = owner()
            if tensor is not None and self.library.grad_of(tensor) is grad:
                notes.append((e.GradSet, at, owner.id, self.held(grad), op))
        return notes

    def grad_of(self, tensor: object, seen: Seen) -> Held | None:
        """What is in `.grad` now, which from now on is known to be this tensor's."""
        self.disown(seen)
        grad = self.library.grad_of(tensor)
        if grad is None:
            return None
        seen.grad = id(grad)
        self.owners.setdefault(seen.grad, []).append(seen)
        return self.held(grad)

    def disown(self, seen: Seen) -> None:
        owners = self.owners.get(seen.grad, [])
        if seen in owners:
            owners.remove(seen)
            if not owners:
                del self.owners[seen.grad]

    def tensor_created(
        self, tensor: object, op: str, at: Spot | None, seen: Seen, node: object, expression: str = ""
    ) -> None:
        version, held, requires_grad, output_nr, part = self.look(tensor)
        seen.names, seen.changed = (), None
        seen.grad_fn = None if node is None else self.nodes[id(node)].id
        seen.made = (
            e.TensorCreated,
            at,
            seen.id,
            seen.storage,
            seen.counter,
            version,
            held,
            op,
            requires_grad,
            node is None,
            seen.grad_fn,
            output_nr,
            expression if at is None else at,
            part,
        )
        self.write(seen.made)

    def tensor_changed(self, tensor: object, op: str, at: Spot | None) -> None:
        seen, node = self.tensors[id(tensor)], self.node_of(tensor)
        seen.grad_fn = None if node is None else self.nodes[id(node)].id
        seen.changed = (
            e.TensorChanged,
            at,
            seen.id,
            op,
            tensor.requires_grad,
            node is None,
            seen.grad_fn,
            tensor.output_nr,
            self.library.retains_grad(tensor),
        )
        self.write(seen.changed)

    def follow(self, tensor: object, op: str, at: Spot, written: object) -> None:
        """Note the tensor's new history, if it has one since it was told last."""
        node, seen = self.node_of(tensor), self.tensors[id(tensor)]
        known = node and self.nodes.get(id(node))
        if node is None or (known is not None and known.id == seen.grad_fn):
            return
        new = self.new_nodes(node)
        self.tensor_changed(tensor, op, at)
        for each in new:
            self.node_created(each)
        self.saved_tensors(node, [written])

    def made_at_once(self, at: Spot, op: str, inputs: tuple[str, ...], out: object) -> bool:
        """Note an operation in one go if it is like most: one new result, and one new node that saved what is known."""
        tensors, nodes, node = self.tensors, self.nodes, self.node_of(out)
        if id(out) in tensors or (node is not None and id(node) in nodes):
            return False
        edges, kept = [], []
        if node is not None:
            for edge in node.edges:
                behind = edge and nodes.get(id(edge[0]))
                if behind is None and edge is not None:
                    return False
                edges.append(edge and (behind.id, edge[1]))
            for field, each in self.saved_by(node):
                if each.counted:
                    tensor = each.tensor
                    if tensor is not None and tensor is not out and id(tensor) not in tensors:
                        return False
                    kept.append((field, each))
        made = self.new_tensor(out)
        made.names, made.changed, made.grad_fn = (), None, None
        kind, told = None, ()
        if node is not None:
            seen = nodes.add(node)
            kind, made.grad_fn, seen.freed, seen.saved = node.kind, seen.id, False, []
            for field, each in kept:
                of = made if each.tensor is None else tensors[id(each.tensor)]
                seen.saved.append((field, of, each.version))
                told = (*told, (field, of.id, of.counter, each.version))
                self.watch.saved(seen.id, field, each, of.storage)
        its_own = made.id, made.storage, made.counter, self.look(out)
        made.made = Made, at, op, inputs, made.grad_fn, kind, tuple(edges), told, *its_own
        self.write(made.made)
        if node is not None:
            seen.made = made.made
        return True

    # ---- nodes -----------------------------------------------------------------------------------

    def met_node(self, node: object) -> Seen:
        self.graph_behind(node)
        return self.nodes[id(node)]

    def graph_behind(self, node: object | None) -> None:
        """Note this node and all behind it that are new, those behind first."""
        for each in self.new_nodes(node):
            variable = each.variable
            if variable is not None and id(variable) not in self.tensors:
                self.introduce(variable)
            self.node_created(each)

    def new_nodes(self, node: object | None) -> Sequence[object]:
        """This node and all behind it that are not noted yet, with ids in order of age."""
        known = self.nodes
        if node is None or id(node) in known:
            return ()
        unseen = [edge[0] for edge in node.edges if edge is not None and id(edge[0]) not in known]
        if not unseen:
            seen = known.add(node)
            seen.saved, seen.freed = [], False
            return (node,)
        new = {node: None}
        while unseen:
            each = unseen.pop()
            if each not in new and id(each) not in known:
                new[each] = None
                unseen += [edge[0] for edge in each.edges if edge is not None]
        oldest_first = sorted(new, key=_age)
        for each in oldest_first:
            seen = known.add(each)
            seen.saved, seen.freed = [], False
        return oldest_first

    def node_created(self, node: object) -> None:
        known = self.nodes
        seen = known[id(node)]
        variable = node.variable
        seen.made = (
            e.NodeCreated,
            None,
            seen.id,
            node.kind,
            tuple(
                [
                    None if edge is None else (known[id(edge[0])].id, edge[1])
                    for edge in node.edges
                ]
            ),
            None if variable is None else self.tensors[id(variable)].id,
        )
        self.write(seen.made)

    def saved_tensors(self, node: object, outputs: Sequence[object] = ()) -> None:
        """Note what a node has just saved; a result that it saved is one of its outputs."""
        seen = self.nodes[id(node)]
        for field, saved in self.saved_by(node):
            if not saved.counted:
                continue  # the user's hooks keep it, and nobody compares versions
            tensor = outputs[saved.output_nr] if saved.tensor is None else saved.tensor
            kept = self.tensors.get(id(tensor)) or self.introduce(tensor)
            seen.saved.append((field, kept, saved.version))
            self.write((e.TensorSaved, None, seen.id, field, kept.id, kept.counter, saved.version))
            self.watch.saved(seen.id, field, saved, kept.storage)

    def expose(self, tensor: object, seen: Seen, how: str, at: Spot) -> None:
        """NumPy shares the memory of this tensor from now on."""
        self.opened(seen.storage)
        self.watch.shown(tensor, seen, how, at)

    def opened(self, storage: str) -> None:
        """From now on this memory may be written without a word: keep the numbers that nodes save there."""
        if self.library.is_shared is None or storage in self.watch.open:
            return
        self.watch.open.add(storage)
        found = [
            (node, seen.id, field)
            for node, seen in self.nodes.living()
            for field, kept, _ in seen.saved
            if kept.storage == storage and not seen.freed
        ]
        if found:
            with self.library.reach([each for each, _ in self.tensors.living()]):
                for node, name, field in found:
                    self.watch.alarm.keep(name, field, dict(self.saved_by(node))[field])

    # ---- the end of a tensor, and of a node ---------------------------------------------------------

    def tensor_gone(self, seen: Seen) -> None:
        del self.tensors[seen.key]
        self.displace(seen)
        if seen.storage in self.sharers:
            group = self.sharers[seen.storage]
            group.pop(seen.id, None)
            if not group:
                del self.sharers[seen.storage]
        if seen.storage not in self.sharers:
            self.watch.open.discard(seen.storage)
        if seen.grad is not None:
            self.disown(seen)
        if self.listens():
            self.write((e.TensorDeleted, None, seen.id))

    def listens(self) -> bool:
        # Where Python itself is at its end, this module may have been emptied already.
        return e is not None and self.library.slot.listener is self and not self.collector.works

    def node_gone(self, seen: Seen) -> None:
        del self.nodes[seen.key]
        self.watch.alarm.forget(seen.id)
        if self.listens():
            self.write((e.NodeDeleted, None, seen.id))

    def turn(self) -> None:
        """Note what there is now, and let the tape drop what is older than its newer part."""
        self.tape.turn(inventory(self))
        self.newer, self.write = self.tape.newer, self.tape.newer.append


def _age(node: object) -> tuple[bool, int]:
    """Leaves' nodes first, then the order in which operations ran."""
    return node.variable is None, node.sequence_nr
