"""Copies of tensors are leaves of their own, and share among themselves what the originals shared."""

from __future__ import annotations

import copy
import pickle

import pytest

import autograd_core as torch


def test_the_gradient_of_a_deep_copy_lands_in_the_copy() -> None:
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    graph = a * 2  # keeps the node of `a` alive
    twin = copy.deepcopy(a)
    (twin * 3).sum().backward()
    assert a.grad is None and twin.grad.tolist() == [3.0, 3.0]
    assert graph.grad_fn.next_functions[0][0].variable is a


def test_deep_copies_share_memory_where_the_originals_do() -> None:
    a = torch.zeros(2, 2)
    b, row = copy.deepcopy([a, a.detach()[1]])
    row.fill_(1)
    assert b.tolist() == [[0, 0], [1, 1]]
    assert a.tolist() == [[0, 0], [0, 0]]


def test_a_tensor_with_history_has_no_deep_copy() -> None:
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(torch.tensor(1.0, requires_grad=True) * 2)


def test_a_leaf_comes_out_of_a_pickle_as_it_went_in() -> None:
    a = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    (a * a).sum().backward()
    twin = pickle.loads(pickle.dumps(a))
    assert repr(twin) == repr(a) and twin.is_leaf and twin.grad is None


def test_a_shallow_copy_looks_at_the_same_memory_and_counts_by_itself() -> None:
    a = torch.ones(2)
    b = copy.copy(a)
    b.zero_()
    assert a.tolist() == [0, 0] and a._version == 0
