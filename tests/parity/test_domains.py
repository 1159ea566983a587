"""Every operation does over its domain what PyTorch 2.13.0 does: see `domains`."""

from __future__ import annotations

import pytest

import autograd_core

from . import oracle, recording
from .domains import FAMILIES, recorded
from .domains.compare import differences
from .domains.domain import Case, Family
from .domains.look import look

CALLS = {(family, text): cases for family in FAMILIES for text, cases in family.by_text().items()}

@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0].name}: {call[1]}")
def test_does_what_pytorch_does(call: tuple[Family, str]) -> None:
    family, found = call[0], []
    for case in CALLS[call]:
        expected = recorded.expected(family.name, case)
        for difference in differences(expected, look(case, autograd_core), case.precision):
            found.append(f"{case}\n    {difference}")
    assert not found, f"{len(found)} differences, such as\n\n" + "\n\n".join(found[:5])


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED,
    reason=f"PyTorch {recording.PYTORCH} is not installed; its recorded results stand in for it",
)
def test_the_recorded_results_are_what_pytorch_does(family: Family) -> None:
    stale = [
        f"{case}\n    {difference}"
        for case in family.cases()
        for difference in differences(
            recorded.read(family.name, case), look(case, oracle.pytorch()), case.precision
        )
    ]
    assert not stale, "\n".join([*stale[:5], "Run `python -m tests.parity.domains.recorded`."])


def test_a_difference_is_seen() -> None:
    """The comparison itself: a case beside the same case with one thing about it changed."""
    (case, *_) = FAMILIES[0].cases()
    seen = look(case, autograd_core)
    assert differences(seen, look(case, autograd_core), case.precision) == []
    for what, other in {"out": ["float32[1] 7"], "nodes": [], "grads": {}, "error": "x"}.items():
        (found,) = differences(seen, {**seen, what: other}, case.precision)
        assert found.startswith(f"{what}: ")


def test_cases_are_told_apart_by_their_names() -> None:
    for family in FAMILIES:
        cases: list[Case] = list(family.cases())
        assert len({str(case) for case in cases}) == len(cases)
