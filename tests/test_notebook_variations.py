"""The variations: who tries what a notebook proposes finds what it says that one finds.

A variation is written here as the reader makes it: which cell, and `old -> new` in it.
"""

from __future__ import annotations

import io
import warnings
from contextlib import chdir, redirect_stdout

import nbformat
import pytest

from .rerun_notebooks import NOTEBOOKS, compiled

BOTH_ORDERS = "    c.zero_()\n    out.sum().backward()", "    out.sum().backward()\n    c.zero_()"
GIVEN = "for _ in range(2): total.backward(torch.ones(3), retain_graph=True)"
EARLY_STEP = "    with torch.no_grad():\n        w.sub_(0.1)"
WORDS = "    pass\nprint(picture(trace))"
CUTS = "    pass\nprint('cut:', [t.name for t in trace.at(-1).tensors.values() if t.cut])"
MEMORY = "m.t().reshape(4).zero_()"

# Notebook and cell, what is changed in it, and what the cell then prints or raises.
FOUND = [
    ("00 write-asked", {"c.zero_()": "c.mul_(2)\n    c.mul_(2)"}, "The answer: 2."),
    ("00 write-asked", {"c.zero_()": "out.zero_()\nprint(out.grad_fn)"}, "ZeroBackward0"),
    ("00 write-asked", {"c.zero_()": f"out.zero_()\n{WORDS}"}, "is now at version 1: broken"),
    ("00 write-asked", {", requires_grad=True": "", "c.zero_()": f"c.zero_()\n{CUTS}"}, "cut: []"),
    ("00 write-asked", {", requires_grad=True": "", "c.zero_()": "print(out.grad_fn)"}, "None"),
    ("01 twice-repaired", {".sum()": ""}, "only for scalar outputs"),
    (
        "01 twice-repaired",
        {".sum()": "", "total.backward(retain_graph=True)": "pass", "total.backward()": GIVEN},
        "tensor([0.3558, 0.0625, 0.0073])",
    ),
    ("02 constant-recorded", {"(out * c)": "(c * c)"}, "does not require grad and does not have a grad_fn"),
    ("03 one-way", {"c + out": "c * 10 + out"}, "tensor([0.1779, 0.0313, 0.0037])"),
    ("03 one-way", {"c + out": "c * 10 * out"}, "tensor([1.3672, 0.3024, 0.0366])"),
    ("04 sin", {"a.sin()": "a * 2"}, "tensor([2., 2., 2.])"),
    ("04 sin", {"a.sin()": "a.exp()"}, "output 0 of Exp"),
    ("04 sin", {"a.sin()": "a.sigmoid()"}, "output 0 of Sigmoid"),
    (
        "04 sin",
        {"a.sin()": "a.sigmoid()", BOTH_ORDERS[0]: BOTH_ORDERS[1]},
        "tensor([0.1779, 0.0313",
    ),
    ("04 sin", {"a.sin()": "a.sigmoid()", "out.detach()": "out.data"}, "tensor([0., 0., 0.])"),
    ("05 halve", {"out.data": "out.detach()"}, "output 0 of Sigmoid"),
    ("07 stops-judged", {"out * out.detach()": "out.data * out.detach()"}, "does not require grad"),
    (
        "07 harmless-judged",
        {
            "print(alone": "with torch.no_grad(): out = a.sigmoid()\n"
            "raises(lambda _: out)\nprint(alone"
        },
        "does not have a grad_fn\nelement 0 of tensors does not require grad and does not have a g",
    ),
    ("07 fatal-judged", {"torch.sin": "torch.tanh"}, "'sin': 'raises'"),
    ("07 fatal-judged", {"torch.sin": "torch.exp"}, "'sin': 'raises'"),
    ("07 fatal-judged", {"torch.sin": "torch.square"}, "'sin': 'runs'"),
    ("07 fatal-judged", {"torch.sin": "torch.abs"}, "'sin': 'runs'"),
    ("08 activations", {"relu_": "tanh_"}, "x * 3        x.grad is"),
    ("08 activations", {"relu_": "exp_"}, "x * 3        x.grad is"),
    ("08 activations", {"relu_": "sin_"}, "x * 3        x.grad is"),
    ("08 activations", {"x.sigmoid()": "x.softmax(0)"}, "It is: x.softmax(0)."),
    ("08 activations", {"x.sigmoid()": "x.log()"}, "It is: ."),
    (
        "09 reshape",
        {"reshape(4)": "view(4)"},
        "view size is not compatible with input tensor's size",
    ),
    ("09 reshape", {".t()": ""}, "It holds zeros"),
    ("09 reshape", {MEMORY: "m[[0, 1]] = 0"}, "It holds zeros"),
    ("09 reshape", {MEMORY: "m[[0, 1]].zero_()"}, "It holds the old numbers"),
    (
        "10 write-asked",
        {EARLY_STEP: "    w.data.sub_(0.1)", "loss.backward()": "loss.backward()\nprint(w.grad)"},
        "tensor([1.8000, 3.8000, 5.8000])",
    ),
    ("10 write-asked", {"(w * w).sum()": "w.sum()"}, "The answer: no."),
    (
        "10 make-five",
        {
            "no_grad():": "no_grad(), torch.enable_grad():",
            "sealed =": "print(quiet)\n    sealed =",
        },
        "grad_fn=<SigmoidBackward0>",
    ),
    ("11 newton", {", create_graph=True": ""}, "does not require grad and does not have a grad_fn"),
    (
        "11 newton",
        {"with torch.no_grad()": "if True"},
        "a leaf Variable that requires grad is being",
    ),
    ("11 newton", {"slope / bend": "0.1 * slope"}, "It takes 45."),
    ("13 bug-six-run", {"out.data": "out.detach()"}, "output 0 of Sigmoid"),
    (
        "13 bug-seven-asked",
        {
            "((w - target - 1) ** 2).sum()": "(w * target).sum()",
            "    loss.back": "    with torch.no_grad(): w -= 0.1\n    loss.back",
            "-= 0.1 * w.grad": "-= 0.1 * w.grad\nprint(bug_7.at(-1).error.message)",
        },
        "is at version 1; expected version 0",
    ),
    (
        "14 tensor-drawn",
        {"hidden.data": "hidden.detach()", "draw(hidden)": "print(draw(hidden))"},
        "at version 0, which is now at version 1: broken",
    ),
    (
        "14 cell-recorded",
        {"loss.backward": "with torch.no_grad():\n    w -= 0.1 * w\nloss.backward"},
        "is at version 1; expected version 0",
    ),
]

# In the notebook of one's own autograd a change is seen in a later cell.
CHANGED = [
    ("backward-code", {"max(": "min("}, "first-programs", "twice       True"),
    (
        "keep-code",
        {
            "counter, expected": "array = t.array.copy()\n    counter, expected",
            "if counter.version != expected": "if False",
            "return t.array": "return array",
        },
        "counter-compared",
        "written     False  [0.1779, 0.0313, 0.0037]",
    ),
]


def told(notebook: str, last: str, changed: dict[str, dict[str, str]]) -> str:
    """What the cell called `last` prints, or how it fails, with some cells changed before it."""
    (path,) = NOTEBOOKS.glob(f"{notebook}_*.ipynb")
    names: dict[str, object] = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        source, printed = cell.source, io.StringIO()
        for old, new in changed.get(cell.id, {}).items():
            assert old in source, f"{old!r} is not in the cell"
            source = source.replace(old, new)
        with chdir(NOTEBOOKS), redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(compiled(source), names)
            except Exception as error:
                if cell.id == last:
                    return str(error)
                assert "raises-exception" in cell.metadata.get("tags", []), error
        if cell.id == last:
            return printed.getvalue()
    raise LookupError(f"{path.name} has no cell {last!r}")


@pytest.mark.parametrize("where, changes, said", FOUND)
def test_a_variation_does_what_the_notebook_says(where, changes, said):
    notebook, cell = where.split()
    assert said in told(notebook, cell, {cell: changes})


@pytest.mark.parametrize("cell, changes, last, said", CHANGED)
def test_a_variation_of_ones_own_autograd_does_what_the_notebook_says(cell, changes, last, said):
    assert said in told("12", last, {cell: changes})


def test_with_the_oldest_node_first_one_of_them_runs_twice():
    begun = "def run(self, grad):\n        return"
    count = {begun: begun.replace("return", "print('ran', self.number)\n        return")}
    ran = {
        pick: told(
            "12",
            "first-programs",
            {
                "node-code": count,
                "backward-code": {"max(": pick},
                "first-programs": {"compare(once, cube, twice)": "compare(twice)"},
            },
        )
        for pick in ("max(", "min(")
    }
    assert [ran[pick].count("ran") for pick in ran] == [4, 5]
    assert all("True   [0.3152" in said for said in ran.values())


def test_a_second_backward_through_what_was_let_go_of_finds_nothing():
    run = "return self.formula(grad, *[unpack() for unpack in self.kept])"
    once = "kept, self.kept = self.kept, []\n        " + run.replace("self.kept", "kept")
    twice = "s = sum(sigmoid(tensor([1.0], requires_grad=True)))\ns.backward()\ns.backward()\n"
    changed = {"node-code": {run: once}, "counter-compared": {"mine.detach": twice + "mine.detach"}}
    said = told("12", "counter-compared", changed)
    assert "missing 1 required positional argument" in said
