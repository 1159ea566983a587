"""Where in the user's code something happened: the line, the expression, the names of variables.

The surprising idea: Python knows the exact columns of the instruction that is running
(`co_positions`), so the expression that made a temporary tensor can be quoted without parsing a line.
"""

from __future__ import annotations

import functools
import linecache
import os
import re
from types import CodeType, FrameType

from ..frames import is_the_users
from .events import Place
from .trace import Trace

# IPython gives each cell a file name of its own, with process ids and hashes in it.
CELL = re.compile(r"ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-.*>$")


def raised_at(error: BaseException) -> tuple[FrameType, int] | None:
    """The innermost frame of the user's code that an error went through, and the line there."""
    found, step = None, error.__traceback__
    while step is not None:
        if is_the_users(step.tb_frame):
            found = step.tb_frame, step.tb_lineno
        step = step.tb_next
    return found


QUOTED = 100  # lines: a longer stretch of source is quoted by its recorded lines alone


@functools.lru_cache(maxsize=512)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    return list(code.co_positions())


def expression(frame: FrameType, lasti: int | None = None) -> str:
    """The source of what this frame is computing right now, on one line; empty where it is unknown."""
    lasti = frame.f_lasti if lasti is None else lasti
    first, last, start, end = _positions(frame.f_code)[lasti // 2]
    if None in (first, last, start, end):
        return ""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)[first - 1 : last]
    if len(lines) != last - first + 1:
        return ""
    quoted = [line.encode() for line in lines]  # columns are counted in bytes
    quoted[-1] = quoted[-1][:end]
    quoted[0] = quoted[0][start:]
    return " ".join(b"".join(quoted).decode(errors="replace").split())


class Places:
    """Turns frames into `Place`s whose file names are the same on every machine and in every run."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        linecache.checkcache()  # a file may have been edited since it was last quoted

    def label(self, filename: str) -> str:
        """A file's name for the reader: `cell`, `cell 2`, ... in a notebook, else its path's end.

        The end is as short as tells it from other files: it does not depend on where Python runs.
        """
        if filename not in self.files:
            if CELL.search(filename):
                cells = sum(CELL.search(each) is not None for each in self.files)
                label = f"cell {cells + 1}" if cells else "cell"
            elif filename.startswith("<"):
                label = filename
            else:
                parts = filename.replace(os.sep, "/").split("/")
                ends = ("/".join(parts[start:]) for start in reversed(range(len(parts))))
                label = next((end for end in ends if end not in self.files.values()), filename)
            self.files[filename] = label
        return self.files[filename]

    def quote(self, trace: Trace) -> None:
        """Put into the trace the source from the first to the last line on which anything happened."""
        for filename, label in self.files.items():
            lines = [each.place.line for each in trace.events if each.place and each.place.file == label]
            if lines and max(lines) - min(lines) < QUOTED:
                source = linecache.getlines(filename)
                trace.sources[label] = {
                    line: source[line - 1].rstrip()
                    for line in range(min(lines), max(lines) + 1)
                    if line <= len(source)
                }

    def place(self, frame: FrameType, line: int | None = None) -> Place:
        code, line = frame.f_code, frame.f_lineno if line is None else line
        text = linecache.getline(code.co_filename, line, frame.f_globals).rstrip()
        return Place(self.label(code.co_filename), line, text, code.co_name)
