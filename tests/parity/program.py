"""A program: a few statements written against the name `torch`, run on both sides as they are.

Each function in `programs/*.py` is one program. Its module is never imported: the statements of
the body are taken one by one from the source, so that a statement that raises does not end the
program, and the state after every single one can be compared.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Statement:
    """One statement: its source text, and the code that runs it.

    Only an expression has a value, which is observed as an interpreter would show it.
    """

    text: str
    tree: ast.stmt

    @property
    def is_expression(self) -> bool:
        return isinstance(self.tree, ast.Expr)

    def run(self, namespace: dict[str, object]) -> object:
        """Run in `namespace`; return the value of an expression, None for any other statement."""
        if isinstance(self.tree, ast.Expr):
            return eval(compile(ast.Expression(self.tree.value), "<program>", "eval"), namespace)
        exec(compile(ast.Module([self.tree], []), "<program>", "exec"), namespace)
        return None


@dataclass(frozen=True)
class Program:
    """A named list of statements. `theme` is the file that it stands in."""

    theme: str
    name: str
    statements: tuple[Statement, ...]

    @property
    def id(self) -> str:
        return f"{self.theme}-{self.name}"

    @property
    def source(self) -> str:
        return "\n".join(statement.text for statement in self.statements)

    @property
    def hash(self) -> str:
        """Changes with the statements; a comment between them or a docstring does not count."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]


def statements(source: str) -> tuple[Statement, ...]:
    """The top-level statements of a piece of source.

    >>> [statement.text for statement in statements("a = 1; a + 1  # two")]
    ['a = 1', 'a + 1']
    """
    return tuple(_statements(source, ast.parse(source).body))


def _statements(source: str, body: list[ast.stmt]) -> list[Statement]:
    return [Statement(ast.get_source_segment(source, tree) or "", tree) for tree in body]


@cache
def programs(folder: Path = FOLDER) -> tuple[Program, ...]:
    """All programs, in the order in which they are written; ValueError if two share a name."""
    found: dict[str, Program] = {}
    for file in sorted(folder.glob("*.py")):
        source = file.read_text(encoding="utf-8")
        for function in ast.parse(source).body:
            if not isinstance(function, ast.FunctionDef):
                continue
            body = function.body[1:] if ast.get_docstring(function) else function.body
            program = Program(file.stem, function.name, tuple(_statements(source, body)))
            if program.id in found:
                raise ValueError(f"two programs are called {function.name} in {file.name}")
            found[program.id] = program
    return tuple(found.values())
