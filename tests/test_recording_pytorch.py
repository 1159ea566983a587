"""Real PyTorch, recorded: the same events as from the core, and nothing changed by being recorded."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import weakref

import pytest

import autograd_core
from autograd_core import record
from autograd_core.errors import SilentCorruption
from autograd_core.recording import events as e

from .parity import oracle
from .parity.agreement import DIFFERENCES, TABLE, agreement, events, first_difference
from .parity.program import Program, programs
from .parity.run import run

torch = oracle.pytorch()
if torch is not None:
    from autograd_core.recording.pytorch.capture import capture
pytestmark = pytest.mark.skipif(
    torch is None and not oracle.REQUIRED, reason="PyTorch 2.13.0 is not installed"
)
PROGRAMS = [program for program in programs() if "chain" not in program.name]
SOURCES = [program for program in PROGRAMS if program.theme == "sources"]


def of_kind(trace, kind: type) -> list:
    return [event for event in trace.events if isinstance(event, kind)]


@pytest.mark.parametrize("program", SOURCES, ids=lambda program: program.id)
def test_the_examples_give_the_same_events_from_both_libraries(program: Program) -> None:
    ours, theirs = events(program, autograd_core, "core"), events(program, torch, "torch")
    assert not first_difference(ours, theirs)


def test_all_programs_agree_but_those_that_are_listed_with_a_reason() -> None:
    found = agreement(torch)
    listed = {each for names in DIFFERENCES.values() for each in names}
    new = {name: told for name, told in found.parted.items() if name not in listed}
    assert not new, "\n".join(f"{name}: {told}" for name, told in new.items())
    assert listed <= set(found.parted), "these agree by now: take them off the list"
    assert found.table() == TABLE.read_text(encoding="utf-8"), "run python -m tests.parity.agreement"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.id)
def test_a_recorded_program_runs_as_it_does_alone(program: Program) -> None:
    alone = run(program.statements, torch)
    with record(backend="torch"):
        recorded = run(program.statements, torch)
    for statement in recorded:  # that is what a recording is for
        statement["warnings"] = [
            each for each in statement["warnings"] if "no version counter tells" not in str(each)
        ]
    assert recorded == alone


def test_the_error_of_a_written_result_tells_who_wrote() -> None:
    with record(backend="torch") as trace:
        a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        c = out.detach()
        c.zero_()
        with pytest.raises(RuntimeError, match="modified by an inplace operation") as raised:
            out.sum().backward()
    (told,) = raised.value.__notes__
    assert "`c.zero_()`" in told and "`c = out.detach()`" in told
    (error,) = of_kind(trace, e.ErrorRaised)
    assert (error.field, error.expected, error.found) == ("result", 0, 1)


def test_a_trace_opens_and_explains_where_there_is_no_pytorch(tmp_path) -> None:
    with record(backend="torch") as trace:
        out = torch.ones(2, requires_grad=True).exp()
        out.detach().zero_()
        with pytest.raises(RuntimeError):
            out.sum().backward()
    trace.save(tmp_path / "run.json")
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from autograd_core import Trace, explain\n"
        "trace = Trace.load(sys.argv[1])\n"
        "print(len(trace), len(trace.steps)); print(explain(trace))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{len(trace)} {len(trace.steps)}\n")
    assert "`out.detach().zero_()`" in done.stdout


def test_nothing_is_kept_alive_by_being_recorded() -> None:
    with record(backend="torch"):
        a = torch.ones(3, requires_grad=True)
        out = a.exp()
        loss = (out * 2).sum()
        loss.backward()
        gone = [weakref.ref(each) for each in (out, loss, out.untyped_storage())]
        del out, loss
        assert [each() for each in gone] == [None, None, None]


def test_a_storage_can_be_resized_though_it_was_recorded() -> None:
    with record(backend="torch"):
        out = torch.ones(3) * 2
        out.resize_(1000)
    assert out.shape == (1000,) and out[:3].tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    "body",
    [
        "out.data.zero_()",
        "view = out[1:].data\nview.zero_()",
        "out.detach().numpy()[0] = 0",
        "import numpy\nnumpy.asarray(out.detach())[0] = 0",
        "out.untyped_storage().fill_(0)",
        "import ctypes\nctypes.memset(out.data_ptr(), 0, 4)",
        "w.data = torch.zeros(3)",
        "older.zero_()",
        "array[:] = 0",
    ],
)
def test_every_silent_way_to_change_what_was_saved_is_found_out(body: str) -> None:
    w = torch.ones(3, requires_grad=True)
    older, array = w.data, w.detach().numpy()  # before the recording: nobody hears of these
    names = {"torch": torch, "w": w, "older": older, "array": array}
    with pytest.warns(SilentCorruption, match="`w.grad` is wrong, and no version counter tells"):
        with record(backend="torch", names=names):
            exec(f"out = w * w.exp()\nloss = (out * out).sum()\n{body}\nloss.backward()", names)


def test_of_memory_that_nobody_else_may_write_no_copy_is_kept() -> None:
    with record(backend="torch"):
        alarm = capture.listener.watch.alarm
        a = torch.ones(100, requires_grad=True)
        out = (a.exp() * 2).exp()
        assert not alarm.kept
        shown = out.data
        assert alarm.size == 400
        out.sum().backward()
        assert not alarm.kept and shown is not None


def test_a_gradient_is_retained_and_a_hook_runs_where_the_next_node_has_not_begun() -> None:
    told = []
    for recorded in (False, True):
        with record(backend="torch") if recorded else contextlib.nullcontext() as trace:
            a = torch.ones(2, requires_grad=True)
            out = a * 2
            out.retain_grad()
            out.grad_fn.register_prehook(lambda grads: (grads[0] * 3,))
            out.register_hook(lambda grad: grad + 1)
            out.sum().backward()
        told.append((a.grad.tolist(), out.grad.tolist()))
    assert told[0] == told[1]
    (kept,) = [event for event in of_kind(trace, e.GradAccumulated) if event.how == "copied"]
    assert kept.grad.data == told[1][1]


def test_the_node_that_fails_is_named_also_where_a_backward_runs_inside_another() -> None:
    with record(backend="torch") as trace:
        a = torch.ones(2, requires_grad=True)
        inner = a.exp()
        loss = inner.sum()
        inner.detach().zero_()
        out = a * 2
        out.register_hook(lambda grad: loss.backward())
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            out.sum().backward()
    names = {event.node: event.name for event in of_kind(trace, e.NodeCreated)}
    assert names[of_kind(trace, e.ErrorRaised)[0].node] == "ExpBackward0"


def test_a_long_run_keeps_a_bounded_number_of_events() -> None:
    with record(300, backend="torch") as trace:
        weight = torch.ones(3, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=0.1, foreach=True)
        for _ in range(60):
            loss = (weight.exp() * 2).sum()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        out = weight.exp()
        out.detach().zero_()
        with pytest.raises(RuntimeError) as raised:
            out.sum().backward()
    assert trace.dropped > 300
    assert len(trace) <= 600
    assert trace.at(-1).tensors
    assert "`out.detach().zero_()`" in raised.value.__notes__[0]


def test_storages_are_told_apart_though_an_address_is_used_again() -> None:
    with record(backend="torch") as trace:
        for _ in range(5):
            x = torch.zeros(1000)
            del x
    made = of_kind(trace, e.TensorCreated)
    assert len({event.storage for event in made}) == len(made) == 5


def test_an_operation_that_is_made_of_several_tells_what_each_of_its_nodes_saved() -> None:
    with record(backend="torch") as trace:
        scores = torch.randn(4, 3, requires_grad=True)
        torch.nn.functional.cross_entropy(scores, torch.tensor([0, 1, 2, 0]))
    (ran,) = of_kind(trace, e.OpRan)
    assert ran.op == "cross_entropy"
    names = {event.node: event.name for event in of_kind(trace, e.NodeCreated)}
    assert {names[event.node] for event in of_kind(trace, e.TensorSaved)} == {
        "LogSoftmaxBackward0",
        "NllLossBackward0",
    }


def test_what_a_function_writes_to_is_seen_though_its_name_does_not_say_so() -> None:
    with record(backend="torch") as trace:
        torch.nn.functional.relu(torch.randn(3, 2), inplace=True)
    (written,) = of_kind(trace, e.VersionBumped)
    assert written.op == "relu_"


def test_a_program_goes_on_where_the_recording_fails(monkeypatch) -> None:
    with record(backend="torch") as trace:
        a = torch.ones(2, requires_grad=True)
        monkeypatch.setattr(type(trace), "never", None, raising=False)
        listener = capture.listener
        monkeypatch.setattr(listener, "op_ran", lambda *args: 1 / 0)
        with pytest.warns(UserWarning, match="The recording ends here, before the program does"):
            b = a * 2
        b.sum().backward()
    assert a.grad.tolist() == [2.0, 2.0]


def test_pytorch_is_as_it_was_when_the_recording_is_over() -> None:
    before = [vars(torch.autograd.Function)["apply"], torch.from_numpy, torch.overrides.has_torch_function]
    with record(backend="torch"):
        a = torch.ones(2, requires_grad=True)
        out = a * 2
    after = [vars(torch.autograd.Function)["apply"], torch.from_numpy, torch.overrides.has_torch_function]
    assert before == after
    out.sum().backward()  # no hook of ours is left on the graph
    assert torch.overrides._get_current_function_mode_stack() == []


def test_values_that_numpy_has_no_word_for_are_told() -> None:
    with record(backend="torch") as trace:
        torch.ones(2, dtype=torch.bfloat16) * 1.5
        torch.ones(2, dtype=torch.complex64)
        torch.ones(2, device="meta")
        torch.eye(2).to_sparse()
    values = [event.value for event in of_kind(trace, e.TensorCreated)]
    assert [value.dtype for value in values] == ["bfloat16", "bfloat16", "complex64", "float32", "float32", "float32"]
    assert values[1].text == "[1.5000, 1.5000]"


def test_another_thread_is_left_out() -> None:
    import threading

    with record(backend="torch") as trace:
        thread = threading.Thread(target=lambda: torch.ones(2) * 2)
        thread.start()
        thread.join()
    assert not of_kind(trace, e.OpRan)


def test_a_backend_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="backend has to be 'core' or 'torch': not 'jax'"):
        record(backend="jax")


def test_pytorch_is_not_imported_unless_it_is_asked_for() -> None:
    code = "import sys; from autograd_core import record; record().__enter__(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
