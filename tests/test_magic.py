"""A cell under `%%autograd` runs as any other cell, is recorded, and is shown."""

from __future__ import annotations

import ast
import builtins
import threading
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from autograd_core import magic
from autograd_core.observe import slot
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

from .parity import oracle
from .parity.agreement import first_difference

E4 = """\
%%autograd run
a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
out = a.sigmoid()
c = out.detach()
c.zero_()
out.sum().backward()
"""


@pytest.fixture(scope="module")
def instance():
    shell = InteractiveShell.instance(colors="nocolor")
    yield shell
    shell.set_custom_exc((), None)
    InteractiveShell.clear_instance()


@pytest.fixture
def shell(instance, monkeypatch):
    """An IPython with nothing in it; no cell may leave the core observed."""
    instance.reset()
    # The player is heavy and has tests of its own: here a trace is shown as the word for it.
    monkeypatch.setattr(magic, "display", lambda trace: print(f"<{type(trace).__name__} shown>"))
    run(instance, "import autograd_core as torch")
    run(instance, "%load_ext autograd_core")
    yield instance
    assert slot.listener is None


def run(shell, cell: str) -> SimpleNamespace:
    with capture_output() as printed:
        result = shell.run_cell(cell, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    return SimpleNamespace(
        error=error,
        result=result.result,
        number=result.execution_count,
        out=printed.stdout,
        shown=printed.outputs,
    )


def same_as_without(shell, cell: str) -> tuple[SimpleNamespace, SimpleNamespace]:
    plain = run(shell, cell)
    return plain, run(shell, "%%autograd\n" + cell)


# ---- as IPython would ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "x = 5\nx + 1",
        "x = 5\nx + 1;",
        "x = 5\nx + 1;  # quiet",
        "x = 5",
        "if True:\n    7",
        "1\n2\n3",
        "print('hello')\nNone",
        "def f(x):\n    return x * 2\nf(4)",
        "class C:\n    @staticmethod\n    def m(): return 'm'\nC.m()",
        "%time 5",
        "!echo hi",
        "b = !echo 3\nb",
        "for i in range(3): print(i)\ni",
        "'é'.encode()",
        "del_me = 1\ndel del_me",
        "\n\n  \nx = 3\nx",
        "# nothing",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 0\nP()",
    ],
)
def test_a_cell_gives_what_it_gives_without(shell, cell):
    plain, recorded = same_as_without(shell, cell)
    assert recorded.error is None and plain.error is None
    assert recorded.result == plain.result or type(recorded.result).__name__ == "P"
    assert "<Trace shown>" in recorded.out
    timeless = [
        [line for line in out.replace("<Trace shown>\n", "").splitlines() if "ime" not in line]
        for out in (plain.out, recorded.out)
    ]
    numberless = [[line.split("]: ")[-1] for line in lines] for lines in timeless]
    assert numberless[0] == numberless[1]


def test_the_last_expression_is_kept_as_any_other(shell, monkeypatch):
    monkeypatch.delattr(builtins, "_", raising=False)  # doctest leaves one, which IPython respects
    number = shell.execution_count
    run(shell, "%%autograd\n41 + 1")
    assert shell.user_ns["_"] == 42 and shell.user_ns["Out"] == {number: 42}
    assert shell.user_ns[f"_{number}"] == 42


@pytest.mark.parametrize(
    ("interactivity", "kept"),
    [("all", 3), ("last", 3), ("last_expr_or_assign", 3), ("none", None)],
)
def test_what_is_displayed_follows_ipythons_setting(shell, monkeypatch, interactivity, kept):
    monkeypatch.setattr(shell, "ast_node_interactivity", interactivity)
    assert run(shell, "%%autograd\n1\n3").result == kept


def test_an_assignment_is_displayed_where_ipython_is_set_to(shell, monkeypatch):
    monkeypatch.setattr(shell, "ast_node_interactivity", "last_expr_or_assign")
    assert run(shell, "%%autograd\nx = 3").result == 3


def test_the_namespace_is_as_after_an_ordinary_run(shell):
    before = set(shell.user_ns)
    run(shell, "%%autograd\nx = torch.ones(1)\ndef f(): return x")
    assert {name for name in set(shell.user_ns) - before if not name.startswith("_")} == {"x", "f"}
    assert shell.user_ns["f"].__globals__ is shell.user_ns
    assert shell.user_ns["f"].__module__ == "__main__"


def test_the_users_ast_transformers_see_the_cell(shell):
    class Doubles(ast.NodeTransformer):
        def visit_Constant(self, node):
            doubled = node.value * 2 if isinstance(node.value, int) else node.value
            return ast.copy_location(ast.Constant(doubled), node)

    transformer = Doubles()
    shell.ast_transformers.append(transformer)
    try:
        assert run(shell, "%%autograd\n21").result == 42
    finally:
        shell.ast_transformers.remove(transformer)


def test_a_future_import_counts_from_there_on(shell):
    flags = shell.compile.flags
    try:
        cell = "%%autograd\nfrom __future__ import annotations\ndef f(x: nowhere): pass\nf.__annotations__"
        assert run(shell, cell).result == {"x": "nowhere"}
        assert run(shell, "def g(x: nowhere): pass\ng.__annotations__").result == {"x": "nowhere"}
    finally:
        shell.compile.flags = flags


def test_other_cell_magics_work_inside_and_outside(shell):
    assert run(shell, "%%autograd\n%%capture\nprint('x')").error is None
    assert run(shell, "%%capture\n%%autograd\ny = 3").error is None
    assert shell.user_ns["y"] == 3


# ---- what was recorded -------------------------------------------------------------------------------


def test_the_trace_is_kept_under_the_name_that_is_asked_for(shell):
    run(shell, E4)
    trace = shell.user_ns["run"]
    assert isinstance(trace, Trace)
    assert any(isinstance(event, e.ErrorRaised) for event in trace.events)


def test_lines_are_numbered_as_the_reader_sees_them(shell):
    run(shell, "%%autograd run\n\n\nx = torch.ones(1)\n%time y = x * 2\n\nz = y + x")
    places = {event.place.text.strip(): event.place for event in shell.user_ns["run"].events if event.place}
    assert places["x = torch.ones(1)"].line == 4
    assert places["z = y + x"].line == 7
    assert {place.file for place in places.values()} <= {"cell", "<timed exec>"}


def test_the_names_of_the_end_are_told(shell):
    run(shell, "%%autograd run\nx = torch.ones(1)\ny = x")
    end = shell.user_ns["run"].at(-1)
    assert [tensor.names for tensor in end.tensors.values()] == [("x", "y")]


def test_tensors_of_earlier_cells_are_known_by_name(shell):
    run(shell, "w = torch.ones(1, requires_grad=True)")
    run(shell, "%%autograd run\ny = w * 2")
    assert "w" in {tensor.name for tensor in shell.user_ns["run"].at(-1).tensors.values()}


def test_tensors_in_objects_are_named_by_the_way_to_them(shell):
    run(
        shell,
        "%%autograd run\nclass Net: pass\nnet = Net()\nnet.layers = [torch.ones(1), torch.zeros(2)]\n"
        "net.layers[1].add_(1)",
    )
    trace = shell.user_ns["run"]
    assert [tensor.names for tensor in trace.at(-1).tensors.values()] == [
        ("net.layers[0]",),
        ("net.layers[1]",),
    ]


def test_other_threads_are_left_alone(shell):
    cell = (
        "%%autograd run\nimport threading\nx = torch.ones(1)\n"
        "t = threading.Thread(target=lambda: x * 2)\nt.start()\nt.join()"
    )
    assert run(shell, cell).error is None
    assert [type(event).__name__ for event in shell.user_ns["run"].events] == ["TensorCreated", "Named"]
    assert threading.active_count() < 50


# ---- errors --------------------------------------------------------------------------------------------


def test_an_error_is_the_cells_error_after_the_trace_is_shown(shell):
    done = run(shell, E4)
    assert type(done.error) is RuntimeError
    assert done.out.index("<Trace shown>") < done.out.index("RuntimeError")


def test_the_traceback_points_to_the_users_lines_and_no_others(shell):
    done = run(shell, E4)
    assert "----> 6 out.sum().backward()" in done.out
    assert "run_cell_magic" not in done.out and "magic.py" not in done.out
    assert "`c.zero_()` (line 5) wrote the storage that `out` shares" in done.out


def test_the_traceback_has_the_number_that_stands_beside_the_cell(shell):
    plain, recorded = (run(shell, f"{start}1 / 0") for start in ("", "%%autograd\n"))
    assert f"Cell In[{plain.number}], line 1" in plain.out
    assert f"Cell In[{recorded.number}], line 2" in recorded.out and recorded.number == plain.number + 1


def test_an_error_in_a_function_shows_the_function(shell):
    done = run(shell, "%%autograd\ndef f():\n    return nothing\nf()")
    assert "----> 4 f()" in done.out and "----> 3     return nothing" in done.out


def test_what_ran_before_an_error_stays(shell):
    done = run(shell, "%%autograd\nx = 1\n1 / 0\nx = 2")
    assert type(done.error) is ZeroDivisionError and shell.user_ns["x"] == 1


def test_a_cell_that_does_not_parse_runs_not_at_all(shell):
    done = run(shell, "%%autograd\nx = 1\ny = = 2")
    assert type(done.error) is SyntaxError and done.error.lineno == 3
    assert "x" not in shell.user_ns and "<Trace shown>" not in done.out
    assert "y = = 2" in done.out and "run_cell_magic" not in done.out


def test_a_statement_that_cannot_stand_there_raises_when_it_is_its_turn(shell):
    done = run(shell, "%%autograd run\nx = 11\nreturn 3")
    assert type(done.error) is SyntaxError and shell.user_ns["x"] == 11
    assert shell.user_ns["run"].events[-1].message == "'return' outside function"


@pytest.mark.parametrize(
    "awaiting", ["await f()", "async for x in y: pass", "async with y: pass", "z = [await f()]"]
)
def test_a_cell_that_awaits_is_refused_before_anything_runs(shell, awaiting):
    done = run(shell, f"%%autograd\nx = 1\n{awaiting}")
    assert type(done.error) is SyntaxError and done.error.lineno == 3
    assert done.error.msg == magic.AWAIT
    assert "x" not in shell.user_ns


def test_an_async_function_is_no_await(shell):
    assert run(shell, "%%autograd\nasync def f():\n    await g()").error is None


def test_an_interrupt_ends_the_recording_and_shows_it(shell):
    done = run(shell, "%%autograd run\nx = torch.ones(1)\nwhile True:\n    raise KeyboardInterrupt")
    assert type(done.error) is KeyboardInterrupt
    assert "<Trace shown>" in done.out and "run_cell_magic" not in done.out
    assert shell.user_ns["run"].events[-1].type == "KeyboardInterrupt"


def test_leaving_by_sys_exit_is_left_to_ipython(shell):
    with pytest.warns(UserWarning, match="To exit"):
        done = run(shell, "%%autograd\nimport sys\nsys.exit(3)")
    assert type(done.error) is SystemExit


def test_a_recording_inside_a_recording_is_refused(shell):
    done = run(shell, "%%autograd\n%%autograd\n7")
    assert type(done.error) is RuntimeError and "recording is running" in str(done.error)
    assert done.out.count("<Trace shown>") == 1


@pytest.mark.parametrize("name", ["1x", "two words", "class", "a.b", "--help"])
def test_what_is_no_name_for_a_trace_is_refused(shell, name):
    done = run(shell, f"%%autograd {name}\nx = 1")
    assert type(done.error).__name__ == "UsageError" and "x" not in shell.user_ns


def test_a_trace_that_cannot_be_shown_hides_no_error(shell, monkeypatch, capsys):
    monkeypatch.setattr(magic, "display", lambda trace: 1 / 0)
    with capture_output() as printed:
        result = shell.run_cell("%%autograd\nnothing")
    assert type(result.error_in_exec) is NameError
    assert "The trace cannot be shown: ZeroDivisionError" in printed.stderr


@pytest.mark.skipif(oracle.pytorch() is None and not oracle.REQUIRED, reason="PyTorch is not installed")
def test_a_cell_of_pytorch_is_recorded_as_one_of_the_core(shell):
    cell = (
        "a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)\n"
        "out = a.sigmoid()\n"
        "c = out.detach()\n"
        "c.zero_()\n"
        "out.sum().backward()\n"
    )
    traces = []
    for line, module in ("torch told", "torch"), ("told", "autograd_core as torch"):
        shell.run_cell(f"import {module}")
        done = run(shell, f"%%autograd {line}\n{cell}")
        assert "modified by an inplace operation" in str(done.error)
        traces.append(shell.user_ns["told"])
    theirs, ours = traces
    assert not first_difference(ours.events, theirs.events)


def test_a_variable_may_say_which_library_is_recorded(shell):
    run(shell, "backend = 'core'")
    done = run(shell, "%%autograd {backend} run\nx = torch.ones(1)")
    assert done.error is None
    assert "core" not in shell.user_ns
    assert [type(each).__name__ for each in shell.user_ns["run"].events][:1] == ["TensorCreated"]
