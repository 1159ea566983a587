"""Operators and functions: values, reflected operands, types and their gradients."""

import torch


def tensor_with_tensor():
    a = torch.tensor([1.0, 2.0, -3.0])
    b = torch.tensor([4.0, 0.5, 2.0])
    a + b
    a - b
    a * b
    a / b
    a**b
    -a
    +a


def tensor_with_scalar():
    a = torch.tensor([1.0, 2.0, -3.0])
    a + 2
    a - 2
    a * 2
    a / 2
    a**2
    a + 0.1
    a * -0.1


def scalar_with_tensor():
    a = torch.tensor([1.0, 2.0, 4.0])
    2 + a
    2 - a
    2 * a
    2 / a
    2**a
    0.1 + a
    0.1 - a


def named_functions():
    a = torch.tensor([1.0, 2.0])
    b = torch.tensor([3.0, 4.0])
    torch.add(a, b), a.add(b)
    torch.sub(a, b), a.sub(b)
    torch.mul(a, b), a.mul(b)
    torch.div(a, b), a.div(b)
    torch.pow(a, b), a.pow(b)
    torch.neg(a), a.neg()
    torch.exp(a), a.exp()
    torch.sin(a), a.sin()
    torch.sigmoid(a), a.sigmoid()
    torch.sum(a), a.sum()


def reflected_gradients():
    a = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
    (2 + a).sum().backward()
    print(a.grad)
    (2 - a).sum().backward()
    print(a.grad)
    (2 * a).sum().backward()
    print(a.grad)
    (2 / a).sum().backward()
    print(a.grad)
    (2**a).sum().backward()
    print(a.grad)


def scalar_gradients():
    a = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
    (a + 2).sum().backward()
    print(a.grad)
    (a - 2).sum().backward()
    print(a.grad)
    (a * 2).sum().backward()
    print(a.grad)
    (a / 2).sum().backward()
    print(a.grad)
    (-a).sum().backward()
    print(a.grad)


def gradient_of_a_difference():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 5.0], requires_grad=True)
    (a - b).sum().backward()
    print(a.grad, b.grad)


def gradient_of_a_quotient():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([4.0, -8.0], requires_grad=True)
    (a / b).sum().backward()
    print(a.grad, b.grad)


def gradient_of_exp_and_sin():
    a = torch.tensor([-1.0, 0.0, 1.0, 10.0], requires_grad=True)
    a.exp().sum().backward()
    print(a.grad)
    a.grad = None
    a.sin().sum().backward()
    print(a.grad)


def gradient_of_sigmoid_far_out():
    a = torch.tensor([-1000.0, -20.0, 0.0, 20.0, 1000.0], requires_grad=True)
    out = a.sigmoid()
    print(out)
    out.sum().backward()
    print(a.grad)


def powers():
    a = torch.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    for exponent in (0, 1, 2, 3, -1, 0.5, 2.0):
        a.grad = None
        out = a**exponent
        out.sum().backward()
        print(exponent, out, a.grad)


def power_of_two_tensors():
    a = torch.tensor([2.0, 3.0, 0.0], requires_grad=True)
    b = torch.tensor([3.0, -1.0, 0.0], requires_grad=True)
    out = a.pow(b)
    print(out)
    out.sum().backward()
    print(a.grad, b.grad)


def power_zero_has_no_gradient():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a**0
    print(out)
    out.sum().backward()
    print(a.grad)


def powers_of_integers():
    a = torch.tensor([1, 2, 3])
    a**2
    a**0.5
    a**-1
    2**a
    2.0**a


def integers_stay_integers():
    a = torch.tensor([1, 2, 3])
    a + 1
    a * 2
    a - 5
    -a
    a.sum()
    (a * a).sum()


def integers_with_a_float_scalar():
    a = torch.tensor([1, 2, 3])
    a + 0.5
    a * 1.5
    0.5 - a
    a / 2
    a.sigmoid()
    a.exp()


def promotion():
    i = torch.tensor([1, 2])
    f = torch.tensor([1.0, 2.0])
    d = torch.tensor([1.0, 2.0], dtype=torch.float64)
    b = torch.tensor([True, False])
    (i + f).dtype, (f + d).dtype, (i + d).dtype, (b + i).dtype, (b + f).dtype, (b + b).dtype


def promotion_without_dims():
    f = torch.tensor([1.0, 2.0])
    zero_d = torch.tensor(2.0, dtype=torch.float64)
    (f * zero_d).dtype
    (torch.tensor(1.0) * zero_d).dtype
    i = torch.tensor([1, 2])
    (i * torch.tensor(2.5)).dtype
    (i * zero_d).dtype
    (f * torch.tensor(2)).dtype


def promotion_with_scalars():
    i = torch.tensor([1, 2])
    b = torch.tensor([True, False])
    d = torch.tensor([1.0], dtype=torch.float64)
    (i + True).dtype, (i + 1).dtype, (i + 1.0).dtype
    (b + True).dtype, (b + 1).dtype, (b + 1.0).dtype
    (d + True).dtype, (d + 1).dtype, (d + 1.0).dtype


def promotion_in_gradients():
    i = torch.tensor([1, 2])
    f = torch.tensor([3.0, 4.0], requires_grad=True)
    (i * f).sum().backward()
    print(f.grad)
    zero_d = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    (f * zero_d).sum().backward()
    print(f.grad, zero_d.grad)


def small_integers():
    a = torch.tensor([1, 2], dtype=torch.int32)
    b = torch.tensor([1, 2])
    (a + 1).dtype, (a + b).dtype, (a * 1.0).dtype, a.sum().dtype, (a / a).dtype
    torch.tensor([200, 100], dtype=torch.uint8) + 100
    torch.tensor([100], dtype=torch.int8) * 2
    torch.tensor([True, True]).sum()


def half_precision():
    a = torch.tensor([1.5, 2.25], dtype=torch.float16)
    a + 1
    a * 0.1
    (a * torch.tensor([1.0, 2.0])).dtype


def float16_with_gradient():
    a = torch.tensor([1.5, 2.25], dtype=torch.float16, requires_grad=True)
    (a * a).sum().backward()
    print(a.grad)


def booleans_refuse_some():
    a = torch.tensor([True, False])
    b = torch.tensor([True, True])
    a + b
    a * b
    a - b
    -a


def division_by_zero():
    a = torch.tensor([1.0, -1.0, 0.0])
    a / 0
    a / torch.tensor([0.0, 0.0, 0.0])
    torch.tensor([1, 2]) / 0


def overflow_in_float32():
    a = torch.tensor([1e38, -1e38])
    a * 10
    a.exp()


def infinities_and_nan():
    a = torch.tensor([float("inf"), float("-inf"), float("nan")], requires_grad=True)
    out = a * 2
    print(out)
    print(a.sigmoid())
    out.sum().backward()
    print(a.grad)


def float_rounding_shows():
    a = torch.tensor([0.1, 0.2])
    a[0].item() + a[1].item()
    (a * 3).tolist()
    torch.tensor([0.1], dtype=torch.float64).tolist()


def items_and_lists():
    torch.tensor(1.5).item()
    torch.tensor([2]).item()
    torch.tensor(True).item()
    torch.tensor([1.0, 2.0]).item()
    torch.tensor([[1, 2], [3, 4]]).tolist()
    torch.tensor(3).tolist()
    torch.tensor([]).item()


def sum_of_kinds():
    torch.tensor([[1.0, 2.0], [3.0, 4.0]]).sum()
    torch.tensor(5.0).sum()
    torch.tensor([]).sum()
    torch.tensor([1, 2]).sum()
    torch.tensor([1.0, 2.0], dtype=torch.float64).sum()


def operand_that_is_no_number():
    a = torch.tensor([1.0, 2.0])
    a + "1"
    a * [1.0, 2.0]
    a - None
    "1" + a
    a ** "2"
    None * a


def function_of_no_tensor():
    torch.exp(1.0)
    torch.sigmoid([1.0])
    torch.sin("x")


def shapes_that_do_not_fit():
    a = torch.tensor([[1.0, 2.0, 3.0]])
    b = torch.tensor([[1.0, 2.0]])
    a + b
    a * b
    a - b
    a / b
    a**b


def truth_of_a_tensor():
    bool(torch.tensor(1.0))
    bool(torch.tensor([0]))
    bool(torch.tensor([1.0, 2.0]))
    bool(torch.tensor([]))


def numbers_from_tensors():
    float(torch.tensor(1.5))
    int(torch.tensor(2.75))
    float(torch.tensor([1.0, 2.0]))
    float(torch.tensor(1.5, requires_grad=True))
