"""Whatever the recorded code does, the recording ends, and the core is left unobserved."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import threading

import pytest

from autograd_core import record, tensor
from autograd_core.observe import slot
from autograd_core.recording import events as e
from autograd_core.recording import ledger
from autograd_core.recording.recorder import here

from .lessons import run, told


@pytest.fixture(autouse=True)
def unobserved():
    yield
    assert slot.listener is None and here.get() is None
    assert not any(type(each).__module__.startswith("autograd_core") for each in gc.callbacks)


def made(trace) -> list[str]:
    return [each.value.text for each in trace.events if isinstance(each, e.TensorCreated)]


# ---- leaving in other ways than at the end -------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_error_half_way_is_told_with_what_went_before(error):
    with pytest.raises(error), record() as trace:
        x = tensor([1.0])
        for step in range(10):
            x = x * 2
            if step == 2:
                raise error("stop")
    assert told(trace, e.ErrorRaised) == [f"{error.__name__}: stop"]
    assert len(told(trace, e.OpRan)) == 3 and trace.events[-1].place.text.strip().startswith("raise")


def test_an_interrupt_in_the_middle_of_backward_leaves_the_core_as_it_was():
    def interrupt(grad):
        raise KeyboardInterrupt

    a = tensor([1.0], requires_grad=True)
    with pytest.raises(KeyboardInterrupt), record() as trace:
        out = a * 2
        out.register_hook(interrupt)
        out.backward()
    assert told(trace, e.ErrorRaised) == ["KeyboardInterrupt at n1: "]
    (a * 3).backward()
    assert a.grad.tolist() == [3.0]


@pytest.mark.parametrize("leave", ["return 1", "break", "continue"])
def test_a_recording_that_is_left_early_ends_there(leave):
    space: dict = {"record": record, "tensor": tensor}
    source = f"""
def lesson():
    for _ in range(1):
        with record() as trace:
            traces.append(trace)
            x = tensor([1.0])
            {leave}
            x = tensor([2.0])
"""
    space["traces"] = []
    exec(source, space)
    space["lesson"]()
    assert made(space["traces"][0]) == ["[1.]"] and slot.listener is None


def test_an_error_whose_text_cannot_be_asked_for_is_told_all_the_same():
    class Rude(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    with pytest.raises(Rude), record() as trace:
        raise Rude
    assert told(trace, e.ErrorRaised) == ["Rude: "]


def test_an_error_that_takes_no_notes_is_told_all_the_same():
    class Closed(Exception):
        __slots__ = ()

        def __setattr__(self, name, value):
            raise AttributeError(name)

    with pytest.raises(Closed), record() as trace:
        raise Closed("closed")
    assert told(trace, e.ErrorRaised) == ["Closed: closed"]


# ---- code of all kinds ---------------------------------------------------------------------------


def test_code_that_prints_defines_and_deletes_is_recorded_as_any_other(capsys):
    trace = run(
        """
        import math
        class Net:
            scale = tensor([2.0])
            def __call__(self, x):
                print("called")
                return x * self.scale
        def use(net, *args, **options):
            return [net(arg) for arg in args]
        net = Net()
        one, = use(net, tensor([3.0]))
        del net, one, Net
        one = (lambda x: x + 1)(tensor([4.0]))
        """
    )
    assert capsys.readouterr().out == "called\n"
    assert made(trace) == ["[2.]", "[3.]", "[6.]", "[4.]", "[5.]"]
    assert trace.at(-1).tensors["t4"].names == ("one",)


def test_names_that_come_and_go_while_they_are_looked_at_do_no_harm():
    class Shrinking(dict):
        def items(self):
            raise AssertionError("asked")

    with record() as trace:
        held = Shrinking(w=tensor([1.0]))
        globals()["made_by_this_test"] = held["w"]
        made_here = held["w"] + 1
        del globals()["made_by_this_test"]
    assert told(trace)[-1] == "t1 is made_here"
    del made_here


def test_a_recursion_is_recorded_to_its_end():
    def down(x, depth):
        return x if depth == 0 else down(x * 1, depth - 1)

    with record() as trace:
        y = down(tensor([1.0]), 200)
    assert len(told(trace, e.OpRan)) == 200
    del y


# ---- more than one at a time ---------------------------------------------------------------------


def test_what_another_thread_does_is_left_out_and_counted():
    go, done = threading.Event(), threading.Event()

    def work():
        go.wait()
        for _ in range(20):
            x = tensor([7.0], requires_grad=True)
            (x * 7).backward()
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    with record() as trace:
        a = tensor([1.0], requires_grad=True)
        b = a * 2
        go.set()
        done.wait()
        b.backward()
    thread.join()
    assert made(trace) == ["[1.]", "[2.]"] and "7." not in str(trace.events)
    assert trace.left_out > 20
    assert trace.describe().endswith(f"used tensors {trace.left_out} times meanwhile; that is left out.")


def test_two_threads_that_compute_at_once_are_never_mixed_up():
    barrier = threading.Barrier(2)

    def work(number: float) -> None:
        x = tensor([number])
        barrier.wait()
        for _ in range(300):
            x = x + 0 * x

    thread = threading.Thread(target=work, args=(7.0,))
    thread.start()
    with record() as trace:
        work(1.0)
    thread.join()
    assert set(made(trace)) <= {"[1.]", "[0.]"} and len(told(trace, e.OpRan)) == 600


def test_a_tensor_that_another_thread_lets_go_of_is_gone():
    with record() as trace:
        held = [tensor([1.0])]
        thread = threading.Thread(target=held.clear)
        thread.start()
        thread.join()
    assert told(trace, e.TensorDeleted) == ["t0 deleted"]


def test_a_recording_in_another_thread_is_refused_while_one_runs_here():
    said = []

    def work():
        try:
            with record():
                pass
        except RuntimeError as error:
            said.append(str(error))

    with record() as trace:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        x = tensor([1.0])
    assert said == ["a recording is running already: end it before you start another"]
    assert made(trace) == ["[1.]"]
    del x


def test_another_task_is_left_out_and_its_own_are_told():
    async def other():
        for _ in range(3):
            tensor([7.0])
            await asyncio.sleep(0)

    async def child(number):
        await asyncio.sleep(0)
        return tensor([number])

    async def lesson():
        task = asyncio.create_task(other())
        with record() as trace:
            tensor([1.0])
            await asyncio.sleep(0)
            await asyncio.gather(child(2.0), child(3.0))
        await task
        return trace

    trace = asyncio.run(lesson())
    assert made(trace) == ["[1.]", "[2.]", "[3.]"] and trace.left_out == 3


# ---- recordings in functions, generators, and inside each other ----------------------------------


def test_a_generator_that_is_closed_half_way_ends_its_recording():
    def lesson():
        with record() as trace:
            yield trace
            tensor([2.0])

    generator = lesson()
    trace = next(generator)
    x = tensor([1.0])
    generator.close()
    assert slot.listener is None
    tensor([3.0])
    assert made(trace) == ["[1.]"]
    del x


def test_a_generator_that_is_forgotten_half_way_ends_its_recording():
    def lesson():
        with record() as trace:
            yield trace

    generator = lesson()
    next(generator)
    del generator
    assert slot.listener is None


def test_a_recording_can_be_entered_by_somebody_else():
    with contextlib.ExitStack() as stack:
        trace = stack.enter_context(record())
        x = tensor([1.0])
    assert told(trace) == ["t0 by tensor in s0 at c0@0: [1.] leaf", "t0 is x"]
    del x


def test_a_function_that_returns_its_trace_returns_the_whole_of_it():
    def lesson():
        with record() as trace:
            x = tensor([1.0], requires_grad=True)
            (x * x).backward()
            return trace

    trace = lesson()
    assert isinstance(trace.events[-1], (e.NodeDeleted, e.TensorDeleted, e.Named))
    assert trace.at(-1).tensors["t0"].grad.text == "[2.]"


def test_a_recording_inside_one_is_refused_wherever_it_is_tried():
    def inner():
        with record():
            raise AssertionError("never reached")

    with record() as trace:
        for attempt in (inner, lambda: record().__enter__(), lambda: next(iter_record())):
            with pytest.raises(RuntimeError, match="a recording is running already"):
                attempt()
        x = tensor([1.0])
    assert made(trace) == ["[1.]"]
    del x


def iter_record():
    with record():
        yield


def test_a_recording_that_was_never_begun_cannot_be_ended():
    recorder = record()
    with pytest.raises(RuntimeError, match="this recording has not begun"):
        recorder.__exit__(None, None, None)


def test_what_dies_with_python_itself_raises_nothing(monkeypatch):
    """At the interpreter's end the modules are emptied before the last tensors go."""
    unheard = []
    monkeypatch.setattr(sys, "unraisablehook", unheard.append)
    with record():
        x = tensor([1.0], requires_grad=True)
        y = x.exp()
        with monkeypatch.context() as patch:
            patch.setattr(ledger, "e", None)
            del x, y
            gc.collect()
    assert not unheard
