"""A trace is plain data: it holds no tensor, it stands still, and it says what tensors held."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from autograd_core import tensor
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace
from autograd_core.recording.values import SMALL, snapshot

from .lessons import run, tell

PLAIN = {str, int, float, bool, type(None)}
EVERYTHING = """
a = tensor([1.2, 3.4, 5.6], requires_grad=True)
out = a.sigmoid()
out.retain_grad()
handle = out.register_hook(lambda grad: None)
c = out.detach()
d = out * 2
d.exp_()
d.sum().backward(retain_graph=True)
handle.remove()
a.grad = None
e = tensor([0.0])
e.data = c
c.zero_()
del c
f = a.exp()
n = f.detach().numpy()
n[0] = 0
f.sum().backward()
d.sum().backward()
"""


def leaves(value: object):
    """All that a record consists of, down to what cannot be taken apart."""
    if dataclasses.is_dataclass(value):
        value = [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, (tuple, list)):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def test_a_trace_is_as_long_as_its_events():
    trace = run(EVERYTHING)
    assert len(trace) == len(trace.events) and len(Trace()) == 0


def test_a_trace_has_its_own_list_of_events():
    events = [e.BackwardEnded()]
    trace = Trace(events)
    events.clear()
    assert len(trace) == 1


def test_an_event_holds_plain_data_alone():
    trace = run(EVERYTHING)
    assert {type(event) for event in trace.events} == set(e.KINDS.values())
    found = {type(leaf) for event in trace.events for leaf in leaves(event)}
    assert found <= PLAIN


def test_an_event_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        e.TensorDeleted(tensor="t0").tensor = "t1"


def test_every_kind_of_event_is_known_by_its_name():
    assert e.KINDS["TensorSaved"] is e.TensorSaved
    assert all(issubclass(kind, e.Event) and kind.__doc__ for kind in e.KINDS.values())


def test_a_trace_does_not_change_with_the_tensors_it_tells_of():
    x = tensor([1.0, 2.0])
    trace = run("y = x.sin()\nx.zero_()", names={"x": x})
    x.fill_(7)
    assert trace.events[0].value == e.Value("[1., 2.]", (2,), "float32", [1.0, 2.0])
    assert trace.at(-1).tensors["t0"].value.text == "[0., 0.]"


@pytest.mark.parametrize("kind", e.KINDS)
def test_every_kind_of_event_has_a_line_in_these_tests(kind):
    assert tell.dispatch(e.KINDS[kind]) is not tell.dispatch(object)


# ---- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array(2.5), "2.5000"),
        (np.array([1, -2]), "[1, -2]"),
        (np.array([True, False]), "[True, False]"),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), "[[1., 2.], [3., 4.]]"),
        (np.array([np.inf, np.nan]), "[inf, nan]"),
        (np.zeros(0), "[]"),
        (np.zeros((0, 3)), "values of shape (0, 3)"),
        (np.arange(8.0), "[0., 1., 2., 3., 4., 5., 6., 7.]"),
        (np.arange(9.0), "[0., 1., 2., ..., 8.]"),
        (np.zeros((3, 4)), "values of shape (3, 4)"),
    ],
    ids=str,
)
def test_a_value_is_told_on_one_line(array, text):
    assert snapshot(array).text == text


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1])
def test_a_small_tensor_is_kept_in_full_and_a_large_one_by_its_text(size):
    value = snapshot(np.arange(float(size)))
    assert value.data == (list(range(size)) if size <= SMALL else None)
    assert value.shape == (size,)


def test_a_number_of_numpy_is_a_value_without_dimensions():
    assert snapshot(np.float32(0.5)) == e.Value("0.5000", (), "float32", 0.5)
