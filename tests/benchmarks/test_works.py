"""The benchmarks work: each is run once, small, and the sides agree."""

from __future__ import annotations

import numpy as np
import pytest

from .beside import memory_per_op, peak_of_training
from .works import CORE, MICROGRAD, NUMPY, WORKS, is_here


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


def test_memory_is_measured_on_fewer_operations_too():
    assert 100 < memory_per_op(CORE, 50_000) < 5_000
    assert peak_of_training(CORE, 4) > peak_of_training(NUMPY, 4) > 0
