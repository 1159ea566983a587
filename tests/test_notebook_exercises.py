"""The exercises: each can be solved, its check takes every right answer, and helps with wrong ones.

An exercise is a cell tagged `exercise`, the `check` cell after it, and a `solution` folded away. An
answer is written here as what the reader changes in the exercise, `old -> new`, or as the cell.
"""

from __future__ import annotations

import io
import re
import warnings
from contextlib import chdir, redirect_stdout

import nbformat
import pytest

from .rerun_notebooks import NOTEBOOKS, compiled

LINE = "# your line goes here"
BACKWARD = "    out.sum().backward()\n"
ALARM = """def my_alarm(out, c):
    numbers, version = out.tolist(), out._version
    {}
"""

# By notebook: other answers that are right.
RIGHT = {
    "00_start": [
        {'storages = "?"': 'storages = "2"', 'tensors = "?"': 'tensors = "4"', '"?"': '"1"'},
        {'storages = "?"': "storages = 1 + 1", 'tensors = "?"': "tensors = 4", '"?"': "y._version"},
        {'storages = "?"': "storages = 2.0", 'tensors = "?"': "tensors = 4.0", '"?"': '"v1"'},
    ],
    "01_normal_backward": [
        {LINE: "out.retain_grad()  # twice is no harm\n    out.retain_grad()"},
        {BACKWARD: "    total = out.sum()\n    out.retain_grad()\n    total.backward()\n"},
        {LINE: "out.register_hook(lambda grad: setattr(out, 'grad', grad))"},
        {"return a, out": "return [a, out]", LINE: "out.retain_grad()"},
    ],
    "02_detach_without_mutation": [
        {"out.sum()": "out.detach().sum()"},
        {"out / out.sum()": "out / out.sum().item()"},
        {"out / out.sum()": "out * (1 / out.detach().sum())"},
        {"out / out.sum()": "out / out.data.sum()"},
        {"out / out.sum()": "out / sum(out.tolist())"},
        {"out / out.sum()": "out / out.detach().numpy().sum()"},
        {"out / out.sum()": "out / float(out.sum())"},
        {"out / out.sum()": "out / out.sum().detach_()"},
        {"out / out.sum()": "out.clone().div_(out.sum().detach())"},
        {
            "    return out / ": "    with torch.no_grad():\n        n = out.sum()\n    return out / n  # "
        },
    ],
    "03_backward_through_detached": [
        {".detach()": "", "append(out)": "append(out.detach().clone())"},
        {".detach()": "", "append(out)": "append(out.clone().detach())"},
        {".detach()": "", "append(out)": "append(out.tolist())"},
        {".detach()": "", "append(out)": "append(out.detach().numpy())"},
        {".detach()": "", "append(out)": "append(out.detach().numpy().copy())"},
        {".detach()": "", "append(out)": "append(out.data)"},
        {".detach()": "", "append(out)": "append(out.detach().requires_grad_())"},
        {".detach()": "", "append(out)": "extend([[float(x) for x in out]])"},
        {".detach()": "", "append(out)": "append(tuple(x.item() for x in out))"},
        {
            "a.sigmoid().detach()": "a.sigmoid()",
            "    log": "    loss = out.sum()\n    log",
            "append(out)": "append(out.detach_())",
            "return out.sum()": "return loss",
        },
        {
            "a.sigmoid().detach()": "a.detach().sigmoid()",
            "return out.sum": "return a.sigmoid().sum",
        },
    ],
    "04_zero_after_detach": [
        {"out.detach()": "out.detach().clone()"},
        {"out.detach()": "out.clone()"},
        {"above.sub_(0.9)": "above = above - 0.9"},
        {"out.detach()": "out", "above.sub_(0.9)": "above = above - 0.9"},
        {"out.detach()": "out.detach().numpy() - 0.9", "    above.sub_(0.9)\n": ""},
        {"out.detach()": "[x - 0.9 for x in out.tolist()]", "    above.sub_(0.9)\n": ""},
        {"out.detach()": "[x - 0.9 for x in out]", "    above.sub_(0.9)\n": ""},
        {"above.sub_(0.9)\n    out.sum().backward()": "out.sum().backward()\n    above.sub_(0.9)"},
    ],
    "05_three_cuts": [
        ALARM.format(
            """if c.untyped_storage().data_ptr() != out.untyped_storage().data_ptr():
        return "harmless"
    c.add_(0)
    return "noticed" if out._version else "unnoticed\""""
        ),
        ALARM.format(
            """c.zero_()
    if out._version > version:
        return "noticed"
    return "harmless" if out.tolist() == numbers else "unnoticed\""""
        ),
    ],
    "06_freezing_a": [
        {"b * y ": "b * y.detach().clone() "},
        {"    loss_of_b": "    y = y.detach()\n    loss_of_b"},
        {"    loss_of_b": "    with torch.no_grad():\n        y = (a * x).tanh()\n    loss_of_b"},
        {"b * y ": "b * (a.detach() * x).tanh() "},
        {"b * y ": "b * y.data "},
        {"b * y ": "b * y.detach_() "},
        {"b * y ": "b * torch.tensor(y.tolist()) "},
        {"    return": "    loss_of_b = ((b * y.detach() - 1.0).pow(2)).sum()\n    return"},
    ],
    "07_articles_on_trial": [
        {"a.sigmoid()": "a.log()"},
        {"a.sigmoid()": "a * a"},
        {"a.sigmoid()": "a.sigmoid() * 2"},
        {"a.sigmoid()": "a.exp().clone()"},
        {"a.sigmoid()": "a.square()", "out.detach()": "out.data"},
        {"a.sigmoid()": "a.abs()"},
        {"a.sigmoid()": "a.atan()"},
        {"a.sigmoid()": "a.asin()"},
        {"a.sigmoid()": "a.clamp(min=0.0)"},
        {"a.sigmoid()": "a * a.detach()"},
        {"a.sigmoid()": "a.floor() * a"},
        {"a.sigmoid()": "a.cos()", "out.detach()": "out.detach()[1:]"},
    ],
    "08_who_saves_what": [
        {"y = y + 1": "y += 1", "y = y.tanh()": "y.tanh_()"},
        {"    y = y + 1\n    y = y.tanh()\n": "", "x * 3": "(x * 3).add_(1).tanh_()"},
        {
            "    y = y + 1\n    y = y.tanh()\n": "",
            "x * 3": "(3 * x).add_(1)",
            "y / 2": "y.tanh_() * 0.5",
        },
        {"    y = y + 1\n    y = y.tanh()\n": "    y += 1\n", "y / 2": "torch.tanh_(y) / 2"},
        {"x * 3": "x.mul(3)", "y = y + 1": "y.data.add_(1)", "y = y.tanh()": "y.tanh_()"},
    ],
    "09_views_and_writes": [
        {"x.exp()": "torch.exp(x) + 0"},
        {"x.exp()\n    features[:, 0] = 1.0": "torch.cat([torch.ones(2, 1), x[:, 1:].exp()], 1)"},
        {"x.exp()\n    features[:, 0] = 1.0": "(x * torch.tensor([0.0, 1.0])).exp()"},
        {
            "    features[:, 0] = 1.0": "    first = torch.tensor([True, False])\n"
            "    features = torch.where(first, 1.0, features)"
        },
        {"features[:, 0] = 1.0": "features = features.clone()\n    features[:, 0].fill_(1.0)"},
        {"x.exp()": "torch.empty(2, 2)", "= 1.0": "= 1.0\n    features[:, 1] = x[:, 1].exp()"},
    ],
    "10_five_ways_not_to_track": [
        {"* loss": "* loss.item()"},
        {"0.9 * average + 0.1 * loss": "(0.9 * average + 0.1 * loss).detach()"},
        {"def": "@torch.no_grad()\ndef"},
        {"    return": "    with torch.no_grad():\n        return"},
        {
            "    return 0.9 * average + 0.1 * loss": "    with torch.no_grad():\n"
            "        average.mul_(0.9).add_(0.1 * loss)\n    return average"
        },
        {"0.9 * average + 0.1 * loss": "(0.9 * average + 0.1 * loss).item()"},
        {"0.9 * average + 0.1 * loss": "average.lerp(loss.detach(), 0.1)"},
        {"* loss": "* loss.detach().clone()"},
    ],
    "11_hooks_and_higher": [
        {"return y": "return 2 * y.detach() - y"},
        {"return y": "return y.detach() - (y - y.detach())"},
        {"    return y": "    y = y * 1\n    y.register_hook(lambda g: g.neg())\n    return y"},
        {"    return y": "    y = y[:]\n    y.register_hook(lambda g: g * -1)\n    return y"},
        {
            "def my_turn(y):\n    return y": "class Turn(torch.autograd.Function):\n"
            "    @staticmethod\n    def forward(ctx, y):\n        return y.clone()\n\n"
            "    @staticmethod\n    def backward(ctx, grad):\n        return -grad\n\n\n"
            "def my_turn(y):\n    return Turn.apply(y)"
        },
    ],
    "12_write_your_own": [
        {"[], lambda grad: [grad]": "[RESULT], lambda grad, result: [result * grad]"},
        {
            "    y = np.exp(x.array)\n": "    def formula(grad, y):\n        return [y * grad]\n\n",
            "y, [x], [], lambda grad: [grad]": "np.exp(x.array), [x], [RESULT], formula",
        },
        {
            "    return op(y, [x], [], lambda grad: [grad])": "    out = Tensor(y, x.requires_grad)\n"
            "    if x.requires_grad:\n"
            "        out.grad_fn = Node([edge(x)], [keep(out)], lambda grad, y: (grad * y,))\n"
            "    return out"
        },
    ],
    "13_find_the_bug": [
        {"w.data": "w.tolist()", "state)": "state.detach())"},
        {
            "w.data": "w.data.clone()",
            "        w.grad": "        state = state.detach()\n        w.grad",
        },
        {"w.data": "w.detach() + 0", "        w.grad": "        state.detach_()\n        w.grad"},
        {"w.data": "w.detach().numpy().copy()", "state)": "state.data)"},
        {"append(w.data)": "append([each.item() for each in w])", "state)": "state.detach())"},
        {
            "state)": "state.detach())",
            "with torch.no_grad():\n            w -= 0.1 * w.grad\n        w.grad = None": "w = w.detach"
            "() - 0.1 * w.grad\n        w.requires_grad_()",
        },
    ],
    "14_same_in_pytorch": [
        {"hidden += x": "hidden = hidden.add(x)"},
        {"hidden += x": "hidden = hidden.clone()\n    hidden += x"},
        {".tanh()\n    hidden += x": ".tanh() + x"},
        {".tanh()": ".tanh().clone()"},
    ],
}

# By notebook: usual mistakes, and what the hint speaks of.
WRONG = {
    "00_start": [
        ({'storages = "?"': "storages = 4"}, "count the storages again"),
        ({'storages = "?"': "storages = 2", 'tensors = "?"': "tensors = 2"}, "count the tensors"),
        (
            {'storages = "?"': "storages = 2", 'tensors = "?"': "tensors = 4", '"?"': "0"},
            "read the version again",
        ),
        ({'storages = "?"': "storages = None"}, "count the storages again"),
        ({'storages = "?"': "storages = riddle.at(-1).storages"}, "count the storages again"),
        (
            {'storages = "?"': "storages = 2", 'tensors = "?"': "tensors = x"},
            "count the tensors again",
        ),
    ],
    "01_normal_backward": [
        ({LINE: "out.requires_grad_()"}, "Reread the warning"),
        ({LINE: "out = out.detach().requires_grad_()"}, "nothing arrives at a"),
        ({"    return": "    out.retain_grad()\n    return"}, "before backward"),
        ({LINE: "out.retain_grad"}, "Reread the warning"),
        ({LINE: "out.retains_grad = True"}, "it raises in line 4"),
        ({LINE: "out.retain_grad(); a = a.detach()"}, "nothing arrives at a"),
        (
            {LINE: "out.retain_grad()", "out.sum().backward()": "(2 * out).sum().backward()"},
            "It should stay as it was",
        ),
        (
            {LINE: "out.retain_grad(); out.sum().backward(retain_graph=True)"},
            "should stay as it was",
        ),
        (
            {LINE: "out.retain_grad()", "    return": "    out.grad.mul_(2)\n    return"},
            "not its gradient",
        ),
        ({LINE: "out.retain_grad(); out.mul_(2)"}, "it raises in line 5"),
        ({LINE: "a.mul_(1)"}, "a leaf Variable that requires grad"),
        ({LINE: "out.retain_grad()", "return a, out": "return out"}, "should return 2 things"),
        (
            {LINE: "out.retain_grad()", "return a, out": "return a, out.grad.numpy()"},
            "and is a NumPy array",
        ),
        ({LINE: "out.retain_grad()", "return a, out": "return out, a"}, "out itself has changed"),
    ],
    "02_detach_without_mutation": [
        ({"out / out.sum()": "(out / out.sum()).detach()"}, "everything is cut"),
        ({"out / out.sum()": "out.detach() / out.sum()"}, "Cut the divisor"),
        ({"out / out.sum()": "(out / out.sum()).detach().requires_grad_()"}, "not arrive at a"),
        ({"out / out.sum()": "out"}, "the shares of"),
        ({"out / out.sum()": "out / 2.7325"}, "the shares of"),
        ({"return out / out.sum()": "out /= out.sum().detach()\n    return out"}, "overwritten"),
        ({"out / out.sum()": "out.div_(out.sum().detach())"}, "out is overwritten"),
        (
            {"return out / out.sum()": "out.data.div_(out.detach().sum())\n    return out"},
            "out is overwritten",
        ),
        ({"out / out.sum()": "(out / out.sum()).detach().numpy()"}, "a NumPy array: no gradient"),
        ({"out / out.sum()": "(out / out.sum()).tolist()"}, "a list: no gradient"),
        ({"out / out.sum()": "out.numpy() / out.sum().item()"}, "Use tensor.detach().numpy()"),
        ({"out / out.sum()": "out.detach_() / out.sum()"}, "everything is cut"),
    ],
    "03_backward_through_detached": [
        ({".detach()": ""}, "holds on to the graph"),
        ({".detach()": ".detach().requires_grad_()"}, "nothing arrives at a"),
        ({".detach()": "", "    log.append(out)\n": ""}, "the outputs of this step"),
        (
            {".detach()": "", "append(out)": "append(out.detach())", "out.sum": "(2 * out).sum"},
            "another",
        ),
        ({".detach()": "", "append(out)": "append([x for x in out])"}, "holds on to the graph"),
        ({".detach()": "", "append(out)": "append(out.sum())"}, "the outputs of this step"),
        ({".detach()": "", "append(out)": "extend(out.tolist())"}, "the outputs of this step"),
        ({".detach()": "", "append(out)": "append(out.numpy())"}, "Use tensor.detach().numpy()"),
        ({".detach()": "", "append(out)": "append(out.detach_())"}, "the loss has no history"),
        ({".detach()": "", "append(out)": "appendd(out)"}, "has no attribute 'appendd'"),
        ({".detach()": "", "out.sum()": "out"}, "only for scalar outputs"),
        (
            {
                ".detach()": "",
                "return out.sum()": "loss = out.sum()\n    loss.backward()\n    return loss",
            },
            "of the check, `loss.backward()`",
        ),
        ({".detach()": "", "out.sum()": "out.sum().item()"}, "and returns a float"),
    ],
    "04_zero_after_detach": [
        ({"out.detach()": "out.data"}, "silently wrong"),
        ({"out.detach()": "out.detach()  # .clone()"}, "expected version 0"),
        (
            {"out.detach()": "out.detach().clone()", "    above.sub_(0.9)\n": ""},
            "should hold out - 0.9",
        ),
        ({"out.detach()": "out.detach().clone()", "out.sum()": "out.detach().sum()"}, "it raises"),
        (
            {"out.detach()": "out.detach().numpy()", "above.sub_(0.9)": "above -= 0.9"},
            "silently wrong",
        ),
        ({"above.sub_(0.9)": "above - 0.9"}, "should hold out - 0.9"),
        ({"out.detach()": "out"}, "output 0 of Sigmoid"),
        ({"detach()": "clone()", "return a, above": "return above"}, "should return 2 things"),
        ({"above.sub_(0.9)": "above = None"}, "should hold out - 0.9"),
        (
            {"out.detach()": "out - 0.9", "    above.sub_(0.9)\n    out.sum().backward()\n": ""},
            "no grad",
        ),
    ],
    "05_three_cuts": [
        ({'"?"': '"silent"'}, "none of the three words"),
        ({'return "?"  # "harmless", "noticed" or "unnoticed"': "c.add_(1)"}, "returns nothing"),
        ({'"?"': "out._version == c._version"}, "should return a str, and returns a bool"),
        (ALARM.format('out.add_(1); return "noticed"'), "c = out.data is unnoticed"),
        (ALARM.format('out.detach().zero_(1); return "noticed"'), "it raises in line 3"),
        (
            ALARM.format("""c.numpy()[0] = 7
    if out.tolist() == numbers:
        return "harmless"
    return "noticed" if out._version > version else "unnoticed\""""),
            "c = out.detach() is noticed",
        ),
        (
            ALARM.format('c.zero_(); return "noticed" if out._version > version else "harmless"'),
            "c = out.data is unnoticed",
        ),
        (
            ALARM.format('c.zero_(); return "noticed" if out._version > version else "unnoticed"'),
            "c = out.detach().clone() is harmless",
        ),
        (
            ALARM.format("""c[-1] = 7
    if out[-1].item() == numbers[-1]:
        return "harmless"
    return "noticed" if out._version > version else "unnoticed\""""),
            "c = out.data[:1] is unnoticed",
        ),
        (
            ALARM.format(
                """if c.data_ptr() != out.data_ptr():
        return "harmless"
    c.zero_()
    return "noticed" if out._version > version else "unnoticed\""""
            ),
            "c = out.detach()[1:] is noticed",
        ),
    ],
    "06_freezing_a": [
        ({".tanh()": ".tanh().detach()"}, "a learns nothing"),
        ({"b * y ": "b.detach() * y "}, "b does not learn"),
        ({"    loss_of_b": "    y.detach()\n    loss_of_b"}, "still learns from the loss of b"),
        ({" + loss_of_b": ""}, "number has changed"),
        ({"return loss_of_a + loss_of_b": "return loss_of_a, loss_of_b"}, "returns a tuple"),
        (
            {"return loss_of_a + loss_of_b": "return float(loss_of_a + loss_of_b)"},
            "returns a float",
        ),
        ({"b * y ": "b * y.numpy() "}, "Use tensor.detach().numpy()"),
        ({"b * y ": "b * y.detach().zero_() "}, "number has changed"),
        ({"b * y ": "b * y.detach().add_(0) "}, "it raises"),
        ({"return loss_of_a + loss_of_b": "return (loss_of_a + loss_of_b).detach()"}, "it raises"),
        ({"    loss_of_b": "    a.mul_(1)\n    loss_of_b"}, "a leaf Variable that requires grad"),
        (
            {
                "return loss_of_a + loss_of_b": "loss = loss_of_a + loss_of_b\n"
                "    loss.backward()\n    return loss"
            },
            "of the check, `loss.backward()`",
        ),
        ({"    loss_of_b": "    with torch.no_grad():\n        loss_of_b"}, "b does not learn"),
    ],
    "07_articles_on_trial": [
        ({"a.sigmoid()": "a.exp()"}, "output 0 of Exp"),
        ({"out.detach()": "out.detach().clone()"}, "Whose memory is c"),
        ({"out.detach()": "out.data"}, "Who counts"),
        ({"a.sigmoid()": "a.sin()"}, "known already"),
        ({"a.sigmoid()": "a * 2"}, "known already"),
        ({"a.sigmoid()": "a.detach().square()"}, "it raises"),
        ({"a.sigmoid()": "a.detach().requires_grad_().square()"}, "nothing arrives at a"),
        ({"a.sigmoid()": "a * torch.tensor([1.0, 2.0, 3.0])"}, "constant slopes"),
        ({"a.sigmoid()": "a.cumsum(0)"}, "constant slopes"),
        ({"a.sigmoid()": "-2 * a.sin()"}, "known already"),
        ({"a.sigmoid()": "a.round()"}, "known already"),
        ({"a.sigmoid()": "a.square()", "out.detach()": "out"}, "c requires grad"),
        ({"a.sigmoid()": "a.square()", "out.detach()": "out[:]"}, "c requires grad"),
        ({"out, out.detach()": "out.detach(), out"}, "Give back out, and then c"),
        ({"a.sigmoid()": "a.exp()", "out.detach()": "a.detach()"}, "Whose memory is c"),
        ({"    return out, out.detach()": ""}, "returns nothing"),
        ({"return out, out.detach()": "return out"}, "should return 2 things"),
        ({"out.detach()": "out.detach().numpy()"}, "should be a Tensor, and is a NumPy array"),
        ({"a.sigmoid()": "a.square_()"}, "raises in line 2"),
    ],
    "08_who_saves_what": [
        ({"y = y + 1": "y.add_(1)"}, "3 new tensors"),
        ({"y / 2": "y.div_(2)"}, "output 0 of Tanh"),
        ({"x * 3": "x.detach() * 3", "y / 2": "y + 0 * x"}, "result has changed"),
        ({"x * 3": "x.detach() * 3", "y / 2": "y / 2 + 0 * x"}, "gradient is wrong"),
        ({"y / 2": "y.data.div_(2)"}, "it raises"),
        ({"    return y / 2": "    y.data.div_(2)\n    return y"}, "gradient is wrong"),
        ({"x * 3": "x.mul_(3)"}, "raises in line 2"),
        ({"y = x * 3": "x *= 3\n    y = x"}, "a leaf Variable that requires grad"),
        ({"return ": ""}, "my_curve returns nothing"),
        ({"y / 2": "(y / 2).detach().numpy()"}, "returns a NumPy array: no gradient flows"),
        ({"y.tanh()": "y.tahn()"}, "no attribute 'tahn'"),
        ({"y = y + 1": "y.add_(1)", "y = y.tanh()": "y.tanh()"}, "result has changed"),
    ],
    "09_views_and_writes": [
        ({"features[": "features.data["}, "silently wrong"),
        ({"features[": "features.detach()["}, "it raises"),
        ({"x.exp()": "x.exp().detach()"}, "it raises"),
        ({"x.exp()": "x.detach().exp().requires_grad_().clone()"}, "nothing arrives at x"),
        ({"    features[:, 0] = 1.0\n": ""}, "features themselves"),
        ({"features = x.exp()": "x[:, 0] = 0.0\n    features = x.exp()"}, "raises in line 2"),
        ({"features[": "x[", "= 1.0": "= 0.0"}, "a view of a leaf Variable that requires grad"),
        (
            {"    features[:, 0] = 1.0": "    x.data[:, 0] = 0.0\n    features = x.exp()"},
            "silently",
        ),
        ({"    return features": ""}, "my_features returns nothing"),
        ({"x.exp()": "x.exp().detach().numpy()"}, "returns a NumPy array: no gradient flows"),
        ({"x.exp()": "x.exp().tolist()"}, "raises in line 3"),
    ],
    "10_five_ways_not_to_track": [
        ({"def": "@torch.inference_mode()\ndef"}, "Inference tensors cannot be saved"),
        ({"* average": "* average.detach()"}, "remembers the graph"),
        ({"* loss": "* loss.clone()"}, "remembers the graph"),
        ({"* loss": "* loss.detach_()"}, "the loss has lost its history"),
        ({"    return": "    loss = loss.detach()\n    return", "0.1": "0.01"}, "should be 0.95"),
        ({"0.1 * loss": "loss.detach().mul_(0.1)"}, "loss itself holds other numbers"),
        (
            {"    return": "    loss.data *= 0.1\n    return", "0.1 * loss": "loss.item()"},
            "numbers",
        ),
        ({"return": "average ="}, "my_average returns nothing"),
        ({"* loss": "* loss.numpy()"}, "raises in line 2"),
        ({"* average": "* averag"}, "name 'averag' is not defined"),
        ({"return ": "return [", "* loss": "* loss.item()]"}, "a Tensor or a float"),
    ],
    "11_hooks_and_higher": [
        ({"return y": "return -y"}, "numbers have changed"),
        ({"return y": "return y.detach()"}, "it raises"),
        ({"    return": "    y.register_hook(lambda g: -g)\n    return"}, "for everybody"),
        (
            {"    return": "    y = y.clone()\n    y.register_hook(lambda g: None)\n    return"},
            "as it was",
        ),
        ({"return y": "return y.detach().requires_grad_()"}, "nothing flows back"),
        ({"return y": "return 3 * y.detach() - 2 * y"}, "not the opposite"),
        (
            {
                "    return": "    y = y.clone()\n    y.register_hook(lambda g: g.neg_())\n    return"
            },
            "for everybody",
        ),
        ({"    return": "    y.neg_()\n    return"}, "numbers have changed"),
        ({"return y": "y.clone()"}, "my_turn returns nothing"),
        ({"return y": "return y.clone().register_hook(lambda g: -g)"}, "should return a Tensor"),
        ({"return y": "return y.detach().numpy()"}, "returns a NumPy array: no gradient flows"),
        (
            {"    return": "    y = y.clone()\n    y.register_hook(lambda: -1)\n    return"},
            "takes 0 positional arguments",
        ),
    ],
    "12_write_your_own": [
        ({"lambda grad: [grad]": "lambda grad: [grad * y]"}, "error after a write to the result"),
        (
            {"[], lambda grad: [grad]": "[x], lambda grad, x: [grad * np.exp(x)]"},
            "error after a write to the result",
        ),
        (
            {"[], lambda grad: [grad]": "[x, RESULT], lambda grad, x, y: [grad * y]"},
            "after a write to the input",
        ),
        ({"[x], []": "[x], [RESULT]", "grad: [grad]": "grad, y: [y]", "y = ": "y = 2 * "}, "core"),
        (
            {"(y,": "(y + 1,", "[], lambda grad: [grad]": "[RESULT], lambda g, y: [g * (y - 1)]"},
            "the core gives other numbers",
        ),
        ({"(x.array)": "(x.array, out=x.array)"}, "x has changed"),
        ({"return ": ""}, "my_exp returns nothing"),
        (
            {"[], lambda grad: [grad]": "[RESULT], lambda grad, y: [y]"},
            "the core says [5.4366, 0.2707] for y * y",
        ),
        ({"return op(y": "return Tensor(y)  # op(y"}, "the core says [5.4366, 0.2707] for y * y"),
        ({"return op(y": "return y  # op(y"}, "should return a Tensor, and returns a NumPy array"),
        ({"[], lambda": "[RESULT], lambda"}, "takes 1 positional argument but 2 were given"),
        ({"grad: [grad]": "grad: grad * y"}, "a list, of one gradient"),
        ({"grad: [grad]": "grad: [grad * y.copy()]"}, "error after a write to the result"),
        ({"np.exp(x.array)": "x.exp()"}, "raises in line 2"),
    ],
    "13_find_the_bug": [
        ({"w.data": "w.detach()"}, "it raises"),
        ({"backward()": "backward(retain_graph=True)"}, "Is each step by itself"),
        ({"state)": "state.detach())"}, "Whose memory"),
        ({"state)": "state.detach())", "w.data": "w.detach()"}, "Whose memory"),
        (
            {
                "state)": "state.detach())",
                "        log.append(w.data)\n": "",
                "        w.grad": "        log.append(w.tolist())\n        w.grad",
            },
            "from before each step",
        ),
        ({"(w * x + state)": "(w * x)", "w.data": "w.tolist()"}, "something else"),
        ({"state)": "state.detach())", "w.data": "w.clone()"}, "a history"),
        ({"state)": "state.detach())", "w.data": "w"}, "Whose memory"),
        ({"state)": "state.detach())", "w.data": "w.detach().numpy()"}, "Whose memory"),
        ({"state)": "state.detach())", "    return w, log": ""}, "my_training returns nothing"),
        ({"state)": "state.detach())", "return w, log": "return w"}, "should return 2 things"),
        ({"state)": "state.detach())", "return w, log": "return log, w"}, "should be a Tensor"),
        ({"with torch.no_grad()": "if True", "state)": "state.detach())"}, "raises in line 9"),
    ],
    "14_same_in_pytorch": [
        ({"out += 1": "out = out + 1"}, "output 0 of Tanh"),
        ({"hidden += x": "hidden = hidden + x", "out += 1": "out = out + 1"}, "did no harm"),
        ({"hidden += x": "hidden.data += x"}, "silently wrong"),
        ({"hidden += x": "hidden.detach().add_(x)"}, "output 0 of Tanh"),
        ({"    hidden += x\n": ""}, "other numbers come out"),
        ({"hidden += x": "hidden = hidden.detach() + x"}, "silently wrong"),
        ({"    return out": "    return out.detach()"}, "it raises"),
        ({"    return out": "    out"}, "returns nothing"),
    ],
}

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
# All but the first ask for a function.
JUDGED = [name for name in NAMES if name != "00_start"]


class Lesson:
    """A notebook run up to its exercise."""

    def __init__(self, name: str) -> None:
        cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
        at = {tag: self.tagged(cells, tag) for tag in ("exercise", "check", "solution")}
        assert at["exercise"] < at["check"] < at["solution"], "they come in this order"
        self.exercise, self.check = cells[at["exercise"]].source, cells[at["check"]].source
        folded = cells[at["solution"]].source
        (self.solution,) = re.findall(r"```python\n(.*?)```", folded, re.DOTALL)
        self.names: dict[str, object] = {}
        for cell in cells[: at["exercise"]]:
            if cell.cell_type == "code":
                try:
                    self.run(cell.source)
                except (RuntimeError, AttributeError):
                    assert "raises-exception" in cell.metadata.get("tags", []), cell.source

    @staticmethod
    def tagged(cells: list[nbformat.NotebookNode], tag: str) -> int:
        (place,) = [i for i, cell in enumerate(cells) if tag in cell.metadata.get("tags", [])]
        return place

    def run(self, source: str) -> str:
        """What the cell prints."""
        printed = io.StringIO()
        with chdir(NOTEBOOKS), redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compiled(source), self.names)
        return printed.getvalue()

    def verdict(self, answer: str) -> str:
        """What the check says to this answer."""
        self.run(answer)
        return self.run(self.check)

    def changed(self, changes: dict[str, str] | str) -> str:
        if isinstance(changes, str):
            return changes
        answer = self.exercise
        for old, new in changes.items():
            assert old in answer, f"{old!r} is not in the exercise"
            answer = answer.replace(old, new)
        return answer


@pytest.fixture(scope="module")
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return Lesson(request.param)


def cases(answers: dict[str, list]) -> list:
    return [
        pytest.param(name, answer, id=f"{name}-{number}")
        for name in answers
        for number, answer in enumerate(answers[name])
    ]


@pytest.mark.parametrize("lesson", NAMES, indirect=True)
def test_an_untouched_exercise_gets_a_hint_and_no_error(lesson):
    assert lesson.verdict(lesson.exercise).startswith("Not yet: ")


@pytest.mark.parametrize("lesson", NAMES, indirect=True)
def test_the_solution_that_is_folded_away_is_right(lesson):
    assert lesson.verdict(lesson.solution).startswith("Right! ")


@pytest.mark.parametrize("lesson, answer", cases(RIGHT), indirect=["lesson"])
def test_other_right_answers_are_right(lesson, answer):
    assert lesson.verdict(lesson.changed(answer)).startswith("Right! ")


@pytest.mark.parametrize("lesson, mistake", cases(WRONG), indirect=["lesson"])
def test_a_usual_mistake_gets_the_hint_that_helps(lesson, mistake):
    changes, hint = mistake
    said = lesson.verdict(lesson.changed(changes))
    assert said.startswith("Not yet: ") and hint in said


SLIPS = {  # whatever the exercise is, and in place of all that the answer does
    "nothing": "returns nothing. Give back what it makes",
    "return None": "returns nothing. Give back what it makes",
    "raise ValueError('no reason')": "ValueError: no reason",
    "return unheard_of": "NameError: name 'unheard_of' is not defined",
    "return np.zeros(3)": "a NumPy array",
    "return [[]]": "Not yet: ",
    "return {}, {}": "Not yet: ",
    "return torch.zeros(3), torch.zeros(3)": "Not yet: ",
    "return torch.zeros(0)": "Not yet: ",
    "return torch.ones(2, requires_grad=True)": "Not yet: ",
    "return torch.tensor([1, 2, 3])": "Not yet: ",
    "return torch.tensor(1.0)": "Not yet: ",
}


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("lesson", JUDGED, indirect=True)
def test_no_answer_at_all_ends_in_a_traceback(lesson, slip):
    first = next(line for line in lesson.exercise.splitlines() if line.startswith("def "))
    body = slip.replace("nothing", "nothing = 0").replace("np.", "__import__('numpy').")
    said = lesson.verdict(f"{first}\n    {body}")
    assert said.startswith("Not yet: ") and SLIPS[slip] in said


@pytest.mark.parametrize("lesson", JUDGED, indirect=True)
def test_a_solution_without_its_return_is_told_that(lesson):
    forgotten = re.sub(r"^    return ", "    ", lesson.solution, flags=re.MULTILINE)
    assert forgotten != lesson.solution
    assert "returns nothing" in lesson.verdict(forgotten)


@pytest.mark.parametrize("lesson", JUDGED, indirect=True)
def test_what_is_no_function_any_more_is_told(lesson):
    name = re.search(r"^def (\w+)", lesson.exercise, re.MULTILINE)[1]
    assert "is to be a function" in lesson.verdict(f"{name} = 3")


def test_every_notebook_has_its_mistakes_tried():
    assert set(WRONG) == set(NAMES)
