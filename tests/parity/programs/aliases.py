"""Detach, `detach_` and `.data`: who shares memory, who shares a version counter, who is cut."""

import torch


def detach_of_detach():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a.detach()
    c = b.detach()
    c.zero_()
    print(a, b, c)


def detach_of_a_leaf_lets_one_write_to_it():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.zero_()
    a.detach().zero_()
    print(a, a._version)


def data_has_a_counter_of_its_own():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a.data
    c = a.data
    b is c
    b.zero_()
    a._version, b._version, c._version
    c.zero_()
    a._version, b._version, c._version


def data_keeps_no_history():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    d = out.data
    d.requires_grad, d.is_leaf, d.grad_fn
    d.sum().backward()


def data_starts_at_version_zero():
    a = torch.tensor([1.0, 2.0])
    a.zero_()
    a.add_(1)
    d = a.data
    e = a.detach()
    a._version, d._version, e._version
    d.zero_()
    a._version, d._version, e._version


def data_of_detach_and_detach_of_data():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 1
    first = out.detach().data
    second = out.data.detach()
    first.add_(1)
    second.add_(1)
    third = second.detach()
    third.add_(1)
    print(out)


def data_write_before_the_forward_is_fine():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    w.data.zero_()
    (w * w).sum().backward()
    print(w.grad)


def data_write_to_the_input_is_silently_wrong():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a.pow(2)
    a.data.zero_()
    out.sum().backward()
    print(a.grad)


def gradient_step_through_data():
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    loss = (w * w).sum()
    loss.backward()
    w.data.sub_(w.grad * 0.1)
    print(w)
    w.grad.zero_()
    loss = (w * w).sum()
    loss.backward()
    print(w.grad)


def write_between_forward_and_detach():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    d = out.data
    c = out.detach()
    d.zero_()
    print(out, c)
    c.add_(1)
    out.sum().backward()


def write_after_backward_is_harmless():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    out.sum().backward()
    c.zero_()
    print(out, a.grad)
    out.sum().backward()


def write_between_two_backwards():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    loss = out.sum()
    loss.backward(retain_graph=True)
    out.detach().zero_()
    loss.backward()
    print(a.grad)


def two_writes_are_two_versions():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    c.zero_()
    c.add_(1)
    out.sum().backward()


def write_and_write_back_still_raises():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.exp()
    c = out.detach()
    c.mul_(2)
    c.mul_(0.5)
    out.sum().backward()


def write_before_the_op_counts_from_there():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 1
    b.detach().add_(1)
    out = b.exp()
    b._version, out._version
    out.sum().backward()
    print(a.grad)
    out = b.sin()
    b.detach().add_(1)
    out.sum().backward()


def detach_after_the_write():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    out.detach().zero_()
    late = out.detach()
    late._version
    late.sum().backward()
    late.requires_grad_()
    (late + 1).sum().backward()
    print(late.grad)


def detached_mixed_back_in():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a * a
    loss = (out * out.detach()).sum()
    loss.backward()
    print(a.grad)


def straight_through():
    a = torch.tensor([0.2, 0.8], requires_grad=True)
    hard = torch.tensor([0.0, 1.0])
    out = a + (hard - a).detach()
    print(out)
    out.sum().backward()
    print(a.grad)


def detach_in_place_of_a_leaf():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    a.detach_()
    a.requires_grad, a.is_leaf
    out.sum().backward()
    print(a.grad)
    out = a * 2
    out.sum().backward()


def detach_in_place_after_use():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    mid = a * 2
    out = mid.sigmoid()
    mid.detach_()
    print(mid)
    out.sum().backward()
    print(a.grad)


def detach_in_place_then_requires_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    mid = (a * 2).detach_().requires_grad_()
    (mid * mid).sum().backward()
    print(mid.grad, a.grad)


def detach_in_place_keeps_the_version():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.detach().zero_()
    out.detach_()
    out._version
    out.zero_()
    out._version


def detach_in_place_of_what_retains_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    mid = a * 2
    mid.retain_grad()
    mid.detach_()
    mid.retains_grad
    mid.retain_grad()


def detach_in_place_of_a_plain_tensor():
    a = torch.tensor([1.0, 2.0])
    a.detach_()
    a.zero_()
    a.detach_()
    a._version


def detach_has_no_grad_of_the_original():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * a).sum().backward()
    c = a.detach()
    print(c.grad)
    d = a.data
    print(d.grad)
    a.detach_()
    print(a.grad)


def the_grad_can_be_aliased():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * 2).sum().backward()
    g = a.grad
    g is a.grad
    (a * 2).sum().backward()
    print(g, g._version)
    a.grad.zero_()
    print(g)
    a.grad = None
    (a * 2).sum().backward()
    print(g, a.grad)


def no_dim_detach():
    a = torch.tensor(3.0, requires_grad=True)
    c = a.detach()
    c.mul_(2)
    print(a, c)


def assigning_data():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    other = torch.tensor([5.0, 6.0])
    a.data = other
    print(a)
    other.zero_()
    print(a, a._version, other._version)
    a.detach().add_(1)
    a._version, other._version
