"""`draw` shows live tensors as they are: names, graph, saved tensors and shared memory."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
import weakref
from xml.etree import ElementTree as ET

import pytest

import autograd_core as torch
from autograd_core import draw, record
from autograd_core.autograd import Function
from autograd_core.drawing import Picture

from .test_drawing_picture import NASTY, by, conditions, words


def e4() -> tuple[torch.Tensor, ...]:
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    c.zero_()
    return a, out, c, out.sum()


def drawn(shown: Picture) -> ET.Element:
    return ET.fromstring(shown.svg)


# ---- what is shown -------------------------------------------------------------------------------


def test_the_broken_graph_of_e4_is_drawn_without_a_recording():
    a, out, c, total = e4()
    assert str(draw(total)).splitlines() == [
        "`a` (leaf, requires_grad=True) holds `[1.2000, 3.4000, 5.6000]` in storage S0 at version "
        "0; its grad is None.",
        "Storage S1 is shared by `out` and `c`.",
        "`out` (requires_grad=True) holds `[0., 0., 0.]` in storage S1 at version 1; its grad_fn "
        "is SigmoidBackward0.",
        "`c` (detached, requires_grad=False) holds `[0., 0., 0.]` in storage S1 at version 1; it "
        "came from `out` by detach; its grad_fn is None: the graph is cut here.",
        "`total` (requires_grad=True) holds `0.` in storage S2 at version 0; its grad_fn is "
        "SumBackward0.",
        "AccumulateGrad adds to `a.grad`.",
        "SigmoidBackward0 passes gradients on to AccumulateGrad of `a`; it saved its result at "
        "version 0, which is now at version 1: broken.",
        "SumBackward0 passes gradients on to SigmoidBackward0.",
    ]


def test_the_picture_is_that_of_the_last_recorded_state():
    with record() as trace:
        a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        c.zero_()
    live, told = drawn(draw(out, c)), ET.fromstring(torch.picture(trace).svg)
    assert words(live) == words(told)
    markers = {slot for slot in by(told, "data-id") if slot in by(told, "data-slot")}
    assert by(live, "data-id").keys() == by(told, "data-id").keys() - markers
    assert conditions(live, "saved:n1:t1:0") == conditions(told, "saved:n1:t1:0") | {"new"}


def test_nothing_is_marked_as_changed_for_nothing_has_happened():
    a, out, c, total = e4()
    assert "changed" not in {
        word for each in drawn(draw(total)).iter() for word in each.get("data-is", "").split()
    }


def test_data_has_a_counter_of_its_own():
    a = torch.tensor([1.0], requires_grad=True)
    out = a.exp()
    c = out.data
    c.zero_()
    said = words(drawn(draw(out)))
    assert (said["t1.version"], said["t2.version"]) == ("v0", "own v1")
    assert said["link:t2.how"] == ".data"


def test_a_result_that_was_written_since_is_shown_beside_what_its_node_saved_and_is_no_cut():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (a * 2).relu()
    y += 1
    shown = draw(y)
    assert "`y` (requires_grad=True) holds `[3., 5.]`" in str(shown)
    assert "it came from `output of ReluBackward0` by a write; its grad_fn is AddBackward0" in str(shown)
    assert "it saved its result at version 0, which is now at version 1: broken" in str(shown)
    assert words(drawn(shown))["link:t2.how"] == "a write"


def test_views_and_their_nodes_stand_with_their_base():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x * 2
    row = y[0]
    said = words(drawn(draw(y)))
    assert said["t2.name"] == "row"
    assert said["t2.grad_fn"] == "grad_fn=<SelectBackward0>"
    assert said["link:t2.how"] == "view"
    assert "SelectBackward0 passes gradients on to MulBackward0" in str(draw(row))


def test_gradients_and_freed_nodes_are_shown_after_a_backward():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sin()
    total = out.sum()
    total.backward()
    assert words(drawn(draw(total)))["t0.grad"] == "grad=[0.5403, -0.4161]"
    assert "SinBackward0 passes gradients on to AccumulateGrad of `a`; it is freed" in str(
        draw(total)
    )


def test_a_result_that_only_its_node_still_holds_is_shown():
    a = torch.tensor([1.0], requires_grad=True)
    total = a.exp().sum()
    assert "`output of ExpBackward0`" in str(draw(total))


def test_a_detached_leaf_keeps_its_own_grad():
    a = torch.tensor([1.0], requires_grad=True)
    c = a.sigmoid().detach().requires_grad_()
    (c * c).sum().backward()
    assert words(drawn(draw(c)))["t0.grad"] == "grad=[1.4621]"


def test_a_users_function_and_its_saved_tensors_are_drawn():
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    a = torch.tensor([1.0], requires_grad=True)
    out = Double.apply(a)
    assert "DoubleBackward passes gradients on to AccumulateGrad of `a`; it saved `a`" in str(
        draw(out)
    )


def test_what_a_users_hook_has_packed_is_left_alone():
    def unpack(x):
        raise AssertionError("nobody asked for it")

    a = torch.tensor([1.0], requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda x: 1, unpack):
        out = a.exp()
    assert "ExpBackward0" in str(draw(out))


# ---- names ---------------------------------------------------------------------------------------


def test_names_are_those_of_the_callers_variables():
    first = second = torch.tensor([1.0])
    assert words(drawn(draw(first)))["t0.name"] == "first = second"
    assert str(draw(second)).startswith("`first = second`")


def test_names_can_be_given():
    a, b = torch.tensor([1.0]), torch.tensor([2.0])
    said = words(drawn(draw(a, b, names=["left", "right"])))
    assert (said["t0.name"], said["t1.name"]) == ("left", "right")
    assert words(drawn(draw(a, b, names=["same", "same"])))["t1.name"] == "same"
    assert words(drawn(draw(a, names="alone")))["t0.name"] == "alone"


def test_a_tensor_without_a_name_says_what_it_is():
    a = torch.tensor([1.0], requires_grad=True)
    assert "`output of MulBackward0`" in str(draw(a * 2))
    assert "`no name`" in str(draw(torch.tensor([1.0])))


def test_hostile_and_foreign_names_stay_text():
    shown = draw(torch.tensor([1.0]), names=[NASTY])
    assert words(ET.fromstring(shown.svg))["t0.name"] == NASTY
    assert "<b>" not in shown._repr_mimebundle_()["text/html"]
    損失 = torch.tensor([1.0])
    assert words(drawn(draw(損失)))["t0.name"] == "損失"
    assert len(words(drawn(draw(損失, names=["x" * 500])))["t0.name"]) <= 22


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(1.5),
        torch.tensor([]),
        torch.zeros(0, 3),
        torch.tensor([float("nan"), float("inf")]),
        torch.tensor([True, False]),
        torch.tensor([1, 2, 3]),
        torch.zeros(2, 3, 4),
    ],
    ids=lambda tensor: f"{tensor.dtype}{list(tensor.shape)}",
)
def test_any_tensor_is_drawn(tensor):
    said = words(drawn(draw(tensor, names=["it"])))
    assert said["t0.name"] == "it"
    assert said["t0.value.0"]


def test_ten_million_numbers_are_summarised_at_once():
    big = torch.zeros(10_000_000, requires_grad=True)
    before = time.process_time()
    said = words(drawn(draw(big * 2, big)))
    assert time.process_time() - before < 5
    assert said["t0.value.0"] == "[0., 0., 0., ..., 0.]"


def test_what_cannot_be_drawn_is_refused_with_a_sentence():
    a = torch.tensor([1.0])
    with pytest.raises(TypeError, match="draw\\(\\) needs a tensor"):
        draw()
    with pytest.raises(TypeError, match="takes tensors, and this is of type list"):
        draw([a])
    with pytest.raises(ValueError, match="2 tensors and 1 name$"):
        draw(a, a, names=["one"])


# ---- it only looks -------------------------------------------------------------------------------


def test_drawing_changes_nothing_and_keeps_nothing_alive():
    a, out, c, total = e4()
    seen, version = weakref.ref(c), out._version
    shown = draw(total)
    del c
    gc.collect()
    assert seen() is None
    assert out._version == version
    assert "`c`" in str(shown)


def test_drawing_is_no_part_of_a_recording():
    a = torch.tensor([1.0], requires_grad=True)
    with record() as trace:
        out = a.exp()
        before = len(trace.events)
        str(draw(out))
        assert len(trace.events) == before


def test_the_package_loads_drawing_only_when_it_is_asked_for():
    code = "import sys, autograd_core as a; print('graphviz' in sys.modules, a.draw.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "draw"]
