"""Every program does in `autograd_core` what it does in PyTorch 2.13.0, statement by statement."""

from __future__ import annotations

import pytest

import autograd_core

from . import oracle, recording
from .compare import differences
from .program import Program, programs
from .run import run

each_program = pytest.mark.parametrize("program", programs(), ids=lambda program: program.id)


def report(found: list) -> str:
    return "\n\n".join(["", *map(str, found)])


@each_program
def test_does_what_pytorch_does(program: Program) -> None:
    found = differences(oracle.expected(program), run(program.statements, autograd_core))
    assert not found, report(found)


@each_program
def test_is_recorded_as_it_now_stands(program: Program) -> None:
    assert len(recording.read(program)) == len(program.statements)


@pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED,
    reason=f"PyTorch {recording.PYTORCH} is not installed; its recorded results stand in for it",
)
def test_the_recordings_are_what_pytorch_does() -> None:
    stale = {p.id: differences(recording.read(p), oracle.live(p)) for p in programs()}
    found = [f"{name}: {difference}" for name, some in stale.items() for difference in some]
    assert not found, report(found) + "\n\nRun `python -m tests.parity.record`."
