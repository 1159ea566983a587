"""A repair changes what it has to, and leaves the rest of the author's text as it is."""

from __future__ import annotations

import pytest

from autograd_core.recording.rewrite import Source, cloned, cloned_before, out_of_place


def only(text: str):
    source = Source(text)
    return source, source.statement(len(text.splitlines()))


@pytest.mark.parametrize(
    ("text", "expression", "becomes"),
    [
        ("c = out.detach()", "out.detach()", "c = out.detach().clone()"),
        ("c = (a+b).detach()  # why", "(a + b).detach()", "c = (a+b).detach().clone()  # why"),
        ("f(x[0], 'é', out . detach())", "out.detach()", "f(x[0], 'é', out . detach().clone())"),
        ("c = -x", "-x", "c = (-x).clone()"),
        ("c = out.detach()", "other.detach()", None),
        ("c = out.detach()", "not python (", None),
    ],
)
def test_an_expression_is_cloned_where_it_stands(text, expression, becomes):
    assert cloned(Source(text), 1, expression) == becomes


@pytest.mark.parametrize(
    ("text", "op", "becomes"),
    [
        ("x += 1", "add_", "x = x + 1"),
        ("x **= y if z else 2", "pow_", "x = x ** (y if z else 2)"),
        ("self.w.mul_(a, *b)", "mul_", "self.w = self.w.mul(a, *b)"),
        ("out.sigmoid_()", "sigmoid_", "out = out.sigmoid()"),
        ("x[0] += 1", "add_", None),
        ("x[0].add_(1)", "add_", None),
        ("c.zero_()", "zero_", None),
        ("y = x.add_(1)", "add_", None),
        ("print(x)", "add_", None),
    ],
)
def test_a_write_becomes_a_new_tensor_where_there_is_an_operation_for_it(text, op, becomes):
    source, statement = only(text)
    assert out_of_place(source, statement, op) == becomes


@pytest.mark.parametrize(
    ("text", "op", "becomes"),
    [
        ("x[0] = 1", "fill_", "x = x.clone()\nx[0] = 1"),
        ("x[0][1] += 1", "add_", "x = x.clone()\nx[0][1] += 1"),
        ("self.w.zero_()", "zero_", "self.w = self.w.clone()\nself.w.zero_()"),
        ("if x:\n    y.zero_()", "zero_", "if x:\n    y = y.clone()\n    y.zero_()"),
        ("if x: y.zero_()", "zero_", "if x: y = y.clone(); y.zero_()"),
        ("f().zero_()", "zero_", None),
        ("print(x)", "zero_", None),
    ],
)
def test_what_is_written_is_copied_first(text, op, becomes):
    source, statement = only(text)
    assert cloned_before(source, statement, op) == becomes


def test_a_statement_moves_behind_another_of_its_block():
    source = Source("a = 1\nb = 2  # two\nc = 3\nd = 4")
    assert source.with_moved(source.statement(2), source.statement(3)) == "a = 1\nc = 3\nb = 2  # two\nd = 4\n"


@pytest.mark.parametrize(
    ("text", "moved", "after"),
    [
        ("a = 1\nif a:\n    b = 2", 1, 3),  # another block
        ("a = 1\nb = 2", 2, 1),  # backwards
        ("a = 1; b = 2\nc = 3", 1, 2),  # not alone on its line
    ],
)
def test_a_statement_that_cannot_move_is_left(text, moved, after):
    source = Source(text)
    assert source.with_moved(source.statement(moved), source.statement(after)) is None
