"""Signatures: what an operation takes, and which of several operations is meant."""

from __future__ import annotations

import pytest

from autograd_core import autograd, ops, tensor
from autograd_core.differentiable import differentiable
from autograd_core.observe import slot
from autograd_core.signatures import overloads


def signature(op) -> str:
    return str(op.operation.takes)


def test_a_signature_is_told_as_pytorch_tells_it():
    assert signature(ops.ordering.max_dim) == "(int dim, bool keepdim = False)"
    assert signature(ops.ordering.sort_stable) == (
        "(*, bool stable, int dim = -1, bool descending = False)"
    )
    assert signature(ops.rounding.clamp_tensors) == "(Tensor min = None, Tensor max = None)"
    assert signature(ops.reductions.sum_dim) == (
        "(tuple of ints dim, bool keepdim = False, *, dtype dtype = None)"
    )


def test_the_first_operation_that_the_arguments_fit_is_the_one_that_runs():
    @differentiable(name="half")
    def half_of(self):
        return self / 2

    @differentiable(name="half", tensors=True)
    def half_of_sum(self, other):
        return (self + other) / 2

    @differentiable(name="half")
    def half_along(self, dim):
        return self.sum(dim) / 2

    half_of.gradient(self=lambda grad: grad / 2)
    half_of_sum.gradient(self=lambda grad: grad / 2, other=lambda grad: grad / 2)
    half_along.gradient(self=None)

    @overloads(half_of, half_of_sum, half_along)
    def half(self):
        """Half of it."""

    a = tensor([[2.0, 4.0]])
    assert half(a).tolist() == [[1.0, 2.0]]
    assert half(a, a).tolist() == half(a, other=a).tolist() == [[2.0, 4.0]]
    assert half(a, 1).tolist() == half(a, axis=1).tolist() == [3.0]
    with pytest.raises(TypeError, match=r"half\(\) received an invalid combination .* got \(str\)"):
        half(a, "1")
    assert half.__doc__ == "Half of it."


def test_a_call_that_fits_none_is_told_to_whoever_listens():
    heard = []

    class Notes:
        def __getattr__(self, name):
            return lambda *told: heard.append(name)

    a = tensor([1.0])
    slot.listener = Notes()
    try:
        for call in (lambda: a.max("a"), lambda: a.clamp_("a")):
            with pytest.raises(TypeError):
                call()
    finally:
        slot.listener = None
    assert heard == ["failed", "failed"]


@pytest.mark.parametrize(
    ("option", "what"),
    [("check_batched_grad", "vmap"), ("check_forward_ad", "forward mode")],
)
def test_gradcheck_says_what_it_cannot_check(option, what):
    a = tensor([1.0], requires_grad=True)
    with pytest.raises(RuntimeError, match=f"needs {what}, which autograd_core does not have"):
        autograd.gradcheck(lambda x: x, a, **{option: True})
