"""The recorder: what a run tells, event by event, and that listening changes nothing."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from autograd_core import record, tensor
from autograd_core.observe import slot
from autograd_core.recording import events as e

from .lessons import run, told

LEAF_AND_SIGMOID = [
    "t0 by tensor in s0 at c0@0: [1.2000, 3.4000, 5.6000] leaf, requires_grad",
    "t0 is a",
    "sigmoid(t0) -> t1 with n1",
    "n0 AccumulateGrad of t0",
    "n1 SigmoidBackward0 to n0.0",
    "t1 by sigmoid in s1 at c1@0: [0.7685, 0.9677, 0.9963] output 0 of n1, requires_grad",
    "n1 saves result t1 at c1@0",
    "t1 is out",
]
DETACHED = [
    "t2 is an alias of t1 by detach, same counter",
    "t2 by detach in s1 at c1@0: [0.7685, 0.9677, 0.9963] leaf",
    "t2 is c",
]
BACKWARD = [
    "n2 ran: 1. -> [1., 1., 1.]",
    "n1 ran: [1., 1., 1.] -> [0.1779, 0.0313, 0.0037]",
    "n1 freed",
    "n0 ran: [0.1779, 0.0313, 0.0037] -> nothing",
    "t0.grad [0.1779, 0.0313, 0.0037] stolen",
    "backward ended",
]
NO_GRAD_FN = "element 0 of tensors does not require grad and does not have a grad_fn"
MODIFIED = (
    "one of the variables needed for gradient computation has been modified by an inplace "
    "operation: [FloatTensor [3]], which is output 0 of Sigmoid, is at version 1; expected "
    "version 0 instead. Hint: enable anomaly detection to find the operation that failed to "
    "compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
)


def summed(out: str, total: str, value: str) -> list[str]:
    return [
        f"sum({out}) -> {total} with n2",
        "n2 SumBackward0 to n1.0",
        f"{total} by sum in s2 at c2@0: {value} output 0 of n2, requires_grad",
        f"backward from {total}",
    ]


# ---- the four examples, event by event -----------------------------------------------------------


def test_e1_is_told_event_by_event():
    trace = run(
        """
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        out.sum().backward()
        """
    )
    assert told(trace) == [
        *LEAF_AND_SIGMOID, *summed("t1", "t2", "2.7325"), *BACKWARD, "t2 deleted", "n2 deleted"
    ]  # fmt: skip


def test_e2_is_told_event_by_event():
    trace = run(
        """
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        out.sum().backward()
        """
    )
    assert told(trace) == [
        *LEAF_AND_SIGMOID, *DETACHED, *summed("t1", "t3", "2.7325"), *BACKWARD, "t3 deleted", "n2 deleted"
    ]  # fmt: skip


def test_e3_is_told_event_by_event():
    trace = run(
        """
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        c.sum().backward()
        """
    )
    assert told(trace) == [
        *LEAF_AND_SIGMOID,
        *DETACHED,
        "sum(t2) -> t3",
        "t3 by sum in s2 at c2@0: 2.7325 leaf",
        "backward from t3",
        f"RuntimeError: {NO_GRAD_FN}",
    ]


def test_e4_is_told_event_by_event():
    trace = run(
        """
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        c.zero_()
        out.sum().backward()
        """
    )
    assert told(trace) == [
        *LEAF_AND_SIGMOID,
        *DETACHED,
        "zero_ through t2 writes s1 c1@0->1: t1 [0., 0., 0.]; t2 [0., 0., 0.]",
        *summed("t1", "t3", "0."),
        "n2 ran: 1. -> [1., 1., 1.]",
        f"RuntimeError at n1.result, expected 0, found 1: {MODIFIED}",
    ]


def test_a_write_through_data_is_counted_by_a_counter_of_its_own_and_raises_nothing():
    trace = run(
        """
        a = tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.data
        c.zero_()
        out.sum().backward()
        """
    )
    assert told(trace)[8:12] == [
        "t2 is an alias of t1 by .data, own counter",
        "t2 by .data in s1 at c2@0: [0.7685, 0.9677, 0.9963] leaf",
        "t2 is c",
        "zero_ through t2 writes s1 c2@0->1: t1 [0., 0., 0.]; t2 [0., 0., 0.]",
    ]
    assert "t0.grad [0., 0., 0.] stolen" in told(trace)


# ---- what else happens to a tensor ---------------------------------------------------------------


def test_a_write_that_goes_into_history_tells_the_new_node_and_what_it_saved():
    trace = run(
        """
        a = tensor([2.0], requires_grad=True)
        out = a * 1
        out.exp_()
        """
    )
    assert told(trace)[-4:] == [
        "exp_ through t1 writes s1 c1@0->1: t1 [7.3891]",
        "t1 changed by exp_: output 0 of n2, requires_grad",
        "n2 ExpBackward0 to n1.0",
        "n2 saves result t1 at c1@1",
    ]


def test_a_write_through_a_view_tells_the_new_history_of_view_and_base():
    trace = run(
        """
        a = tensor([1.0, 2.0], requires_grad=True)
        x = a * 1
        v = x[0]
        v.exp_()
        """
    )
    assert told(trace)[-6:] == [
        "exp_ through t2 writes s1 c1@0->1: t1 [2.7183, 2.0000]; t2 2.7183",
        "t2 changed by exp_: output 0 of n4, requires_grad",
        "n3 CopySlices to n1.0",
        "n4 AsStridedBackward0 to n3.0",
        "t1 changed by exp_: output 0 of n3, requires_grad",
        "n3 saves result t2 at c1@1",
    ]


def test_a_view_of_what_was_written_has_its_new_history_from_its_next_use_on():
    trace = run(
        """
        a = tensor([1.0, 2.0], requires_grad=True)
        x = a * 1
        v = x[0]
        x.mul_(2)
        w = v * 3
        """
    )
    before, after = (trace.at(index).tensors["t2"].grad_fn for index in (-3, -2))
    assert (before, trace.at(-2).nodes[after].name) == ("n2", "AsStridedBackward0")
    assert "t2 changed by a write to its base: output 0 of n4, requires_grad" in told(trace)


def test_the_names_of_a_hook_are_told_and_those_of_the_core_are_not():
    trace = run(
        """
        def double(grad):
            return grad * 2
        a = tensor([1.0], requires_grad=True)
        out = a * 1
        out.register_hook(double)
        out.backward()
        """
    )
    names = {name for event in trace.events if isinstance(event, e.Named) for name in event.names}
    assert names == {"a", "out", "grad"}
    assert "h0 double ran: [1.] -> [2.]" in told(trace)


def test_flags_that_change_are_told():
    trace = run(
        """
        a = tensor([2.0])
        a.requires_grad_()
        out = a * 1
        out.retain_grad()
        out.detach_()
        """
    )
    assert told(trace, e.TensorChanged) == [
        "t0 changed by requires_grad_: leaf, requires_grad",
        "t1 changed by retain_grad: output 0 of n1, requires_grad, retains_grad",
        "t1 changed by detach_: leaf, retains_grad",
    ]


def test_a_retained_grad_is_told_with_the_node_at_which_it_was_complete():
    trace = run(
        """
        a = tensor([2.0], requires_grad=True)
        out = a * 3
        out.retain_grad()
        (out * out).backward()
        """
    )
    assert told(trace, e.NodeRan, e.GradAccumulated) == [
        "n2 ran: [1.] -> [6.] [6.]",
        "n1 ran: [12.] -> [36.] -",
        "t1.grad [12.] copied",
        "n0 ran: [36.] -> nothing",
        "t0.grad [36.] stolen",
    ]


def test_a_retained_grad_is_told_even_if_its_node_raises():
    trace = run(
        """
        a = tensor([2.0], requires_grad=True)
        out = a.sigmoid()
        out.retain_grad()
        out.detach().zero_()
        out.backward()
        """
    )
    assert told(trace)[-2] == "t1.grad [1.] copied"
    assert isinstance(trace.events[-1], e.ErrorRaised)


def test_grads_add_up_over_two_backwards():
    trace = run(
        """
        a = tensor([2.0], requires_grad=True)
        (a * 3).backward()
        (a * 4).backward()
        """
    )
    assert told(trace, e.GradAccumulated) == ["t0.grad [3.] stolen", "t0.grad [7.] added"]


def test_a_second_backward_raises_at_the_freed_node():
    trace = run(
        """
        a = tensor([2.0], requires_grad=True)
        out = a.exp()
        out.backward()
        out.backward()
        """
    )
    error = trace.events[-1]
    assert error.message.startswith("Trying to backward through the graph a second time")
    freed = [event.node for event in trace.events if isinstance(event, e.NodeFreed)]
    assert freed == [error.node]


def test_operations_without_a_gradient_have_no_node():
    trace = run(
        """
        a = tensor([2.0], requires_grad=True)
        with no_grad():
            b = a * 2
        """
    )
    assert told(trace, e.OpRan, e.NodeCreated) == ["mul(t0) -> t1"]


# ---- tensors that come and go --------------------------------------------------------------------


def test_a_tensor_is_deleted_when_its_last_name_lets_go():
    trace = run(
        """
        x = tensor([1.0])
        del x
        y = tensor([2.0])
        """
    )
    assert told(trace) == [
        "t0 by tensor in s0 at c0@0: [1.] leaf",
        "t0 deleted",
        "t1 by tensor in s1 at c1@0: [2.] leaf",
        "t1 is y",
    ]


def test_a_temporary_is_deleted_as_soon_as_nobody_needs_it():
    trace = run("x = (tensor([1.0]) + 1) * 2")
    assert told(trace, e.OpRan, e.TensorDeleted) == [
        "add(t0) -> t1", "t0 deleted", "mul(t1) -> t2", "t1 deleted"
    ]  # fmt: skip


def test_a_tensor_that_a_node_saved_is_not_deleted_with_its_name():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        b = a * 2
        c = b.sin()
        del b
        """
    )
    assert told(trace, e.TensorDeleted) == []
    assert told(trace)[-2:] == ["t1 is nameless", "t2 is c"]


def test_in_a_function_a_tensor_is_deleted_as_soon_as_at_the_top():
    trace = run(
        """
        def step():
            x = tensor([1.0])
            x = x + 1
            x = x + 1
            return x
        y = step()
        """
    )
    assert told(trace, e.OpRan, e.TensorDeleted) == [
        "add(t0) -> t1", "t0 deleted", "add(t1) -> t2", "t1 deleted"
    ]  # fmt: skip


def test_ids_follow_the_order_of_creation():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        for _ in range(5):
            a = a * 2
        """
    )
    for kind, field in ((e.TensorCreated, "tensor"), (e.NodeCreated, "node")):
        ids = [getattr(event, field) for event in trace.events if isinstance(event, kind)]
        assert ids == [f"{field[0]}{i}" for i in range(len(ids))] and len(ids) > 4


def test_an_id_is_not_given_again_when_memory_is_used_again():
    trace = run(
        """
        for value in range(20):
            x = tensor([float(value)])
            del x
        """
    )
    created = [event for event in trace.events if isinstance(event, e.TensorCreated)]
    assert len({event.tensor for event in created}) == 20
    assert len({event.storage for event in created}) == 20
    assert len({event.counter for event in created}) == 20


def test_tensors_older_than_the_recording_are_introduced_with_their_graph():
    a = tensor([1.0], requires_grad=True)
    older = a.exp() * 2
    trace = run("older.backward()", names={"older": older})
    assert told(trace)[:7] == [
        "t1 by before the recording in s0 at c0@0: [1.] leaf, requires_grad",
        "n0 AccumulateGrad of t1",
        "n1 ExpBackward0 to n0.0",
        "n2 MulBackward0 to n1.0 none",
        "t0 by before the recording in s1 at c1@0: [5.4366] output 0 of n2, requires_grad",
        "t0 is older",
        "backward from t0",
    ]


def test_a_tensor_older_than_the_recording_has_its_name_from_its_first_step_on():
    b = tensor([1.0])
    for source in ("c = b + 1", "b.zero_()", "c = b.detach()", "b.requires_grad_()"):
        assert run(source, names={"b": b}).at(1).tensors["t0"].name == "b"


# ---- two runs are equal --------------------------------------------------------------------------

PROGRAM = """\
from autograd_core import record, tensor

with record() as trace:
    a = tensor([1.2, 3.4], requires_grad=True)
    out = (a.sigmoid() * a).exp()
    c = out.detach()
    c.mul_(2)
    try:
        out.sum().backward()
    except RuntimeError:
        pass
for event in trace.events:
    print(event)
print(trace.sources)
"""


def test_two_runs_in_one_process_are_equal():
    source = PROGRAM.split("as trace:\n")[1].split("for event")[0]
    lines = "\n".join(line[4:] for line in source.splitlines())
    first, second = run(lines), run(lines)
    assert first.events == second.events
    assert first.sources == second.sources


def test_two_processes_in_two_directories_give_equal_events(tmp_path):
    program = tmp_path / "programs" / "lesson.py"
    program.parent.mkdir()
    program.write_text(PROGRAM, encoding="utf-8")
    root = Path(__file__).resolve().parent.parent
    said = [
        subprocess.run(
            [sys.executable, path],
            cwd=cwd,
            env={"PYTHONPATH": str(root), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for cwd, path, seed in (
            (tmp_path, "programs/lesson.py", "1"),
            (program.parent, "lesson.py", "2"),
            (root, str(program), "3"),
        )
    ]
    assert said[0] == said[1] == said[2]
    assert "ErrorRaised" in said[0] and str(tmp_path) not in said[0]


# ---- errors --------------------------------------------------------------------------------------


def test_an_error_that_is_caught_inside_is_told_once_and_the_recording_goes_on():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        out = a.sigmoid()
        out.detach().zero_()
        try:
            out.backward()
        except RuntimeError:
            pass
        b = a + 1
        """
    )
    assert len([event for event in trace.events if isinstance(event, e.ErrorRaised)]) == 1
    assert told(trace)[-1] == "t3 is b"


def test_an_error_that_is_caught_keeps_no_tensor_alive():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        out = a.sigmoid()
        out.detach().zero_()
        try:
            out.sum().backward()
        except RuntimeError:
            pass
        """
    )
    assert told(trace)[-2:] == ["t3 deleted", "n2 deleted"]


ERRORS = ["x.zero_()", "x + tensor([1.0, 2.0, 3.0])", "-tensor([True])", "1 / 0", "y"]


@pytest.mark.parametrize("source", ERRORS)
def test_an_error_that_leaves_the_recording_is_its_last_event(source):
    trace = run(f"x = tensor([1.0, 2.0], requires_grad=True)\n{source}")
    error = trace.events[-1]
    assert isinstance(error, e.ErrorRaised) and error.node is None
    assert (error.place.line, error.place.text.strip()) == (3, source)


def test_an_error_that_leaves_a_function_is_told_with_the_functions_names_and_line():
    trace = run(
        """
        def step(x):
            y = x * 2
            raise ValueError("stop")
        step(tensor([1.0]))
        """
    )
    assert told(trace, e.Named, e.ErrorRaised) == ["t0 is x", "t1 is y", "ValueError: stop"]
    assert (trace.events[-1].place.line, trace.events[-1].place.function) == (4, "step")


def test_an_error_from_the_core_goes_on_its_way():
    with pytest.raises(RuntimeError, match=NO_GRAD_FN):
        with record():
            tensor(1.0).backward()


def test_the_same_error_in_two_recordings_is_told_in_both():
    def fail():
        raise error

    error, traces = ValueError("again"), []
    for _ in range(2):
        with pytest.raises(ValueError), record() as trace:
            fail()
        traces.append(trace)
    assert [told(trace) for trace in traces] == [["ValueError: again"]] * 2


# ---- the slot ------------------------------------------------------------------------------------


def test_nothing_is_recorded_after_the_end():
    with record() as trace:
        a = tensor([1.0])
    before = len(trace)
    b = a + 1
    del a, b
    assert len(trace) == before and slot.listener is None


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_of_any_kind_leaves_the_slot_free(error):
    with pytest.raises(error), record():
        raise error
    assert slot.listener is None
    with record() as trace:
        tensor([1.0])
    assert len(trace) == 2


def test_a_recording_inside_a_recording_is_refused_and_the_outer_one_goes_on():
    with record() as trace:
        with pytest.raises(RuntimeError, match="a recording is running already: end it before"):
            with record():
                pass
        a = tensor([1.0])
    assert told(trace) == ["t0 by tensor in s0 at c0@0: [1.] leaf", "t0 is a"]
    del a


def test_one_recorder_can_be_used_again_and_begins_anew():
    recorder = record()
    with recorder as first:
        a = tensor([1.0])
    with recorder as second:
        b = tensor([2.0])
    assert [told(trace)[-1] for trace in (first, second)] == ["t0 is a", "t0 is b"]
    del a, b


def test_another_thread_is_not_recorded():
    def work():
        x = tensor([1.0], requires_grad=True)
        (x * 2).backward()

    with record() as trace:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert told(trace) == []


# ---- listening changes nothing -------------------------------------------------------------------


def test_no_tensor_is_kept_alive_by_a_trace():
    gc.disable()
    try:
        with record() as trace:
            a = tensor([1.0], requires_grad=True)
            out = a.exp()
        tensors = [weakref.ref(each) for each in (a, out)]
        del a, out
        assert [each() for each in tensors] == [None, None]
    finally:
        gc.enable()
    assert len(trace)


def test_no_variable_of_a_function_that_recorded_is_kept_alive():
    def lesson():
        with record() as trace:
            a = tensor([1.0], requires_grad=True)
            a.exp().backward()
        return trace, weakref.ref(a)

    gc.disable()
    try:
        trace, a = lesson()
        assert a() is None
    finally:
        gc.enable()
    assert len(trace)


def test_no_variable_of_a_function_that_was_called_is_kept_alive():
    def work():
        x = tensor([1.0])
        seen.append(weakref.ref(x))
        y = x + 1
        del x
        assert seen[0]() is None
        return y

    seen: list = []
    gc.disable()
    try:
        with record():
            work()
    finally:
        gc.enable()
    assert len(seen) == 1


def test_the_users_locals_are_left_as_they_are():
    def work():
        x = tensor([1.0])
        held = locals()
        y = x + 1
        return held["x"] is x, y

    with record():
        same, _ = work()
    assert same


def test_a_variable_that_runs_code_when_it_is_asked_for_its_class_is_not_asked():
    class Proxy:
        @property
        def __class__(self):
            raise AssertionError("asked")

    with record() as trace:
        proxy = Proxy()
        a = tensor([1.0])
    assert told(trace)[-1] == "t0 is a"
    del proxy, a


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_recorded_run_computes_what_an_unrecorded_one_does(create_graph):
    def lesson() -> list:
        a = tensor([1.0, 2.0], requires_grad=True)
        b = tensor([3.0, 4.0], requires_grad=True)
        out = a * b + a
        out.retain_grad()
        (out.exp() + out + b.sum()).sum().backward(create_graph=create_graph)
        (a + b).sum().backward()
        found = [a, b, out, a.grad, b.grad, out.grad]
        return [(each.tolist(), each._version, str(each.grad_fn)[:12]) for each in found]

    alone = lesson()
    with record():
        recorded = lesson()
    assert recorded == alone
