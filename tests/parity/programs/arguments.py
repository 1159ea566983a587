"""Calls: by name, with NumPy's numbers, with too little, with what an operation does not take."""

import copy
import pickle

import numpy as np
import torch


def numpy_integers_for_dimensions():
    a = torch.tensor([[1.0, 5.0, 3.0], [4.0, 2.0, 6.0]], requires_grad=True)
    one = np.int64(1)
    a.sum(one), a.sum((np.int64(0), one)), a.prod(one), a.var(one)
    a.max(one), a.median(dim=one), a.argmax(one), a.all(one), a.amax(one)
    a.cumsum(one), a.softmax(one), a.roll(one, one), a.flip(one)
    a[:1].squeeze(np.int64(0)), a.movedim(one, 0), a.unsqueeze(one), a.select(one, one)
    a.sum(one).grad_fn._saved_dim, a.max(one).values.grad_fn._saved_dim
    a.max(one).values.sum().backward()


def a_dimension_to_keep_has_to_be_named():
    a = torch.tensor([[1.0, 5.0], [4.0, 2.0]])
    a.sum(keepdim=False)
    a.mean(keepdim=True)
    a.prod(keepdim=False)
    a.max(keepdim=False)
    a.min(keepdim=True)
    a.median(keepdim=True)
    a.sum(dim=None, keepdim=True)


def which_of_several_operations_is_meant():
    a = torch.tensor([1.0, 3.0, 2.0], requires_grad=True)
    a.max(), a.max(0), a.max(a), a.max(other=a), a.max(dim=0, keepdim=True)
    a.sort(stable=None).values.grad_fn, a.sort(stable=False).values.grad_fn, a.sort(0).values.grad_fn
    a.round(decimals=0).grad_fn, a.round().grad_fn
    a.div(2).grad_fn, a.div(2, rounding_mode=None).grad_fn, a.div(2, rounding_mode="floor").grad_fn
    a.div(2, rounding_mode=None).sum().backward()
    torch.tensor([1, 2]).div(2, rounding_mode=None)
    torch.add(1, a), torch.mul(2, a), torch.sub(2, a), torch.div(2, a), torch.add(1, 2)


def what_no_operation_takes():
    a = torch.tensor([[1.0, 5.0], [4.0, 2.0]])
    a.max(1, 2)
    a.max("a")
    a.max(dim="a")
    a.max(1, True, 3)
    a.max(foo=1)
    a.max(dim=1, other=a)
    a.sum(True)
    a.sum(1.0)
    a.sum(1, keepdim=1)
    a.sum(1, axis=1)
    a.sum(dtype=1)
    a.median("a")
    a.prod(None)
    a.sort("a")
    a.sort(0, stable=True)
    a.pow()
    a.pow("a")
    a.pow(1, 2)
    a.pow(foo=1)
    a.remainder("a")
    a.fmod()
    a.lerp(a, "a")
    a.masked_fill(a > 0)
    a.masked_fill(0, a)
    a.squeeze("a")
    a.squeeze(None)
    a.fill_()
    a.fill_(1, 2)
    a.clamp("a")
    a.clamp(1, 2, 3)
    a.eq_("a")
    a.squeeze_("a")
    a.mul_("a")
    a.round(decimals="a")


def arguments_of_another_kind():
    a = torch.tensor([[1.0, 5.0], [4.0, 2.0]])
    a.argmax(1.0)
    a.cumsum("a")
    a.softmax("a")
    a.topk("a")
    a.topk(1, "a")
    a.topk()
    a.logsumexp()
    a.transpose("a", 1)
    a.unsqueeze("a")
    a.unbind("a")
    a.add(1, alpha="a")
    a.sub(foo=1)
    a.gather("a", torch.tensor([[0]]))
    torch.equal(a, 1)
    torch.maximum(a, 1.0)
    torch.atan2(a, 1.0)
    torch.logical_and(a, 1.0)
    torch.eye(2.0)
    torch.arange("a")
    torch.arange(None)


def numbers_too_large_for_the_type():
    a = torch.tensor([1, 2], dtype=torch.int8)
    a.clamp(300)
    a.clamp(-300, 300)
    a.clamp(1, 2)
    a.where(a > 1, 300)
    a.pow(300)
    torch.tensor([1.0]).clamp(1e300)
    torch.tensor([1, 2]).clamp(max=2**70)


def shapes_that_do_not_fit_a_condition():
    a, b = torch.ones(3), torch.ones(2)
    torch.where(a > 0, b, b)
    torch.where(b > 0, a, a)
    torch.where(a > 0, a, b)
    torch.allclose(a, b)
    torch.allclose(a, a.double())


def ranges_of_numpy_numbers():
    torch.arange(np.float32(3)), torch.arange(0, np.float64(3)), torch.arange(np.int32(3))
    torch.arange(0, 3, np.float32(1))
    torch.arange(float("inf"))


def named_results_are_copied_and_pickled():
    found = torch.tensor([3.0, 1.0]).sort()
    pickle.loads(pickle.dumps(found))
    copy.deepcopy(found)
    copy.copy(found)


def other_ways_to_call():
    a = torch.ones(2, 1)
    a.broadcast_to(2, 3), a.broadcast_to((2, 3))
    a.split(split_size=1, dim=-2)
    torch.cat([a, a], axis=1), torch.stack([a, a], axis=0)
    a.copy_(other=torch.zeros(1), non_blocking=True)
    torch.tensor(1.0).roll(1, 0)
    torch.nn.functional.gelu(a, approximate="a")
    torch.nn.functional.elu(a, alpha=np.float64(2))


def what_gradcheck_looks_at():
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            ctx.set_materialize_grads(False)
            return a * 2

        @staticmethod
        def backward(ctx, grad):
            return torch.ones(2, dtype=torch.float64) if grad is None else grad * 2

    class Unsteady(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            return a * 2

        @staticmethod
        def backward(ctx, grad):
            Unsteady.runs += 1
            return grad * (2 + Unsteady.runs * 1e-7)

    Unsteady.runs = 0
    a = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    gradcheck, gradgradcheck = torch.autograd.gradcheck, torch.autograd.gradgradcheck
    gradcheck(Twice.apply, (a,), check_undefined_grad=False)
    gradcheck(Twice.apply, (a,))
    gradcheck(Unsteady.apply, (a,), raise_exception=False)
    gradcheck(lambda x: x * x, (a,), fast_mode=True, nondet_tol=0.0, check_grad_dtypes=True, masked=None)
    gradgradcheck(lambda x: x * x, (a,), gen_non_contig_grad_outputs=True, fast_mode=True)
    gradgradcheck(lambda x: x * x, a, torch.ones(2, dtype=torch.float64, requires_grad=True))
