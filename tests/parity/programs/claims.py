"""The claims C1 to C10 that the articles make, each put to the test."""

import torch


def c1_detach_cuts_and_shares():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    c is out
    c.requires_grad, c.is_leaf, c.grad_fn
    c.untyped_storage().data_ptr() == out.untyped_storage().data_ptr()


def c2_a_write_shows_in_both():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a * 1
    c = out.detach()
    c.zero_()
    out._version, c._version
    out.zero_()
    out._version, c._version


def c3_the_detached_gets_a_grad_of_its_own():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach().requires_grad_()
    (c * c).sum().backward()
    print(c.grad)
    print(a.grad)


def c4_backward_stops_at_the_detach_alone():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 3
    stopped = b.detach() * 100
    other = b * 10
    (stopped + other).sum().backward()
    print(a.grad)


def c5_detaching_alone_disturbs_nothing():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.detach()
    d = c * 2
    out.sum().backward()
    print(a.grad)


def c6_raises_unless_something_else_requires_grad():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    b = torch.tensor([1.0, 1.0, 1.0], requires_grad=True)
    c = a.sigmoid().detach()
    c.sum().backward()
    (c * b).sum().backward()
    print(a.grad)
    print(b.grad)


def c7_sigmoid_saves_its_result():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    out.detach().zero_()
    out.sum().backward()


def c7_exp_saves_its_result():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.exp()
    out.detach().zero_()
    out.sum().backward()


def c7_times_two_saves_no_tensor():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a * 2
    out.detach().zero_()
    out.sum().backward()
    print(a.grad)


def c7_plus_one_saves_nothing():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a + 1
    out.detach().zero_()
    out.sum().backward()
    print(a.grad)


def c7_sin_saves_its_input():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sin()
    out.detach().zero_()
    out.sum().backward()
    print(a.grad)


def c7_writing_to_the_input_of_sin():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sin()
    a.detach().zero_()
    out.sum().backward()


def c7_pow_saves_its_base():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a.pow(2)
    out.detach().zero_()
    out.sum().backward()
    print(a.grad)
    out = a.pow(2)
    a.detach().zero_()
    out.sum().backward()


def c7_mul_saves_both_factors():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = torch.tensor([4.0, 5.0, 6.0], requires_grad=True)
    out = a * b
    out.detach().zero_()
    out.sum().backward()
    out = a * b
    b.detach().zero_()
    out.sum().backward()


def c7_mul_saves_only_what_a_gradient_needs():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = torch.tensor([4.0, 5.0, 6.0])
    out = a * b
    a.detach().zero_()
    out.sum().backward()
    print(a.grad)


def c8_there_is_no_betach():
    x = torch.ones(1, requires_grad=True)
    x.betach()


def c8_the_result_of_detach_dropped():
    x = torch.ones(1, requires_grad=True)
    y = torch.ones(1, requires_grad=True)
    x.detach()
    y = x * y
    y.retain_grad()
    z = torch.pow(y, 2)
    z.backward()
    print(y.grad)
    print(x.grad)


def c9_the_product_is_one():
    x = torch.ones(1, requires_grad=True)
    y = torch.ones(1, requires_grad=True)
    y = x * y
    print(y)
    print(y.detach())


def c10_data_then_zero_is_silent():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    c = out.data
    c.zero_()
    out._version, c._version
    out.sum().backward()
    print(a.grad)


def c10_detach_in_place_makes_a_leaf():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    out.detach_() is out
    out.is_leaf, out.requires_grad, out.grad_fn
    out.sum().backward()


def c10_detach_in_place_of_a_view():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    view = out[0:2]
    view.detach_()
    view.detach()
