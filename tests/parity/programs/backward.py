"""When backward runs, what it accumulates, what it frees, and what it refuses."""

import torch


def a_second_backward_raises():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    loss = out.sum()
    loss.backward()
    loss.backward()
    print(a.grad)


def a_second_backward_through_what_saved_nothing():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (a + 1).sum()
    loss.backward()
    loss.backward()
    print(a.grad)


def a_second_backward_through_times_two():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (a * 2).sum()
    loss.backward()
    loss.backward()
    print(a.grad)


def a_second_backward_through_a_product():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (a * a).sum()
    loss.backward()
    loss.backward()
    print(a.grad)


def retain_graph_allows_another():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = a.sigmoid().sum()
    loss.backward(retain_graph=True)
    loss.backward(retain_graph=True)
    print(a.grad)
    loss.backward()
    loss.backward()


def two_losses_on_one_trunk():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    trunk = a.exp()
    first = (trunk * 2).sum()
    second = (trunk + 1).sum()
    first.backward()
    second.backward()
    print(a.grad)


def grads_accumulate():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * 3).sum().backward()
    print(a.grad)
    (a * 4).sum().backward()
    print(a.grad)
    a.grad.zero_()
    (a * 5).sum().backward()
    print(a.grad)


def grad_set_to_none():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * 3).sum().backward()
    a.grad = None
    print(a.grad)
    (a * 4).sum().backward()
    print(a.grad)
    del a.grad
    print(a.grad)


def non_scalar_needs_a_gradient():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a * 2
    out.backward()
    print(a.grad)
    out.backward(torch.tensor([1.0, 10.0, 100.0]))
    print(a.grad)


def one_element_counts_as_scalar():
    a = torch.tensor([[3.0]], requires_grad=True)
    out = a * a
    out.backward()
    print(a.grad)


def gradient_by_name():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * 2).backward(gradient=torch.tensor([1.0, -1.0]))
    print(a.grad)


def gradient_of_the_wrong_shape():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = a * 2
    out.backward(torch.tensor([1.0, 2.0]))
    out.backward(torch.tensor([[1.0, 2.0, 3.0]]))
    out.backward(torch.tensor(1.0))
    out.sum().backward(torch.tensor([1.0]))
    print(a.grad)


def gradient_of_another_dtype():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    out.backward(torch.tensor([1.0, 2.0], dtype=torch.float64))
    print(a.grad)
    out = a * 2
    out.backward(torch.tensor([1, 2]))
    print(a.grad)


def gradient_that_is_no_tensor():
    a = torch.tensor(1.0, requires_grad=True)
    out = a * 2
    out.backward(1.0)
    out.backward([1.0])
    out.backward("1")
    print(a.grad)


def gradient_that_requires_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    v = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * 2).backward(v)
    print(a.grad, v.grad)


def gradient_is_not_written_to():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    v = torch.tensor([1.0, 2.0])
    (a + 0).backward(v)
    (a + 0).backward(v)
    print(a.grad, v, v._version)


def gradient_given_to_a_leaf():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    v = torch.tensor([1.0, 2.0])
    a.backward(v)
    print(a.grad)
    v.zero_()
    print(a.grad)


def backward_on_a_leaf():
    a = torch.tensor(2.0, requires_grad=True)
    a.backward()
    a.backward()
    print(a.grad)


def backward_on_what_needs_no_grad():
    a = torch.tensor([1.0, 2.0])
    a.sum().backward()
    a.backward()
    (a * 2).backward(torch.tensor([1.0, 1.0]))


def backward_on_integers():
    a = torch.tensor([1, 2])
    a.sum().backward()


def used_twice():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    print(x.grad)
    (x + x).sum().backward()
    print(x.grad)


def used_three_times():
    x = torch.tensor(2.0, requires_grad=True)
    y = x * x + x.exp() + 3 * x
    y.backward()
    print(x.grad)


def diamond():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    left = x * 2
    right = x * 3
    joined = left * right
    joined.retain_grad()
    left.retain_grad()
    right.retain_grad()
    joined.sum().backward()
    print(x.grad, left.grad, right.grad, joined.grad)


def diamond_of_diamonds():
    x = torch.tensor(1.5, requires_grad=True)
    y = x
    for _ in range(12):
        y = y * 0.5 + y * 0.75
    y.backward()
    print(x.grad)


def a_long_way_round():
    x = torch.tensor(1.0, requires_grad=True)
    near = x * 2
    far = ((((near + 1) * 2) - 3) * 4).sin()
    near.retain_grad()
    (near * far).backward()
    print(x.grad, near.grad)


def a_leaf_left_out():
    a = torch.tensor(1.0, requires_grad=True)
    b = torch.tensor(2.0, requires_grad=True)
    unused = b * 3
    (a * 2).backward()
    print(a.grad, b.grad)


def one_side_needs_no_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 4.0])
    (a * b).sum().backward()
    print(a.grad, b.grad)


def multiplied_by_zero():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([0.0, 0.0])
    (a * b).sum().backward()
    print(a.grad)


def chain_of_five_thousand():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x
    for _ in range(5000):
        y = y + 1
    y.sum().backward()
    print(x.grad, y)


def chain_that_saves_at_every_step():
    x = torch.tensor(0.5, requires_grad=True)
    one = torch.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(3000):
        y = y * one
    y.backward()
    print(x.grad, one.grad)
    del y


def broadcast_row():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    row = torch.tensor([10.0, 20.0], requires_grad=True)
    (a * row).sum().backward()
    print(a.grad, row.grad)


def broadcast_column():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    column = torch.tensor([[10.0], [20.0]], requires_grad=True)
    (a + column).sum().backward()
    print(a.grad, column.grad)


def broadcast_both_ways():
    row = torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    column = torch.tensor([[10.0], [20.0]], requires_grad=True)
    out = row * column
    print(out)
    out.sum().backward()
    print(row.grad, column.grad)


def broadcast_no_dims():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    s = torch.tensor(2.0, requires_grad=True)
    (a - s).sum().backward()
    print(a.grad, s.grad)


def broadcast_and_used_twice():
    row = torch.tensor([1.0, 2.0], requires_grad=True)
    both = torch.tensor([[1.0, 2.0], [3.0, 4.0]]) * row
    (both * both + row).sum().backward()
    print(row.grad, row.grad._version)


def broadcast_refused():
    a = torch.tensor([1.0, 2.0, 3.0])
    b = torch.tensor([1.0, 2.0])
    a + b
    a * torch.tensor([[1.0, 2.0], [3.0, 4.0]])


def empty_all_the_way():
    a = torch.tensor([], requires_grad=True)
    out = a * 2
    print(out)
    out.sum()
    out.sum().backward()
    print(a.grad)


def empty_is_no_scalar():
    a = torch.tensor([], requires_grad=True)
    (a * 2).backward()


def no_dims_all_the_way():
    a = torch.tensor(0.5, requires_grad=True)
    out = a.sigmoid().sum()
    print(out)
    out.backward()
    print(a.grad)


def sum_of_a_matrix():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    a.sum().backward()
    print(a.grad)


def float64_throughout():
    a = torch.tensor([1.2, 3.4, 5.6], dtype=torch.float64, requires_grad=True)
    out = a.sigmoid()
    print(out)
    out.sum().backward()
    print(a.grad)


def float32_meets_float64():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([0.1, 0.2], dtype=torch.float64, requires_grad=True)
    out = a * b
    print(out)
    out.sum().backward()
    print(a.grad, b.grad)


def failed_backward_leaves_grads_alone():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    loss = (out + b * 2).sum()
    out.detach().zero_()
    loss.backward()
    print(a.grad)


def failed_backward_can_be_repaired():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    out.detach().zero_()
    out.sum().backward()
    out = a.sigmoid()
    out.sum().backward()
    print(a.grad)


def failed_backward_then_again():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    loss = out.sum()
    out.detach().zero_()
    loss.backward()
    loss.backward()


def backward_keyword_errors():
    a = torch.tensor(1.0, requires_grad=True)
    loss = a * 2
    loss.backward(retain=True)


def learning_a_line():
    x = torch.tensor([0.0, 1.0, 2.0, 3.0])
    y = torch.tensor([1.0, 3.0, 5.0, 7.0])
    w = torch.tensor(0.0, requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    for _ in range(5):
        loss = ((w * x + b - y) * (w * x + b - y)).sum()
        loss.backward()
        w.data.sub_(w.grad * 0.03125)
        b.data.sub_(b.grad * 0.03125)
        w.grad.zero_()
        b.grad = None
    print(w, b, loss)


def the_version_of_a_gradient_tells_how_often_others_were_added_to_it():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    first, second = torch.autograd.grad((a.sum(), a.prod()), a), torch.autograd.grad((a * a).sum(), a)
    b = a * 2
    third, fourth = torch.autograd.grad((b * b + b * 3 + b * b).sum(), (a, b))
    (b + b).sum().backward(inputs=[b])
    b.grad._version
    (a.exp() * a).sum().backward()


def a_gradient_that_a_hook_has_made_is_put_into_grad_as_it_is():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    kept = []
    handle = a.register_hook(lambda g: g * 2)
    a.sum().backward()
    a.grad._version
    handle.remove()
    a.grad = None
    second = a.register_hook(kept.append)
    (a * 2).sum().backward()
    a.grad._version
    b = a * 2
    third = b.grad_fn.register_hook(lambda grads_in, grads_out: None)
    a.grad = None
    b.sum().backward()
    a.grad._version
