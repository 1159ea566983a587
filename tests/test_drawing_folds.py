"""Large runs stay useful: what repeats is folded and counted, and what matters never is."""

from __future__ import annotations

import os
from xml.etree import ElementTree as ET

import pytest

import autograd_core as torch
from autograd_core import draw
from autograd_core.drawing import Drawing, Lanes, frames, picture, scene
from autograd_core.drawing.folding import FEW, MANY, NAMED, TIMES, TROUBLE, Fold, fold
from autograd_core.widgets import Player

from . import traces
from .test_drawing_picture import conditions, drawn, renderer, shape, words

__all__ = ["renderer"]  # a fixture

CHAIN = """
    w = torch.tensor([1.01], requires_grad=True)
    x = torch.tensor([1.5])
    for _ in range({count}):
        x = x * w
    x.backward()
"""
BROKEN = """
    w = torch.tensor([1.1], requires_grad=True)
    x = torch.tensor([1.5])
    for i in range(40):
        x = (x * w).sigmoid()
        if i == 20:
            x.detach().zero_()
    x.backward()
"""


def nothing(row: int) -> bool:
    return False


def ranges(shown: list[int | Fold]) -> list[tuple[int, int, int] | int]:
    return [
        (row.rows[0], row.rows[-1], row.times) if isinstance(row, Fold) else row for row in shown
    ]


def seconds() -> float:
    """The time that this process and Graphviz have worked, however busy the machine is."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


# ---- which rows are folded -----------------------------------------------------------------------


def test_a_small_picture_is_not_folded():
    assert fold(["a"] * FEW, nothing) == list(range(FEW))


def test_of_what_repeats_the_first_and_the_last_are_drawn():
    assert ranges(fold(["a", *["b"] * 50, "c"], nothing)) == [0, 1, (2, 49, 48), 50, 51]


def test_a_pattern_of_several_rows_is_found():
    shown = fold([*"wu", *"mmat" * 10, "s"], nothing)
    assert ranges(shown) == [0, 1, 2, 3, 4, 5, (6, 37, 8), 38, 39, 40, 41, 42]


def test_what_repeats_only_a_few_times_is_drawn():
    kinds = [*range(FEW), *["b"] * (TIMES - 1)]
    assert fold(kinds, nothing) == list(range(len(kinds)))


def test_a_row_that_matters_is_never_folded():
    shown = fold(["b"] * 50, lambda row: row == 25)
    assert ranges(shown) == [0, (1, 24, 24), 25, (26, 48, 23), 49]


def test_of_very_many_different_rows_the_last_and_what_matters_are_drawn():
    shown = fold(list(range(1000)), lambda row: row == 500)
    single = [row for row in shown if not isinstance(row, Fold)]
    assert 500 in single
    assert 0 in single
    assert single[-8:] == list(range(992, 1000))
    assert len(shown) <= MANY + 4


@pytest.mark.parametrize("every", [1, 2, 7])
def test_even_where_very_much_matters_the_picture_stays_small(every):
    shown = fold(list(range(3000)), lambda row: row % every == 0)
    assert sum(not isinstance(row, Fold) for row in shown) < 2 * MANY
    assert sorted(
        r for row in shown for r in (row.rows if isinstance(row, Fold) else [row])
    ) == list(range(3000))


# ---- what is drawn of them -----------------------------------------------------------------------


def test_a_loop_is_folded_and_the_picture_says_what_and_how_often(renderer):
    said = words(drawn(traces.recorded(CHAIN.format(count=100))))
    assert said["fold0.name"] == "⋮ 97 times the same"
    assert said["fold0.what.0"] == "97 MulBackward0"
    assert said["fold0.status"] == "done, freed"
    assert "97 × saved other" in said.values()


def test_the_words_say_what_is_folded_too():
    told = str(picture(traces.recorded(CHAIN.format(count=100))))
    assert "Folded, for it repeats itself 97 more times: 97 `MulBackward0`." in told
    assert len(told.splitlines()) < 15


def test_stepping_counts_what_is_folded():
    trace = traces.recorded(CHAIN.format(count=30))
    drawing = Drawing(trace)
    told = [
        frames.frame(drawing.film, at).texts.get("fold0.status") for at in range(len(trace.steps))
    ]
    made = [said for said in told if said and "so far" in said]
    ran = [said for said in told if said and "have run" in said]
    assert made[0] == "1 of 27 nodes so far"
    assert made[-1] == "26 of 27 nodes so far"
    assert ran[0] == "1 of 27 nodes have run"
    assert ran[-1] == "27 of 27 nodes have run, freed"
    assert told[-1] == "done, freed"


def test_a_fold_is_hidden_until_there_is_something_in_it():
    trace = traces.recorded(CHAIN.format(count=30))
    assert conditions(drawn(trace, 3), "fold0") == {"hidden"}
    assert "hidden" not in conditions(drawn(trace, 7), "fold0")


@pytest.mark.parametrize("view", [Drawing, Lanes])
def test_the_words_of_all_steps_are_those_of_each(view):
    shown = view(traces.recorded(BROKEN))
    told = list(shown.told())
    for step in (0, 5, 40, 90, len(told) - 1):
        assert told[step] == shown.words(step) != {}


def test_gradients_flow_through_a_fold():
    trace = traces.recorded(CHAIN.format(count=30))
    last = scene.build(trace)
    to_w = [edge.id for edge in last.edges.values() if edge.kind == "next" and edge.tail == "fold0"]
    svg = drawn(trace)
    assert all("flows" in conditions(svg, edge) for edge in to_w)


def test_what_is_broken_is_drawn_in_full_in_the_middle_of_a_long_run():
    trace = traces.recorded(BROKEN)
    built, svg = scene.build(trace), drawn(trace)
    (broken,) = (s for s in trace.at(-1).saved if trace.at(-1).mismatched(s))
    (edge,) = (each for n, each in built.saved.items() if trace.at(-1).saved[n] == broken)
    assert "broken" in conditions(svg, edge.id)
    assert conditions(svg, broken.node) == {"raised"}
    assert len(built.folds) == 2
    assert len(built.rows) < 25


def test_every_id_that_the_film_speaks_of_is_in_the_picture():
    drawing = Drawing(traces.recorded(BROKEN))
    svg = ET.fromstring(drawing.svg(-1, ""))
    there = {element.get("data-id") for element in svg.iter()}
    slots = {element.get("data-slot") for element in svg.iter()}
    for change in drawing.film:
        assert set(change.shown) <= there
        assert {slot for slot, said in change.texts.items() if said} <= slots


def test_all_nodes_are_drawn_or_folded_once():
    trace = traces.recorded(BROKEN)
    built, end = scene.build(trace), trace.at(-1)
    folded = [node for each in built.folds.values() for node in each.nodes]
    assert sorted([*folded, *(built.nodes.keys() - built.folds.keys())]) == sorted(end.nodes)
    assert built.hidden >= set(folded)


def test_a_node_with_a_thousand_inputs_is_drawn(renderer):
    leaves = [torch.tensor([float(i)], requires_grad=True) for i in range(1000)]
    svg = ET.fromstring(draw(torch.stack(leaves).sum()).svg)
    assert "998 × next_functions" in words(svg).values()
    left, top, right, bottom = shape(svg, "fold0")
    assert bottom - top < 200


def test_a_graph_of_a_thousand_nodes_is_drawn_in_under_three_seconds(renderer):
    trace = traces.recorded(CHAIN.format(count=1000))

    start = seconds()
    assert len(picture(trace).svg) < 60_000
    assert seconds() - start < 3


def test_a_player_of_two_thousand_steps_is_made_in_a_few_seconds():
    trace = traces.recorded(CHAIN.format(count=1000))
    start = seconds()
    assert len(Player(trace)._repr_mimebundle_()["text/html"]) < 300_000
    assert seconds() - start < 8


def test_live_a_thousand_nodes_are_drawn_in_under_three_seconds(renderer):
    w, x = torch.tensor([1.01], requires_grad=True), torch.tensor([1.0])
    for _ in range(1000):
        x = (x * w).sin()
    start = seconds()
    said = words(ET.fromstring(draw(x).svg))
    assert seconds() - start < 3
    assert any("times the same" in each for each in said.values())


def test_rows_in_trouble_are_drawn_before_rows_with_names():
    kinds = [f"row {number}" for number in range(300)]
    trouble = {3, 40, 41}
    drawn = fold(kinds, lambda row: TROUBLE if row in trouble else NAMED if row > 50 else 0)
    assert trouble <= {row for row in drawn if not isinstance(row, Fold)}
    assert len(drawn) < 50


def test_however_many_rows_are_in_trouble_none_of_a_hundred_is_folded():
    kinds = [f"row {number}" for number in range(300)]
    drawn = fold(kinds, lambda row: TROUBLE if row % 3 == 0 else NAMED)
    assert set(range(0, 300, 3)) <= set(drawn)
