"""The slot: one listener, told of everything, and the core does not need one."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from autograd_core import tensor
from autograd_core.autograd import Function
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


class Fails(Function):
    @staticmethod
    def forward(ctx, x):
        raise RuntimeError("no")


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
    failures = [what for name, what in notes.told if name == "failed"]
    assert failures[0] == (caught.value, out.grad_fn)
    assert {error for error, _ in failures} == {caught.value}
    assert "backward_ended" not in notes.words()


def test_what_is_told_has_happened_already(notes):
    seen = []
    notes.written = lambda tensor, op, before, inputs: seen.append((op, before, tensor._version))
    x = tensor([1.0])
    x.zero_()
    x.add_(1)
    assert seen == [("zero_", 0, 1), ("add_", 1, 2)]


def test_of_an_operation_that_failed_the_error_alone_is_told(notes):
    x, long = tensor([1.0, 2.0]), tensor([1.0] * 3)
    for use in (lambda: x + long, lambda: x.add_(long), lambda: x.sin(1), lambda: x.view(3)):
        notes.told.clear()
        with pytest.raises((RuntimeError, TypeError)) as caught:
            use()
        assert set(notes.told) == {("failed", (caught.value, None))}


@pytest.mark.parametrize(
    "misuse",
    [
        lambda leaf: leaf.zero_(),
        lambda leaf: leaf.numpy(),
        lambda leaf: leaf[0].detach_(),
        lambda leaf: (leaf * 1).requires_grad_(False),
        lambda leaf: setattr(leaf, "grad", 1),
        lambda leaf: setattr(leaf, "data", 1),
        lambda leaf: leaf.detach().register_hook(print),
        lambda leaf: leaf.detach().retain_grad(),
        lambda leaf: leaf.__setitem__(0, 1.0),
        lambda leaf: leaf.resize_(1),
        lambda leaf: leaf.backward(),
        lambda leaf: Fails.apply(leaf),
    ],
)
def test_an_error_outside_backward_is_told_even_if_it_is_caught(notes, misuse):
    leaf = tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises((RuntimeError, TypeError)) as caught:
        misuse(leaf)
    assert ("failed", (caught.value, None)) in notes.told


def test_the_recorder_hears_all_that_the_core_says():
    for name in SAYINGS:
        said, heard = (inspect.signature(getattr(each, name)) for each in (Listener, Recorder))
        assert list(said.parameters) == list(heard.parameters), name
