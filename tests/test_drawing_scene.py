"""A scene has all that ever exists in a run, each thing in one place; a film says what is when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograd_core.drawing import Drawing, frames, lanes, scene
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

from . import traces

WRITE, ERROR = 3, 7  # the steps of E4 at which `c.zero_()` runs and at which sigmoid raises


def shot(trace: Trace, step: int) -> frames.Frame:
    return frames.frame(frames.film(trace, scene.build(trace)), step)


# ---- the scene -----------------------------------------------------------------------------------


def test_aliases_stand_side_by_side_in_the_box_of_their_storage():
    built = scene.build(traces.e4())
    assert {storage: box.ids for storage, box in built.boxes.items()} == {
        "s0": ["t0"],
        "s1": ["t1", "t2"],
        "s2": ["t3"],
    }


def test_a_detach_is_a_cut_between_two_cards():
    (link,) = scene.build(traces.e4()).boxes["s1"].links.values()
    assert (link.source, link.alias, link.how, link.is_cut) == ("t1", "t2", "detach", True)


def test_a_view_is_no_cut():
    trace = traces.recorded("""
        a = torch.ones(2, requires_grad=True)
        b = a.exp()
        row = b[0]
    """)
    (link,) = scene.build(trace).boxes["s1"].links.values()
    assert (link.how, link.is_cut) == ("select", False)


def test_data_has_a_counter_of_its_own_and_detach_has_not():
    assert scene.build(traces.data()).cards["t2"].own_counter
    assert not scene.build(traces.e4()).cards["t2"].own_counter


def test_each_storage_has_a_row_with_the_node_that_it_hangs_on():
    rows = scene.build(traces.e4()).rows
    assert [(row.node, row.storage) for row in rows] == [
        ("n0", "s0"),
        ("n1", "s1"),
        ("n2", "s2"),
    ]


def test_all_four_kinds_of_edge_are_there():
    edges = scene.build(traces.e4()).edges.values()
    assert {(edge.kind, edge.tail, edge.head) for edge in edges} == {
        ("grad_fn", "t1", "n1"),
        ("grad_fn", "t3", "n2"),
        ("next", "n1", "n0"),
        ("next", "n2", "n1"),
        ("variable", "n0", "t0"),
        ("saved", "n1", "t1"),
    }


def rewritten() -> Trace:
    """`out` gets another grad_fn, as an in-place operation gives it, and is then cut by detach_."""
    place = traces.at(3, "out.mul_(2)")
    changed = e.TensorChanged(
        tensor="t1",
        op="mul_",
        requires_grad=True,
        is_leaf=False,
        grad_fn="n5",
        output_nr=0,
        retains_grad=False,
        place=place,
    )
    node = e.NodeCreated(node="n5", name="MulBackward0", next_functions=(e.Edge("n1", 0), None))
    cut = replace(changed, op="detach_", requires_grad=False, is_leaf=True, grad_fn=None)
    return Trace([*traces.leaf_and_sigmoid(), node, changed, cut])


def test_every_grad_fn_that_a_tensor_ever_had_is_in_the_scene():
    edges = scene.build(rewritten()).edges.values()
    assert [edge.head for edge in edges if edge.kind == "grad_fn"] == ["n1", "n5"]


def test_a_node_without_a_storage_of_its_own_gets_a_row_below_the_one_it_belongs_to():
    assert [(row.node, row.storage) for row in scene.build(rewritten()).rows] == [
        ("n0", "s0"),
        ("n1", "s1"),
        ("n5", None),
    ]


def test_a_saved_tensor_that_the_recording_never_saw_has_an_entry_but_no_arrow():
    unseen = e.TensorSaved(node="n1", field="weight", tensor="t99", counter="c1", expected=0)
    built = scene.build(Trace([*traces.leaf_and_sigmoid(), unseen]))
    assert [entry.head for entry in built.nodes["n1"].saved] == ["t1", "t99"]
    assert "t99" not in {edge.head for edge in built.edges.values()}


def test_an_empty_trace_has_an_empty_scene_and_no_frame():
    built = scene.build(Trace())
    assert built.rows == ()
    assert frames.film(Trace(), built) == []


# ---- the film ------------------------------------------------------------------------------------


def test_at_first_there_is_only_what_the_first_line_made():
    first = shot(traces.e4(), 0)
    assert set(first.shown) == {"s0", "t0", "t0.badge"}
    assert first.texts["t0.name"] == "a"
    assert first.texts["t0.value.0"] == traces.A
    assert first.texts["t0.flags"] == "leaf, requires_grad=True"
    assert first.texts["t0.grad"] == "grad=None"


def test_a_card_says_who_the_tensor_is_and_what_it_hangs_on():
    frame = shot(traces.e4(), 2)
    assert frame.texts["t1.grad_fn"] == "grad_fn=<SigmoidBackward0>"
    assert frame.texts["t2.flags"] == "detached, requires_grad=False"
    assert frame.texts["t2.grad_fn"] == "grad_fn=None"
    assert frame.texts["s1.title"] == "storage S1, shared by out and c"
    assert frame.texts["link:t2.how"] == "detach"


def test_a_write_moves_the_badge_of_every_alias_and_breaks_the_saved_edge_at_once():
    before, after = shot(traces.e4(), WRITE - 1), shot(traces.e4(), WRITE)
    saved = "saved:n1:t1:0"
    assert (before.texts["t1.version"], before.texts["t2.version"]) == ("v0", "v0")
    assert (after.texts["t1.version"], after.texts["t2.version"]) == ("v1", "v1")
    assert before.shown[saved] == ()
    assert after.shown[saved] == ("broken",)
    assert before.texts[f"{saved}.expects"] == "expects v0"
    assert after.texts[f"{saved}.expects"] == "expects v0, is v1"
    assert "broken" in after.shown["t1.badge"]
    assert "broken" in after.shown["t2.badge"]
    assert "broken" not in after.shown["t0.badge"]


def test_a_write_through_data_moves_its_own_badge_alone_and_breaks_nothing():
    after = shot(traces.data(), WRITE)
    assert (after.texts["t1.version"], after.texts["t2.version"]) == ("v0", "own v1")
    assert after.shown["t2.badge"] == ("own",)
    assert after.texts["t1.value.0"] == "[0., 0., 0.]"
    assert not any("broken" in words for words in after.shown.values())


def test_what_changes_at_a_step_is_marked_at_that_step_alone():
    write, later = shot(traces.e4(), WRITE), shot(traces.e4(), WRITE + 1)
    changed = {name for name, mark in write.marks.items() if mark == "changed"}
    assert changed == {
        "t1.badge",
        "t2.badge",
        "t1.value.0",
        "t2.value.0",
        "saved:n1:t1:0.expects",
    }
    assert not changed & set(later.marks)
    assert later.marks["t3"] == "new"


def test_where_backward_starts_is_said_at_that_step_alone():
    assert shot(traces.e1(), 3).texts["n2.status"] == "backward() starts here"
    assert shot(traces.e1(), 4).texts["n2.status"] == "running, freed"


def test_gradients_flow_along_the_edges_as_the_nodes_run():
    edge = "next:n1:n0:0"
    assert "flows" not in shot(traces.e1(), 4).shown[edge]
    ran = shot(traces.e1(), 5)
    assert ran.shown[edge] == ("flows",)
    assert ran.texts[f"{edge}.grad"] == f"grad {traces.GRAD}"
    assert shot(traces.e1(), 6).texts["t0.grad"] == f"grad={traces.GRAD}"


def test_a_freed_node_is_faded_and_says_so():
    end = shot(traces.e1(), -1)
    assert end.shown["n1"] == ("ran", "faded")
    assert end.texts["n1.status"] == "done, freed"
    assert end.texts["saved:n1:t1:0.expects"] == "freed"


def test_a_tensor_that_nobody_refers_to_any_more_is_faded_and_says_so():
    end = shot(traces.e1(), -1)
    assert "faded" in end.shown["t3"]
    assert end.texts["t3.flags"] == "gone"


def test_the_node_that_raises_is_named_and_the_sentence_stands_below():
    end = shot(traces.e4(), ERROR)
    assert end.shown["n1"] == ("raised",)
    assert end.texts["n1.status"] == "raised the error"
    said = " ".join(text for slot, text in end.texts.items() if slot.startswith("error."))
    assert said == "RuntimeError: " + traces.MISMATCH.split(" Hint: ")[0]


def test_a_rewritten_history_hides_the_old_grad_fn_and_detach__cuts_the_new_one():
    old, new = "grad_fn:t1:n1:0", "grad_fn:t1:n5:0"
    assert old in shot(rewritten(), 1).shown
    after = shot(rewritten(), 2)
    assert old not in after.shown
    assert after.shown[new] == ()
    end = shot(rewritten(), 3)
    assert end.shown[new] == ("cut",)
    assert end.texts["t1.grad_fn"] == "grad_fn=None"


@pytest.mark.parametrize("name", ["e1", "e2", "e3", "e4", "data"])
def test_a_film_shows_at_each_step_what_a_trace_that_ends_there_shows_at_its_end(name):
    # The one has looked only at what each step touched, the other at everything there is.
    trace = getattr(traces, name)()
    whole = scene.build(trace)
    film = frames.film(trace, whole)
    for number, step in enumerate(trace.steps):
        fresh = frames._Camera(whole)
        for earlier in trace.steps[:number]:
            fresh.hear(earlier)
        everything = fresh.take(step)
        seen = frames.frame(film, number)
        assert {k: v for k, v in everything.shown.items() if v is not None} == seen.shown
        assert {k: v for k, v in everything.texts.items() if v} == {
            k: v for k, v in seen.texts.items() if v
        }


MOVED = """
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    other = torch.tensor([3.0, 4.0])
    w.data = other
    other.zero_()
"""


def test_a_tensor_stands_in_the_storage_that_it_looks_at_and_nothing_moves():
    trace = traces.recorded(MOVED)
    moved = next(s.index for s in trace.steps if s.find(e.MemoryChanged))
    drawing = Drawing(trace)
    for step, (here, there) in ((moved - 1, ("t0_in_s0", "t0")), (moved, ("t0", "t0_in_s0"))):
        shown = frames.frame(drawing.film, step)
        assert here in shown.shown and there not in shown.shown
        assert {slot for slot in shown.texts if slot.startswith("t0")} >= {f"{here}.name"}
        assert not any(slot.startswith(f"{there}.") for slot in shown.texts)
        saved = [name for name in shown.shown if name.startswith("saved:") and "row" not in name]
        assert saved and all(name.split(":")[2] == here for name in saved)
    boxes = scene.build(trace).boxes
    assert [box.ids for box in boxes.values() if "t0" in box.ids] == [[other(trace), "t0"]]
    assert boxes["s0"].ids == ["t0_in_s0"]
    assert frames.frame(drawing.film, -1).texts["t0.version"] == "own v0"


def other(trace):
    return next(t.id for t in trace.at(-1).tensors.values() if t.names == ("other",))


def test_the_lane_of_a_moved_tensor_tells_where_it_has_been_and_of_writes_there():
    trace = traces.recorded(MOVED)
    assert str(lanes(trace, 1)) == "Storage S0, counted by `w`, is at version 0."
    last = str(lanes(trace))
    assert "Storage S0, then S3, counted by `w`, is at version 0" in last
    assert "changed the values and was not counted here: it stayed at version 0" in last


def test_a_tensor_that_is_moved_all_the_time_is_never_out_of_sight():
    trace = traces.recorded(
        """
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        for _ in range(30):
            (w * w).sum().backward()
            w.data = w.data - 0.1 * w.grad
            w.grad = None
        """
    )
    drawing = Drawing(trace)
    assert drawing.scene.folds
    shown = frames.Frame()
    for step, change in zip(trace.steps, drawing.film, strict=True):
        shown.bring(change)
        (card,) = {name for name in shown.shown if drawing.scene.cards.get(name)
                   and drawing.scene.cards[name].tensor == "t0"}  # fmt: skip
        box = next(box for box in drawing.scene.boxes.values() if card in box.ids)
        storage = step.state.tensors["t0"].storage
        assert shown.texts[f"{box.storage}.title"].split(",")[0] == f"storage {storage.upper()}"
    assert "Storage S0, then others, then " in str(lanes(trace))
