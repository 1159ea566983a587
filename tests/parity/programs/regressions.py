"""Differences that were found once (by random programs), each as short as it gets."""

import torch


def retain_grad_follows_an_in_place_op():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.retain_grad()
    out.mul_(10)
    out.sum().backward()
    print(out.grad, a.grad)


def retain_grad_follows_zero():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.retain_grad()
    out.zero_()
    out.sum().backward()
    print(out.grad, a.grad)


def a_leaf_that_was_written_into_the_graph():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 4.0], requires_grad=True)
    c = b - a
    b.detach_()
    b *= c
    b.sum().backward()
    print(a.grad, b.grad)


def a_leaf_that_no_longer_requires_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 4.0], requires_grad=True)
    out = (a * b).sum()
    a.requires_grad_(False)
    out.backward()
    print(a.grad, b.grad)


def gradient_of_another_dtype_given_to_a_leaf():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.backward(torch.tensor([1.0, 2.0], dtype=torch.float64))
    print(a.grad)
    b = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    b.backward(torch.tensor([1.0, 2.0]))
    print(b.grad)


def grad_of_the_wrong_shape_and_dtype():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    a.grad = torch.tensor([1, 2])


def edges_of_a_reflected_difference():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (2 - a).grad_fn.next_functions


def version_of_a_fresh_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * 2).sum().backward()
    a.grad._version
    a.grad = None
    a.sum().backward()
    a.grad._version
    a.grad = None
    (a * a).sum().backward()
    a.grad._version
    a.grad = None
    (a * a + a * 2 + a.exp()).sum().backward()
    a.grad._version
    a.grad = None
    a.backward(torch.tensor([1.0, 1.0]))
    a.grad._version


def two_leaves_never_share_a_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 4.0], requires_grad=True)
    (a + b).sum().backward()
    a.grad.zero_()
    print(a.grad, b.grad)


def version_of_a_grad_that_changed_its_type():
    a = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([3.0, 4.0], requires_grad=True)
    ((b - b) * a).sum().backward()
    a.grad._version, b.grad._version


def version_of_an_empty_grad():
    a = torch.tensor([], requires_grad=True)
    a.sum().backward()
    a.grad._version
    a.grad = None
    (a * 2).sum().backward()
    a.grad._version
