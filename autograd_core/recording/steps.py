"""The moments of a run, and what was true at each.

The recorder writes what opens a step before what belongs to it: an op, then its outputs and its node and
what that saved; an alias, then the tensor that it made; a node's run, then what it accumulated and freed.

A state is folded when it is asked for, from the nearest one that was kept: a run of a thousand steps
does not hold a thousand states.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from . import events as e
from .state import BEFORE, OPENERS, State

KEPT = 64  # steps: of every so many, one state is kept


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of the run: the events that make it, and the state after them."""

    index: int
    events: tuple[e.Event, ...]
    state: State

    @property
    def place(self) -> e.Place | None:
        return self.state.place

    def find(self, kind: type[e.Event]) -> e.Event | None:
        """The first event of this kind in the step, if there is one."""
        return next((event for event in self.events if isinstance(event, kind)), None)


class Steps(Sequence[Step]):
    """The steps of these events, after `base`. Each is made when it is asked for."""

    def __init__(self, events: Sequence[e.Event], base: State | None = None) -> None:
        self.events = events
        self.starts = list(starts(events))
        self.kept: dict[int, State] = {-1: State() if base is None else base}
        self.latest: Step | None = None  # the one asked for last: the next is often the one after

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"this trace has {len(self)} steps, so there is no step {index}")
        index %= len(self)
        nearest = max(index - index % KEPT, 0) - 1
        while nearest not in self.kept:
            nearest -= KEPT
        state = self.kept[nearest]
        if self.latest is not None and nearest < self.latest.index <= index:
            nearest, state = self.latest.index, self.latest.state
        if self.latest is None or self.latest.index != index:
            *_, self.latest = self._from(nearest, index, state)
        return replace(self.latest, state=self.latest.state.copy())  # whoever gets it may change it

    def __iter__(self) -> Iterator[Step]:
        return self._from(-1, len(self) - 1, self.kept[-1])

    def _from(self, before: int, last: int, state: State) -> Iterator[Step]:
        """The steps after `before`, of which this is the state, up to the last one."""
        state = state.copy()
        for index in range(before + 1, last + 1):
            events = self.of(index)
            for event in events:
                state.apply(event)
            if index % KEPT == KEPT - 1 and index not in self.kept:
                self.kept[index] = state.copy()
            yield Step(index, events, state.copy())

    def of(self, index: int) -> tuple[e.Event, ...]:
        """The events of one step."""
        end = self.starts[index + 1] if index + 1 < len(self) else len(self.events)
        return tuple(self.events[self.starts[index] : end])

    def containing(self, event: int) -> int:
        """The step that the event of this number belongs to."""
        return bisect_right(self.starts, event) - 1


def numbered(step: int, count: int) -> int:
    """The index of the step that a reader calls `step`, of so many: 1 is the first, -1 the last.

    IndexError for one that there is not.

    >>> numbered(1, 8), numbered(8, 8), numbered(-1, 8)
    (0, 7, 7)
    """
    if not 1 <= abs(step) <= count:
        there = f"steps 1 to {count}" if count else "no steps"
        raise IndexError(f"this trace has {there}, so there is no step {step}")
    return step - 1 if step > 0 else step + count


def starts(events: Sequence[e.Event]) -> Iterator[int]:
    """The number of the first event of each step."""
    if events:
        yield 0
    opened = False  # is what this step is about on record already?
    made: set[str] = set()  # tensors that the step has announced, or made
    written: set[str] = set()  # tensors of which it says next what became of their history
    moved: set[str] = set()  # tensors that look at other memory, of which it says next that this counts
    for number, event in enumerate(events):
        if _opens(event, made, written, moved):
            if opened:
                yield number
                made, written, moved = set(), set(), set()
            opened = True
        match event:
            case e.OpRan():
                made.update(event.outputs)
            case e.AliasMade():
                made.add(event.alias)
            case e.TensorCreated():
                made.add(event.tensor)
            case e.VersionBumped():
                written.add(event.tensor)
            case e.MemoryChanged():
                moved.add(event.tensor)


def _opens(event: e.Event, made: set[str], written: set[str], moved: set[str]) -> bool:
    """Does a step begin here, if the one before it is about these tensors?"""
    match event:
        case e.TensorCreated():
            return event.tensor not in made
        case e.TensorChanged():
            return event.tensor not in written and event.op != BEFORE
        case e.VersionBumped():  # a gradient is added by the node that runs
            return event.tensor not in moved and event.op != "backward"
        case e.GradSet():  # else it tells what was written, or what a tensor came with
            return event.op == ".grad ="
    return isinstance(event, OPENERS)
