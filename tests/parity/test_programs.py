"""Every program does in `autograd_core` what it does in PyTorch 2.13.0, statement by statement."""

from __future__ import annotations

import pytest

import autograd_core

from . import oracle, recording
from .compare import differences
from .program import Program, programs
from .run import run

needs_pytorch = pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED,
    reason=f"PyTorch {recording.PYTORCH} is not installed; the recording stands in for it",
)
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


@needs_pytorch
@each_program
def test_the_recording_is_what_pytorch_does(program: Program) -> None:
    found = differences(recording.read(program), oracle.live(program))
    assert not found, report(found) + "\n\nRun `python -m tests.parity.record`."
