"""The playground's table says what the programs do: each is run here once more and asked itself."""

from __future__ import annotations

import re

import pytest

import autograd_core as torch
from autograd_core import playground
from autograd_core.widgets import playground as module
from autograd_core.widgets.frontend import PACKED, unpack
from autograd_core.widgets.playground import (
    FINE,
    LATER,
    NOW,
    OPERATIONS,
    ORDERS,
    SILENT,
    WAYS,
    WRITES,
    Program,
    everything,
    written,
)

SIGMOID = """
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    c.zero_()
    out.sum().backward()
"""


def outcomes(code: str) -> dict[str, str]:
    return {row.way: row.outcome for row in playground(code).rows}


def run(code: str) -> tuple[dict, str | None]:
    """What a program leaves, and the line on which it raised."""
    names = {"torch": torch}
    lines = code.splitlines()
    try:
        exec(compile(code, "program", "exec"), names)
    except RuntimeError as error:
        step = error.__traceback__.tb_next
        return names, lines[step.tb_lineno - 1]
    return names, None


def test_the_ways_of_cutting_differ_where_it_matters():
    assert outcomes(SIGMOID) == {
        "no cut": LATER,
        "detach": LATER,
        "detach_": LATER,
        ".data": SILENT,
        "no_grad": NOW,
        "detach().clone()": FINE,
    }


@pytest.mark.parametrize("operation", ["a.sin()", "a * 2", "a + 1"])
def test_a_write_is_harmless_to_whoever_saved_something_else(operation):
    found = outcomes(SIGMOID.replace("a.sigmoid()", operation))
    assert found["detach"] == found[".data"] == FINE


def test_it_prints_and_warns_of_nothing(capsys, recwarn):
    playground(SIGMOID)
    assert (*capsys.readouterr(), *recwarn) == ("", "")


def test_a_write_after_backward_is_harmless():
    assert outcomes(written("a.sigmoid()", "c.zero_()", ORDERS[1]))["detach"] == FINE


def test_every_row_of_every_choice_is_what_the_program_does():
    tables = everything()
    assert len(tables) == len(OPERATIONS) * len(WRITES) * len(ORDERS)
    right = {}  # the gradient of each operation, when nobody writes
    for operation in OPERATIONS:
        names, _ = run(written(operation, "", ORDERS[0]))
        right[operation] = names["a"].grad.tolist()
    for rows in tables:
        assert [row.way for row in rows] == list(WAYS)
        for row in rows:
            names, raised = run(row.code)
            operation = next(o for o in OPERATIONS if f"out = {o}" in row.code)
            a, out, c = names["a"], names["out"], names.get("c")
            assert row.version == f"v{out._version}"
            if raised is not None:
                assert row.outcome == (LATER if "backward" in raised else NOW), row.code
                assert "RuntimeError" in row.why
            elif row.way != "no cut":
                is_right = a.grad is not None and a.grad.tolist() == right[operation]
                assert row.outcome == (FINE if is_right else SILENT), row.code
            if c is not None:
                shares = c.untyped_storage().data_ptr() == out.untyped_storage().data_ptr()
                assert shares == (row.target != "a copy")


def test_code_is_typed_as_anybody_would_write_it():
    found = playground("""
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        if True:
            hidden = w.exp()  # kept by its node

            log = hidden.data
            log.add_(1)
        hidden.sum().backward()
    """)
    rows = {row.way: row for row in found.rows}
    assert rows["detach"].outcome == LATER
    assert rows[".data"].gradient == "w.grad = [3.7183, 8.3891]"
    assert rows[".data"].outcome == SILENT
    assert "    with torch.no_grad():\n        log = hidden.view" in rows["no_grad"].code
    assert rows["no_grad"].code.count("\n") == rows["detach"].code.count("\n") + 1
    assert "will not notice" in rows[".data"].why
    told = str(found).splitlines()[1]
    assert told.startswith(
        "detach: error later. log is an alias; hidden holds [3.7183, 8.3891] at v1"
    )


def test_an_error_before_backward_is_told_as_one():
    found = playground("a = torch.ones(2)\nc = a.detach()\nc.no_such_thing()")
    assert {row.outcome for row in found.rows} == {NOW}
    assert "AttributeError" in found.rows[0].why


@pytest.mark.parametrize(
    "code, error, says",
    [
        ("a = torch.ones(2)", ValueError, "no line that cuts"),
        ("", ValueError, "no line that cuts"),
        ("c = out.detach(", SyntaxError, "never closed"),
    ],
)
def test_code_that_cannot_be_compared_gets_one_sentence(code, error, says):
    with pytest.raises(error, match=says):
        playground(code)


@pytest.mark.parametrize(
    "cut", ["x.detach()", "x.detach_()", "x.data", "x.detach().clone()", "x.data.clone()"]
)
def test_any_way_of_cutting_is_found_and_replaced(cut):
    program = Program.parse(f"c = {cut}\nc.zero_()")
    assert (program.source, program.target) == ("x", "c")
    assert program.cut("detach") == "c = x.detach()\nc.zero_()"


def test_what_is_typed_stays_text(monkeypatch):
    code = (
        "a = torch.ones(2)  # <b>&</b>\nout = a\nc = out.detach()\nraise ValueError('</script><i>')"
    )
    shown = playground(code).html()
    assert "<b>" not in shown and "<i>" not in shown
    data = unpack(re.findall(rf'type="{PACKED}">([^<]*)</script>', shown)[-1])
    assert "# <b>&</b>" in data["rows"][0][0][1]
    assert data["choices"] == []


def test_where_no_script_runs_there_is_the_table_of_the_first_choice():
    shown = playground().html()
    static = shown[: shown.index("<script")]
    assert static.count("<tr>") == 1 + len(WAYS)
    assert "<td>silently wrong</td>" in static
    assert len(shown) < 30_000


def test_its_text_is_the_table_in_words():
    text = playground(SIGMOID)._repr_mimebundle_()["text/plain"]
    assert text.splitlines()[-1] == (
        "detach().clone(): fine. c is a copy; out holds [0.7685, 0.9677, 0.9963] at v0; "
        "a.grad = [0.1779, 0.0313, 0.0037]."
    )


def test_without_code_all_choices_are_there_without_a_kernel():
    data = unpack(re.findall(rf'type="{PACKED}">([^<]*)</script>', playground().html())[-1])
    assert [len(each) for each in data["choices"]] == [len(OPERATIONS), len(WRITES), len(ORDERS)]
    assert len(data["rows"]) == len(everything())
    assert set(data["meanings"]) == {FINE, NOW, LATER, SILENT}
    assert module.TITLE == data["title"]


def test_a_write_before_anything_is_saved_is_part_of_the_calculation():
    rows = playground(
        """
        w = torch.ones(2, requires_grad=True)
        y = w * w
        z = y.detach()
        z.add_(1)
        (y * y).sum().backward()
        """
    ).rows
    outcomes = {row.way: (row.outcome, row.gradient) for row in rows}
    for way in ("no cut", "detach", ".data"):
        assert outcomes[way] == ("fine", "w.grad = [8., 8.]")
    assert outcomes["detach().clone()"] == ("fine", "w.grad = [4., 4.]")
