"""A prediction on a page of its own: asked first, answered by mouse or keyboard, then shown why."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import autograd_core as torch
from autograd_core import Trace, record
from autograd_core.widgets.predict import Grad, Holds, LineThatRaises, Question, Riddle, Version

from .pages import Player


def e1() -> Trace:
    """A normal backward."""
    with record() as trace:
        a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        out.sum().backward()
    return trace


def e4() -> Trace:
    """A write that backward does not survive."""
    with suppress(RuntimeError), record() as trace:
        a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        c.zero_()
        out.sum().backward()
    return trace


@pytest.fixture
def ask(page: Page, tmp_path: Path):
    """Opens a page with some riddles about E1 or E4."""

    def ask(*riddles: tuple[Question, Trace]) -> list[Locator]:
        body = "".join(Riddle(asked, run).html() for asked, run in riddles)
        path = tmp_path / "page.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><body>{body}", encoding="utf-8")
        page.context.set_offline(True)
        page.goto(path.as_uri())
        roots = page.locator(".autograd-predict")
        expect(page.locator(".autograd-predict[data-ready=yes]")).to_have_count(len(riddles))
        return roots.all()

    return ask


def verdict(root: Locator) -> Locator:
    return root.get_by_role("status")


def test_the_answer_is_not_to_be_seen_before_one_is_given(ask, page):
    (root,) = ask((Version("out", None), e4()))
    expect(root.get_by_text("Which version does out have at the end?")).to_be_visible()
    expect(root.locator("svg, img").first).to_be_hidden()
    expect(root.get_by_text("writes into")).to_be_hidden()
    root.get_by_role("button", name="Check").click()
    expect(verdict(root)).to_have_text("Choose an answer first.")
    expect(root.locator("svg")).to_have_count(0)


def test_a_wrong_choice_opens_the_step_that_shows_why_and_one_may_try_again(ask, page):
    (root,) = ask((Version("out", None), e4()))
    root.get_by_label("0", exact=True).check()
    root.get_by_role("button", name="Check").click()
    expect(verdict(root)).to_contain_text("✗ Not yet. Step 4 shows why: c.zero_() writes into")
    player = Player(root.locator(".autograd-player"))
    expect(player.slider).to_have_value("3")
    expect(player.picture).to_be_visible()
    root.get_by_label("1", exact=True).check()
    expect(verdict(root)).to_have_text("")
    root.get_by_role("button", name="Check").click()
    expect(verdict(root)).to_contain_text("✓ Right! c.zero_() writes into")


def test_the_keyboard_alone_is_enough_and_no_key_gets_out(ask, page):
    (root,) = ask((LineThatRaises(None), e4()))
    page.evaluate(
        "window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key))"
    )
    page.keyboard.press("Tab")
    page.keyboard.press(" ")
    page.keyboard.press("ArrowUp")  # round to the last: no line
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(verdict(root)).to_contain_text("Right! SigmoidBackward0 expects its result")
    assert page.evaluate("heard") == ["Tab"]


@pytest.mark.parametrize(
    "typed, says",
    [
        ("[0.1779, 0.0313, 0.0037]", "Right!"),
        ("0.178 0.0313; .0037", "Right!"),
        ("tensor([0.1779, 0.0313, 0.0037])", "Right!"),
        ("[0.1779, 0.0313]", "Not yet."),
        ("1", "Not yet."),
        ("None", "Not yet."),
        ("about a fifth", "Type numbers"),
        ("  ", "Type an answer first."),
        ("<b>", "Type numbers"),
    ],
)
def test_numbers_are_typed_as_one_likes(ask, page, typed, says):
    (root,) = ask((Grad("a", None), e1()))
    root.get_by_role("textbox").fill(typed)
    page.keyboard.press("Enter")
    expect(verdict(root)).to_contain_text(says)


def test_one_number_stands_for_as_many_as_there_are(ask, page):
    (root,) = ask((Holds("out", None), e4()))
    root.get_by_role("textbox").fill("0")
    page.keyboard.press("Enter")
    expect(verdict(root)).to_contain_text("Right!")


def test_none_is_an_answer(ask, page):
    (root,) = ask((Grad("a", None), e4()))
    root.get_by_role("textbox").fill("none")
    page.keyboard.press("Enter")
    expect(verdict(root)).to_contain_text("Right!")


def test_several_on_one_page_are_asked_apart(ask, page):
    one, other = ask((Version("out", None), e4()), (Version("a", None), e4()))
    one.get_by_label("1", exact=True).check()
    other.get_by_label("0", exact=True).check()
    expect(one.get_by_label("1", exact=True)).to_be_checked()
    one.get_by_role("button", name="Check").click()
    expect(verdict(one)).to_contain_text("Right!")
    expect(verdict(other)).to_have_text("")
    other.get_by_role("button", name="Check").click()
    expect(verdict(other)).to_contain_text("Right!")
