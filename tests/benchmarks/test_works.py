"""The benchmarks work: each is run once, small, and the sides agree."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_core import record

from . import recorded
from .beside import memory_per_op, peak_of_training
from .floor import chain_bare
from .works import CORE, MICROGRAD, NUMPY, PYTORCH, WORKS, chain_by_hand, is_here, module


@pytest.mark.parametrize("work", WORKS, ids=[work.name for work in WORKS])
def test_all_sides_come_to_the_same_gradients(work):
    ours = work.run(CORE, small=True)()
    assert ours
    for side in work.make:
        if is_here(side):
            theirs = work.run(side, small=True)()
            assert len(theirs) == len(ours)
            for one, other in zip(ours, theirs):
                one = np.ravel(one)[0] if side == MICROGRAD else one  # it has single numbers
                np.testing.assert_allclose(other, one, rtol=2e-4, atol=1e-6)


def test_the_least_that_python_must_do_comes_to_the_same_gradients():
    bare = chain_bare(20)
    for _ in range(2):
        for one, other in zip(bare(), chain_by_hand(20)(), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)


def test_memory_is_measured_on_fewer_operations_too():
    assert 100 < memory_per_op(CORE, 50_000) < 5_000
    assert peak_of_training(CORE, 4) > peak_of_training(NUMPY, 4) > 0


@pytest.mark.skipif(not is_here(PYTORCH), reason="PyTorch is not installed")
@pytest.mark.parametrize("program", recorded.PROGRAMS.values(), ids=lambda program: program.__name__)
def test_what_is_recorded_computes_bit_for_bit_what_it_computes_alone(program):
    torch = module(PYTORCH)
    alone, heard = program(torch, 4), program(torch, 4)
    for _ in range(2):
        expected = alone()
        with record(backend="torch") as trace:
            found = heard()
        assert len(trace) > 20
        assert all(torch.equal(torch.as_tensor(a), torch.as_tensor(b)) for a, b in zip(expected, found))
