"""One record of a run, from which every picture, widget, quiz and text is made.

A `Trace` is a list of plain events (see `events`); `steps` folds them into what was true at each
moment. Its events hold no tensor and no array, so keeping a trace keeps nothing else alive. (Where there
is something to repair, a copy of what was there before comes along.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from . import events as e
from . import files
from .before import Before
from .state import State
from .steps import Steps, numbered, starts
from .tape import Tape


class Trace:
    """The events of one run, in the order in which they happened.

    `sources` has the user's lines around them: for each file, the text of each line by its number. Of a
    long run only the newest events are there: `dropped` says how many went before them, and `base`
    what was true then. `left_out` says how often another thread or task did something meanwhile.
    """

    before: Before | None = None  # for `repairs`, where there is something to repair
    mendable: ClassVar[Trace | None] = None  # the latest such trace

    def __init__(
        self,
        events: Sequence[e.Event] = (),
        sources: Mapping[str, Mapping[int, str]] | None = None,
        base: State | None = None,
        dropped: int = 0,
        left_out: int = 0,
        tape: Tape | None = None,
    ) -> None:
        self._tape = tape
        self._read: tuple[int, int] | None = None  # how far the tape was written when it was last read
        self._events = list(events)
        self._sources = {file: dict(lines) for file, lines in (sources or {}).items()}
        self._base = State() if base is None else base
        self._dropped, self._left_out = dropped, left_out
        self._steps: Steps | None = None

    def _catch_up(self) -> None:
        """Read the tape, if there is more on it than was read before."""
        tape = self._tape
        if tape is None or self._read == tape.end():
            return
        self._read = tape.end()
        state = State()
        for event in tape.base():
            state.apply(event)
        state.error = None
        events = list(tape.events())
        surplus = 0 if tape.keep is None else len(events) - tape.keep
        if surplus > 0:
            # The first step that is kept is kept whole.
            surplus = next((start for start in starts(events) if start >= surplus), len(events))
            for event in events[:surplus]:
                state.apply(event)
        else:
            surplus = 0
        if tape.dropped + surplus:
            state = state.living()
        self._events, self._base = events[surplus:], state
        self._dropped = tape.dropped + surplus
        self._sources = tape.places.quotes(event.place for event in self._events)
        self._steps = None

    @property
    def events(self) -> list[e.Event]:
        self._catch_up()
        return self._events

    @property
    def sources(self) -> dict[str, dict[int, str]]:
        self._catch_up()
        return self._sources

    @property
    def base(self) -> State:
        self._catch_up()
        return self._base

    @property
    def dropped(self) -> int:
        self._catch_up()
        return self._dropped

    @property
    def left_out(self) -> int:
        return self._left_out if self._tape is None else self._tape.left_out

    @property
    def steps(self) -> Steps:
        """The moments of the run, each with its events and the state after them."""
        events = self.events
        if self._steps is None or len(self._steps.events) != len(events):
            self._steps = Steps(tuple(events), self._base)
        return self._steps

    def at(self, step: int) -> State:
        """The state after `step`, counted as the player does: 1 is the first, -1 the end of the run.

        Raises IndexError for a step that the trace does not have.
        """
        steps = self.steps
        return steps[numbered(step, len(steps))].state

    def save(self, path: str | Path) -> None:
        """Write the trace to a file, as JSON. Raises OSError where that cannot be done."""
        files.save(path, self.events, self.sources, self.base, self.dropped, self.left_out)

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """The trace that `save` wrote to this file.

        Nothing in the file is run. Raises TraceFileError for a file that is no trace, or is damaged, or
        is of a newer version; OSError for one that cannot be read.
        """
        return cls(*files.load(path))

    def __len__(self) -> int:
        return len(self.events)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("events", "sources", "base", "dropped", "left_out")
        )

    __hash__ = None

    def __repr__(self) -> str:
        dropped = f", after {self.dropped} that were dropped" if self.dropped else ""
        return f"<Trace of {len(self.steps)} steps: {len(self)} events{dropped}>"
