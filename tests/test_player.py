"""The player's output: whole without a kernel, escaped, and the same in words."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

import autograd_core as torch
from autograd_core import record
from autograd_core.drawing import Drawing, frames, render
from autograd_core.drawing.describe import describe
from autograd_core.drawing.narrate import narrate
from autograd_core.drawing.timeline import Lanes
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace
from autograd_core.widgets import Player, player
from autograd_core.widgets.frontend import PACKED, unpack

from . import traces

ALL = ["e1", "e2", "e3", "e4", "data"]
NASTY = "</script><!--<a>&\u2028`"


def page(trace: Trace) -> str:
    return Player(trace)._repr_mimebundle_()["text/html"]


def data(trace: Trace) -> dict:
    """What the front end reads."""
    return packed(page(trace))[-1]


def packed(shown: str) -> list:
    """All that an output carries for scripts: its code, then its data."""
    return [unpack(each) for each in re.findall(rf'type="{PACKED}"[^>]*>(.*?)</script>', shown)]


def fold(steps: list[dict], part: str) -> dict:
    """What the front end makes of the changes."""
    now: dict = {}
    for step in steps:
        now.update(step[part])
    return {key: value for key, value in now.items() if value is not None}


@pytest.mark.parametrize("name", ALL)
def test_its_text_is_the_sentences_of_all_steps_numbered(name):
    trace = getattr(traces, name)()
    shown = Player(trace)
    text = shown._repr_mimebundle_()["text/plain"]
    assert text == str(shown) == repr(shown)
    told = narrate(trace)
    assert text.splitlines() == [f"{i}. {said}" for i, said in enumerate(told, start=1)]


@pytest.mark.parametrize("name", ALL)
def test_the_changes_add_up_to_the_frames_of_picture_and_lanes_at_every_step(name):
    trace = getattr(traces, name)()
    films = [view(trace).film for view in (Drawing, Lanes)]
    steps = data(trace)["steps"]
    assert len(steps) == len(trace.steps)
    for number, step in enumerate(steps):
        picture, lanes = (frames.frame(film, number) for film in films)
        shown = {
            key: tuple(words.split()) for key, words in fold(steps[: number + 1], "shown").items()
        }
        assert shown == picture.shown | lanes.shown
        assert fold(steps[: number + 1], "texts") == picture.texts | lanes.texts
        assert step["marks"] == picture.marks | lanes.marks
        assert step["says"] == narrate(trace)[number]


@pytest.mark.parametrize("name", ALL)
def test_every_picture_of_a_step_has_its_description_and_so_have_the_lanes(name):
    trace = getattr(traces, name)()
    steps = data(trace)["steps"]
    for number, step in enumerate(trace.steps):
        told = fold(steps[: number + 1], "words")
        lanes = {key: text for key, text in told.items() if key.startswith("lane:")}
        assert lanes == Lanes(trace).words(number) != {}
        said = Drawing(trace).words(number).values()
        assert set(describe(step.state).splitlines()) <= set(said)
        assert sorted(told.values()) == sorted([*said, *lanes.values()])


def test_the_lanes_are_drawn_without_a_style_of_their_own_for_the_page_has_it():
    assert data(traces.e4())["lanes"].startswith("<svg")
    assert "<style" not in data(traces.e4())["lanes"]
    assert ".agc .band" in packed(page(traces.e4()))[0]["style"]


def test_each_step_knows_its_line_of_the_code():
    shown = data(traces.e4())
    assert [text for _, text in shown["code"]] == [
        "a = tensor([1.2, 3.4, 5.6], requires_grad=True)",
        "out = a.sigmoid()",
        "c = out.detach()",
        "c.zero_()",
        "out.sum().backward()",
    ]
    assert [step["line"] for step in shown["steps"]] == [0, 1, 2, 3, 4, 4, 4, 4]


def test_the_code_is_all_that_the_trace_quotes_without_the_indent_that_all_lines_share():
    quoted = {
        "<cell>": {
            1: "    a = tensor([1.2, 3.4, 5.6], requires_grad=True)",
            2: "    out = a.sigmoid()",
            3: "    if True:",
            4: "        print(out)",
        }
    }
    trace = Trace(traces.e1().events, quoted)
    assert list(player.code_lines(trace).values()) == [
        "a = tensor([1.2, 3.4, 5.6], requires_grad=True)",
        "out = a.sigmoid()",
        "if True:",
        "    print(out)",
    ]


def test_where_no_script_runs_there_is_the_last_picture_and_every_sentence():
    shown = page(traces.e4())
    static = shown[: shown.index("<script")]
    assert '<img alt="The last of 8 steps. SigmoidBackward0 expects its result' in static
    items = [re.sub("<.*?>", "", item) for item in re.findall(r"<li>(.*?)</li>", static)]
    assert [html.unescape(item) for item in items] == [
        s.replace("`", "") for s in narrate(traces.e4())
    ]


def test_where_graphviz_is_missing_the_steps_are_there_with_a_sentence_for_the_picture(monkeypatch):
    monkeypatch.setattr(render, "renderers", lambda: iter([]))
    shown = page(traces.e4())
    assert "pip install graphviz-pure" in shown
    assert "<img" not in shown
    assert len(data(traces.e4())["steps"]) == 8


def test_no_text_of_the_user_ends_the_script_or_becomes_markup():
    trace = traces.e1()
    trace.events[1] = e.Named(tensor="t0", names=(NASTY,))
    trace.events[-1] = e.ErrorRaised(
        type="ValueError", message=NASTY, place=traces.at(9, f"x = {NASTY!r}")
    )
    shown = page(trace)
    assert shown.count("<script") == shown.count("</script>") == 3
    assert "<!--" not in shown
    steps = data(trace)["steps"]
    assert fold(steps, "texts")["t0.name"] == NASTY.replace("\u2028", " ")


def test_it_uses_no_id_and_no_address_so_that_many_fit_on_a_page_and_two_runs_are_alike():
    assert page(traces.e4()) == page(traces.e4())
    assert not re.search(r'[\s<]id="', page(traces.e4()))


def test_an_empty_trace_is_told():
    assert Player(Trace())._repr_mimebundle_() == {
        "text/html": "<p>Nothing was recorded.</p>",
        "text/plain": "Nothing was recorded.",
    }


def test_a_trace_with_nothing_but_an_error_has_one_step():
    shown = data(Trace([e.ErrorRaised(type="ValueError", message="no")]))
    assert [step["says"] for step in shown["steps"]] == ["This raises ValueError: no."]
    assert shown["code"] == []


def test_each_tensor_knows_its_storage_its_counter_and_who_saved_it():
    assert data(traces.e4())["tensors"] == {
        "t0": ["s0", "c0", []],
        "t1": ["s1", "c1", [["saved:n1:t1:0", "n1"]]],
        "t2": ["s1", "c1", []],
        "t3": ["s2", "c3", []],
    }
    assert data(traces.data())["tensors"]["t2"] == ["s1", "c2", []]


def test_it_opens_at_the_step_it_is_told():
    assert data(traces.e4())["start"] == 0
    assert packed(Player(traces.e4(), start=-1).html())[-1]["start"] == 7


def test_of_a_long_run_a_viewer_without_scripts_gets_both_ends_by_their_numbers():
    place = traces.at(1, "x.add_(1)")
    bump = e.VersionBumped(
        op="add_", tensor="t0", storage="s0", counter="c0", before=0, after=1, place=place
    )
    steps = [replace(bump, before=n, after=n + 1) for n in range(1000)]
    shown = page(Trace(traces.leaf_and_sigmoid() + steps))
    items = re.findall("<li.*?</li>", shown)
    assert len(items) == player.MOST + 1
    assert items[30] == "<li>… and 942 more steps, up to here:</li>"
    assert items[31].startswith('<li value="973"')
    assert len(shown) < 200_000


def test_an_output_of_one_example_is_small_and_little_of_it_is_code():
    shown = page(traces.e4())
    code = re.search(f'type="{PACKED}" data-code="[^"]*">(.*?)</script>', shown)[1]
    assert len(code) < 12_000
    assert len(shown) < 52_000


def test_all_players_carry_the_same_code_under_the_same_name():
    one, other = (re.findall(r'data-code="\w+">[^<]*', page(t)) for t in (traces.e1(), traces.e4()))
    assert one == other != []


def test_a_run_of_a_thousand_steps_is_played_and_one_of_ten_thousand_is_told():
    with record() as long:
        x = torch.ones(2)
        for _ in range(1000):
            x.add_(1)
    assert 'data-kind="player"' in long._repr_mimebundle_()["text/html"]
    with record() as longer:
        for _ in range(10_000):
            x.add_(1)
    told = longer._repr_mimebundle_()
    assert "too many to be drawn" in told["text/plain"]
    assert "<figure" not in told["text/html"] and len(told["text/html"]) < 100_000
