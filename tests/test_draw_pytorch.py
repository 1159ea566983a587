"""`draw` shows live tensors of PyTorch as it shows this package's, and changes nothing about them."""

from __future__ import annotations

import gc
import time
import weakref
from xml.etree import ElementTree as ET

import pytest

import autograd_core
from autograd_core import draw, record
from autograd_core.drawing import Picture

from .parity import oracle
from .test_drawing_picture import conditions, words

torch = oracle.pytorch()
pytestmark = pytest.mark.skipif(
    torch is None and not oracle.REQUIRED, reason="PyTorch 2.13.0 is not installed"
)


def line_of(begins: str, shown: Picture) -> str:
    (found,) = (line for line in str(shown).splitlines() if line.startswith(begins))
    return found


# ---- what is shown -------------------------------------------------------------------------------


def normal(library):
    a = library.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    return draw(out.sum(), names=["loss"])


def zero_after_detach(library):
    a = library.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    c.zero_()
    return draw(out, c)


def data_has_its_own_counter(library):
    a = library.tensor([1.0], requires_grad=True)
    out = a.exp()
    c = out.data
    c.zero_()
    c.add_(1)
    return draw(out)


def written_once_and_again(library):
    a = library.tensor([1.0, 2.0], requires_grad=True)
    x = a * 1
    y = x.sigmoid()
    x.add_(1)
    y.mul_(2)
    return draw(y, x)


def a_result_written_in_place(library):
    a = library.tensor([1.0, 2.0], requires_grad=True)
    x = a * 2
    y = x.relu()
    y += x
    return draw(y)


def a_view_with_its_base(library):
    a = library.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = a * a
    column = y[:, 1]
    return draw(column)


def after_a_backward(library):
    a = library.tensor([1.0, 2.0], requires_grad=True)
    out = a.sin()
    out.sum().backward()
    return draw(out)


def a_detached_leaf(library):
    a = library.tensor([1.0], requires_grad=True)
    out = a.exp()
    c = out.detach().requires_grad_()
    (c * c).sum().backward()
    return draw(c, out)


def a_retained_gradient(library):
    a = library.tensor([1.0], requires_grad=True)
    out = a.exp()
    out.retain_grad()
    out.backward()
    return draw(out)


def long_and_empty_and_whole_numbers(library):
    long, empty = library.arange(100.0), library.zeros(0, 3)
    whole = library.tensor([1, 2, 3])
    return draw(long, empty, whole, whole > 1, names=["long", "empty", "whole", "truths"])


@pytest.mark.parametrize(
    "program",
    [
        normal,
        zero_after_detach,
        data_has_its_own_counter,
        written_once_and_again,
        a_result_written_in_place,
        a_view_with_its_base,
        after_a_backward,
        a_detached_leaf,
        a_retained_gradient,
        long_and_empty_and_whole_numbers,
    ],
)
def test_both_libraries_give_the_same_picture(program):
    assert str(program(torch)) == str(program(autograd_core))


def test_the_edge_to_a_result_that_was_written_is_broken():
    told = ET.fromstring(zero_after_detach(torch).svg)
    assert "broken" in conditions(told, "saved:n1:t1:0")
    assert words(told)["t1.version"] == "v1"


def test_each_of_what_a_function_has_saved_has_its_own_expected_version():
    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, by):
            out = x * by
            ctx.save_for_backward(x, by, out)
            return out

        @staticmethod
        def backward(ctx, grad):
            return grad, None

    x, by = torch.ones(2, requires_grad=True) * 1, torch.ones(2)
    by.add_(1)
    out = Scale.apply(x, by)
    by.add_(1)
    by.add_(1)
    out.detach().zero_()
    told = line_of("ScaleBackward", draw(out))
    assert "it saved `x` (as tensors[0]) at version 0;" in told
    assert "it saved `by` (as tensors[1]) at version 1, which is now at version 3: broken" in told
    assert "it saved `out` (as tensors[2]) at version 0, which is now at version 1: broken" in told
    assert (x._version, by._version, out._version) == (0, 3, 1)


def test_parameters_are_called_as_the_user_reaches_them():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
            self.state = None

        def forward(self, x):
            y = self.body(x)
            self.state = y.detach()
            return y

    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    given = torch.ones(1, 2)
    loss = net(given).sum()
    told = draw(loss)
    assert optimizer.param_groups[0]["params"][0] is net.body[0].weight
    assert line_of("`net.body[0].weight` (leaf, requires_grad=True)", told)
    assert line_of("AccumulateGrad adds to the grad of `net.body[0].bias`.", told)
    assert "it saved `given` (as mat1)" in line_of("AddmmBackward0", told)
    assert "it came from `output of ReluBackward0` by detach" in line_of("`net.state`", told)


def test_a_number_among_the_arguments_is_nobodys_tensor_and_a_variable_is_somebodys():
    x = torch.ones(2, requires_grad=True)
    assert "it saved" not in str(draw(x * 3))
    by = torch.tensor(3.0)
    assert "it saved `by`" in line_of("MulBackward0", draw(x * by))


def test_what_a_users_hook_has_packed_is_left_alone():
    def unpack(packed):
        raise AssertionError("nobody asked for it")

    x = torch.ones(2, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: 1, unpack):
        out = x.exp()
    assert line_of("ExpBackward0", draw(out)) == "ExpBackward0 passes gradients on to AccumulateGrad of `x`."


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.eye(2).to_sparse(),
        lambda: torch.ones(2, device="meta"),
        lambda: torch.ones(2, dtype=torch.bfloat16),
        lambda: torch.ones(2, dtype=torch.complex64),
        lambda: torch.ones(4, 4).t()[1:],
        lambda: torch.tensor(float("nan")),
        lambda: torch.nn.Parameter(torch.ones(2, 3)),
    ],
)
def test_any_tensor_is_drawn(make):
    assert words(ET.fromstring(draw(make(), names=["it"]).svg))["t0.name"] == "it"


def test_a_view_of_inference_mode_has_no_counter_and_is_no_data():
    with torch.inference_mode():
        x = torch.ones(2)
        y = x[:1]
    assert "it came from `x` by view" in line_of("`y`", draw(x))


# ---- a model of everyday size --------------------------------------------------------------------


def test_a_transformer_is_folded_and_drawn_at_once():
    layer = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    model = torch.nn.TransformerEncoder(layer, 6)
    loss = model(torch.randn(2, 5, 32)).sum()
    before = time.process_time()
    shown = draw(loss)
    svg = shown.svg
    assert time.process_time() - before < 2
    said = words(ET.fromstring(svg))
    cards = [name for slot, name in said.items() if slot.endswith(".name") and slot.startswith("t")]
    assert len(cards) < 40
    assert "model.layers[5].norm2.bias" in str(shown)
    assert "…[5].norm2.weight" in cards  # of a long path, the end
    assert "Folded" in str(shown)


# ---- it only looks -------------------------------------------------------------------------------


def test_drawing_leaves_no_trace_in_the_graph_and_keeps_nothing_alive():
    a = torch.ones(2, requires_grad=True)
    x = a * 2
    out = x.sigmoid()
    gone = [weakref.ref(each) for each in (x, out, out.untyped_storage())]
    shown = draw(out)
    assert out.grad_fn.metadata == {} and not out.retains_grad
    assert (x._version, out._version) == (0, 0)
    del x, out
    gc.collect()
    assert [each() for each in gone] == [None, None, None]
    assert "`out`" in str(shown)


def test_a_drawn_program_computes_and_raises_what_it_does_undrawn():
    def run(look):
        a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
        out = a.sigmoid()
        look(out)
        (out * out).sum().backward()
        out = a.sigmoid()
        out.detach().zero_()
        look(out)
        with pytest.raises(RuntimeError) as raised:
            out.sum().backward()
        return a.grad, str(raised.value)

    (drawn, told), (alone, same) = run(draw), run(lambda out: None)
    assert torch.equal(drawn, alone) and told == same


def test_drawing_is_no_part_of_a_recording():
    with record(backend="torch") as trace:
        x = torch.ones(2, requires_grad=True)
        out = x.exp()
        before = len(trace.events)
        str(draw(out))
        assert len(trace.events) == before


def test_tensors_of_both_libraries_are_not_drawn_together():
    with pytest.raises(TypeError, match="draw\\(\\) takes tensors of one library"):
        draw(torch.ones(1), autograd_core.ones(1))
