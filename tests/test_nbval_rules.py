"""The notebooks' own test: does nbval, with our rules, notice every word that is no longer true?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent

CELLS = {
    "prints": "print('printed')",
    "warns": "import warnings; warnings.warn('warned')",
    "results": "'result'",
    "draws": "from IPython.display import HTML, SVG, display\nfrom time import time_ns\n"
    "display(HTML(f'<b>{time_ns()}</b>'))\n"
    "SVG(f'<svg xmlns=\"http://www.w3.org/2000/svg\"><desc>{time_ns()}</desc></svg>')",
    "types": "print('of type [FloatTensor [3]]')",
    "raises": "raise RuntimeError('raised')",
}

# What the notebook holds in place of the truth, by cell: the output's field and another value.
LIES = {
    "prints": {"text": "painted\n"},
    "warns": {"text": "warmed\n"},
    "results": {"data": {"text/plain": "'results'"}},
    "raises": {"evalue": "razed"},
}
NOT_COMPARED = {
    "draws": {
        "data": {"text/html": "<b>now</b>", "text/plain": "<IPython.core.display.HTML object>"}
    },
    "types": {"text": "of type [torch.FloatTensor [3]]\n"},
    "raises": {"traceback": ["by another road"]},
}
SECONDS = 6  # allowed here; in the slow notebook a cell sleeps for as long
OTHER_TYPE = {"raises": {"ename": "ValueError"}}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The cells that nbval finds fault with in each of six notebooks: one run of pytest."""
    folder = tmp_path_factory.mktemp("notebooks")
    true = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in CELLS.values()])
    true.cells[-1].metadata.tags = ["raises-exception"]
    NotebookClient(true, kernel_name="python3").execute()
    write(true, folder / "lies.ipynb", LIES)
    write(true, folder / "pictures.ipynb", NOT_COMPARED)
    write(true, folder / "errors.ipynb", OTHER_TYPE, prints="raise RuntimeError")
    write(true, folder / "gone.ipynb", {}, raises="pass")
    slowly = f"import time; time.sleep({SECONDS}); {CELLS['warns']}"
    write(true, folder / "slow.ipynb", {}, warns=slowly)
    (folder / "torch.py").write_text(f"import time; time.sleep({SECONDS})")
    importing = f"{CELLS['warns']}\nif True:\n    import torch"
    write(true, folder / "imports.ipynb", {}, warns=importing)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", ROOT]
        + ["-p", "no:cacheprovider", "-o", f"notebook_seconds={SECONDS}"]
        + ["--color=no", "-v", folder],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    verdicts = re.findall(r"(\w+)\.ipynb::Cell (\d+) (PASSED|FAILED)", run.stdout)
    assert len(verdicts) == 6 * len(CELLS), run.stdout + run.stderr
    found: dict[str, set[str]] = {name: set() for name, _, _ in verdicts}
    for name, cell, verdict in verdicts:
        if verdict == "FAILED":
            found[name].add(list(CELLS)[int(cell)])
    return found


def write(notebook: nbformat.NotebookNode, path: Path, held: dict, **sources: str) -> None:
    """Write a copy that holds other outputs than the truth, or other sources."""
    changed = nbformat.reads(nbformat.writes(notebook), as_version=4)
    for cell, name in zip(changed.cells, CELLS, strict=True):
        cell.outputs[0].update(held.get(name, {}))
        cell.source = sources.get(name, cell.source)
    nbformat.write(changed, path)


def test_nbval_compares_what_is_printed_warned_returned_and_raised(faults):
    assert faults["lies"] == set(LIES)


def test_nbval_compares_neither_pictures_nor_tracebacks_nor_the_torch_before_a_type(faults):
    assert faults["pictures"] == set()


def test_nbval_finds_an_error_of_another_type_and_an_error_that_is_new(faults):
    assert faults["errors"] == {"prints", "raises"}


def test_nbval_finds_an_expected_error_that_is_gone(faults):
    assert faults["gone"] == {"raises"}


def test_a_notebook_that_takes_too_long_fails_from_the_cell_on_where_it_does(faults):
    assert faults["slow"] == {"warns", "results", "draws", "types", "raises"}


def test_the_import_of_pytorch_is_not_counted_as_the_notebooks_time(faults):
    assert faults["imports"] == set()
