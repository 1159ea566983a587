"""The switches: put back whatever happens, one set for each thread."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from autograd_core import enable_grad, is_grad_enabled, no_grad, set_grad_enabled, tensor


@pytest.fixture(autouse=True)
def as_before():
    yield
    assert is_grad_enabled(), "a test has left gradients switched off"


def switches() -> list:
    return [no_grad(), enable_grad(), set_grad_enabled(False), set_grad_enabled(True)]


@pytest.mark.parametrize("index", range(4))
def test_a_switch_is_put_back_at_its_end(index):
    with switches()[index]:
        pass
    set_grad_enabled(True)
    assert is_grad_enabled()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_a_switch_is_put_back_after_an_error(error):
    with pytest.raises(error), no_grad():
        raise error
    assert is_grad_enabled()


def test_an_error_of_the_core_puts_the_switch_back():
    with pytest.raises(RuntimeError), no_grad():
        tensor([1.0, 2.0]) + tensor([1.0, 2.0, 3.0])


def test_switches_inside_each_other_are_put_back_one_by_one():
    seen = []
    with no_grad():
        with enable_grad():
            with no_grad():
                seen.append(is_grad_enabled())
            seen.append(is_grad_enabled())
        seen.append(is_grad_enabled())
    assert seen == [False, True, False]


def test_set_grad_enabled_switches_at_once_and_back_at_the_end_of_its_with():
    switch = set_grad_enabled(False)
    assert not is_grad_enabled()
    with switch:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_a_switch_decides_over_operations_and_not_over_leaves():
    with no_grad():
        a = tensor([1.0], requires_grad=True)
        assert a.requires_grad and not (a * 2).requires_grad
        with enable_grad():
            assert (a * 2).requires_grad


def test_what_was_recorded_before_stays_recorded():
    a = tensor([1.0], requires_grad=True)
    out = a * 2
    with no_grad():
        out.backward()
    assert a.grad.tolist() == [2.0]


def test_a_new_thread_starts_with_gradients_on_and_keeps_its_switches_to_itself():
    def work():
        seen.append(is_grad_enabled())
        set_grad_enabled(False)

    seen: list[bool] = []
    with no_grad():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert not is_grad_enabled()
    assert seen == [True] and is_grad_enabled()


def test_a_generator_that_is_left_behind_is_freed_at_once():
    @no_grad()
    def halves(x):
        while True:
            x = x / 2
            yield x

    kept = halves(tensor([1.0]))
    left = weakref.ref(next(kept))
    gc.disable()  # or a reference cycle would go too
    try:
        del kept
        assert left() is None
    finally:
        gc.enable()
