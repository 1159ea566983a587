"""Long runs: a bounded tape, a base for what was dropped, and states without copies of everything."""

from __future__ import annotations

import tracemalloc

import pytest

from autograd_core import record, tensor
from autograd_core.drawing.describe import describe
from autograd_core.drawing.narrate import narrate
from autograd_core.drawing.picture import Drawing
from autograd_core.recording import events as e
from autograd_core.recording.state import State
from autograd_core.recording.steps import KEPT
from autograd_core.recording.trace import Trace


def train(steps: int) -> None:
    """A small training loop, with all that a long run may have in it."""
    w = tensor([0.5, -0.5], requires_grad=True)
    x = tensor([1.0, 2.0])
    kept = []
    for step in range(steps):
        out = (w * x).sigmoid()
        if step % 7 == 0:
            kept.append(out.detach())
            out.retain_grad()
        if step % 11 == 0:
            w.grad = None
        if step % 5 == 0:
            handle = out.register_hook(lambda grad: grad * 2)
        loss = out.sum()
        loss.backward()
        if step % 5 == 4:
            handle.remove()
        w.data.sub_(w.grad)
        if step % 13 == 0 and kept:
            try:
                later = out.exp()
                later.detach().zero_()
                later.sum().backward()
            except RuntimeError:
                pass
        kept = kept[-3:]


def told(keep: int | None, steps: int) -> Trace:
    with record(keep=keep) as trace:
        train(steps)
    return trace


def test_of_a_short_run_everything_is_kept():
    trace = told(10_000, 10)
    assert trace.dropped == 0 and trace.base == State()
    assert trace == told(None, 10)


@pytest.mark.parametrize("keep", [30, 31, 37, 64, 100, 500])
@pytest.mark.parametrize("steps", [20, 41])
def test_a_trace_whose_beginning_was_dropped_tells_of_the_rest_what_the_whole_one_tells(keep, steps):
    whole, short = told(None, steps), told(keep, steps)
    assert keep - 30 < len(short) <= keep and short.dropped + len(short) == len(whole)
    assert short.events == whole.events[short.dropped :]
    first = len(whole.steps) - len(short.steps)
    assert narrate(short) == narrate(whole)[first:]
    for ours, theirs in zip(short.steps, whole.steps[first:], strict=True):
        assert ours.events == theirs.events
        mine, truth = ours.state.living(), theirs.state.living()
        assert mine.tensors == truth.tensors and mine.nodes == truth.nodes
        assert mine.versions == truth.versions and mine.hooks == truth.hooks
        assert set(mine.saved) == set(truth.saved) and set(mine.aliases) == set(truth.aliases)
        assert mine.error == truth.error and mine.in_backward == truth.in_backward


def test_what_was_dropped_is_said():
    trace = told(40, 30)
    assert repr(trace) == (
        f"<Trace of {len(trace.steps)} steps: {len(trace)} events, after {trace.dropped} that were "
        "dropped>"
    )
    first, base, *_ = trace.describe().split("\n")
    assert first == f"{trace.dropped} events went before and were dropped. There was then:"
    assert base.startswith("`w` (leaf, requires_grad=True) holds ")


def test_a_trace_whose_beginning_was_dropped_can_be_drawn_and_described():
    trace = told(40, 30)
    assert len(Drawing(trace).film) == len(trace.steps)
    assert all(describe(step.state) for step in trace.steps)


def test_a_trace_may_be_read_while_it_is_recorded():
    counts = []
    with record(keep=40) as trace:
        for _ in range(10):
            train(3)
            counts.append((trace.dropped, len(trace), len(list(trace.steps))))
    assert counts[0][0] >= 0 and counts[-1][0] > counts[0][0]
    assert all(0 < steps <= events <= 40 for _, events, steps in counts[1:])


@pytest.mark.parametrize("keep", [0, -1, 1.5, "all", True])
def test_a_keep_that_is_no_count_is_refused(keep):
    with pytest.raises(ValueError, match="keep has to be how many events to keep, or None for all"):
        record(keep=keep)


def test_a_long_run_takes_no_more_memory_than_what_is_kept_of_it():
    def peak(keep: int | None) -> int:
        tracemalloc.start()
        with record(keep) as trace:
            a = tensor([1.0, 2.0], requires_grad=True)
            for _ in range(1000):
                (a * 2).sin().sum().backward()
                a.grad = None
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert trace.dropped + len(trace) > 15_000
        return taken

    peak(10)  # what stays from run to run: parsed sources and the like
    assert peak(1000) < peak(None) / 3


def test_a_chain_is_never_dropped_while_it_lives():
    with record(keep=50) as trace:
        x = a = tensor([1.0], requires_grad=True)
        for _ in range(100):
            x = x * 2
        x.backward()
    base = trace.base
    assert len(base.nodes) == 101 and base.tensors["t0"].names == ("a",)
    assert sum(node.status == "ran" for node in trace.at(-1).nodes.values()) == 101


# ---- states on demand --------------------------------------------------------------------------


def test_any_step_can_be_had_in_any_order():
    trace = told(None, 40)
    steps = list(trace.steps)
    assert len(steps) > 3 * KEPT
    for index in (0, 5, KEPT - 1, KEPT, KEPT + 1, 3 * KEPT, len(steps) - 1, 7, KEPT, 0):
        assert Trace(trace.events).steps[index] == steps[index]
        assert trace.steps[index] == trace.steps[index - len(steps)] == steps[index]
    assert trace.steps[3:6] == steps[3:6] and trace.steps[::-1] == steps[::-1]
    with pytest.raises(IndexError, match=f"has {len(steps)} steps, so there is no step"):
        trace.steps[len(steps)]


def test_a_state_that_somebody_changes_is_theirs_alone():
    trace = told(None, 40)
    for step in (1, KEPT, KEPT + 1, -1):
        trace.at(step).tensors.clear()
        assert trace.at(step).tensors


def test_the_step_that_an_event_belongs_to_is_known():
    trace = told(None, 5)
    for number, event in enumerate(trace.events):
        assert event in trace.steps[trace.steps.containing(number)].events


def test_reading_costs_as_much_for_each_event_of_a_long_trace_as_of_a_short_one():
    calls = []

    class Counted(State):
        def copy(self) -> State:
            calls.append(1)
            return super().copy()

    trace = told(None, 60)
    events = [each for each in trace.events if not isinstance(each, e.ErrorRaised)]
    Trace(events, base=Counted()).at(-1)
    assert len(calls) <= len(trace.steps) + len(trace.steps) // KEPT + 3
