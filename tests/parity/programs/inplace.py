"""In-place operations: what they refuse, how they bump the version, how history follows."""

import torch


def zero_a_leaf_that_requires_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.zero_()
    a.add_(1)
    a.mul_(2)
    print(a, a._version)


def zero_a_plain_tensor():
    a = torch.tensor([1.0, 2.0])
    a.zero_() is a
    print(a, a._version)


def versions_count_writes():
    a = torch.tensor([1.0, 2.0])
    a._version
    a.add_(1)
    a.mul_(2)
    a.sub_(1)
    a.zero_()
    a._version


def version_is_not_bumped_by_reading():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a.sigmoid() * 2
    print(b)
    b.sum().backward()
    a._version, b._version


def zero_a_result_of_sigmoid():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    out.zero_()
    print(out)
    out.sum().backward()
    print(a.grad)


def add_to_the_result_of_sigmoid():
    a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
    out = a.sigmoid()
    out.add_(1)
    print(out)
    out.sum().backward()


def add_to_the_result_of_times_two():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a * 2
    out.add_(1)
    print(out)
    out.sum().backward()
    print(a.grad)


def mul_on_the_result_of_plus_one():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a + 1
    out.mul_(10)
    print(out)
    out.sum().backward()
    print(a.grad)


def mul_by_itself_in_place():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a + 1
    out.mul_(out)
    print(out)
    out.sum().backward()


def mul_by_the_leaf_in_place():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a + 1
    out.mul_(a)
    print(out)
    out.sum().backward()


def mul_by_a_constant_tensor_in_place():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a + 1
    out.mul_(torch.tensor([2.0, 3.0, 4.0]))
    out.sum().backward()
    print(a.grad)


def write_to_a_plain_tensor_with_history():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([10.0, 20.0])
    b.add_(a)
    print(b)
    b.sum().backward()
    print(a.grad)


def write_to_a_detached_with_history():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    c = out.detach()
    c.add_(a)
    print(c, out)
    c.sum().backward()
    print(a.grad)
    out.sum().backward()
    print(a.grad)


def augmented_assignment_on_a_leaf():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a += 1
    a = a + 1
    a += 1
    print(a)


def augmented_assignment_is_in_place():
    a = torch.tensor([1.0, 2.0])
    b = a
    a += 1
    a *= 2
    a -= 3
    print(a, b)
    a is b
    a._version


def augmented_division_in_place():
    a = torch.tensor([1.0, 2.0])
    a /= 2
    a.div_(2)
    print(a, a._version)


def augmented_power_in_place():
    a = torch.tensor([2.0, 3.0])
    a **= 2
    a.pow_(2)
    print(a, a._version)


def sigmoid_in_place():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 1
    out.sigmoid_()
    print(out)
    out.sum().backward()
    print(a.grad)


def exp_in_place_after_saving():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    mid = a * 1
    kept = mid.sin()
    mid.exp_()
    mid.sum().backward()
    print(a.grad)
    kept.sum().backward()


def neg_in_place():
    a = torch.tensor([1.0, -2.0])
    a.neg_()
    print(a, a._version)


def in_place_keeps_the_dtype():
    a = torch.tensor([1, 2])
    a.add_(1)
    a.add_(1.5)
    a.mul_(torch.tensor([0.5, 0.5]))
    a.add_(torch.tensor(1.5, dtype=torch.float64))
    print(a, a._version)
    b = torch.tensor([1.0, 2.0])
    b.add_(torch.tensor([1.0, 2.0], dtype=torch.float64))
    b.mul_(torch.tensor([1, 2]))
    print(b)


def in_place_does_not_grow():
    a = torch.tensor([1.0])
    a.add_(torch.tensor([1.0, 2.0]))
    b = torch.tensor([1.0, 2.0])
    b.add_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    b.add_(torch.tensor([1.0]))
    print(a, b, b._version)


def in_place_on_booleans():
    a = torch.tensor([True, False])
    a.zero_()
    a.add_(1)
    print(a)


def in_place_on_empty():
    a = torch.tensor([])
    a.zero_()
    a.add_(1)
    a._version


def in_place_on_no_dims():
    a = torch.tensor(3.0)
    a.add_(1)
    a.zero_()
    print(a, a._version)


def saved_then_changed_in_place():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 1
    out = b * b
    b.add_(1)
    out.sum().backward()


def saved_by_two_nodes_then_changed():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a.exp()
    out = b.sin() + b * 2
    b.zero_()
    out.sum().backward()


def the_message_names_shape_and_dtype():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    out = a.exp()
    out.detach().zero_()
    out.sum().backward()
    b = torch.tensor(2.0, requires_grad=True)
    out = b.sigmoid()
    out.detach().zero_()
    out.backward()


def the_message_names_a_leaf():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * a
    a.detach().zero_()
    out.sum().backward()


def the_message_names_an_input_without_history():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([1.0, 2.0])
    out = a * b
    b.zero_()
    out.sum().backward()
    out = a * b
    b.add_(1)
    b.add_(1)
    out.sum().backward()


def the_message_names_the_node_that_made_it():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a + 1
    out = b.sin()
    b.detach().zero_()
    out.sum().backward()
    b = a - 1
    out = b * b
    b.detach().zero_()
    out.sum().backward()


def retain_grad_then_in_place():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.retain_grad()
    out.add_(1)
    out.sum().backward()
    print(out.grad, a.grad)


def zeroing_grad_after_reading_it():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * a).sum().backward()
    a.grad.zero_()
    print(a.grad, a.grad._version)


def alpha_scales_the_other():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([10.0, 20.0], requires_grad=True)
    out = a.add(b, alpha=2).sub(b, alpha=0.5)
    print(out)
    out.sum().backward()
    print(a.grad, b.grad)


def the_twins_as_functions():
    a = torch.tensor([1.0, 2.0])
    torch.exp_(a)
    torch.zero_(a)
    a._version


def numbers_that_an_element_cannot_hold():
    f, h = torch.ones(2), torch.ones(2, dtype=torch.float16)
    i, j = torch.ones(2, dtype=torch.int64), torch.ones(2, dtype=torch.int32)
    u, b = torch.ones(2, dtype=torch.uint8), torch.ones(2, dtype=torch.bool)
    m = torch.tensor([True, False])
    f.fill_(1e300)
    f.fill_(float("inf"))
    h.fill_(1e6)
    i.fill_(2**63)
    i.fill_(2**64)
    i.fill_(float("nan"))
    i.fill_(2.7)
    j.fill_(2**31)
    u.fill_(256)
    u.fill_(-1)
    u.fill_(-256)
    u.fill_(255.9)
    b.fill_(float("nan"))
    f.masked_fill(m, 1e300)
    u.masked_fill(m, 300)
    f[0] = 1e300
    u[0] = 300
    j[m] = 2**40
    torch.full((2,), 1e300)
    torch.full((2,), 2**40, dtype=torch.int32)
    torch.full((2,), float("nan"), dtype=torch.int64)
    torch.full_like(u, 300)


def bits_are_written_to_integers_alone():
    a = torch.tensor([1, 2, 3])
    a <<= 2
    a >>= torch.tensor([0, 1, 2])
    a._version, 1 << a, 100 >> a, a << 64, -a >> 64
    a.bitwise_left_shift_(1).bitwise_right_shift(True), torch.bitwise_and(6, a)
    leaf = torch.tensor([1.0], requires_grad=True)
    leaf <<= 1
    leaf.bitwise_and_(1)
    leaf.bitwise_not_()
    result = leaf * 2
    result >>= 1
    result._version


def where_a_condition_holds():
    a = torch.tensor([[0.0, 2.0], [3.0, 0.0]], requires_grad=True)
    rows, columns = torch.where(a)
    rows, columns, rows._is_view(), columns.storage_offset(), rows.stride()
    a[torch.where(a > 0)]
    torch.where(a.sum() > 0), torch.where(condition=a[0]), torch.where(a[:0])
    rows += 1
    torch.where([True])
