"""Find the notebooks that ship with the package, and lay them out where a reader can edit them.

The surprising idea: a reader's folder holds two people's work. `copy_notebooks` tells them apart by
a small record, kept in the folder, of what each file was when it was copied. A file that still
matches the record is ours to update; a file that does not is the reader's, and is never touched.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

START = "00_start.ipynb"
RECORD = ".autograd-core.json"


def shipped_notebooks() -> Path:
    """The folder of notebooks that belongs to this very package.

    In an installed wheel it lies inside the package; in a checkout it lies beside it.
    Raises FileNotFoundError where there is neither.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / START).is_file():
            return folder
    raise FileNotFoundError(f"no notebooks were found in {package} or beside it.")


def is_checkout(notebooks: Path) -> bool:
    """Whether `notebooks` lies in a source checkout, where it is opened in place."""
    return (notebooks.parent / "pyproject.toml").is_file()


@dataclass
class Copied:
    """What `copy_notebooks` did, as paths relative to the folder."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def copy_notebooks(source: Path, folder: Path) -> Copied:
    """Bring `folder` up to date with `source`, leaving alone every file the reader changed.

    A file that the reader deleted is written again: deleting is how to get a fresh one. Each file
    appears whole or not at all. Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    recorded = _read_record(folder)
    now: dict[str, str] = {}
    copied = Copied()
    for path in _files(source):
        name = path.relative_to(source).as_posix()
        target = folder / name
        ours = _digest(path)
        theirs = _digest(target) if target.exists() else None
        if theirs not in (None, ours, recorded.get(name)):
            copied.kept.append(name)
            # Keep what we once gave: should the reader undo the change, the file is ours again.
            if name in recorded:
                now[name] = recorded[name]
            continue
        now[name] = ours
        if theirs != ours:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(target, path.read_bytes())
            copied.written.append(name)
    # Last, so that a copy that was cut short leaves at worst a file taken for the reader's own.
    if now != recorded:
        _write_whole(folder / RECORD, (json.dumps(now, indent=1) + "\n").encode())
    return copied


def _files(source: Path) -> list[Path]:
    """Every shipped file, in order, without what editors and Jupyter leave behind."""
    return sorted(
        path
        for path in source.rglob("*")
        if path.is_file()
        and not any(
            part.startswith(".") or part == "__pycache__" for part in path.relative_to(source).parts
        )
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_record(folder: Path) -> dict[str, str]:
    """What was copied before. An unreadable record counts as none: then nothing is overwritten."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write_whole(target: Path, content: bytes) -> None:
    """Write beside the target first, then rename: nobody ever sees half a file."""
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
