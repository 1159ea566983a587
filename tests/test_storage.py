"""Who shares memory with whom, who counts its writes, and that nobody shares by accident."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from autograd_core import ones, ones_like, tensor, zeros_like
from autograd_core.storage import VersionCounter

pytestmark = pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")

A = [1.0, 2.0, 3.0]
CUTS = {"detach": lambda x: x.detach(), "data": lambda x: x.data}


def shares(x, y) -> bool:
    return np.shares_memory(x._array, y._array)


def test_a_counter_starts_at_zero():
    assert VersionCounter().value == 0


def test_counters_do_not_count_for_each_other():
    one, other = VersionCounter(), VersionCounter()
    one.value += 1
    assert (one.value, other.value) == (1, 0)


@pytest.mark.parametrize("cut", CUTS)
def test_an_alias_looks_at_the_same_storage(cut):
    x = tensor(A)
    alias = CUTS[cut](x)
    assert alias.untyped_storage() is x.untyped_storage()
    assert alias.data_ptr() == x.data_ptr()
    assert shares(alias, x)


def test_an_alias_of_an_alias_is_on_the_storage_of_the_first():
    x = tensor(A)
    assert x.detach().data.detach().untyped_storage() is x.untyped_storage()


def test_a_tensor_always_gives_the_same_storage():
    x = tensor(A)
    assert x.untyped_storage() is x.untyped_storage()


def test_a_storage_knows_its_address_and_its_size():
    x = tensor(A)
    assert x.untyped_storage().data_ptr() == x.data_ptr()
    assert x.untyped_storage().nbytes() == len(x.untyped_storage()) == 3 * 4


def test_a_storage_lives_as_long_as_one_of_its_tensors():
    x = tensor(A)
    alias, storage = x.detach(), weakref.ref(x.untyped_storage())
    del x
    assert storage() is not None
    del alias
    assert storage() is None


def test_detach_shares_the_counter_and_data_does_not():
    x = tensor(A)
    x.detach().zero_()
    assert x._version == 1
    x.data.zero_()
    assert x._version == 1


def test_a_write_through_data_is_counted_by_the_alias_itself():
    alias = tensor(A).data
    alias.zero_()
    assert alias._version == 1


def test_a_write_shows_in_every_alias():
    x = tensor(A)
    aliases = [x.detach(), x.data, x.detach().data]
    x.mul_(2)
    assert [alias.tolist() for alias in aliases] == [[2.0, 4.0, 6.0]] * 3


# ---- no alias by accident ------------------------------------------------------------------------


def test_a_tensor_made_from_an_array_is_a_copy():
    array = np.ones(3, np.float32)
    x = tensor(array)
    array[0] = 7
    assert x.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("like", [zeros_like, ones_like, lambda x: x + 0, lambda x: x * 1])
def test_a_new_tensor_has_memory_and_a_counter_of_its_own(like):
    x = tensor(A)
    new = like(x)
    new.zero_()
    assert x.tolist() == A and x._version == 0
    assert new.untyped_storage() is not x.untyped_storage()


@pytest.mark.parametrize("create_graph", [False, True])
def test_grads_of_two_leaves_never_share_memory(create_graph):
    a, b = (tensor(A, requires_grad=True) for _ in "ab")
    (a + b).sum().backward(create_graph=create_graph)
    assert a.grad is not b.grad
    assert not shares(a.grad, b.grad)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_grad_never_shares_memory_with_the_gradient_that_was_given(create_graph):
    a, given = tensor(A, requires_grad=True), tensor(A)
    out = a + 0
    out.retain_grad()
    out.backward(given, create_graph=create_graph)
    assert not shares(a.grad, given) and not shares(out.grad, given)
    assert not shares(a.grad, out.grad)


def test_a_gradient_given_to_a_leaf_is_copied():
    a, given = tensor(A, requires_grad=True), tensor(A)
    a.backward(given)
    assert not shares(a.grad, given)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_grad_never_shares_memory_with_a_saved_tensor(create_graph):
    a, b = tensor(A, requires_grad=True), tensor(A)
    (a * b).sum().backward(retain_graph=True, create_graph=create_graph)
    assert a.grad.tolist() == b.tolist()
    assert not shares(a.grad, b)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_grad_can_be_written_even_where_it_was_spread_from_one_number(create_graph):
    a = tensor(A, requires_grad=True)
    a.sum().backward(create_graph=create_graph)
    a.grad.detach()._array[0] = 7
    assert a.grad.tolist() == [7.0, 1.0, 1.0]


def test_a_write_to_one_grad_leaves_the_next_backward_right():
    a = ones(3, requires_grad=True)
    out = (a * a).sum()
    out.backward(retain_graph=True)
    a.grad.zero_()
    out.backward()
    assert a.grad.tolist() == [2.0, 2.0, 2.0]
