"""Try the ways of cutting side by side: what each leaves in memory, in the gradient, and unsaid.

    playground()
    playground('''
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.exp()
    c = out.detach()
    c.add_(1)
    out.sum().backward()
    ''')

Without code, operation, write and order are there to choose. With code, its first line that cuts
is taken out and each way of cutting put in its place; code can also be typed below the table, where
a kernel is at hand to run it. The box for it is a part of this very output and no widget of the
kernel's (of `ipywidgets`): of such a one a notebook that is reopened shows only "model not found",
and no two runs of a notebook would leave the same file. The surprising idea: nothing here knows what
will happen. Every program is run by the core under the recorder, and the table is read off the
traces; a gradient is called wrong where the recorder found that it is.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import textwrap
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html import escape

from ..drawing.narrate import sentence
from ..recording import events as e
from ..recording.record import record
from ..recording.state import State, TensorState
from ..recording.trace import Trace
from .frontend import marked_up, output

# Way of cutting: what stands for `out.detach()`, and whether it stands under `torch.no_grad()`.
WAYS = {
    "no cut": ("{}", False),
    "detach": ("{}.detach()", False),
    "detach_": ("{}.detach_()", False),
    ".data": ("{}.data", False),
    "no_grad": ("{0}.view({0}.shape)", True),
    "detach().clone()": ("{}.detach().clone()", False),
}
TYPED = "detach"  # the way in which a program stands in the box, to be changed
OPERATIONS = (
    "a.sigmoid()",
    "a.exp()",
    "a.tanh()",
    "a.relu()",
    "a.sin()",
    "a * a",
    "a * 2",
    "a + 1",
)
WRITES = ("c.zero_()", "c.add_(1)", "c.mul_(2)", "c[0] = 0", "")
ORDERS = ("write, then backward", "backward, then write")
FINE, NOW, LATER, SILENT = "fine", "error now", "error later", "silently wrong"
MEANINGS = {
    FINE: "No error, and the gradient is right.",
    NOW: "The line that cuts or writes raises.",
    LATER: "The cut and the write pass; backward raises.",
    SILENT: "No error, and the gradient is wrong.",
}
HEAD = ("Way", "Outcome", "`{target}` is", "`{source}` holds", "Its version", "Gradient")
FILE = "<playground>"


@dataclass(frozen=True, slots=True)
class Row:
    """What one program led to, each part as the reader sees it; `why` tells an outcome of note."""

    way: str
    code: str
    outcome: str
    target: str
    holds: str
    version: str
    gradient: str
    why: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.way, self.outcome, self.target, self.holds, self.version, self.gradient)


@dataclass(frozen=True, slots=True)
class Program:
    """Code with one line that cuts, as `c = out.detach()`, to be cut in other ways."""

    before: str
    indent: str
    source: str
    target: str
    after: str

    @classmethod
    def parse(cls, code: str) -> Program:
        """Find the cut. SyntaxError for code that does not parse, ValueError if nothing cuts."""
        code = textwrap.dedent(code).strip("\n")
        lines = code.splitlines()
        nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assign)]
        for node in sorted(nodes, key=lambda node: node.lineno):
            tensor, target = _cut_from(node.value), node.targets[0]
            if tensor is not None and isinstance(target, ast.Name):
                return cls(
                    "\n".join(lines[: node.lineno - 1]),
                    " " * node.col_offset,
                    ast.unparse(tensor),
                    target.id,
                    "\n".join(lines[node.end_lineno :]),
                )
        raise ValueError(
            "this code has no line that cuts, so there is nothing to compare: give it one, such as "
            "c = out.detach()"
        )

    def cut(self, way: str) -> str:
        """The code, cut in this way."""
        form, under_no_grad = WAYS[way]
        statement = f"{self.target} = {form.format(self.source)}"
        if under_no_grad:
            statement = f"with torch.no_grad():\n{self.indent}    {statement}"
        parts = [self.before, f"{self.indent}{statement}", self.after]
        return "\n".join(part for part in parts if part)

    def rows(self) -> tuple[Row, ...]:
        """Run it in every way."""
        return tuple(self.row(way, _run(self.cut(way))) for way in WAYS)

    def row(self, way: str, trace: Trace) -> Row:
        end = _end(trace)
        names = {name: t for t in end.tensors.values() if not t.deleted for name in t.names}
        source, target = names.get(self.source), names.get(self.target)
        outcome = _outcome(trace, end)
        return Row(
            way,
            self.cut(way),
            outcome,
            _kinship(source, target),
            "nothing" if source is None else source.value.text,
            "none" if source is None else f"v{end.versions[source.counter]}",
            ", ".join(f"{name}.grad = {held}" for name, held in _gradients(end).items()) or "none",
            _why(trace, outcome),
        )


class playground:
    """Compare the ways of cutting. A notebook shows controls and a table; `print` tells the table.

    `code` is a program with one line that cuts; without it, there are programs to choose from.
    SyntaxError for code that does not parse, ValueError where nothing in it cuts.

    >>> print(playground('''
    ... a = torch.tensor([1.0, 2.0], requires_grad=True)
    ... out = a * 2
    ... c = out.detach()
    ... c.zero_()
    ... out.sum().backward()
    ... '''))
    no cut: fine. ...
    """

    def __init__(self, code: str | None = None) -> None:
        self.chooses = code is None
        first = OPERATIONS[0], WRITES[0], ORDERS[0]
        self.program = Program.parse(written(*first) if code is None else code)
        self.rows = self.program.rows()

    def __str__(self) -> str:
        source, target = self.program.source, self.program.target
        return "\n".join(
            f"{row.way}: {row.outcome}. {target} is {row.target}; {source} holds {row.holds} at "
            f"{row.version}; {row.gradient}. {row.why}".rstrip()
            for row in self.rows
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": str(self)}

    def html(self) -> str:
        """The table, under controls where scripts run."""
        names = {"source": self.program.source, "target": self.program.target}
        head = [each.format(**names) for each in HEAD]
        columns = "".join(f'<th scope="col">{marked_up(each)}</th>' for each in head)
        body = "".join(
            f'<tr><th scope="row">{escape(row.way)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in row.cells[1:])
            + "</tr>"
            for row in self.rows
        )
        static = (
            f"<p>{TITLE}</p><table><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"
        )
        choices = [OPERATIONS, [write or "no write" for write in WRITES], ORDERS]
        tables = everything() if self.chooses else (self.rows,)
        data = {
            "title": TITLE,
            "head": head,
            "meanings": MEANINGS,
            "choices": choices if self.chooses else [],
            "rows": [[[row.cells, row.code, row.why] for row in rows] for rows in tables],
            "typed": self.program.cut(TYPED),
        }
        return output("playground", static, data)


TITLE = "The same program, cut in different ways. What does each lead to?"


def written(operation: str, write: str, order: str) -> str:
    """The program of a choice."""
    lines = ["a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)", f"out = {operation}"]
    end = [write, "out.sum().backward()"]
    end = end if order == ORDERS[0] else end[::-1]
    return "\n".join([*lines, "c = out.detach()", *filter(None, end)])


@cache
def everything() -> tuple[tuple[Row, ...], ...]:
    """The rows of every choice, in the order of `choices`. A second or two, once."""
    choices = itertools.product(OPERATIONS, WRITES, ORDERS)
    return tuple(Program.parse(written(*choice)).rows() for choice in choices)


def _cut_from(value: ast.expr) -> ast.expr | None:
    """`out` of `out.detach()`, `out.detach_()`, `out.data` and `out.detach().clone()`."""
    match value:
        case ast.Call(func=ast.Attribute(value=inner, attr="clone"), args=[], keywords=[]):
            return _cut_from(inner)
        case ast.Call(func=ast.Attribute(value=tensor, attr="detach" | "detach_"), args=[]):
            return tensor
        case ast.Attribute(value=tensor, attr="data"):
            return tensor
    return None


def _run(code: str) -> Trace:
    """Run a program in a namespace of its own. An error is the end of its trace."""
    import autograd_core

    names: dict[str, object] = {"torch": autograd_core, "__name__": "playground"}
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    compiled = compile(code, FILE, "exec")
    with (
        suppress(Exception),
        warnings.catch_warnings(action="ignore"),
        record(names=names) as trace,
    ):
        exec(compiled, names)
    trace.steps  # noqa: B018  quotes the lines, before another program has the same file's name
    return trace


def _end(trace: Trace) -> State:
    return trace.steps[-1].state if trace.steps else State()


def _gradients(end: State) -> dict[str, str]:
    """What every leaf that requires grad has as its gradient, by name."""
    return {
        tensor.name: "None" if tensor.grad is None else tensor.grad.text
        for tensor in end.tensors.values()
        if tensor.is_leaf and tensor.requires_grad and tensor.names and not tensor.deleted
    }


def _outcome(trace: Trace, end: State) -> str:
    if end.error is None:
        wrong = any(isinstance(each, e.GradWrong) for each in trace.events)
        return SILENT if wrong else FINE
    passes = [
        each for each in trace.events if isinstance(each, e.BackwardStarted | e.BackwardEnded)
    ]
    return LATER if passes and isinstance(passes[-1], e.BackwardStarted) else NOW


def _kinship(source: TensorState | None, target: TensorState | None) -> str:
    """What the second tensor is to the first."""
    if source is None or target is None:
        return "nothing"
    if source.id == target.id:
        return "the same tensor"
    if source.storage != target.storage:
        return "a copy"
    return "an alias" if source.counter == target.counter else "an alias with its own counter"


def _why(trace: Trace, outcome: str) -> str:
    """The sentence of the step that an outcome is due to."""
    if outcome == FINE:
        return ""
    kind = e.VersionBumped if outcome == SILENT else e.ErrorRaised
    found = [step for step in trace.steps if step.find(kind)]
    return sentence(found[-1]) if found else ""
