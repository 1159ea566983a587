"""What a reader finds who installed the wheel. Run it in a folder outside the checkout.

`examples`: with NumPy alone, the first and the last example, and a sentence in JupyterLab's place.
`lab`: with the lab extra, the notebooks, copied once and kept, and JupyterLab on the start page.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("autograd-core"))
FOLDER = Path("autograd-core-notebooks")


def examples() -> None:
    import autograd_core as torch

    assert "site-packages" in torch.__file__, torch.__file__

    # E1: a normal backward.
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    assert a.grad is None
    out.sum().backward()
    assert repr(a.grad) == "tensor([0.1779, 0.0313, 0.0037])", a.grad

    # E4: zero_ after detach.
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    c.zero_()
    assert repr(c) == "tensor([0., 0., 0.])", c
    assert repr(out) == "tensor([0., 0., 0.], grad_fn=<SigmoidBackward0>)", out
    try:
        out.sum().backward()
    except RuntimeError as error:
        print(error)
        assert str(error).startswith(
            "one of the variables needed for gradient computation has been modified by an inplace "
            "operation: [FloatTensor [3]], which is output 0 of Sigmoid, is at version 1; expected "
            "version 0 instead."
        )
    else:
        raise AssertionError("E4 raised nothing")

    done = subprocess.run([COMMAND, "lab"], capture_output=True, text=True, check=False)
    print(done.stderr, end="")
    assert done.returncode == 1
    assert done.stderr.endswith("with: pip install 'autograd-core[lab]'\n")
    assert not FOLDER.exists()


def lab() -> None:
    first = settings_of_jupyterlab()
    assert first["LabApp"]["default_url"] == "/lab/tree/00_start.ipynb"
    assert Path(first["ServerApp"]["root_dir"]) == FOLDER.absolute()
    names = sorted(path.name for path in FOLDER.glob("*.ipynb"))
    print(*names)
    assert names[0] == "00_start.ipynb" and len(names) > 1

    lesson = FOLDER / names[1]
    lesson.write_text("my notes")
    settings_of_jupyterlab()
    assert lesson.read_text() == "my notes"


def settings_of_jupyterlab() -> dict:
    """Run the command up to where JupyterLab knows what it would serve, and ask it that."""
    command = [COMMAND, "lab", "--no-browser", "--", "--show-config-json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout[done.stdout.index("{") :])


if __name__ == "__main__":
    {"examples": examples, "lab": lab}[sys.argv[1]]()
