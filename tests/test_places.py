"""Where something happened: the line and the expression, wherever the user's code comes from."""

from __future__ import annotations

import doctest
import linecache
import textwrap
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograd_core.recording import events as e
from autograd_core.recording.places import QUOTED, Places
from autograd_core.recording.trace import Trace

from .lessons import NAMES, run, run_file


def created(trace: Trace) -> list[tuple[int, str, str]]:
    """Line, function and expression of each tensor that was made."""
    events = [event for event in trace.events if isinstance(event, e.TensorCreated)]
    return [(event.place.line, event.place.function, event.expression) for event in events]


# ---- lines and expressions ---------------------------------------------------------------------


def test_each_event_has_the_line_that_caused_it():
    trace = run(
        """
        a = tensor([1.0], requires_grad=True)
        out = a.exp()
        out.backward()
        """
    )
    ran = {type(event): event.place for event in trace.events if event.place}
    assert ran[e.OpRan] == e.Place("lesson.py", 3, "    out = a.exp()")
    assert ran[e.BackwardStarted] == ran[e.NodeRan] == ran[e.GradAccumulated]
    assert ran[e.NodeRan] == e.Place("lesson.py", 4, "    out.backward()")


def test_the_expression_of_a_temporary_is_its_own_and_not_the_whole_line():
    trace = run("x = (tensor([1.0]) + 1) * 2; y = x.sin()")
    assert [made for _, _, made in created(trace)] == [
        "tensor([1.0])",
        "tensor([1.0]) + 1",
        "(tensor([1.0]) + 1) * 2",
        "x.sin()",
    ]


def test_an_expression_over_several_lines_is_quoted_on_one():
    trace = run(
        """
        x = tensor(
            [1.0, 2.0],
            requires_grad=True,
        )
        """
    )
    assert created(trace) == [(2, "<module>", "tensor( [1.0, 2.0], requires_grad=True, )")]


def test_columns_are_right_behind_letters_of_several_bytes():
    trace = run("größe = tensor([1.0]); é = größe.sin(); ö = é.cos()")
    assert [made for _, _, made in created(trace)][1:] == ["größe.sin()", "é.cos()"]


def test_inside_a_function_the_line_and_the_name_are_the_functions():
    trace = run(
        """
        def double(x):
            return x * 2
        y = double(tensor([1.0]))
        """
    )
    assert created(trace) == [
        (4, "<module>", "tensor([1.0])"),
        (3, "double", "x * 2"),
    ]


def test_an_operation_that_python_calls_has_the_line_that_made_python_call():
    trace = run("y = list(map(Tensor.sin, [tensor([1.0])]))")
    assert created(trace)[1] == (2, "<module>", "list(map(Tensor.sin, [tensor([1.0])]))")


def test_a_write_with_an_operator_has_its_line():
    trace = run("x = tensor([1.0])\nx += 1")
    (bump,) = [event for event in trace.events if isinstance(event, e.VersionBumped)]
    assert bump.place.text.strip() == "x += 1"


# ---- where code comes from ---------------------------------------------------------------------


def test_a_script_is_known_by_the_name_of_its_file(tmp_path):
    script = tmp_path / "my lesson.py"
    script.write_text("x = tensor([1.0])\n", encoding="utf-8")
    (event, *_) = run_file(script).events
    assert event.place == e.Place("my lesson.py", 1, "x = tensor([1.0])")
    assert event.expression == "tensor([1.0])"


def test_two_files_of_one_name_are_told_apart(tmp_path):
    inner, outer = tmp_path / "lib" / "model.py", tmp_path / "model.py"
    inner.parent.mkdir()
    inner.write_text("def double(x):\n    return x * 2\n", encoding="utf-8")
    outer.write_text("x = tensor([1.0])\ny = double(x)\n", encoding="utf-8")
    space = dict(NAMES)
    exec(compile(inner.read_text(encoding="utf-8"), str(inner), "exec"), space)
    with NAMES["record"]() as trace:
        exec(compile(outer.read_text(encoding="utf-8"), str(outer), "exec"), space)
    assert [event.place.file for event in trace.events if event.place] == [
        "model.py", "lib/model.py", "lib/model.py"
    ]  # fmt: skip
    assert set(trace.sources) == {"model.py", "lib/model.py"}


def test_a_file_that_was_edited_is_quoted_as_it_is_now(tmp_path):
    script = tmp_path / "lesson.py"
    texts = ["x = tensor([1.0])\n", "y = 1\nx = tensor([2.0]) + y\n"]
    for text in texts:
        script.write_text(text, encoding="utf-8")
        trace = run_file(script)
        assert trace.events[0].place.text == text.splitlines()[-1]


def test_code_that_has_no_source_has_lines_without_text():
    with NAMES["record"]() as trace:
        exec("\nx = tensor([1.0]) * 2", dict(NAMES))
    places = {event.place for event in trace.events if event.place}
    assert places == {e.Place("<string>", 2, "")}
    assert {made for _, _, made in created(trace)} == {""}


def test_a_doctest_is_quoted_line_by_line():
    text = """
    >>> with record() as trace:
    ...     a = tensor([1.0])
    ...     b = a.sin()
    >>> traces.append(trace)
    """
    traces: list[Trace] = []
    space = NAMES | {"traces": traces}
    test = doctest.DocTestParser().get_doctest(textwrap.dedent(text), space, "lesson", None, 0)
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
    assert created(traces[0]) == [(2, "<module>", "tensor([1.0])"), (3, "<module>", "a.sin()")]
    assert traces[0].events[0].place.file == "<doctest lesson[0]>"


@pytest.fixture
def shell():
    shell = InteractiveShell()
    shell.history_manager.enabled = False
    shell.user_ns.update(NAMES)
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def test_a_notebook_cell_is_called_a_cell(shell):
    shell.run_cell("with record() as trace:\n    a = tensor([1.0])\n    b = a.sin()")
    trace = shell.user_ns["trace"]
    assert [event.place.file for event in trace.events if event.place] == ["cell"] * 3
    assert created(trace) == [(2, "<module>", "tensor([1.0])"), (3, "<module>", "a.sin()")]
    assert trace.sources == {"cell": {2: "    a = tensor([1.0])", 3: "    b = a.sin()"}}


def test_a_function_of_another_cell_is_in_a_cell_of_its_own(shell):
    shell.run_cell("def double(x):\n    return x * 2")
    shell.run_cell("with record() as trace:\n    y = double(tensor([1.0]))")
    trace = shell.user_ns["trace"]
    files = [event.place.file for event in trace.events if event.place]
    assert files == ["cell", "cell 2", "cell 2"]


def test_a_cell_that_is_run_twice_gives_equal_events(shell):
    cell = "with record() as trace:\n    a = tensor([1.0])\n    b = a.sin() * 2"
    events = []
    for _ in range(2):
        shell.run_cell(cell)
        events.append(shell.user_ns["trace"].events)
    assert events[0] == events[1]


def test_the_results_that_ipython_keeps_are_no_names(shell):
    shell.run_cell("a = tensor([1.0])")
    shell.run_cell("a", store_history=True)
    shell.run_cell("with record() as trace:\n    b = a + 1")
    named = [event for event in shell.user_ns["trace"].events if isinstance(event, e.Named)]
    assert [event.names for event in named] == [("a",), ("b",)]


@pytest.mark.parametrize(
    "name",
    ["/tmp/ipykernel_4711/1234.py", r"C:\Temp\ipykernel_4711\1234.py", "<ipython-input-3-0a>"],
)
def test_the_names_that_ipython_gives_its_cells_are_known(name):
    places = Places({})
    assert places.label(name) == "cell"
    assert places.label("cellular.py") == "cellular.py"
    assert places.label(name + "x") != "cell 2"


# ---- what is quoted ----------------------------------------------------------------------------


def test_the_source_is_quoted_from_the_first_to_the_last_line_on_which_anything_happened():
    trace = run("# before\nx = tensor([1.0])\n# between\ny = x + 1\n# after")
    assert trace.sources == {
        "lesson.py": {3: "    x = tensor([1.0])", 4: "    # between", 5: "    y = x + 1"}
    }


def test_a_source_whose_lines_are_far_apart_is_not_quoted():
    trace = run("x = tensor([1.0])\n" + "\n" * QUOTED + "y = x + 1")
    assert trace.sources == {}
    assert [event.place.text for event in trace.events if event.place][-1] == "    y = x + 1"


def test_no_source_is_invented_where_the_file_is_gone(tmp_path):
    script = tmp_path / "gone.py"
    code = compile("x = tensor([1.0])", str(script), "exec")
    with NAMES["record"]() as trace:
        exec(code, dict(NAMES))
    assert trace.events[0].place == e.Place("gone.py", 1, "")
    assert trace.sources.get("gone.py", {}) == {}
    linecache.checkcache(str(script))
    assert not Path(script).exists()
