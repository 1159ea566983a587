"""The fold: what is true after each step, from events alone."""

from __future__ import annotations

import pytest

from autograd_core.recording import events as e
from autograd_core.recording.state import Alias, Saved, State
from autograd_core.recording.trace import Trace

from .lessons import run

E4 = """
a = tensor([1.2, 3.4, 5.6], requires_grad=True)
out = a.sigmoid()
c = out.detach()
c.zero_()
out.sum().backward()
"""


@pytest.fixture(scope="module")
def e4() -> Trace:
    return run(E4)


def texts(state: State) -> dict[str, str]:
    return {tensor.name: tensor.value.text for tensor in state.tensors.values()}


def openers(trace: Trace) -> list[str]:
    return [type(step.events[0]).__name__ for step in trace.steps]


# ---- steps -------------------------------------------------------------------------------------


def test_each_moment_of_e4_is_a_step(e4):
    assert openers(e4) == [
        "TensorCreated",
        "OpRan",
        "AliasMade",
        "VersionBumped",
        "OpRan",
        "BackwardStarted",
        "NodeRan",
        "ErrorRaised",
    ]


def test_the_steps_hold_all_events_once_and_in_order(e4):
    assert [event for step in e4.steps for event in step.events] == e4.events
    assert [step.index for step in e4.steps] == list(range(8))


def test_a_step_has_the_name_that_its_tensor_is_given(e4):
    assert e4.at(2).tensors["t1"].names == ("out",)


def test_a_step_has_the_line_that_caused_it(e4):
    assert [step.place.line for step in e4.steps] == [2, 3, 4, 5, 6, 6, 6, 6]


def test_a_write_that_gives_a_new_grad_fn_is_one_step():
    trace = run("a = tensor([2.0], requires_grad=True)\nout = a * 1\nout.exp_()")
    assert openers(trace) == ["TensorCreated", "OpRan", "VersionBumped"]
    assert trace.at(-1).tensors["t1"].grad_fn == "n2"


def test_what_a_node_accumulated_and_freed_belongs_to_its_step():
    trace = run("a = tensor([2.0], requires_grad=True)\na.exp().backward()")
    last = trace.steps[-1]
    assert last.find(e.NodeRan).node == "n0" and last.find(e.GradAccumulated).tensor == "t0"
    assert trace.steps[-2].find(e.NodeFreed).node == "n1"


def test_a_step_finds_nothing_of_a_kind_it_does_not_have(e4):
    assert e4.steps[0].find(e.NodeRan) is None


def test_no_events_make_no_steps():
    assert list(Trace().steps) == []


def test_an_earlier_state_is_untouched_by_what_comes_later(e4):
    states = [step.state for step in e4.steps]
    assert texts(states[2])["out"] == texts(states[2])["c"] == "[0.7685, 0.9677, 0.9963]"
    assert texts(states[3])["out"] == texts(states[3])["c"] == "[0., 0., 0.]"
    assert [len(state.tensors) for state in states] == [1, 2, 3, 3, 4, 4, 4, 4]


# ---- memory and versions -----------------------------------------------------------------------


def test_aliases_stand_in_one_storage_with_one_version(e4):
    state = e4.at(4)
    assert [[tensor.name for tensor in inside] for inside in state.storages.values()] == [
        ["a"], ["out", "c"]
    ]  # fmt: skip
    assert state.version("t1") == state.version("t2") == 1 and state.version("t0") == 0
    assert state.aliases == [Alias("t1", "t2", "detach", same_counter=True)]


def test_data_stands_in_the_same_storage_with_a_version_of_its_own():
    state = run(E4.replace("detach()", "data")).at(4)
    assert state.tensors["t1"].storage == state.tensors["t2"].storage
    assert (state.version("t1"), state.version("t2")) == (0, 1)
    assert texts(state)["out"] == "[0., 0., 0.]"


def test_a_saved_tensor_is_mismatched_from_the_write_on(e4):
    (saved,) = e4.at(-1).saved
    assert saved == Saved("n1", "result", "t1", "c1", expected=0)
    assert [bool(s.state.saved and s.state.mismatched(saved)) for s in e4.steps] == [
        *[False] * 3, *[True] * 5
    ]  # fmt: skip


def test_what_a_freed_node_saved_can_no_longer_be_mismatched():
    state = run(
        """
        a = tensor([1.0], requires_grad=True)
        out = a.sigmoid()
        out.backward()
        out.detach().zero_()
        """
    ).at(-1)
    (saved,) = state.saved
    assert state.nodes["n1"].freed and not state.mismatched(saved)


# ---- tensors -----------------------------------------------------------------------------------


def test_a_tensor_is_known_by_its_names_then_its_expression_then_its_operation():
    made = run("x = y = tensor([1.0])\ntensor([2.0]) + x").at(-1).tensors
    names = [tensor.name for tensor in made.values()]
    assert names == ["x = y", "tensor([2.0])", "tensor([2.0]) + x"]
    plain = e.TensorCreated(
        tensor="t0", storage="s0", counter="c0", version=0, value=e.Value("1.", (), "float32"),
        op="mul", requires_grad=False, is_leaf=True,
    )  # fmt: skip
    assert Trace([plain]).at(1).tensors["t0"].name == "mul"


@pytest.mark.parametrize(
    ("source", "tensor", "cut"),
    [
        ("c = out.detach()", "t2", "detach"),
        ("c = out.data", "t2", ".data"),
        ("out.detach_()", "t1", "detach_"),
        ("c = out.detach().requires_grad_()", "t2", "detach"),
        ("c = out * 2", "t2", None),
    ],
)
def test_a_cut_says_how_history_was_lost(source, tensor, cut):
    state = run(f"out = tensor([1.0], requires_grad=True) * 1\n{source}").at(-1)
    assert state.tensors[tensor].cut == cut


def test_a_deleted_tensor_stays_in_the_state_and_says_so():
    state = run("x = tensor([1.0])\ndel x").at(-1)
    assert state.tensors["t0"].deleted


def test_grads_are_there_from_the_node_that_added_them():
    trace = run("a = tensor([2.0], requires_grad=True)\n(a * 3).backward()\n(a * 4).backward()")
    grads = [step.state.tensors["t0"].grad for step in trace.steps]
    said = [None if grad is None else grad.text for grad in grads]
    assert list(dict.fromkeys(said)) == [None, "[3.]", "[7.]"]


# ---- nodes and backward ------------------------------------------------------------------------


def test_nodes_run_one_after_another():
    trace = run("a = tensor([2.0], requires_grad=True)\na.exp().sin().backward()")
    assert [[node.status for node in step.state.nodes.values()] for step in trace.steps[3:]] == [
        ["waiting", "waiting", "waiting"],
        ["waiting", "waiting", "running"],
        ["waiting", "running", "ran"],
        ["ran", "ran", "ran"],  # the last step has the end of the backward in it
    ]


def test_backward_is_on_between_its_start_and_its_end():
    trace = run("a = tensor([2.0], requires_grad=True)\na.exp().backward()\nb = a + 1")
    on = {openers(trace)[i]: step.state.in_backward for i, step in enumerate(trace.steps)}
    assert on["BackwardStarted"] and not on["OpRan"]


def test_a_second_backward_finds_all_nodes_waiting_again():
    trace = run(
        """
        a = tensor([2.0], requires_grad=True)
        out = a.exp()
        out.backward(retain_graph=True)
        out.backward()
        """
    )
    starts = [step.state for step in trace.steps if step.find(e.BackwardStarted)]
    assert [{node.status for node in state.nodes.values()} for state in starts] == [{"waiting"}] * 2
    assert all(node.grads_in == () for node in starts[1].nodes.values())


def test_the_node_that_raised_says_so_and_the_state_has_the_error(e4):
    state = e4.at(-1)
    assert {node.id: node.status for node in state.nodes.values()} == {
        "n0": "waiting", "n1": "raised", "n2": "ran"
    }  # fmt: skip
    assert state.error.node == "n1" and not state.in_backward
    assert e4.at(-2).error is None
