"""A gradient that is computed from numbers changed unnoticed is found out, and the true one shown."""

from __future__ import annotations

import textwrap
import warnings

import numpy as np
import pytest

import autograd_core as torch
from autograd_core.errors import SilentCorruption
from autograd_core.observe import slot
from autograd_core.recording import alarm
from autograd_core.recording import events as e

A = "a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)\nout = a.sigmoid()\n"
RIGHT = [0.1779, 0.0313, 0.0037]


def run(tmp_path, body: str, **names: object):
    """The warnings, the trace and the variables of a program that is recorded."""
    path = tmp_path / "main.py"
    path.write_text(textwrap.dedent(body))
    namespace = {"torch": torch, "np": np, **names}
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        with torch.record(names=namespace) as trace:
            exec(compile(path.read_text(), str(path), "exec"), namespace)
    return [each for each in given if each.category is SilentCorruption], trace, namespace


def warned(tmp_path, body: str) -> str:
    (warning,), _, _ = run(tmp_path, body)
    return str(warning.message)


def true_grads(trace) -> list[list[float]]:
    return [each.true.data for each in trace.events if isinstance(each, e.GradWrong)]


def test_a_write_through_data_is_found_out_and_both_gradients_are_shown(tmp_path):
    (warning,), trace, names = run(tmp_path, A + "c = out.data\nc.zero_()\nout.sum().backward()")
    assert str(warning.message) == (
        "`a.grad` is wrong, and no version counter tells. `c.zero_()` (line 4) wrote the storage that "
        "`out` shares with `c = out.data` (line 3), and `.data` has a version counter of its own. "
        "Sigmoid saved `out` at version 0 (line 2), and it is still at version 0, with other numbers. "
        "Computed and true: `a.grad` is [0., 0., 0.] and should be [0.1779, 0.0313, 0.0037]. "
        "Fix: `c = out.data.clone()`."
    )
    assert warning.filename.endswith("main.py") and warning.lineno == 5
    assert warning.message.story == torch.explain(trace)
    (gradient,) = warning.message.story.gradients
    assert (gradient.tensor, gradient.true) == ("a", "[0.1779, 0.0313, 0.0037]")
    assert names["a"].grad.tolist() == [0, 0, 0], "the alarm changes nothing"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            A + "n = out.detach().numpy()\nn[0] = 0\nout.sum().backward()",
            "`n[0] = 0` (line 4) wrote the memory of `out`, which NumPy shares since "
            "`n = out.detach().numpy()` (line 3), and no counter counts that.",
        ),
        (
            A + "n = out.detach().numpy()\nx = 1\nn[0] = x\n(out * 2).sum().backward()",
            "`n[0] = x` (line 5) wrote the memory of `out`",
        ),
        (
            A + "n = out.detach().numpy()\nn[0] = 0\nn[1] = 0\nout.sum().backward()",
            "The memory of `out`, which NumPy shares since `n = out.detach().numpy()` (line 3), was "
            "written between line 3 and line 6, and no counter counts that.",
        ),
        (
            "n = np.array([1., 2.])\nx = torch.from_numpy(n)\n"
            "w = torch.ones(2, dtype=torch.float64, requires_grad=True)\ny = (w * x).sum()\n"
            "n *= 10\ny.backward()",
            "`n *= 10` (line 5) wrote the memory of `x`, which NumPy shares since "
            "`x = torch.from_numpy(n)` (line 2), and no counter counts that.",
        ),
        (
            A + "out.untyped_storage().memory[0] = 0\nout.sum().backward()",
            "Something wrote the memory of `out` by its address, and no counter counts that.",
        ),
        (
            "w = torch.ones(2, requires_grad=True)\nx = torch.ones(2, requires_grad=True)\n"
            "y = (w * x).sum()\nw.data = torch.zeros(2)\ny.backward()",
            "`w.data = torch.zeros(2)` (line 4) let `w` look at other memory",
        ),
    ],
)
def test_every_silent_way_to_change_what_was_saved_is_told(tmp_path, body, says):
    assert says in warned(tmp_path, body)


@pytest.mark.parametrize(
    ("body", "fix"),
    [
        ("n = out.detach().numpy()\nn[0] = 0", "`n = out.detach().numpy().copy()`"),
        ("c = out.view(3).data\nc[0] = 0", "`c = out.view(3).data.clone()`"),
        (
            "out.data.zero_()",
            "let `out.data.zero_()` (line 3) run after `out.sum().backward()` (line 4)",
        ),
    ],
)
def test_the_fix_of_a_silent_write_fits_it(tmp_path, body, fix):
    assert warned(tmp_path, f"{A}{body}\nout.sum().backward()").endswith(f" Fix: {fix}.")


@pytest.mark.parametrize(
    "body",
    [
        "c = out.detach().clone()\nc.zero_()\nout.sum().backward()",
        "out.sum().backward()\nout.data.zero_()",  # afterwards
        "b = a + 1\nb.data.zero_()\nb.sum().backward()",  # nobody saved it
        "out.data.mul_(1)\nout.sum().backward()",  # the same numbers
        "n = out.detach().numpy()\nm = n + 1\nout.sum().backward()",  # NumPy only looked
        "a.data.zero_()\nout.sum().backward()",  # saved was the result, not the input
        "for i in range(3):\n    o = (a * a).sum()\n    o.backward()\n    a.data.sub_(0.1 * a.grad)",
        "with torch.no_grad():\n    a.sub_(1)\n(a * a).sum().backward()",
        "out.sum().backward(retain_graph=True)\nout.sum().backward()",
        "t = torch.from_numpy(np.ones(3))\nt.add_(1)\n(t * a).sum().backward()",
        "out[1:].mul_(2)\nout.sum().backward()",
    ],
)
def test_what_is_right_gives_no_alarm(tmp_path, body):
    given, trace, _ = run(tmp_path, A + body if "out[1:]" not in body else A.replace("sigmoid", "sin") + body)
    assert given == [] and not any(isinstance(event, e.GradWrong) for event in trace.events)


def test_an_error_that_versions_find_is_left_to_them(tmp_path):
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        run(tmp_path, A + "out.zero_()\nout.data.zero_()\nout.sum().backward()")


@pytest.mark.parametrize(
    ("forward", "spoil"),
    [
        ("b = a.exp()\nc = (b * a).sin()\nroot = (c * b).sum()", "b.data.mul_(3)"),
        ("b = a.exp()\nroot = (b.view(3, 1) * b).sum() + b.sum()", "b.data.add_(1)"),
        ("b = a.tanh()\nb2 = b * b\nroot = (b2 * a).sum()", "b2.data.zero_()\nb.data.zero_()"),
        ("b = a * 1\nb[1:].exp_()\nroot = (b * b * a).sum()", "b.data.mul_(2)"),
        ("m = a.view(3, 1) * a\nroot = (m @ m).exp().sum()", "m.data.mul_(0.5)"),
        ("b = a.sigmoid()\nroot = torch.cat([b, b * a]).prod()", "b.data.neg_()"),
    ],
)
def test_the_true_gradient_is_that_of_the_unspoilt_run(tmp_path, forward, spoil):
    start = "a = torch.tensor([0.3, 0.5, 0.7], dtype=torch.float64, requires_grad=True)\n"
    right = run(tmp_path, f"{start}{forward}\nroot.backward()")[2]["a"].grad
    given, trace, names = run(tmp_path, f"{start}{forward}\n{spoil}\nroot.backward()")
    assert given and not torch.allclose(names["a"].grad, right)
    (true,) = true_grads(trace)
    assert np.allclose(true, right.tolist(), rtol=1e-12)


def test_gradients_that_were_there_before_count(tmp_path):
    body = A + "a.sum().backward()\nout.data.zero_()\nout.sum().backward()"
    _, trace, _ = run(tmp_path, body)
    assert np.allclose(true_grads(trace), [[1 + each for each in RIGHT]], atol=1e-4)


def test_without_leaves_in_reach_the_nodes_gradients_are_shown(tmp_path):
    body = "a = torch.ones(2, requires_grad=True)\nout = a.exp()\nout.data.mul_(3)\n"
    text = warned(tmp_path, body + "torch.autograd.grad(out.sum(), a)")
    assert "Exp passed on [8.1548, 8.1548] and should have passed on [2.7183, 2.7183]" in text


def test_it_works_where_a_graph_of_the_backward_is_built(tmp_path):
    body = "a = torch.ones(2, requires_grad=True)\nout = a.exp()\nout.data.mul_(3)\n"
    text = warned(tmp_path, body + "torch.autograd.grad(out.sum(), a, create_graph=True)")
    assert "should have passed on [2.7183, 2.7183]" in text


def test_the_users_own_backward_is_not_run_a_second_time(tmp_path):
    body = """\
        runs = []
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x
            @staticmethod
            def backward(ctx, grad):
                runs.append(1)
                return 2 * ctx.saved_tensors[0] * grad
        w = torch.ones(2, requires_grad=True) * 1
        y = Square.apply(w)
        w.data.zero_()
        y.sum().backward()
        """
    (warning,), _, names = run(tmp_path, body)
    assert names["runs"] == [1] and "cannot be told" in str(warning.message)


def test_what_is_too_large_to_copy_is_watched_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(alarm, "BUDGET", 8)
    text = warned(tmp_path, A + "out.data.zero_()\nout.sum().backward()")
    assert "`out.data.zero_()` (line 3) wrote the storage" in text and "cannot be told" in text


def test_copies_are_given_back(tmp_path):
    with torch.record():
        a = torch.ones(1000, requires_grad=True)
        held = slot.listener.watch.alarm
        for _ in range(3):
            (a * a).exp().sum().backward()
            assert held.size == 0 and held.kept == {}
        b = (a * a).exp()
        assert held.size == 8000 + 4000
        del b
        assert held.size == 0


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(()),
        np.zeros((0, 3)),
        np.arange(6.0).reshape(2, 3).T,
        np.ones(2) > 0,
        np.arange(20_000.0),
        np.arange(20_000.0).reshape(100, 200).T,
        np.arange(70_001, dtype=np.int8),
        np.full(3, np.nan),
    ],
    ids=lambda array: f"{array.shape} {array.dtype}",
)
@pytest.mark.parametrize("kept", [bytes, hash])
def test_any_array_is_known_again_and_each_change_is_seen(array, kept):
    before = array.tobytes() if kept is bytes else hash(array.tobytes())
    assert alarm.is_as(array, before)
    for place in {0, array.size // 2, array.size - 1} if array.size else ():
        other = array.copy()
        other.flat[place] = not other.flat[place]
        assert not alarm.is_as(other, before)
    assert not alarm.is_as(np.ones(5), before)


def test_nodes_that_save_the_same_large_tensor_share_a_copy():
    with torch.record():
        a = torch.ones(100, 200, requires_grad=True)
        kept = slot.listener.watch.alarm.kept
        b = a.sin() + a.cos()
        (one,), (two,) = [[data for _, _, data in each] for each in kept.values()]
        assert one is two
        with torch.no_grad():
            a.add_(1)
        c = a.sin()
        assert [data for _, _, data in list(kept.values())[-1]] != [one]
        del b, c


def test_a_large_gradient_is_told_by_how_far_it_is_off(tmp_path):
    body = "a = torch.ones(30, 30, requires_grad=True)\nb = a.exp()\nb.data.add_(1)\nb.sum().backward()"
    assert "`a.grad` is values of shape (30, 30) and should be others, by up to 1." in warned(tmp_path, body)


def test_the_warning_can_be_made_an_error(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SilentCorruption)
        with pytest.raises(SilentCorruption):
            with torch.record():
                b = torch.ones(1, requires_grad=True).exp()
                b.data.zero_()
                b.backward()
    assert slot.listener is None


def test_the_steps_tell_of_it(tmp_path):
    from autograd_core.drawing.narrate import narrate

    body = A + "n = out.detach().numpy()\nn[:] = 0\nout.sum().backward()"
    _, trace, _ = run(tmp_path, body)
    told = "\n".join(narrate(trace))
    assert "`n[:] = 0` writes into the storage of `out`, which now holds `[0., 0., 0.]`." in told
    assert "but with other numbers than it saved (so this gradient is wrong)" in told
    assert "`a.grad` is wrong: it should be `[0.1779, 0.0313, 0.0037]`." in told


PICKED = """\
x = torch.tensor([[1.0, 2.0, 3.0]] * 2, requires_grad=True)
places = torch.tensor([0, 2])
out = (x[:, places] * 2).sum()
"""


def test_places_that_are_written_through_data_are_found_out(tmp_path):
    (warning,), trace, _ = run(tmp_path, PICKED + "places.data.fill_(1)\nout.backward()")
    assert "Index saved `places` at version 0 (line 3)" in str(warning.message)
    assert [each.field for each in trace.events if isinstance(each, e.SavedChanged)] == ["indices[1]"]
    assert true_grads(trace) == [[[2.0, 0.0, 2.0]] * 2]
