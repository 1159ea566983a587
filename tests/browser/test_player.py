"""The player alone on a page, as in an exported notebook: no JupyterLab, no kernel, no network."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import autograd_core as torch
from autograd_core import Trace, record
from autograd_core.drawing import render
from autograd_core.recording import events as e
from autograd_core.widgets import Player as Output
from tests import traces

from .pages import Player

KEYS_THAT_GET_OUT = """
    window.heard = [];
    document.addEventListener("keydown", (event) => window.heard.push(event.key));
"""


@pytest.fixture
def show(page: Page, tmp_path: Path):
    """Opens a page of some players."""

    def show(*players: str, width: int = 1024) -> list[Player]:
        body = "".join(f"<div>{player}</div>" for player in players)
        path = tmp_path / "page.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><body>{body}", encoding="utf-8")
        page.set_viewport_size({"width": width, "height": 900})
        page.context.set_offline(True)
        page.goto(path.as_uri())
        expect(page.locator(".autograd-player[data-ready=yes]")).to_have_count(len(players))
        return [Player(root) for root in page.locator(".autograd-player").all()]

    return show


@pytest.fixture
def put(show):
    """Opens a page with the players of some traces, in order."""

    def put(*names: str, width: int = 1024) -> list[Player]:
        return show(*(Output(getattr(traces, name)()).html() for name in names), width=width)

    return put


def text(player: Player, slot: str) -> str:
    return player.root.locator(f'[data-slot="{slot}"]').text_content()


def test_it_starts_at_the_first_step_and_shows_only_what_is_there_then(put):
    (player,) = put("e4")
    expect(player.slider).to_have_value("0")
    expect(player.root.locator(".count")).to_have_text("Step 1 of 8")
    assert text(player, "t0.name") == "a"
    expect(player.root.locator('.card[data-id="t0"]')).to_be_visible()
    expect(player.root.locator('.card[data-id="t1"]')).to_be_hidden()


def test_slides_that_hide_their_own_controls_leave_it_its_buttons(show):
    """`reveal.js` has a class called `controls`, and hides it until it is wanted."""
    reveal = "<style>.reveal .controls, .reveal .progress { display: none }</style>"
    (player,) = show(f"<div class=reveal>{reveal}{Output(traces.e4()).html()}</div>")
    player.button("Forward").click()
    expect(player.slider).to_have_value("1")


def test_going_back_undoes_what_going_forward_did(put):
    (player,) = put("e4")
    seen = [player.look()]
    for _ in range(7):
        player.root.press("ArrowRight")
        seen.append(player.look())
    for look in reversed(seen[:-1]):
        player.root.press("ArrowLeft")
        assert player.look() == look


def test_the_write_is_seen_in_picture_table_code_and_sentence(put):
    (player,) = put("e4")
    for _ in range(3):
        player.button("Forward").click()
    assert text(player, "t1.version") == text(player, "t2.version") == "v1"
    assert text(player, "saved:n1:t1:0.expects") == "expects v0, is v1"
    expect(player.root.locator(".edge.saved .cross")).to_be_visible()
    lanes = player.root.locator(".lanes svg")
    expect(lanes.locator('[data-slot="lane:c1.names"]')).to_have_text("out, c")
    assert text(player, "lane:c1.version") == "v1"
    expect(lanes.locator(".gap .cross")).to_be_visible()
    expect(lanes.get_by_text("expects v0, is v1")).to_be_visible()
    expect(player.root.locator("li[aria-current=step]")).to_have_text("c.zero_()")
    expect(player.sentence).to_contain_text("Its version goes from 0 to 1.")


def test_arrows_home_and_end_step_and_no_such_key_gets_out(put, page):
    (player,) = put("e4")
    page.evaluate(KEYS_THAT_GET_OUT)
    player.root.focus()
    for key, step in [("ArrowRight", 1), ("End", 7), ("ArrowLeft", 6), ("Home", 0)]:
        page.keyboard.press(key)
        expect(player.slider).to_have_value(str(step))
    player.slider.focus()
    page.keyboard.press("ArrowUp")
    expect(player.slider).to_have_value("1")
    player.button("Forward").focus()
    page.keyboard.press("Enter")
    page.keyboard.press(" ")
    expect(player.slider).to_have_value("3")
    assert page.evaluate("window.heard") == []


def test_other_keys_are_left_to_the_page(put, page):
    (player,) = put("e4")
    page.evaluate(KEYS_THAT_GET_OUT)
    player.root.focus()
    page.keyboard.press("a")
    page.keyboard.press("Control+ArrowRight")
    assert page.evaluate("window.heard") == ["a", "Control", "ArrowRight"]
    expect(player.slider).to_have_value("0")


def test_a_click_anywhere_gives_it_the_keyboard(put, page):
    (player,) = put("e4")
    player.root.locator(".says").click()
    page.keyboard.press("ArrowRight")
    expect(player.slider).to_have_value("1")


def test_play_goes_on_by_itself_to_the_end_and_can_be_paused(put, page):
    page.clock.install()
    (player,) = put("e1")
    player.button("Play").click()
    expect(player.slider).to_have_value("1")
    page.clock.run_for(2_000)
    expect(player.slider).to_have_value("2")
    player.button("Pause").click()
    page.clock.run_for(10_000)
    expect(player.slider).to_have_value("2")
    player.button("Play").click()
    page.clock.run_for(20_000)
    expect(player.slider).to_have_value("6")
    expect(player.button("Play")).to_be_visible()
    player.button("Play").click()  # from the end it starts anew
    expect(player.slider).to_have_value("0")


def test_nothing_moves_while_stepping(put):
    (player,) = put("e4")
    parts = ".agc-controls, .sentence, .code, .about, .picture, .picture svg, .lanes, .lanes svg"
    parts += ", .card"
    place = """(root, parts) => [...root.querySelectorAll(parts)].map((part) => {
        const { x, y, width, height } = part.getBoundingClientRect();
        return [x, y - root.getBoundingClientRect().y, width, height].join(" ");
    })"""
    first = player.root.evaluate(place, parts)
    for _ in range(7):
        player.root.press("ArrowRight")
        assert player.root.evaluate(place, parts) == first


def test_a_script_that_runs_again_changes_nothing(put, page):
    players = put("e4", "e1")
    players[0].root.press("End")
    before = [player.look() for player in players]
    page.evaluate(
        """() => document.querySelectorAll("script:not([type])").forEach((script) => {
            const again = document.createElement("script");
            again.textContent = script.textContent;
            document.body.append(again);
        })"""
    )
    assert page.locator(".autograd-player .agc-controls").count() == 2
    assert [player.look() for player in players] == before
    players[0].root.press("ArrowLeft")
    expect(players[0].slider).to_have_value("6")


def test_players_on_one_page_keep_out_of_each_others_way(put):
    one, other = put("e4", "data")
    one.root.press("End")
    expect(one.slider).to_have_value("7")
    expect(other.slider).to_have_value("0")
    other.root.press("ArrowRight")
    expect(one.slider).to_have_value("7")


@pytest.mark.parametrize("width", [400, 700, 1024, 1920])
def test_it_fits_the_page_and_its_picture_can_be_read(put, page, width):
    (player,) = put("e4", width=width)
    player.root.press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = player.picture.bounding_box()
    assert box["width"] >= min(width - 60, 550)
    name = player.root.locator('[data-slot="t1.name"]').bounding_box()
    assert name["height"] >= 10


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_follows_the_theme_of_the_page_and_without_one_the_systems(put, page, theme):
    page.emulate_media(color_scheme=theme)
    (player,) = put("e4")
    paper = "() => getComputedStyle(document.querySelector('.agc .fill-paper')).fill"
    light, dark = "rgb(255, 255, 255)", "rgb(20, 23, 27)"
    assert page.evaluate(paper) == (light if theme == "light" else dark)
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert page.evaluate(paper) == dark
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    assert page.evaluate(paper) == light
    assert page.evaluate("getComputedStyle(document.querySelector('.autograd-player')).color")


def test_in_a_narrow_pane_picture_and_lanes_stay_readable_and_scroll_to_what_happens(put, page):
    (player,) = put("e4", width=400)
    for key in ["End", "Home", "End"]:
        player.root.press(key)
        for area in (".picture", ".lanes.scroll"):
            pane = player.root.locator(area)
            assert pane.evaluate("pane => pane.scrollWidth > pane.clientWidth")
            new = pane.locator("[data-is~=new], [data-is~=changed]").first.bounding_box()
            assert pane.bounding_box()["x"] <= new["x"] + 1 <= 400, (key, area)


def test_a_reader_of_the_page_hears_of_each_step(put):
    (player,) = put("e4")
    expect(player.root).to_have_attribute("role", "group")
    expect(player.root).to_have_attribute("aria-label", "A run in 8 steps")
    expect(player.sentence).to_have_attribute("aria-live", "polite")
    expect(player.picture).to_have_attribute("role", "img")
    player.root.press("End")
    expect(player.picture).to_have_attribute(
        "aria-label",
        re.compile("it saved its result at version 0, which is now at version 1: broken"),
    )
    expect(player.slider).to_have_attribute("aria-valuetext", "Step 8 of 8")
    expect(player.sentence).to_have_text(
        "SigmoidBackward0 expects its result at version 0 and finds version 1: RuntimeError."
    )


def lit(player: Player) -> dict[str, str]:
    """What stands in the light, and as what."""
    return player.root.evaluate(
        """root => Object.fromEntries([...root.querySelectorAll("[data-lit]")].map(
            (element) => [element.dataset.id, element.dataset.lit]))"""
    )


LIT_C = {
    "t2": "self",
    "t1": "alias",
    "s1": "storage",
    "lane:c1.band": "storage",
    "n1": "saver",
    "saved:n1:t1:0": "saver",
    "saved:n1:t1:0.row": "saver",
}


def test_pointing_at_a_tensor_lights_who_shares_its_memory_and_who_saved_it(put, page):
    (player,) = put("e4")
    player.button("Last").click()
    about = player.root.locator(".about")
    player.root.locator('.card[data-id="t2"]').hover()
    assert lit(player) == LIT_C
    expect(about).to_have_text("c shares S1 with out; SigmoidBackward0 saved out.")
    player.root.locator('.card[data-id="t0"]').hover()
    assert lit(player) == {"t0": "self", "s0": "storage", "lane:c0.band": "storage"}
    expect(about).to_have_text("a has S0 to itself; no node keeps it.")
    page.mouse.move(0, 0)
    assert lit(player) == {}
    expect(about).to_contain_text("Point at a tensor")


def test_the_up_and_down_keys_light_one_tensor_after_the_other(put, page):
    (player,) = put("e4")
    page.keyboard.press("Tab")
    expect(player.root).to_be_focused()
    page.keyboard.press("End")
    seen = []
    for _ in range(4):
        page.keyboard.press("ArrowDown")
        seen.append([name for name, role in lit(player).items() if role == "self"])
    assert seen == [["t0"], ["t1"], ["t2"], ["t3"]]
    page.keyboard.press("ArrowUp")
    assert lit(player) == LIT_C
    page.keyboard.press("ArrowLeft")  # it stays in the light from step to step
    assert lit(player)["t2"] == "self"
    page.keyboard.press("Home")  # where c does not exist yet
    assert lit(player) == {}
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    assert lit(player) == {}


def test_the_presenter_size_fills_the_screen_by_button_or_key_and_escape_ends_it(put, page):
    (player,) = put("e4", width=1920)
    player.root.press("End")
    size = "root => parseFloat(getComputedStyle(root.querySelector('.says')).fontSize)"
    whole = "!!document.fullscreenElement"
    small = player.root.evaluate(size)
    player.button("Presenter").click()
    expect(player.button("Presenter")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(whole)
    assert player.root.evaluate(size) > 1.4 * small
    flags = player.root.locator('[data-slot="t1.flags"]')  # the smallest words of the picture
    assert flags.bounding_box()["height"] > 20
    page.keyboard.press("p")
    expect(player.button("Presenter")).to_have_attribute("aria-pressed", "false")
    page.wait_for_function(f"!({whole})")
    page.keyboard.press("p")
    page.wait_for_function(whole)
    page.evaluate("document.exitFullscreen()")  # as the browser does for Escape
    expect(player.button("Presenter")).to_have_attribute("aria-pressed", "false")
    assert player.root.evaluate(size) == small


def test_where_the_full_screen_is_forbidden_the_presenter_size_is_large_in_place(put, page):
    page.add_init_script("Element.prototype.requestFullscreen = () => Promise.reject(Error('no'))")
    (player,) = put("e4", width=1920)
    player.button("Presenter").click()
    expect(player.button("Presenter")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1920


SECONDS_OF_STEPS = """root => {
    const keys = ["ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowLeft", "Home"];
    const times = Array.from({ length: 60 }, (_, i) => {
        const begun = performance.now();
        root.dispatchEvent(new KeyboardEvent("keydown", { key: keys[i % keys.length] }));
        root.querySelectorAll("svg").forEach((svg) => svg.getBoundingClientRect());
        return performance.now() - begun;
    });
    return times.sort((a, b) => a - b)[30];
}"""


def test_a_step_takes_a_moment_however_long_the_run(show, page):
    with record() as long:
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        for _ in range(500):
            x = x * 0.5
        x.sum().backward()
    assert len(long.steps) > 1000
    short, longest = show(Output(traces.e4()).html(), Output(long).html())
    assert len(Output(long).html()) < 200_000
    for player in (short, longest):
        # Half of the steps, for a busy machine makes some of them wait; milliseconds.
        assert player.root.evaluate(SECONDS_OF_STEPS) < 50
    longest.root.press("End")
    expect(longest.root.locator(".count")).to_have_text(
        f"Step {len(long.steps)} of {len(long.steps)}"
    )
    expect(longest.root.locator(".code li")).to_have_count(4)
    pane = longest.root.locator(".picture")
    assert pane.bounding_box()["height"] <= 900


def test_names_and_values_of_any_kind_are_shown_as_they_are_and_do_nothing(show, page):
    nasty = "<img src=x onerror=window.hit=1>\"'`&"
    names = ["损失", "sehr_langer_name_" * 20, nasty]
    values = ["[nan, -inf, 0.]", "]]>", nasty]
    events = []
    for number, (name, held) in enumerate(zip(names, values, strict=True)):
        made = traces.leaf_and_sigmoid()[0]
        ids = {"tensor": f"t{number}", "storage": f"s{number}", "counter": f"c{number}"}
        line = traces.at(number + 1, f"{name} = {held}")
        events += [
            replace(made, **ids, value=traces.vec(held), expression=nasty, place=line),
            e.Named(tensor=f"t{number}", names=(name,), place=line),
        ]
    events.append(e.ErrorRaised(type="ValueError", message=nasty))
    (player,) = show(Output(Trace(events)).html())
    player.root.press("End")
    for number, name in enumerate(names):
        shown = text(player, f"t{number}.name")
        assert shown == name or (shown.endswith("…") and name.startswith(shown[:-1]))
    expect(player.sentence).to_contain_text("This raises ValueError: <img src=x")
    expect(player.root.locator(".code li").last).to_have_text(f"{nasty} = {nasty}")
    for _ in names:
        player.root.press("ArrowDown")
    expect(player.root.locator(".about")).to_contain_text("<img src=x")
    expect(player.root.locator("img")).to_have_count(0)
    assert page.evaluate("window.hit") is None


def test_a_run_of_nothing_but_an_error_can_be_looked_at(show):
    (player,) = show(Output(Trace([e.ErrorRaised(type="ValueError", message="no")])).html())
    expect(player.sentence).to_have_text("This raises ValueError: no.")
    for key in ["End", "ArrowRight", "ArrowDown", "Home", "ArrowLeft", "ArrowUp"]:
        player.root.press(key)
    expect(player.root.locator(".count")).to_have_text("Step 1 of 1")


def test_where_graphviz_is_missing_all_but_the_picture_can_be_stepped_through(put, monkeypatch):
    monkeypatch.setattr(render, "renderers", lambda: iter([]))
    (player,) = put("e4")
    expect(player.root.get_by_text("pip install graphviz-pure")).to_be_visible()
    player.root.press("End")
    player.root.press("ArrowDown")
    expect(player.sentence).to_contain_text("finds version 1: RuntimeError.")
    expect(player.root.locator("svg.lanes")).to_be_visible()
    expect(player.root.locator("li[aria-current=step]")).to_have_text("out.sum().backward()")
