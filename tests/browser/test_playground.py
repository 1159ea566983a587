"""The playground on a page of its own: every choice by mouse and by keyboard, with no kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from autograd_core import playground

TYPED = """
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    out = w.exp()
    c = out.detach()  # <b>
    c.add_(1)
    out.sum().backward()
"""


@pytest.fixture
def opened(page: Page, tmp_path: Path):
    def opened(*codes: str | None, width: int = 1024) -> list[Locator]:
        body = "".join(playground(code).html() for code in codes)
        path = tmp_path / "page.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><body>{body}", encoding="utf-8")
        page.set_viewport_size({"width": width, "height": 900})
        page.context.set_offline(True)
        page.goto(path.as_uri())
        expect(page.locator(".autograd-playground[data-ready=yes]")).to_have_count(len(codes))
        return page.locator(".autograd-playground").all()

    return opened


def outcomes(root: Locator) -> list[str]:
    return root.locator(".outcome").all_inner_texts()


def test_every_choice_changes_table_code_and_sentence(opened):
    (root,) = opened(None)
    assert outcomes(root) == [
        "✗ error later",
        "✗ error later",
        "✗ error later",
        "⚠ silently wrong",
        "✗ error now",
        "✓ fine",
    ]
    code, says = root.locator("pre"), root.get_by_role("status")
    expect(says).to_contain_text("✗ detach, error later: SigmoidBackward0 expects its result")
    root.get_by_label("Operation").select_option("a.sin()")
    expect(code).to_contain_text("out = a.sin()")
    assert outcomes(root)[1] == "✓ fine"
    expect(says).to_have_text("✓ detach, fine: No error, and the gradient is right.")
    root.get_by_label("Write", exact=True).select_option("c.add_(1)")
    expect(code).to_contain_text("c.add_(1)")
    expect(root.locator("tbody tr").nth(1)).to_contain_text("[1.9320, 0.7445, 0.3687]")
    root.get_by_label("Order").select_option("backward, then write")
    expect(code).to_contain_text("out.sum().backward()\nc.add_(1)")
    root.get_by_label("Way of cutting").select_option(".data")
    expect(code).to_contain_text("c = out.data")
    expect(root.locator("tr[aria-current]")).to_contain_text("an alias with its own counter")


def test_a_click_on_a_row_chooses_its_way(opened):
    (root,) = opened(None)
    root.get_by_text("silently wrong").first.click()
    expect(root.get_by_label("Way of cutting")).to_have_value(".data")
    expect(root.get_by_role("status")).to_contain_text("will not notice")


def test_the_keyboard_alone_is_enough_and_no_key_gets_out(opened, page):
    (root,) = opened(None)
    page.evaluate(
        "window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key))"
    )
    page.keyboard.press("Tab")
    expect(root.get_by_label("Operation")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(root.locator("pre")).to_contain_text("out = a.exp()")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(root.locator("pre")).to_contain_text("c = out.detach_()")
    assert page.evaluate("heard") == ["Tab"]


def test_typed_code_stands_beside_the_choices_of_another(opened):
    free, typed = opened(None, TYPED)
    expect(typed.locator("select")).to_have_count(1)
    typed.get_by_label("Way of cutting").select_option("detach().clone()")
    expect(typed.locator("pre")).to_contain_text("c = out.detach().clone()")
    expect(typed.locator("tr[aria-current]")).to_contain_text("w.grad = [2.7183, 7.3891]")
    expect(free.locator("pre")).to_contain_text("out = a.sigmoid()")


@pytest.mark.parametrize("width", [400, 1920])
def test_it_fits_the_page(opened, page, width):
    opened(None, TYPED, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
