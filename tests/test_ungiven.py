"""Where a `.grad` is None, the story says why: Python's own error knows only `NoneType`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

import autograd_core as torch
from autograd_core import explain, record
from autograd_core.recording.story import Story

STEP = """\
w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
w = w - 0.1 * w.grad
(w * w).sum().backward()
w = w - 0.1 * w.grad"""
CUT = """\
w = torch.ones(2, requires_grad=True)
hidden = (w * 2).tanh()
code = hidden.detach()
v = torch.ones(2, requires_grad=True)
(code * v).sum().backward()
w.grad.zero_()"""
TAKEN = """\
w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
w.grad = None
w.grad.norm()"""
CASES = [
    (
        STEP,
        "`w.grad` is None: `w = w - 0.1 * w.grad` (line 3) is the result of an operation, and gradients stay in "
        "leaves alone.",
        "`w -= 0.1 * w.grad` under `no_grad()`",
    ),
    (
        CUT,
        "`w.grad` is None: `code = hidden.detach()` (line 3) cut it from the graph of `hidden`",
        "use `hidden` itself there",
    ),
    (TAKEN, "`w.grad` is None: `w.grad = None` (line 3) took it away.", "ask for it before that"),
    (
        "y = torch.ones(2, requires_grad=True) * 2\ny.sum().backward()\ny.grad.sum()",
        "`y.grad` is None: `y = torch.ones(2, requires_grad=True) * 2` (line 1) is the result of an operation",
        "`y.retain_grad()` before the backward",
    ),
    (
        "x = torch.ones(2)\nx.grad.zero_()",
        "`x.grad` is None: `x = torch.ones(2)` (line 1) does not require grad.",
        "`x.requires_grad_()` before it is used",
    ),
    ("w = torch.ones(2, requires_grad=True)\nw.grad.zero_()", "`w.grad` is None: no backward has run.", ""),
    (
        "w = torch.ones(2, requires_grad=True)\nv = torch.ones(2, requires_grad=True)\n"
        "(v * v).sum().backward()\nw.grad.zero_()",
        "`w.grad` is None: nothing that `(v * v).sum().backward()` (line 3) went through was computed from it.",
        "",
    ),
]


@pytest.fixture
def story_of(tmp_path: Path):
    """The story of a program that ends in an error."""
    return partial(_story_of, tmp_path / "main.py")


def _story_of(path: Path, source: str) -> Story | None:
    path.write_text(source)
    names = {"torch": torch}
    recording = record(names=names)
    with pytest.raises((AttributeError, TypeError)) as raised, recording as trace:
        exec(compile(source, str(path), "exec"), names)
    assert explain(trace) == recording.story
    if recording.story is not None:
        assert raised.value.__notes__ == [recording.story.text]
    return recording.story


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.parametrize("source, told, fix", CASES)
def test_the_story_says_why_there_is_no_gradient(story_of, source: str, told: str, fix: str) -> None:
    story = story_of(source)
    assert story is not None and story.kind == "ungiven"
    assert story.text.startswith(told)
    assert story.fix == fix
    assert story.text.endswith(f" Fix: {fix}." if fix else ".")


@pytest.mark.parametrize("source", ["x = None\nx.grad", "x = torch.ones(2)\nx.grad = 3\nNone + 1"])
def test_an_error_about_something_else_has_no_such_story(story_of, source: str) -> None:
    assert story_of(source) is None
