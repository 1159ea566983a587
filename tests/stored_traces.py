"""The recordings of PyTorch that notebook 14 opens: `python -m tests.stored_traces` makes them (needs PyTorch).

Of an example, PyTorch runs the very cell of the notebook; the script is run as `explain` would run it.
"""

from __future__ import annotations

import contextlib
import functools
import linecache
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import nbformat

from autograd_core import record
from autograd_core.recording.trace import Trace

from .parity import oracle
from .rerun_notebooks import NOTEBOOKS

FOLDER = NOTEBOOKS / "traces"
NOTEBOOK = NOTEBOOKS / "14_same_in_pytorch.ipynb"
CELL = "ipykernel_1/1.py"  # as a kernel calls it
ASKED = re.compile(
    r"with (?:predict\.\w+\(.*\)|(?:suppress\(RuntimeError\), )?record\(\)) as (\w+):"
)
RECORDS = r"with suppress(RuntimeError), record() as \1:"


def of_cell(name: str) -> Trace:
    """What PyTorch does in the `with` of this cell of the notebook."""
    (cell,) = [each for each in nbformat.read(NOTEBOOK, as_version=4).cells if each.id == name]
    source, _, _ = ASKED.sub(RECORDS, cell.source).partition("\n\n")
    linecache.cache[CELL] = len(source), None, source.splitlines(keepends=True), CELL
    names = {
        "torch": oracle.pytorch(),
        "record": functools.partial(record, backend="torch"),
        "suppress": contextlib.suppress,
    }
    exec(compile(source, CELL, "exec"), names)
    return names[ASKED.search(cell.source)[1]]


def of_script(name: str) -> Trace:
    """What PyTorch does in this script."""
    names = {"__name__": "__main__"}
    with contextlib.chdir(FOLDER), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(RuntimeError), record(backend="torch", names=names) as trace:
            exec(compile(Path(name).read_text(encoding="utf-8"), name, "exec"), names)
    return trace


STORED: dict[str, Callable[[], Trace]] = {
    "1_normal": functools.partial(of_cell, "normal"),
    "2_unwritten": functools.partial(of_cell, "unwritten-recorded"),
    "3_wrong_side": functools.partial(of_cell, "wrong-side-asked"),
    "4_written": functools.partial(of_cell, "written-recorded"),
    "attention_mask": functools.partial(of_script, "attention_mask.py"),
}


def main() -> None:
    for name, recorded in STORED.items():
        recorded().save(FOLDER / f"{name}.json")
        print(name)


if __name__ == "__main__":
    main()
