"""Where PyTorch cannot be recorded: there is none, or one that is too old. One sentence says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RECORD = "from autograd_core import record\nrecord(backend='torch')\n"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder in which `import torch` finds a PyTorch of long ago."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("__version__ = '1.13.1+cpu'\n")
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd=folder, timeout=120
    )


def test_where_there_is_no_pytorch_a_recording_of_it_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "-c", f"import sys\nsys.modules['torch'] = None\n{RECORD}")
    assert done.returncode == 1
    assert "Unsupported: recording PyTorch needs PyTorch, and there is none here: " in done.stderr


def test_an_older_pytorch_is_refused_by_its_version(old: Path) -> None:
    done = run(old, "-c", RECORD)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "Unsupported: recording PyTorch needs 2.13 or newer, and this is 1.13.1+cpu\n"
    )


def test_a_script_that_uses_an_older_pytorch_runs_and_is_told_why_it_was_not_recorded(old: Path) -> None:
    (old / "train.py").write_text("import sys, torch\nprint(torch.__version__)\nsys.exit(4)\n")
    done = run(old, "-m", "autograd_core", "explain", "train.py")
    assert done.stdout.splitlines() == [
        "1.13.1+cpu",
        "train.py uses PyTorch and was not recorded: recording PyTorch needs 2.13 or newer, and this is "
        "1.13.1+cpu.",
    ]
    assert done.returncode == 4 and done.stderr == ""


def test_a_script_whose_pytorch_is_missing_fails_as_it_does_alone(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import sys\nsys.modules['torch'] = None\nimport torch\n")
    alone, explained = (
        run(tmp_path, *words) for words in (["train.py"], ["-m", "autograd_core", "explain", "train.py"])
    )
    assert explained.returncode == alone.returncode == 1
    assert explained.stderr.splitlines()[-1] == alone.stderr.splitlines()[-1]
    assert explained.stdout == "train.py raised no error of autograd.\n"
