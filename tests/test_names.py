"""The user's variables: which names hold which tensor, and from when to when."""

from __future__ import annotations

from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

from .lessons import run, told


def named(trace: Trace) -> list[str]:
    return told(trace, e.Named)


def test_unpacking_gives_each_tensor_its_name():
    trace = run("x, (y, z) = tensor([1.0]), [tensor([2.0]), tensor([3.0])]")
    assert named(trace) == ["t0 is x", "t1 is y", "t2 is z"]


def test_a_name_moves_to_the_tensor_it_is_bound_to_next():
    trace = run(
        """
        x = tensor([1.0])
        y = x
        x = x + 1
        """
    )
    assert named(trace) == ["t0 is x = y", "t0 is y", "t1 is x"]


def test_two_names_that_are_swapped_are_told_as_swapped():
    trace = run(
        """
        x, y = tensor([1.0]), tensor([2.0])
        z = x + y
        x, y = y, x
        """
    )
    assert named(trace) == ["t0 is x", "t1 is y", "t0 is y", "t1 is x", "t2 is z"]


def test_a_deleted_name_is_told_where_another_keeps_the_tensor():
    trace = run(
        """
        x = y = tensor([1.0])
        z = x + 1
        del x
        """
    )
    assert named(trace) == ["t0 is x = y", "t0 is y", "t1 is z"]


def test_a_tensor_in_a_list_alone_has_no_name():
    trace = run("parts = [tensor([1.0]), tensor([2.0])]")
    assert named(trace) == []


def test_in_a_loop_the_name_goes_from_one_tensor_to_the_next():
    trace = run(
        """
        x = tensor([1.0])
        for _ in range(3):
            x = x * 2
        """
    )
    assert told(trace, e.Named, e.TensorDeleted) == [
        "t0 is x", "t0 deleted", "t1 is x", "t1 deleted", "t2 is x", "t2 deleted", "t3 is x"
    ]  # fmt: skip


def test_a_functions_names_are_told_while_it_runs_and_the_callers_stay():
    trace = run(
        """
        def double(x):
            y = x * 2
            return y + 0
        a = tensor([1.0])
        b = double(a)
        """
    )
    assert named(trace) == ["t0 is x = a", "t1 is y", "t0 is a", "t2 is b"]


def test_a_name_of_a_callers_caller_is_seen_too():
    trace = run(
        """
        def inner():
            return 1 + tensor([1.0])
        def outer():
            kept = tensor([5.0])
            return kept, inner()
        pair = outer()
        """
    )
    assert "t0 is kept" in named(trace)


def test_in_a_comprehension_the_loops_name_is_seen():
    trace = run("a = tensor([1.0])\nparts = [a * 2 + 1 for n in range(2)]")
    assert named(trace) == ["t0 is a"]
    trace = run("parts = [x * 2 for x in (tensor([1.0]), tensor([2.0]))]")
    assert named(trace)[:1] == ["t0 is x"]


def test_private_names_are_not_told():
    assert named(run("_ = tensor([1.0])\n_hidden = tensor([2.0])")) == []


def test_what_is_no_tensor_has_no_name():
    assert named(run("x = tensor([1.0]).tolist()\ny = x")) == []


def test_an_attribute_is_no_name_but_the_expression_tells_the_tensor():
    trace = run(
        """
        class Layer:
            pass
        layer = Layer()
        layer.weight = tensor([1.0])
        """
    )
    assert named(trace) == []
    assert trace.at(-1).tensors["t0"].name == "tensor([1.0])"
