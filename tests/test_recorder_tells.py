"""What else the recorder tells: gradients by hand, hooks, other memory, errors that were caught."""

from __future__ import annotations

import pytest

from autograd_core import enable_grad
from autograd_core.recording import events as e

from .lessons import run, told


# ---- .grad -------------------------------------------------------------------------------------


def test_a_gradient_set_by_hand_is_told_and_so_is_its_end():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        a.grad = tensor([5.0])
        a.grad = None
        a.grad = tensor([6.0])
        del a.grad
        """
    )
    assert told(trace, e.GradSet) == [
        "t0.grad [5.] by .grad =", "t0.grad None by .grad =",
        "t0.grad [6.] by .grad =", "t0.grad None by .grad =",
    ]  # fmt: skip
    assert trace.at(-1).tensors["t0"].grad is None


@pytest.mark.parametrize(
    ("write", "op", "held"),
    [
        ("a.grad.zero_()", "zero_", "[0., 0.]"),
        ("a.grad[0] = 9", "copy_", "[9., 1.]"),
        ("g = a.grad.detach()\ng.mul_(3)", "mul_", "[3., 3.]"),
        ("a.grad.data.add_(1)", "add_", "[2., 2.]"),
    ],
)
def test_a_write_to_a_gradient_is_told_of_whose_it_is(write, op, held):
    trace = run(f"a = tensor([1.0, 2.0], requires_grad=True)\na.sum().backward()\n{write}")
    assert told(trace, e.GradSet) == [f"t0.grad {held} by {op}"]
    assert trace.at(-1).tensors["t0"].grad.text == held


def test_a_gradient_that_somebody_holds_is_told_as_what_it_is_and_as_written_by_backward():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        (a * 2).backward()
        g = a.grad
        b = g + 1
        (a * 3).backward()
        """
    )
    (held,) = (each for each in trace.events if getattr(each, "op", "") == ".grad")
    assert (held.expression, trace.at(-1).tensors[held.tensor].names) == ("a.grad", ("g",))
    assert told(trace, e.GradAccumulated) == ["t0.grad [2.] stolen", "t0.grad [5.] added"]
    (bump,) = told(trace, e.VersionBumped)
    assert bump == f"backward through {held.tensor} writes s2 c2@0->1: {held.tensor} [5.]"
    assert trace.at(-1).tensors[held.tensor].value.text == "[5.]"


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")
def test_a_gradient_with_a_graph_is_summed_into_a_new_tensor():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        (a * a).backward(create_graph=True)
        (a * a).backward(create_graph=True)
        """
    )
    assert [line.split()[-1] for line in told(trace, e.GradAccumulated)] == ["copied", "summed"]


def test_a_gradient_that_was_there_before_the_recording_is_told_with_its_tensor():
    from autograd_core import tensor

    a = tensor([1.0], requires_grad=True)
    a.grad = tensor([4.0])
    assert "t0.grad [4.] by before the recording" in told(run("b = a * 2", names={"a": a}))


def test_what_backward_starts_with_and_puts_into_grad_is_not_from_before_the_recording():
    from autograd_core import autograd

    trace = run("a = tensor(2.0, requires_grad=True)\nout = a ** 3\nout.backward(create_graph=True)")
    told_of = [(each.op, each.name) for each in trace.at(-1).tensors.values()]
    assert ("first gradient", "gradient of out") in told_of and (".grad", "a.grad") in told_of
    assert "before the recording" not in trace.describe()
    assert "`gradient of out` is what the backward pass starts with" in trace.describe()
    names = {"a": trace_leaf(), "grad": autograd.grad}
    nameless = run("grad((a ** 3).exp(), a, create_graph=True)", names=names)
    assert "`first gradient` is what the backward pass starts with" in nameless.describe()


def test_a_comparison_has_no_node_for_it_holds_no_floats():
    said = run("a = tensor([2.0], requires_grad=True)\nmask = a > 1").describe()
    assert "What holds no floats has no gradient, so no node is recorded" in said
    assert "switched off" not in said


def trace_leaf():
    from autograd_core import tensor

    return tensor(2.0, requires_grad=True)


def test_what_grad_returns_is_told_as_a_tensor_of_its_own():
    from autograd_core import autograd

    trace = run(
        "a = tensor([3.0], requires_grad=True)\ng, = grad(a * a, a)\nh = g + 1",
        names={"grad": autograd.grad},
    )
    made = trace.at(-1).tensors
    assert [(each.op, each.name) for each in made.values()] == [
        ("tensor", "a"), ("mul", "a * a"), ("grad", "g"), ("add", "h")
    ]  # fmt: skip


# ---- hooks -------------------------------------------------------------------------------------


def test_a_hook_is_told_from_its_registration_to_its_end():
    trace = run(
        """
        def double(grad):
            return grad * 2
        a = tensor([1.0], requires_grad=True)
        out = a * 3
        handle = out.register_hook(double)
        out.backward(retain_graph=True)
        handle.remove()
        handle.remove()
        out.backward()
        """
    )
    assert told(trace, e.HookRegistered, e.HookRan, e.HookRemoved) == [
        "h0 is double, a tensor hook of t1", "h0 double ran: [1.] -> [2.]", "h0 removed"
    ]  # fmt: skip
    registered = next(each for each in trace.events if isinstance(each, e.HookRegistered))
    assert registered.place.text.strip() == "handle = out.register_hook(double)"
    hooks = [step.state.hooks for step in trace.steps]
    assert not hooks[0] and not hooks[-1]
    assert any(each and each["h0"].tensor == "t1" for each in hooks)


def test_a_hook_that_only_looks_is_told_to_have_left_the_gradient_as_it_was():
    trace = run("a = tensor([1.0], requires_grad=True)\na.register_hook(lambda g: None)\na.backward()")
    assert told(trace, e.HookRan) == ["h0 <lambda> ran: [1.] -> [1.]"]


def test_a_hook_that_writes_into_the_gradient_is_told_by_what_it_was_before():
    trace = run("a = tensor([1.0], requires_grad=True)\na.register_hook(lambda g: g.mul_(5))\na.backward()")
    assert told(trace, e.HookRan) == ["h0 <lambda> ran: [1.] -> [5.]"]


def test_the_gradient_that_a_hook_is_handed_is_told_as_that():
    trace = run(
        """
        def halve(grad):
            return grad / 2
        a = tensor([1.0], requires_grad=True)
        out = a * 3
        out.register_hook(halve)
        out.backward()
        """
    )
    (handed,) = (each for each in trace.events if getattr(each, "op", "") == "gradient")
    assert handed.expression == "gradient of out"
    ran = next(each for each in trace.events if isinstance(each, e.OpRan) and each.op == "div")
    assert ran.inputs == (handed.tensor,)


def test_hooks_on_nodes_and_after_accumulation_are_told():
    trace = run(
        """
        a = tensor([2.0], requires_grad=True)
        out = a * 3
        out.grad_fn.register_prehook(lambda grads: (grads[0] * 2,))
        out.grad_fn.register_hook(lambda given, got: None)
        a.register_post_accumulate_grad_hook(lambda leaf: None)
        out.backward()
        """
    )
    assert told(trace, e.HookRegistered) == [
        "h0 is <lambda>, a before hook of n1",
        "h1 is <lambda>, a after hook of n1",
        "h2 is <lambda>, a post-accumulate hook of t0",
    ]
    assert told(trace, e.HookRan) == [
        "h0 <lambda> ran: [1.] -> [2.]",
        "h1 <lambda> ran: [6.] - -> [6.] -",
        "h2 <lambda> ran: nothing -> nothing",
    ]


def test_the_gradient_in_a_users_backward_is_told_as_that():
    from autograd_core.autograd import Function

    trace = run(
        """
        class Triple(Function):
            @staticmethod
            def forward(ctx, x):
                return x * 3
            @staticmethod
            def backward(ctx, grad):
                return grad * 3
        a = tensor([1.0], requires_grad=True)
        Triple.apply(a).backward()
        """,
        names={"Function": Function},
    )
    assert [each.op for each in trace.events if isinstance(each, e.TensorCreated)][3] == "gradient"


# ---- memory, views, nodes ----------------------------------------------------------------------


def test_other_memory_is_told_with_what_stands_there():
    trace = run("x, y = tensor([1.0]), tensor([2.0, 3.0])\nx.data = y\ny.zero_()")
    assert told(trace, e.MemoryChanged) == ["t0 looks at s1 by .data =: [2., 3.]"]
    end = trace.at(-1)
    assert end.tensors["t0"].storage == end.tensors["t1"].storage
    assert end.tensors["t0"].value.text == "[0., 0.]" and end.version("t0") == 0


def test_set_is_one_step_that_counts():
    trace = run("x, y = tensor([1.0]), tensor([2.0])\nx.set_(y)")
    last = trace.steps[-1]
    assert last.find(e.MemoryChanged) is not None and last.state.version("t0") == 1


def test_a_node_that_nobody_refers_to_any_more_is_told():
    trace = run("a = tensor([1.0], requires_grad=True)\nout = a * 2\ndel out\nb = a + 1")
    assert told(trace, e.TensorDeleted, e.NodeDeleted) == ["t1 deleted", "n1 deleted", "n0 deleted"]
    state = trace.at(-1)
    assert [node.deleted for node in state.nodes.values()] == [True, True, False, False]


def test_a_write_that_a_function_was_refused_too_late_is_told():
    from autograd_core.autograd import Function

    trace = run(
        """
        class Fill(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.mark_dirty(x)
                return x.fill_(7)
            @staticmethod
            def backward(ctx, grad):
                return grad
        a = tensor([1.0], requires_grad=True)
        Fill.apply(a)
        """,
        names={"Function": Function},
    )
    assert trace.at(-1).tensors["t0"].value.text == "[7.]" and trace.at(-1).version("t0") == 2


# ---- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "misuse",
    ["a.zero_()", "a + tensor([1.0] * 3)", "a.view(5)", "a.numpy()", "a.grad = 5", "a[0] = 1",
     "a.backward()", "a.detach().backward()", "a.detach().register_hook(print)"],
)  # fmt: skip
def test_an_error_that_the_users_code_catches_is_told_and_is_a_moment(misuse):
    trace = run(
        f"""
        a = tensor([1.0, 2.0], requires_grad=True)
        try:
            {misuse}
        except (RuntimeError, TypeError) as error:
            caught = str(error)
        b = a + 1
        """
    )
    errors = [step for step in trace.steps if step.find(e.ErrorRaised)]
    assert len(errors) == 1 and errors[0].state.error is errors[0].find(e.ErrorRaised)
    assert errors[0].place.line == 4
    assert trace.at(-1).error is None and trace.steps[-1].find(e.OpRan).op == "add"


def test_a_backward_after_an_error_that_was_caught_is_told_as_any_other():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        out = a.exp()
        out.detach().zero_()
        try:
            out.backward()
        except RuntimeError:
            pass
        b = a * 2
        b.backward()
        """
    )
    end = trace.at(-1)
    assert end.error is None and not end.in_backward
    assert {node.name: node.status for node in end.nodes.values()} == {
        "AccumulateGrad": "ran", "ExpBackward0": "waiting", "MulBackward0": "ran"
    }  # fmt: skip


def test_a_backward_inside_a_backward_leaves_the_outer_one_running():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        b = tensor([2.0], requires_grad=True)
        out = a * 3
        def again(grad):
            with enable_grad():
                (b * b).backward()
        out.register_hook(again)
        out.backward()
        """,
        names={"enable_grad": enable_grad},
    )
    assert told(trace, e.GradAccumulated) == ["t1.grad [4.] stolen", "t0.grad [3.] stolen"]
    statuses = {node.name: node.status for node in trace.at(-1).nodes.values()}
    assert set(statuses.values()) == {"ran"}
