"""What nbval compares: every word, and no pixels.

Text, printed output, and an error's type and sentence have to match what the notebook holds; nbval
does that by itself. Rendered pictures differ from one renderer to the next (and are looked at by
`tests/browser`), and the file name of a cell is made of a process id: those two are left out here.

This is a plugin rather than a conftest.py (`-p` in pyproject.toml), so that it is there as well for
`pytest notebooks/01_....ipynb`.
"""

from __future__ import annotations

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

PICTURES = ("text/html", "image/svg+xml", "application/javascript")
CELL_FILE = r"\S*ipykernel_\d+[/\\]\d+\.py"


def pytest_collectstart(collector: pytest.Collector) -> None:
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += PICTURES
        collector.sanitize_patterns[CELL_FILE] = "<cell>"


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
