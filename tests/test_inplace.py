"""In-place operations: one write, one bump, one new node; after an error, none of the three."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_core import Tensor, no_grad, tensor


def leaf(*numbers: float):
    return tensor(list(numbers or (1.0, 2.0)), requires_grad=True)


WRITES = {
    "add_": lambda x: x.add_(1),
    "sub_": lambda x: x.sub_(1),
    "mul_": lambda x: x.mul_(2),
    "div_": lambda x: x.div_(2),
    "neg_": lambda x: x.neg_(),
    "exp_": lambda x: x.exp_(),
    "sigmoid_": lambda x: x.sigmoid_(),
    "sin_": lambda x: x.sin_(),
    "cos_": lambda x: x.cos_(),
    "zero_": lambda x: x.zero_(),
    "fill_": lambda x: x.fill_(5),
    "copy_": lambda x: x.copy_(tensor([7.0, 8.0])),
    "setitem": lambda x: x.__setitem__(0, 5.0),
}
# Each raises: a leaf, a shape that grows, another kind of number, no number at all.
REFUSED = {
    "a leaf that requires grad": (lambda: leaf(), lambda x: x.mul_(2)),
    "a result that is larger": (lambda: tensor([1.0]), lambda x: x.add_(tensor([1.0, 2.0]))),
    "shapes that do not meet": (lambda: leaf() * 1, lambda x: x.mul_(tensor([1.0, 2.0, 3.0]))),
    "floats into integers": (lambda: tensor([1, 2]), lambda x: x.mul_(1.5)),
    "integers into bools": (lambda: tensor([True]), lambda x: x.mul_(2)),
    "what is no number": (lambda: leaf() * 1, lambda x: x.add_("1")),
    "a view of a leaf": (lambda: leaf()[:1], lambda x: x.zero_()),
    "places that share memory": (lambda: tensor([1.0]).expand(3), lambda x: x.add_(1)),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_counts_once_and_stays_in_the_same_memory(name):
    x = tensor([1.0, 2.0])
    address, storage = x.data_ptr(), x.untyped_storage()
    WRITES[name](x)
    assert x._version == 1
    assert x.data_ptr() == address and x.untyped_storage() is storage


@pytest.mark.parametrize("name", [name for name in WRITES if name.endswith("_")])
def test_a_write_returns_the_tensor_itself(name):
    x = tensor([1.0, 2.0])
    assert WRITES[name](x) is x


@pytest.mark.parametrize("name", WRITES)
def test_a_write_shows_and_counts_in_every_alias(name):
    x = tensor([1.0, 2.0])
    alias = x.detach()
    WRITES[name](x)
    assert alias.tolist() == x.tolist() and alias._version == 1


@pytest.mark.parametrize("name", REFUSED)
def test_a_write_that_is_refused_leaves_tensor_version_and_history_as_they_were(name):
    make, write = REFUSED[name]
    x = make()
    before = x.tolist(), x._version, x.grad_fn, x.requires_grad
    with pytest.raises((RuntimeError, TypeError)):
        write(x)
    assert (x.tolist(), x._version, x.grad_fn, x.requires_grad) == before


def test_a_write_that_is_refused_does_no_harm_to_whoever_saved_the_tensor():
    x = leaf() * 1
    out = x.exp()
    with pytest.raises(RuntimeError):
        out.add_(tensor([1.0, 2.0, 3.0]))
    out.sum().backward()


def test_operators_with_equals_write_into_the_tensor():
    x = held = tensor([4.0])
    x += 2
    x -= 1
    x *= 4
    x /= 2
    assert x is held and held.tolist() == [10.0] and held._version == 4


def test_an_operator_that_has_no_twin_in_place_binds_a_new_tensor():
    x = held = tensor([[4.0]])
    x @= x
    assert x is not held and held.tolist() == [[4.0]] and held._version == 0


# ---- history -----------------------------------------------------------------------------------


def test_a_write_gives_the_tensor_a_new_node_that_leads_to_the_old_one():
    x = leaf() * 1
    before = x.grad_fn
    x.exp_()
    assert x.grad_fn.name() == "ExpBackward0"
    assert x.grad_fn.next_functions == ((before, 0),)


def test_a_write_without_gradients_leaves_history_and_still_counts():
    x = leaf() * 1
    before = x.grad_fn
    with no_grad():
        x.mul_(2)
    assert x.grad_fn is before and x._version == 1


def test_a_leaf_may_be_written_without_gradients():
    a = leaf()
    with no_grad():
        a -= 0.5
    assert a.tolist() == [0.5, 1.5] and a.is_leaf and a.requires_grad


def test_a_tensor_without_history_gets_one_by_what_is_written_into_it():
    a, x = leaf(3.0), tensor([2.0])
    x.mul_(a)
    assert x.requires_grad and not x.is_leaf
    x.backward()
    assert a.grad.tolist() == [2.0]


def test_the_old_numbers_are_kept_aside_where_a_formula_needs_them():
    a, x = leaf(3.0), leaf(2.0) * 1
    x.mul_(a)
    x.backward()
    assert a.grad.tolist() == [2.0]


def test_a_tensor_may_be_written_with_itself():
    a = leaf(3.0)
    x = a * 1
    x.mul_(x)
    assert x.tolist() == [9.0]


def test_zero_cuts_the_gradient_off():
    a = leaf()
    x = a * 2
    x.zero_()
    x.sum().backward()
    assert a.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("cut", [lambda x: x.detach(), lambda x: x])
def test_whoever_saved_the_tensor_before_the_write_notices(cut):
    a = leaf()
    out = a.sigmoid()
    cut(out).mul_(1)
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0 instead"):
        out.sum().backward()


def test_after_a_write_in_place_the_node_saves_the_result_at_its_new_version():
    a = leaf()
    x = a * 1
    x.sigmoid_()
    x.sum().backward()
    assert np.allclose(a.grad.tolist(), [0.1966, 0.1050], atol=1e-4)


def test_a_retained_grad_is_that_of_the_tensor_as_it_is_now():
    a = leaf(1.0)
    x = a * 2
    x.retain_grad()
    x.mul_(10)
    (x * 3).backward()
    assert x.grad.tolist() == [3.0] and a.grad.tolist() == [60.0]


def test_a_twin_is_called_after_its_operation_and_says_what_it_does():
    assert Tensor.mul_.__name__ == "mul_" and Tensor.mul_.__doc__


# ---- views -------------------------------------------------------------------------------------


def test_a_write_through_a_view_counts_for_its_base_and_all_its_views():
    x = leaf() * 1
    one, other = x[0], x[1]
    one.zero_()
    assert (x._version, one._version, other._version) == (1, 1, 1)
    assert x.tolist() == [0.0, 2.0]


def test_a_write_through_a_view_gives_the_base_a_new_history():
    a = leaf()
    x = a * 1
    x[0].mul_(10)
    assert type(x.grad_fn).__name__ == "CopySlices"
    x.sum().backward()
    assert a.grad.tolist() == [10.0, 1.0]
