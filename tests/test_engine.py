"""backward(): the order of nodes, what adds up, what is freed, and that nothing is left behind."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import autograd_core as torch
from autograd_core import is_grad_enabled, tensor
from autograd_core.differentiable import differentiable
from autograd_core.engine import backward
from autograd_core.modes import modes

ran: list[str] = []


@differentiable
def marked(self, mark):
    return self + 0


def _mark(grad, mark):
    ran.append(mark)
    return grad


marked.gradient(self=_mark)


@differentiable
def broken(self):
    return self + 0


def _fail(grad):
    raise ZeroDivisionError("a formula that fails")


broken.gradient(self=_fail)


def leaf(*numbers: float):
    return tensor(list(numbers or (1.0, 2.0)), requires_grad=True)


@pytest.fixture(autouse=True)
def nothing_ran():
    ran.clear()


# ---- order -------------------------------------------------------------------------------------


def test_the_newest_node_runs_first():
    a = leaf(1.0)
    first, second = marked(a, "first"), marked(a, "second")
    third = marked(first, "third")
    (third + second).backward()
    assert ran == ["third", "second", "first"]


def test_a_node_runs_once_when_all_that_flows_into_it_has_arrived():
    a = leaf(1.0)
    shared = marked(a, "shared")
    left, right = marked(shared, "left"), marked(shared, "right")
    (left * 2 + right * 3 + shared * 4).backward()
    assert ran == ["right", "left", "shared"]
    assert a.grad.tolist() == [9.0]


def test_from_several_outputs_shared_nodes_run_once():
    a = leaf(1.0)
    shared = marked(a, "shared")
    backward([shared * 2, shared * 3])
    assert ran == ["shared"] and a.grad.tolist() == [5.0]


def test_an_output_that_is_given_twice_counts_twice():
    a = leaf(1.0)
    out = a * 2
    backward([out, out])
    assert a.grad.tolist() == [4.0]


def test_the_same_program_gives_the_same_order_each_time():
    def program() -> list[str]:
        ran.clear()
        x = leaf(1.0)
        for number in range(20):
            x = marked(x, f"{number}") + marked(x, f"{number}'")
        x.backward()
        return list(ran)

    assert program() == program()


# ---- which hook when ---------------------------------------------------------------------------


def test_a_hook_sees_the_gradient_before_it_is_retained_and_before_the_node_runs():
    a = leaf(1.0)
    out = marked(a, "node")
    out.retain_grad()
    out.register_hook(lambda grad: ran.append(f"hook {grad.item():g} {out.grad}") or grad * 10)
    out.backward()
    assert ran == ["hook 1 None", "node"]
    assert out.grad.tolist() == a.grad.tolist() == [10.0]


def test_a_retained_grad_adds_up_over_two_backwards():
    a = leaf(1.0)
    out = a * 2
    out.retain_grad()
    out.retain_grad()
    (out * 3).backward(retain_graph=True)
    (out * 4).backward()
    assert out.grad.tolist() == [7.0] and a.grad.tolist() == [14.0]


def test_retaining_the_grad_of_a_leaf_changes_nothing():
    a = leaf(1.0)
    a.retain_grad()
    assert not a.retains_grad
    (a * 2).backward()
    assert a.grad.tolist() == [2.0]


# ---- what is freed -----------------------------------------------------------------------------


def test_a_second_backward_is_refused_only_where_something_was_freed():
    a = leaf()
    saves, saves_nothing = a.exp().sum(), (a + 1).sum()
    for out in (saves, saves_nothing):
        out.backward()
    saves_nothing.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        saves.backward()


def test_a_second_backward_that_fails_leaves_the_grads_as_they_were():
    a = leaf(1.0)
    out = a.exp() * 3
    out.backward()
    first = a.grad.tolist()
    with pytest.raises(RuntimeError):
        out.backward()
    assert a.grad.tolist() == first


# ---- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "kind", "sentence"),
    [
        (lambda a: (a * 2).backward(), RuntimeError, "grad can be implicitly created only for"),
        (lambda a: tensor(1.0).backward(), RuntimeError, "element 0 of tensors does not require"),
        (lambda a: backward([a.sum(), tensor(1.0)]), RuntimeError, "element 1 of tensors does"),
        (lambda a: (a * 2).backward(tensor([1.0])), RuntimeError, "Mismatch in shape: grad_out"),
        (lambda a: backward(a.sum(), [1.0]), TypeError, "gradients can be either Tensors or None"),
    ],
    ids=["no scalar", "no history", "second has no history", "shape", "no tensor"],
)
def test_a_backward_that_cannot_start_is_refused_and_touches_nothing(start, kind, sentence):
    a = leaf()
    with pytest.raises(kind) as error:
        start(a)
    assert str(error.value).startswith(sentence)
    assert a.grad is None and is_grad_enabled() and not modes.formulas


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")
@pytest.mark.parametrize("create_graph", [False, True])
def test_an_error_in_a_formula_comes_out_as_it_is_and_the_modes_are_as_before(create_graph):
    out = broken(leaf(1.0))
    with pytest.raises(ZeroDivisionError, match="a formula that fails"):
        out.backward(create_graph=create_graph)
    assert is_grad_enabled() and not modes.formulas
    assert (leaf() * 2).requires_grad


def test_a_backward_inside_a_hook_leaves_the_outer_one_right():
    a, b = leaf(1.0), leaf(2.0)
    out = marked(a, "outer")
    inner = marked(b, "inner")
    out.register_hook(lambda grad: inner.backward())
    (out * 3).backward()
    assert ran == ["inner", "outer"]
    assert (a.grad.tolist(), b.grad.tolist()) == ([3.0], [1.0])


# ---- gradients ---------------------------------------------------------------------------------


def test_a_gradient_takes_the_type_of_what_it_belongs_to():
    a = tensor([1.0, 2.0], dtype=tensor(1.0).dtype, requires_grad=True)
    wide = tensor(np.ones(2))
    (a * wide.sum()).sum().backward()
    (a.sum() * wide).sum().backward()
    assert a.grad.dtype is a.dtype


def test_a_gradient_of_a_plain_backward_has_no_history():
    a = leaf(3.0)
    (a * a).backward()
    assert a.grad.is_leaf and not a.grad.requires_grad


def test_a_gradient_of_create_graph_can_be_differentiated():
    a = leaf(3.0)
    out = a * a * a
    with pytest.warns(UserWarning, match="create_graph=True will create a reference cycle"):
        out.backward(create_graph=True)
    first, a.grad = a.grad, None
    first.backward()
    assert a.grad.tolist() == [18.0]


def test_two_threads_run_backward_side_by_side():
    def work(number: float):
        for _ in range(50):
            a = leaf(number)
            (a * a).exp().log().sum().backward()
            found.append((number, round(a.grad.item(), 3)))

    found: list = []
    threads = [threading.Thread(target=work, args=(n,)) for n in (0.5, 1.0, 1.5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {(0.5, 1.0), (1.0, 2.0), (1.5, 3.0)} and len(found) == 150


# ---- NumPy stays quiet -------------------------------------------------------------------------

EXTREMES = {
    "exp": "a.exp()",
    "log": "(a * 0).log()",
    "div": "a / 0",
    "reciprocal": "1 / (a * 0)",
    "mul": "a * 1e30 * 1e30",
    "sigmoid": "(a * -1000).sigmoid()",
    "pow": "(a * 0) ** -0.5",
    "pow of 0": "0 ** (a * -1)",
    "sum": "(a * 1.5e35).sum() + (a * 1.5e35).sum(0)",
    "sin": "(a / 0).sin()",
    "in place": "(a * 1).exp_()",
    "a wide number into a narrow tensor": "(a * 1).mul_(torch.tensor([1e300] * 2, dtype=torch.float64))",
    "a wide number everywhere": "(a * 1).fill_(torch.tensor(1e300, dtype=torch.float64))",
    "to halves": "(a * 1e5).half()",
    "nan to integers": "(a / 0 - a / 0).long()",
    "made of wide numbers": "torch.tensor([1e300, 1.0]) + torch.full((2,), 1e30)",
    "in steps": "torch.arange(0, 1e39, 1e38) - torch.linspace(-3e38, 3e38, 10)",
    "of infinities": "(a / 0 - a / 0).softmax(0) + (a / 0).logsumexp(0) + (a / 0).norm() + (a / 0).var()",
    "products": "(a * 1e30) @ (a * 1e30) + torch.outer(a * 1e30, a * 1e30).sum()",
    "compared": "torch.tensor(torch.allclose(a / 0, a / 0) or torch.equal(a, a / 0)) | (a / 0 > 1)",
    "scans": "(a * 1e30).cumprod(0) + (a * 3e35).cumsum(0) + (a * 1e30).prod()",
    "remainders": "(a / 0) % 2 + torch.fmod(a, a * 0) + (a.detach() // 0)",
    "activations": "torch.nn.functional.gelu(a / 0) + torch.nn.functional.softplus(a * -1e38)",
    "an assignment": "(lambda c: (c.__setitem__(0, torch.tensor([1e300], dtype=torch.float64)), c)[1])(a * 1)",
}


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")
@pytest.mark.parametrize("name", EXTREMES)
def test_infinities_and_nans_raise_nothing_of_numpys_whatever_the_user_wants_of_it(name):
    a = torch.tensor([1000.0, 2000.0], requires_grad=True)
    with np.errstate(all="raise"):
        result = eval(EXTREMES[name], {"a": a, "torch": torch})
        str(result)
        if result.requires_grad:
            result.sum().backward(create_graph=True)
            if a.grad.requires_grad:
                a.grad.sum().backward()
            str(a.grad)


def test_what_the_user_wants_of_numpy_is_left_as_it_was():
    with np.errstate(all="warn", over="raise"):
        before = np.geterr()
        (leaf(1.0) * 2).exp().backward()
        assert np.geterr() == before
        with pytest.raises(FloatingPointError):
            np.float32(1e38) * np.float32(1e38)
