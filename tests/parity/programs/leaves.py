"""Leaves and non-leaves: `requires_grad_`, `is_leaf`, `.grad` and `retain_grad`."""

import torch


def who_is_a_leaf():
    plain = torch.tensor([1.0])
    leaf = torch.tensor([1.0], requires_grad=True)
    result = leaf * 2
    constant = plain * 2
    plain.is_leaf, leaf.is_leaf, result.is_leaf, constant.is_leaf


def requires_grad_returns_the_tensor():
    a = torch.tensor([1.0, 2.0])
    a.requires_grad_() is a
    a.requires_grad_(True)
    a.requires_grad_(False)
    a.requires_grad_(requires_grad=True)


def requires_grad_turned_off_keeps_the_graph():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * a
    a.requires_grad_(False)
    out.sum().backward()
    print(a.grad)


def requires_grad_assigned():
    a = torch.tensor([1.0, 2.0])
    a.requires_grad = True
    out = a * 2
    out.requires_grad = False
    out.requires_grad = True
    a.requires_grad = False
    print(a)


def requires_grad_of_a_result_cannot_be_turned_off():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.requires_grad_(False)
    out.requires_grad_(True)
    out.requires_grad_()


def requires_grad_of_integers():
    a = torch.tensor([1, 2])
    a.requires_grad_()
    a.requires_grad_(False)
    a.requires_grad = True
    torch.tensor([1, 2], requires_grad=True)
    torch.tensor([True], requires_grad=True)
    torch.ones(2, dtype=torch.int64, requires_grad=True)


def requires_grad_flows():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([1.0, 2.0])
    (a + b).requires_grad, (b + b).requires_grad, (b * a).requires_grad


def grad_of_a_non_leaf_warns():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.grad
    out.grad
    (a * 3).grad
    print(out.grad)


def grad_of_a_leaf_does_not_warn():
    a = torch.tensor([1.0, 2.0])
    a.grad
    a.requires_grad_()
    a.grad
    b = a.detach()
    b.grad


def retain_grad_then_no_warning():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.retains_grad
    out.retain_grad()
    out.retains_grad
    print(out.grad)
    out.sum().backward()
    print(out.grad, a.grad)


def retain_grad_accumulates():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.retain_grad()
    loss = out.sum()
    loss.backward(retain_graph=True)
    first = out.grad
    loss.backward()
    print(out.grad, first)


def retain_grad_twice():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.retain_grad()
    out.retain_grad()
    out.sum().backward()
    print(out.grad)


def retain_grad_after_backward():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a + 2
    loss = out.sum()
    loss.backward()
    out.retain_grad()
    print(out.grad)
    loss.backward()
    print(out.grad, a.grad)


def retain_grad_of_what_needs_no_grad():
    a = torch.tensor([1.0, 2.0])
    a.retain_grad()
    (a * 2).retain_grad()


def retain_grad_of_a_leaf_does_nothing():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.retain_grad()
    a.retains_grad
    (a * 2).sum().backward()
    print(a.grad)


def retain_grad_of_a_detached():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.sigmoid().detach().retain_grad()


def retain_grad_of_the_loss():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (a * 2).sum()
    loss.retain_grad()
    loss.backward()
    print(loss.grad)


def grad_assigned():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    g = torch.tensor([10.0, 20.0])
    a.grad = g
    a.grad is g
    (a * 2).sum().backward()
    print(a.grad, g)


def grad_assigned_before_it_is_asked_for():
    a = torch.tensor([1.0, 2.0])
    a.grad = torch.tensor([10.0, 20.0])
    print(a.grad)
    a.requires_grad_()
    (a * 2).sum().backward()
    print(a.grad)


def grad_assigned_to_a_non_leaf():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.grad = torch.tensor([1.0, 1.0])
    out.grad
    out.sum().backward()
    print(a.grad)


def grad_of_the_wrong_shape():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    a.grad = torch.tensor([1.0, 2.0])
    a.grad = torch.tensor(1.0)
    a.grad = torch.tensor([[1.0, 2.0, 3.0]])
    a.grad = torch.tensor([])
    print(a.grad)


def grad_of_the_wrong_dtype():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.grad = torch.tensor([1.0, 2.0], dtype=torch.float64)
    a.grad = torch.tensor([1, 2])
    a.grad = torch.tensor([True, False])
    print(a.grad)


def grad_of_the_wrong_type():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.grad = 1
    a.grad = [1.0, 2.0]
    a.grad = "1"
    print(a.grad)


def grad_of_itself():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.grad = a
    print(a.grad)


def read_only_attributes():
    # How Python words this depends on how the class is written, so only the refusal counts.
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    for name in "is_leaf", "_version", "output_nr", "retains_grad", "dtype", "shape", "grad_fn":
        try:
            setattr(a, name, None)
        except AttributeError:
            print(name, "cannot be written")


def output_nr():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    a.output_nr, out.output_nr
