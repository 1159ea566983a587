"""The times, taken by pytest-benchmark: thread CPU time, the best of many runs.

The name keeps this file out of the ordinary test run. The sides of a work take turns, and all works
are gone through several times, so that no side has the machine's good minute for itself.
"""

from __future__ import annotations

import gc

import pytest

from .works import WORKS, Work, is_here

TURNS = 2
PAIRS = [(work, side) for work in WORKS for side in work.make if is_here(side)]


@pytest.fixture(scope="session", autouse=True)
def quiet_process():
    """One thread for all, and a collector that does not walk through all that was imported."""
    from threadpoolctl import threadpool_limits  # comes with the `bench` group alone

    with threadpool_limits(1):
        gc.collect()
        gc.freeze()
        yield
        gc.unfreeze()


@pytest.mark.parametrize("work, side", PAIRS, ids=[f"{work.name}-{side}" for work, side in PAIRS])
@pytest.mark.parametrize("turn", range(TURNS))
def test_time(benchmark, work: Work, side: str, turn: int):
    benchmark.extra_info.update(work=work.name, side=side)
    once = int(work.rounds > 1)
    benchmark.pedantic(work.run(side), setup=_clean, rounds=work.rounds, warmup_rounds=once)


def _clean() -> None:
    gc.collect()
