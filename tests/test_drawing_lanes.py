"""The version lanes: every write and every save of a run, and which of them no longer agree."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree as ET

import pytest

from autograd_core.drawing import Lanes, frames, lanes, picture, render
from autograd_core.drawing.moments import COLUMNS, LANES, moments
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

from . import traces
from .test_drawing_picture import NASTY, by, conditions, words

BY_NUMPY = """
    a = torch.tensor([1.0, 0.5], requires_grad=True)
    out = a.sigmoid()
    array = out.detach().numpy()
    array[0] = 0
    out.sum().backward()
"""


def drawn(trace: Trace, step: int = -1) -> ET.Element:
    return ET.fromstring(lanes(trace, step).svg)


def place(element: ET.Element) -> tuple[float, float]:
    return float(element.get("x")), float(element.get("y"))


def writes(count: int, storages: int = 1, saved: bool = False) -> Trace:
    """Tensors that are written `count` times each, one after the other."""
    events: list[e.Event] = []
    for s in range(storages):
        events.append(
            e.TensorCreated(
                tensor=f"t{s}", storage=f"s{s}", counter=f"c{s}", version=0,
                value=traces.vec("[1.]"), op="tensor", requires_grad=False, is_leaf=True,
            )
        )  # fmt: skip
    if saved:
        events.append(e.NodeCreated(node="n0", name="SinBackward0", next_functions=()))
        events.append(e.TensorSaved(node="n0", field="self", tensor="t0", counter="c0", expected=0))
    for s in range(storages):
        for i in range(count):
            events.append(
                e.VersionBumped(
                    op="add_", tensor=f"t{s}", storage=f"s{s}", counter=f"c{s}",
                    before=i, after=i + 1,
                )
            )  # fmt: skip
    return Trace(events)


# ---- what they say -------------------------------------------------------------------------------


def test_the_lane_of_e4_tells_who_saved_who_wrote_and_who_raised():
    (_, lane, _) = moments(traces.e4()).lanes
    assert [(m.kind, m.version, m.who) for m in lane.moments] == [
        ("made", 0, ""),
        ("saved", 0, "SigmoidBackward0"),
        ("written", 1, "c.zero_()"),
        ("clash", 1, "SigmoidBackward0"),
    ]


def test_the_words_of_e4_name_the_writer_and_both_versions():
    (line,) = [said for said in str(lanes(traces.e4())).splitlines() if "S1" in said]
    assert line == (
        "Storage S1, counted by `out` and `c`, is at version 1; SigmoidBackward0 saved its result "
        "and expects version 0, which is no longer there: it is at version 1; `c.zero_()` took it "
        "to version 1; SigmoidBackward0 expected its result at version 0, found version 1, and "
        "raised RuntimeError."
    )


def test_a_write_through_data_is_a_moment_that_the_other_counter_did_not_count():
    out, c = (lane for lane in moments(traces.data()).lanes if lane.storage == "s1")
    assert (out.own, c.own) == (False, True)
    assert ("unnoticed", 0) in [(m.kind, m.version) for m in out.moments]
    assert ("written", 1) in [(m.kind, m.version) for m in c.moments]
    assert "fooled" in [m.kind for m in out.moments]
    assert "changed the values and was not counted here" in str(lanes(traces.data()))


def test_what_is_said_many_times_is_said_once_with_its_number():
    events = writes(0).events
    for n in range(3):
        events += [
            e.NodeCreated(node=f"n{n}", name="SinBackward0", next_functions=()),
            e.TensorSaved(node=f"n{n}", field="self", tensor="t0", counter="c0", expected=0),
        ]
    assert str(lanes(Trace(events))).count("saved") == 1
    assert "(3 times)" in str(lanes(Trace(events)))


# ---- what is drawn -------------------------------------------------------------------------------


def test_the_mismatch_is_a_bar_from_the_pin_to_the_write_with_a_cross_and_words():
    svg = drawn(traces.e4())
    pin = "lane:c1:1"
    assert words(svg)[f"{pin}.expects"] == "expects v0, is v1"
    assert conditions(svg, pin) == {"broken"}
    assert "hidden" not in conditions(svg, f"{pin}.gap")
    (bar,) = by(svg, "data-id")[f"{pin}.gap"]
    assert any("cross" in (part.get("class") or "") for part in bar.iter())
    assert conditions(svg, "lane:c1.badge") == {"broken"}


def test_before_the_write_there_is_no_bar_and_the_pin_is_whole():
    svg = drawn(traces.e4(), 3)
    assert conditions(svg, "lane:c1:1") == set()
    assert words(svg)["lane:c1:1.expects"] == "expects v0"
    assert conditions(svg, "lane:c1:1.gap") == conditions(svg, "lane:c1:2") == {"hidden"}


def test_time_runs_to_the_right():
    svg = drawn(traces.e4())
    xs = []
    for number in range(4):
        (moment,) = by(svg, "data-id")[f"lane:c1:{number}"]
        texts = [part for part in moment.iter() if part.tag.endswith("text")]
        xs.append(place(texts[0])[0])
    assert xs[0] == xs[1] < xs[2] < xs[3]


def test_each_storage_has_a_lane_of_its_own_and_a_second_counter_a_second_line():
    svg = drawn(traces.data())
    tops = {
        counter: float(by(svg, "data-id")[f"lane:{counter}.band"][0][0].get("y"))
        for counter in ("c0", "c1", "c2", "c3")
    }
    assert tops["c0"] < tops["c1"] < tops["c2"] < tops["c3"]
    titles = [text.text for text in svg.iter() if text.get("class") == "is-title"]
    assert titles == ["storage S0", "storage S1", "storage S1, second counter", "storage S2"]


def test_nothing_moves_from_step_to_step():
    view = Lanes(traces.data())

    def places(step: int) -> list[tuple]:
        moving = ("x", "y", "d", "transform", "width", "height", "viewBox")
        svg = ET.fromstring(view.svg(step, ""))
        return [tuple(element.get(name) for name in moving) for element in svg.iter()]

    assert all(places(step) == places(0) for step in range(1, len(view.film)))


@pytest.mark.parametrize("name", ["e1", "e3", "e4", "data"])
def test_every_id_that_the_film_speaks_of_is_in_the_picture_and_the_other_way_round(name):
    view = Lanes(getattr(traces, name)())
    svg = ET.fromstring(view.svg(-1, ""))
    shown = {each for change in view.film for each in change.shown}
    slots = {each for change in view.film for each in change.texts}
    assert set(by(svg, "data-id")) >= shown
    assert set(by(svg, "data-slot")) == slots
    assert all(each.startswith("lane:") for each in shown | slots)


def test_going_through_the_film_gives_the_frame_of_each_step():
    view = Lanes(traces.e4())
    assert frames.frame(view.film, 2).texts["lane:c1.version"] == "v0"
    assert frames.frame(view.film, 3).texts["lane:c1.version"] == "v1"
    assert view.film[3].marks["lane:c1.badge"] == "changed"


def test_words_stand_clear_of_each_other():
    from autograd_core.drawing.text import width

    svg = drawn(traces.data())
    spans: dict[float, list[tuple[float, float]]] = {}
    for text in svg.iter():
        kind = (text.get("class") or "").removeprefix("is-")
        if text.tag.endswith("text") and text.text and text.get("text-anchor") == "middle":
            x, y = place(text)
            half = width(text.text, kind) / 2
            spans.setdefault(y, []).append((x - half, x + half))
    for row in spans.values():
        row.sort()
        assert all(left[1] <= right[0] for left, right in zip(row, row[1:], strict=False))


def test_no_renderer_is_needed(monkeypatch):
    monkeypatch.setattr(render, "renderers", lambda: iter([]))
    page = lanes(traces.e4())._repr_mimebundle_()["text/html"]
    assert "<img" in page
    assert "expects version 0, which is no longer there" in html.unescape(page)


def test_a_write_by_numpy_is_not_counted_and_fools_who_saved():
    with pytest.warns(UserWarning):
        trace = traces.recorded(BY_NUMPY)
    (lane,) = (lane for lane in moments(trace).lanes if lane.storage == "s1")
    told = [(m.kind, m.version) for m in lane.moments]
    assert told == [("made", 0), ("saved", 0), ("unnoticed", 0), ("fooled", 0)]
    assert "with other numbers than it saved" in str(lanes(trace))
    texts = [text.text for text in drawn(trace).iter() if text.get("class") == "is-expects"]
    assert "v0, but other numbers" in texts


def test_the_graph_shows_a_gradient_that_is_silently_wrong_and_what_it_should_be():
    with pytest.warns(UserWarning):
        trace = traces.recorded(BY_NUMPY)
    shown = picture(trace)
    svg = ET.fromstring(shown.svg)
    said = words(svg)
    assert said["t0.grad"] == "grad=[0.0000, 0.2350]"
    assert said["t0.true"] == "should be [0.1966, 0.2350]"
    (edge,) = (each for each in by(svg, "data-id") if re.fullmatch(r"saved:n\d:t1:0", each))
    assert said[f"{edge}.expects"] == "v0, but other numbers"
    assert conditions(svg, edge) == {"fooled"}
    assert "`a.grad` is wrong: it should be [0.1966, 0.2350]." in str(shown)
    assert "should be" not in str(picture(trace, -2))


# ---- much, little and bad ------------------------------------------------------------------------


def test_a_long_history_keeps_its_beginning_its_end_and_the_mismatch():
    told = moments(writes(300, saved=True))
    assert len(told.columns) == COLUMNS
    assert told.columns[0] == 0 and told.columns[-1] == 300
    assert sum(told.skipped.values()) + COLUMNS == 301
    svg = drawn(writes(300, saved=True))
    assert any(text.text == f"… {301 - COLUMNS} …" for text in svg.iter())


def test_of_very_many_storages_those_are_drawn_that_were_written_and_the_others_are_counted():
    events = writes(0, storages=100).events
    events += [
        e.VersionBumped(op="add_", tensor="t7", storage="s7", counter="c7", before=0, after=1)
    ]
    told = moments(Trace(events))
    assert [lane.storage for lane in told.lanes] == ["s7"]
    assert "99 more storages, not drawn here" in str(lanes(Trace(events)))
    assert len(moments(writes(0, storages=100)).lanes) == LANES


def test_hostile_names_stay_text():
    events = writes(1).events
    events.insert(1, e.Named(tensor="t0", names=(NASTY,)))
    shown = lanes(Trace(events))
    assert words(ET.fromstring(shown.svg))["lane:c0.names"].startswith("<b>&\"'")
    assert "<b>" not in shown._repr_mimebundle_()["text/html"]


def test_an_empty_trace_and_one_with_nothing_but_an_error_are_told():
    assert str(lanes(Trace())) == "Nothing was recorded."
    alone = lanes(Trace([e.ErrorRaised(type="ValueError", message="no")]))
    assert str(alone) == "No tensor was met, so there is no version to follow."
    assert str(alone) in alone._repr_mimebundle_()["text/html"]


def test_a_step_that_is_not_there_is_refused_with_a_sentence():
    with pytest.raises(IndexError, match="steps 1 to 8, so there is no step 9"):
        lanes(traces.e4(), 9)
