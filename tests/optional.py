"""Where PyTorch is not installed, the examples in what imports it are left out, as its tests are."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """True for the part of the package that is only imported when PyTorch is asked for."""
    is_optional = collection_path.parts[-2:] == ("recording", "pytorch")
    return True if is_optional and importlib.util.find_spec("torch") is None else None
