"""The notebooks say that their code is PyTorch. So PyTorch runs it, and prints what they print.

What PyTorch cannot know is left out: the import of `autograd_core`, and cells that ask a trace
(or for its story) or ask a name from inside this core.
`record` records nothing here, `predict` asks nothing, and `picture`, `draw` and `curves` draw nothing.
"""

from __future__ import annotations

import io
import linecache
import re
import warnings
from collections.abc import Callable
from contextlib import chdir, nullcontext, redirect_stdout, suppress
from pathlib import Path

import nbformat
import pytest

from autograd_core import exercises

from ..rerun_notebooks import plain
from . import oracle, recording
from .sentences import sentence

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
OURS = re.compile(r"^(?:import autograd_core as torch|from autograd_core\b.*)$", re.MULTILINE)
TRACE = re.compile(r"\b(?:record|predict\.\w+)\(.*\) as (\w+)")
LOADED = re.compile(r"^(\w+) = Trace\.load\(", re.MULTILINE)
INSIDE = re.compile(
    r"^from autograd_core\.(?!drawing\.curves\b|exercises\b)\S+ import (\w+)$", re.MULTILINE
)


class Asked:
    """`predict` without a trace: it runs the block, and keeps an error to itself."""

    def __getattr__(self, about: str) -> Callable[..., object]:
        return lambda *asked: suppress(RuntimeError)


Told = dict[str, object]
"""What a cell told its reader: `printed`, `warned` and `raised`."""


def kept(cell: nbformat.NotebookNode) -> Told:
    """What the notebook says that the cell told."""
    streams = {output.name: output.text for output in cell.outputs if "name" in output}
    raised = [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]
    # Python shows a warning as `file:line: Category: sentence`, and below it the line of code.
    # What the recorder warns of, PyTorch cannot know.
    warned = re.findall(
        r"^<cell>:\d+: (?!SilentCorruption)(.*)$", streams.get("stderr", ""), re.MULTILINE
    )
    return {"printed": streams.get("stdout", ""), "warned": warned, "raised": raised}


def told(source: str, names: dict[str, object], cell: str) -> Told:
    """What a cell tells when it is run with these names. Its lines are known, as a notebook's are."""
    printed, raised = io.StringIO(), []
    linecache.cache[cell] = len(source), None, source.splitlines(keepends=True), cell
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            exec(compile(OURS.sub("", source), cell, "exec"), names)
        except Exception as error:
            raised = [f"{type(error).__name__}: {sentence(str(error))}"]
    warned = [f"{each.category.__name__}: {sentence(str(each.message))}" for each in caught]
    return {"printed": sentence(printed.getvalue()), "warned": warned, "raised": raised}


@pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED,
    reason=f"PyTorch {recording.PYTORCH} is not installed, to run the notebooks' code",
)
def test_the_notebooks_code_does_in_pytorch_what_the_notebooks_show() -> None:
    compared = 0
    for path in NOTEBOOKS:
        names = {"torch": oracle.pytorch(), "record": nullcontext, "predict": Asked()}
        names |= {drawn: lambda *_, **__: None for drawn in ("picture", "curves", "draw")}
        names |= {"verdict": exercises.verdict, "close": exercises.close}
        unknown = {r"\bexplain\(", r"\bbackend\b"}  # what PyTorch cannot be asked for
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            unknown |= {rf"\b{trace}[.,]" for trace in TRACE.findall(cell.source)}
            unknown |= {rf"\b{name}\b" for name in INSIDE.findall(cell.source)}
            unknown |= {rf"\b{trace}\b" for trace in LOADED.findall(cell.source)}
            if not any(re.search(each, cell.source) for each in unknown):
                where = f"{path.name}, cell {cell.id}"
                with chdir(path.parent):
                    assert told(plain(cell.source), names, where) == kept(cell), where
                compared += 1
    assert compared
