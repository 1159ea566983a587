"""`%%autograd` in JupyterLab: the cell runs, the run is shown, and an error is the cell's own."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from .pages import NotebookPage, raised

E4 = """\
%%autograd
a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
out = a.sigmoid()
c = out.detach()
c.zero_()
out.sum().backward()
"""
WITHOUT_ERROR = "%%autograd\nw = torch.ones(2, requires_grad=True)\n(w * w).sum().backward()\nw.grad"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
STORY = (
    "`c.zero_()` (line 5) wrote the storage that `out` shares with `c = out.detach()` (line 4); Sigmoid "
    "saved `out` at version 0 (line 3), and it is now at version 1. Fix: `c = out.detach().clone()`."
)


@pytest.fixture
def notebook(lab, page):
    """Opens a notebook of these cells."""

    def open_notebook(*sources: str) -> NotebookPage:
        cells = [new_code_cell(source) for source in sources]
        for cell in cells:
            if "backward" in cell.source:
                cell.metadata["tags"] = ["raises-exception"]
        path = lab.fresh_copy("magic.ipynb")
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), lab.folder / path)
        return NotebookPage(lab, page, path)

    return open_notebook


def test_a_cell_is_recorded_and_its_error_follows_the_player(notebook):
    page = notebook("import autograd_core as torch\n%load_ext autograd_core", E4, "c, a.grad")
    cells = page.run_all()
    assert set(raised(cells)) == {1}
    player, error = cells[1]["outputs"]
    assert player["output_type"] == "display_data" and error["output_type"] == "error"
    assert error["ename"] == "RuntimeError" and "Hint: " in error["evalue"]
    assert "(tensor([0., 0., 0.]), None)" in cells[2]["outputs"][0]["data"]["text/plain"]
    # What the reader sees: the player at its steps, then the line and the story, and none of ours.
    (drawn,) = page.players()
    assert drawn.slider.get_attribute("max") == "7"
    drawn.root.press("End")
    expect(drawn.sentence).to_contain_text("finds version 1")
    shown = page.notebook.locator(".jp-OutputArea-output").filter(has_text="Traceback").inner_text()
    assert "----> 6 out.sum().backward()" in shown
    assert STORY in shown
    assert "magic.py" not in shown and "run_cell_magic" not in shown


def test_a_cells_last_expression_is_displayed_before_the_player(notebook):
    page = notebook("import autograd_core as torch\n%load_ext autograd_core", WITHOUT_ERROR, "_")
    cells = page.run_all()
    assert raised(cells) == {}
    result, player = cells[1]["outputs"]
    assert result["output_type"] == "execute_result" and result["execution_count"] == 2
    assert result["data"]["text/plain"] == ["tensor([2., 2.])"]
    assert player["output_type"] == "display_data"
    assert cells[2]["outputs"][0]["data"]["text/plain"] == ["tensor([2., 2.])"]


def test_a_cell_that_loops_for_ever_is_interrupted_and_shown(notebook):
    loop = "%%autograd\nx = torch.ones(1)\nwhile True:\n    x = x + 1\n    time.sleep(0.001)"
    page = notebook("import time, autograd_core as torch\n%load_ext autograd_core", loop)
    page.page.get_by_role("menubar").get_by_text("Run", exact=True).click()
    page.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    busy = page.notebook.locator(".jp-CodeCell .jp-InputPrompt").filter(has_text="[*]")
    expect(busy).to_have_count(1)
    page.page.wait_for_timeout(2000)
    page.page.get_by_role("menubar").get_by_text("Kernel", exact=True).click()
    page.page.get_by_role("menuitem", name="Interrupt Kernel").click()
    expect(busy).to_have_count(0)
    cells = page.save()
    assert set(raised(cells)) == {1}
    shown, error = cells[1]["outputs"]
    assert shown["output_type"] == "display_data" and error["ename"] == "KeyboardInterrupt"
