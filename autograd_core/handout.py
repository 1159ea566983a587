"""A handout: one file with the full players in it, to mail, to project, to print.

    trace.to_html("e4.html")
    autograd-core handout notebook.ipynb

It needs no Python, no Jupyter and no network. A notebook's outputs go in as they were saved,
nothing is run; what they have in common, the code of their players above all, goes in once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from .drawing.picture import panes, unpacked
from .recording.trace import Trace
from .widgets.frontend import wake
from .widgets.player import Player

if TYPE_CHECKING:
    from nbformat import NotebookNode

CODE = re.compile(r'(<script [^>]*data-code="(\w+)"[^>]*>)[^<]+')
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
{end}
</body>
</html>
"""


class NoHandout(ValueError):
    """What a notebook lacks that a handout needs, in one sentence."""


def to_html(trace: Trace, path: str | os.PathLike[str], title: str | None = None) -> Path:
    """Write the player of this trace as a page of its own; the path that was written.

    `title` is its heading; without one, the file's name stands in the window's title alone. Raises
    OSError where the file cannot be written.

    >>> import tempfile
    >>> from autograd_core import record, tensor
    >>> with record() as trace:
    ...     out = tensor([1.0], requires_grad=True).sigmoid()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     trace.to_html(f"{folder}/sigmoid.html").name
    'sigmoid.html'
    """
    path = Path(path)
    heading = f"<h1>{escape(title)}</h1>\n" if title else ""
    path.write_text(page(title or path.stem, heading + Player(trace).html()), encoding="utf-8")
    return path


def of_notebook(path: Path) -> str:
    """The handout of a notebook, as the text of an HTML file.

    Raises NoHandout for a file that is no notebook, or one that was never run; OSError where it
    cannot be read.
    """
    import nbformat

    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except (ValueError, TypeError, KeyError, AttributeError, nbformat.ValidationError):
        raise NoHandout(f"{path.name} is not a Jupyter notebook.") from None
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if code and not any(cell.outputs for cell in code):
        raise NoHandout(
            f"{path.name} has no outputs, so there would be nothing to step through. Run all of "
            "it and save it, then make the handout."
        )
    headings = re.findall(r"^#\s+(.+)$", "\n".join(cell.source for cell in notebook.cells), re.M)
    return page(headings[0] if headings else path.stem, _body(notebook, path.parent), _colours())


def page(title: str, body: str, style: str = "") -> str:
    """A whole page around `body`; what its widgets have in common stands in it once."""
    seen: set[str] = set()

    def once(found: re.Match[str]) -> str:
        start, name = found.groups()
        if name in seen:
            return start
        seen.add(name)
        return found[0]

    body = CODE.sub(once, body)
    scripts = [each for each in (panes(), wake()) if each in body]
    for each in scripts:
        body = body.replace(each, "")
    return PAGE.format(
        title=escape(title),
        style=files(__package__).joinpath("handout.css").read_text("utf-8") + style,
        body=unpacked(body),
        end="\n".join(scripts),
    )


# ---- a notebook's prose and cells, by nbconvert --------------------------------------------------


def _body(notebook: NotebookNode, folder: Path) -> str:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        filters={"markdown2html": _prose()},
    )
    body, _ = exporter.from_notebook_node(notebook, {"metadata": {"path": str(folder)}})
    # The lesson that a link leads to is a handout too.
    return re.sub(r'(href="[^":?#]+)\.ipynb(["#])', r"\1.html\2", body)


def _prose() -> Callable[[object, str], str]:
    """Markdown -> HTML with its pictures inside, and formulas as MathML, which browsers draw."""
    from jinja2 import pass_context
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        def inline_math(self, body: str) -> str:
            return _mathml(body, "inline")

        def block_math(self, body: str) -> str:
            return _mathml(body, "block")

        def latex_environment(self, name: str, body: str) -> str:
            return _mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    @pass_context
    def prose(context: object, source: str) -> str:
        renderer = Renderer(
            escape=False,
            embed_images=True,
            exclude_anchor_links=True,
            path=context["resources"]["metadata"]["path"],
            attachments=context["cell"].get("attachments", {}),
        )
        return MarkdownWithMath(renderer=renderer).render(source)

    return prose


def _mathml(formula: str, display: str) -> str:
    from latex2mathml.converter import convert

    try:
        # What it is given as text it puts out as it is.
        return convert(formula.replace("<", r"\lt "), display=display)
    except Exception:  # it has a dozen kinds, for formulas that nobody can draw
        return f"<code>{escape(formula)}</code>"


def _colours() -> str:
    """The style of highlighted code, light and dark."""
    from pygments.formatters import HtmlFormatter

    light, dark = (
        HtmlFormatter(style=style, nobackground=True).get_style_defs(".highlight")
        for style in ("xcode", "github-dark")
    )
    return f"{light} @media screen and (prefers-color-scheme: dark) {{ {dark} }}"
