"""Change one line of somebody's program, and leave all the rest as they wrote it.

The surprising idea: the syntax tree is only asked *where* something stands. The change itself is made
in the text, so comments, quotes and line breaks of the author survive.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..tensor import Tensor

# Writes that may stand for a new tensor of the same meaning: `x += y` for `x = x + y`.
SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant)


class Source:
    """A piece of Python and its syntax tree. Raises SyntaxError for what is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.starts = [0]  # of each line, in bytes: the tree counts columns in bytes
        for line in text.encode().splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    # ---- where something stands ------------------------------------------------------------------

    def statement(self, line: int) -> ast.stmt | None:
        """The innermost statement that this line belongs to; the first of several on one line."""
        found = None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno:
                if found is None or node in ast.walk(found):
                    found = node
        return found

    def movable(self, line: int, home: int) -> ast.stmt | None:
        """The statement of this line, with each `with` around it that line `home` is not in.

        >>> text = Source("with no_grad():\\n    w += 1\\nloss.backward()")
        >>> type(text.movable(2, 3)).__name__
        'With'
        """
        found = self.statement(line)
        if found is not None and not can_wait(found):
            return None
        for node in reversed([*ast.walk(self.tree)]):  # from the inside out
            if isinstance(node, ast.With) and found in node.body and not node.lineno <= home <= node.end_lineno:
                found = node
        return found

    def block_statement(self, inside: int, line: int) -> ast.stmt | None:
        """The statement of this line that stands in the same block as what is moved of line `inside`."""
        other = self.movable(inside, line)
        block = next((each for each in _blocks(self.tree) if other in each), [])
        return next((each for each in block if each.lineno <= line <= each.end_lineno), None)

    def expression(self, line: int, text: str) -> ast.expr | None:
        """The expression on this line that reads like `text`."""
        try:
            wanted = ast.unparse(ast.parse(text, mode="eval").body)
        except SyntaxError:
            return None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr) and node.lineno <= line <= node.end_lineno:
                if ast.unparse(node) == wanted:
                    return node
        return None

    def quote(self, node: ast.AST) -> str:
        return self.text.encode()[slice(*self._span(node))].decode()

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    # ---- the same text, changed --------------------------------------------------------------------

    def replaced(self, node: ast.AST, new: str) -> str:
        start, end = self._span(node)
        data = self.text.encode()
        return (data[:start] + new.encode() + data[end:]).decode()

    def with_line_before(self, statement: ast.stmt, new: str) -> str:
        """`new` as a line of its own before the statement, or before it on its line (`if x: ...`)."""
        start, _ = self._span(statement)
        data = self.text.encode()
        indent = data[self.starts[statement.lineno - 1] : start].decode()
        between = "\n" + indent if not indent.strip() else "; "
        return (data[:start] + (new + between).encode() + data[start:]).decode()

    def with_moved(self, statement: ast.stmt, after: ast.stmt) -> str | None:
        """The statement moved behind another of the same block; None where it stands in no such place."""
        block = next((b for b in _blocks(self.tree) if statement in b and after in b), None)
        if block is None or len(block) < 2 or block.index(statement) >= block.index(after):
            return None
        lines = self.text.splitlines(keepends=True)
        if not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        first, last = statement.lineno - 1, statement.end_lineno
        if not self._has_its_lines(statement) or not self._has_its_lines(after):
            return None
        moved = lines[first:last]
        return "".join(lines[:first] + lines[last : after.end_lineno] + moved + lines[after.end_lineno :])

    def _has_its_lines(self, statement: ast.stmt) -> bool:
        """Is nothing else on the lines of this statement?"""
        others = {
            line
            for node in ast.walk(self.tree)
            if isinstance(node, ast.stmt) and node not in ast.walk(statement)
            for line in (
                (node.lineno,) if hasattr(node, "body") else range(node.lineno, node.end_lineno + 1)
            )
        }
        return not others & set(range(statement.lineno, statement.end_lineno + 1))


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield block


# ---- the repairs of one statement ------------------------------------------------------------------------


def cloned(source: Source, line: int, expression: str) -> str | None:
    """The text in which the expression on this line is followed by `.clone()`.

    >>> cloned(Source("c = out.detach()  # same memory"), 1, "out.detach()")
    'c = out.detach().clone()  # same memory'

    None where the line writes to the expression: a copy of it would be written to in vain.

    >>> cloned(Source("w[0] = 0.0"), 1, "w[0]") is None
    True
    """
    node = source.expression(line, expression)
    if node is None or isinstance(getattr(node, "ctx", None), ast.Store):
        return None
    quoted = source.quote(node)
    whole = quoted if isinstance(node, ATOMS) else f"({quoted})"
    return source.replaced(node, whole + ".clone()")


def copied(source: Source, statement: ast.stmt, how: str) -> str | None:
    """The text in which memory is not shared between NumPy and a tensor, but copied.

    >>> text = Source("n = out.numpy()"), Source("t = torch.from_numpy(n)")
    >>> copied(text[0], text[0].tree.body[0], "numpy"), copied(text[1], text[1].tree.body[0], "from_numpy")
    ('n = out.numpy().copy()', 't = torch.from_numpy(n.copy())')
    """
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == how:
            shared = node.args[0] if how == "from_numpy" and node.args else node
            quoted = source.quote(shared)
            whole = quoted if isinstance(shared, ATOMS) else f"({quoted})"
            return source.replaced(shared, f"{whole}.copy()")
    return None


def may_write(line: str) -> bool:
    """Can this line of code change an array? Binding a name to something cannot.

    >>> may_write("n[0] = 5"), may_write("n += 1"), may_write("f(n)"), may_write("n = m"), may_write("# n")
    (True, True, True, False, False)
    """
    try:
        nodes = list(ast.walk(ast.parse(line)))
    except SyntaxError:  # a part of a statement
        return True
    return any(
        isinstance(node, (ast.Call, ast.AugAssign))
        or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store))
        for node in nodes
    )


def target(statement: ast.stmt, op: str) -> ast.expr | None:
    """What a statement writes into by the in-place operation `op`, if it can be assigned to, too.

    >>> ast.unparse(target(ast.parse("w[0] = 1").body[0], "fill_"))
    'w'
    >>> ast.unparse(target(ast.parse("self.w.add_(1)").body[0], "add_"))
    'self.w'
    """
    found: ast.expr | None = None
    if isinstance(statement, ast.AugAssign):
        found = statement.target
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript):
        found = statement.targets[0]
    elif (call := _call(statement, op)) is not None:
        found = call.func.value
    while isinstance(found, ast.Subscript):
        found = found.value
    return found if isinstance(found, (ast.Name, ast.Attribute)) else None


def _call(statement: ast.stmt, op: str) -> ast.Call | None:
    call = statement.value if isinstance(statement, ast.Expr) else None
    written = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    return call if written and call.func.attr == op else None


def out_of_place(source: Source, statement: ast.stmt, op: str) -> str | None:
    """The text in which a write is replaced by making a new tensor of the same name.

    >>> text = Source("w *= a + b")
    >>> out_of_place(text, text.tree.body[0], "mul_")
    'w = w * (a + b)'
    >>> text = Source("out.sigmoid_()")
    >>> out_of_place(text, text.tree.body[0], "sigmoid_")
    'out = out.sigmoid()'
    >>> text = Source("return std.mul_(eps)")
    >>> out_of_place(text, text.tree.body[0], "mul_")
    'return std.mul(eps)'
    """
    if isinstance(statement, ast.AugAssign) and type(statement.op) in SIGNS:
        if isinstance(statement.target, ast.Subscript):  # brackets write, whatever is assigned
            return None
        name, value = source.quote(statement.target), source.quote(statement.value)
        value = value if isinstance(statement.value, ATOMS) else f"({value})"
        return source.replaced(statement, f"{name} = {name} {SIGNS[type(statement.op)]} {value}")
    if not hasattr(Tensor, op.removesuffix("_")):
        return None
    call = _call(statement, op)
    if call is None:
        return _used_at_once(source, statement, op)
    if not isinstance(call.func.value, (ast.Name, ast.Attribute)):
        return None
    written, quoted = source.quote(call.func.value), source.quote(call)
    call_itself = quoted[len(source.quote(call.func)) :]
    new = f"{written} = {written}.{op.removesuffix('_')}{call_itself}"
    return source.replaced(statement, new)


def _used_at_once(source: Source, statement: ast.stmt, op: str) -> str | None:
    """The same where a function returns what it wrote, and so has no more use for it."""
    if isinstance(statement, ast.Return) and statement.value is not None:
        for node in ast.walk(statement.value):
            if isinstance(node, ast.Attribute) and node.attr == op:
                return source.replaced(node, f"{source.quote(node.value)}.{op.removesuffix('_')}")
    return None


def cloned_before(source: Source, statement: ast.stmt, op: str) -> str | None:
    """The text in which what is about to be written is first replaced by a copy of its own.

    >>> text = Source("out[0] = 5.0")
    >>> print(cloned_before(text, text.tree.body[0], "fill_"))
    out = out.clone()
    out[0] = 5.0
    """
    written = target(statement, op)
    if written is None:
        return None
    name = source.quote(written)
    return source.with_line_before(statement, f"{name} = {name}.clone()")


def copy_passed(source: Source, statement: ast.stmt, name: str) -> str | None:
    """The text in which a function that writes to what it is given gets a copy.

    >>> text = Source("return self.relu(gate) + gate")
    >>> copy_passed(text, text.tree.body[0], "gate")
    'return self.relu(gate.clone()) + gate'
    """
    names = name.split(" = ")
    for node in ast.walk(statement):
        for each in node.args if isinstance(node, ast.Call) else ():
            if isinstance(each, ATOMS) and source.quote(each) in names:
                return source.replaced(each, f"{source.quote(each)}.clone()")
    return None


def can_wait(statement: ast.stmt) -> bool:
    """Is it there for what it does, and not for a result that is needed at once?

    >>> [can_wait(ast.parse(text).body[0]) for text in ("w.add_(1)", "w[0] = 1", "y = f(w)", "return f(w)")]
    [True, True, False, False]
    """
    if isinstance(statement, ast.Assign):
        return not any(isinstance(each, (ast.Name, ast.Tuple)) for each in statement.targets)
    return isinstance(statement, (ast.Expr, ast.AugAssign, ast.With))


def saved_apart(source: Source, statement: ast.stmt | None) -> str | None:
    """The text in which what a statement computes is copied before it gets its name.

    >>> text = Source("y = x.exp()")
    >>> saved_apart(text, text.tree.body[0])
    'y = x.exp().clone()'
    """
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return None
    quoted = source.quote(statement.value)
    whole = quoted if isinstance(statement.value, ATOMS) else f"({quoted})"
    return source.replaced(statement.value, whole + ".clone()")
