"""What nbval compares: every word, and no pixels.

Text, printed output, and an error's type and sentence have to match what the notebook holds; nbval
does that by itself. Rendered pictures differ from one renderer to the next (and are looked at by
`tests/browser`), and the file name of a cell is made of a process id: those two are left out here.

This is a plugin rather than a conftest.py (`-p` in pyproject.toml), so that it is there as well for
`pytest notebooks/01_....ipynb`.
"""

from __future__ import annotations

import pytest
from nbval.plugin import IPyNbFile

PICTURES = ("text/html", "image/svg+xml", "application/javascript")
CELL_FILE = r"\S*ipykernel_\d+[/\\]\d+\.py"


def pytest_collectstart(collector: pytest.Collector) -> None:
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += PICTURES
        collector.sanitize_patterns[CELL_FILE] = "<cell>"
