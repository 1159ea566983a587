"""`%%autograd`: run a notebook cell, and see what it did.

    %load_ext autograd_core

    %%autograd
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    a.sigmoid().sum().backward()

The cell runs in the user's namespace, statement by statement, as IPython itself would run it. Then the
player shows the run; and if the cell raised, its error is the cell's error as always. `%%autograd torch`
does the same where `torch` is PyTorch itself.
"""

from __future__ import annotations

import ast
import inspect
import keyword
import sys
from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.display import display

from .recording.before import Program
from .showing import Trace, record
from .tracebacks import shorten_in_ipython

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
AWAIT = (
    "%%autograd cannot record a cell that awaits: other tasks would run in between. Await in a cell "
    "before this one, or inside `asyncio.run(...)` in a thread of its own"
)


def load(shell: InteractiveShell) -> None:
    """What `%load_ext autograd_core` does."""
    shorten_in_ipython()
    shell.register_magic_function(
        lambda line, cell: autograd(shell, line, cell), "cell", magic_name="autograd"
    )


def autograd(shell: InteractiveShell, line: str, cell: str) -> None:
    """Run the cell, record what autograd does in it, and show the run in the player.

    `%%autograd NAME` also keeps the trace in the variable NAME; `%%autograd torch` and `%%autograd torch
    NAME` record PyTorch (`core` in its place this package). Raises what the cell raises, after showing
    what happened up to there; UsageError for a NAME that is none; SyntaxError for a cell that does not
    parse or that awaits; ImportError where there is no PyTorch that can be recorded.
    """
    __tracebackhide__ = "__ipython_bottom__"  # above this, a traceback is not the user's: see tracebacks
    words = line.split()
    backend = words.pop(0) if words[:1] in (["torch"], ["core"]) else "core"
    keep_as = " ".join(words)
    if keep_as and (not keep_as.isidentifier() or keyword.iskeyword(keep_as)):
        raise UsageError(f"%%autograd takes one name to keep the trace as, not '{keep_as}'.")
    filename, text, tree = _parsed(shell, line, cell)
    program = Program(filename, text)
    _refuse_await(tree, filename, shell)
    trace = None
    try:
        with record(names=shell.user_ns, program=program, backend=backend) as trace:
            for code in _statements(shell, tree.body, filename, cell):
                exec(code, shell.user_global_ns, shell.user_ns)
    finally:
        if trace is not None:
            if keep_as:
                shell.user_ns[keep_as] = trace
            _show(trace)


def _parsed(shell: InteractiveShell, line: str, cell: str) -> tuple[str, str, ast.Module]:
    """The cell's file name, text and syntax tree, with its lines numbered as the reader sees them.

    The first line is the magic's own. IPython takes empty lines at the beginning away.
    """
    header = [f"%%autograd {line}".rstrip()]
    for each in cell.splitlines():
        if each.strip():
            break
        header.append("")
    text = shell.transform_cell(cell)
    shown = "\n".join([*header, text])
    number = len(shell.history_manager.input_hist_parsed) - 1  # IPython may be counting on already
    filename = shell.compile.cache(shown, number, f"{header[0]}\n{cell}")
    text = "\n" * len(header) + text
    tree = shell.compile.ast_parse(text, filename=filename)
    return filename, text, shell.transform_ast(tree)


def _refuse_await(tree: ast.Module, filename: str, shell: InteractiveShell) -> None:
    flags = shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        code = compile(tree, filename, "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return  # the statement that is wrong says so itself, after those before it have run
    if code.co_flags & inspect.CO_COROUTINE:
        raise SyntaxError(AWAIT, (filename, *_awaits(tree)))


def _awaits(tree: ast.Module) -> tuple[int, int, str | None]:
    """The line and column of the first thing that is awaited; IPython finds the text."""
    for statement in tree.body:
        for node in ast.walk(statement):
            if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
                return node.lineno, node.col_offset + 1, None
    return 1, 1, None


def _statements(
    shell: InteractiveShell, body: list[ast.stmt], filename: str, cell: str
) -> Iterator[CodeType]:
    """The code of one statement after the other, each compiled when those before it have run.

    A `from __future__ import` counts for the statements after it, and for later cells.
    """
    interactivity = shell.ast_node_interactivity
    if shell.displayhook.semicolon_at_end_of_expression(cell):
        interactivity = "none"
    if interactivity == "last_expr_or_assign":
        if body and (name := _assigned(body[-1])) is not None:
            body.append(ast.fix_missing_locations(ast.Expr(ast.Name(name, ast.Load()))))
        interactivity = "last_expr"
    for number, statement in enumerate(body, start=1):
        is_last = number == len(body)
        displayed = interactivity == "all" or (
            is_last
            and (
                interactivity == "last"
                or (interactivity == "last_expr" and isinstance(statement, ast.Expr))
            )
        )
        if displayed:
            yield shell.compile(ast.Interactive([statement]), filename, "single")
        else:
            yield shell.compile(ast.Module([statement], []), filename, "exec")


def _assigned(statement: ast.stmt) -> str | None:
    """The one variable that a statement assigns to."""
    if not isinstance(statement, ASSIGNMENTS):
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    only = targets[0] if len(targets) == 1 else None
    return only.id if isinstance(only, ast.Name) else None


def _show(trace: Trace) -> None:
    """Show the run. What goes wrong here must not take the place of the cell's own error."""
    try:
        display(trace)
    except Exception as error:
        print(f"The trace cannot be shown: {type(error).__name__}: {error}", file=sys.stderr)
