"""Three cuts: what each shares, what each leaves behind, and who notices a write afterwards."""

from __future__ import annotations

import pytest

from autograd_core import tensor


def leaf(*numbers: float):
    return tensor(list(numbers or (1.0, 2.0)), requires_grad=True)


CUTS = {
    "detach": lambda x: x.detach(),
    "data": lambda x: x.data,
    "detach_": lambda x: x.detach_(),
}


@pytest.mark.parametrize("cut", CUTS)
def test_what_is_cut_is_a_leaf_without_history(cut):
    c = CUTS[cut](leaf().sigmoid())
    state = c.is_leaf, c.requires_grad, c.grad_fn, c.grad, c.output_nr, c.retains_grad
    assert state == (True, False, None, None, 0, False)


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_copies_nothing_and_writes_nothing(cut):
    out = leaf().sigmoid()
    address, numbers = out.data_ptr(), out.tolist()
    c = CUTS[cut](out)
    assert c.data_ptr() == address and c.tolist() == numbers and c._version == 0


@pytest.mark.parametrize("cut", ["detach", "data"])
def test_the_tensor_that_was_cut_from_keeps_its_history(cut):
    a = leaf()
    out = a * 3
    CUTS[cut](out)
    assert out.grad_fn is not None
    out.sum().backward()
    assert a.grad.tolist() == [3.0, 3.0]


def test_detach_in_place_cuts_the_tensor_itself():
    out = leaf() * 3
    assert out.detach_() is out and out.is_leaf


def test_whoever_used_the_tensor_before_detach_in_place_still_leads_to_the_leaf():
    a = leaf()
    x = a * 3
    out = x * 2
    x.detach_()
    out.sum().backward()
    assert a.grad.tolist() == [6.0, 6.0]


def test_detaching_a_leaf_in_place_switches_its_gradient_off():
    a = leaf()
    a.detach_()
    assert not a.requires_grad


def test_a_view_cannot_be_cut_in_place():
    view = (leaf() * 1)[0]
    with pytest.raises(RuntimeError, match="Can't detach views in-place. Use detach"):
        view.detach_()
    assert view.grad_fn is not None


def test_what_was_cut_may_start_a_graph_of_its_own():
    a = leaf()
    c = (a * 3).detach().requires_grad_()
    (c * c).sum().backward()
    assert c.grad.tolist() == [6.0, 12.0] and a.grad is None


def test_requires_grad_of_what_was_cut_is_its_own():
    out = leaf() * 3
    c = out.detach()
    c.requires_grad_()
    assert c.requires_grad and not out.detach().requires_grad


# ---- who notices -------------------------------------------------------------------------------


def test_a_write_to_the_detached_is_counted_by_both_in_both_directions():
    x = tensor([1.0])
    c = x.detach()
    c.zero_()
    x.fill_(2)
    assert (x._version, c._version, c.item()) == (2, 2, 2.0)


def test_data_starts_a_counter_at_zero_each_time_it_is_asked_for():
    x = tensor([1.0])
    x.zero_()
    one, other = x.data, x.data
    one.zero_()
    assert (x._version, one._version, other._version) == (1, 1, 0)


def test_the_detached_of_data_shares_the_counter_of_data():
    x = tensor([1.0])
    data = x.data
    data.detach().zero_()
    assert (x._version, data._version) == (0, 1)


def test_the_same_write_is_noticed_through_detach_and_not_through_data():
    for cut, notices in (("detach", True), ("data", False)):
        a = leaf()
        out = a.sigmoid()
        CUTS[cut](out).zero_()
        if notices:
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                out.sum().backward()
        else:
            out.sum().backward()
            assert a.grad.tolist() == [0.0, 0.0]


# ---- .data = -----------------------------------------------------------------------------------


def test_assigning_data_gives_other_memory_and_keeps_history_and_counter():
    a = leaf()
    other = tensor([5.0, 6.0])
    version = a._version
    a.data = other
    assert a.tolist() == [5.0, 6.0] and a.requires_grad and a._version == version
    assert a.untyped_storage() is other.untyped_storage()


def test_after_assigning_data_both_look_at_the_same_memory():
    a, other = leaf(), tensor([5.0, 6.0])
    a.data = other
    other.zero_()
    assert a.tolist() == [0.0, 0.0] and a._version == 0


@pytest.mark.parametrize("wrong", [[1.0], 3, None])
def test_data_that_is_no_tensor_is_refused(wrong):
    a = leaf()
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got"):
        a.data = wrong
    assert a.tolist() == [1.0, 2.0]
