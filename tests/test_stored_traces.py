"""The recordings of PyTorch beside the notebooks: true to PyTorch, and of use to whoever has none."""

from __future__ import annotations

import pytest

from autograd_core import Trace, explain, picture
from autograd_core.widgets.player import Player

from . import stored_traces
from .parity import oracle
from .parity.agreement import first_difference
from .stored_traces import FOLDER, STORED

TOLD = {
    "1_normal": None,
    "2_unwritten": None,
    "3_wrong_side": "`c = out.detach()` (line 4)",
    "4_written": "`c.zero_()` (line 5) wrote the storage that `out` shares with `c = out.detach()` (line 4)",
    "attention_mask": "`weights[future] = 0.0` (line 10) wrote `weights` itself",
}

each_trace = pytest.mark.parametrize("name", STORED)


def stored(name: str) -> Trace:
    return Trace.load(FOLDER / f"{name}.json")


def test_each_file_is_made_by_something_and_each_is_told_of():
    assert {path.stem for path in FOLDER.glob("*.json")} == STORED.keys() == TOLD.keys()


@each_trace
def test_a_stored_trace_opens_steps_and_explains(name):
    trace = stored(name)
    player = str(Player(trace)._repr_mimebundle_()["text/plain"])
    assert len(player.splitlines()) == len(trace.steps) > 3
    assert picture(trace).description
    story = explain(trace)
    assert (story is None) == (TOLD[name] is None)
    assert story is None or TOLD[name] in story.text


@pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED, reason="PyTorch 2.13.0 is not installed"
)
@each_trace
def test_pytorch_still_does_what_is_stored(name):
    now, then = STORED[name](), stored(name)
    assert not first_difference(now.events, then.events), "run python -m tests.stored_traces"
    assert now.sources == then.sources


def test_a_cell_that_asks_is_recorded_as_one_that_does_not():
    changed = stored_traces.ASKED.sub(
        stored_traces.RECORDS, 'with predict.holds("out") as trace:\n    x = 1'
    )
    assert changed == "with suppress(RuntimeError), record() as trace:\n    x = 1"
