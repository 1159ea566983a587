"""An error of autograd comes with the lines of the user's code that led to it."""

from __future__ import annotations

import textwrap

import pytest

import autograd_core as torch
from autograd_core import errors
from autograd_core.recording.story import Story

E4 = """\
a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
out = a.sigmoid()
c = out.detach()
c.zero_()
out.sum().backward()
"""


def run(tmp_path, body: str, before: str = "") -> RuntimeError:
    """The error of a program whose main part, from line 1 of `main.py` on, is recorded."""
    path = tmp_path / "main.py"
    path.write_text(textwrap.dedent(body))
    namespace = {"torch": torch}
    exec(before, namespace)
    with pytest.raises(RuntimeError) as caught:
        with torch.record():
            exec(compile(path.read_text(), str(path), "exec"), namespace)
    return caught.value


def story(tmp_path, body: str, before: str = "") -> Story:
    return run(tmp_path, body, before).story


def test_the_culprit_of_the_example_is_named_with_the_alias_and_the_fix(tmp_path):
    error = run(tmp_path, E4)
    assert error.__notes__ == [
        "`c.zero_()` (line 4) wrote the storage that `out` shares with `c = out.detach()` (line "
        "3); "
        "Sigmoid saved `out` at version 0 (line 2), and it is now at version 1. "
        "Fix: `c = out.detach().clone()`."
    ]


def test_the_message_and_the_type_stay_pytorchs(tmp_path):
    error = run(tmp_path, E4)
    assert type(error) is RuntimeError
    assert str(error).startswith(
        "one of the variables needed for gradient computation has been modified by an inplace "
        "operation: [FloatTensor [3]], which is output 0 of Sigmoid, is at version 1; expected "
        "version 0 instead. Hint: "
    )


def test_the_story_has_fields_for_all_that_it_says(tmp_path):
    told = story(tmp_path, E4)
    assert told.kind == "written" and told.place.line == 5 and told.unseen == 0
    saved, (write,) = told.saved, told.writes
    assert (saved.op, saved.node, saved.field) == ("Sigmoid", "SigmoidBackward0", "result")
    assert (saved.tensor, saved.version, saved.place.line) == ("out", 0, 2)
    assert (write.op, write.tensor, write.statement) == ("zero_", "c", "c.zero_()")
    assert (write.before, write.after, write.place.line) == (0, 1, 4)
    (share,) = write.through
    assert (share.source, share.alias, share.how, share.place.line) == ("out", "c", "detach", 3)
    assert told.fix == "`c = out.detach().clone()`"


def test_a_write_through_a_cut_that_nobody_keeps_is_to_come_after_the_backward():
    with pytest.raises(RuntimeError) as caught:
        with torch.record():
            y = torch.ones(1, requires_grad=True).exp()
            y.detach().mul_(2)
            y.backward()
    (write,) = caught.value.story.writes
    assert [(share.source, share.alias, share.how) for share in write.through] == [
        ("y", "y.detach()", "detach")
    ]
    text = caught.value.story.text
    assert "wrote the storage that `y` shares with `y.detach()`" in text
    assert "Fix: let `y.detach().mul_(2)` (line " in text and "run after `y.backward()`" in text


def test_a_trace_tells_the_same_story_as_its_error():
    with pytest.raises(RuntimeError) as caught:
        with torch.record() as trace:
            y = torch.ones(1, requires_grad=True).exp()
            y += 1
            y.backward()
    assert torch.explain(trace) == caught.value.story


def test_a_run_without_an_error_has_no_story():
    with torch.record() as trace:
        torch.ones(1, requires_grad=True).exp().backward()
    assert torch.explain(trace) is None


def test_an_error_that_is_not_autograds_has_no_story():
    with pytest.raises(RuntimeError) as caught:
        with torch.record() as trace:
            torch.ones(2) + torch.ones(3)
    assert torch.explain(trace) is None
    assert not hasattr(caught.value, "__notes__")


def test_a_caught_error_has_its_story_too():
    with torch.record():
        y = torch.ones(1, requires_grad=True).exp()
        y += 1
        try:
            y.backward()
        except RuntimeError as error:
            caught = error
    assert caught.story.writes[0].statement == "y += 1"


def test_without_a_recording_the_note_says_how_to_record():
    y = torch.ones(1, requires_grad=True).exp()
    y += 1
    with pytest.raises(RuntimeError) as caught:
        y.backward()
    assert caught.value.__notes__ == [errors.RECORD_IT]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "w = torch.ones(2, requires_grad=True)\ny = w * 1\nz = y * y\n"
            "for i in range(10):\n    y.add_(1)\nz.sum().backward()",
            "`y.add_(1)` (line 5, 10 times) wrote `y` itself; Mul saved `y` at version 0 (line 3), "
            "and it is now at version 10. Fix: `y = y.add(1)`.",
        ),
        (
            "y = torch.ones(2, requires_grad=True).exp()\ny *= 2 + 1\ny[0] = "
            "5.\ny.sum().backward()",
            "`y *= 2 + 1` (line 2) wrote `y` itself; `y[0] = 5.` (line 3) wrote `y` itself; Exp "
            "saved "
            "`y` at version 0 (line 1), and it is now at version 2. Fix: `y = y * (2 + 1)`.",
        ),
        (
            "y = torch.ones(2, requires_grad=True).exp()\ny[0] = 5.\ny.sum().backward()",
            "`y[0] = 5.` (line 2) wrote `y` itself; Exp saved `y` at version 0 (line 1), and it "
            "is now "
            "at version 1. Fix: `y = y.clone()` before line 2.",
        ),
        (
            "w = torch.ones(2, requires_grad=True)\ny = w * 1\nv = y[0]\nz = v * v\n"
            "y.mul_(2)\nz.backward()",
            "`y.mul_(2)` (line 5) wrote the storage that `v = y[0]` (line 3) shares with `y`; Mul "
            "saved "
            "`v` at version 0 (line 4), and it is now at version 1. Fix: `y = y.mul(2)`.",
        ),
        (
            "def helper(t):\n    d = t.detach()\n    u = d.view(-1)\n    u[0] = 3.\n"
            "y = torch.ones(2, requires_grad=True).exp()\nhelper(y)\ny.sum().backward()",
            "`u[0] = 3.` (line 4, in `helper`) wrote the storage that `y` shares with `u = "
            "d.view(-1)` "
            "(line 3, in `helper`), by way of `d = t.detach()` (line 2, in `helper`); Exp saved "
            "`y` at "
            "version 0 (line 5), and it is now at version 1. Fix: `d = t.detach().clone()`.",
        ),
        (
            "y = torch.ones(2, requires_grad=True).exp()\np = y.detach()\nq = y.view(2)\n"
            "p.zero_()\nq.mul_(2)\ny.sum().backward()",
            "`p.zero_()` (line 4) wrote the storage that `y` shares with `p = y.detach()` (line "
            "2); "
            "`q.mul_(2)` (line 5) wrote the storage that `y` shares with `q = y.view(2)` (line "
            "3); Exp "
            "saved `y` at version 0 (line 1), and it is now at version 2. Fix: "
            "`p = y.detach().clone()` and `q = y.view(2).clone()`.",
        ),
    ],
)
def test_every_way_to_write_what_was_saved_is_told(tmp_path, body, says):
    assert str(story(tmp_path, body)) == says


def test_what_a_function_of_the_users_saved_is_told_by_its_name(tmp_path):
    body = """\
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x
            @staticmethod
            def backward(ctx, grad):
                return 2 * ctx.saved_tensors[0] * grad
        w = torch.ones(2, requires_grad=True) * 1
        y = Square.apply(w)
        w.zero_()
        y.sum().backward()
        """
    assert str(story(tmp_path, body)).startswith(
        "`w.zero_()` (line 11) wrote `w` itself; Square saved `w` at version 0 (line 10)"
    )


def test_many_different_writes_are_counted_not_listed(tmp_path):
    writes = "".join(f"y.add_({i})\n" for i in range(9))
    body = f"y = torch.ones(2, requires_grad=True).exp()\n{writes}y.sum().backward()"
    told = story(tmp_path, body)
    assert len(told.writes) == 9
    assert "6 more wrote it too" not in told.text and "5 more wrote it too" in told.text
    assert told.text.count("wrote `y` itself") == 4


def test_writes_from_before_the_recording_are_owned_up_to(tmp_path):
    before = "y = torch.ones(2, requires_grad=True).exp()\ny.zero_()"
    told = story(tmp_path, "y.sum().backward()", before)
    assert told.writes == () and told.unseen == 1 and told.saved.place is None
    assert "written once where the recording did not see it" in told.text
    assert "Exp saved it at version 0 (before the recording)" in told.text


def test_a_tensor_that_lost_its_name_is_told_by_the_last_it_had(tmp_path):
    body = "x = torch.ones(1, requires_grad=True).exp()\nx.zero_()\nx = x + 1\nx.backward()"
    assert "`x.zero_()` (line 2) wrote `x` itself" in str(story(tmp_path, body))


def test_a_gradient_that_was_added_to_in_place_is_a_write(tmp_path):
    body = """\
        a = torch.ones(2, requires_grad=True)
        w = torch.ones(2, requires_grad=True)
        (a * a).sum().backward()
        y = (a.grad * w).sum()
        (a * a).sum().backward()
        y.backward()
        """
    assert "`(a * a).sum().backward()` (line 5) wrote `a.grad`" in str(story(tmp_path, body))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "w = torch.ones(2, requires_grad=True)\nl = (w * w).sum()\nl.backward()\nl.backward()",
            "Mul (line 2) is asked for its gradient by `l.backward()` (line 4), but "
            "`l.backward()` (line "
            "3) ran first and let go of what it had saved. Fix: `l.backward(retain_graph=True)` "
            "(line "
            "3), or compute it anew before each backward.",
        ),
        (
            "w = torch.ones(2, requires_grad=True)\nh = w * w\nfor i in range(2):\n"
            "    (h * 2).sum().backward()",
            "Mul (line 2) is asked for its gradient by `(h * 2).sum().backward()` (line 4), which "
            "runs a "
            "second time: the first let go of what it saved. Fix: "
            "`(h * 2).sum().backward(retain_graph=True)` (line 4), or compute it anew before each "
            "backward.",
        ),
    ],
)
def test_a_second_backward_is_told_which_was_the_first(tmp_path, body, says):
    told = story(tmp_path, body)
    assert told.kind == "freed" and str(told) == says


@pytest.mark.parametrize(
    ("cut", "says"),
    [
        ("h = (w * w).detach()", "`h = (w * w).detach()` (line 2) cut it from the graph of `w * w`"),
        ("h = w.data * 2", "`w.data` (line 2) cut it from the graph of `w`"),
        ("h = (w * 2).detach_()", "`detach_()` (line 2) cut `h` itself from the graph"),
        (
            "with torch.no_grad(): h = w * w",
            "`h = w * w` (line 2) ran while gradients were switched off",
        ),
        ("h = w > 0", "`h = w > 0` (line 2) gives no floats, and so no gradient"),
    ],
)
def test_without_a_grad_fn_the_line_that_cut_the_history_is_told(tmp_path, cut, says):
    told = story(tmp_path, f"w = torch.ones(2, requires_grad=True)\n{cut}\n(h * 2).sum().backward()")
    assert told.kind == "cut"
    assert str(told) == f"{says}, so `(h * 2).sum()` has no history to follow back."


def test_where_nothing_ever_required_grad_that_is_told(tmp_path):
    told = story(tmp_path, "w = torch.ones(2)\nx = torch.ones(2)\n(w * x).sum().backward()")
    assert str(told) == (
        "`(w * x).sum()` is computed from `w = torch.ones(2)` (line 1) and `x = torch.ones(2)` "
        "(line 2) "
        "alone, and none of them requires grad. Fix: `w = torch.ones(2, requires_grad=True)` "
        "(line 1)."
    )


def test_a_write_to_a_leaf_says_which_leaf_and_what_to_do(tmp_path):
    told = story(tmp_path, "w = torch.ones(2, requires_grad=True)\nw -= 0.1")
    assert told.kind == "leaf"
    assert str(told) == (
        "`w = torch.ones(2, requires_grad=True)` (line 1) is a leaf that requires grad, and `w -= "
        "0.1` "
        "(line 2) would write over the numbers at which its gradient is asked for. Fix: write "
        "under "
        "`no_grad()` to update the leaf itself, or `w = w - 0.1` to compute a new tensor from it."
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "w = torch.ones(2, requires_grad=True)\nv = w[0]\nv.zero_()",
            "`v = w[0]` (line 2) looks at the memory of `w = torch.ones(2, requires_grad=True)` "
            "(line "
            "1); `v.zero_()` (line 3) would write there. Fix: `v = w[0].clone()` (line 2).",
        ),
        (
            "w = torch.ones(2, requires_grad=True) * 1\np, q = w.unbind()\np.zero_()",
            "`p = w.unbind()` (line 2) looks at the memory of `w = torch.ones(2, "
            "requires_grad=True) * "
            "1` (line 1); `p.zero_()` (line 3) would write there. Fix: `p = p.clone()` before "
            "line 3.",
        ),
    ],
)
def test_a_refused_write_says_what_it_would_have_reached(tmp_path, body, says):
    told = story(tmp_path, body)
    assert told.kind == "view" and str(told) == says


def test_a_story_is_the_same_from_run_to_run(tmp_path):
    assert str(story(tmp_path, E4)) == str(story(tmp_path, E4))


def test_of_several_errors_each_has_its_own_story():
    stories = []
    with torch.record() as trace:
        y = torch.ones(1, requires_grad=True).exp()
        y += 1
        for doomed in (lambda: torch.ones(2) + torch.ones(3), y.backward, y.detach().backward):
            try:
                doomed()
            except RuntimeError as error:
                stories.append(getattr(error, "story", None))
    assert [each and each.kind for each in stories] == [None, "written", "cut"]
    assert torch.explain(trace) == stories[1]


def test_a_write_to_index_tensors_is_told_with_their_place_in_the_brackets(tmp_path):
    told = story(
        tmp_path,
        """\
        x = torch.tensor([[1.0, 2.0, 3.0]] * 2, requires_grad=True)
        places = torch.tensor([0, 2])
        out = x[:, places].sum()
        places += 1
        out.backward()
        """,
    )
    assert told.saved.field == "indices[1]"
    assert told.text == (
        "`places += 1` (line 4) wrote `places` itself; Index saved `places` at version 0 (line 3), and "
        "it is now at version 1. Fix: `places = places + 1`."
    )


UPDATE = """\
w = torch.tensor([1.0, 2.0], requires_grad=True)
hidden = w * w
first, second = hidden.sum(), hidden.max()
first.backward(retain_graph=True)
with torch.no_grad():
    w -= 0.1 * w.grad
second.backward()
"""


def test_the_update_of_a_parameter_is_put_in_order_and_not_made_a_plain_tensor(tmp_path):
    told = story(tmp_path, UPDATE)
    assert told.writes[0].to_leaf
    assert told.fix == (
        "let `w -= 0.1 * w.grad` (line 6) run after `second.backward()` (line 7), or run the forward "
        "(line 2) anew before that"
    )
    assert told.text.endswith(f" Fix: {told.fix}.")


@pytest.mark.parametrize("write", ["w[0] = 0.0", "w.mul_(2)", "w[:1].mul_(2)"])
def test_no_write_under_no_grad_is_mended_by_a_tensor_without_a_history(tmp_path, write):
    told = story(tmp_path, UPDATE.replace("w -= 0.1 * w.grad", write))
    assert told.fix.startswith(f"let `{write}` (line 6) run after")


def test_in_a_loop_the_forward_has_to_follow_the_update(tmp_path):
    told = story(
        tmp_path,
        """\
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        loss = (w * w).sum()
        for _ in range(2):
            loss.backward(retain_graph=True)
            with torch.no_grad():
                w -= 0.1 * w.grad
        """,
    )
    assert told.fix == "run the forward (line 2) anew after `w -= 0.1 * w.grad` (line 6)"


def test_what_has_a_history_is_mended_by_a_new_tensor_also_where_it_was_no_leaf(tmp_path):
    told = story(
        tmp_path,
        """\
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        hidden = w.exp()
        hidden += 1
        hidden.sum().backward()
        """,
    )
    assert told.fix == "`hidden = hidden + 1`" and not told.writes[0].untracked


ROUNDS = """\
w = torch.tensor(0.5, requires_grad=True)
state = torch.tensor(0.0)
for x in (1.0, -1.0):
    state = (w * x + state).tanh()
    (state**2).backward()
"""
CUT = "take `state.detach()` for `state` (line 4), where it comes from an earlier round"


def test_a_state_that_leads_into_the_graph_of_an_earlier_round_is_named(tmp_path):
    told = story(tmp_path, ROUNDS)
    assert told.kind == "freed" and told.fix == CUT


def test_so_it_is_where_that_graph_was_kept_and_the_parameter_updated(tmp_path):
    kept = ROUNDS.replace("w * x + state", "w * x + w * state").replace("-1.0)", "-1.0, 1.0)")
    kept = kept.replace("backward()", "backward(retain_graph=True)")
    told = story(tmp_path, kept + "    with torch.no_grad(): w -= 0.1 * w.grad\n")
    assert told.kind == "written" and told.writes[0].to_leaf and told.fix == CUT


def test_a_line_is_quoted_without_the_comment_behind_it(tmp_path):
    told = story(tmp_path, E4.replace("c.zero_()", "c.zero_()  # reset"))
    assert told.text.startswith("`c.zero_()` (line 4) wrote")


def test_a_tensor_that_a_function_calls_otherwise_is_still_itself(tmp_path):
    told = story(
        tmp_path,
        """\
        def step(p):
            with torch.no_grad():
                p.sub_(0.1)

        w = torch.ones(2, requires_grad=True)
        loss = (w * w).sum()
        step(w)
        loss.backward()
        """,
    )
    assert told.text.startswith("`p.sub_(0.1)` (line 3, in `step`) wrote `w` itself; Mul saved `w`")


def test_of_a_loss_made_of_numbers_it_says_that_these_have_no_history(tmp_path):
    told = story(
        tmp_path,
        "losses = [(torch.ones(2, requires_grad=True) * 2).sum().item()]\n"
        "loss = torch.tensor(losses).sum()\nloss.backward()",
    )
    assert told.kind == "cut" and told.fix == ""
    assert "Where `losses` comes from tensors that do, take those themselves" in told.text


def test_a_write_that_a_function_returns_is_made_a_new_tensor_in_that_line(tmp_path):
    told = story(
        tmp_path,
        "def twice(x):\n    y = x.exp()\n    return y.mul_(2).add_(1)\n"
        "twice(torch.ones(2, requires_grad=True)).sum().backward()",
    )
    assert told.fix == "`return y.mul(2).add_(1)`"


def test_a_result_that_is_needed_at_once_is_not_told_to_wait_for_the_backward(tmp_path):
    told = story(
        tmp_path,
        "def clip(x):\n    return x[:2].clamp_(max=1.0)\n"
        "y = torch.ones(3, requires_grad=True).exp()\nz = clip(y)\ny.sum().backward()",
    )
    assert "run after" not in told.text
