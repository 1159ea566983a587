"""The story of what went wrong in a run: of an error, or of a gradient that is silently wrong."""

from __future__ import annotations

import re

from .. import errors
from . import events as e
from .culprit import culprit
from .history import history
from .refused import cut, freed, leaf, view
from .silent import silent_story
from .story import Story
from .trace import Trace
from .ungiven import ungiven

NO_GRAD_FN = re.compile(errors.NO_GRAD_FN.format(r"\d+"))


def explain(trace: Trace) -> Story | None:
    """The story of the first error of autograd in a trace, or else of the first gradient gone wrong.

    None where nothing went wrong that has a story.

    >>> from autograd_core import tensor
    >>> from autograd_core.recording.record import record
    >>> with record() as trace:
    ...     out = tensor([1.2], requires_grad=True).sigmoid()
    ...     c = out.detach()
    ...     written = c.zero_()
    ...     try: out.backward()
    ...     except RuntimeError: pass
    >>> explain(trace).saved.version, explain(trace).writes[0].op
    (0, 'zero_')
    """
    for kind, tell in ((e.ErrorRaised, _of_error), (e.SavedChanged, silent_story)):
        for event in trace.events:
            if isinstance(event, kind) and (story := tell(event, trace)) is not None:
                return story
    return None


def story_of(error: e.ErrorRaised, trace: Trace) -> Story | None:
    """The story of this error of the trace, if it is of a kind that has one."""
    if error.expected is not None:
        tell = culprit
    elif error.message == errors.SECOND_BACKWARD:
        tell = freed
    elif NO_GRAD_FN.fullmatch(error.message):
        tell = cut
    elif error.message == errors.LEAF_IN_PLACE:
        tell = leaf
    elif error.tensor is not None:
        tell = view
    else:
        return None
    return tell(history(trace, error), error)


def _of_error(error: e.ErrorRaised, trace: Trace) -> Story | None:
    return story_of(error, trace) or ungiven(error, trace)


def attach(error: BaseException, trace: Trace) -> Story | None:
    """Give an error that the trace has told last its story: as `error.story`, and as a note.

    One that brings its story along, from a recording inside this one, keeps it.
    """
    if hasattr(error, "story"):
        return error.story
    story = _of_error(trace.events[-1], trace)
    if story is not None:
        error.story = story
        error.add_note(story.text)
    return story
