"""axe-core finds nothing to say against any widget, in either theme, nor against a handout."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from autograd_core import handout, playground
from autograd_core.widgets import Player
from autograd_core.widgets.predict import Grad, LineThatRaises, Riddle, Version
from tests import traces
from tests.rerun_notebooks import NOTEBOOKS

HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>Widgets</title><body><main>"
THEMES = {"light": "#ffffff", "dark": "#111111"}  # JupyterLab's paper


def complaints(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2 (A and AA) and its own best practices."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for each in found
        for node in each["nodes"]
    ]


@pytest.fixture
def put(page: Page, tmp_path: Path):
    def put(body: str, theme: str) -> Page:
        path = tmp_path / "page.html"
        style = f"<style>body {{ background: {THEMES[theme]} }} h1 {{ color: gray }}</style>"
        path.write_text(f"{HEAD}{style}<h1>Widgets</h1>{body}", encoding="utf-8")
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.goto(path.as_uri())
        expect(page.locator("[data-ready=no]")).to_have_count(0)
        return page

    return put


@pytest.mark.parametrize("theme", THEMES)
def test_the_player_at_every_turn(put, theme):
    page = put(Player(traces.e4()).html() + Player(traces.data()).html(), theme)
    root = page.locator(".autograd-player").first
    for keys in (["Home"], ["End", "ArrowDown", "ArrowDown"], ["ArrowLeft", "p"]):
        for key in keys:
            root.press(key)
        assert complaints(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_prediction_before_and_after_the_answer(put, theme):
    questions = (Version("out", None), LineThatRaises(None), Grad("a", None))
    page = put("".join(Riddle(each, traces.e4()).html() for each in questions), theme)
    assert complaints(page) == []
    page.get_by_label("0", exact=True).check()
    for number in range(3):
        page.get_by_role("button", name="Check").nth(number).click()
    assert complaints(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_playground(put, theme):
    assert complaints(put(playground().html(), theme)) == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_handout(page, tmp_path, theme):
    path = tmp_path / "handout.html"
    path.write_text(handout.of_notebook(NOTEBOOKS / "04_zero_after_detach.ipynb"), encoding="utf-8")
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(path.as_uri())
    expect(page.locator("[data-ready=no]")).to_have_count(0)
    assert complaints(page) == []
