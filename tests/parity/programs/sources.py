"""The examples of the two articles that the notebooks rebuild."""

import torch


def e1_normal_backward():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    print(a.grad)
    out = a.sigmoid()
    print(out)
    print(out.grad)
    out.sum().backward()
    print(a.grad)


def e2_detach_without_writing():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    print(a.grad)
    out = a.sigmoid()
    print(out)
    c = out.detach()
    print(c)
    print(out.grad)
    out.sum().backward()
    print(a.grad)


def e3_backward_through_the_detached():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    print(c)
    c.sum().backward()
    print(a.grad)


def e4_zero_after_detach():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    print(a.grad)
    out = a.sigmoid()
    print(out)
    c = out.detach()
    print(c)
    c.zero_()
    print(c)
    print(out)
    out.sum().backward()
    print(a.grad)


def x1_detached_leaf():
    x = torch.ones(1, requires_grad=True)
    y = torch.ones(1, requires_grad=True)
    x = x.detach()
    y = x * y
    y.retain_grad()
    z = torch.pow(y, 2)
    z.backward()
    print(y.grad)
    print(x.grad)


def x1_detached_in_place():
    x = torch.ones(1, requires_grad=True)
    y = torch.ones(1, requires_grad=True)
    x.detach_()
    y = x * y
    y.retain_grad()
    z = torch.pow(y, 2)
    z.backward()
    print(y.grad)
    print(x.grad)


def x2_without_the_detach():
    x = torch.ones(1, requires_grad=True)
    y = torch.ones(1, requires_grad=True)
    y = x * y
    y.retain_grad()
    z = torch.pow(y, 2)
    z.backward()
    print(y.grad)
    print(x.grad)


def ab_second_network_alone_learns():
    x = torch.tensor([0.5, -1.5])
    a_weight = torch.tensor([1.0, 2.0], requires_grad=True)
    a_bias = torch.tensor(0.25, requires_grad=True)
    b_weight = torch.tensor([-3.0, 0.5], requires_grad=True)
    b_bias = torch.tensor(0.0, requires_grad=True)
    y = (a_weight * x + a_bias).sigmoid()
    z = (b_weight * y.detach() + b_bias).sum()
    z.backward()
    print(a_weight.grad, a_bias.grad)
    print(b_weight.grad, b_bias.grad)


def ab_without_the_detach_both_learn():
    x = torch.tensor([0.5, -1.5])
    a_weight = torch.tensor([1.0, 2.0], requires_grad=True)
    a_bias = torch.tensor(0.25, requires_grad=True)
    b_weight = torch.tensor([-3.0, 0.5], requires_grad=True)
    b_bias = torch.tensor(0.0, requires_grad=True)
    y = (a_weight * x + a_bias).sigmoid()
    z = (b_weight * y + b_bias).sum()
    z.backward()
    print(a_weight.grad, a_bias.grad)
    print(b_weight.grad, b_bias.grad)
