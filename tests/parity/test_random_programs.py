"""Random programs do in `autograd_core` what they do in PyTorch.

With PyTorch a few hundred are written in every run, by a state machine whose every step runs a statement
on both sides. They are the same ones each time: in many thousands one still differs, and a run that turns
red by chance says nothing of the change that it tests. `AUTOGRAD_CORE_SEED=7` writes those of seed 7, and
`python -m tests.parity.random 10000` many new ones. Without PyTorch, a set that was written once is compared
with what PyTorch did then.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

import autograd_core

from . import oracle, random
from .vocabulary import Writer

SEED = int(os.environ.get("AUTOGRAD_CORE_SEED", "3"))
PROGRAMS = 200

needs_pytorch = pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED,
    reason="PyTorch is not installed; the recorded random programs stand in for new ones",
)


class RandomProgram(RuleBasedStateMachine):
    """A program that grows statement by statement, on both sides at once."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = random.Pair(oracle.pytorch())

    @rule(data=st.data())
    def another_statement(self, data: st.DataObject) -> None:
        if self.pair.over:
            return

        def choose(options):
            return options[data.draw(st.integers(0, len(options) - 1))]

        found = self.pair.run(Writer(self.pair.got.namespace, choose).statement())
        again = f"AUTOGRAD_CORE_SEED={SEED} writes this program again"
        assert not found, "\n".join([again, *self.pair.lines, str(found[0])])

    def teardown(self) -> None:
        for side in (self.pair.expected, self.pair.got):
            side.module.set_grad_enabled(True)


@needs_pytorch
def test_new_random_programs_do_what_pytorch_does() -> None:
    run_state_machine_as_test(
        seed(SEED)(RandomProgram),
        settings=settings(
            max_examples=PROGRAMS,
            stateful_step_count=random.LONGEST,
            database=None,
            deadline=None,
            verbosity=Verbosity.quiet,
            print_blob=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("part", range(10))
def test_the_recorded_random_programs_do_what_pytorch_did(part: int) -> None:
    recorded = random.read()
    assert len(recorded) >= PROGRAMS
    for lines, expected in recorded[part::10]:
        found = random.against(lines, expected)
        assert not found, "\n".join([*lines, str(found[0])])


def test_a_difference_is_found_and_told_with_its_program() -> None:
    lines, expected = random.read()[0]
    wrong = [step | {"printed": "something else"} for step in expected]
    found = random.against(lines, wrong)
    assert found and found[0].what == "printed"


def test_a_program_is_shortened_to_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        random, "check", lambda lines, torch: [line for line in lines if "mul_" in line]
    )
    monkeypatch.setattr(random, "kind_of", str)
    assert random.shorten(["a = 1", "a.mul_(2)", "b = 3"], "['a.mul_(2)']", autograd_core) == [
        "a.mul_(2)"
    ]
