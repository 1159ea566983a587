"""A view's card shows which elements of the storage it looks at, in boxes and in words."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

import autograd_core as torch
from autograd_core import draw
from autograd_core.drawing import picture
from autograd_core.drawing.strips import BOXES, COUNTED, strip
from autograd_core.recording.events import Part
from autograd_core.recording.values import part

from . import traces
from .test_drawing_picture import SVG, by, words

VIEWS = {
    "row": lambda m: m[1],
    "column": lambda m: m[:, 1],
    "turned": lambda m: m.t(),
    "block": lambda m: m[:2, 1:3],
    "one": lambda m: m[2, 3],
    "every second": lambda m: m[::2],
    "none": lambda m: m[1:1],
    "repeated": lambda m: m[:, 0:1].expand(3, 4),
    "diagonal": lambda m: m.diagonal(),
}


@pytest.mark.parametrize("name", VIEWS)
def test_the_boxes_are_those_elements_that_a_write_through_the_view_changes(name):
    matrix = torch.zeros(3, 4)
    view = VIEWS[name](matrix)
    seen = strip(Part(*part(view)), tuple(view.shape))
    view._array[...] = 1  # numbers alone: an expanded view may not be written as a tensor
    assert list(seen.boxes) == matrix._array.ravel().tolist()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("row", "elements 4 to 7 of 12"),
        ("column", "1, 5 … 9 of 12 elements"),
        ("turned", "all elements, in another order"),
        ("block", "4 of 12 elements"),
        ("one", "element 11 of 12"),
        ("none", "none of 12 elements"),
        ("repeated", "0, 4 … 8 of 12 elements, repeated"),
    ],
)
def test_the_words_say_which_they_are(name, said):
    view = VIEWS[name](torch.zeros(3, 4))
    assert strip(Part(*part(view)), tuple(view.shape)).words == said


def test_what_looks_at_all_of_its_storage_in_order_has_no_strip():
    base = torch.zeros(3, 4)
    for alias in (base, base.detach(), base.view(12), base[:]):
        assert part(alias) is None
    assert strip(None, (3, 4)) is None


def test_in_a_large_storage_a_box_stands_for_many_elements():
    base = torch.zeros(2400)
    assert strip(Part(*part(base[:150])), (150,)).boxes == (1.0, 0.5, *[0.0] * (BOXES - 2))


def test_a_view_of_ten_million_elements_is_not_counted_one_by_one():
    base = torch.zeros(10_000_000)
    shown = strip(Part(*part(base[5_000_000:])), (5_000_000,))
    assert shown.words == "between elements 5000000 and 9999999 of 10000000"
    assert shown.boxes == (*[0.0] * 12, *[1.0] * 12)


@pytest.mark.parametrize(
    ("where", "shape"),
    [
        (Part(0, (1,), 5), (2, 2)),
        (Part(3, (1,), 5), (3,)),
        (Part(-1, (1,), 5), (3,)),
        (Part(0, (-1,), 5), (3,)),
        (Part(0, (1,), 0), (3,)),
        (Part(0, (1,), 10**18), (10**18 + 1,)),
    ],
)
def test_what_makes_no_sense_is_not_drawn(where, shape):
    assert strip(where, shape) is None


def test_very_large_claims_take_no_time():
    huge = strip(Part(0, (1, 1), 10**18), (COUNTED, COUNTED))
    assert len(huge.boxes) == BOXES


def test_the_card_has_the_strip_and_the_words():
    trace = traces.recorded("""
        m = torch.zeros(2, 3)
        row = m[0]
    """)
    svg = ET.fromstring(picture(trace).svg)
    (card,) = by(svg, "data-id")["t1"]
    rows = [each for each in card.iter(f"{SVG}g") if each.get("class") == "strip"]
    (boxes,) = ([rect.get("class") for rect in row] for row in rows)
    assert boxes == ["box", "full"] * 3 + ["box"] * 3
    assert words(svg)["t1.part"] == "elements 0 to 2 of 6"
    assert "looking at elements 0 to 2 of 6" in str(picture(trace))
    (base,) = by(svg, "data-id")["t0"]
    assert not [each for each in base.iter(f"{SVG}g") if each.get("class") == "strip"]


def test_live_and_recorded_say_the_same():
    m = torch.from_numpy(np.zeros((2, 3), np.float32))
    row = m[1]
    assert words(ET.fromstring(draw(m, row).svg))["t1.part"] == "elements 3 to 5 of 6"


def test_a_strip_is_dropped_when_the_shape_changes_under_it():
    trace = traces.recorded("""
        m = torch.zeros(2, 3)
        row = m[0:1]
        row.squeeze_(0)
    """)
    assert "looking at" not in str(picture(trace)).splitlines()[-1]


def test_a_tensor_that_looks_at_other_memory_leaves_its_strip_behind():
    trace = traces.recorded("""
        m = torch.zeros(2, 3)
        row = m[0]
        row.data = torch.ones(3)
    """)
    assert "looking at elements 0 to 2 of 6" in str(picture(trace, 2))
    assert "looking at" not in str(picture(trace))
