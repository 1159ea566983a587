"""Every notebook reads well as it comes, runs in JupyterLab, is drawn, fits, and can be stepped.

Each is opened once, for that takes seconds. One of them is gone through by every control.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from .pages import NotebookPage, Player, left_out, meant_to_raise, raised

NAMES = sorted(path.name for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
THOROUGHLY = "04_zero_after_detach.ipynb"
assert THOROUGHLY in NAMES
WIDTHS = 1024, 1920  # a projector's and a desk's


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_reads_well_as_it_comes_and_raises_only_where_it_says_so(lab, page, name):
    notebook = NotebookPage(lab, page, lab.fresh_copy(name))
    read_before_it_is_run(notebook)
    notebook.clear()
    cells = notebook.run_all()
    errors = raised(cells)
    assert set(errors) == meant_to_raise(cells), errors
    assert left_out(cells) == []
    players, questions = notebook.players(), notebook.notebook.locator("[data-kind=predict]").all()
    assert players or questions, "a notebook has something to step through"
    for question in questions:
        answer(question)
    look_at_the_pictures(notebook)
    for width in WIDTHS:
        assert notebook.too_wide(width) == []
    for player in players:
        first = player.rewind()
        player.root.press("ArrowRight")
        player.wait_for_change(first)
    if name == THOROUGHLY:
        step_with_the_mouse(player)
        step_with_the_keyboard(player)
        drag_the_slider(player)
        let_it_play(player)


def test_what_does_not_fit_into_the_window_is_found(lab, page):
    text, code = f"one{'a' * 120}", f"two = '{'b' * 120}'"
    show = "from IPython.display import HTML\nHTML('<div style=\"width:1200px\">three</div>')"
    new = nbformat.v4
    cells = [new.new_markdown_cell(text), new.new_code_cell(code), new.new_code_cell(show)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = lab.put("wide.ipynb", new.new_notebook(cells=cells, metadata=kernel))
    notebook = NotebookPage(lab, page, path)
    notebook.run_all()
    assert [each[:3] for each in notebook.too_wide(1024)] == ["one", "two", "thr"]
    assert notebook.too_wide(1920) == []


def test_a_link_opens_the_notebook_that_it_names(lab, page):
    start = NotebookPage(lab, page, lab.fresh_copy("00_start.ipynb"))
    start.notebook.get_by_role("link", name="05 Three cuts").click()
    expect(page.get_by_role("tab", name="05_three_cuts.ipynb", selected=True)).to_be_visible()
    expect(start.notebook.get_by_role("heading", name="Three cuts, and one")).to_be_visible()


def answer(question: Locator) -> None:
    """Give some answer: then the run is there to be stepped through."""
    question.locator("input").first.focus()
    question.page.keyboard.press(" ")
    question.page.keyboard.type("0")
    question.page.keyboard.press("Enter")
    expect(question.get_by_role("status")).to_contain_text(re.compile("Right!|Not yet."))
    expect(Player(question.locator(".autograd-player")).picture).to_be_visible()


def read_before_it_is_run(notebook: NotebookPage) -> None:
    """JupyterLab takes scripts and drawings out of outputs that were not made on this machine. Then
    words have to stand in for them: no output is left blank, and none is a widget gone missing.
    """
    outputs = notebook.notebook.locator(".jp-OutputArea-output").all()
    assert outputs, "a notebook comes with its outputs"
    for output in outputs:
        assert output.inner_text().strip() or output.locator("img").count()
        assert "Error displaying widget" not in output.inner_text()


def look_at_the_pictures(notebook: NotebookPage) -> None:
    pictures = notebook.pictures().all()
    assert pictures, "a notebook has a picture"
    for picture in pictures:
        box = picture.bounding_box()
        assert box and box["width"] > 50 and box["height"] > 20, "a picture that cannot be seen"


def step_with_the_mouse(player: Player) -> None:
    first, seen_first = player.rewind(), player.picture.screenshot()
    player.button("Forward").click()
    second = player.wait_for_change(first)
    player.button("Last").click()
    expect(player.slider).to_have_value(player.slider.get_attribute("max"))
    last, seen_last = player.look(), player.picture.screenshot()
    assert seen_first != seen_last, "the picture changed, and nothing of it is to be seen"
    player.button("First").click()
    player.wait_for(first)
    player.button("Forward").click()
    player.wait_for(second)
    player.button("Back").click()
    player.wait_for(first)
    player.button("Last").click()
    player.wait_for(last)


def step_with_the_keyboard(player: Player) -> None:
    """The same by keys, and the same is seen: every step looks as it did by mouse."""
    keyboard = player.root.page.keyboard
    seen = [player.rewind()]
    steps = int(player.slider.get_attribute("max"))
    for _ in range(steps):
        keyboard.press("ArrowRight")
        expect(player.slider).to_have_value(str(len(seen)))
        seen.append(player.look())
    assert len({look.picture for look in seen}) > 1, "the picture never changes"
    assert all(a.sentence != b.sentence for a, b in zip(seen, seen[1:], strict=False))
    keyboard.press("ArrowLeft")
    player.wait_for(seen[-2])
    keyboard.press("Home")
    player.wait_for(seen[0])
    keyboard.press("End")
    player.wait_for(seen[-1])


def drag_the_slider(player: Player) -> None:
    first = player.rewind()
    player.slider.scroll_into_view_if_needed()
    box = player.slider.bounding_box()
    mouse, height = player.root.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + 8, height)
    mouse.down()
    mouse.move(box["x"] + box["width"] - 2, height, steps=5)
    mouse.up()
    player.wait_for_change(first)


def let_it_play(player: Player) -> None:
    first = player.rewind()
    player.button("Play").click()
    player.wait_for_change(first)
