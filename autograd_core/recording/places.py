"""Where in the user's code something happened: the line, and the expression.

The surprising idea: Python knows the exact columns of the instruction that is running
(`co_positions`), so the expression that made a temporary tensor can be quoted without parsing a line.
While the code runs only the instruction is noted (a `Spot`); it is looked up when somebody asks.
"""

from __future__ import annotations

import functools
import linecache
import os
import re
import site
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from types import CodeType, FrameType

from ..frames import NOT_THE_USERS, is_the_users
from .events import Place

# IPython gives each cell a file name of its own, with process ids and hashes in it.
CELL = re.compile(r"ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-.*>$")
LONGEST = 2000  # characters of a line, or of an expression
QUOTED = 100  # lines: a longer stretch of source is quoted by its recorded lines alone


Spot = tuple[CodeType, int]  # an instruction of the user's code: the code, and where in it


def spot(frame: FrameType) -> Spot:
    """What this frame is running right now."""
    return frame.f_code, frame.f_lasti


def raised_at(error: BaseException) -> tuple[FrameType, int] | None:
    """The innermost frame of the user's code that an error went through, and the instruction there."""
    found, step = None, error.__traceback__
    while step is not None:
        if is_the_users(step.tb_frame):
            found = step.tb_frame, step.tb_lasti
        step = step.tb_next
    return found


def _libraries() -> tuple[str, ...]:
    """The folders of code that is nobody's lesson: Python's own, and what is installed."""
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*site.getsitepackages(), site.getusersitepackages()}
    return tuple(os.path.join(os.path.abspath(folder), "") for folder in folders)


LIBRARIES = (*NOT_THE_USERS, *_libraries(), "<frozen ")


class Files(dict[str, bool]):
    """For each file name that code had: is it the user's? Each is looked at once.

    `lines` has the source of those that are, as it was when their code first ran here.
    """

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}

    def __missing__(self, filename: str) -> bool:
        self[filename] = mine = not filename.startswith(LIBRARIES)
        return mine

    def users_frame(self, frame: FrameType | None) -> FrameType | None:
        """The innermost frame of the user's from this one on, past the libraries that it called."""
        while frame is not None and not self[frame.f_code.co_filename]:
            frame = frame.f_back
        return frame

    def keep_source(self, frame: FrameType) -> None:
        filename = frame.f_code.co_filename
        if filename not in self.lines:
            linecache.checkcache(filename)  # it may have been edited since it was last quoted
            self.lines[filename] = linecache.getlines(filename, frame.f_globals)


@functools.lru_cache(maxsize=512)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    return list(code.co_positions())


class Places:
    """Turns spots into `Place`s whose file names are the same on every machine and in every run."""

    def __init__(self, lines: Mapping[str, Sequence[str]]) -> None:
        self.lines = lines
        self.labels: dict[str, str] = {}  # by file name
        self.known: dict[tuple[int, int], Place] = {}
        self.codes: list[CodeType] = []  # kept, so that no other code can come to have their ids

    def label(self, filename: str) -> str:
        """A file's name for the reader: `cell`, `cell 2`, ... in a notebook, else its path's end.

        The end is as short as tells it from other files: it does not depend on where Python runs.
        """
        if filename not in self.labels:
            if CELL.search(filename):
                cells = sum(CELL.search(each) is not None for each in self.labels)
                label = f"cell {cells + 1}" if cells else "cell"
            elif filename.startswith("<"):
                label = filename
            else:
                parts = filename.replace(os.sep, "/").split("/")
                ends = ("/".join(parts[start:]) for start in reversed(range(len(parts))))
                label = next((end for end in ends if end not in self.labels.values()), filename)
            self.labels[filename] = label
        return self.labels[filename]

    def place(self, spot: Spot) -> Place:
        code, lasti = spot
        key = id(code), lasti
        if key not in self.known:
            line = _positions(code)[max(lasti, 0) // 2][0] or code.co_firstlineno
            lines = self.lines.get(code.co_filename, ())
            text = lines[line - 1].rstrip()[:LONGEST] if line <= len(lines) else ""
            self.known[key] = Place(self.label(code.co_filename), line, text, code.co_name)
            self.codes.append(code)
        return self.known[key]

    def expression(self, spot: Spot) -> str:
        """The source of what is computed there, on one line; empty where it is unknown."""
        code, lasti = spot
        first, last, start, end = _positions(code)[lasti // 2]
        if None in (first, last, start, end):
            return ""
        lines = self.lines.get(code.co_filename, ())[first - 1 : last]
        if len(lines) != last - first + 1:
            return ""
        quoted = [line.encode() for line in lines]  # columns are counted in bytes
        quoted[-1] = quoted[-1][:end]
        quoted[0] = quoted[0][start:]
        text = " ".join(b"".join(quoted).decode(errors="replace").split())
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."

    def quotes(self, places: Iterable[Place | None]) -> dict[str, dict[int, str]]:
        """For each file, the source from the first to the last line on which anything happened."""
        numbers: dict[str, set[int]] = {}
        for place in places:
            if place is not None:
                numbers.setdefault(place.file, set()).add(place.line)
        quotes: dict[str, dict[int, str]] = {}
        for filename, label in self.labels.items():
            lines, source = numbers.get(label), self.lines.get(filename, ())
            if lines and max(lines) - min(lines) < QUOTED:
                quotes[label] = {
                    line: source[line - 1].rstrip()[:LONGEST]
                    for line in range(min(lines), max(lines) + 1)
                    if line <= len(source)
                }
        return quotes
