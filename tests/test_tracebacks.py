"""In a notebook an error of ours is the user's line and one sentence, and nothing in between."""

from __future__ import annotations

import re
import subprocess
import sys

RUN = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance(colors="nocolor")
{before}
shell.run_cell("import autograd_core as torch")
shell.run_cell({cell!r})
"""


def shown(cell: str, before: str = "") -> str:
    code = RUN.format(cell=cell, before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


def files_in(traceback: str) -> list[str]:
    return re.findall(r"^File (\S+)", traceback, re.MULTILINE)


def test_an_error_of_ours_shows_the_users_line_and_the_sentence() -> None:
    text = shown("torch.tensor([1, 2], requires_grad=True)")
    assert "----> 1 torch.tensor([1, 2], requires_grad=True)" in text
    assert text.rstrip().endswith(
        "RuntimeError: Only Tensors of floating point and complex dtype can require gradients"
    )
    assert files_in(text) == []


def test_an_error_in_the_users_hook_shows_the_hook() -> None:
    text = shown(
        "a = torch.tensor(1.0, requires_grad=True)\n"
        "def hook(grad):\n"
        "    return grad / nothing\n"
        "a.register_hook(hook)\n"
        "a.sin().backward()"
    )
    assert "----> 5 a.sin().backward()" in text
    assert "----> 3     return grad / nothing" in text
    assert files_in(text) == []


def test_a_handler_that_is_there_already_is_left_alone() -> None:
    text = shown(
        "torch.tensor([[1], [1, 2]])",
        before="shell.set_custom_exc((Exception,), lambda *args, **kwargs: print('mine'))",
    )
    assert text == "mine\n"


def test_other_peoples_errors_are_shown_whole() -> None:
    text = shown("import json\njson.loads('[')")
    assert any("json" in file for file in files_in(text))
