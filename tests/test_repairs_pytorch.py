"""Repairs of PyTorch programs are tried in a namespace of their own, and held against what PyTorch says is right."""

from __future__ import annotations

import contextlib
import sys

import pytest

from autograd_core import repairs
from autograd_core.recording.before import Program
from autograd_core.recording.record import record
from autograd_core.recording.repairs import Repairs

from .parity import oracle
from .test_training_scripts import path_of

torch = oracle.pytorch()
pytestmark = pytest.mark.skipif(
    torch is None and not oracle.REQUIRED, reason="PyTorch 2.13.0 is not installed"
)

STEP = """\
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w * w).sum()
with torch.no_grad():
    w -= 0.5
loss.backward()
"""


def tried(source: str, path: str = "train.py", names: dict[str, object] | None = None) -> Repairs:
    """The repairs of this script."""
    names = {"__name__": "__main__"} | (names or {})
    program = Program(path, source)
    with contextlib.suppress(RuntimeError):
        with record(backend="torch", names=names, program=program) as trace:
            exec(compile(source, path, "exec"), names)
    return repairs(trace)


def outcomes(found: Repairs) -> dict[str, str]:
    return {each.name: each.outcome for each in found}


@pytest.mark.parametrize(
    "script, expected",
    [
        (
            "residual",
            {"use the operation that makes a new tensor": "kept", "clone before the write": "kept"},
        ),
        ("gan", {"write after the backward": "kept"}),
        ("relu_in_place", {"keep what is saved apart from what is written": "kept"}),
        (
            "attention_mask",  # whoever writes later computes something else
            {
                "write after the backward": "other",
                "clone before the write": "kept",
                "keep what is saved apart from what is written": "kept",
            },
        ),
    ],
)
def test_repairs_of_real_scripts_are_tried(script, expected):
    path = path_of(script)
    assert outcomes(tried(path.read_text(), str(path))) == expected


def test_the_gradients_that_a_repair_gives_are_told_by_the_names_of_leaves():
    (found,) = tried(STEP)
    assert found.gradients == (("w", "[2., 4.]"),)
    assert str(found).endswith("had its saved tensors been kept; `w.grad` is [2., 4.].")


def test_leaves_in_a_function_have_names_too():
    body = "".join(f"    {line}\n" for line in STEP.splitlines()[1:])
    (found,) = tried(f"import torch\ndef main():\n{body}main()\n")
    assert (found.outcome, found.gradients) == ("kept", (("w", "[2., 4.]"),))


def test_a_repair_that_leaves_a_silent_write_is_found_out():
    silent = STEP.replace("loss.backward()", "w.data.mul_(2)\nloss.backward()")
    assert outcomes(tried(silent)) == {"write after the backward": "other"}


@pytest.mark.parametrize(
    "source, why",
    [
        ("import os\n" + STEP, "they use the module `os`"),
        (STEP.replace("loss.b", "torch.save(w, '/dev/null')\nloss.b"), "`save` reads or writes files"),
        (STEP.replace("import torch", "import torch\ntorch.set_num_threads(1)"), "torch.set_num_threads"),
    ],
)
def test_what_may_not_be_undone_is_not_tried(source, why):
    for each in tried(source):
        assert each.outcome == "untried" and why in each.why


def test_what_needs_a_tensor_from_before_is_not_tried():
    older = torch.ones(2, requires_grad=True)
    (found,) = tried(STEP.replace("w * w", "w * w * older"), names={"older": older})
    assert found.outcome == "untried" and "`older` is an object of a class of its own" in found.why
    assert older.grad.tolist() == [1.0, 4.0]  # the user's own backward came that far


def test_nothing_of_the_users_is_changed_by_trying():
    source = STEP.replace("loss = ", "torch.manual_seed(3)\nnoise = torch.rand(2)\nloss = ")
    names = {"__name__": "__main__"}
    with contextlib.suppress(RuntimeError):
        with record(backend="torch", names=names, program=Program("train.py", source)) as trace:
            exec(compile(source, "train.py", "exec"), names)
    engine, state = torch.autograd._engine_run_backward, torch.get_rng_state()
    w = names["w"]
    assert outcomes(repairs(trace)) == {"write after the backward": "kept"}
    assert names["w"] is w and w.grad is None and w.tolist() == [0.5, 1.5]
    assert torch.autograd._engine_run_backward is engine
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_default_dtype() is torch.float32 and torch.is_grad_enabled()
    assert sys.gettrace() is None or "coverage" in repr(sys.gettrace())


@pytest.mark.filterwarnings("ignore:Using backward")
def test_a_backward_that_is_made_differentiable_is_not_judged():
    source = STEP.replace("loss.backward()", "loss.backward(create_graph=True)")
    assert outcomes(tried(source)) == {"write after the backward": "unchecked"}
