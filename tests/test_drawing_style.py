"""Pictures keep their contrast in light and dark, and text its room on every machine."""

from __future__ import annotations

import re

import pytest

from autograd_core.drawing import picture, style, text

from . import traces


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, bright = sorted([luminance(one), luminance(other)])
    return (bright + 0.05) / (dark + 0.05)


PAIRS = [(ink, ground) for ink, grounds in style.TEXT_ON for ground in grounds]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS, ids="-on-".join)
def test_text_has_the_contrast_that_wcag_asks_for(ink, ground, theme):
    assert contrast(style.PALETTE[ink][theme], style.PALETTE[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("line", ["storage-line", "card-line", "node-line", "saved", "cut", "grad"])
def test_lines_have_the_contrast_that_wcag_asks_for(line, theme):
    assert contrast(style.PALETTE[line][theme], style.PALETTE["paper"][theme]) >= 3


def test_a_role_is_known_by_its_light_colour():
    lights = [style.light(role) for role in style.PALETTE]
    assert len(set(lights)) == len(lights)


def test_the_style_sheet_has_a_light_and_a_dark_value_for_each_role_that_it_uses():
    css = style.css()
    used = set(re.findall(r"var\(--agc-([a-z-]+)\)", css))
    assert used <= set(style.PALETTE)
    for role in used:
        light, dark = style.PALETTE[role]
        assert css.count(f"--agc-{role}:{light};") == 1
        assert css.count(f"--agc-{role}:{dark};") == 2  # by the page's theme, and by the system's


def test_every_kind_of_text_has_its_font():
    for kind in style.KINDS:
        assert f".agc .is-{kind} {{ font-size: " in style.css()


def test_wide_letters_take_two_cells_and_accents_none():
    assert text.cells("损失") == 4
    assert text.cells("e\u0301") == 1


def test_a_value_of_several_lines_keeps_its_indentation_and_says_that_there_is_more():
    rows = "[[1., 2.],\n [3., 4.],\n [5., 6.]]"
    assert text.fit(rows, 30, 4) == ("[[1., 2.],", " [3., 4.],", " [5., 6.]]")
    assert text.fit(rows, 30, 2) == ("[[1., 2.],", " [3., 4.],…")


def test_a_very_long_text_is_clipped_without_being_read_to_its_end():
    assert text.line("x" * 10**6, 10) == "xxxxxxxxx…"


@pytest.mark.parametrize("bad", ["\x00", "\x1b[31m", "\u202e", "\ud800"])
def test_what_xml_cannot_hold_is_made_visible(bad):
    assert "\ufffd" in text.clean(bad)
    assert text.clean(bad).isprintable()


def test_a_picture_alone_carries_the_rules_that_it_needs_and_no_others():
    normal, broken = picture(traces.e1()).svg, picture(traces.e4()).svg
    for rule in re.findall(r"[^{}]*raised[^{}]*{[^{}]*}", style.css()):
        assert rule.strip() in broken.replace("&gt;", ">") and rule.strip() not in normal
    assert "--agc-broken:" not in normal and "lanes" not in normal
    assert "--agc-grad:" in normal
    assert len(normal) < 0.9 * (len(normal) - normal.index("</style>") + len(style.css()))
