"""What happened to each version counter of a run, and when: the lanes, as plain data.

The surprising idea: a write through `.data` counts on a counter of its own, so the others of the
same storage do not notice. Such a write is a moment in *their* lives too, one that nobody counted,
and that is what makes a gradient silently wrong.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..recording import events as e
from ..recording.state import State
from ..recording.steps import Step
from ..recording.trace import Trace
from .scene import stays
from .text import line
from .wording import call, code, listing, names, saved_as

LANES = 10  # more storages than these: only those that were ever written are shown
MOST_LANES = 24
COLUMNS = 16  # of the moments: the first ones, those of a mismatch, and the last ones
FIRST_COLUMNS = 4
WRITER_ROOM = 26  # cells


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a counter in `step`.

    `kind` is `made`, `written`, `unnoticed` (written through another counter), `saved`, `used` (its
    version was compared and found right), `fooled` (the same, but its numbers are others) or
    `clash` (found wrong). `version` is what the counter stood at, for `saved`, `used` and `fooled`
    what is expected. `saved` are places in `State.saved`, and `node` who saved them.
    """

    kind: str
    step: int
    version: int
    who: str = ""
    node: str | None = None
    saved: tuple[int, ...] = ()


@dataclass(slots=True)
class Lane:
    """The life of one counter. `own`: not the one that the storage was made with; `later` are those
    to which its tensors were moved (`w.data = other`).

    `drawn` are those of the moments that have a column, with their numbers; `told` has them by the
    sentence that tells of them.
    """

    counter: str
    storage: str
    own: bool
    tensors: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    drawn: list[tuple[int, Moment]] = field(default_factory=list)
    told: dict[str, list[Moment]] = field(default_factory=dict)

    def place(self, state: State) -> str:
        """The storages in which its tensors have been by now: `S0`, or `S0, then S5`."""
        now = {state.tensors[each].storage for each in self.tensors if each in state.tensors}
        count = max((self.later.index(each) + 1 for each in now & {*self.later}), default=0)
        places = [each.upper() for each in (self.storage, *self.later[:count])]
        return ", then ".join(places if len(places) < 4 else [places[0], "others", places[-1]])

    def breaks(self, pin: Moment) -> Moment | None:
        """The first write after which what was saved in `pin` is no longer there."""
        for moment in self.moments:
            later = moment.kind == "written" and moment.step >= pin.step
            if later and moment.version != pin.version:
                return moment
        return None


@dataclass(frozen=True, slots=True)
class Moments:
    """All lanes that are shown, those of one storage side by side, and the steps in their columns.

    `places` says of a column which line of the user's code it stands for; `left_out` counts the
    storages that are not shown, `skipped` the steps between two columns.
    """

    lanes: tuple[Lane, ...]
    columns: tuple[int, ...]
    places: tuple[str, ...]
    skipped: dict[int, int]
    left_out: int


def moments(trace: Trace, steps: list[Step] | None = None) -> Moments:
    """The moments of a whole run, whose `steps` may be given; no lanes if nothing was recorded."""
    steps = trace.steps if steps is None else steps
    lanes = _lanes(trace, steps)
    kept = _kept(steps[-1].state, lanes) if steps else {}
    for step in steps:
        for counter, moment in _moments(step, lanes, kept):
            lanes[counter].moments.append(moment)
            if moment.kind != "made":
                sentence = _sentence(moment, step.state)
                lanes[counter].told.setdefault(sentence, []).append(moment)
    shown = _worth_showing(lanes, steps)
    columns, skipped = _columns(shown)
    for lane in shown:
        lane.drawn = [each for each in enumerate(lane.moments) if each[1].step in columns]
    storages = {lane.storage for lane in lanes.values()}
    return Moments(
        tuple(shown),
        tuple(columns),
        tuple(_places([steps[number] for number in columns])),
        skipped,
        left_out=len(storages - {lane.storage for lane in shown}),
    )


def _lanes(trace: Trace, steps: Sequence[Step]) -> dict[str, Lane]:
    """Every counter of a tensor, by the storage in which it began."""
    lanes: dict[str, Lane] = {}
    began: dict[str, str] = {}  # the first counter of each storage
    for tensor, its in (stays(trace, steps) if steps else {}).items():
        first, *later = its.values()
        own = began.setdefault(first.storage, first.counter) != first.counter
        lane = lanes.setdefault(first.counter, Lane(first.counter, first.storage, own))
        lane.tensors.append(tensor)
        lane.later += [each.storage for each in later if each.storage not in lane.later]
    return lanes


Kept = dict[str, dict[str, list[int]]]


def _kept(end: State, lanes: dict[str, Lane]) -> Kept:
    """What each node saved at which counter, as places in `State.saved`."""
    kept: Kept = {}
    for number, saved in enumerate(end.saved):
        if saved.counter in lanes:
            kept.setdefault(saved.node, {}).setdefault(saved.counter, []).append(number)
    return kept


def _moments(step: Step, lanes: dict[str, Lane], kept: Kept) -> Iterator[tuple[str, Moment]]:
    state, now = step.state, step.index
    saves: dict[tuple[str, str], list[int]] = {}
    new = sum(isinstance(event, e.TensorSaved) for event in step.events)
    for number in range(len(state.saved) - new, len(state.saved)):
        saved = state.saved[number]
        saves.setdefault((saved.counter, saved.node), []).append(number)
    for event in step.events:
        if isinstance(event, e.TensorCreated):
            lane = lanes.get(event.counter)
            if lane is not None and not lane.moments:
                yield event.counter, Moment("made", now, event.version)
        elif isinstance(event, e.VersionBumped):
            who, there = line(call(event, state), WRITER_ROOM), _there(state, event.storage)
            for lane in lanes.values():
                if lane.counter == event.counter:
                    yield lane.counter, Moment("written", now, event.after, who)
                elif lane.counter in there and lane.moments:
                    at = state.versions[lane.counter]
                    yield lane.counter, Moment("unnoticed", now, at, who)
        elif isinstance(event, e.MemoryWritten):
            text = event.line.text.strip() if event.line else ""
            there = _there(state, event.storage)
            for lane in lanes.values():
                if lane.counter in there and lane.moments:
                    at = state.versions[lane.counter]
                    who = line(text or "NumPy", WRITER_ROOM)
                    yield lane.counter, Moment("unnoticed", now, at, who)
        elif isinstance(event, e.NodeRan):
            fooled = {each.field for each in step.events if isinstance(each, e.SavedChanged)}
            for counter, numbers in kept.get(event.node, {}).items():
                expected = state.saved[numbers[0]].expected
                name = state.nodes[event.node].name
                right = fooled.isdisjoint(state.saved[number].field for number in numbers)
                kind = "used" if right else "fooled"
                yield counter, Moment(kind, now, expected, name, event.node, tuple(numbers))
        elif isinstance(event, e.ErrorRaised) and event.expected is not None:
            for counter, numbers in kept.get(event.node, {}).items():
                wrong = [n for n in numbers if state.mismatched(state.saved[n])]
                if wrong:
                    name = state.nodes[event.node].name
                    at = state.versions[counter]
                    yield counter, Moment("clash", now, at, name, event.node, tuple(wrong))
    for (counter, node), numbers in saves.items():
        if counter in lanes:
            expected, name = state.saved[numbers[0]].expected, state.nodes[node].name
            yield counter, Moment("saved", now, expected, name, node, tuple(numbers))


def _there(state: State, storage: str) -> set[str]:
    """The counters of all who look at this storage now."""
    return {tensor.counter for tensor in state.tensors.values() if tensor.storage == storage}


def _worth_showing(lanes: dict[str, Lane], steps: list[Step]) -> list[Lane]:
    """All lanes of a small run; of a large one the broken, the written and the named ones."""
    storages: dict[str, list[Lane]] = {}
    for lane in lanes.values():
        if lane.moments:
            storages.setdefault(lane.storage, []).append(lane)
    if len(storages) > LANES:
        end = steps[-1].state
        broken = {saved.counter for saved in end.saved if end.mismatched(saved)}

        def rank(storage: str) -> int:
            if any(lane.counter in broken for lane in storages[storage]):
                return 3
            if any(m.kind == "written" for lane in storages[storage] for m in lane.moments):
                return 2
            inside = [end.tensors[each] for lane in storages[storage] for each in lane.tensors]
            return 1 if any(tensor.names and not tensor.deleted for tensor in inside) else 0

        best = sorted(storages, key=rank, reverse=True)[:MOST_LANES]
        kept = {each for each in best if rank(each)} or set(best[:LANES])
        storages = {storage: own for storage, own in storages.items() if storage in kept}
    return [lane for own in storages.values() for lane in own]


def _columns(lanes: list[Lane]) -> tuple[list[int], dict[int, int]]:
    """The steps at which something happens to these lanes, as many as can be told apart.

    Also which of them come after a gap, with the number of those left out there.
    """
    steps = sorted({moment.step for lane in lanes for moment in lane.moments})
    if len(steps) <= COLUMNS:
        return steps, {}
    first, wanted = steps[:FIRST_COLUMNS], set()
    if len(lanes) <= COLUMNS // 2:
        wanted |= {lane.moments[0].step for lane in lanes}
    for lane in lanes:
        for moment in lane.moments:
            if moment.kind == "clash":
                pins = [m for m in lane.moments if m.kind == "saved" and m.node == moment.node]
                wanted |= {pin.step for pin in pins} | {moment.step}
                wanted |= {broke.step for pin in pins if (broke := lane.breaks(pin))}
    room = COLUMNS - len({*first, *wanted})
    kept = sorted({*first, *wanted, *steps[-max(room, 1) :]})
    at = {step: number for number, step in enumerate(steps)}
    gaps = {
        later: at[later] - at[earlier] - 1
        for earlier, later in zip(kept, kept[1:], strict=False)
        if at[later] - at[earlier] > 1
    }
    return kept, gaps


def _places(steps: list[Step]) -> Iterator[str]:
    """`line 4`, with the file where there are several; nothing where it is as before.

    Nodes that run are at no line of their own, but all at that of `backward()`.
    """
    files = {step.place.file for step in steps if step.place is not None}
    last = None
    for step in steps:
        place = step.place
        if step.find(e.NodeRan) or step.state.error is not None and step.state.error.node:
            yield "backward"
        elif place is None or place == last:
            yield ""
        elif len(files) > 1:
            yield line(f"{place.file}:{place.line}", WRITER_ROOM)
        else:
            yield f"line {place.line}"
        last = place


def describe(told: Moments, state: State, step: int) -> dict[str, str]:
    """A sentence or two on each lane: all that has happened to it up to `step`."""
    said = {}
    for lane in told.lanes:
        if lane.moments[0].step > step:
            continue
        inside = [tensor for each in lane.tensors if (tensor := state.tensors.get(each))]
        alive = [tensor for tensor in inside if not tensor.deleted]
        which = "A second counter of storage" if lane.own else "Storage"
        version = state.versions[lane.counter]
        counted = f"counted by {names(state, alive) if alive else 'no tensor any more'}"
        words = [f"{which} {lane.place(state)}, {counted}, is at version {version}"]
        for sentence, moments in lane.told.items():
            past = moments[: bisect_right(moments, step, key=lambda moment: moment.step)]
            lost = 0
            if moments[0].kind == "saved" and moments[0].version != version:
                lost = sum(state.mismatched(state.saved[moment.saved[0]]) for moment in past)
            words += _times(len(past) - lost, sentence)
            gone = f"{sentence}, which is no longer there: it is at version {version}"
            words += _times(lost, gone)
        said[f"lane:{lane.counter}"] = "; ".join(words) + "."
    if told.left_out and said:
        count = f"{told.left_out} more storages" if told.left_out > 1 else "One more storage"
        said["lane:more"] = f"{count}, not drawn here, with nothing more to tell."
    return said


def _times(count: int, sentence: str) -> list[str]:
    """A sentence once, with the number of times that it was to be said."""
    return [sentence if count == 1 else f"{sentence} ({count} times)"] if count else []


def _sentence(moment: Moment, state: State) -> str:
    """What happened, in the names of that moment."""
    if moment.kind == "written":
        return f"{code(moment.who)} took it to version {moment.version}"
    if moment.kind == "unnoticed":
        return (
            f"{code(moment.who)} changed the values and was not counted here: it stayed at version "
            f"{moment.version}"
        )
    saved = [state.saved[number] for number in moment.saved]
    what = listing([saved_as(state, each.field, each.tensor) for each in saved])
    if moment.kind == "saved":
        return f"{moment.who} saved {what} and expects version {moment.version}"
    if moment.kind == "used":
        return f"{moment.who} ran and found {what} at version {moment.version}, as expected"
    if moment.kind == "fooled":
        return (
            f"{moment.who} ran and found {what} at version {moment.version}, as expected, but with "
            "other numbers than it saved"
        )
    return (
        f"{moment.who} expected {what} at version {saved[0].expected}, found version "
        f"{moment.version}, and raised {state.error.type if state.error else 'an error'}"
    )
