"""Ask before the run: a question about a block of code, answered there, checked by its trace.

    with predict.version("out") as trace:
        a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        out.detach().zero_()

The block runs and is recorded, but what is shown is the question alone. The surprising idea: nobody
ever wrote the answer down. It is read off the trace of this very block, together with the step that
shows why; change the block, and both change with it. Right or wrong, the player then opens at that
step. No kernel takes part in the answering: it works in a reopened notebook, and in a handout.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from types import TracebackType

from ..drawing.text import clean, line
from ..drawing.wording import NAME, code, listing
from ..errors import SilentCorruption
from ..frames import is_ours, user_frame
from ..recording import events as e
from ..recording.record import record
from ..recording.state import CUTS, State, TensorState
from ..recording.steps import Step
from ..recording.trace import Trace
from .frontend import marked_up, output
from .player import Player

OFFERED = 3  # versions, at least
NO = "no line"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer that a trace gives: its `text`, the step that shows why, what it is chosen from.

    Without choices it is typed: then `numbers` are its elements, None for an answer of `None`.
    """

    text: str
    step: int
    choices: tuple[str, ...] = ()
    numbers: list[str] | None = None


class Question(ABC):
    """Something to predict. `asks` may stand in place of the words that it would ask with."""

    def __init__(self, asks: str | None) -> None:
        self._asks = asks

    @property
    def asks(self) -> str:
        return self._asks or self.wording

    @property
    @abstractmethod
    def wording(self) -> str: ...

    @abstractmethod
    def answer(self, trace: Trace) -> Answer:
        """What the trace says. LookupError, in a sentence, where it says nothing about it."""


class About(Question):
    """A question about the tensor that a variable holds at the end."""

    def __init__(self, name: str, asks: str | None) -> None:
        if not isinstance(name, str):
            raise TypeError(f"give the name of a variable, in quotes, not {type(name).__name__}")
        super().__init__(asks)
        self.name = name

    def answer(self, trace: Trace) -> Answer:
        steps = trace.steps
        end = steps[-1].state if steps else State()
        named = [t for t in end.tensors.values() if self.name in t.names and not t.deleted]
        if not named:
            known = [code(n) for t in end.tensors.values() if not t.deleted for n in t.names]
            there = f"there are {listing(known)}" if known else "there is no tensor with a name"
            raise LookupError(f"no tensor is called {code(self.name)} at the end: {there}")
        return self.of(named[-1], steps)

    @abstractmethod
    def of(self, tensor: TensorState, steps: list[Step]) -> Answer: ...


class Version(About):
    @property
    def wording(self) -> str:
        return f"Which version does `{self.name}` have at the end?"

    def of(self, tensor: TensorState, steps: list[Step]) -> Answer:
        version = steps[-1].state.version(tensor.id)
        # A write to its memory that its counter does not count shows why as well.
        why = _last(steps, lambda event: _writes(event, tensor) or _made(event, tensor.id))
        choices = range(max(OFFERED, version + 2))
        return Answer(str(version), why, tuple(map(str, choices)))


class RequiresGrad(About):
    @property
    def wording(self) -> str:
        return f"What is `{self.name}.requires_grad` at the end?"

    def of(self, tensor: TensorState, steps: list[Step]) -> Answer:
        why = _last(
            steps,
            lambda event: (
                _made(event, tensor.id)
                or (isinstance(event, e.TensorChanged) and event.tensor == tensor.id)
                or _cuts(event, tensor.id)
            ),
        )
        return Answer(str(tensor.requires_grad), why, ("True", "False"))


class Grad(About):
    @property
    def wording(self) -> str:
        return f"What does `{self.name}.grad` hold at the end? Type its numbers, or None."

    def of(self, tensor: TensorState, steps: list[Step]) -> Answer:
        if tensor.grad is None:
            return Answer("None", _kept_away(tensor.id, steps))
        why = _last(
            steps,
            lambda event: isinstance(event, e.GradAccumulated) and event.tensor == tensor.id,
        )
        return Answer(tensor.grad.text, why, numbers=_numbers(tensor.grad, f"{self.name}.grad"))


class Holds(About):
    @property
    def wording(self) -> str:
        return f"What does `{self.name}` hold at the end? Type its numbers."

    def of(self, tensor: TensorState, steps: list[Step]) -> Answer:
        why = _last(
            steps,
            lambda event: (
                _made(event, tensor.id)
                or (isinstance(event, e.VersionBumped) and event.storage == tensor.storage)
            ),
        )
        return Answer(tensor.value.text, why, numbers=_numbers(tensor.value, self.name))


class Raises(Question):
    @property
    def wording(self) -> str:
        return "Does this raise an error?"

    def answer(self, trace: Trace) -> Answer:
        steps = _some(trace)
        error = steps[-1].state.error
        return Answer("no" if error is None else "yes", len(steps) - 1, ("yes", "no"))


class LineThatRaises(Question):
    @property
    def wording(self) -> str:
        return "Which line raises an error?"

    def answer(self, trace: Trace) -> Answer:
        steps = _some(trace)
        places = {event.place for event in trace.events if event.place is not None}
        said = {
            (place.file, place.line): f"line {place.line}: {clean(place.text).strip()}"
            for place in sorted(places, key=lambda place: (place.file, place.line))
        }
        error = steps[-1].state.error
        place = error.place if error is not None else None
        right = NO if place is None else said[place.file, place.line]
        return Answer(right, len(steps) - 1, (*said.values(), NO))


class predict:
    """A block whose outcome is asked for. One way to ask for each thing that there is to know:
    `version`, `requires_grad`, `grad` and `holds` of a variable, `raises` and `line_that_raises`.

    `question` puts it in your own words. The block gives its `Trace`. An error of autograd in it
    is part of the riddle and goes no further; any other is the cell's error as always. At the end
    of the block, LookupError where no tensor has the name that is asked for.

    >>> from autograd_core import tensor
    >>> with predict.requires_grad("b") as trace:
    ...     b = tensor([1.0, 2.0], requires_grad=True).detach()
    Predict: What is `b.requires_grad` at the end? True or False?
    The answer: False. Step 2 shows why: ...
    """

    def __init__(self, question: Question) -> None:
        if not isinstance(question, Question):
            raise TypeError('ask for one thing, as in: with predict.version("out") as trace')
        self.question = question

    @classmethod
    def version(cls, name: str, question: str | None = None) -> predict:
        """Which version does this variable's tensor have at the end?"""
        return cls(Version(name, question))

    @classmethod
    def requires_grad(cls, name: str, question: str | None = None) -> predict:
        """What is its `requires_grad` at the end?"""
        return cls(RequiresGrad(name, question))

    @classmethod
    def grad(cls, name: str, question: str | None = None) -> predict:
        """Which numbers does its `grad` hold at the end, if any?"""
        return cls(Grad(name, question))

    @classmethod
    def holds(cls, name: str, question: str | None = None) -> predict:
        """Which numbers does it hold at the end?"""
        return cls(Holds(name, question))

    @classmethod
    def raises(cls, question: str | None = None) -> predict:
        """Does the block raise an error?"""
        return cls(Raises(question))

    @classmethod
    def line_that_raises(cls, question: str | None = None) -> predict:
        """Which of its lines raises one?"""
        return cls(LineThatRaises(question))

    def __enter__(self) -> Trace:
        # A warning that tells what went wrong would tell the answer.
        self._warnings = warnings.catch_warnings(action="ignore", category=SilentCorruption)
        self._warnings.__enter__()
        self._record = record(outermost=user_frame())
        self.trace = self._record.__enter__()
        return self.trace

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self._record.__exit__(kind, error, traceback)
        self._warnings.__exit__(kind, error, traceback)
        if error is not None and not _is_autograds(error):
            return False
        _show(Riddle(self.question, self.trace))
        return True


class Riddle:
    """A question and the run that answers it. A notebook asks it; `print` asks and answers."""

    def __init__(self, question: Question, trace: Trace) -> None:
        self.asks = question.asks
        self.answer = question.answer(trace)
        self.player = Player(trace, start=self.answer.step + 1)

    @property
    def offers(self) -> str:
        *most, last = self.answer.choices or ("",)
        return f" {', '.join(most)} or {last}?" if most else ""

    @property
    def solution(self) -> str:
        """The answer and the step that shows why."""
        text = self.answer.text
        why = self.player.sentences[self.answer.step]
        return f"{text}. Step {self.answer.step + 1} shows why: {why}"

    def __str__(self) -> str:
        return f"Predict: {self.asks}{self.offers}\nThe answer: {self.solution}"

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": str(self)}

    def html(self) -> str:
        """The question; folded away under it, the answer and the run."""
        static = (
            f"<p><strong>Predict.</strong> {marked_up(self.asks)}{escape(self.offers)}</p>"
            f"<details><summary>The answer</summary><p>{marked_up(self.solution)}</p>"
            f'<div class="run">{self.player.static}</div></details>'
        )
        right = {
            "asks": self.asks,
            "choices": self.answer.choices,
            "text": self.answer.text,
            "numbers": self.answer.numbers,
            "step": self.answer.step,
            "why": self.player.sentences[self.answer.step],
            "player": self.player.data,
        }
        return output("predict", static, right, uses=["paper", "player"])


def _some(trace: Trace) -> list[Step]:
    steps = trace.steps
    if not steps:
        raise LookupError("nothing was recorded: the block makes no tensor and raises nothing")
    return steps


def _last(steps: list[Step], shows: Callable[[e.Event], bool]) -> int:
    """The last step in which something shows it; the last of all where it was so from the start."""
    found = [step.index for step in steps if any(map(shows, step.events))]
    return found[-1] if found else len(steps) - 1


def _kept_away(tensor: str, steps: list[Step]) -> int:
    """The step that keeps every gradient from this tensor: a cut that a backward pass comes to.

    Or that takes its grad away again; the last of all where it is not any one step's doing.
    """
    leading = {tensor}  # to it: what is computed from it, in front of any cut
    lost: dict[str, int] = {}  # what is computed from it behind a cut, and the step of that cut
    why = len(steps) - 1
    for step in steps:
        for event in step.events:
            if isinstance(event, e.BackwardStarted):
                why = next((lost[root] for root in event.roots if root in lost), why)
            if isinstance(event, e.GradSet) and event.tensor == tensor:
                why = step.index
            taken, made, cut = _way(event)
            where = next((lost[each] for each in taken if each in lost), None)
            if leading.intersection(taken):
                where = step.index if cut else where
                leading.update(() if cut else made)
            lost |= dict.fromkeys(made, where) if where is not None else {}
    return len(steps) - 1 if steps[-1].state.error else why


def _way(event: e.Event) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """From which tensors to which an event leads, and whether the history stays behind."""
    match event:
        case e.OpRan():
            return event.inputs, event.outputs, event.node is None
        case e.AliasMade():
            return (event.source,), (event.alias,), event.how in CUTS
        case e.TensorChanged(op="detach_"):
            return (event.tensor,), (event.tensor,), True
    return (), (), False


def _cuts(event: e.Event, tensor: str) -> bool:
    """Does this cut off another tensor, made from this one?"""
    return isinstance(event, e.AliasMade) and event.source == tensor and event.how in CUTS


def _made(event: e.Event, tensor: str) -> bool:
    return isinstance(event, e.TensorCreated) and event.tensor == tensor


def _writes(event: e.Event, tensor: TensorState) -> bool:
    return isinstance(event, e.VersionBumped) and (
        event.counter == tensor.counter or event.storage == tensor.storage
    )


def _numbers(held: e.Value, what: str) -> list[str]:
    """The elements, in order, to compare with what was typed. As text: JSON knows no nan."""
    if held.data is None:
        raise LookupError(f"`{line(what, NAME)}` has too many numbers to be typed: {held.shape}")
    flat, rest = [], [held.data]
    while rest:
        each = rest.pop()
        if isinstance(each, (list, tuple)):
            rest += reversed(each)
        else:
            flat.append(repr(float(each)))
    return flat


def _is_autograds(error: BaseException) -> bool:
    """Was it raised in this package, and not by a slip of the user's, such as a mistyped name?"""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step is not None and is_ours(step.tb_frame)


def _show(riddle: Riddle) -> None:
    """In a notebook as its output, elsewhere in words."""
    try:
        from IPython import get_ipython
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        print(riddle)
    else:
        from IPython.display import display

        display(riddle)
