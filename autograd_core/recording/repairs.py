"""Repairs, proved: change the program so that it no longer spoils what was saved, and see whether that is right.

Each repair is a small change of the recorded lines. Where they can be run once more they are, apart from the
user's variables; and the gradients are held against finite differences of the very program that was run.
"""

from __future__ import annotations

import ast
import difflib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from . import events as e
from .before import Before
from .explain import story_of
from .probe import Key, Probe
from .rerun import CannotRerun, Statements, TooLong, run
from .rewrite import Source, cloned, cloned_before, out_of_place, saved_apart
from .story import Story
from .trace import Trace
from .values import text

SECONDS = 10.0  # for all reruns together
EACH = 12  # elements: of a larger leaf so many random directions are tried instead of each element
OUTCOMES = {
    "right": "right: finite differences confirm it",
    "wrong": "runs, but finite differences give another gradient",
    "raises": "does not help",
    "kept": "right: the gradients are those of the program as it was, had its saved tensors been kept",
    "other": "runs, but gives other gradients than the program as it was, had its saved tensors been kept",
    "unchecked": "runs without the error; its gradients were not checked",
    "untried": "not tried",
}


@dataclass(frozen=True)
class Repair:
    """One change of the program. `lines` are the changed lines, with their numbers; `source` is all of it.

    `outcome` is one of `OUTCOMES`; `why` tells more.
    `gradients`: by the leaf's name, what arrives in its `.grad`; `result` is what is differentiated.
    """

    name: str
    lines: tuple[tuple[int, str], ...]
    source: str
    outcome: str = "untried"
    why: str = ""
    gradients: tuple[tuple[str, str], ...] = ()
    result: str = ""

    def __str__(self) -> str:
        change = ", ".join(f"line {number}: `{line.strip()}`" for number, line in self.lines)
        told = f"{self.name} ({change}): {OUTCOMES[self.outcome]}"
        told += f" ({self.why})" if self.why else ""
        if self.gradients:
            told += f"; {', '.join(f'`{name}.grad` is {grad}' for name, grad in self.gradients)}"
        if self.result:
            told += f", of a result of `{self.result}`"
        return told + "."


class Repairs(tuple[Repair, ...]):
    """All repairs that apply, in the order in which they are offered. Prints as a list of sentences."""

    def __str__(self) -> str:
        said = [f"{number}. {repair}" for number, repair in enumerate(self, start=1)]
        return "\n".join(said) or "There is no repair to offer."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(f"<li>{escape(str(repair))}</li>" for repair in self)
        return f"<ol>{rows}</ol>" if rows else f"<p>{self}</p>"


def repairs(trace: Trace | None = None, seconds: float = SECONDS) -> Repairs:
    """What can be done about the first version mismatch of a recording, each tried where it can be.

    Without a trace, that of the latest recording that ended in one, or met one. All reruns together take at most `seconds`. Raises ValueError for a recording without a version
    mismatch, and for a trace that was not recorded in this session.

    Of PyTorch, scripts and cells are tried that make all tensors and modules which they use: those from
    before cannot be copied (see `pytorch.again`).

    >>> from autograd_core import record, tensor
    >>> with record() as trace:
    ...     out = tensor([0.0], requires_grad=True).sigmoid()
    ...     out.backward()
    >>> repairs(trace)
    Traceback (most recent call last):
        ...
    ValueError: there is nothing to repair: no saved tensor was written before its backward
    """
    trace = Trace.mendable if trace is None else trace
    if trace is None:
        raise ValueError("there is nothing to repair: no recording has met a version mismatch")
    raised = [each for each in trace.events if isinstance(each, e.ErrorRaised)]
    error = next((each for each in raised if each.expected is not None), None)
    if error is None:
        raise ValueError("there is nothing to repair: no saved tensor was written before its backward")
    before: Before | None = trace.before
    if before is None:
        raise ValueError("this trace was not recorded here: without its program there is nothing to try")
    earlier = trace.events[: trace.events.index(error)]
    backward = sum(isinstance(each, e.BackwardStarted) for each in earlier)
    try:
        source = Source(before.program.source)
    except SyntaxError:  # a cell with magics in it
        return Repairs()
    story = story_of(error, trace)
    offered = list(candidates(story, source, before.file))
    trial = Trial(before, backward, time.monotonic() + seconds)
    if trace.dropped:
        trial.refusal = "the recording no longer has its beginning"
    return Repairs(trial.judge(name, changed) for name, changed in offered)


# ---- the changes --------------------------------------------------------------------------------------------


def candidates(story: Story, source: Source, file: str) -> Iterator[tuple[str, str]]:
    """The repairs that apply to lines of this file: a name, and the changed program."""
    writes = [w for w in story.writes if w.place is not None and w.place.file == file]
    if not writes or len(writes) < len(story.writes):
        return
    lines = sorted({write.place.line for write in writes})
    ops = {write.place.line: write.op for write in reversed(writes)}  # of several on a line, the first
    shares = dict.fromkeys(
        (share.place.line, share.expression)
        for write in writes
        for share in [each for each in write.through if not each.to_saved][-1:]
        if share.place is not None and share.place.file == file and share.alias.isidentifier()
    )
    untracked = any(write.untracked for write in writes)  # what is made anew there has no history
    aliased = [w for w in writes if any(not each.to_saved for each in w.through)]
    if shares and len(aliased) == len(writes):
        changed = _all(source, [lambda s, at=at, text=text: cloned(s, at, text) for at, text in shares])
        yield from _offer("clone the alias", changed, source)
    steps = [lambda s, at=at: out_of_place(s, s.statement(at), ops[at]) for at in lines if not untracked]
    yield from _offer("use the operation that makes a new tensor", _all(source, steps), source)
    home = story.place
    if home is not None and home.file == file:
        moved = dict.fromkeys(source.movable(at, home.line) for at in reversed(lines))
        steps = [lambda s, at=each.lineno: _moved(s, at, home.line, [*moved]) for each in moved if each]
        changed = _all(source, steps)
        yield from _offer("write after the backward", changed, source)
    names: dict[str, int] = {}
    for write in writes:
        names.setdefault(write.tensor, write.place.line)
    first = [] if untracked else sorted(set(names.values()), reverse=True)
    steps = [lambda s, at=at: cloned_before(s, s.statement(at), ops[at]) for at in first]
    yield from _offer("clone before the write", _all(source, steps), source)
    saved = story.saved
    if saved.field == "result" and saved.place is not None and saved.place.file == file:
        steps = [lambda s: saved_apart(s, s.statement(saved.place.line))]
        yield from _offer("keep what is saved apart from what is written", _all(source, steps), source)


def _offer(name: str, changed: str | None, source: Source) -> Iterator[tuple[str, str]]:
    if changed is not None and changed != source.text:
        yield name, changed


def _all(source: Source, steps: Sequence) -> str | None:
    """The text after all of these changes; None if one of them does not apply."""
    for step in steps:
        changed = step(source)
        if changed is None:
            return None
        source = Source(changed)
    return source.text if steps else None


def _moved(source: Source, line: int, home: int, writes: list[ast.stmt]) -> str | None:
    """The write moved behind the backward, which those that were moved before it have brought closer."""
    below = sum(each.end_lineno - each.lineno + 1 for each in writes if line < each.lineno < home)
    home -= below
    after, statement = source.block_statement(line, home), source.movable(line, home)
    return None if after is None or statement is None else source.with_moved(statement, after)


def changed_lines(before: str, after: str) -> tuple[tuple[int, str], ...]:
    """The lines of the changed text that are new, or have moved down, by their numbers.

    >>> changed_lines("a\\nb\\nc", "a\\nc\\nb")
    ((3, 'b'),)
    """
    old, new = before.splitlines(), after.splitlines()
    if len(old) == len(new) and sorted(old) == sorted(new):
        first = next((at for at, line in enumerate(old) if line != new[at]), 0)
        last = next((at for at in reversed(range(len(old))) if old[at] != new[at]), 0)
        moved = 1
        while new[last - moved + 1 : last + 1] != old[first : first + moved]:
            moved += 1
        return tuple((at + 1, new[at]) for at in range(last - moved + 1, last + 1))
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    return tuple(
        (number + 1, new[number])
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag in ("replace", "insert")
        for number in range(start, end)
    )


# ---- trying them --------------------------------------------------------------------------------------------


class Trial:
    """Runs changed programs, each up to the end of the backward that failed."""

    def __init__(self, before: Before, backward: int, deadline: float) -> None:
        self.before, self.refusal = before, ""
        kind = Differences
        if before.backend == "torch":
            from .pytorch.again import Again as kind
        self.way = kind(before, backward, deadline)
        try:
            statements = self._statements(before.program.source)
            statements.check(before.names)
            if not self.way.fails_the_same(statements):
                self.refusal = "run once more, the program does not end in the same error"
        except (CannotRerun, SyntaxError) as refusal:
            self.refusal = f"the statements are not run once more: {refusal}"
        except TooLong:
            self.refusal = "the statements take too long to be run once more"

    def _statements(self, source: str) -> Statements:
        """The statements that were recorded, in this version of the program."""
        if self.before.names is None:
            raise CannotRerun("the variables hold too many numbers to be kept")
        tree, line = ast.parse(source), self.before.program.line
        body = tree.body if line is None else _recorded(tree, line)
        if body is None:
            raise CannotRerun("they were not found in the source")
        functions = [] if body is tree.body else _called(tree, body, set(self.before.names))
        return Statements(body, functions, self.before.program.filename)

    def judge(self, name: str, source: str) -> Repair:
        """Try one changed program."""
        repair = {"name": name, "source": source, "lines": changed_lines(self.before.program.source, source)}
        if self.refusal:
            return Repair(**repair, why=self.refusal)
        try:
            return Repair(**repair, **self.way.outcome(self._statements(source)))
        except TooLong:
            return Repair(**repair, why="the time was up")
        except (CannotRerun, SyntaxError) as refusal:
            return Repair(**repair, why=str(refusal))


class Differences:
    """Reruns of a program of this package, whose gradients are held against finite differences."""

    def __init__(self, before: Before, backward: int, deadline: float) -> None:
        self.before, self.backward, self.deadline = before, backward, deadline

    def fails_the_same(self, statements: Statements) -> bool:
        error = run(statements, self.before, Probe(self.backward), self.deadline)
        return hasattr(error, "mismatch")

    def outcome(self, statements: Statements) -> dict[str, object]:
        probe = Probe(self.backward)
        error = run(statements, self.before, probe, self.deadline)
        if error is not None:
            again = "the same error" if hasattr(error, "mismatch") else f"{type(error).__name__}: {error}"
            return {"outcome": "raises", "why": again}
        names = {key: probe.names.get(key, "a leaf without a name") for key in probe.grads}
        told = {
            "gradients": tuple((names[key], text(grad)) for key, grad in probe.grads.items()),
            "result": ", ".join(text(root) for root in probe.roots),
        }
        if not probe.grads:
            return told | {"outcome": "unchecked", "why": "no leaf got a gradient"}
        wrong = self._checked(statements)
        if wrong is None:
            return told | {"outcome": "right"}
        key, off = wrong
        return told | {"outcome": "wrong", "why": f"for `{names[key]}`, off by {off:.2g}"}

    def _checked(self, statements: Statements) -> tuple[Key, float] | None:
        """The leaf whose gradient is not what finite differences give, if there is one, and how far off."""
        base = Probe(self.backward)
        wide = run(statements, self.before, base, self.deadline, wide=True) is None and bool(base.grads)
        if not wide:
            base = Probe(self.backward)
            run(statements, self.before, base, self.deadline)
        random = np.random.default_rng(0)
        for key, grad in base.grads.items():
            leaf = base.leaves[key]
            fine = leaf.dtype == np.float64
            step, tolerance = (1e-6, 1e-4) if fine else (1e-2, 3e-2)
            for direction in _directions(leaf, random):
                values = []
                for sign in (step, -step):
                    push = {key: (sign * direction).astype(leaf.dtype)}
                    probe = Probe(self.backward, base, push)
                    run(statements, self.before, probe, self.deadline, wide)
                    values.append(probe.value())
                numeric = (values[0] - values[1]) / (2 * step)
                analytic = float(np.sum(grad.astype(np.float64) * direction))
                off = abs(numeric - analytic)
                if not off <= tolerance * (1 + abs(analytic)):
                    return key, off
        return None


def _directions(leaf: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Each element by itself in a small leaf, else some random directions."""
    if leaf.size <= EACH:
        for place in range(leaf.size):
            direction = np.zeros(leaf.shape)
            direction.flat[place] = 1
            yield direction
    else:
        for _ in range(EACH):
            yield random.choice([-1.0, 1.0], leaf.shape) / np.sqrt(leaf.size)


def _called(tree: ast.Module, body: list[ast.stmt], known: set[str]) -> list[ast.FunctionDef]:
    """The functions of the file that these statements use, and those that they use in turn."""
    defined = {
        each.name: each
        for each in tree.body
        if isinstance(each, ast.FunctionDef) and not each.decorator_list and each.name in known
    }
    called: dict[str, ast.FunctionDef] = {}
    unseen: list[ast.stmt] = list(body)
    while unseen:
        for node in ast.walk(unseen.pop()):
            if isinstance(node, ast.Name) and node.id in defined and node.id not in called:
                called[node.id] = defined[node.id]
                unseen.append(defined[node.id])
    return [each for name, each in defined.items() if name in called]


def _recorded(tree: ast.Module, line: int) -> list[ast.stmt] | None:
    """The statements of the `with` that begins on this line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and node.lineno <= line <= node.items[-1].context_expr.end_lineno:
            return node.body
    return None
