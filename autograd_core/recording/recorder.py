"""Listen to a library and write down what happens.

The surprising idea: it keeps no tensor alive. It knows them by weak references and gives each a short id.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from types import FrameType

from ..errors import Mismatch
from ..graph import Node
from ..tensor import Tensor
from . import events as e
from .explain import attach
from .known import Seen
from .ledger import Ledger
from .library import Library
from .names import Names
from .naming import Naming
from .places import Spot, raised_at, spot
from .state import BEFORE
from .story import Story
from .tape import Note, Tape
from .trace import Trace
from .values import Held

# Whose recording is it? What another thread or another asyncio task does belongs to none.
here: ContextVar[Recorder | None] = ContextVar("here", default=None)

MOVES = (".data =", "set_")  # what lets a tensor look at other memory
MESSAGE = 10_000  # characters of an error's text
OLDER = BEFORE, "Parameter"  # origins of what somebody must have kept: the rest is an operation's own
STORIES = 20  # errors: a loop that catches more of them is not held up with the stories of all


class Recorder(Ledger):
    """The listener behind `record`: notes on a `Tape` what the core says."""

    gives_way = False  # may another recording take its place for a while?
    story: Story | None = None  # of the first error that has one

    def __init__(
        self,
        tape: Tape,
        trace: Trace,
        outermost: FrameType | None,
        names: Mapping[str, object] | None,
        library: Library,
    ) -> None:
        super().__init__(tape, library)
        self.files, self.trace = tape.files, trace
        self.naming = Naming(tape, Names(self.files, self.tensors, outermost, names, library.tensor))
        self.arrived: list[Note] = []  # what a node that is still running has led to
        self.task: int | None = None  # whose nodes run, by address, and where that was asked for
        self.task_at: Spot | None = None
        self.quiet: tuple[int, int] | None = None  # the frame and the instruction, while names rest
        self.stories = 0  # how many errors were given theirs

    # ---- what the core says ----------------------------------------------------------------------

    def created(self, tensor: Tensor, op: str) -> None:
        frame = self.begin()
        if frame is not None and id(tensor) not in self.tensors:
            node = self.node_of(tensor)
            self.graph_behind(node)
            seen = self.new_tensor(tensor)
            self.tensor_created(tensor, op, spot(frame), seen, node)
            self.naming.homeless[seen] = 0
            if self.library.grad_of(tensor) is not None:
                self.write((e.GradSet, spot(frame), seen.id, self.grad_of(tensor, seen), op))
            if op == "from_numpy":
                self.expose(tensor, seen, op, spot(frame))

    def op_ran(self, op: str, inputs: Sequence[object], outputs: Sequence[Tensor]) -> None:
        frame = self.begin()
        if frame is None:
            return
        at, known, write = (frame.f_code, frame.f_lasti), self.tensors, self.write
        kind, node_of = self.library.tensor, self.node_of
        tensors = tuple(
            [
                (known.get(id(each)) or self.meet(each, frame)).id
                for each in inputs
                if isinstance(each, kind)
            ]
        )
        first = outputs[0]
        if len(outputs) == 1 and self.made_at_once(at, op, tensors, first):
            self.naming.within = at
            return
        node = node_of(first)
        new = self.new_nodes(node)
        made = [known.get(id(out)) or self.new_tensor(out) for out in outputs]
        ids = tuple([seen.id for seen in made])
        write((e.OpRan, at, op, tensors, ids, None if node is None else self.nodes[id(node)].id))
        for each in new:
            self.node_created(each)
        for out, seen in zip(outputs, made):
            its_own = node if out is first else node_of(out)
            if its_own is not node:
                self.graph_behind(its_own)
            self.tensor_created(out, op, at, seen, its_own)
        for each in new:
            self.saved_tensors(each, outputs)

    def alias_made(self, source: Tensor, alias: Tensor, how: str) -> None:
        frame = self.begin()
        if frame is None:
            return
        at = spot(frame)
        old = self.tensors.get(id(source)) or self.meet(source, frame)
        seen, same = self.tensors.add(alias), self.library.counted_by(alias, self.library.counter(source))
        seen.grad = None
        seen.alias = e.AliasMade, at, old.id, seen.id, how, same
        self.write(seen.alias)
        self.graph_behind(self.node_of(alias))
        seen.storage = old.storage
        seen.counter = old.counter if same else self.new_counter()
        self.share(old, seen)
        if not same:
            self.opened(seen.storage)
        self.tensor_created(alias, how, at, seen, self.node_of(alias))

    def shown(self, tensor: Tensor, how: str) -> None:
        frame = self.begin()
        if frame is not None:
            seen = self.tensors.get(id(tensor)) or self.meet(tensor, frame)
            self.expose(tensor, seen, how, spot(frame))

    def written(self, tensor: Tensor, op: str, before: int, inputs: Sequence[object]) -> None:
        self.accept(tensor)
        frame = self.begin()
        if frame is None:
            return
        base, kind = self.library.base_of(tensor), self.library.tensor
        history = [tensor] if base is None else [tensor, base]
        # What brackets are given as a number comes as a tensor of no dimensions, which is nobody's.
        inputs = [each for each in inputs if isinstance(each, kind) and (each.ndim or each.requires_grad)]
        for each in (*history, *inputs):
            if id(each) not in self.tensors:
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
        if self.library.task() is None:  # not one inside another
            self.backward = []
        self.backward.append(note)

    def made_by_backward(self, grad: Tensor, of: object, what: str) -> None:
        if self.is_ours():
            self.from_backward[id(grad)] = weakref.ref(grad), self.tensors.get(id(of)), what

    def node_ran(self, node: Node, grads_in: Sequence, grads_out: Sequence) -> None:
        if not self.is_ours():  # names have not changed since backward started: nobody looks for them
            return
        task = id(self.library.task())
        if task != self.task:
            self.task, frame = task, self.files.users_frame(sys._getframe(1))
            self.task_at = frame and spot(frame)
        seen = self.nodes.get(id(node)) or self.met_node(node)
        note = e.NodeRan, self.task_at, seen.id, self.all_held(grads_in), self.all_held(grads_out)
        self.write(note)
        self.backward.append(note)
        if self.arrived:
            self.tell_arrived()
        if self.watch.alarm.cares(seen.id):
            self.watch.ran(seen, node, grads_in, grads_out, self.task_at)

    def accumulated(self, tensor: Tensor, how: str) -> None:
        grad = self.library.grad_of(tensor)
        self.accept(grad)
        if not self.is_ours():
            return
        frame = self.files.users_frame(sys._getframe(1))
        seen, at = self.tensors.get(id(tensor)) or self.meet(tensor, frame), spot(frame)
        self.arrived.append((e.GradAccumulated, at, seen.id, self.grad_of(tensor, seen), how))
        known = self.tensors.get(id(grad))
        if how == "added" and known is not None:
            self.arrived += self.write_told(grad, known, "backward", at)

    def handed(self, grads: Sequence, at: Tensor | Node) -> None:
        if self.is_ours():
            self.handed_out = {
                id(each): (weakref.ref(each), weakref.ref(at), self.held(each))
                for each in grads
                if each is not None
            }

    def hook_registered(self, hook: int, name: str, on: Tensor | Node, kind: str) -> None:
        frame = self.begin()
        if frame is None:
            return
        tensor = node = None
        if isinstance(on, self.library.tensor):
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
        was = tuple(given) if len(given) == len(before) else self.all_held(before)
        self.arrived.append(
            (e.HookRan, spot(frame), self.hooks[hook][2], name, was, self.all_held(after))
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
            self.from_backward = {}
            if self.watch.alarm.found and self.stories < STORIES:
                frame = self.files.users_frame(sys._getframe(1))
                stories = self.watch.ended(frame, spot(frame), self.trace, self.tensors)
                self.stories += len(stories)
                self.story = self.story or stories[0]

    def failed(self, error: BaseException, node: Node | None) -> None:
        if self.has_told(error) or (node is None and self.library.task() is not None):
            return  # in the second case backward will tell, and say at which node
        frame = self.begin()
        if frame is not None:
            self.tell_arrived()
            if self.naming.homeless:
                self.naming.seek_homes(frame, now=True)
            seen = node and (self.nodes.get(id(node)) or self.met_node(node))
            self.tell_error(error, seen and seen.id, spot(frame))

    # ---- the beginning and the end ---------------------------------------------------------------

    def start(self) -> None:
        self.paused, self.paused_here = self.library.slot.listener, here.get()
        here.set(self)
        self.collector.watch()
        self.library.slot.listener = self

    def finish(
        self, frame: FrameType, error: BaseException | None, names: Mapping[str, object] | None
    ) -> None:
        """Note the last names, and the error with which the recording ends, if there is one."""
        self.library.slot.listener = self.paused
        self.collector.stop()
        try:
            self.tell_the_end(frame, error, names)
        finally:
            here.set(self.paused_here)
            self.naming.names.outermost = None  # the frame holds the user's tensors

    def tell_the_end(
        self, frame: FrameType, error: BaseException | None, names: Mapping[str, object] | None
    ) -> None:
        self.tell_arrived()
        if error is not None and not self.has_told(error):
            raised_in, lasti = raised_at(error) or (None, 0)
            if raised_in is not None:
                self.naming.ends(raised_in)  # the names of that moment, though its function is over
            at = raised_in and (raised_in.f_code, lasti)
            self.tell_error(error, None, at)
        elif names is not None:
            self.naming.ends_with(names)
        elif error is None:
            frame = self.files.users_frame(frame)
            self.naming.ends(frame)

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
        if frame is not None and (self.quiet is None or self.quiet != (id(frame), frame.f_lasti)):
            self.naming.happens(frame)
            if self.watch.exposed.known:
                self.watch.look(spot(frame), self.tensors)
        return frame

    def rest(self, begins: bool) -> None:
        """No code of the user's runs until they are told again: names stay as they are."""
        if here.get() is self:
            self.quiet = None
            frame = self.begin() if begins else None
            self.quiet = frame and (id(frame), frame.f_lasti)

    def accept(self, tensor: Tensor) -> None:
        """An operation has written this tensor: what is in its memory is no surprise."""
        seen = self.tensors.get(id(tensor)) if self.watch.exposed.known else None
        if seen is not None:
            self.watch.exposed.accept(seen.storage)

    def introduce(self, tensor: Tensor) -> Seen:
        seen = super().introduce(tensor)
        if seen.made[7] in OLDER:
            self.naming.homeless[seen] = 0
        return seen

    def meet(self, tensor: Tensor, frame: FrameType | None) -> Seen:
        """Introduce a tensor that nobody has told of, with the graph it hangs from.

        What the nodes of that graph had saved is not told: it happened before.
        """
        seen = self.introduce(tensor)
        self.naming.catch_up(frame)
        return seen

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
        known = self.tensors.get(id(tensor)) if isinstance(tensor, self.library.tensor) else None
        told = type(error).__name__, _message(error), node, field, expected, found, counter
        self.write((e.ErrorRaised, at, *told, known and known.id))
        if takes_notes and self.stories < STORIES:
            self.stories += 1
            story = attach(error, self.trace)
            self.story = self.story or story

    def counter_id(self, counter: object) -> str | None:
        counted_by, living = self.library.counted_by, self.tensors.living()
        return next((seen.counter for each, seen in living if counted_by(each, counter)), None)

    def tell_arrived(self) -> None:
        for note in self.arrived:
            self.write(note)
        self.arrived = []

    def all_held(self, grads: Sequence) -> tuple[Held | None, ...]:
        """What gradients hold, be they arrays or tensors."""
        return tuple([None if each is None else self.held(each) for each in grads])


def _message(error: BaseException) -> str:
    """The text of an error, whatever its class makes of being asked."""
    try:
        # A SyntaxError says in which file, too, and a cell's is another one each time.
        text = str(error.msg if isinstance(error, SyntaxError) else error)
    except Exception:
        return ""
    return text[:MESSAGE].encode(errors="replace").decode()
