"""A handout is one file: nothing in it leads out of it, and nothing stands in it twice."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from autograd_core import Trace, cli, handout
from autograd_core.drawing.picture import unpacked
from autograd_core.drawing.style import css
from autograd_core.widgets import Player
from autograd_core.widgets.frontend import wake

from . import traces
from .rerun_notebooks import NOTEBOOKS

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))


def outside(page: str) -> list[str]:
    """All that a browser would have to fetch to show the page."""
    page = re.sub(r"data:image/[^\"]*", "", page)
    fetched = re.findall(
        r"(?:src|srcset|xlink:href|@import|url)\s*[=(]\s*[\"']?([^\s\"')>]+)", page
    )
    return fetched + re.findall(r"<link\b[^>]*>", page)


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))


def output(html: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("execute_result", {"text/html": html}, execution_count=1)


def code(source: str, *outputs: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), execution_count=1)


prose = nbformat.v4.new_markdown_cell


@pytest.fixture
def made(tmp_path: Path):
    """The handout of a notebook of these cells."""

    def make(*cells: nbformat.NotebookNode) -> str:
        path = tmp_path / "lesson.ipynb"
        nbformat.write(notebook(*cells), path)
        return handout.of_notebook(path)

    return make


def test_a_trace_writes_itself_as_a_page(tmp_path):
    written = traces.e4().to_html(tmp_path / "e4.html", title="Zero <after> detach")
    page = written.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "<h1>Zero &lt;after&gt; detach</h1>" in page
    assert unpacked(Player(traces.e4()).static).removeprefix(f"<style>{css()}</style>") in page
    assert outside(page) == []
    assert len(page) < 60_000


def test_an_empty_trace_makes_a_page_that_says_so(tmp_path):
    assert "Nothing was recorded." in Trace().to_html(tmp_path / "e.html").read_text("utf-8")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_handout_of_a_lesson_is_whole_and_small(path):
    page = handout.of_notebook(path)
    assert outside(page) == []
    assert len(page.encode()) < 300_000
    title = re.search(r"^# (.+)$", nbformat.read(path, 4).cells[0].source, re.MULTILINE)[1]
    assert re.search("<title>(.*)</title>", page)[1].startswith(title[:10])


def test_several_players_share_their_code(made):
    ran = [traces.e1(), traces.e4(), traces.e4(), traces.data()]
    page = made(*(code("trace", output(Player(trace).html())) for trace in ran))
    carried = re.findall(r'<script [^>]*data-code="\w+"[^>]*>([^<]*)', page)
    assert [bool(each) for each in carried] == [True, False, False, False]
    assert page.count(wake()) == 1
    assert page.rindex("</figure>") < page.index(wake())


def test_prose_is_rendered_with_formulas_tables_and_folded_parts(made):
    page = made(
        prose(
            "# The title\n\n`code` and $1 / (1 + e^{-x})$ and\n\n| a | b |\n|---|---|\n| 1 | 2 |"
        ),
        prose("<details><summary>Solution</summary>\n\n```python\nx = 1\n```\n\n</details>"),
        prose("$$\\frac{a}{b}$$ and $\\frac{a}{$, which nobody can read, and $a < b$"),
    )
    assert "<title>The title</title>" in page
    assert "<msup><mi>e</mi>" in page and "<mfrac>" in page
    assert "<code>\\frac{a}{</code>" in page
    assert "<td>1</td>" in page
    assert "<summary>Solution</summary>" in page
    assert "$" not in re.sub("<style>.*?</style>", "", page, flags=re.DOTALL)


def test_links_to_other_lessons_lead_to_their_handouts(made):
    page = made(
        prose("[next](02_next.ipynb), [part](02_next.ipynb#part), [web](http://x.y/z.ipynb)")
    )
    assert re.findall(r'href="([^"]*)"', page) == [
        "02_next.html",
        "02_next.html#part",
        "http://x.y/z.ipynb",
    ]


def test_pictures_beside_the_notebook_go_into_the_file(made, tmp_path):
    (tmp_path / "cut.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    page = made(prose("![a cut](cut.svg)"))
    assert 'src="data:image/svg+xml;base64,' in page
    assert outside(page) == []


@pytest.mark.parametrize(
    "text, says",
    [
        ("{", "bad.ipynb is not a Jupyter notebook."),
        ("[]", "bad.ipynb is not a Jupyter notebook."),
        (
            '{"cells": 1, "nbformat": 4, "nbformat_minor": 5}',
            "bad.ipynb is not a Jupyter notebook.",
        ),
        (nbformat.writes(notebook(code("1"))), "bad.ipynb has no outputs"),
    ],
)
def test_a_file_that_cannot_become_a_handout_gets_one_sentence(tmp_path, capsys, text, says):
    (tmp_path / "bad.ipynb").write_text(text)
    assert cli.main(["handout", str(tmp_path / "bad.ipynb")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"autograd-core: {says}") and said.count("\n") == 1
    assert not (tmp_path / "bad.html").exists()


def test_the_command_writes_beside_the_notebook_or_where_it_is_told(tmp_path, capsys):
    lesson = tmp_path / "lesson.ipynb"
    nbformat.write(notebook(prose("# Hello")), lesson)
    assert cli.main(["handout", str(lesson)]) == 0
    assert "<h1>Hello</h1>" in (tmp_path / "lesson.html").read_text("utf-8")
    assert cli.main(["handout", str(lesson), "-o", str(tmp_path / "other.html")]) == 0
    assert (tmp_path / "other.html").exists()
    assert "opens in any browser, offline" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["gone.ipynb"], ["lesson.ipynb", "-o", "no/such/folder.html"]])
def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    nbformat.write(notebook(prose("# Hello")), tmp_path / "lesson.ipynb")
    assert cli.main(["handout", *words]) == 1
    said = capsys.readouterr().err
    assert words[-1] in said and "No such file or directory" in said
