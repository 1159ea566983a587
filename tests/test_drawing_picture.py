"""DOT, SVG and what a notebook shows, with either renderer: right, whole and escaped."""

from __future__ import annotations

import html
import math
import re
import subprocess
import sys
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from autograd_core.drawing import (
    Drawing,
    RendererNotFound,
    dot,
    frames,
    lanes,
    picture,
    render,
    scene,
)
from autograd_core.drawing.text import width as text_width
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace
from autograd_core.widgets.player import Player

from . import traces

SVG = "{http://www.w3.org/2000/svg}"
COMMANDS = {command.rpartition("/")[2]: command for command in render.renderers()}
PROGRAMS = {
    "views": """
        x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        y = x * 2
        first, turned = y[0], y.t()
        first.mul_(10)
        (y * y).sum().backward()
    """,
    "loop": """
        w = torch.tensor([2.0], requires_grad=True)
        x = torch.tensor([1.0])
        for _ in range(4):
            x = (x * w).tanh()
        x.backward()
    """,
    "cut_leaf": """
        a = torch.tensor([1.0, 2.0], requires_grad=True)
        out = a.sigmoid()
        c = out.detach().requires_grad_()
        (c * c).sum().backward()
    """,
    "first_row_without_node": """
        x = torch.ones(1, requires_grad=True)
        y = torch.ones(1, requires_grad=True)
        x = x.detach()
        z = (x * y) ** 2
        z.backward()
    """,
}
NASTY = "<b>&\"'</b></script>`x`"


@pytest.fixture(params=["dot", "graphviz-pure"])
def renderer(request, monkeypatch):
    """Each renderer in turn, as if it were the only one."""
    if request.param not in COMMANDS:
        pytest.skip(f"{request.param} is not installed")
    monkeypatch.setattr(render, "renderers", lambda: iter([COMMANDS[request.param]]))
    return request.param


def drawn(trace: Trace, step: int = -1) -> ET.Element:
    return ET.fromstring(picture(trace, step).svg)


def by(svg: ET.Element, attribute: str) -> dict[str, list[ET.Element]]:
    found: dict[str, list[ET.Element]] = {}
    for element in svg.iter():
        if element.get(attribute) is not None:
            found.setdefault(element.get(attribute), []).append(element)
    return found


def words(svg: ET.Element) -> dict[str, str]:
    return {slot: element.text for slot, (element,) in by(svg, "data-slot").items() if element.text}


def conditions(svg: ET.Element, name: str) -> set[str]:
    return {
        word for element in by(svg, "data-id")[name] for word in element.get("data-is", "").split()
    }


def corners(d: str) -> tuple[float, float, float, float]:
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", d)]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def shape(svg: ET.Element, name: str) -> tuple[float, float, float, float]:
    """Where a box, a card or a node is: left, top, right, bottom."""
    (box,) = (each for group in by(svg, "data-id")[name] for each in group.findall(f"{SVG}rect[@stroke]"))
    left, top, wide, high = (float(box.get(side)) for side in ("x", "y", "width", "height"))
    return left, top, left + wide, top + high


def long_chain(count: int) -> Trace:
    """`x = x * w`, many times: every node saves the same leaf, far above it."""
    events: list[e.Event] = traces.leaf_and_sigmoid()
    last, hangs = "t1", "n1"
    for i in range(10, 10 + count):
        events += [
            e.OpRan(op="mul", inputs=(last, "t0"), outputs=(f"t{i}",), node=f"n{i}"),
            e.NodeCreated(
                node=f"n{i}",
                name="MulBackward0",
                next_functions=(e.Edge(hangs, 0), e.Edge("n0", 0)),
            ),
            e.TensorCreated(
                tensor=f"t{i}",
                storage=f"s{i}",
                counter=f"c{i}",
                version=0,
                value=traces.vec("[1., 1., 1.]"),
                op="mul",
                requires_grad=True,
                is_leaf=False,
                grad_fn=f"n{i}",
            ),
            e.TensorSaved(node=f"n{i}", field="other", tensor="t0", counter="c0", expected=0),
        ]
        last, hangs = f"t{i}", f"n{i}"
    return Trace(events)


def holding(name: str, text: str, shape: tuple[int, ...] = (3,)) -> Trace:
    return Trace(
        [
            e.TensorCreated(
                tensor="t0",
                storage="s0",
                counter="c0",
                version=0,
                value=e.Value(text, shape, "float32"),
                op="tensor",
                requires_grad=True,
                is_leaf=True,
                place=traces.at(1, f"{name} = ..."),
            ),
            e.Named(tensor="t0", names=(name,)),
        ]
    )


# ---- DOT -----------------------------------------------------------------------------------------


def test_the_source_has_every_box_and_node_and_keeps_the_rows():
    built = scene.build(traces.e4())
    source = dot.layout(built, frames.film(traces.e4(), built)).graph.source
    for name in [*built.boxes, *built.nodes]:
        assert re.search(rf"^\s+{name} \[.*\bid={name}\b", source, re.MULTILINE)
    assert source.count("rank=same") == 3


def test_the_source_that_a_person_reads_has_every_edge_the_right_way_round(renderer):
    trace = traces.e4()
    source = picture(trace).dot
    run = subprocess.run([COMMANDS[renderer], "-Tsvg"], input=source.encode(), capture_output=True)
    groups = {group.get("id"): group for group in ET.fromstring(run.stdout).iter(f"{SVG}g")}

    def middle(points: str) -> tuple[float, float]:
        left, top, right, bottom = corners(points)
        return (left + right) / 2, (top + bottom) / 2

    def away(point: tuple[float, float], element: str) -> float:
        """How far a point is from a box."""
        name = next((box.storage for box in built.boxes.values() if element in box.ids), element)
        left, top, right, bottom = corners(groups[name].find(f".//{SVG}path").get("d"))
        x, y = point
        return math.hypot(max(left - x, 0, x - right), max(top - y, 0, y - bottom))

    built = scene.build(trace)
    for edge in built.edges.values():
        head = middle(groups[edge.id].find(f".//{SVG}polygon").get("points"))
        assert away(head, edge.head) < away(head, edge.tail), edge


def test_the_layout_is_the_same_whatever_step_is_shown():
    trace = traces.e4()
    built = scene.build(trace)
    source = dot.layout(built, frames.film(trace, built)).graph.source
    assert "out" not in re.sub(
        r'PORT="out"|:out:', "", source
    )  # placeholders, no words of any step


def test_the_source_that_a_person_reads_has_the_words_of_the_step():
    before, after = picture(traces.e4(), 3).dot, picture(traces.e4(), 4).dot
    assert ">expects v0<" in before
    assert ">expects v0, is v1<" in after
    assert ">grad_fn=&lt;SigmoidBackward0&gt;<" in after


def test_the_source_that_a_person_reads_hides_what_is_not_there_yet():
    hidden = re.findall(r"^\s+(s\d) \[.*style=invis", picture(traces.e4(), 3).dot, re.MULTILINE)
    assert hidden == ["s2"]


@pytest.mark.parametrize("name", ["e1", "e3", "e4", "data"])
def test_graphviz_has_nothing_to_complain_of(name, renderer):
    trace = getattr(traces, name)()
    built = scene.build(trace)
    for source in (
        dot.layout(built, frames.film(trace, built)).graph.source,
        picture(trace).dot,
    ):
        run = subprocess.run(
            [COMMANDS[renderer], "-Tsvg"], input=source.encode(), capture_output=True
        )
        assert run.returncode == 0
        assert run.stderr.decode().count("Error") == 0


# ---- SVG -----------------------------------------------------------------------------------------


def test_the_picture_of_e4_says_what_is_wrong(renderer):
    svg = drawn(traces.e4())
    said = words(svg)
    assert said["t1.name"] == "out"
    assert said["t2.name"] == "c"
    assert said["t1.version"] == said["t2.version"] == "v1"
    assert said["n1.name"] == "SigmoidBackward0"
    assert said["saved:n1:t1:0.expects"] == "expects v0, is v1"
    assert said["link:t2.how"] == "detach"
    assert conditions(svg, "saved:n1:t1:0") == {"broken"}
    assert conditions(svg, "n1") == {"raised"}


def test_a_broken_edge_has_a_gap_with_a_cross_and_a_detach_has_scissors(renderer):
    elements = by(drawn(traces.e4()), "data-id")
    (line,) = elements["saved:n1:t1:0"]
    mark = line.find(f"{SVG}g[@class='mark cross']")
    assert mark.find(f"{SVG}circle[@class='gap']") is not None
    (link,) = elements["link:t2"]
    assert link.find(f"{SVG}g[@class='mark']/{SVG}path[@class='icon']") is not None


def test_an_edge_that_never_breaks_has_no_mark(renderer):
    (line,) = by(drawn(traces.e1()), "data-id")["saved:n1:t1:0"]
    assert line.find(f"{SVG}g") is None


def test_aliases_are_drawn_side_by_side_inside_their_storage(renderer):
    svg = drawn(traces.e4())
    box, out, c = (shape(svg, name) for name in ("s1", "t1", "t2"))
    for card in (out, c):
        assert box[0] < card[0] < card[2] < box[2]
        assert box[1] < card[1] < card[3] < box[3]
    assert out[2] < c[0]
    assert out[1] == c[1]


def test_memory_stands_right_of_the_graph_in_the_order_of_the_program(renderer):
    svg = drawn(traces.e4())
    storages = [shape(svg, name) for name in ("s0", "s1", "s2")]
    nodes = [shape(svg, name) for name in ("n0", "n1", "n2")]
    assert max(node[2] for node in nodes) < min(box[0] for box in storages)
    for rows in (storages, nodes):
        assert all(upper[3] < lower[1] for upper, lower in zip(rows, rows[1:], strict=False))


def test_every_arrow_ends_at_what_it_points_to(renderer):
    trace = traces.e4()
    svg = drawn(trace)
    for edge in scene.build(trace).edges.values():
        group = by(svg, "data-id")[edge.id][0]
        head = group.find(f"{SVG}path[@class='head']").get("transform")
        x, y = map(float, re.match(r"translate\((\S+) (\S+)\)", head).groups())
        left, top, right, bottom = shape(svg, edge.head)
        assert left - 2 <= x <= right + 2, edge
        assert top - 2 <= y <= bottom + 2, edge
        assert min(abs(x - left), abs(x - right), abs(y - top), abs(y - bottom)) < 2, edge


def test_nothing_moves_from_step_to_step(renderer):
    drawing = Drawing(traces.e4())

    def places(step: int) -> list[tuple]:
        moving = ("x", "y", "d", "transform", "width", "height", "viewBox")
        svg = ET.fromstring(drawing.svg(step, ""))
        return [tuple(element.get(name) for name in moving) for element in svg.iter()]

    first = places(0)
    assert all(places(step) == first for step in range(1, 8))


def test_a_picture_by_itself_ends_below_what_it_shows(renderer):
    early, late = drawn(traces.e4(), 1), drawn(traces.e4())
    assert shape(early, "t0") == shape(late, "t0")
    assert float(early.get("height")) < float(late.get("height")) / 3
    shift = early.find(f"{SVG}g").get("transform")
    bottom = shape(early, "s0")[3] + float(re.search(r"[ ,](\S+)\)", shift)[1])
    assert bottom < float(early.get("height")) < bottom + 20


@pytest.mark.parametrize("name", PROGRAMS)
def test_nodes_stand_in_one_column_and_storages_in_another(name, renderer):
    trace = traces.recorded(PROGRAMS[name])
    svg, built = drawn(trace), scene.build(trace)
    nodes = [shape(svg, node) for node in built.nodes]
    storages = [shape(svg, storage) for storage in built.boxes]
    assert max(box[0] for box in nodes) - min(box[0] for box in nodes) < 3
    assert max(box[0] for box in storages) - min(box[0] for box in storages) < 3
    assert max(box[2] for box in nodes) + 40 < min(box[0] for box in storages)


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_line_crosses_a_card_or_a_node(name, renderer):
    trace = traces.recorded(PROGRAMS[name])
    svg, built = drawn(trace), scene.build(trace)
    for edge in built.edges.values():
        path = by(svg, "data-id")[edge.id][0].find(f"{SVG}path[@class='line']").get("d")
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        for name in {*built.cards, *built.nodes} - {edge.tail, edge.head}:
            left, top, right, bottom = shape(svg, name)
            inside = [(x, y) for x, y in points if left < x < right and top < y < bottom]
            assert not inside, (edge, name)
            for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
                if x1 == x2:
                    assert not (left < x1 < right and min(y1, y2) < top and bottom < max(y1, y2))
                if y1 == y2:
                    assert not (top < y1 < bottom and min(x1, x2) < left and right < max(x1, x2))


def test_the_node_of_a_leaf_that_was_cut_loose_stands_below_what_it_was_cut_from():
    trace = traces.recorded(PROGRAMS["cut_leaf"])
    built = scene.build(trace)
    (leaf,) = (node for node in trace.at(-1).nodes.values() if node.variable == "t2")
    (place,) = (number for number, row in enumerate(built.rows) if row.node == leaf.id)
    assert built.rows[place].storage is None
    assert built.rows[place - 1].storage == "s1"


def test_a_saved_input_is_pointed_at_from_the_side_of_the_graph(renderer):
    chain = long_chain(1)  # one row below `out`, two below `a`
    svg = drawn(chain)
    line = by(svg, "data-id")["saved:n10:t0:0"][0].find(f"{SVG}path[@class='line']")
    left, _, right, _ = corners(line.get("d"))
    assert left >= shape(svg, "n10")[2] - 1
    assert right <= shape(svg, "t0")[0] + 1


def test_words_have_room_in_their_card(renderer):
    svg = drawn(traces.e4())
    left, _, right, _ = shape(svg, "t2")
    (text,) = by(svg, "data-slot")["t2.flags"]
    x = float(text.get("x"))
    assert left < x
    assert x + text_width(text.text, "flags") < right


def test_the_first_step_hides_what_is_not_there_yet(renderer):
    svg = drawn(traces.e4(), 1)
    assert conditions(svg, "t0") == {"tracked", "new"}
    for name in ("s1", "t1", "t2", "n1", "saved:n1:t1:0", "error"):
        assert conditions(svg, name) == {"hidden"}
    assert set(words(svg)) == {
        "s0.title",
        "t0.name",
        "t0.version",
        "t0.value.0",
        "t0.flags",
        "t0.grad",
    }


def test_both_renderers_give_the_same_picture(monkeypatch):
    if len(COMMANDS) < 2:
        pytest.skip("only one renderer is installed")
    made = []
    for command in COMMANDS.values():
        monkeypatch.setattr(render, "renderers", lambda command=command: iter([command]))
        made.append(drawn(traces.e4()))
    one, other = made
    assert list(by(one, "data-id")) == list(by(other, "data-id"))
    assert words(one) == words(other)
    for name in ("s0", "s1", "t1", "t2", "n1"):
        assert shape(one, name) == pytest.approx(shape(other, name), abs=6)


def test_colours_are_roles_with_the_light_value_to_fall_back_on(renderer):
    svg = drawn(traces.e4())
    (card,) = by(svg, "data-id")["t1"]
    box = card.find(f"{SVG}rect[@stroke]")
    assert box.get("class") == "fill-card line-card-line"
    assert box.get("fill") == "#fefefe"
    assert "--agc-card:" in svg.find(f"{SVG}style").text


def test_a_picture_brings_no_id_no_link_and_no_script_into_a_page(renderer):
    svg = drawn(traces.e4())
    tags = {element.tag.removeprefix(SVG) for element in svg.iter()}
    assert tags <= {"svg", "style", "rect", "g", "path", "circle", "text"}
    names = {name.rpartition("}")[2] for element in svg.iter() for name in element.attrib}
    assert not {name for name in names if name in ("id", "href") or name.startswith("on")}


def test_a_graph_of_hundreds_of_nodes_is_drawn(renderer):
    svg = drawn(long_chain(200))
    assert words(svg)["n209.name"] == "MulBackward0"
    left, *_ = shape(svg, "t0")
    head = by(svg, "data-id")["saved:n209:t0:0"][0].find(f"{SVG}path[@class='head']")
    assert f"translate({left:.1f} " in head.get("transform")


def test_a_node_says_what_it_gets_where_that_is_not_what_one_edge_brings(renderer):
    trace = traces.recorded("""
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = x * 3
        (y * 2 + y).sum().backward()
    """)
    said = words(drawn(trace))
    assert [said[f"n{n}.grad"] for n in (1, 4)] == ["gets grad [3., 3.]", "gets grad 1."]
    assert {slot for slot in said if re.fullmatch(r"n\d\.grad", slot)} == {"n1.grad", "n4.grad"}


def test_hooks_stand_on_their_tensor_and_node_until_they_are_removed(renderer):
    trace = traces.recorded("""
        def double(grad):
            return grad * 2
        def look(grads):
            pass
        a = torch.tensor([1.0, 2.0], requires_grad=True)
        b = a * 3
        handle = b.register_hook(double)
        b.grad_fn.register_prehook(look)
        b.sum().backward()
        handle.remove()
    """)
    said = words(drawn(trace, -2))
    (mul,) = (name for name, node in trace.at(-1).nodes.items() if node.name == "MulBackward0")
    assert said["t1.hooks"] == "hook double"
    assert said[f"{mul}.hooks"] == "hook look"
    assert said[f"{mul}.grad"] == "gets grad [2., 2.]"
    assert "its hook is `double`" in str(picture(trace, -2))
    assert "t1.hooks" not in words(drawn(trace))


@pytest.mark.parametrize("long", [False, True])
def test_an_error_begins_where_the_picture_begins(renderer, long):
    message = "word " * (80 if long else 1)
    trace = Trace([*holding("a", "[1.]").events, e.ErrorRaised(type="ValueError", message=message)])
    svg = drawn(trace)
    (error,) = by(svg, "data-id")["error"]
    moved = float(re.search(r"translate\((\S+) ", error.get("transform"))[1])
    assert shape(svg, "error")[0] + moved == pytest.approx(shape(svg, "s0")[0], abs=1)
    left, _, width, _ = map(float, svg.get("viewBox").split())
    shift = float(re.search(r"\((\S+)[ ,]", svg.find(f"{SVG}g").get("transform"))[1])
    assert left < shape(svg, "s0")[0] + shift < left + 20
    assert shape(svg, "error")[2] + moved + shift < left + width


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "shape"),
    [
        (NASTY, NASTY, (3,)),
        ("x" * 500, "1.", ()),
        ("损失_变量", "[1.]", (1,)),
        ("loss", "nan", ()),
        ("empty", "[]", (0,)),
        ("control\x00\x1b[31m", "[1.,\x072.]", (2,)),
        ("matrix", "\n".join(["[1., 2., 3.]"] * 40), (40, 3)),
        ("huge", "10000000 numbers", (10**7,)),
        ("", "", ()),
    ],
)
def test_any_name_and_value_is_drawn_or_summarised(name, text, shape, renderer):
    shown = picture(holding(name, text, shape))
    said = words(ET.fromstring(shown.svg))
    assert said["t0.flags"] == "leaf, requires_grad=True"
    assert len(said.get("t0.name", "")) <= 22
    assert sum(slot.startswith("t0.value") for slot in said) <= 4
    run = subprocess.run(
        [COMMANDS[renderer], "-Tsvg"], input=shown.dot.encode(), capture_output=True
    )
    assert run.returncode == 0


def test_markup_in_a_name_stays_text(renderer):
    shown = picture(holding(NASTY, "[1.]"))
    assert words(ET.fromstring(shown.svg))["t0.name"] == NASTY
    page = shown._repr_mimebundle_()["text/html"]
    assert "<b>" not in page
    assert page.count("</script>") == 1


def test_a_trace_with_nothing_but_an_error_is_drawn(renderer):
    svg = drawn(Trace([e.ErrorRaised(type="ValueError", message="no " + NASTY)]))
    assert words(svg) == {"error.0": "ValueError: no " + NASTY}


def test_an_empty_trace_is_told_and_not_drawn():
    bundle = picture(Trace())._repr_mimebundle_()
    assert bundle == {
        "text/html": "<p>Nothing was recorded.</p>",
        "text/plain": "Nothing was recorded.",
    }


def test_steps_are_counted_as_the_player_counts_them():
    trace = traces.e4()
    assert str(Player(trace)).splitlines()[3].startswith("4. `c.zero_()` writes")
    assert "broken" not in str(picture(trace, 3)) and "broken" in str(picture(trace, 4))
    assert str(picture(trace, 8)) == str(picture(trace)) == str(picture(trace, -1))
    assert [trace.at(step) for step in (1, 4, -1)] == [
        trace.steps[index].state for index in (0, 3, 7)
    ]
    assert "from 0 to 1" not in str(lanes(trace, 3)) and str(lanes(trace, 4)) != str(
        lanes(trace, 3)
    )


@pytest.mark.parametrize("step", [0, 9, -9])
def test_a_step_that_is_not_there_is_refused_with_a_sentence(step):
    with pytest.raises(IndexError, match=f"steps 1 to 8, so there is no step {step}"):
        picture(traces.e4(), step)


# ---- where no renderer, or only one, can run -----------------------------------------------------


def test_dot_comes_first_and_graphviz_pure_second():
    names = list(COMMANDS)
    assert names == sorted(names, key=["dot", "graphviz-pure"].index)


def test_without_any_command_the_error_says_what_to_install_and_words_stand_in(monkeypatch):
    monkeypatch.setattr(render, "renderers", lambda: iter([]))
    shown = picture(traces.e4())
    with pytest.raises(RendererNotFound, match="pip install graphviz-pure.*`dot` is on the PATH"):
        _ = shown.svg
    page = shown._repr_mimebundle_()["text/html"]
    assert "pip install graphviz-pure" in page
    assert "which is now at version 1: broken" in html.unescape(page)


def test_a_dot_that_does_not_work_is_passed_over(monkeypatch, renderer):
    monkeypatch.setattr(render, "renderers", lambda: iter([sys.executable, COMMANDS[renderer]]))
    assert words(drawn(traces.e1()))["t0.name"] == "a"


def test_a_dot_that_does_not_work_is_quoted_if_there_is_no_other(monkeypatch):
    monkeypatch.setattr(render, "renderers", lambda: iter([sys.executable]))
    with pytest.raises(RendererNotFound, match=r"Graphviz cannot run here \(python.* says: "):
        render.render("digraph {}")


def test_without_the_graphviz_package_the_error_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(RendererNotFound, match=r"`pip install autograd-core\[lab\]`"):
        Drawing(traces.e1()).svg(-1, "")


def test_a_command_is_found_where_its_package_put_it(monkeypatch):
    if "graphviz-pure" not in COMMANDS:
        pytest.skip("graphviz-pure is not installed")
    monkeypatch.setenv("PATH", "")
    assert [command.rpartition("/")[2] for command in render.renderers()] == ["graphviz-pure"]


# ---- in a notebook -------------------------------------------------------------------------------


def test_a_notebook_gets_an_image_with_its_description_and_the_same_words_as_text():
    shown = picture(traces.e4())
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == shown.description == str(shown)
    alt, data = re.search(
        r'<img alt="(.*?)" src="data:image/svg\+xml,(.*?)">', bundle["text/html"], re.DOTALL
    ).groups()
    assert html.unescape(alt) == shown.description.replace("`", "")
    assert ET.canonicalize(unquote(data)) == ET.canonicalize(shown.svg)
    assert "In words" in bundle["text/html"]


def test_the_same_trace_gives_the_same_picture():
    one, other = picture(traces.e4()), picture(traces.e4())
    assert one.svg == other.svg
    assert one._repr_mimebundle_() == other._repr_mimebundle_()
