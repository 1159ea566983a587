"""Run notebooks and write them back in the one form in which they are kept.

    python -m tests.rerun_notebooks [NOTEBOOK...]

Without names, all of them. Outputs are committed, so two runs on two machines have to give the same
file: whatever comes from the machine (metadata of the editor, timings, file names of cells, this
package's own frames in a traceback) is left out, and `test_notebooks_clean` holds the files to it.
Which cell begins a slide follows from what the cells are, so it is worked out here too.
"""

from __future__ import annotations

import argparse
import linecache
import re
from pathlib import Path
from types import CodeType

import nbformat
from nbclient import NotebookClient

from .nbval_rules import CELL_FILE

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = {"tags"}
PLAYS = re.compile(r"^\w+\Z", re.MULTILINE)  # a trace is the last line
ROOM = 36  # lines on a slide
ASKS = re.compile(r'prediction = "\?"|with predict\b')
DRAWS = re.compile(
    r"^with predict\b|^trace\Z|^(?:picture|curves|draw|beside)\(.*\Z|^%%autograd", re.MULTILINE
)
MAGIC = re.compile(r"^%.*$", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[\d;]*m")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.rerun_notebooks",
        description="Run notebooks in place and write them in the form in which they are kept.",
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="all of them, if none is named")
    for path in parser.parse_args().notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        run(notebook, path.parent)
        path.write_text(written(notebook), encoding="utf-8")
        print(path.name)


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells, from the top, in a new kernel that works in this folder.

    Raises CellExecutionError for an error in a cell that is not tagged `raises-exception`.
    """
    quiet = ["--log-level=ERROR"]
    where = {"metadata": {"path": folder}}
    NotebookClient(
        notebook, kernel_name="python3", timeout=60, extra_arguments=quiet, resources=where
    ).execute()


def plain(source: str) -> str:
    """A cell's code without the lines that are IPython's."""
    return MAGIC.sub("", source)


def compiled(source: str) -> CodeType:
    """A cell's code, its lines known to whoever asks for them, as a kernel makes it."""
    source = plain(source)
    linecache.cache["<cell>"] = len(source), None, source.splitlines(keepends=True), "<cell>"
    return compile(source, "<cell>", "exec")


def written(notebook: nbformat.NotebookNode) -> str:
    """The text of a notebook's file, with nothing in it that belongs to one machine or one run."""
    tidy = nbformat.from_dict(notebook)
    tidy.metadata = nbformat.from_dict(METADATA)
    for cell in tidy.cells:
        cell.metadata = {key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)}
        if cell.cell_type == "code":
            cell.outputs = _joined([_without_machine(output) for output in cell.outputs])
    for cell, slide in zip(tidy.cells, slides(tidy.cells), strict=True):
        if slide is not None:
            cell.metadata["slideshow"] = {"slide_type": slide}
    return nbformat.writes(tidy) + "\n"


def slides(cells: list[nbformat.NotebookNode]) -> list[str | None]:
    """What each cell is when a class is taught from slides; None continues the slide before it.

    A heading begins a slide, a picture has one of its own, a player fills it, what would not fit
    begins another, and the answer to a question is never on the same one as the question.
    """
    types: list[str | None] = []
    asked, taken, before = False, 0, ""
    for cell in cells:
        tags = cell.metadata.get("tags", [])
        if "solution" in tags:
            types.append("skip")
        elif cell.cell_type == "markdown" and cell.source.startswith("#"):
            types.append("slide")
        elif asked or (cell.cell_type == "code" and DRAWS.search(cell.source)):
            types.append("subslide")
        elif "**Things to notice**" in cell.source or "You said {" in cell.source:
            types.append("subslide" if PLAYS.search(before) else "fragment")
        elif taken + _lines(cell) > ROOM:
            types.append("subslide")
        else:
            types.append(None)
        taken = _lines(cell) + (0 if types[-1] in ("slide", "subslide") else taken)
        asked, before = bool(ASKS.match(cell.source)) or "exercise" in tags, cell.source
    return types


def _lines(cell: nbformat.NotebookNode) -> int:
    """Of what is written in a cell and printed below it, or raised."""
    outputs = cell.get("outputs", [])
    printed = "".join(output.get("text", "") for output in outputs)
    raised = sum(8 + len(output.evalue) // 60 for output in outputs if "evalue" in output)
    return len(cell.source.splitlines()) + len(printed.splitlines()) + raised


def _without_machine(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    if output.output_type == "stream":
        output.text = re.sub(CELL_FILE, "<cell>", output.text)
    elif output.output_type == "error":
        # The frames of the reader's own cells stay, those of files on this machine go.
        output.traceback = [
            part for part in output.traceback if not ANSI.sub("", part).startswith("File ")
        ]
    else:
        output.metadata = {}
    return output


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """The kernel sends what is printed in pieces, cut where it likes: make one of neighbours."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        if joined and output.get("name") == joined[-1].get("name", "no stream"):
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


if __name__ == "__main__":
    main()
