"""The version lanes: time runs right, one lane per storage, a station for each version.

    lanes(trace)

A pin hangs where a node saved, with the version that it expects; where a write takes that version
away, a bar leads from the pin to the write, in colour, with a cross, and in words. A counter of its
own (`.data`) has a line of its own in the lane, and the other line shows the write that nobody
counted. No Graphviz takes part: where everything stands follows from the texts alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from ..recording.state import State
from ..recording.steps import Step
from ..recording.trace import Trace
from .frames import Change, Conditions, Frame, frame, reel
from .moments import Lane, Moment, Moments, describe, moments
from .picture import Picture
from .svg import Template, show
from .text import line
from .tracks import Draughtsman
from .wording import called

NAME_ROOM = 18  # cells


class Lanes:
    """The lanes of a trace, laid out once for all of its steps: what `Drawing` is to the graph.

    It gives the player the same two things in the same scheme. `svg(step, title)` is a picture in
    which each element that comes, goes or changes carries its id as `data-id` and its conditions as
    `data-is`, and each text that changes its `data-slot`. `film` says for each step what becomes of
    them: `Change.shown` (None is hidden), `Change.texts` and `Change.marks`. Every id and slot
    begins with `lane:`, so that both films can be played together. `words(step)` is the text twin,
    by the id of the lane that each sentence is about. Empty where nothing was recorded.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.steps = trace.steps
        self.moments = moments(trace, self.steps)
        self.film = _film(self.moments, self.steps)

    @cached_property
    def _template(self) -> Template:
        return Draughtsman(self.moments, self.film).draw()

    def svg(self, step: int, title: str, *, crop: bool = False) -> str:
        """The picture of one step. `crop` is for pictures that grow; this one keeps its size."""
        return show(self._template, frame(self.film, step), title)

    def words(self, step: int) -> dict[str, str]:
        if not self.steps:
            return {}
        if not self.moments.lanes:
            return {"lane:none": "No tensor was met, so there is no version to follow."}
        at = self.steps[step]
        return describe(self.moments, at.state, at.index)

    def told(self) -> Iterator[dict[str, str]]:
        """The words of all steps, one after the other."""
        if not self.moments.lanes:
            return (self.words(step) for step in range(len(self.steps)))
        return (describe(self.moments, step.state, step.index) for step in self.steps)


def lanes(trace: Trace, step: int = -1) -> Picture:
    """The version lanes of `trace` after `step`, counted from 1; -1 is the end of the run.

    A notebook shows them, `print` tells them in words. Raises `IndexError` for a step that the
    trace does not have.

    >>> from autograd_core import record, tensor
    >>> with record() as trace:
    ...     a = tensor([1.0, 2.0], requires_grad=True)
    ...     c = a.detach()
    ...     c.zero_()
    tensor([0., 0.])
    >>> print(lanes(trace))
    Storage S0, counted by `a` and `c`, is at version 1; `c.zero_()` took it to version 1.
    """
    return Picture(Lanes(trace), step)


# ---- what each step shows ------------------------------------------------------------------------


def _film(told: Moments, steps: list[Step]) -> list[Change]:
    """One change for each step of the trace."""
    if not told.lanes:
        return [Change({}, {}, {}) for _ in steps]
    return list(reel(_look(told, step) for step in steps))


def _look(told: Moments, step: Step) -> Frame:
    """All that is to be seen at one step."""
    look = Frame()
    past = [number for number, each in enumerate(told.columns) if each <= step.index]
    for number in past:
        look.shown[f"lane:at:{number}"] = ()
    if past:
        look.shown[f"lane:now:{past[-1]}"] = ()
    if told.left_out:
        look.shown["lane:more"] = ()
    for lane in told.lanes:
        if lane.moments[0].step <= step.index:
            _look_at(lane, step, past, told, look)
    return look


def _look_at(lane: Lane, step: Step, past: list[int], told: Moments, look: Frame) -> None:
    name, state = f"lane:{lane.counter}", step.state
    inside = [tensor for each in lane.tensors if (tensor := state.tensors.get(each))]
    alive = [tensor for tensor in inside if not tensor.deleted]
    broken = False
    for number, moment in lane.drawn:
        if moment.step > step.index:
            break
        conditions: Conditions = ()
        if moment.kind == "saved":
            conditions, said = _pin(moment, state)
            look.texts[f"{name}:{number}.expects"] = said
            if "broken" in conditions:
                broken = True
                look.shown[f"{name}:{number}.gap"] = ()
        look.shown[f"{name}:{number}"] = conditions
    look.shown[name] = () if alive else ("faded",)
    look.shown[f"{name}.band"] = ()
    badge = (("own",) if lane.own else ()) + (("broken",) if broken else ())
    look.shown[f"{name}.badge"] = badge
    names = ", ".join(called(tensor) for tensor in alive or inside[:1])
    look.texts[f"{name}.names"] = line(names, NAME_ROOM)
    own = ", second counter" if lane.own else ""
    look.texts[f"{name}.title"] = f"storage {lane.place(state)}{own}"
    look.texts[f"{name}.version"] = f"v{state.versions[lane.counter]}"
    begun = lane.moments[0].step
    for number in past[1:]:
        if told.columns[number - 1] >= begun:
            look.shown[f"{name}.to{number}"] = ("own",) if lane.own else ()


def _pin(moment: Moment, state: State) -> tuple[Conditions, str]:
    saved = state.saved[moment.saved[0]]
    if state.nodes[saved.node].freed:
        return ("faded",), "freed"
    expects = f"expects v{saved.expected}"
    if state.mismatched(saved):
        return ("broken",), f"{expects}, is v{state.versions[saved.counter]}"
    return (), expects
