"""Record what a program does:

    with record() as trace:
        out = tensor([1.0], requires_grad=True).sigmoid()

Here a recording begins and ends, and here it is decided which library it listens to.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from types import FrameType

from ..frames import is_the_users
from .before import Before, Program, variables
from .core import CORE
from .library import Library
from .recorder import Recorder
from .story import Story
from .tape import Tape
from .trace import Trace

OLDEST = 2, 13  # version of PyTorch


class Unsupported(ImportError):
    """There is no PyTorch here, or none that can be recorded; the text is one sentence."""


def library(backend: str) -> Library:
    """The library of this name. PyTorch is imported here, and only here, when it is asked for."""
    if backend == "torch":
        try:
            import torch
        except ImportError as missing:
            raise Unsupported(f"recording PyTorch needs PyTorch, and there is none here: {missing}") from None
        version = torch.__version__
        if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise Unsupported(f"recording PyTorch needs {oldest} or newer, and this is {version}")
        from .pytorch import PYTORCH

        return PYTORCH
    if backend != "core":
        raise ValueError(f"backend has to be 'core' or 'torch': not {backend!r}")
    return CORE


class record:
    """Record what happens inside this `with`; gives the `Trace`.

    The newest `keep` events are kept (None keeps all), and the trace knows how many were dropped.
    `backend` says what is recorded: this package ("core"), or PyTorch ("torch").
    Recording ends with the block, also when an error leaves it; the error goes on its way and is the
    trace's last event. What other threads and asyncio tasks do is left out. `names` are the user's
    variables, for whoever runs the user's code in a namespace, and `program` is that code. `story` is that of the first
    error that has one. `outermost` is the frame around the code that runs, where that is not the frame
    of the `with`. Raises RuntimeError inside another recording, unless that one `gives_way`: then
    it pauses; ValueError for a `keep` that is no count or another `backend`, and Unsupported (an
    ImportError) where there is no PyTorch of a version that can be recorded.

    >>> from autograd_core import tensor
    >>> with record() as trace:
    ...     out = tensor([1.0], requires_grad=True).sigmoid()
    >>> [type(event).__name__ for event in trace.events][-2:]
    ['TensorSaved', 'Named']
    """

    recorder: Recorder | None = None
    story: Story | None = None

    def __init__(
        self,
        keep: int | None = 10_000,
        *,
        names: Mapping[str, object] | None = None,
        gives_way: bool = False,
        outermost: FrameType | None = None,
        program: Program | None = None,
        backend: str = "core",
    ) -> None:
        if keep is not None and (type(keep) is not int or keep < 1):
            raise ValueError(f"keep has to be how many events to keep, or None for all: not {keep!r}")
        self.keep, self.names, self.gives_way = keep, names, gives_way
        self.outermost, self.program, self.library = outermost, program, library(backend)

    def __enter__(self) -> Trace:
        running = self.library.slot.listener
        if running is not None and not (isinstance(running, Recorder) and running.gives_way):
            raise RuntimeError("a recording is running already: end it before you start another")
        tape = Tape(self.keep)
        trace = Trace(tape=tape)
        self.recorder = Recorder(
            tape, trace, self.outermost or sys._getframe(1), self.names, self.library
        )
        self.recorder.gives_way = self.gives_way
        self.before = self._before(sys._getframe(1))
        self.recorder.start()
        return trace

    def _before(self, frame: FrameType) -> Before | None:
        """What there is now, if it is known what is going to run."""
        if self.program is not None:
            return Before(self.program, self.names or {})
        if self.outermost is not None or self.names is not None or not is_the_users(frame):
            return None
        return Before(Program.of(frame), variables(frame))

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if self.recorder is None:
            raise RuntimeError("this recording has not begun: write `with record() as trace:`")
        self.recorder.finish(sys._getframe(1), error, self.names)
        self.story = self.recorder.story
        before, self.before = self.before, None
        if before is not None and self.story is not None and self.story.kind == "written":
            before.backend = "core" if self.library is CORE else "torch"
            before.file = self.recorder.tape.places.label(before.program.filename)
            self.recorder.trace.before = before
            Trace.mendable = self.recorder.trace
