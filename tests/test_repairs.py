"""Repairs of a version mismatch are offered, tried apart from the user's variables, and proved."""

from __future__ import annotations

import random
import textwrap
import time

import numpy as np
import pytest

import autograd_core as torch
from autograd_core.observe import slot
from autograd_core.recording.trace import Trace

E4 = """\
with torch.record() as trace:
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    c.zero_()
    out.sum().backward()
"""


def run(tmp_path, text: str, **names: object) -> dict[str, object]:
    """The variables of a program in a file, whose recording ends in a version mismatch."""
    path = tmp_path / "main.py"
    path.write_text(textwrap.dedent(text))
    names = {"torch": torch, "np": np, "__name__": "__main__"} | names
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        exec(compile(path.read_text(), str(path), "exec"), names)
    return names


def repaired(tmp_path, text: str, **names: object) -> dict[str, torch.repairs]:
    """The repairs of such a program, by name."""
    trace = run(tmp_path, text, **names)["trace"]
    return {each.name: each for each in torch.repairs(trace)}


def recorded(body: str) -> str:
    return "with torch.record() as trace:\n" + textwrap.indent(textwrap.dedent(body), "    ")


CLONE, NEW = "clone the alias", "use the operation that makes a new tensor"
LATER, BEFORE = "write after the backward", "clone before the write"
APART = "keep what is saved apart from what is written"


def test_each_repair_of_the_example_says_what_to_change_and_whether_it_is_right(tmp_path):
    assert str(torch.repairs(run(tmp_path, E4)["trace"])) == (
        "1. clone the alias (line 4: `c = out.detach().clone()`): right: finite differences confirm it; "
        "`a.grad` is [0.1779, 0.0313, 0.0037], of a result of `2.7325`.\n"
        "2. write after the backward (line 6: `c.zero_()`): right: finite differences confirm it; "
        "`a.grad` is [0.1779, 0.0313, 0.0037], of a result of `2.7325`.\n"
        "3. clone before the write (line 5: `c = c.clone()`): right: finite differences confirm it; "
        "`a.grad` is [0.1779, 0.0313, 0.0037], of a result of `2.7325`.\n"
        "4. keep what is saved apart from what is written (line 3: `out = a.sigmoid().clone()`): runs, "
        "but finite differences give another gradient (for `a`, off by 0.18); "
        "`a.grad` is [0.1779, 0.0313, 0.0037], of a result of `0.`."
    )


def test_a_repair_has_the_whole_changed_program(tmp_path):
    repair = repaired(tmp_path, E4)[CLONE]
    assert repair.source == E4.replace("out.detach()", "out.detach().clone()")
    assert repair.lines == ((4, "    c = out.detach().clone()"),)
    assert repair.outcome == "right" and repair.gradients == (("a", "[0.1779, 0.0313, 0.0037]"),)


def test_the_changed_program_really_runs_and_gives_that_gradient(tmp_path):
    for repair in repaired(tmp_path, E4).values():
        names = {"torch": torch}
        path = tmp_path / "again.py"
        path.write_text(repair.source)
        exec(compile(repair.source, str(path), "exec"), names)
        assert np.allclose(names["a"].grad.tolist(), [0.1779, 0.0313, 0.0037], atol=1e-4)


@pytest.mark.parametrize(
    ("body", "outcomes"),
    [
        (
            "w = torch.tensor([1., 2.], requires_grad=True)\ny = w.exp()\ny += 1\ny.sum().backward()",
            {NEW: "right", LATER: "right", BEFORE: "right", APART: "right"},
        ),
        (
            "w = torch.tensor([1., 2.], requires_grad=True)\ny = w.exp()\ny[0] = 5.\n(y * w).sum().backward()",
            {LATER: "right", BEFORE: "right", APART: "right"},
        ),
        (
            "w = torch.tensor([1., 2.], requires_grad=True)\ny = w.exp()\nv = y[0]\nv.mul_(2)\n"
            "y.sum().backward()",
            {CLONE: "right", NEW: "right", LATER: "right", BEFORE: "right", APART: "right"},
        ),
        (  # in a loop, the write cannot be moved behind the backward as one statement
            "w = torch.tensor([1., 2.], requires_grad=True)\ny = w * 1\nz = y * y\n"
            "for i in range(3):\n    y.add_(1)\nz.sum().backward()",
            {NEW: "right", BEFORE: "right"},
        ),
        (  # c is read as a constant, and finite differences know that
            "x = torch.tensor([1., 2.], requires_grad=True)\nc = x.exp().detach()\ny = x.sin() * c\n"
            "c.zero_()\ny.sum().backward()",
            {LATER: "right", BEFORE: "right"},
        ),
        (  # numbers of an update outside the graph count as they are
            "w = torch.tensor([1., 2.], requires_grad=True)\n"
            "(w * w).sum().backward()\nloss = (w * w).sum()\n"
            "with torch.no_grad():\n    w -= 0.1 * w.grad\nw.grad = None\nloss.backward()",
            {LATER: "right"},
        ),
        (
            "a = torch.rand(30, requires_grad=True)\ny = a.tanh()\ny.mul_(2)\ny.backward(torch.rand(30))",
            {NEW: "right", LATER: "right", BEFORE: "right", APART: "right"},
        ),
        (
            "def spoil(t):\n    d = t.detach()\n    d.zero_()\n"
            "a = torch.ones(2, requires_grad=True)\ny = a.exp()\nspoil(y)\ny.sum().backward()",
            {CLONE: "right", BEFORE: "right", APART: "wrong"},
        ),
    ],
)
def test_the_repairs_that_apply_are_offered_and_judged(tmp_path, body, outcomes):
    found = repaired(tmp_path, recorded(body))
    assert {name: repair.outcome for name, repair in found.items()} == outcomes


def test_a_repair_that_changes_the_result_shows_it(tmp_path):
    found = repaired(
        tmp_path,
        recorded(
            "w = torch.tensor([1., 2.], requires_grad=True)\ny = w.exp()\nv = y[0]\nv.zero_()\n"
            "y.sum().backward()"
        ),
    )
    assert found[CLONE].result == "10.1073" and found[APART].result == "7.3891"


def test_functions_of_the_same_file_are_repaired_too(tmp_path):
    program = "def spoil(t):\n    t.detach().zero_()\n    d = t.detach()\n    d.add_(1)\n" + recorded(
        "a = torch.ones(2, requires_grad=True)\ny = a.exp()\nspoil(y)\ny.sum().backward()"
    )
    found = repaired(tmp_path, program)
    assert found[APART].outcome == "wrong"


def test_tensors_from_before_are_taken_as_they_were(tmp_path):
    program = "w = torch.tensor([1., 2.], requires_grad=True)\n" + recorded(
        "y = w.exp()\nwith torch.no_grad(): w.add_(5)\ny.add_(1)\ny.sum().backward()"
    )
    names = run(tmp_path, program)
    found = {each.name: each for each in torch.repairs(names["trace"])}
    assert found[NEW].gradients == (("w", "[2.7183, 7.3891]"),)
    assert names["w"].tolist() == [6, 7], "the user's own tensor is left alone"


def test_nothing_of_the_users_is_changed_by_the_reruns(tmp_path, capsys):
    body = """\
        import random
        counts.append(1)
        n = np.array([1.0, 2.0])
        shared += 1
        print("hello")
        a = torch.rand(2, requires_grad=True)
        y = a.exp() * random.random() * np.random.rand()
        z = y.exp()
        z += 1
        z.sum().backward()
        """
    counts, shared = [], np.zeros(2)
    names = run(tmp_path, recorded(body), counts=counts, shared=shared)
    torch.manual_seed(1)
    expected = random.Random(3).random(), torch.rand(1).item()
    torch.manual_seed(1)
    random.seed(3)
    capsys.readouterr()
    found = torch.repairs(names["trace"])
    assert [each.outcome for each in found] == ["right"] * 4
    assert counts == [1] and shared.tolist() == [1, 1] and capsys.readouterr().out == ""
    assert (random.random(), torch.rand(1).item()) == expected
    assert slot.listener is None and torch.get_default_dtype() is torch.float32


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("open(__file__).close()", "`open` cannot be called a second time unnoticed"),
        ("import os", "they use the module `os`, and what that does may not be undone"),
        ("from pathlib import Path", "they use the module `pathlib`, and what that does may not be undone"),
        ("np.save(path, n)", "`save` reads or writes files"),
        ("writer(1)", "`open` cannot be called a second time unnoticed"),
        ("Counter.count()", "the method `count` assigns to the global `total`"),
        ("thing.add()", "`thing` is an object of a class of its own, which may remember things"),
        ("old + 1", "`old` has a history from before the recording"),
        ("exec('1')", "`exec` cannot be called a second time unnoticed"),
    ],
)
def test_what_cannot_be_taken_back_is_not_run_again(tmp_path, line, why):
    before = """\
class Thing:
    def add(self): pass
thing, n, path, total = Thing(), np.zeros(2), str(tmp / "n.npy"), 0
old = torch.ones(1, requires_grad=True) * 2
def writer(x): open(__file__).close()
class Counter:
    @staticmethod
    def count():
        global total
        total += 1
"""
    body = f"y = torch.ones(1, requires_grad=True).exp()\n{line}\ny += 1\ny.backward()"
    file = str(tmp_path / "some.txt")
    open(file, "w").close()
    found = repaired(tmp_path, before + recorded(body), tmp=tmp_path, __file__=file)
    assert found and {each.outcome for each in found.values()} == {"untried"}
    assert {each.why for each in found.values()} == {f"the statements are not run once more: {why}"}


def test_a_function_that_assigns_to_a_global_assigns_to_that_of_the_rerun(tmp_path):
    program = "total = 0\ndef count():\n    global total\n    total += 1\n" + recorded(
        "count()\ny = torch.ones(1, requires_grad=True).exp()\ny += total\ny.backward()"
    )
    names = run(tmp_path, program)
    assert torch.repairs(names["trace"])[0].outcome == "right" and names["total"] == 1


def test_an_error_that_the_program_catches_is_repaired_too(tmp_path):
    body = "y = torch.ones(1, requires_grad=True).exp()\ny += 1\ntry: y.backward()\nexcept RuntimeError: pass"
    path = tmp_path / "main.py"
    path.write_text(recorded(body))
    names = {"torch": torch}
    exec(compile(path.read_text(), str(path), "exec"), names)
    assert torch.repairs(names["trace"])[0].outcome == "right"


def test_what_takes_too_long_is_stopped(tmp_path):
    body = (
        "y = torch.ones(1, requires_grad=True).exp()\nfor i in range(times):\n    pass\n"
        "times = 10**9\ny += 1\ny.backward()"
    )
    names = run(tmp_path, "times = 3\n" + recorded(body))
    names["trace"].before.names["times"] = 10**9
    started = time.monotonic()
    found = torch.repairs(names["trace"], seconds=0.3)
    assert time.monotonic() - started < 10
    assert {each.why for each in found} == {"the statements take too long to be run once more"}


def test_a_program_that_ends_otherwise_the_second_time_is_not_judged(tmp_path):
    body = "y = torch.ones(1, requires_grad=True).exp()\nif flag: y += 1\ny.backward()"
    names = run(tmp_path, "flag = True\n" + recorded(body))
    names["trace"].before.names["flag"] = False
    (why,) = {each.why for each in torch.repairs(names["trace"])}
    assert why == "run once more, the program does not end in the same error"


def test_too_many_numbers_are_not_kept(tmp_path):
    program = "big = np.zeros(3_000_000)\n" + recorded(
        "y = torch.ones(1, requires_grad=True).exp()\ny += 1\ny.backward()"
    )
    (why,) = {each.why for each in repaired(tmp_path, program).values()}
    assert why.endswith("the variables hold too many numbers to be kept")


def test_a_list_that_holds_itself_is_copied(tmp_path):
    program = "l = [1]\nl.append(l)\n" + recorded(
        "y = torch.ones(1, requires_grad=True).exp()\ny += len(l)\ny.backward()"
    )
    assert repaired(tmp_path, program)[NEW].outcome == "right"


def test_lines_of_other_files_are_not_repaired(tmp_path):
    (tmp_path / "other.py").write_text("def spoil(t):\n    t.zero_()\n")
    space: dict[str, object] = {}
    exec(compile((tmp_path / "other.py").read_text(), str(tmp_path / "other.py"), "exec"), space)
    program = recorded("y = torch.ones(1, requires_grad=True).exp()\nspoil(y)\ny.backward()")
    assert repaired(tmp_path, program, spoil=space["spoil"]) == {}


def test_without_a_mismatch_there_is_nothing_to_repair():
    with torch.record() as trace:
        torch.ones(1, requires_grad=True).exp().backward()
    with pytest.raises(ValueError, match="there is nothing to repair"):
        torch.repairs(trace)


def test_a_trace_alone_has_no_program(tmp_path):
    trace = run(tmp_path, E4)["trace"]
    with pytest.raises(ValueError, match="this trace was not recorded here"):
        torch.repairs(Trace(trace.events))


def test_the_latest_recording_is_repaired_if_none_is_named(tmp_path):
    run(tmp_path, E4)
    assert len(torch.repairs()) == 4


def test_the_html_is_escaped(tmp_path):
    body = "y = torch.ones(1, requires_grad=True).exp()\ny += 1  # <script>\ny.backward()"
    html = torch.repairs(run(tmp_path, recorded(body))["trace"])._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_what_there_was_before_keeps_no_tensor_alive():
    import weakref

    def lesson() -> list[bool]:
        x = torch.ones(3)
        y = torch.ones(3, requires_grad=True) * 2
        gone = [weakref.ref(x), weakref.ref(y)]
        with torch.record():
            del x, y
            return [each() is None for each in gone]

    assert lesson() == [True, True]


def test_leaves_are_called_as_in_the_functions_they_live_in(tmp_path):
    found = repaired(
        tmp_path,
        recorded(
            """\
            class Cell:
                def __init__(self):
                    self.w = (torch.randn(2, 2) * 0.3).requires_grad_()

            def loss_of(cell, gain):
                state = (cell.w * gain).tanh()
                state[0] = 0.0
                state.sum().backward()

            loss_of(Cell(), torch.ones(2, requires_grad=True))
            """
        ),
    )
    assert found[BEFORE].outcome == "right"  # also for a leaf that was computed
    assert {name for name, _ in found[BEFORE].gradients} == {"cell.w", "gain"}


def test_a_backward_that_creates_a_graph_is_repaired_too(tmp_path):
    found = repaired(
        tmp_path,
        recorded(
            "w = torch.tensor([1., 2.], requires_grad=True)\n"
            "(g,) = torch.autograd.grad((w ** 3).sum(), w, create_graph=True)\n"
            "y = g.exp()\ny += 1\ny.sum().backward()"
        ),
    )
    assert found[NEW].outcome == "right"
