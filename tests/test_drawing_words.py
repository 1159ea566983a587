"""What is told of each step, and what a picture says in words: true, whole, the same everywhere."""

from __future__ import annotations

import contextlib
import re

import pytest

import autograd_core
from autograd_core import inference_mode, picture, record, tensor
from autograd_core.drawing import lanes, scene
from autograd_core.drawing.describe import describe
from autograd_core.drawing.narrate import narrate
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

from . import lessons, traces


def recorded_e1() -> Trace:
    with record() as trace:
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        out.sum().backward()
    return trace


def recorded_e2() -> Trace:
    with record() as trace:
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()  # noqa: F841  (never used: that is the example)
        out.sum().backward()
    return trace


def recorded_e3() -> Trace:
    with contextlib.suppress(RuntimeError), record() as trace:
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        c.sum().backward()
    return trace


def recorded_e4() -> Trace:
    with contextlib.suppress(RuntimeError), record() as trace:
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        c.zero_()
        out.sum().backward()
    return trace


def recorded_data() -> Trace:
    with record() as trace:
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.data
        c.zero_()
        out.sum().backward()
    return trace


ALL = ["e1", "e2", "e3", "e4", "data"]


def test_e4_is_told_step_by_step():
    assert narrate(traces.e4()) == [
        "`a` is a leaf that requires grad. It holds `[1.2000, 3.4000, 5.6000]`, in storage S0 at "
        "version 0.",
        "`out = a.sigmoid()` makes a new tensor that holds `[0.7685, 0.9677, 0.9963]`. Its grad_fn "
        "is SigmoidBackward0, which saves its result at version 0. AccumulateGrad will add what "
        "arrives to `a.grad`.",
        "`c = out.detach()` makes a second tensor on the memory of `out`: the same storage and the "
        "same version counter, but no grad_fn. The graph is cut between the two.",
        "`c.zero_()` writes into the storage that `out` and `c` share, which now holds "
        "`[0., 0., 0.]`. Its version goes from 0 to 1. SigmoidBackward0 saved its result at "
        "version 0: its backward would raise.",
        "`out.sum()` makes a new tensor that holds `0.`. Its grad_fn is SumBackward0, which saves "
        "no tensor.",
        "The backward pass starts at `out.sum()` and follows its grad_fn.",
        "SumBackward0 gets the gradient `1.` and passes on `[1., 1., 1.]`.",
        "SigmoidBackward0 expects its result at version 0 and finds version 1: RuntimeError.",
    ]


def test_a_write_through_data_that_nobody_keeps_is_told_as_what_it_is():
    with record() as trace:
        out = tensor([1.2], requires_grad=True).sigmoid()
        out.data.zero_()
    assert (
        "Only the counter of `out.data` goes from 0 to 1; the one of `out` stays at 0"
        in (narrate(trace)[-1])
    )


def test_an_operator_that_writes_is_told_as_it_stands_in_the_line():
    with record() as trace:
        a = tensor([1.0, 1.0])
        a += 1
        a[0] = 5
        a[0] += 2
        a[a > 3] = 0
    said = [text for text in narrate(trace) if "writes into" in text]
    writers = ["`a += 1`", "`a[0] = 5`", "`a[0] += 2`", "`a[0].copy_`", "`a[a > 3] = 0`"]
    assert [text.partition(" writes")[0] for text in said] == writers
    assert not any("before the recording" in text for text in narrate(trace))


def test_a_write_through_data_is_told_as_what_it_is():
    write = narrate(traces.data())[3]
    assert "Only the counter of `c` goes from 0 to 1; the one of `out` stays at 0." in write
    assert "will not notice: its gradient will be computed from the changed values" in write


def test_a_write_through_data_deceives_nobody_who_will_raise_anyhow():
    with record() as trace:
        out = tensor([1.2], requires_grad=True).sigmoid()
        out.detach().zero_()
        out.data.fill_(0.5)
        with pytest.raises(RuntimeError, match="expected version 0"):
            out.sum().backward()
    first, second = (text for text in narrate(trace) if "writes into" in text)
    assert "its backward would raise" in first
    assert "will not notice" not in second


@pytest.mark.filterwarnings("ignore::autograd_core.errors.SilentCorruption")
def test_a_sentence_on_a_wrong_gradient_begins_as_sentences_do():
    weights = [tensor([0.5, 1.5], requires_grad=True)]
    with record() as trace:
        out = weights[0].exp()
        out.data.zero_()
        out.sum().backward()
    said = "The grad of `weights[0]` is wrong: it should be "
    assert f"{said}`[1.6487, 4.4817]`." in narrate(trace)[-1]
    assert f"{said}[1.6487, 4.4817]." in str(picture(trace))


def test_the_end_of_e1_is_told():
    *_, sigmoid, leaf = narrate(traces.e1())
    assert sigmoid.endswith(
        "It used its result, at the version that it expects, and lets go of it."
    )
    assert leaf == (
        f"AccumulateGrad adds `{traces.GRAD}` to `a.grad`, which is now `{traces.GRAD}`. The "
        "backward pass is complete. Nothing refers to `out.sum()` and SumBackward0 any more: they are "
        "gone."
    )


def test_e3_is_told_why_it_raises():
    *_, total, start, error = narrate(traces.e3())
    assert "No input requires grad, so no node is recorded: its grad_fn is None." in total
    assert start == "`backward()` is called on `c.sum()`, which has no grad_fn to follow."
    assert error == f"This raises RuntimeError: {traces.NO_GRAD_FN}."


def test_e4_is_described():
    assert describe(traces.e4().at(4)).splitlines() == [
        "`a` (leaf, requires_grad=True) holds `[1.2000, 3.4000, 5.6000]` in storage S0 at version "
        "0; its grad is None.",
        "Storage S1 is shared by `out` and `c`.",
        "`out` (requires_grad=True) holds `[0., 0., 0.]` in storage S1 at version 1; its grad_fn "
        "is SigmoidBackward0.",
        "`c` (detached, requires_grad=False) holds `[0., 0., 0.]` in storage S1 at version 1; it "
        "came from `out` by detach; its grad_fn is None: the graph is cut here.",
        "AccumulateGrad adds to `a.grad`.",
        "SigmoidBackward0 passes gradients on to AccumulateGrad of `a`; it saved its result at "
        "version 0, which is now at version 1: broken.",
    ]


def test_a_counter_of_its_own_is_described():
    assert "at version 1 of a counter of its own; it came from `out` by .data" in describe(
        traces.data().at(4)
    )


@pytest.mark.parametrize("name", ALL)
def test_a_recorded_run_is_told_as_the_one_written_by_hand(name):
    trace = globals()[f"recorded_{name}"]()
    assert narrate(trace) == narrate(getattr(traces, name)())


@pytest.mark.parametrize("name", ALL)
def test_no_two_steps_in_a_row_are_told_alike(name):
    told = narrate(getattr(traces, name)())
    assert all(one != other for one, other in zip(told, told[1:], strict=False))


@pytest.mark.parametrize("name", ALL)
def test_words_have_no_address_and_every_sentence_an_end(name):
    trace = getattr(traces, name)()
    said = [*narrate(trace), *describe(trace.at(-1)).splitlines()]
    for sentence in said:
        assert not re.search(r"0x[0-9a-f]{6}", sentence)
    assert all(sentence.endswith(".") for sentence in narrate(trace))


def test_long_values_are_told_by_their_shape():
    held = e.Value("[" + "1., " * 60 + "]", (60,), "float32")
    made = e.TensorCreated(
        tensor="t0",
        storage="s0",
        counter="c0",
        version=0,
        value=held,
        op="ones",
        requires_grad=False,
        is_leaf=True,
    )
    assert "It holds values of shape (60,)" in narrate(Trace([made]))[0]


def test_nothing_is_told_of_an_empty_trace():
    assert narrate(Trace()) == []


def test_a_recording_that_ends_in_an_error_and_nothing_else_is_told():
    trace = Trace([e.ErrorRaised(type="ValueError", message="no")])
    assert narrate(trace) == ["This raises ValueError: no."]
    assert describe(trace.at(-1)) == "ValueError was raised: no"


def test_of_a_write_that_inference_mode_does_not_count_no_versions_are_told():
    with record() as trace, inference_mode():
        made = tensor([1.0])
        made.add_(1)
    assert narrate(trace)[-1].endswith(
        "which now holds `[2.]`. What inference mode makes has no version counter: nobody counts the write."
    )


def test_a_tensor_with_several_names_is_called_as_the_line_at_hand_calls_it():
    trace = lessons.run(
        """
        a = tensor([1.2, 3.4], requires_grad=True)
        out = a.exp()
        other = out
        other.zero_()
        out += 1
        """
    )
    made, written, added = narrate(trace)[1:4]
    assert made.startswith("`out = a.exp()` makes a new tensor")
    assert written.startswith("`other.zero_()` writes into the storage of `other`")
    assert added.startswith("`out += 1` writes into the storage of `out`")
    assert "`out += 1` took it to version 2" in str(lanes(trace))
    assert "`out = other` (requires_grad=True)" in describe(trace.at(-1))


def test_a_write_by_a_function_is_told_in_the_users_words_and_one_among_others_is_not():
    lines = "torch.zero_(c)", "torch.relu_(c.detach())", "d = torch.zero_(c)"
    trace = lessons.run("c = torch.ones(2)\n" + "\n".join(lines), names={"torch": autograd_core})
    told = [text.partition(" writes into")[0] for text in narrate(trace) if "writes into" in text]
    assert told == ["`torch.zero_(c)`", "`torch.relu_(c.detach())`", "`c.zero_`"]


def test_a_matrix_is_told_by_its_shape_on_its_card_and_in_sentences():
    trace = lessons.run("a = tensor([[0.0] * 20] * 4)")
    (tensor,) = trace.at(-1).tensors.values()
    assert tensor.value.text == "values of shape (4, 20)"
    assert "It holds values of shape (4, 20), in storage S0" in narrate(trace)[0]


def test_a_tensor_whose_variable_holds_another_one_is_called_by_that_variable_all_the_same():
    trace = lessons.run(
        """
        y = tensor([1.0], requires_grad=True)
        y = y * 3
        y.backward()
        """
    )
    leaf, product = trace.at(-1).tensors.values()
    assert (leaf.name, product.name) == ("y (earlier)", "y")
    assert "adds `[3.]` to the grad of `y (earlier)`" in narrate(trace)[-1]


@pytest.mark.parametrize(
    "program, told",
    [
        ("m = tensor([1.0, 2.0])\nm[0] = 5", "of `m`, which now holds `[5., 2.]`."),
        (
            "m = tensor([1.0, 2.0])\nrow = m[:1]\nrow.zero_()",
            "`m` and `row` share, which now holds `[0., 2.]`.",
        ),
        (
            "m = tensor([1.0, 2.0])\nrow = m[:1].data\ndel m\nrow.zero_()",
            "of `row`; `row` now holds `[0.]`.",
        ),
        (
            "m = tensor([1.0, 2.0])\nrow = m[:1]\nflat = m.detach().numpy()\nflat[1] = 7\nrow + 1",
            "`m` and `row` share, which now holds `[1., 7.]`.",
        ),
    ],
)
def test_what_a_storage_is_told_to_hold_is_all_of_it_or_said_of_a_tensor_that_holds_that(
    program, told
):
    (said,) = [text for text in narrate(lessons.run(program)) if "into the storage" in text]
    assert told in said


def test_only_where_there_is_a_history_a_detach_is_called_a_cut():
    for requires_grad, expected in ((True, 1), (False, 0)):
        for way in ("detach()", "data"):
            trace = lessons.run(
                f"a = tensor([1.0], requires_grad={requires_grad})\nc = a.exp().{way}\nc.zero_()"
            )
            told = "\n".join([*narrate(trace), describe(trace.at(-1))])
            assert len(re.findall(r"^.*`c.* cut", told, re.MULTILINE)) == 2 * expected, told
            (box,) = [box for box in scene.build(trace).boxes.values() if box.links]
            assert [link.is_cut for link in box.links.values()] == [bool(expected)]


def test_a_tensor_that_had_no_history_is_not_cut_by_detaching_it_in_place():
    trace = lessons.run("a = tensor([1.0])\na.detach_()")
    assert trace.at(-1).tensors["t0"].cut is None
