"""Scripts as people report them, in real PyTorch: each story names the line, the variable and a repair."""

from __future__ import annotations

import ast
import contextlib
import io
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from autograd_core import record
from autograd_core.recording.story import Story
from autograd_core.recording.values import text as text_of

from . import stored_traces
from .parity import oracle

pytestmark = pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED, reason="PyTorch 2.13.0 is not installed"
)
FOLDERS = Path(__file__).parent / "training", stored_traces.FOLDER

# The script; of what kind its story is; who wrote, in which line, and what was saved; the repair.
CASES = [
    (
        "gan",
        "written",
        "`opt_d.step()` (line 18) wrote `discriminator[2].weight` itself",
        "let `opt_d.step()` (line 18) run after `loss_g.backward()` (line 20)",
    ),
    (
        "relu_in_place",
        "written",
        "`return self.relu(gate) + gate` (line 15, in `forward`) wrote `gate` itself; Sigmoid saved `gate`",
        "`return self.relu(gate.clone()) + gate`",
    ),
    (
        "hidden_state",
        "freed",
        "`loss.backward()` (line 14), which runs a second time",
        "take `hidden.detach()` for `hidden` (line 11)",
    ),
    (
        "residual",
        "written",
        "`x += y` (line 16, in `forward`) wrote `x` itself; Addmm saved `x` at version 0 (line 15",
        "`x = x + y`",
    ),
    (
        "attention_mask",
        "written",
        "`weights[future] = 0.0` (line 10) wrote `weights` itself; Softmax saved `weights`",
        "`weights = weights.clone()` before line 10",
    ),
    (
        "attention_scores",
        "written",
        "`scores[:, future] = -torch.inf` (line 21, in `forward`) wrote `scores` itself; Logsumexp saved `scores`",
        "`scores = scores.clone()` before line 21",
    ),
    (
        "vae",
        "written",
        "`return deviation.mul_(noise).add_(mean)` (line 19, in `sample`, 2 times) wrote `deviation` itself; "
        "Exp saved `deviation` at version 1 (line 17",
        "`return deviation.mul(noise).add_(mean)`",
    ),
    (
        "dropout_in_place",
        "written",
        "`return self.out(self.dropout(self.gate(self.linear(x))))` (line 18, in `forward`) wrote "
        "`self.gate(self.linear(x))` itself",
        "`return self.out(self.dropout(self.gate(self.linear(x)).clone()))`",
    ),
    (
        "weight_norm",
        "written",
        "`self.weight.div_(self.weight.norm(dim=1, keepdim=True))` (line 14, in `forward`) wrote the "
        "storage that `self.weight.T` (line 15, in `forward`) shares with `self.weight`",
        "run the forward (line 15, in `forward`) anew before that",
    ),
    (
        "running_mean",
        "written",
        "`self.running_mean.mul_(0.9).add_(0.1 * x.mean(0))` (line 15, in `forward`, 2 times) wrote "
        "`self.running_mean` itself; Mul saved `self.running_mean` at version 0 (line 14",
        "run after `result.sum().backward()` (line 22)",
    ),
    (
        "data_clip",
        "silent",
        "`activation.data.clamp_(max=1.0)` (line 8) wrote the storage that `activation` shares with "
        "`activation.data`",
        "`weight.grad` is [1.0000, 1.0000, 0.0498] and should be [1.6487, 7.3891, 0.0498]",
    ),
    (
        "wgan_clip",
        "silent",
        "`weight.data.clamp_(-limit, limit)` (line 11, in `clip`) wrote the storage that `critic[2].weight` shares with "
        "`weight.data`",
        "let `weight.data.clamp_(-limit, limit)` (line 11, in `clip`) run after `loss.backward()` (line 21)",
    ),
    (
        "wrong_detach",
        "ungiven",
        "`net.encoder.weight.grad` is None: `shown = code.detach()` (line 15, in `forward`) cut it",
        "use `code` itself there",
    ),
    (
        "numpy_batches",
        "silent",
        "`net.weight.grad` is wrong, and no version counter tells. `batch -= batch.mean()` (line 14)",
        "`x = torch.from_numpy(batch.copy())`",
    ),
    (
        "numpy_write",
        "silent",
        "`array[0] = 0.0` (line 8) wrote the memory of `growth`, which NumPy shares since",
        "`array = growth.detach().numpy().copy()`",
    ),
]


def path_of(script: str) -> Path:
    return next(path for folder in FOLDERS if (path := folder / f"{script}.py").exists())


def explained(script: Path) -> tuple[Story | None, str]:
    """The story of a script, and what it prints."""
    names: dict[str, object] = {"__name__": "__main__"}
    recording, printed = record(backend="torch", names=names), io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
        warnings.simplefilter("ignore")
        with contextlib.suppress(RuntimeError, AttributeError), recording:
            exec(compile(script.read_text(), str(script), "exec"), names)
    return recording.story, printed.getvalue()


@pytest.mark.parametrize("script, kind, told, repair", CASES, ids=[case[0] for case in CASES])
def test_the_story_names_the_line_the_variable_and_a_repair(
    script: str, kind: str, told: str, repair: str
) -> None:
    story, _ = explained(path_of(script))
    assert story is not None and story.kind == kind
    assert told in story.text
    assert repair in story.text


@pytest.mark.parametrize(
    "script, write, leaf",
    [
        ("wgan_clip", "    clip(critic, 0.05)\n", "critic[0].bias"),
        ("numpy_batches", "    batch -= batch.mean()\n", "net.weight"),
        ("data_clip", "activation.data.clamp_(max=1.0)\n", "weight"),
    ],
)
def test_what_a_gradient_should_be_is_what_it_is_without_the_write(script: str, write: str, leaf: str) -> None:
    text = path_of(script).read_text()
    assert write in text
    round_one, _, _ = text.replace(write, "").partition("    optimizer.step()")  # gradients add up
    names: dict[str, object] = {}
    exec(round_one.replace("range(2)", "range(1)").replace("np.split(images, 2)", "[images[:4]]"), names)
    story, _ = explained(path_of(script))
    told = {each.tensor: each.true for each in story.gradients}
    assert told[leaf] == text_of(eval(f"{leaf}.grad", names).numpy())


def in_main(source: str) -> str:
    """The same script as people write it, with all of it in `def main()`, line for line."""
    lines, declared = source.splitlines(), (ast.Import, ast.ImportFrom, ast.ClassDef)
    body = [each for each in ast.parse(source).body[1:] if not isinstance(each, declared)]
    first = body[0].lineno - 1
    assert not lines[first - 1]
    inner = [f"    {line}" if line else "" for line in lines[first:]]
    return "\n".join([*lines[: first - 1], "def main():", *inner, "", 'if __name__ == "__main__":', "    main()\n"])


@pytest.mark.parametrize("script, kind, told, repair", CASES, ids=[case[0] for case in CASES])
def test_a_script_whose_variables_are_those_of_its_main_is_told_in_the_same_words(
    script: str, kind: str, told: str, repair: str, tmp_path: Path
) -> None:
    copy = tmp_path / f"{script}.py"
    copy.write_text(in_main(path_of(script).read_text()))
    story, _ = explained(copy)
    assert story is not None and story.kind == kind
    assert told in story.text
    assert repair in story.text


def test_parameters_are_named_where_model_and_optimizer_are_older_than_the_recording() -> None:
    import torch
    from torch import nn

    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with record(backend="torch"):
        loss = net(torch.ones(2, 3)).sum()
        loss.backward(retain_graph=True)
        optimizer.step()
        with pytest.raises(RuntimeError) as raised:
            loss.backward()
    assert "`optimizer.step()`" in raised.value.__notes__[0]
    assert "wrote `net[2].weight` itself" in raised.value.__notes__[0]


def test_parameters_that_live_in_an_object_alone_are_named_from_its_method() -> None:
    import torch
    from torch import nn

    class Trainer:
        def __init__(self) -> None:
            self.net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
            self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)

        def fit(self) -> None:
            loss = self.net(torch.ones(2, 3)).sum()
            loss.backward(retain_graph=True)
            self.optimizer.step()
            loss.backward()

    with record(backend="torch"):
        with pytest.raises(RuntimeError) as raised:
            Trainer().fit()
    assert "`self.optimizer.step()`" in raised.value.__notes__[0]
    assert "wrote `self.net[2].weight` itself" in raised.value.__notes__[0]


def test_a_correct_script_gives_no_alarm_and_computes_what_it_computes_alone() -> None:
    script = path_of("correct")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        story, printed = explained(script)
    assert story is None
    alone = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert printed == alone.stdout


def explain(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "autograd_core", "explain", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=120)


def test_explain_notices_that_a_script_uses_pytorch() -> None:
    done = explain(str(path_of("residual")))
    assert done.returncode == 1
    assert "`x += y` (line 16, in `forward`) wrote `x` itself" in done.stdout
    assert "autograd_core" not in done.stderr  # the traceback is the user's own


def test_explain_runs_a_script_as_python_would(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import os, sys, torch, helper\n"
        "print(__name__, sys.argv[1:], os.getcwd() == sys.path[0], helper.double(torch.ones(1)))\n"
        "sys.exit(3)\n"
    )
    (tmp_path / "helper.py").write_text("def double(x):\n    return x * 2\n")
    done = explain("train.py", "--fast", cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "__main__ ['--fast'] True tensor([2.])",
        "train.py raised no error of autograd.",
    ]
    assert done.returncode == 3


def test_explain_follows_a_script_that_forks_compiles_or_uses_threads(tmp_path: Path) -> None:
    script = tmp_path / "many.py"
    script.write_text(
        "import os, threading, torch\n"
        "x = torch.ones(3, requires_grad=True)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    (x * 2).sum().backward()\n"
        "    os._exit(int(x.grad.sum().item()))\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "thread = threading.Thread(target=lambda: (x * 3).sum().backward())\n"
        "thread.start(); thread.join()\n"
        "f = torch.compile(lambda t: t.sin() * 2, backend='eager')\n"
        "print(x.grad.tolist(), torch.equal(f(x), x.sin() * 2))\n"
    )
    done = explain(str(script))
    assert done.stdout.splitlines() == [
        "6",
        "[3.0, 3.0, 3.0] True",
        f"{script} raised no error of autograd.",
    ], done.stderr


def test_explain_tells_what_had_happened_when_a_script_exits_early(tmp_path: Path) -> None:
    script = tmp_path / "early.py"
    script.write_text(
        "import sys, torch\n"
        "out = torch.ones(2, requires_grad=True).exp()\n"
        "out.detach().zero_()\n"
        "try:\n"
        "    out.sum().backward()\n"
        "except RuntimeError:\n"
        "    sys.exit(5)\n"
    )
    done = explain(str(script))
    assert "`out.detach().zero_()` (line 3) wrote the storage that `out` shares" in done.stdout
    assert done.returncode == 1
