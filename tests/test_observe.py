"""The slot: one listener, told of everything, and the core does not need one."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from autograd_core import tensor
from autograd_core.observe import Listener, slot
from autograd_core.recording.recorder import Recorder

SAYINGS = [name for name in vars(Listener) if not name.startswith("_")]


class Notes:
    """A listener that writes down what it was told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple]] = []

    def __getattr__(self, name: str):
        assert name in SAYINGS, f"the core says {name}, which no listener has to know"
        return lambda *what: self.told.append((name, what))

    def words(self) -> list[str]:
        return [name for name, _ in self.told]


@pytest.fixture
def notes() -> Iterator[Notes]:
    slot.listener = notes = Notes()
    yield notes
    slot.listener = None


def test_nobody_listens_at_first():
    assert slot.listener is None


def test_the_core_tells_what_happens_in_order(notes):
    a = tensor([1.0], requires_grad=True)
    out = a.sigmoid()
    out.detach().zero_()
    b = a.exp()
    b.backward()
    assert notes.words() == [
        "created",
        "op_ran",
        "alias_made",
        "written",
        "op_ran",
        "backward_started",
        "node_ran",
        "freed",
        "accumulated",
        "node_ran",
        "backward_ended",
    ]


def test_a_backward_that_fails_ends_with_the_error_and_the_node(notes):
    a = tensor([1.0], requires_grad=True)
    out = a.sigmoid()
    out.detach().zero_()
    with pytest.raises(RuntimeError) as caught:
        out.backward()
    assert notes.told[-2] == ("failed", (caught.value, out.grad_fn))
    assert "backward_ended" not in notes.words()


def test_what_is_told_has_happened_already(notes):
    seen = []
    notes.written = lambda tensor, op, before, inputs: seen.append((op, before, tensor._version))
    x = tensor([1.0])
    x.zero_()
    x.add_(1)
    assert seen == [("zero_", 0, 1), ("add_", 1, 2)]


def test_an_operation_that_failed_is_not_told(notes):
    x = tensor([1.0, 2.0])
    for use in (lambda: x + tensor([1.0] * 3), lambda: x.add_(tensor([1.0] * 3)), lambda: x + "1"):
        with pytest.raises((RuntimeError, TypeError)):
            use()
    assert notes.words() == ["created"] * 3


def test_the_recorder_hears_all_that_the_core_says():
    for name in SAYINGS:
        said, heard = (inspect.signature(getattr(each, name)) for each in (Listener, Recorder))
        assert list(said.parameters) == list(heard.parameters), name
