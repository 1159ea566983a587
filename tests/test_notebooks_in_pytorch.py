"""What the notebooks say of PyTorch: with `import torch`, every cell that is left prints the same.

Left out is what is ours, as the notebooks say: what watches a run, draws it, or checks an answer.
"""

from __future__ import annotations

import io
import re
import warnings
from contextlib import redirect_stdout

import nbformat
import pytest

from .parity import oracle
from .rerun_notebooks import NOTEBOOKS

pytestmark = pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED, reason="PyTorch 2.13.0 is not installed"
)
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
LESSONS = [path for path in PATHS if path.name[:2] not in ("12", "14")]  # they use both libraries
IMPORTS = re.compile(r"^from autograd_core(\.\w+)* import [\w, ]+$", re.MULTILINE)
WATCHED = re.compile(r"with (predict\.\w+|record)\(.*?\)( as \w+)?:")
SHOWN = re.compile(r"^(picture|curves)\(.*$|^(trace|riddle|bug_7)$", re.MULTILINE)
OURS = re.compile(r"\b(trace|riddle|bugs|OperationNode|VersionBumped)\b")


def left(source: str) -> str:
    """The cell without what is ours, or nothing if there is nothing else in it."""
    source = IMPORTS.sub("", source.replace("import autograd_core as torch", "import torch"))
    source = SHOWN.sub("", WATCHED.sub("if True:", source))
    return "" if OURS.search(source) else source


def told(cell: nbformat.NotebookNode) -> tuple[str, str]:
    """What the cell printed here, and the first line of its error."""
    texts = [each.text for each in cell.outputs if each.get("name") == "stdout"]
    errors = [each.evalue for each in cell.outputs if each.output_type == "error"]
    return "".join(texts), "".join(errors).split("\n")[0]


def run(source: str, names: dict[str, object]) -> tuple[str, str]:
    printed, failed = io.StringIO(), ""
    with redirect_stdout(printed), warnings.catch_warnings(action="ignore"):
        try:
            exec(source, names)
        except (RuntimeError, AttributeError) as error:
            failed = str(error)
    return printed.getvalue(), failed


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_cell_that_is_left_prints_the_same_in_pytorch(path):
    names, compared = {}, 0
    for cell in nbformat.read(path, as_version=4).cells:
        source = left(cell.source) if cell.cell_type == "code" else ""
        if not source or "check" in cell.metadata.get("tags", []):
            continue
        printed, failed = (each.replace("torch.Float", "Float") for each in run(source, names))
        asked = "with predict." in cell.source  # and keeps the error to itself
        assert (printed, "" if asked else failed) == told(cell), cell.id
        compared += bool(printed or failed)
    assert compared > 1 or path.stem == "00_start"
