"""Listen to the core and write down what happens, as events.

    with record() as trace:
        out = tensor([1.0], requires_grad=True).sigmoid()

The recorder keeps no tensor alive: it knows them by weak references and gives each a short id. Names
of variables are read off the user's frames when the next thing happens, for `out = a.sigmoid()`
binds `out` only after the operation is over.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType

from ..frames import user_frame
from ..graph import AccumulateGrad, Node
from ..observe import slot
from ..tensor import Tensor
from . import events as e
from .explain import attach
from .names import named_tensors, tensors_in
from .places import Places, expression, raised_at
from .story import Story
from .trace import Trace
from .values import snapshot


class Ids:
    """Short ids in order of first sight (`t0`, `t1`, ...) for objects that it does not keep alive."""

    def __init__(self, prefix: str, gone: Callable[[str], None] = lambda name: None) -> None:
        self.prefix = prefix
        self.gone = gone  # told the id of an object whose last reference went away
        self.count = 0
        self.known: dict[int, tuple[weakref.ref, str]] = {}

    def get(self, thing: object) -> str | None:
        found = self.known.get(id(thing))
        return found and found[1]

    def add(self, thing: object) -> str:
        key, name = id(thing), f"{self.prefix}{self.count}"
        self.count += 1

        def forget(_: weakref.ref) -> None:
            del self.known[key]
            self.gone(name)

        self.known[key] = weakref.ref(thing, forget), name
        return name

    def __call__(self, thing: object) -> str:
        return self.get(thing) or self.add(thing)

    def alive(self) -> list[tuple[object, str]]:
        pairs = [(reference(), name) for reference, name in list(self.known.values())]
        return [(thing, name) for thing, name in pairs if thing is not None]


class Recorder:
    """The listener behind `record`: turns what the core says into the events of a `Trace`."""

    gives_way = False  # may another recording take its place for a while?

    def __init__(self, trace: Trace, outermost: FrameType | None) -> None:
        self.trace = trace
        self.outermost = outermost
        self.thread = threading.get_ident()
        self.places = Places()
        self.tensors, self.storages = Ids("t", self.tensor_gone), Ids("s")
        self.counters, self.nodes = Ids("c"), Ids("n")
        self.names: dict[str, tuple[str, ...]] = {}
        self.grad_fns: dict[str, str | None] = {}  # of each tensor, as it was told last
        self.graph: set[str] = set()  # the nodes that are written down
        self.story: Story | None = None
        self.arrived: list[e.Event] = []  # what a node that is still running has led to

    # ---- what the core says ----------------------------------------------------------------------

    def created(self, tensor: Tensor, op: str) -> None:
        if (frame := self.begin()) is not None and self.tensors.get(tensor) is None:
            self.tensor_created(tensor, op, frame)

    def op_ran(self, op: str, inputs: Sequence[object], outputs: Sequence[Tensor]) -> None:
        if (frame := self.begin()) is None:
            return
        tensors = [each for each in inputs if isinstance(each, Tensor)]
        self.meet(tensors)
        node = outputs[0]._grad_fn
        self.new_nodes(node)
        self.write(
            e.OpRan(
                op=op,
                inputs=tuple(map(self.tensors, tensors)),
                outputs=tuple(self.tensors.add(out) for out in outputs),
                node=None if node is None else self.nodes(node),
                place=self.places.place(frame),
            )
        )
        for out in outputs:
            self.graph_behind(out._grad_fn)
            self.tensor_created(out, op, frame)
        self.saved_tensors(node, outputs)

    def alias_made(self, source: Tensor, alias: Tensor, how: str) -> None:
        if (frame := self.begin()) is None:
            return
        self.meet([source])
        self.write(
            e.AliasMade(
                source=self.tensors(source),
                alias=self.tensors.add(alias),
                how=how,
                same_counter=source._counter is alias._counter,
                place=self.places.place(frame),
            )
        )
        self.graph_behind(alias._grad_fn)
        self.tensor_created(alias, how, frame)

    def written(self, tensor: Tensor, op: str, before: int, inputs: Sequence[object]) -> None:
        if (frame := self.begin()) is None:
            return
        history = [tensor] if tensor._base is None else [tensor, tensor._base]
        for each in history:
            self.introduce(each)
        self.catch_up(frame)
        others = [each for each in inputs if isinstance(each, Tensor)]
        self.meet([each for each in others if all(each is not one for one in history)])
        storage = tensor.untyped_storage()
        self.write(
            e.VersionBumped(
                op=op,
                tensor=self.tensors(tensor),
                storage=self.storages(storage),
                counter=self.counters(tensor._counter),
                before=before,
                after=tensor._version,
                values=tuple(
                    (name, snapshot(each))
                    for each, name in self.tensors.alive()
                    if each._storage is storage
                ),
                place=self.places.place(frame),
            )
        )
        for each in history:
            self.follow(each, op, frame, tensor)

    def changed(self, tensor: Tensor, op: str) -> None:
        if (frame := self.begin()) is not None:
            self.meet([tensor])
            if op != "a write to its base":  # then meeting it has told it
                self.tensor_changed(tensor, op, frame)

    def backward_started(self, roots: Sequence[Tensor]) -> None:
        if (frame := self.begin()) is not None:
            self.meet(roots)
            self.write(
                e.BackwardStarted(
                    roots=tuple(map(self.tensors, roots)), place=self.places.place(frame)
                )
            )

    def node_ran(self, node: Node, grads_in: Sequence, grads_out: Sequence) -> None:
        if (frame := self.begin()) is None:
            return
        self.graph_behind(node)
        self.write(
            e.NodeRan(
                node=self.nodes(node),
                grads_in=tuple(None if each is None else snapshot(each) for each in grads_in),
                grads_out=tuple(None if each is None else snapshot(each) for each in grads_out),
                place=self.places.place(frame),
            )
        )
        self.tell_arrived()

    def accumulated(self, tensor: Tensor, how: str) -> None:
        if (frame := self.begin()) is not None:
            self.meet([tensor])
            self.arrived.append(
                e.GradAccumulated(
                    tensor=self.tensors(tensor),
                    grad=snapshot(tensor._grad),
                    counter=self.counters.get(tensor._grad._counter),
                    version=tensor._grad._version,
                    place=self.places.place(frame),
                )
            )

    def grad_set(self, tensor: Tensor) -> None:
        pass

    def hook_registered(self, hook: int, name: str, on: Tensor | Node, kind: str) -> None:
        pass

    def hook_removed(self, hook: int) -> None:
        pass

    def hook_ran(self, hook: int, name: str, before: Sequence, after: Sequence) -> None:
        if self.listens():
            self.arrived.append(e.HookRan(name=name))

    def handed(self, grads: Sequence, at: Tensor | Node) -> None:
        pass

    def freed(self, node: Node) -> None:
        if self.listens():
            self.write(e.NodeFreed(node=self.nodes(node)))

    def backward_ended(self) -> None:
        if self.listens():
            self.write(e.BackwardEnded())

    def failed(self, error: BaseException, node: Node | None) -> None:
        if self.has_told(error) or (frame := self.begin()) is None:
            return
        error.told_in = self.trace
        self.tell_arrived()
        self.tell_error(error, node and self.nodes(node), self.places.place(frame))

    # ---- the end ---------------------------------------------------------------------------------

    def finish(
        self,
        frame: FrameType,
        error: BaseException | None,
        names: Mapping[str, object] | None,
    ) -> None:
        """Write down the last names, and the error with which the recording ends, if there is one."""
        if error is not None and not self.has_told(error):
            raised_in, line = raised_at(error) or (None, 0)
            if raised_in is not None:
                self.catch_up(raised_in)  # the names of that moment, though its function is over
            place = None if raised_in is None else self.places.place(raised_in, line)
            self.tell_error(error, None, place)
        elif names is not None:
            self.call(tensors_in(names))
        elif error is None:
            self.catch_up(frame)
        self.places.quote(self.trace)
        self.outermost = None  # the frame holds the user's tensors

    # ---- from objects to events ------------------------------------------------------------------

    def listens(self) -> bool:
        return slot.listener is self and threading.get_ident() == self.thread

    def begin(self) -> FrameType | None:
        """Catch up with the user's names; return the user's frame, or None in another thread."""
        if not self.listens():
            return None
        frame = user_frame()
        if frame is not None:
            self.catch_up(frame)
        return frame

    def write(self, event: e.Event) -> None:
        self.trace.events.append(event)

    def tell_arrived(self) -> None:
        self.trace.events += self.arrived
        self.arrived = []

    def tell_error(self, error: BaseException, node: str | None, place: e.Place | None) -> None:
        """Write down an error, and give the error itself the story that led to it."""
        mismatch, tensor = getattr(error, "mismatch", None), getattr(error, "tensor", None)
        self.write(
            e.ErrorRaised(
                type=type(error).__name__,
                # A SyntaxError says in which file, too, and a cell's is another one each time.
                message=error.msg if isinstance(error, SyntaxError) else str(error),
                node=node,
                field=mismatch and mismatch.field,
                expected=mismatch and mismatch.expected,
                found=mismatch and mismatch.found,
                counter=mismatch and self.counters.get(mismatch.counter),
                tensor=self.tensors.get(tensor) if isinstance(tensor, Tensor) else None,
                place=place,
            )
        )
        story = attach(error, self.trace)
        self.story = self.story or story

    def has_told(self, error: BaseException) -> bool:
        """The error itself is marked: whoever keeps it keeps the frames it went through."""
        return getattr(error, "told_in", None) is self.trace

    def catch_up(self, frame: FrameType) -> None:
        """Write down which variables hold which tensors, where that has changed."""
        self.call(named_tensors(frame, self.outermost))

    def call(self, named: Iterable[tuple[str, Tensor]]) -> None:
        """Write down by which names tensors are known from now on."""
        now: dict[str, list[str]] = {}
        for name, tensor in named:
            known = self.tensors.get(tensor)
            if known is not None and name not in now.setdefault(known, []):
                now[known].append(name)
        for known in sorted({*now, *self.names}, key=lambda each: int(each[1:])):
            names = tuple(now.get(known, ()))
            if names != self.names.get(known, ()):
                self.names[known] = names
                self.write(e.Named(tensor=known, names=names))

    def tensor_gone(self, name: str) -> None:
        self.names.pop(name, None)
        self.grad_fns.pop(name, None)
        if self.listens():
            self.write(e.TensorDeleted(tensor=name))

    def meet(self, tensors: Sequence[Tensor]) -> None:
        """Introduce tensors that are older than the recording, with the graph they hang from.

        What the nodes of that graph had saved is not told: it happened before.
        """
        known, frame = self.tensors.count, user_frame()
        for tensor in tensors:
            self.introduce(tensor)
            self.follow(tensor, "a write to its base", frame, tensor)
        if self.tensors.count > known:
            self.catch_up(frame)

    def introduce(self, tensor: Tensor) -> None:
        if self.tensors.get(tensor) is None:
            self.tensors.add(tensor)
            self.graph_behind(tensor._grad_fn)
            self.tensor_created(tensor, "before the recording", None)

    def follow(self, tensor: Tensor, op: str, frame: FrameType, written: Tensor) -> None:
        """Write down the tensor's new history, if it has one since it was told last."""
        node, told = tensor._grad_fn, self.grad_fns.get(self.tensors(tensor))
        if node is not None and (told is None or told != self.nodes.get(node)):
            self.new_nodes(node)
            self.tensor_changed(tensor, op, frame)
            self.graph_behind(node)
            self.saved_tensors(node, [written])

    def tensor_created(self, tensor: Tensor, op: str, frame: FrameType | None) -> None:
        self.write(
            e.TensorCreated(
                tensor=self.tensors(tensor),
                storage=self.storages(tensor.untyped_storage()),
                counter=self.counters(tensor._counter),
                version=tensor._version,
                value=snapshot(tensor),
                op=op,
                requires_grad=tensor.requires_grad,
                is_leaf=tensor.is_leaf,
                grad_fn=self.grad_fn(tensor),
                output_nr=tensor._output_nr,
                expression="" if frame is None else expression(frame),
                place=None if frame is None else self.places.place(frame),
            )
        )

    def tensor_changed(self, tensor: Tensor, op: str, frame: FrameType) -> None:
        self.write(
            e.TensorChanged(
                tensor=self.tensors(tensor),
                op=op,
                requires_grad=tensor.requires_grad,
                is_leaf=tensor.is_leaf,
                grad_fn=self.grad_fn(tensor),
                output_nr=tensor._output_nr,
                retains_grad=tensor._retains_grad,
                place=self.places.place(frame),
            )
        )

    def grad_fn(self, tensor: Tensor) -> str | None:
        node = None if tensor._grad_fn is None else self.nodes(tensor._grad_fn)
        self.grad_fns[self.tensors(tensor)] = node
        return node

    def graph_behind(self, node: Node | None) -> None:
        """Write down this node and all behind it that are new, those behind first."""
        for each in self.new_nodes(node):
            if isinstance(each, AccumulateGrad):
                self.introduce(each.variable)
            self.node_created(each)

    def new_nodes(self, node: Node | None) -> list[Node]:
        """This node and all behind it that are not written down yet, with ids in order of age."""
        new: dict[Node, None] = {}
        unseen = [] if node is None else [node]
        while unseen:
            each = unseen.pop()
            if each not in new and self.nodes.get(each) not in self.graph:
                new[each] = None
                unseen += [edge[0] for edge in each.edges if edge is not None]
        oldest_first = sorted(new, key=_age)
        for each in oldest_first:
            self.nodes(each)
        return oldest_first

    def node_created(self, node: Node) -> None:
        name = self.nodes(node)
        self.graph.add(name)
        variable = node.variable if isinstance(node, AccumulateGrad) else None
        self.write(
            e.NodeCreated(
                node=name,
                name=type(node).__name__,
                next_functions=tuple(
                    None if edge is None else e.Edge(self.nodes(edge[0]), edge[1])
                    for edge in node.edges
                ),
                variable=None if variable is None else self.tensors(variable),
            )
        )

    def saved_tensors(self, node: Node | None, outputs: Sequence[Tensor] = ()) -> None:
        """Write down what a node has just saved; a result that it saved is one of its outputs."""
        for field, saved in ({} if node is None else node.saved()).items():
            tensor = outputs[saved.output_nr] if saved.tensor is None else saved.tensor
            self.write(
                e.TensorSaved(
                    node=self.nodes(node),
                    field=field,
                    tensor=self.tensors(tensor),
                    counter=self.counters(saved.counter),
                    expected=saved.version,
                )
            )


def _age(node: Node) -> tuple[bool, int]:
    """Leaves' nodes first, then the order in which operations ran."""
    return not isinstance(node, AccumulateGrad), node.sequence_nr


class record:
    """Record what happens inside this `with`; gives the `Trace`.

    Recording ends with the block, also when an error leaves it; the error goes on its way and is the
    trace's last event. Other threads are not recorded. `names` are the user's variables at the end,
    for whoever runs the user's code in a namespace. `story` is that of the first error that has one.
    Raises RuntimeError inside another recording, unless that one `gives_way`: then it pauses.

    >>> from autograd_core import tensor
    >>> with record() as trace:
    ...     out = tensor([1.0], requires_grad=True).sigmoid()
    >>> [type(event).__name__ for event in trace.events][-2:]
    ['TensorSaved', 'Named']
    """

    story: Story | None = None

    def __init__(
        self, names: Mapping[str, object] | None = None, gives_way: bool = False
    ) -> None:
        self.names, self.gives_way = names, gives_way

    def __enter__(self) -> Trace:
        self.paused = slot.listener
        gives_way = isinstance(self.paused, Recorder) and self.paused.gives_way
        if self.paused is not None and not gives_way:
            raise RuntimeError("a recording is running already: end it before you start another")
        trace = Trace()
        self.recorder = Recorder(trace, sys._getframe(1))
        self.recorder.gives_way = self.gives_way
        slot.listener = self.recorder
        return trace

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        slot.listener = self.paused
        self.recorder.finish(sys._getframe(1), error, self.names)
        self.story = self.recorder.story
