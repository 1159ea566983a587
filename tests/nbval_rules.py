"""What nbval compares: every word, and no pixels. And no notebook may take its reader's time.

Text, printed output, and an error's type and sentence have to match what the notebook holds; nbval
does that by itself. Rendered pictures differ from one renderer to the next (and are looked at by
`tests/browser`), and the file name of a cell is made of a process id: those two are left out here, and
whether an error says `torch.FloatTensor` or `FloatTensor`.

A notebook whose cells take longer than `notebook_seconds` fails at the cell that gets it there. What
PyTorch takes to be imported is not counted.

This is a plugin rather than a conftest.py (`-p` in pyproject.toml), so that it is there as well for
`pytest notebooks/01_....ipynb`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

PICTURES = ("text/html", "image/svg+xml", "application/javascript")
CELL_FILE = r"\S*ipykernel_\d+[/\\]\d+\.py"
TYPE = r"\[torch\.(?=\w+Tensor )"  # as PyTorch begins a type; a notebook may run it, or this package


IMPORT = re.compile(r"^\s+import torch$", re.MULTILINE)  # takes seconds, and is not the notebook's doing
SPENT = pytest.StashKey[float]()  # seconds, by all cells of a notebook so far


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("notebook_seconds", "how long the cells of a notebook may take, all together")


def pytest_collectstart(collector: pytest.Collector) -> None:
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += PICTURES
        collector.sanitize_patterns[CELL_FILE] = "<cell>"
        collector.sanitize_patterns[TYPE] = "["


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests run in any order; the cells of one notebook are one test, and keep theirs."""
    cells: dict[pytest.Collector, list[IPyNbCell]] = {}
    for item in items:
        if isinstance(item, IPyNbCell):
            cells.setdefault(item.parent, []).append(item)
    ordered: list[pytest.Item] = []
    for item in items:
        if isinstance(item, IPyNbCell):
            ordered += sorted(cells.pop(item.parent, []), key=lambda cell: cell.cell_num)
        else:
            ordered.append(item)
    items[:] = ordered


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    report = yield
    if isinstance(item, IPyNbCell) and call.when == "call" and not IMPORT.search(item.cell.source):
        notebook, allowed = item.parent, float(item.config.getini("notebook_seconds"))
        spent = notebook.stash[SPENT] = notebook.stash.get(SPENT, 0.0) + call.duration
        if report.passed and spent > allowed:
            report.outcome = "failed"
            report.longrepr = f"{notebook.name} has taken {spent:.0f} s so far, of {allowed:g}"
    return report
