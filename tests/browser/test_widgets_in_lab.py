"""Player, prediction and playground in a notebook of JupyterLab: run there, and reopened later."""

from __future__ import annotations

import re

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Page, expect

from autograd_core import beside, picture, playground
from autograd_core.widgets import Player
from autograd_core.widgets.predict import Riddle, Version
from tests import traces

from .lab import Lab
from .pages import NotebookPage
from .pages import Player as Stepped

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SETUP = """\
import autograd_core as torch
from autograd_core import playground, predict, record
"""
RUN = """\
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    c.zero_()
    out.sum().backward()
"""
CELLS = [
    SETUP,
    f"with predict.line_that_raises() as trace:\n{RUN}",
    f'with predict.holds("out"):\n{RUN}',
    "trace",
    "playground()",
]
PAPER = "() => getComputedStyle(document.querySelector('.autograd')).backgroundColor"


def test_cells_that_ask_play_and_compare_can_be_used_by_keyboard(lab: Lab, page: Page):
    cells = [new_code_cell(source) for source in CELLS]
    notebook = NotebookPage(
        lab, page, lab.put("widgets.ipynb", new_notebook(cells=cells, metadata=KERNEL))
    )
    saved = notebook.run_all()
    kinds = [output["output_type"] for cell in saved for output in cell.get("outputs", [])]
    assert kinds == ["display_data", "display_data", "execute_result", "execute_result"]
    count = len(notebook.notebook.locator(".jp-Cell").all())

    line, holds = notebook.notebook.locator(".autograd-predict").all()
    line.get_by_role("radio").first.focus()
    for _ in range(2):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(line.get_by_role("status")).to_contain_text("Right! SigmoidBackward0 expects")
    # Letters that are typed are an answer, and no command to the notebook.
    holds.get_by_role("textbox").focus()
    page.keyboard.type("abdd xx zero mm")
    page.keyboard.press("Enter")
    expect(holds.get_by_role("status")).to_contain_text("Type numbers")
    holds.get_by_role("textbox").fill("0 0 0")
    page.keyboard.press("Enter")
    expect(holds.get_by_role("status")).to_contain_text("Right!")

    table = notebook.notebook.locator(".autograd-playground")
    table.get_by_label("Operation").focus()
    page.keyboard.press("ArrowDown")
    expect(table.locator("pre")).to_contain_text("out = a.exp()")

    # A program of one's own is run by the notebook's kernel, and leaves nothing in the notebook.
    table.get_by_text("Type a program of your own").click()
    box, status = table.get_by_label("Your program"), table.locator(".answer")
    expect(box).to_have_value(re.compile(r"c = out\.detach\(\)"))
    box.fill("w = torch.ones(2, requires_grad=True)\ny = w * w\nz = y.data\nz.add_(1)\ny.sum(")
    page.keyboard.press("Shift+Enter")
    expect(status).to_contain_text("'(' was never closed")
    box.press_sequentially(").backward()")
    table.get_by_role("button", name="Run", exact=True).click()
    expect(status).to_contain_text("Done")
    expect(table.locator("thead")).to_contain_text("y holds")
    expect(table.locator("tbody tr").nth(3)).to_contain_text("w.grad = [2., 2.]")
    table.get_by_label("Operation").select_option("a.sin()")
    expect(table.locator("thead")).to_contain_text("out holds")
    notebook.notebook.locator(".jp-InputPrompt").first.click()
    now = notebook.save()
    assert [cell.get("outputs") for cell in now] == [cell.get("outputs") for cell in saved]

    player = Stepped(notebook.notebook.locator(".autograd-player").last)
    player.root.focus()
    for key in ["ArrowRight", "ArrowDown", "p"]:
        page.keyboard.press(key)
    expect(player.slider).to_have_value("1")
    expect(player.root.locator(".about")).to_contain_text("a has S0 to itself")
    expect(player.button("Presenter")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("p")
    assert len(notebook.notebook.locator(".jp-Cell").all()) == count


def test_a_reopened_notebook_works_without_a_kernel_and_in_either_theme(lab: Lab, page: Page):
    shown = [
        Player(traces.e4()),
        Player(traces.data()),
        Riddle(Version("out", None), traces.e4()),
        playground(),
    ]
    cells = [new_code_cell("...", id=f"c{i}", outputs=[output(o)]) for i, o in enumerate(shown)]
    path = lab.put("reopened.ipynb", new_notebook(cells=cells), trusted=True)
    notebook = NotebookPage(lab, page, path, kernel=False)
    expect(notebook.notebook.locator(".autograd[data-kind][data-ready=yes]")).to_have_count(4)
    for player in notebook.players()[:2]:
        first = player.rewind()
        player.root.press("End")
        player.wait_for_change(first)
        expect(player.picture).to_be_visible()
        expect(player.root.locator("svg.lanes")).to_be_visible()
    asked = notebook.notebook.locator(".autograd-predict")
    asked.get_by_label("1", exact=True).check()
    asked.get_by_role("button", name="Check").click()
    expect(asked.get_by_role("status")).to_contain_text("Right!")
    notebook.notebook.get_by_label("Way of cutting").select_option(".data")
    expect(notebook.notebook.locator(".autograd-playground pre")).to_contain_text("c = out.data")
    notebook.notebook.get_by_text("Type a program of your own").click()
    notebook.notebook.get_by_role("button", name="Run", exact=True).click()
    expect(notebook.notebook.locator(".answer")).to_contain_text("No kernel can be reached")

    assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
    theme(page, "JupyterLab Dark")
    try:
        page.wait_for_function(f"({PAPER})() === 'rgb(20, 23, 27)'")
    finally:
        theme(page, "JupyterLab Light")


def test_a_notebook_that_is_not_trusted_shows_its_pictures_all_the_same(lab: Lab, page: Page):
    pair = beside(here=picture(traces.e1()), there=picture(traces.e4()))
    cells = [new_code_cell("...", id=f"u{i}", outputs=[output(o)]) for i, o in enumerate([pair, Player(traces.e4())])]
    notebook = NotebookPage(lab, page, lab.put("sent.ipynb", new_notebook(cells=cells)), kernel=False)
    images = notebook.notebook.get_by_role("img", name=re.compile("SigmoidBackward0"))
    expect(images).to_have_count(3)
    for image in images.all():
        page.wait_for_function("image => image.naturalWidth > 300", arg=image.element_handle())
    one, other = (image.bounding_box() for image in images.all()[:2])
    assert one["x"] == other["x"] and one["y"] + one["height"] < other["y"], "no room for two"
    assert page.locator("svg.agc").count() == 0, "a script has run"


def output(shown: object) -> nbformat.NotebookNode:
    return new_output("display_data", shown._repr_mimebundle_())


def theme(page: Page, name: str) -> None:
    page.get_by_role("menubar").get_by_text("Settings", exact=True).click()
    labels = page.locator(".lm-Menu-itemLabel")
    labels.get_by_text("Theme", exact=True).hover()
    labels.get_by_text(name, exact=True).click()
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)
