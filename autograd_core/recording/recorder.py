"""Listen to the core and write down what happens.

    with record() as trace:
        out = tensor([1.0], requires_grad=True).sigmoid()

The recorder keeps no tensor alive: it knows them by weak references and gives each a short id. Names
of variables are read off the user's frames when the next thing happens, for `out = a.sigmoid()`
binds `out` only after the operation is over.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from types import FrameType

import numpy as np

from ..errors import Mismatch
from ..frames import is_the_users
from ..graph import AccumulateGrad, Node
from ..modes import modes
from ..observe import slot
from ..saved import PackedTensor, SavedTensor
from ..storage import VersionCounter
from ..tensor import Tensor
from . import events as e
from .before import Before, Program
from .explain import attach
from .known import Collector, Known, Seen
from .names import Names
from .places import Spot, raised_at, spot
from .state import BEFORE
from .story import Story
from .tape import Note, Tape
from .trace import Trace
from .values import Held, hold, part
from .watch import Watch

# Whose recording is it? What another thread or another asyncio task does belongs to none.
here: ContextVar[Recorder | None] = ContextVar("here", default=None)

MOVES = (".data =", "set_")  # what lets a tensor look at other memory
MESSAGE = 10_000  # characters of an error's text
SOUGHT = 8  # times that something happens: a tensor that lives nowhere by then is a temporary
STORIES = 20  # errors: a loop that catches more of them is not held up with the stories of all


class Recorder:
    """The listener behind `record`: notes on a `Tape` what the core says."""

    gives_way = False  # may another recording take its place for a while?
    story: Story | None = None  # of the first error that has one

    def __init__(
        self,
        tape: Tape,
        trace: Trace,
        outermost: FrameType | None,
        names: Mapping[str, object] | None,
    ) -> None:
        self.tape, self.files, self.trace = tape, tape.files, trace
        self.newer, self.write = tape.newer, tape.newer.append
        self.tensors, self.nodes = Known("t", self.tensor_gone), Known("n", self.node_gone)
        self.storage_count = self.counter_count = self.hook_count = 0
        self.sharers: dict[str, dict[str, Seen]] = {}  # per storage that has aliases: its tensors
        self.owners: dict[int, list[Seen]] = {}  # by address of a gradient: whose `.grad` it is
        self.handed_out: dict[int, tuple[weakref.ref, weakref.ref, Held]] = {}
        self.hooks: dict[int, Note] = {}  # by number of the handle
        self.names = Names(self.files, self.tensors, outermost, names)
        self.homeless: dict[Seen, int] = {}  # tensors without a name, and how often they were sought
        self.named: list[object] = []  # as it was seen last
        self.named_tensors: dict[Seen, tuple[str, ...]] = {}
        self.arrived: list[Note] = []  # what a node that is still running has led to
        self.backward: list[Note] = []  # the latest one, as far as it went
        self.task: int | None = None  # whose nodes run, by address, and where that was asked for
        self.task_at: Spot | None = None
        self.stories = 0  # how many errors were given theirs
        self.collector = Collector()
        self.watch = Watch(tape)

    # ---- what the core says ----------------------------------------------------------------------

    def created(self, tensor: Tensor, op: str) -> None:
        frame = self.begin()
        if frame is not None and id(tensor) not in self.tensors:
            seen = self.new_tensor(tensor)
            self.tensor_created(tensor, op, spot(frame), seen)
            self.homeless[seen] = 0
            if tensor._grad is not None:
                self.write((e.GradSet, spot(frame), seen.id, self.grad_of(tensor, seen), op))
            if op == "from_numpy":
                self.watch.shown(tensor, seen, op, spot(frame))

    def op_ran(self, op: str, inputs: Sequence[object], outputs: Sequence[Tensor]) -> None:
        frame = self.begin()
        if frame is None:
            return
        at, known, write = (frame.f_code, frame.f_lasti), self.tensors, self.write
        tensors = tuple(
            [
                (known.get(id(each)) or self.meet(each, frame)).id
                for each in inputs
                if isinstance(each, Tensor)
            ]
        )
        node = outputs[0]._grad_fn
        new = self.new_nodes(node)
        made = [known.get(id(out)) or self.new_tensor(out) for out in outputs]
        ids = tuple([seen.id for seen in made])
        write((e.OpRan, at, op, tensors, ids, None if node is None else self.nodes[id(node)].id))
        for each in new:
            self.node_created(each)
        for out, seen in zip(outputs, made):
            if out._grad_fn is not node:
                self.graph_behind(out._grad_fn)
            self.tensor_created(out, op, at, seen)
        if node is not None:
            self.saved_tensors(node, outputs)

    def alias_made(self, source: Tensor, alias: Tensor, how: str) -> None:
        frame = self.begin()
        if frame is None:
            return
        at = spot(frame)
        old = self.tensors.get(id(source)) or self.meet(source, frame)
        seen, same = self.tensors.add(alias), source._counter is alias._counter
        seen.grad = None
        seen.alias = e.AliasMade, at, old.id, seen.id, how, same
        self.write(seen.alias)
        self.graph_behind(alias._grad_fn)
        seen.storage = old.storage
        seen.counter = old.counter if same else self.new_counter()
        self.share(old, seen)
        self.tensor_created(alias, how, at, seen)

    def shown(self, tensor: Tensor, how: str) -> None:
        frame = self.begin()
        if frame is not None:
            seen = self.tensors.get(id(tensor)) or self.meet(tensor, frame)
            self.watch.shown(tensor, seen, how, spot(frame))

    def written(self, tensor: Tensor, op: str, before: int, inputs: Sequence[object]) -> None:
        self.accept(tensor)
        frame = self.begin()
        if frame is None:
            return
        history = [tensor] if tensor._base is None else [tensor, tensor._base]
        for each in (*history, *inputs):
            if isinstance(each, Tensor) and id(each) not in self.tensors:
                self.meet(each, frame)
        at, seen = spot(frame), self.tensors[id(tensor)]
        if op in MOVES:
            self.memory_changed(tensor, seen, op, at)
        self.bumped(tensor, seen, op, before, at)
        for each in history:
            self.follow(each, op, at, tensor)

    def changed(self, tensor: Tensor, op: str) -> None:
        frame = self.begin()
        if frame is None:
            return
        seen, at = self.tensors.get(id(tensor)) or self.meet(tensor, frame), spot(frame)
        if op in MOVES:
            self.memory_changed(tensor, seen, op, at)
        elif op == "a write to its base":
            self.follow(tensor, op, at, tensor)
        else:
            self.tensor_changed(tensor, op, at)

    def grad_set(self, tensor: Tensor) -> None:
        frame = self.begin()
        if frame is not None:
            seen = self.tensors.get(id(tensor)) or self.meet(tensor, frame)
            self.write((e.GradSet, spot(frame), seen.id, self.grad_of(tensor, seen), ".grad ="))

    def backward_started(self, roots: Sequence[Tensor]) -> None:
        frame = self.begin()
        if frame is None:
            return
        seen = [self.tensors.get(id(each)) or self.meet(each, frame) for each in roots]
        note = e.BackwardStarted, spot(frame), tuple([each.id for each in seen])
        self.write(note)
        self.task = None
        if modes.task is None:  # not one inside another
            self.backward = []
        self.backward.append(note)

    def node_ran(self, node: Node, grads_in: Sequence, grads_out: Sequence) -> None:
        if not self.is_ours():  # names have not changed since backward started: nobody looks for them
            return
        task = id(modes.task)
        if task != self.task:
            self.task, frame = task, self.files.users_frame(sys._getframe(1))
            self.task_at = frame and spot(frame)
        note = (
            e.NodeRan,
            self.task_at,
            (self.nodes.get(id(node)) or self.met_node(node)).id,
            held(grads_in),
            held(grads_out),
        )
        self.write(note)
        self.backward.append(note)
        if self.arrived:
            self.tell_arrived()
        self.watch.ran(self.nodes[id(node)], node, grads_in, grads_out, self.task_at)

    def accumulated(self, tensor: Tensor, how: str) -> None:
        self.accept(tensor._grad)
        if not self.is_ours():
            return
        frame = self.files.users_frame(sys._getframe(1))
        seen, at = self.tensors.get(id(tensor)) or self.meet(tensor, frame), spot(frame)
        self.arrived.append((e.GradAccumulated, at, seen.id, self.grad_of(tensor, seen), how))
        grad = self.tensors.get(id(tensor._grad))
        if how == "added" and grad is not None:
            self.arrived += self.write_told(tensor._grad, grad, "backward", at)

    def handed(self, grads: Sequence, at: Tensor | Node) -> None:
        if self.is_ours():
            self.handed_out = {
                id(each): (weakref.ref(each), weakref.ref(at), hold(each._array))
                for each in grads
                if each is not None
            }

    def hook_registered(self, hook: int, name: str, on: Tensor | Node, kind: str) -> None:
        frame = self.begin()
        if frame is None:
            return
        tensor = node = None
        if isinstance(on, Tensor):
            tensor = (self.tensors.get(id(on)) or self.meet(on, frame)).id
        else:
            node = (self.nodes.get(id(on)) or self.met_node(on)).id
        note = e.HookRegistered, spot(frame), self.new_hook(), name, kind, tensor, node
        self.hooks[hook] = note
        self.write(note)

    def hook_removed(self, hook: int) -> None:
        frame = self.begin()
        if frame is not None and (note := self.hooks.pop(hook, None)) is not None:
            self.write((e.HookRemoved, spot(frame), note[2]))

    def hook_ran(self, hook: int, name: str, before: Sequence, after: Sequence) -> None:
        frame = self.begin()
        if frame is None:
            return
        if hook not in self.hooks:  # it is older than the recording
            self.hooks[hook] = e.HookRegistered, None, self.new_hook(), name, "", None, None
        given = [content for _, _, content in self.handed_out.values()]
        was = tuple(given) if len(given) == len(before) else held(before)
        self.arrived.append(
            (e.HookRan, spot(frame), self.hooks[hook][2], name, was, held(after))
        )
        self.handed_out = {}

    def freed(self, node: Node) -> None:
        if self.is_ours():
            seen = self.nodes.get(id(node)) or self.met_node(node)
            seen.freed = True
            self.watch.alarm.forget(seen.id)
            self.write((e.NodeFreed, None, seen.id))

    def backward_ended(self) -> None:
        if self.is_ours():
            note = (e.BackwardEnded, None)
            self.write(note)
            self.backward.append(note)
            if self.watch.alarm.found and self.stories < STORIES:
                frame = self.files.users_frame(sys._getframe(1))
                stories = self.watch.ended(frame, spot(frame), self.trace, self.tensors)
                self.stories += len(stories)
                self.story = self.story or stories[0]

    def failed(self, error: BaseException, node: Node | None) -> None:
        if self.has_told(error) or (node is None and modes.task is not None):
            return  # in the second case backward will tell, and say at which node
        frame = self.begin()
        if frame is not None:
            self.tell_arrived()
            seen = node and (self.nodes.get(id(node)) or self.met_node(node))
            self.tell_error(error, seen and seen.id, spot(frame))

    # ---- the end of a tensor, of a node, of the recording ----------------------------------------

    def tensor_gone(self, seen: Seen) -> None:
        del self.tensors[seen.key]
        if seen.storage in self.sharers:
            group = self.sharers[seen.storage]
            group.pop(seen.id, None)
            if not group:
                del self.sharers[seen.storage]
        if seen.grad is not None:
            self.disown(seen)
        if slot.listener is self and not self.collector.works:
            self.write((e.TensorDeleted, None, seen.id))

    def node_gone(self, seen: Seen) -> None:
        del self.nodes[seen.key]
        self.watch.alarm.forget(seen.id)
        if slot.listener is self and not self.collector.works:
            self.write((e.NodeDeleted, None, seen.id))

    def start(self) -> None:
        self.paused, self.paused_here = slot.listener, here.get()
        here.set(self)
        self.collector.watch()
        slot.listener = self

    def finish(
        self, frame: FrameType, error: BaseException | None, names: Mapping[str, object] | None
    ) -> None:
        """Note the last names, and the error with which the recording ends, if there is one."""
        slot.listener = self.paused
        self.collector.stop()
        try:
            self.tell_the_end(frame, error, names)
        finally:
            here.set(self.paused_here)
            self.names.outermost = None  # the frame holds the user's tensors

    def tell_the_end(
        self, frame: FrameType, error: BaseException | None, names: Mapping[str, object] | None
    ) -> None:
        self.tell_arrived()
        if error is not None and not self.has_told(error):
            raised_in, lasti = raised_at(error) or (None, 0)
            if raised_in is not None:
                self.catch_up(raised_in)  # the names of that moment, though its function is over
            at = raised_in and (raised_in.f_code, lasti)
            self.tell_error(error, None, at)
        elif names is not None:
            self.names.searched_at = None
            self.names.search()
            self.rename(self.names.seen_in(names))
        elif error is None:
            self.names.searched_at = None
            frame = self.files.users_frame(frame)
            self.catch_up(frame)
            self.seek_homes(frame)

    # ---- the frame and its names -----------------------------------------------------------------

    def is_ours(self) -> bool:
        """Is it this recording that is spoken to, and is there room on the tape?"""
        if here.get() is not self:
            self.tape.left_out += 1
            return False
        if len(self.newer) >= self.tape.room:
            self.turn()
        return True

    def begin(self) -> FrameType | None:
        """Catch up with the user's names; return the user's frame, or None for what is not ours."""
        if here.get() is not self:
            self.tape.left_out += 1
            return None
        if len(self.newer) >= self.tape.room:
            self.turn()
        frame, is_users = sys._getframe(2), self.files
        while frame is not None and not is_users[frame.f_code.co_filename]:
            frame = frame.f_back
        if frame is not None:
            found = self.names.seen_from(frame)
            if found != self.named:
                self.rename(found)
            if self.homeless:
                self.seek_homes(frame)
            if self.watch.exposed.known:
                self.watch.look(spot(frame), self.tensors)
        return frame

    def accept(self, tensor: Tensor) -> None:
        """An operation has written this tensor: what is in its memory is no surprise."""
        seen = self.tensors.get(id(tensor)) if self.watch.exposed.known else None
        if seen is not None:
            self.watch.exposed.accept(seen.storage)

    def catch_up(self, frame: FrameType | None) -> None:
        found = self.names.seen_from(frame)
        if found != self.named:
            self.rename(found)

    def seek_homes(self, frame: FrameType | None) -> None:
        """Look in the user's objects for tensors that no variable holds, a few times for each."""
        for seen in list(self.homeless):
            if seen() is None or seen.names or self.homeless[seen] >= SOUGHT:
                del self.homeless[seen]
        if self.homeless and self.names.search():
            self.catch_up(frame)
        for seen in self.homeless:
            self.homeless[seen] += 1

    def rename(self, found: list[object]) -> None:
        """Note which names hold which tensors, where that has changed."""
        self.named = found
        now: dict[Seen, tuple[str, ...]] = {}
        for name, seen in zip(found[::2], found[1::2]):
            names = now.get(seen, ())
            if name not in names:
                now[seen] = (*names, name)
        before, self.named_tensors = self.named_tensors, now
        changed = []
        for seen in before:
            if seen not in now and seen() is not None:
                if not seen.names[0].isidentifier():  # as `self.w` when the method is over
                    self.homeless[seen] = 0
                seen.names = ()
                changed.append(seen)
        for seen, names in now.items():
            if seen.names != names:
                seen.names = names
                changed.append(seen)
        if len(changed) > 1:
            changed.sort(key=lambda seen: seen.number)
        for seen in changed:
            self.write((e.Named, None, seen.id, seen.names))

    # ---- tensors and their memory ----------------------------------------------------------------

    def meet(self, tensor: Tensor, frame: FrameType | None) -> Seen:
        """Introduce a tensor that nobody has told of, with the graph it hangs from.

        What the nodes of that graph had saved is not told: it happened before.
        """
        seen = self.introduce(tensor)
        self.catch_up(frame)
        return seen

    def introduce(self, tensor: Tensor) -> Seen:
        seen = self.tensors.add(tensor)
        self.graph_behind(tensor._grad_fn)
        self.on_memory_of_its_own(seen)
        for each, other in self.tensors.living() if tensor._storage is not None else ():
            if each._storage is tensor._storage and each is not tensor:
                seen.storage = other.storage
                self.share(other, seen)
                if each._counter is tensor._counter:
                    seen.counter = other.counter
        op, expression = self.origin(tensor)
        self.tensor_created(tensor, op, None, seen, expression)
        if tensor._retains_grad:
            self.tensor_changed(tensor, BEFORE, None)
        if tensor._grad is not None:
            grad = self.grad_of(tensor, seen)
            self.write((e.GradSet, None, seen.id, grad, BEFORE))
        return seen

    def origin(self, tensor: Tensor) -> tuple[str, str]:
        """What is known of a tensor that nobody has told of: an op and an expression for it."""
        owner = next((seen for seen in self.owners.get(id(tensor), ()) if seen() is not None), None)
        if owner is not None:
            return ".grad", f"{owner.names[0]}.grad" if owner.names else ""
        reference, node, _ = self.handed_out.get(id(tensor), (lambda: None, None, None))
        if reference() is tensor:
            return "gradient", self.gradient_at(node())
        return BEFORE, ""

    def gradient_at(self, node: Node | None) -> str:
        """`gradient of out`, where it is known whose gradient arrives at a node."""
        if isinstance(node, AccumulateGrad):
            of = [node.variable]
        else:
            of = [each for each, _ in self.tensors.living() if each._grad_fn is node is not None]
        names = [self.tensors[id(each)].names for each in of if id(each) in self.tensors]
        return f"gradient of {names[0][0]}" if len(names) == 1 and names[0] else ""

    def new_tensor(self, tensor: Tensor) -> Seen:
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

    def sharing(self, tensor: Tensor, seen: Seen) -> list[tuple[Tensor, Seen]]:
        """The living tensors of a tensor's storage."""
        group = self.sharers.get(seen.storage)
        if group is None:
            return [(tensor, seen)]
        pairs = [(each(), each) for each in list(group.values())]
        return [(each, other) for each, other in pairs if each is not None]

    def memory_changed(self, tensor: Tensor, seen: Seen, op: str, at: Spot) -> None:
        """Note at which storage a tensor looks from now on."""
        self.sharers.get(seen.storage, {}).pop(seen.id, None)
        seen.storage = f"s{self.storage_count}"
        for each, other in self.tensors.living():
            if each._storage is tensor._storage and each is not tensor:
                seen.storage = other.storage
                self.share(other, seen)
                break
        else:
            self.storage_count += 1
        self.write((e.MemoryChanged, at, seen.id, seen.storage, hold(tensor._array), op))
        self.grad_written(tensor, op, at)

    def bumped(self, tensor: Tensor, seen: Seen, op: str, before: int, at: Spot) -> None:
        for note in self.write_told(tensor, seen, op, at, before):
            self.write(note)

    def write_told(
        self, tensor: Tensor, seen: Seen, op: str, at: Spot, before: int | None = None
    ) -> list[Note]:
        """The notes of a write: the version, what is in the memory now, and whose `.grad` that is."""
        after = tensor._counter.value
        before = after - 1 if before is None else before
        living = self.sharing(tensor, seen)
        values = tuple([(other.id, hold(each._array)) for each, other in living])
        bump = e.VersionBumped, at, op, seen.id, seen.storage, seen.counter, before, after, values
        return [bump, *[note for each, _ in living for note in self.grads_at(each, op, at)]]

    def grad_written(self, grad: Tensor, op: str, at: Spot) -> None:
        for note in self.grads_at(grad, op, at):
            self.write(note)

    def grads_at(self, grad: Tensor, op: str, at: Spot) -> list[Note]:
        """The notes that say whose `.grad` this is, now that it holds something else."""
        notes = []
        for owner in self.owners.get(id(grad), ()) if op != "backward" else ():
            tensor = owner()
            if tensor is not None and tensor._grad is grad:
                notes.append((e.GradSet, at, owner.id, hold(grad._array), op))
        return notes

    def grad_of(self, tensor: Tensor, seen: Seen) -> Held | None:
        """What is in `.grad` now, which from now on is known to be this tensor's."""
        self.disown(seen)
        grad = tensor._grad
        if grad is None:
            return None
        seen.grad = id(grad)
        self.owners.setdefault(seen.grad, []).append(seen)
        return hold(grad._array)

    def disown(self, seen: Seen) -> None:
        owners = self.owners.get(seen.grad, [])
        if seen in owners:
            owners.remove(seen)
            if not owners:
                del self.owners[seen.grad]

    def tensor_created(
        self, tensor: Tensor, op: str, at: Spot | None, seen: Seen, expression: str = ""
    ) -> None:
        node = tensor._grad_fn
        seen.names, seen.changed = (), None
        seen.grad_fn = None if node is None else self.nodes[id(node)].id
        seen.made = (
            e.TensorCreated,
            at,
            seen.id,
            seen.storage,
            seen.counter,
            tensor._counter.value,
            hold(tensor._array),
            op,
            tensor.requires_grad,
            node is None,
            seen.grad_fn,
            tensor._output_nr,
            expression if at is None else at,
            part(tensor),
        )
        self.write(seen.made)

    def tensor_changed(self, tensor: Tensor, op: str, at: Spot | None) -> None:
        seen, node = self.tensors[id(tensor)], tensor._grad_fn
        seen.grad_fn = None if node is None else self.nodes[id(node)].id
        seen.changed = (
            e.TensorChanged,
            at,
            seen.id,
            op,
            tensor.requires_grad,
            node is None,
            seen.grad_fn,
            tensor._output_nr,
            tensor._retains_grad,
        )
        self.write(seen.changed)

    def follow(self, tensor: Tensor, op: str, at: Spot, written: Tensor) -> None:
        """Note the tensor's new history, if it has one since it was told last."""
        node, seen = tensor._grad_fn, self.tensors[id(tensor)]
        known = node and self.nodes.get(id(node))
        if node is None or (known is not None and known.id == seen.grad_fn):
            return
        new = self.new_nodes(node)
        self.tensor_changed(tensor, op, at)
        for each in new:
            self.node_created(each)
        self.saved_tensors(node, [written])

    # ---- nodes -----------------------------------------------------------------------------------

    def met_node(self, node: Node) -> Seen:
        self.graph_behind(node)
        return self.nodes[id(node)]

    def graph_behind(self, node: Node | None) -> None:
        """Note this node and all behind it that are new, those behind first."""
        for each in self.new_nodes(node):
            if isinstance(each, AccumulateGrad) and id(each.variable) not in self.tensors:
                self.introduce(each.variable)
            self.node_created(each)

    def new_nodes(self, node: Node | None) -> Sequence[Node]:
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

    def node_created(self, node: Node) -> None:
        known = self.nodes
        seen = known[id(node)]
        variable = node.variable if isinstance(node, AccumulateGrad) else None
        seen.made = (
            e.NodeCreated,
            None,
            seen.id,
            type(node).__name__,
            tuple(
                [
                    None if edge is None else (known[id(edge[0])].id, edge[1])
                    for edge in node.edges
                ]
            ),
            None if variable is None else self.tensors[id(variable)].id,
        )
        self.write(seen.made)

    def saved_tensors(self, node: Node, outputs: Sequence[Tensor] = ()) -> None:
        """Note what a node has just saved; a result that it saved is one of its outputs."""
        seen = self.nodes[id(node)]
        for field, saved in node.saved().items():
            if isinstance(saved, PackedTensor):
                continue  # the user's hooks keep it, and nobody compares versions
            tensor = outputs[saved.output_nr] if saved.tensor is None else saved.tensor
            kept = self.tensors.get(id(tensor)) or self.introduce(tensor)
            note = e.TensorSaved, None, seen.id, field, kept.id, kept.counter, saved.version
            seen.saved.append((note, kept))
            self.write(note)
            self.watch.saved(seen.id, field, saved)

    # ---- errors ----------------------------------------------------------------------------------

    def has_told(self, error: BaseException) -> bool:
        """The error itself is marked: whoever keeps it keeps the frames it went through."""
        return getattr(error, "told_in", None) is self.tape

    def tell_error(self, error: BaseException, node: str | None, at: Spot | None) -> None:
        """Note an error, and give the error itself the story that led to it."""
        try:
            error.told_in = self.tape
            takes_notes = True
        except (AttributeError, TypeError):  # there are errors that do not
            takes_notes = False
        mismatch, tensor = getattr(error, "mismatch", None), getattr(error, "tensor", None)
        field = expected = found = counter = None
        if isinstance(mismatch, Mismatch):
            field, expected, found = mismatch.field, mismatch.expected, mismatch.found
            counter = self.counter_id(mismatch.counter)
        known = self.tensors.get(id(tensor)) if isinstance(tensor, Tensor) else None
        told = type(error).__name__, _message(error), node, field, expected, found, counter
        self.write((e.ErrorRaised, at, *told, known and known.id))
        if takes_notes and self.stories < STORIES:
            self.stories += 1
            story = attach(error, self.trace)
            self.story = self.story or story

    def counter_id(self, counter: object) -> str | None:
        living = self.tensors.living()
        return next((seen.counter for each, seen in living if each._counter is counter), None)

    def tell_arrived(self) -> None:
        for note in self.arrived:
            self.write(note)
        self.arrived = []

    # ---- a bounded tape --------------------------------------------------------------------------

    def turn(self) -> None:
        """Note what there is now, and let the tape drop what is older than its newer part."""
        nodes, tensors = self.nodes.living(), dict.fromkeys(self.tensors.values())
        saved: dict[Seen, SavedTensor] = {}  # what nodes keep of tensors that are gone
        for node, seen in nodes:
            kept = node.saved()
            for note, tensor in seen.saved:
                if tensor() is None and note[3] in kept:
                    saved[tensor] = kept[note[3]]
        base = [seen.made for _, seen in nodes]
        for seen in sorted(tensors | saved, key=lambda seen: seen.number):
            tensor = seen()
            if tensor is not None:
                base += self.as_it_is(seen, tensor._counter, tensor._array, tensor)
            elif seen in saved:
                base += self.as_it_is(seen, saved[seen].counter, saved[seen].array, None)
        for _, seen in nodes:
            if seen.freed:
                base.append((e.NodeFreed, None, seen.id))
            else:
                base += [note for note, _ in seen.saved]
        living = {seen.id for _, seen in nodes}
        base += [note for note in self.hooks.values() if note[1] is not None]
        base += [note for note in self.backward if note[0] is not e.NodeRan or note[2] in living]
        self.tape.turn(base)
        self.newer, self.write = self.tape.newer, self.tape.newer.append

    def as_it_is(
        self, seen: Seen, counter: VersionCounter, array: np.ndarray, tensor: Tensor | None
    ) -> list[Note]:
        """The notes that tell of a tensor now. If it is gone, its memory is still there."""
        made = list(seen.made)
        made[3:7] = seen.storage, seen.counter, counter.value, hold(array)
        notes = [tuple(made), *(note for note in (seen.alias, seen.changed) if note is not None)]
        if seen.names:
            notes.append((e.Named, None, seen.id, seen.names))
        if tensor is None:
            notes.append((e.TensorDeleted, None, seen.id))
        elif tensor._grad is not None:
            notes.append((e.GradSet, None, seen.id, hold(tensor._grad._array), BEFORE))
        return notes


def held(grads: Sequence) -> tuple[Held | None, ...]:
    """What gradients hold, be they arrays or tensors."""
    return tuple(
        [
            None if each is None else hold(each._array if isinstance(each, Tensor) else each)
            for each in grads
        ]
    )


def _message(error: BaseException) -> str:
    """The text of an error, whatever its class makes of being asked."""
    try:
        # A SyntaxError says in which file, too, and a cell's is another one each time.
        text = str(error.msg if isinstance(error, SyntaxError) else error)
    except Exception:
        return ""
    return text[:MESSAGE].encode(errors="replace").decode()


def _age(node: Node) -> tuple[bool, int]:
    """Leaves' nodes first, then the order in which operations ran."""
    return not isinstance(node, AccumulateGrad), node.sequence_nr


class record:
    """Record what happens inside this `with`; gives the `Trace`.

    The newest `keep` events are kept (None keeps all), and the trace knows how many were dropped.
    Recording ends with the block, also when an error leaves it; the error goes on its way and is the
    trace's last event. What other threads and asyncio tasks do is left out. `names` are the user's
    variables, for whoever runs the user's code in a namespace, and `program` is that code. `story` is that of the first
    error that has one. `outermost` is the frame around the code that runs, where that is not the frame
    of the `with`. Raises RuntimeError inside another recording, unless that one `gives_way`: then
    it pauses; and ValueError for a `keep` that is no count.

    >>> from autograd_core import tensor
    >>> with record() as trace:
    ...     out = tensor([1.0], requires_grad=True).sigmoid()
    >>> [type(event).__name__ for event in trace.events][-2:]
    ['TensorSaved', 'Named']
    """

    recorder: Recorder | None = None
    story: Story | None = None

    def __init__(
        self,
        keep: int | None = 10_000,
        *,
        names: Mapping[str, object] | None = None,
        gives_way: bool = False,
        outermost: FrameType | None = None,
        program: Program | None = None,
    ) -> None:
        if keep is not None and (type(keep) is not int or keep < 1):
            raise ValueError(f"keep has to be how many events to keep, or None for all: not {keep!r}")
        self.keep, self.names, self.gives_way = keep, names, gives_way
        self.outermost, self.program = outermost, program

    def __enter__(self) -> Trace:
        running = slot.listener
        if running is not None and not (isinstance(running, Recorder) and running.gives_way):
            raise RuntimeError("a recording is running already: end it before you start another")
        tape = Tape(self.keep)
        trace = Trace(tape=tape)
        self.recorder = Recorder(
            tape, trace, self.outermost or sys._getframe(1), self.names
        )
        self.recorder.gives_way = self.gives_way
        self.before = self._before(sys._getframe(1))
        self.recorder.start()
        return trace

    def _before(self, frame: FrameType) -> Before | None:
        """What there is now, if it is known what is going to run."""
        if self.program is not None:
            return Before(self.program, self.names or {})
        if self.outermost is not None or self.names is not None or not is_the_users(frame):
            return None
        return Before(Program.of(frame), {**frame.f_globals, **frame.f_locals})

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if self.recorder is None:
            raise RuntimeError("this recording has not begun: write `with record() as trace:`")
        self.recorder.finish(sys._getframe(1), error, self.names)
        self.story = self.recorder.story
        before, self.before = self.before, None
        if before is not None and self.story is not None and self.story.kind == "written":
            before.file = self.recorder.tape.places.label(before.program.filename)
            self.recorder.trace.before = before
            Trace.mendable = self.recorder.trace
