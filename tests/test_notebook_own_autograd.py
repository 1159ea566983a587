"""The autograd that notebook 12 builds says what the core says, to programs that nobody chose.

A program is a list of steps, each on tensors made before. Its products have two tracked factors or
none: the one of the notebook saves both, where the core saves what a wanted gradient needs.
"""

from __future__ import annotations

from random import Random

import pytest

import autograd_core as torch
from autograd_core.exercises import close

from .test_notebook_exercises import Lesson

PROGRAMS = 300


@pytest.fixture(scope="module")
def own() -> dict[str, object]:
    """The names of the notebook, once all of its autograd is there."""
    return Lesson("12_write_your_own").names


def program(seed: int) -> list[tuple[str, list[int]]]:
    """What to do, and to which tensors: 0 and 1 are tracked leaves, 2 and 3 are not tracked."""
    random = Random(seed)
    tracked, steps = [True, True, False, False], []

    def do(step: str, *inputs: int) -> None:
        steps.append((step, [*inputs]))
        tracked.append(tracked[inputs[0]] and step != "detach")

    def some(wish: bool) -> int:
        return random.choice([i for i, t in enumerate(tracked) if t == wish])

    for _ in range(random.randint(4, 12)):
        step = random.choice(["sigmoid", "sin", "mul", "mul", "detach", "zero_"])
        # A write to what is tracked is forbidden, or part of its history. The notebook has neither.
        wish = random.random() < 0.8 and step != "zero_"
        do(step, *[some(wish) for _ in range(1 + (step == "mul"))])
        if step == "detach" and random.random() < 0.4:
            do("zero_", len(tracked) - 1)
    for each in [i for i, t in enumerate(tracked) if t]:  # all of them come into the loss
        do("mul", len(tracked) - 1 if tracked[-1] else 0, each)
    do("sum", len(tracked) - 1)
    return steps


def outcome(steps: list[tuple[str, list[int]]], library) -> str | list[list[float]]:
    """The gradients of the tracked leaves, none being no number, or that it raises."""
    numbers = [1.5, -0.8], [-1.3, 0.9], [0.7, 1.2], [-0.6, -1.4]
    made = [library.tensor(each, requires_grad=i < 2) for i, each in enumerate(numbers)]
    leaves = made[:2]
    for step, inputs in steps:
        made.append(getattr(library, step)(*[made[i] for i in inputs]))
    try:
        made[-1].backward()
    except RuntimeError:
        return "error"
    return [[] if leaf.grad is None else leaf.grad.tolist() for leaf in leaves]


def differing(own: dict[str, object]) -> list[int]:
    """The programs to which the two say different things."""
    different = []
    for seed in range(PROGRAMS):
        ours, core = (outcome(program(seed), each) for each in (own["mine"], torch))
        raises = "error" in (ours, core)
        if ours != core if raises else not all(map(close, ours, core)):
            different.append(seed)
    return different


def test_it_agrees_with_the_core_in_every_gradient_and_every_error(own):
    assert differing(own) == []


def test_the_programs_end_in_gradients_and_in_errors(own):
    raised = [outcome(program(seed), torch) == "error" for seed in range(PROGRAMS)]
    assert PROGRAMS / 6 < sum(raised) < PROGRAMS * 5 / 6


def test_without_the_version_check_of_its_step_6_it_does_not_agree(own, monkeypatch):
    monkeypatch.setitem(own, "keep", lambda t: lambda: t.array)
    raised = [i for i in range(PROGRAMS) if outcome(program(i), torch) == "error"]
    assert differing(own) == raised


def test_of_a_product_with_one_tracked_factor_it_saves_more_than_the_core(own):
    steps = [("mul", [0, 2]), ("detach", [0]), ("zero_", [5]), ("sum", [4])]
    assert outcome(steps, own["mine"]) == "error"
    core, untouched = outcome(steps, torch)
    assert close(core, [0.7, 1.2]) and untouched == []
