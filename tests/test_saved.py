"""Saved tensors: kept with their version, checked when unpacked, and freed without a cycle."""

from __future__ import annotations

import gc
import weakref

import pytest

from autograd_core import tensor
from autograd_core.saved import SavedTensor, allow_mutation_on_saved_tensors

MODIFIED = "has been modified by an inplace operation"
FREED = "Trying to backward through the graph a second time"


def leaf(*numbers: float):
    return tensor(list(numbers or (1.0, 2.0)), requires_grad=True)


@pytest.fixture
def no_gc():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


# ---- versions ----------------------------------------------------------------------------------


def test_a_saved_tensor_remembers_the_version_it_had():
    x = leaf() * 1
    x.mul_(2)
    saved = SavedTensor(x)
    x.mul_(2)
    assert (saved.version, saved.counter.value) == (1, 2)


def test_a_tensor_that_was_not_written_unpacks_to_itself():
    a, b = leaf(), leaf()
    assert (a * b).grad_fn._saved_other is b


def test_a_write_of_the_same_numbers_counts_as_a_write():
    a, b = leaf(), tensor([1.0, 2.0])
    out = a * b
    b.mul_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        out.sum().backward()


def test_a_write_before_the_save_does_no_harm():
    a, b = leaf(), tensor([1.0, 2.0])
    b.mul_(3)
    (a * b).sum().backward()
    assert a.grad.tolist() == [3.0, 6.0]


def test_looking_at_a_saved_tensor_checks_its_version_too():
    out = leaf().exp()
    node = out.grad_fn
    assert node._saved_result.tolist() == out.tolist()
    out.detach().zero_()
    with pytest.raises(RuntimeError, match=MODIFIED):
        _ = node._saved_result


def test_a_saved_tensor_that_nobody_asks_for_is_not_checked():
    a, b = leaf(), tensor([1.0, 2.0])
    a.requires_grad_(False)
    out = leaf() + (a * b)
    b.zero_()
    out.sum().backward()


# ---- what can be looked at ---------------------------------------------------------------------


def test_a_saved_number_is_looked_at_as_a_tensor():
    assert (leaf() * 3.0).grad_fn._saved_other.item() == 3.0


def test_a_plain_argument_is_looked_at_as_it_is():
    node = (leaf() ** 3).grad_fn
    assert node._saved_exponent == 3


def test_a_field_that_no_formula_needed_is_empty():
    node = (leaf() * tensor([3.0, 4.0])).grad_fn
    assert node._saved_self is None and node._saved_other is not None


def test_a_freed_node_shows_nothing():
    out = leaf().exp()
    node = out.grad_fn
    out.sum().backward()
    with pytest.raises(RuntimeError, match=FREED):
        _ = node._saved_result


def test_a_kept_graph_still_has_what_it_saved():
    out = leaf().exp()
    out.sum().backward(retain_graph=True)
    assert out.grad_fn._saved_result.tolist() == out.tolist()
    out.sum().backward()


# ---- results -----------------------------------------------------------------------------------


def test_a_saved_result_is_joined_to_its_node_again():
    out = leaf().exp()
    result = out.grad_fn._saved_result
    assert result is not out
    assert result.grad_fn is out.grad_fn and result.output_nr == 0 and result.requires_grad
    assert result.untyped_storage() is out.untyped_storage() and result._version == out._version


def test_a_saved_result_shares_the_counter_of_the_result():
    out = leaf().exp()
    result = out.grad_fn._saved_result
    out.detach().zero_()
    assert result._version == 1


def with_a_hook(a):
    out = a.exp()
    out.retain_grad()
    out.register_hook(lambda grad: grad * 2)
    return out


def written_through_a_view(a):
    out = a * 1
    out[:1].sigmoid_()
    return out


GRAPHS = {
    "exp": lambda a: a.exp(),
    "sigmoid": lambda a: a.sigmoid(),
    "reciprocal": lambda a: 1 / a,
    "pow": lambda a: a**a,
    "exp_": lambda a: (a * 1).exp_(),
    "sigmoid_": lambda a: (a * a).sigmoid_(),
    "sin and exp": lambda a: a.sin() * a.exp(),
    "sum": lambda a: a.sum(),
    "a view that was written": lambda a: (a * 1)[:1].mul_(a[:1]),
    "a base that was written": written_through_a_view,
    "hooks": with_a_hook,
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_dies_with_its_last_tensor(name, no_gc):
    a = leaf()
    out = GRAPHS[name](a)
    seen = [weakref.ref(out), weakref.ref(out.grad_fn)]
    del out
    assert [each() for each in seen] == [None, None]
    assert gc.collect() == 0


def test_a_graph_dies_after_its_backward(no_gc):
    a = leaf()
    out = (a.exp() * a.sin()).sigmoid().sum()
    out.backward()
    seen = [weakref.ref(out), weakref.ref(out.grad_fn)]
    del out
    assert [each() for each in seen] == [None, None]
    assert gc.collect() == 0


def test_a_graph_dies_after_a_backward_that_failed(no_gc):
    a = leaf()
    out = a.exp()
    out.detach().zero_()
    seen = [weakref.ref(out), weakref.ref(out.grad_fn)]
    try:
        out.sum().backward()
    except RuntimeError:
        pass
    del out
    assert [each() for each in seen] == [None, None]


def test_a_leaf_dies_with_its_graph(no_gc):
    a = leaf()
    out = a.exp()
    seen = weakref.ref(a)
    del a
    assert seen() is not None
    del out
    assert seen() is None


def test_backward_frees_what_was_saved_though_the_output_lives(no_gc):
    a, b = leaf(), tensor([3.0, 4.0])
    out = (a * b).sum()
    seen = weakref.ref(b)
    del b
    assert seen() is not None
    out.backward()
    assert seen() is None


def test_several_tensors_that_are_kept_as_one_field_are_told_by_their_positions():
    a, b = leaf(), tensor([0])
    node = (a.reshape(1, -1)[:, b]).grad_fn
    assert list(node.saved()) == ["indices[1]"]
    assert node._saved_indices[0] is None and node._saved_indices[1] is b


def test_what_a_node_keeps_bare_is_a_saved_tensor_to_whoever_asks():
    x, y = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0], requires_grad=True)
    node = (x * y).grad_fn
    assert node._raw_saved_self is node._raw_saved_self
    assert node._saved_self is x and node._saved_other is y
    x.detach().mul_(2)
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0"):
        node._saved_self  # noqa: B018


def test_a_bare_tensor_that_was_cut_is_noticed():
    a = tensor([1.0, 2.0], requires_grad=True)
    middle = a * 2
    out = middle * a
    middle.detach_()
    with pytest.raises(RuntimeError, match="detach_"):
        out.sum().backward()


def test_saved_tensors_that_may_be_written_leave_no_cycle(no_gc):
    a = leaf()
    with allow_mutation_on_saved_tensors():
        b = a.clone()
        out = b * b
        b.mul_(2)
        out.sum().backward()
    del a, b, out
    assert gc.collect() == 0
