"""Curves: what is drawn is what was measured, and the words say the same."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from autograd_core.drawing.curves import HEIGHT, WIDTH, curves

SVG = "{http://www.w3.org/2000/svg}"


def points(drawn: str, number: int = 0) -> list[tuple[float, float]]:
    """The points of one of the curves."""
    paths = [p for p in ElementTree.fromstring(drawn).iter(f"{SVG}path")]
    lines = [p.get("d") for p in paths if p.get("class") == "curve"][::2]  # without their keys
    pairs = re.findall(r"([\d.]+) ([\d.]+)", lines[number])
    return [(float(x), float(y)) for x, y in pairs]


def test_a_curve_goes_right_with_the_steps_and_up_with_the_numbers():
    drawn = points(curves({"loss": [1.0, 3.0, 2.0, 0.0]}).svg)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = drawn
    assert 0 < x0 < x1 < x2 < x3 < WIDTH
    assert x1 - x0 == pytest.approx(x3 - x2, abs=0.2)
    assert 0 < y1 < y2 < y0 < y3 < HEIGHT
    assert y0 - y1 == pytest.approx(2 * (y2 - y1), abs=0.2)


def test_two_curves_share_their_scale():
    drawn = curves({"a": [0.0, 1.0], "b": [0.0, 2.0]}).svg
    assert points(drawn, 0)[0] == points(drawn, 1)[0]
    assert points(drawn, 1)[1][1] < points(drawn, 0)[1][1]


def test_a_long_run_is_drawn_from_its_first_number_to_its_last():
    drawn = points(curves({"loss": [1.0] * 9_999 + [0.0]}).svg)
    assert len(drawn) < 500
    assert drawn[0][1] < drawn[-1][1]


@pytest.mark.parametrize("every", [2, 3, 4, 97])
def test_a_long_run_shows_what_goes_up_and_down_with_every_few_steps(every):
    drawn = points(curves({"loss": [float(i % every == 1) for i in range(1_000)]}).svg)
    high = [y for _, y in drawn].count(min(y for _, y in drawn))
    assert len(drawn) < 500
    assert high >= min(100, 1_000 // every)


def test_one_step_of_a_long_run_that_is_not_finite_leaves_a_gap():
    (line,) = re.findall(
        r'"(M[^"H]+L[^"]*)"', curves({"loss": [1.0] * 501 + [math.nan] + [1.0] * 500}).svg
    )
    assert line.count("M") == 2


def test_what_is_not_finite_leaves_a_gap():
    gaps = curves({"loss": [1.0, math.nan, math.inf, 2.0]})
    assert len(points(gaps.svg)) == 2
    assert str(gaps) == "loss goes from 1 to 2 in 4 steps."


def test_the_words_tell_the_ends_and_what_goes_beyond_them():
    assert str(curves({"loss": [4.0, 1.0, 9.0, 2.0]})) == (
        "loss goes from 4 to 2 in 4 steps; at the least it is 1; at the most it is 9."
    )


@pytest.mark.parametrize("numbers", [[0.0], [5.0, 5.0], [-1.0, -2.0], [1e-9, 1e9]])
def test_any_numbers_fit_into_the_picture(numbers):
    assert all(0 <= y <= HEIGHT for x, y in points(curves({"any": numbers}).svg))


def test_a_name_is_shown_as_it_is_written():
    html = curves({"<b>A & B": [1.0, 0.0]})._repr_mimebundle_()["text/html"]
    assert "<b>" not in html and "&lt;b&gt;A &amp; B" in html
    ElementTree.fromstring(curves({"<b>A & B": [1.0, 0.0]}).svg)


@pytest.mark.parametrize(
    "series, said",
    [
        ({}, "room for 1 to 3 curves, not for 0"),
        ({name: [1.0] for name in "abcd"}, "not for 4"),
        ({"loss": []}, "'loss' has no number"),
        ({"loss": [math.nan]}, "'loss' has no number"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(series, said):
    with pytest.raises(ValueError, match=said):
        curves(series)
