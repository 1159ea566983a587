"""One record of a run, from which every picture, widget, quiz and text is made.

A `Trace` is a list of plain events (see `events`); `steps` folds them into what was true at each
moment. It holds no tensor and no array, so keeping a trace keeps nothing else alive.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import events as e
from .state import State, Step, steps


class Trace:
    """The events of one run, in the order in which they happened.

    `sources` has the user's lines around them: for each file, the text of each line by its number.
    """

    def __init__(self, events: Sequence[e.Event] = ()) -> None:
        self.events: list[e.Event] = list(events)
        self.sources: dict[str, dict[int, str]] = {}

    @property
    def steps(self) -> list[Step]:
        """The moments of the run, each with its events and the state after them."""
        return list(steps(self.events))

    def at(self, step: int) -> State:
        """The state after step `step`; -1 is the end of the run."""
        return self.steps[step].state

    def __len__(self) -> int:
        return len(self.events)
