"""A trace as a file: what was saved is what is loaded, and nothing else is taken for a trace."""

from __future__ import annotations

import copy
import json
import math
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd_core import record, tensor
from autograd_core.drawing.describe import describe
from autograd_core.drawing.narrate import narrate
from autograd_core.errors import TraceFileError
from autograd_core.recording import events as e
from autograd_core.recording.files import MOST
from autograd_core.recording.trace import Trace
from autograd_core.widgets.player import Player

from . import traces
from .lessons import run
from .test_trace import EVERYTHING


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> str:
    """The text of a file with every kind of event in it."""
    path = tmp_path_factory.mktemp("traces") / "everything.json"
    run(EVERYTHING).save(path)
    return path.read_text(encoding="utf-8")


def load(text: str | bytes, folder) -> Trace:
    path = folder / "trace.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Trace.load(path)


def refused(text: str | bytes, folder) -> str:
    with pytest.raises(TraceFileError) as caught:
        load(text, folder)
    said = str(caught.value)
    assert said.startswith("trace.json cannot be opened as a trace: ") and said.endswith(".")
    assert "\n" not in said and len(said) < 300
    return said.removeprefix("trace.json cannot be opened as a trace: ")


# ---- there and back ----------------------------------------------------------------------------


def test_a_run_with_a_function_of_the_users_comes_back(tmp_path):
    trace = run(
        """
        from autograd_core import autograd

        class Triple(autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 3
            @staticmethod
            def backward(ctx, grad):
                return grad * 3
        a = tensor([1.0], requires_grad=True)
        out = Triple.apply(a)
        with autograd.graph.saved_tensors_hooks(lambda kept: kept * 1, lambda kept: kept):
            out.exp().backward()
        """
    )
    trace.save(tmp_path / "run.json")
    assert Trace.load(tmp_path / "run.json") == trace
    (out,) = [each for each in trace.at(-1).tensors.values() if each.op == "Triple"]
    assert out.names == ("out",) and trace.at(-1).nodes[out.grad_fn].name == "TripleBackward"


def test_a_file_gives_back_the_trace_that_was_saved(saved, tmp_path):
    trace, again = run(EVERYTHING), load(saved, tmp_path)
    assert again == trace and again.events == trace.events and again.sources == trace.sources
    assert {type(event) for event in again.events} == set(e.KINDS.values())
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text(encoding="utf-8") == saved


@pytest.mark.parametrize("name", ["e1", "e2", "e3", "e4", "data"])
def test_a_trace_that_was_loaded_is_told_like_the_one_that_was_saved(name, tmp_path):
    trace = getattr(traces, name)()
    trace.save(tmp_path / "trace.json")
    again = Trace.load(tmp_path / "trace.json")
    assert narrate(again) == narrate(trace)
    assert [describe(step.state) for step in again.steps] == [
        describe(step.state) for step in trace.steps
    ]


def test_an_empty_trace_can_be_saved(tmp_path):
    Trace().save(tmp_path / "none.json")
    assert Trace.load(str(tmp_path / "none.json")) == Trace()


def test_numbers_that_json_does_not_have_come_back(tmp_path):
    trace = run("x = tensor([float('nan'), float('inf'), -float('inf'), -0.0, 1e-45])")
    trace.save(tmp_path / "trace.json")
    assert "NaN" not in (tmp_path / "trace.json").read_text()
    data = Trace.load(tmp_path / "trace.json").events[0].value.data
    assert repr(data) == repr(trace.events[0].value.data) and math.isnan(data[0])


def test_letters_of_all_scripts_come_back(tmp_path):
    trace = run("größe = tensor([1.0]); 名 = größe * 2  # ∂y/∂x")
    trace.save(tmp_path / "trace.json")
    assert Trace.load(tmp_path / "trace.json") == trace


def test_a_trace_whose_beginning_was_dropped_comes_back(tmp_path):
    with record(keep=50) as trace:
        a = tensor([1.0], requires_grad=True)
        for _ in range(20):
            (a.sin() * 2).backward()
    trace.save(tmp_path / "trace.json")
    again = Trace.load(tmp_path / "trace.json")
    assert again == trace and again.dropped > 0 and again.base.tensors["t0"].names == ("a",)
    assert again.at(1).tensors["t0"] == trace.at(1).tensors["t0"]


def test_the_file_of_a_run_is_the_same_on_every_machine(tmp_path):
    texts = []
    for name in ("one.json", "two.json"):
        run(EVERYTHING).save(tmp_path / name)
        texts.append((tmp_path / name).read_text(encoding="utf-8"))
    assert texts[0] == texts[1] and str(tmp_path) not in texts[0]


def test_a_file_that_is_not_there_is_pythons_own_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Trace.load(tmp_path / "nowhere.json")


# ---- what is no trace --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "{}", '"trace"', "17", b"\xff\xfe\x00", "\x00" * 100, "[" * 100_000,
     '{"a": ' * 100_000, "9" * 10_000, '{"format": "another"}', '{"format": null}'],
)  # fmt: skip
def test_what_is_no_trace_is_refused(text, tmp_path):
    assert refused(text, tmp_path)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(saved, part, tmp_path):
    assert "was cut off (line" in refused(saved[: int(len(saved) * part)], tmp_path)


def test_a_file_of_a_newer_version_is_refused_as_that(saved, tmp_path):
    data = json.loads(saved) | {"version": 2, "something": "new"}
    assert refused(json.dumps(data), tmp_path) == (
        "it was written by a newer version of autograd_core (format 2, and this one knows 1)."
    )


def changed(saved: str, kind: str, /, **fields: object) -> str:
    """The file, with these fields of the first event of this kind set."""
    data = json.loads(saved)
    next(each for each in data["events"] if each["event"] == kind).update(fields)
    return json.dumps(data)


VALUE = {"text": "1.", "shape": [], "dtype": "float32"}
WRONG = [
    ("TensorCreated", {"version": "0"}, "version: should be a whole number"),
    ("TensorCreated", {"version": None}, "version: should be a whole number, and is null"),
    ("TensorCreated", {"version": True}, "version: should be a whole number"),
    ("TensorCreated", {"version": 10**30}, "version: is a number beyond 64 bits"),
    ("TensorCreated", {"tensor": "<b>t0</b>"}, "tensor: should be an id"),
    ("TensorCreated", {"tensor": 0}, "tensor: should be an id"),
    ("TensorCreated", {"tensor": "t" + "9" * 99}, "tensor: should be an id"),
    ("TensorCreated", {"op": ["tensor"]}, "op: should be a text, and is a list"),
    ("TensorCreated", {"op": "\ud800"}, "op: has half a character in it"),
    ("TensorCreated", {"op": "x" * 200_000}, "op: is a text of 200000 characters"),
    ("TensorCreated", {"surprise": 1}, "has a field that TensorCreated does not have"),
    ("TensorCreated", {"place": 10**6}, "has a place that there is not"),
    ("TensorCreated", {"place": -1}, "has a place that there is not"),
    ("TensorCreated", {"event": "Exploded"}, "is of a kind that there is not"),
    ("TensorCreated", {"event": ["OpRan"]}, "is of a kind that there is not"),
    ("TensorCreated", {"value": VALUE | {"shape": [1] * 65}}, "value.shape: has more than 64 dim"),
    ("TensorCreated", {"value": VALUE | {"shape": [-1]}}, "value.shape: has a negative size"),
    ("TensorCreated", {"value": VALUE | {"shape": [2], "data": [1.0]}}, "data: does not have the"),
    ("TensorCreated", {"value": VALUE | {"data": "x"}}, "data: should hold numbers, and holds a te"),
    ("TensorCreated", {"value": VALUE | {"shape": [65], "data": [0.0] * 65}}, "more than 64 numbers"),
    ("OpRan", {"inputs": "t0"}, "inputs: should be a list, and is a text"),
    ("OpRan", {"inputs": [["t0"]]}, "inputs: should be an id"),
    ("VersionBumped", {"values": [["t0"]]}, "values: should have 2 entries, and has 1"),
    ("NodeRan", {"node": "n999"}, "it speaks of a node that there is not"),
    ("NodeRan", {"grads_in": [{}]}, "grads_in: should be a text, and is null"),
    ("NodeCreated", {"next_functions": [{"node": "n0", "input_nr": 0}]}, "leads to a newer node"),
    ("NodeCreated", {"next_functions": [{"node": "n9", "input_nr": 0}]}, "speaks of a node that"),
    ("AliasMade", {"source": "t999"}, "an alias is older than what it is an alias of"),
    ("TensorSaved", {"node": "n77"}, "it speaks of a node that there is not"),
]


@pytest.mark.parametrize(("event", "fields", "said"), WRONG, ids=lambda each: str(each)[:40])
def test_a_field_that_is_not_as_declared_is_refused_by_name(saved, event, fields, said, tmp_path):
    assert said in refused(changed(saved, event, **fields), tmp_path)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"dropped": -1}, "it counts below zero"),
        ({"dropped": 1.5}, "`dropped`: should be a whole number, and is a number"),
        ({"sources": {"cell": {"one": "x = 1"}}}, "`sources`: should be a whole number"),
        ({"sources": [1]}, "`sources`: should be an object, and is a list"),
        ({"places": {}}, "`places`: should be a list"),
        ({"events": {}}, "its events are no list"),
        ({"events": [None]}, "event 0 is null"),
        ({"base": {"tensors": {"t0": {}}}}, "`base`: tensors: has no `id`"),
        ({"base": {"ran": ["n0"]}}, "a node ran that there is not"),
        ({"version": 0}, "its version is no number"),
        ({"version": "1"}, "its version is no number"),
        ({"more": 1}, "it has a field that a trace does not have"),
    ],
)
def test_a_part_that_is_not_as_declared_is_refused(saved, fields, said, tmp_path):
    assert said in refused(json.dumps(json.loads(saved) | fields), tmp_path)


def test_nodes_that_lead_in_a_circle_are_refused(saved, tmp_path):
    def node(name: str, follower: str) -> dict:
        edge = {"node": follower, "input_nr": 0}
        return {"id": name, "name": "X", "next_functions": [edge], "variable": None}

    base = {"nodes": {"n50": node("n50", "n51"), "n51": node("n51", "n50")}}
    said = refused(json.dumps(json.loads(saved) | {"base": base}), tmp_path)
    assert "an edge leads to a newer node" in said
    base = {"nodes": {"n50": node("n50", "n50")}}
    assert "newer" in refused(json.dumps(json.loads(saved) | {"base": base}), tmp_path)


def test_more_events_than_any_recording_keeps_are_refused(saved, tmp_path):
    text = saved.replace('"events": [\n', '"events": [\n' + "0," * MOST)
    assert f"and {MOST} is the most" in refused(text, tmp_path)


# ---- files that somebody has tampered with -----------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(string.printable, max_size=8) | st.sampled_from(["t0", "n0", "n1", "s0", "c0", "h0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def places_in(data: object, path: tuple = ()) -> list[tuple]:
    """The path to everything in a piece of JSON."""
    inside = data.items() if isinstance(data, dict) else ()
    inside = enumerate(data) if isinstance(data, list) else inside
    return [path] * bool(path) + [found for k, v in inside for found in places_in(v, (*path, k))]


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_a_file_with_anything_in_any_place_is_refused_or_a_trace_that_can_be_shown(
    saved, tmp_path, data
):
    content = json.loads(saved)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places_in(content)))
        inside = content
        for key in way:
            inside = inside[key]
        action = data.draw(st.sampled_from(["replace", "delete", "double"]))
        if action == "delete":
            del inside[last]
        elif action == "double" and isinstance(inside, list):
            inside.insert(last, copy.deepcopy(inside[last]))
        else:
            inside[last] = data.draw(JSON)
    try:
        trace = load(json.dumps(content), tmp_path)
    except TraceFileError as refusal:
        assert "\n" not in str(refusal)
        return
    assert len(narrate(trace)) == len(trace.steps)
    for step in trace.steps:
        describe(step.state)


def test_markup_in_names_and_sources_stays_text(saved, tmp_path):
    evil = "</script><img src=x onerror=alert(1)>\"'&"
    data = json.loads(saved)
    data["sources"] = {evil: {"1": evil}}
    for place in data["places"]:
        place.update(file=evil, text=evil, function=evil)
    for event in data["events"]:
        for field in ("op", "expression", "name", "message", "type"):
            if field in event:
                event[field] = evil
        if "names" in event:
            event["names"] = [evil for _ in event["names"]]
        if "value" in event:
            event["value"]["text"] = evil
    html = Player(load(json.dumps(data), tmp_path))._repr_mimebundle_()["text/html"]
    assert "<img src=x" not in html and "alert(1)>" not in html
