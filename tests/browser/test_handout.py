"""A handout from a file, with no network, no Python and no Jupyter: on screen and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

import autograd_core as torch
from autograd_core import beside, draw, handout, lanes, picture
from tests import traces
from tests.rerun_notebooks import NOTEBOOKS

from .pages import Player
from .test_notebooks import step_with_the_keyboard, step_with_the_mouse

PRINTED = ".paper"


@pytest.fixture
def opened(page: Page, tmp_path: Path):
    """Opens a handout from its file. It asks for nothing but itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)

    def open(html: str) -> Page:
        path = tmp_path / "handout.html"
        path.write_text(html, encoding="utf-8")
        page.goto(path.as_uri())
        return page

    yield open
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.fixture
def made(opened, tmp_path: Path):
    """Opens the handout of a notebook with one output."""

    def make(shown: object) -> Page:
        output = nbformat.v4.new_output("execute_result", shown._repr_mimebundle_(), execution_count=1)
        cell = nbformat.v4.new_code_cell("shown", outputs=[output], execution_count=1)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "lesson.ipynb")
        return opened(handout.of_notebook(tmp_path / "lesson.ipynb"))

    return make


@pytest.fixture
def e4(opened, tmp_path: Path) -> Page:
    written = handout.to_html(traces.e4(), tmp_path / "e4.html")
    page = opened(written.read_text("utf-8"))
    expect(page.locator("[data-ready=yes]")).to_have_count(1)
    return page


def test_the_player_of_a_trace_works_by_mouse_and_keyboard(e4):
    player = Player(e4.locator(".autograd-player"))
    step_with_the_mouse(player)
    step_with_the_keyboard(player)


def test_a_lesson_has_all_its_players_and_prose(opened):
    lesson = NOTEBOOKS / "02_detach_without_mutation.ipynb"
    page = opened(handout.of_notebook(lesson))
    expect(page.locator("h1")).to_have_count(1)
    roots = page.locator("[data-kind=player]")
    assert roots.count() == lesson.read_text("utf-8").count('data-kind=\\"player\\"') > 1
    expect(page.locator("[data-kind=player][data-ready=yes]")).to_have_count(roots.count())
    for root in roots.all():
        player = Player(root)
        before = player.look()
        player.button("Forward").click()
        player.wait_for_change(before)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_on_paper_there_are_the_code_every_sentence_and_the_turning_points(e4):
    sheets = print_pages(e4)
    assert 2 <= sheets <= 3
    e4.evaluate("dispatchEvent(new Event('beforeprint'))")
    e4.emulate_media(media="print")
    paper = e4.locator(PRINTED)
    expect(paper).to_be_visible()
    expect(e4.locator(".agc-controls")).to_be_hidden()
    items = paper.locator(":scope > ol").nth(1).locator(":scope > li")
    expect(items).to_have_count(8)
    pictured = [i for i, item in enumerate(items.all(), 1) if item.locator("svg").count()]
    assert pictured == [3, 4, 8]  # the alias, the write, the error
    expect(items.nth(2).locator('[data-slot="t1.version"]')).to_have_text("v0")
    expect(items.nth(3).locator('[data-slot="t1.version"]')).to_have_text("v1")
    expect(items.nth(3).locator('.card[data-id="t3"]')).to_be_hidden()
    heights = [items.nth(i).locator("svg").bounding_box()["height"] for i in (3, 7)]
    assert heights[0] < 0.8 * heights[1], "room is left for what only comes later"
    expect(paper.locator(":scope > svg.lanes")).to_be_visible()
    # What is new at a step does not fade in: a printer takes it as it is at the first moment.
    assert e4.evaluate("document.getAnimations().length") == 0
    e4.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(paper).to_have_count(0)


def test_on_paper_nothing_is_cut_off(opened):
    pictures = picture(traces.data())._html() + lanes(traces.data())._html()
    page = opened(handout.page("wide", pictures))
    page.set_viewport_size({"width": 700, "height": 900})
    wide = page.locator("svg").all()
    assert all(each.bounding_box()["width"] > 700 for each in wide), "nothing is wide here"
    page.emulate_media(media="print")
    assert all(each.bounding_box()["width"] <= 700 for each in wide)


def test_a_picture_fades_where_it_goes_on_beyond_its_pane(opened):
    page = opened(handout.page("wide", picture(traces.data())._html()))
    pane = page.locator(".agc-window")
    expect(pane).to_have_css("mask-image", "none")
    page.set_viewport_size({"width": 500, "height": 900})
    expect(pane).to_have_css("mask-image", re.compile(r"^linear-gradient\(to left,"))
    pane.evaluate("pane => pane.scrollLeft = pane.scrollWidth")
    expect(pane).to_have_css("mask-image", re.compile(r"^linear-gradient\(to right,"))
    for said, shown in (("beforeprint", "none"), ("afterprint", re.compile("gradient"))):
        page.evaluate(f"dispatchEvent(new Event('{said}'))")
        expect(pane).to_have_css("mask-image", shown)


def test_a_picture_on_a_page_with_others_looks_as_it_does_alone(opened):
    look = "line => getComputedStyle(line).stroke"
    saved = ".edge.saved[data-is~=faded] > .line"
    freed, kept = picture(traces.e1())._html(), picture(traces.e3())._html()
    alone = opened(freed).locator(saved).evaluate(look)
    assert opened(freed + kept).locator(saved).evaluate(look) == alone
    assert opened(kept).locator(".edge.saved > .line").evaluate(look) != alone


@pytest.mark.parametrize("width, in_a_row", [(1600, True), (1200, False), (600, False)])
def test_two_pictures_stand_beside_each_other_where_both_can_be_read(made, width, in_a_row):
    page = made(beside(here=picture(traces.e4()), there=picture(traces.e4())))
    page.set_viewport_size({"width": width, "height": 900})
    one, other = (each.bounding_box() for each in page.locator("svg").all())
    assert (one["y"] == other["y"]) is in_a_row
    assert (one["x"] == other["x"]) is not in_a_row
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_tall_picture_opens_on_the_trouble_in_it_or_on_what_was_made_last(opened):
    w = torch.ones(2, requires_grad=True)
    hidden = [w.exp()]
    for _ in range(30):
        hidden.append(hidden[-1].tanh() if len(hidden) % 3 else hidden[-1].exp())
    whole = draw(hidden[-1])
    hidden[10].detach().zero_()
    for shown, place in ((whole, ".card"), (draw(hidden[-1]), '.row[data-is~="broken"]')):
        page = opened(handout.page("tall", shown._html()))
        pane = page.get_by_role("group", name="Picture").bounding_box()
        box = page.locator(place).last.bounding_box()
        assert page.locator("svg").bounding_box()["height"] > 1.5 * pane["height"]
        assert pane["y"] <= box["y"] and box["y"] + box["height"] <= pane["y"] + pane["height"]


def print_pages(page: Page) -> int:
    """Print, and count the pages."""
    page.evaluate("addEventListener('beforeprint', () => { window.wasAsked = true })")
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert page.evaluate("window.wasAsked"), "printing does not announce itself"
    assert page.locator(PRINTED).count() == 0, "what was made for the printer stays"
    return sheets


def test_without_scripts_a_handout_shows_the_last_picture_and_every_sentence(browser, tmp_path):
    written = handout.to_html(traces.e4(), tmp_path / "e4.html")
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(written.as_uri())
    box = page.get_by_role("img").bounding_box()
    assert box["width"] > 500 and box["height"] > 400
    expect(page.locator("li")).to_have_count(8)
    expect(page.get_by_role("img", name=re.compile("The last of 8 steps"))).to_be_visible()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_handout_follows_the_systems_theme(e4, theme):
    e4.emulate_media(color_scheme=theme)
    paper = "() => getComputedStyle(document.querySelector('.agc .fill-paper')).fill"
    page = "() => getComputedStyle(document.body).backgroundColor"
    back = "rgb(255, 255, 255)" if theme == "light" else "rgb(20, 23, 27)"
    assert e4.evaluate(paper) == e4.evaluate(page) == back
