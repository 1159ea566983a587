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


def a_view_made_under_no_grad_whose_base_was_written():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 1
    with torch.no_grad():
        v = b[:1]
    v.mul_(2)
    b.mul_(2)
    v.grad_fn
    v + 1
    print(v)


def a_view_of_a_view_made_under_no_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 1
    with torch.no_grad():
        v = b[:1]
    u = v[0]
    u.mul_(2)


def a_view_made_under_no_grad_requires_grad_and_leads_nowhere():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        v = a[:1]
    out = v * 2
    out.sum().backward()
    print(a.grad)
    v.backward()
    torch.autograd.grad((v * 2).sum(), v)


def two_views_of_a_function():
    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x[0], x[1]

        @staticmethod
        def backward(ctx, one, other):
            return None

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 1
    v, w = Two.apply(b)
    w.mul_(2)
    b.mul_(2)
    v.grad_fn


def a_function_that_writes_a_view():
    class Fill(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.fill_(2)

        @staticmethod
        def backward(ctx, grad):
            return grad * 0

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 1
    v = b[0]
    v = Fill.apply(v)
    v.grad_fn


def roots_are_checked_before_inputs():
    a = torch.tensor([1.0], requires_grad=True)
    b = torch.tensor([2.0])
    b.backward(inputs=[b])
    a.backward(inputs=[b])
    c = a * 1
    b.backward(inputs=[c])
    c.retains_grad
    torch.autograd.grad(b, b)
    torch.autograd.grad(a, b)


def create_graph_warns_after_the_checks():
    a = torch.tensor([1.0])
    a.backward(create_graph=True)


def an_input_that_is_no_leaf_meets_its_hooks():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a[0]
    handle = b.grad_fn.register_hook(lambda after, before: print("node", after, before))
    b.sum().backward(inputs=[b])
    print(b.grad, a.grad)


def a_hook_on_a_root_that_leads_nowhere():
    a = torch.tensor([1.0], requires_grad=True)
    b = torch.tensor([1.0], requires_grad=True)
    handle = a.register_hook(lambda grad: print("hook", grad))
    torch.autograd.grad(a, b, torch.ones_like(a), allow_unused=True)


def a_hook_on_several_tensors_of_which_one_is_reached():
    a = torch.tensor([1.0], requires_grad=True)
    b, c = a * 1, a * 2
    handle = torch.autograd.graph.register_multi_grad_hook([b, c], print)
    print(torch.autograd.grad((b * 2).sum(), a, retain_graph=True))
    print(torch.autograd.grad((b * c).sum(), a))
    torch.autograd.graph.register_multi_grad_hook([a, torch.tensor([1.0])], print)


def set_item_fills_with_a_scalar_and_copies_the_rest():
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.zeros(2, 3)
    b[:] = a
    c = torch.zeros(2, 3)
    c[...] = a.view(1, 1, 1)
    d = torch.zeros(2, 3)
    d[0] = a.view(1, 1)
    d[0] = torch.zeros(4)
    d[0] = torch.zeros(2, 3)


def set_item_of_all_of_a_leaf():
    a = torch.tensor([1.0], requires_grad=True)
    a[:1] = 2
    a[:] = 2


def writes_that_meet_their_input_partly():
    a = torch.zeros(2, 3)
    a[None].copy_(a.detach())
    a[:1].add_(a[:1].view(-1))
    a.mul_(a)


def writes_to_expanded_memory():
    a = torch.ones(1).expand(3)
    a.zero_()
    a.fill_(2)
    a.fill_(torch.tensor(2.0))
    a.add_(1)


def copy_into_integers_is_not_recorded():
    a = torch.tensor([1.5, 2.5], requires_grad=True)
    b = torch.tensor([0, 0])
    b.copy_(a)


def a_saved_tensor_that_was_detached_in_place():
    a = torch.tensor([2.0], requires_grad=True)
    b = a + 1
    c = a / b
    b.detach_()
    c.sum().backward()


def what_a_write_saves_of_the_old_numbers_has_a_history():
    a = torch.tensor([0.5, 1.0], requires_grad=True)
    b = a * 1
    b.mul_(a)
    (first,) = torch.autograd.grad(b.sum(), a, create_graph=True)
    first.sum().backward()
    print(a.grad)


def a_leaf_that_was_cut_keeps_the_history_of_its_views():
    a = torch.tensor([1.0], requires_grad=True)
    b = a[None]
    a.detach_()
    b.detach().mul_(2)
    b.is_leaf, b.requires_grad


def the_gradient_of_two_inputs_is_one_tensor():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    one, other = torch.autograd.grad(a.sum(), [a, a])
    one is other


def nodes_are_called_with_one_result_alone():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * 2).sum().grad_fn(torch.tensor(1.0))


def dimensions_that_are_not_there():
    a = torch.zeros(2, 3)
    a.select(2, 0)
    a.select(0, 5)
    torch.tensor(1.0).select(0, 0)
    a.transpose(0, 2)
    a.unsqueeze(3)
    a.expand(2, 2)
    a.expand(3)
    a.expand(-1, 2, 3)
    a.as_strided((9,), (1,))
    a.as_strided((2,), (-1,))
    torch.tensor(1.0)[0]
    torch.tensor(1.0)[:1]


def transposing_what_is_not_two_dimensional_warns():
    torch.tensor([1.0]).T
    torch.tensor(1.0).T


def detach_in_place_does_nothing_in_inference_mode():
    a = torch.tensor([1.0], requires_grad=True)
    with torch.inference_mode():
        a.detach_()
    a.requires_grad


def reshape_of_what_is_not_contiguous():
    a = torch.tensor([1.0], requires_grad=True)
    b = a.expand(2, 1).reshape(-1)


def a_hook_after_a_node_sees_the_gradient_in_the_shape_of_the_input():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a.expand(2, 2)
    handle = b.grad_fn.register_hook(lambda after, before: print("node", after, before))
    b.sum().backward()


def a_function_that_writes_a_view_of_a_leaf():
    class Fill(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.fill_(2)

        @staticmethod
        def backward(ctx, grad):
            return grad * 0

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    Fill.apply(a.view(-1))
    torch.tensor(1.0)[1]


def unbinding_a_vector_gives_views():
    a = torch.tensor([1.0, 2.0])
    b, c = a.unbind()
    a.mul_(2)
    with torch.no_grad():
        d, e = (a * 1).unbind()
    d.mul_(torch.tensor(2.0, requires_grad=True))


def narrowing_a_scalar():
    torch.tensor(1.0).narrow(0, 0, 1)


def a_view_that_may_not_be_looked_at_is_refused_first():
    a = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    b = a * 1
    with torch.no_grad():
        c = b.T
    b[0].zero_()
    a * c
    c.view(-1)
    torch.matmul(a, a, c)
    torch.matmul(c, c)
    c.select(5, 0)
    c.as_strided((9,), (9,))
    c.mul_(torch.zeros(4))


def one_of_several_views_is_refused_first():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    b = a * 1
    c = b.unbind()[0]
    b.zero_()
    torch.stack([c, b])
    torch.cat([c, b])


def views_made_under_no_grad_and_then_several():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    with torch.no_grad():
        b = a[:1]
    c, d = b.split(1, 1)
    c.mul_(2)
    d.t_()
    with torch.no_grad():
        e = c.expand(2, 1, 1)
    e.exp_()


def an_operation_saves_before_it_fails():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: print("pack", t) or t, lambda t: t):
        a * torch.zeros(3)
        torch.matmul(a, torch.zeros(3))
        (a * 1).mul_(torch.tensor([1.0, 2.0, 3.0], requires_grad=True))


def an_operation_that_leads_nowhere_saves_nothing():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        b = a[:1]
    with torch.autograd.graph.saved_tensors_hooks(lambda t: print("pack", t) or t, lambda t: t):
        c = b * b
        d = b.exp()
    c.grad_fn._saved_self
    c.sum().backward()


def a_hook_is_called_where_no_gradient_has_arrived():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    b, c = a.unbind()
    handle = b.register_hook(lambda grad: print("hook", grad))
    c.sum().backward()
    b, c = a.unbind()
    handle = b.register_hook(lambda grad: torch.ones(2))
    c.sum().backward()
    print(a.grad)


def turning_a_view_in_place_under_no_grad():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = a.squeeze()
    with torch.no_grad():
        b.t_()
    a, c = torch.tensor([1.0, 2.0], requires_grad=True).split(1)
    with torch.inference_mode():
        c.unsqueeze_(0)
    torch.zeros(2, 2, 2).t_()


def set_item_looks_at_a_value_of_another_shape():
    a = torch.zeros(2, 3)
    b = torch.tensor([2.0, 0.5, 0.0], dtype=torch.float64, requires_grad=True)
    a[:] = b


def products_of_a_vector_and_a_matrix_are_squeezed_in_place():
    a = torch.tensor([1.0, 2.0])
    b = torch.matmul(a, torch.ones(2, 3))
    b._version


def products_of_bools_name_their_kernel():
    a = torch.tensor([True, False])
    torch.matmul(a, a)
    torch.matmul(a[None], a)
    torch.matmul(a, a[:, None])
    torch.matmul(a[None, None], a[None, :, None])
    torch.matmul(a[None], a[:, None][:, :0])


def products_with_a_batch_of_one_are_folded():
    a = torch.ones(1, 2, 2, requires_grad=True)
    b = torch.ones(3, 2, 2)
    c = torch.matmul(a, b)
    c = torch.matmul(b, a)
    c = torch.matmul(a, a)
    torch.matmul(torch.ones(3), torch.ones(2, 2, 2))


def a_mask_writes_expanded_memory_with_a_warning():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (b,) = torch.autograd.grad(a.sum(), a)
    b.masked_fill_(torch.tensor([True, False]), -1)
    b.index_put_((torch.tensor([0]),), torch.tensor(3.0))
    b.mul_(2)


def what_an_operation_refuses_comes_before_shared_memory():
    a = torch.tensor([True]).expand(2)
    a.sub_(a)
    a.neg_()


def what_a_function_returns_where_nothing_is_recorded():
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, grad):
            return grad

    class Fill(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.fill_(2)

        @staticmethod
        def backward(ctx, grad):
            return grad * 0

    class Part(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x[:1]

        @staticmethod
        def backward(ctx, grad):
            return grad

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([1.0, 2.0])
    with torch.no_grad():
        c, d = Same.apply(a), Same.apply(b)
        e, f = Fill.apply(a), Fill.apply(b)
        g, h = Part.apply(a), Part.apply(b)
    c is a, d is b, e is a, f is b
    [each._is_view() for each in (c, d, e, f, g, h)]
    g.mul_(2)
    Part.apply(a * 1).mul_(2)


def outputs_that_are_marked_not_differentiable():
    class Flat(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, out):
            out = out(x)
            ctx.mark_non_differentiable(out)
            return out

        @staticmethod
        def backward(ctx, grad):
            return grad, None

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 1
    c = Flat.apply(b, lambda x: x)
    d = Flat.apply(b, lambda x: x[:1])
    e = Flat.apply(b, lambda x: x * 2)
    c is b, d.requires_grad, d._is_view(), e.requires_grad


def what_a_function_says_it_has_written_it_has_to_return():
    class Lost(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2) * 2

        @staticmethod
        def backward(ctx, grad):
            return grad

    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2), x * 2

        @staticmethod
        def backward(ctx, one, other):
            return one

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    Lost.apply(a * 1)
    Two.apply((a * 1)[:1])
    Two.apply((a * 1).split(1)[0])
    with torch.no_grad():
        b = a[:1]
    Two.apply(b)


def a_function_frees_what_it_saved_even_if_that_is_nothing():
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x

        @staticmethod
        def backward(ctx, grad):
            print("saved", ctx.saved_tensors)
            return grad

    class Nothing(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            print("saved", ctx.saved_tensors)
            return grad

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = Nothing.apply(a).sum()
    b.backward()
    b.backward()
    b = Same.apply(a * 1)
    b.sum().backward()


def a_gradient_that_is_refused_frees_nothing():
    class Short(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            print(ctx.saved_tensors)
            return grad[:1].expand(3)

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = Short.apply(a).sum()
    b.backward(retain_graph=False)
    b.backward()
    b.grad_fn.next_functions[0][0].saved_tensors


def a_gradient_that_shows_a_part_several_times():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    b = a.sum(-1, keepdim=True)
    c = b.as_strided((1,), (1,), 1).sum()
    [each.storage_offset() for each in torch.autograd.grad(c, a)]


def joining_passes_over_what_is_empty():
    a = torch.tensor([], requires_grad=True)
    b = torch.tensor([1.0], requires_grad=True)
    c = torch.cat([a, b])
    [each.requires_grad for each in torch.autograd.grad((c**2).sum(), a, create_graph=True)]


def writes_at_places_refuse_what_they_would_read():
    a = torch.tensor([0, 1])
    a[a] = 5
    a.index_put_((torch.tensor([0]),), a[:1])
    a.scatter_(0, a, 1)
    a.index_add_(0, a, a)
    a.masked_fill_(a > 0, a[0])
    a[a == 0] = a[0]


def memory_of_another_storage_is_not_looked_at():
    a = torch.tensor([1.0, 2.0, 3.0])
    a[:2].copy_(torch.as_tensor(a.numpy())[1:])
    print(a)


def a_mask_that_writes_expanded_memory_in_brackets_warns_twice():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (b,) = torch.autograd.grad(a.sum(), a)
    b[b > 0] = -2.0
    b[torch.tensor([0, 1])] = torch.tensor([1.0, 3.0])


def deep_copies_take_the_gradient_with_its_history_or_fail():
    import copy

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (a * a).sum().backward(create_graph=True)
    copy.deepcopy(a)


def what_backward_makes_in_inference_mode():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = (a * a).sum()
    with torch.inference_mode():
        b.backward()
    a.grad.is_inference()
    c = (a * 2).sum()
    with torch.inference_mode():
        [each.is_inference() for each in torch.autograd.grad(c, a)]


def views_of_what_inference_mode_has_made():
    with torch.inference_mode():
        print(torch.ones(2, requires_grad=True)[:1].requires_grad)


def nodes_are_called_with_a_gradient_for_each_output():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    b, c = a.split(1)
    b.grad_fn(torch.ones(1, 2))
    b.grad_fn(torch.ones(1, 2), torch.ones(1, 2))
    d, e = a.max(0)
    d.grad_fn(torch.ones(2))


def quotients_that_are_floored_name_their_node_and_its_edges():
    a = torch.tensor([3.0], requires_grad=True)
    (a // 2).grad_fn.next_functions
    (a // a.detach()).grad_fn.next_functions
    (2 // a).grad_fn.name(), (a * 1).grad_fn.name(), a.clone().copy_(a).grad_fn.name()


def looking_at_other_memory_has_no_derivative():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b, c = a * 1, torch.ones(2)
    c.set_(b)
    b.set_(torch.ones(2))
    c.sum().backward()


def a_hook_on_several_tensors_of_which_one_is_the_root():
    a = torch.tensor([1.0], requires_grad=True)
    b = a * 2
    c = b * 3
    handle = torch.autograd.graph.register_multi_grad_hook([b, c], lambda grads: print(grads))
    c.backward(torch.ones(1), retain_graph=True)
    torch.autograd.backward([c, c * 1], [torch.ones(1), torch.ones(1)], retain_graph=True)
    handle = torch.autograd.graph.register_multi_grad_hook([a, b], lambda grads: print(grads))
    print(torch.autograd.grad(c, b, retain_graph=True))
    torch.autograd.grad(c, a)


def a_retained_gradient_stays_behind_where_a_tensor_turns_in_place():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 1
    b.retain_grad()
    b.unsqueeze_(0)
    (b * b).sum().backward()
    print(b.grad)


def what_is_refused_before_a_view_turns_in_place():
    a = torch.zeros(2, 2, 2, requires_grad=True)
    a[:1].t_()
    a.as_strided_((9,), (9,))
    torch.zeros(2, 2, 2).t_()


def mixtures_of_types():
    torch.lerp(torch.tensor([1.0]), torch.tensor([1]), 0.5)
    torch.lerp(torch.tensor([1]), torch.tensor([1]), 0.5)
    torch.lerp(torch.tensor([1.0]), torch.tensor([1.0]), torch.tensor([1]))
    torch.addmm(torch.zeros(2), torch.zeros(2, 2, dtype=torch.half), torch.zeros(2, 2, dtype=torch.half))
    torch.tensor([True]).add(torch.tensor([True]), alpha=2)
    torch.tensor([True, False]).topk(1)
    torch.tensor(1).var()
    torch.tensor(1.0).sort(1)
    torch.zeros(2, 0).amax(-1)
    torch.tensor(1).index_put_((torch.tensor([0]),), torch.tensor(1))
    torch.zeros(3).index_put_((torch.tensor([0]),), torch.zeros(2, dtype=torch.double))
    torch.zeros(3).masked_fill_(torch.tensor([True]), torch.zeros(3))


def sums_over_products_of_size_one():
    a = torch.tensor([2.0], requires_grad=True)
    b = torch.einsum("i,i->", a, a)
    c = torch.einsum("ij,kj->ik", a[None], torch.ones(3, 1))


def types_meet_in_threes():
    a, b = torch.tensor([2.0, 0.0]), torch.tensor([1.0, 1.0], dtype=torch.float64)
    torch.addcmul(a, b, a).dtype, torch.cat([a, b, a]).dtype


def the_middle_of_nothing():
    torch.zeros(0, dtype=torch.int64).median()


def the_result_of_a_write_to_a_view_is_the_views_own():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = a * 1
    c = b[:2]
    c.exp_()
    b.grad_fn.next_functions
    c.fill_(-2.0)
    b.sum().backward()


def an_array_of_what_requires_grad_under_no_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.numpy()
    with torch.no_grad():
        a.numpy()


def data_of_another_type_and_shape():
    a = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    b = a * 2
    a.data = torch.tensor([1.0, 2.0])
    (a * a).sum().backward()
    print(a.grad)
    torch.tensor([1.0, 2.0], requires_grad=True).backward(torch.ones(3))


def the_gradient_of_what_was_given_data_of_another_shape():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = a * 2
    a.sum().backward()
    a.data = torch.tensor([1.0, 2.0])
    a.sum().backward()
    b.sum().backward()
    a.grad = None
    (a * 2).sum().backward()
    print(a.grad)


def a_write_through_a_view_of_what_was_given_data_of_another_shape():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = a * 1
    c = b[:2]
    b.data = torch.tensor([5.0])
    c.mul_(2)
    print(b, c)
    c.sum().backward()
    d = a * 1
    e = d[:2]
    d.data = torch.zeros(2, 2)
    e.exp_()
    (d * 2).sum().backward()


def a_hook_on_several_of_which_one_requires_grad_by_its_base():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        b = a[:1]
    torch.autograd.graph.register_multi_grad_hook([b], lambda grads: print(grads))
    c = a * 2
    h = torch.autograd.graph.register_multi_grad_hook(
        [b, c], lambda grad: print("any", grad), mode="any"
    )
    (b * c).sum().backward()


def what_lerp_checks_first():
    a, b = torch.tensor([1.0, 2.0]), torch.tensor([True, False])
    b.lerp(b, 0.5)
    b.lerp_(b, b)
    b.lerp(torch.tensor([True] * 3), 0.5)
    a.lerp(a * 3, torch.tensor(0.5, dtype=torch.float64))
    a.lerp(a * 3, torch.tensor([0.5], dtype=torch.float64))
    torch.tensor([1, 2]).lerp(torch.tensor([3, 4]), torch.tensor(0.5))
    torch.tensor([1, 2]).lerp_(torch.tensor([3, 4]), torch.tensor(0.5))


def topk_looks_at_its_number_before_the_type():
    torch.tensor([True]).topk(2)
    torch.tensor([True]).topk(1)


def no_dimension_that_is_said():
    a = torch.tensor([[1.0, 2.0]], requires_grad=True)
    a.sum(dim=None), a.sum(None, False), a.sum(), a.sum(dim=())
    a.mean(dim=None), a.mean(None), a.mean(), a.sum(axis=None)
    a.sum(None).grad_fn._saved_dim
    (a.sum(None) + a.mean(dim=None)).backward()
    print(a.grad)


def bools_to_the_power_of_bools():
    a = torch.tensor([True, False])
    a**a
    True**a
    a**True
    a.pow_(a)
    a[:0] ** a[:0]
    a ** torch.tensor([2, 0])


def nothing_to_select_from():
    torch.zeros(2, 0).index_select(-1, torch.tensor([0, 0]))
    torch.zeros(0, 2).index_select(0, torch.tensor([0]))
    torch.zeros(2, 0).index_select(1, torch.tensor([], dtype=torch.int64))


def the_first_gradient_of_what_was_given_data_of_another_shape():
    a = torch.ones((2, 2), requires_grad=True)
    b = a.permute((1, 0))
    a.data = a[:1]
    b.sum().backward()
    c = torch.tensor([0.5], requires_grad=True)
    d = c * 2
    c.data = torch.tensor([2.0, -1.5])
    (d * d).sum().backward(create_graph=True)
    print(c.grad)


def a_result_lies_as_its_operands_do():
    a = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    b = torch.ones(3, 2).t()
    (a * b).stride(), (b * a).stride(), (b + 1).stride()
    torch.where(a > 2, b, a).stride(), torch.where(b > 2, b, a).stride()
    torch.lerp(b, a, 0.5).stride(), torch.addcmul(b, a, a).stride(), torch.maximum(a, b).stride()
    torch.where(b > 0, a.sum(0), a).view(-1)
    c = torch.ones(2, 2, 1).as_strided((2, 2, 1), (1, 0, 2))
    (c * 2).stride(), c.exp().stride(), c.double().stride(), c.clone().stride()
    d = torch.ones(3, 3, 2).permute(1, 2, 0)
    d.sum(0).stride(), d.mean(-1).stride(), d.amax(0).stride(), d.tril().stride()


def steps_of_a_view_of_one_element():
    a = torch.full((2, 1), 2)[::2]
    b = a.view(a.shape)
    a.stride(), b.stride(), a.squeeze().stride(), a.unsqueeze(0).stride()
    a.mul_(b)
    a.reshape(1, 1, 1).stride(), torch.ones(2, 3, 4)[:, :1, ::2].reshape(2, 2).stride()


def the_gradient_of_stretching_to_no_dimensions():
    a = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    b = a.broadcast_to(a.shape)
    (c,) = torch.autograd.grad(b.sum(), a)
    c._is_view()
    c.detach_()


def the_node_of_repeat_called_by_hand():
    a = torch.ones((2, 3), requires_grad=True)
    b = a.repeat(2, 2, 3)
    torch.no_grad()(lambda: b.grad_fn(torch.ones_like(b)))()


def einsum_of_nothing_and_something():
    torch.einsum("i,i->", torch.tensor([]), torch.tensor([1.0, 2.0]))
    torch.einsum("i,i->", torch.tensor([]), torch.tensor([1.0]))


def what_was_detached_from_inference_mode_counts():
    with torch.inference_mode():
        a = torch.ones(2)
        b = a.detach()
    c, d = a.detach(), a.data
    a.is_inference(), b.is_inference(), c.is_inference(), d.is_inference()
    a._version
    c._version, d._version
    a.add_(1)
    b.add_(1)
    c.add_(1)
    d.mul_(2)
    c[0] = 3
    c.view(-1).add_(1)
    c._version, d._version, c.detach()._version
    with torch.inference_mode():
        c.add_(1)
        c._version
    c.unsqueeze_(0)
    c.requires_grad_()
    torch.ones(2, requires_grad=True) * c


def an_edge_to_a_view_without_history():
    a = torch.arange(2.0, requires_grad=True)
    with torch.no_grad():
        b = a.expand(2, 2)
    (b // 2).grad_fn.next_functions, (2 // b).grad_fn.next_functions


def a_retained_gradient_moves_along_with_set():
    a = torch.tensor([3.0, 3.0], requires_grad=True)
    b = a.cumsum(0)
    b.retain_grad()
    b.set_(b)
    torch.autograd.grad(b, a, torch.ones_like(b))
    b.grad


def clamp_says_the_type_in_its_own_words():
    torch.tensor([True]).clamp_(min=0)
    torch.tensor([1]).clamp_(min=0.5)
    torch.tensor([1], dtype=torch.int8).clamp_(max=0.5)
    torch.tensor([1]).clamp_(min=torch.tensor([0.5]))


def running_sums_of_bools_in_place():
    torch.tensor([True]).cumsum_(0)
    torch.tensor([True]).cumprod_(0)
    torch.tensor(True).cumsum_(0)
    torch.tensor([1, 100, 100], dtype=torch.int8).cumsum_(0)


def shapes_are_looked_at_before_there_is_no_kernel():
    a, b = torch.tensor([1, 2]), torch.tensor([[1, 2], [3, 4]])
    a.lerp_(b, 0.5)
    a.lerp_(a, 0.5)
    torch.tensor([1]).expand(2).lerp_(a, 0.5)
    c, d = a > 1, b > 1
    c.addcmul_(d, d)
    c.addcmul_(c, c)
    c.addcmul(torch.tensor([True] * 3), c)


def a_gradient_that_lies_otherwise_than_its_leaf():
    a = torch.ones((2, 2), requires_grad=True)
    a.grad = torch.zeros(2, 2).t()
    a.sum().backward()
    b = torch.ones(2, 2).t().requires_grad_()
    b.sum().backward()
    b.grad.stride()
    b.sum().backward()
    c = torch.ones((3, 2))[:, :1].requires_grad_()
    c.grad = torch.zeros(3, 2)[:, :1]
    (c * c).sum().backward(create_graph=True)


def clamp_looks_at_the_type_before_memory():
    a = torch.tensor([True]).expand(2, 2)
    a.clamp_(min=0)
    torch.tensor([1.0]).expand(2).clamp_(min=0)
    torch.tensor([True]).expand(2).clamp_(min=torch.tensor([1, 2]))


def stretched_integers_become_floats():
    a = torch.tensor([2, 2]).expand(2, 2)
    a.exp().stride(), (a * 0.5).stride(), (a / a).stride(), (a + torch.ones(2, 2).t()).stride()


def products_of_nothing():
    a, b = torch.tensor([]), torch.tensor([], dtype=torch.bool)
    torch.einsum("i,i->", a, b), torch.einsum("i,i->", b, a)
    torch.einsum("ij,kj->ik", torch.zeros(2, 0), torch.zeros(3, 0))
    torch.einsum("ij,kj->ik", torch.zeros(0, 2), torch.zeros(3, 2))
    torch.einsum("i,i->", torch.tensor([1.0]), torch.tensor([True]))
    torch.einsum("i,i->", torch.tensor([True]), torch.tensor([1.0]))
    torch.bmm(torch.zeros(1, 2, 0), torch.zeros(1, 0, 3).bool())


def a_hook_that_keeps_nothing_lets_the_gradient_be_kept():
    a = torch.tensor([0.5, 0.0], requires_grad=True)
    h = a.register_hook(lambda grad: None)
    (a * a).sum().backward()
    a.grad._version
    b = torch.tensor([0.5, 0.0, 0.5], requires_grad=True)
    c = b[:1].exp()
    h = torch.autograd.graph.register_multi_grad_hook([c, b], lambda grads: print("all", grads))
    b.data = b.detach()[:1]
    c.sum().backward()
    print(b.grad, b.grad._version)


def mutation_of_what_inference_mode_has_made():
    with torch.inference_mode():
        a = torch.ones(2)
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        a.sqrt_()


def a_write_is_told_to_history_before_its_places_are_looked_at():
    a = torch.tensor(1.0, requires_grad=True)
    b, c = torch.tensor([-1, 1])
    b.index_put_((torch.tensor([0]),), a)
    b.masked_fill_(torch.tensor(True), a)
    b.copy_(a)


def hooks_before_the_node_of_a_result_with_indices():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b, c = a.topk(1)
    h = b.grad_fn.register_prehook(lambda grads: (print(len(grads)), (grads[0] * 3,))[1])
    print(torch.autograd.grad(b, a))
    d, e = a.max(0)
    h = d.grad_fn.register_prehook(lambda grads: (grads[0] * 3, None))
    print(torch.autograd.grad(d, a))


def what_does_not_fit_is_not_written_under_a_mask():
    a, b = torch.tensor([1, 0]), torch.tensor([float("inf")])
    a[a > 0] = b
    a.masked_fill_(a > 0, b[0])
    a[a > 0] = torch.tensor(2.7)
    print(a)


def the_gradient_of_scatter_into_no_dimensions():
    a = torch.tensor(-1.5, requires_grad=True)
    b = a.scatter(0, a.argmax(0, keepdim=True), 0.5)
    torch.autograd.backward([b.sum(), b.sum()])
    c = torch.tensor(2.0, requires_grad=True)
    d = c.index_add(0, torch.tensor(0), c)
    torch.autograd.backward([d.sum(), d.sum()])
    print(a.grad, c.grad)


def a_view_of_a_view_that_inference_mode_made():
    a = torch.ones(2, 4, requires_grad=True)
    with torch.inference_mode():
        b = a[0]
    b.chunk(2)[1].add_(1)
    with torch.no_grad():
        c = b[:2]
    c.add_(1)
    d = torch.ones(2, 4)
    with torch.inference_mode():
        e = d[0]
    e.chunk(2)[1].add_(torch.ones(2, requires_grad=True))


def a_gradient_of_the_shape_that_its_leaf_had():
    a = torch.tensor([0.0, 0.5], requires_grad=True)
    b = a.repeat(2, 2)
    with torch.no_grad():
        a.unsqueeze_(0)
    a.sum().backward()
    a.grad.shape, a.grad.stride()


def a_slice_of_nothing_asks_for_history_first():
    a = torch.tensor([1.0, 0.0, -1.5], requires_grad=True)
    b = list(a)[-1]
    b[::2]
    a.requires_grad_(False)
    a.round_()
    b[::2]


def what_is_saved_for_an_edge_to_nowhere():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        b = a[:1]
    with torch.autograd.graph.saved_tensors_hooks(lambda t: print("pack", t) or t, lambda t: t):
        b.square(), b.sin(), b * b, b * torch.ones(1), b / a[1:]


def the_gradient_of_a_product_of_several_zeros():
    a = torch.tensor([[0.0, 0.0], [0.0, 0.0]], requires_grad=True)
    a.prod().backward(torch.tensor(float("nan")))
    b = torch.tensor([[0.0, 2.0], [0.0, 4.0]], requires_grad=True)
    b.prod(0).sum().backward()
    c = torch.tensor([0.0, 2.0, 3.0], requires_grad=True)
    c.prod().backward(torch.tensor(float("inf")))
    print(a.grad, b.grad, c.grad)


def a_gradient_of_another_type_than_its_leaf_has_by_now():
    a = torch.tensor([[0.0, -1.5], [0.5, 2.0]], dtype=torch.float64, requires_grad=True)
    b = a * 2
    a.data = a.detach().float()
    b.backward(torch.ones_like(b), retain_graph=True)
    b.backward(torch.ones_like(b))


def a_gradient_of_nothing_is_no_view():
    a = torch.ones((0,), requires_grad=True)
    (b,) = torch.autograd.grad(a, a, torch.ones_like(a))
    b._is_view()
    b.sub_(a)


def a_pre_hook_is_for_its_node_alone():
    a = torch.tensor([3.0, 0.5], requires_grad=True)
    b = a / 2
    h = b.grad_fn.register_prehook(lambda grads: (grads[0] * 3,))
    print(torch.autograd.grad(b.sum(), [b, a]))


def the_gradient_of_a_running_sum_of_one():
    a = torch.tensor([3.0], requires_grad=True)
    b = a.cumsum(0)
    c, d = torch.autograd.grad(b.sum(), [a, b])


def a_root_that_is_no_tensor():
    a = torch.tensor([3.0], requires_grad=True)
    torch.autograd.backward([a.sum(), None])
    torch.autograd.backward([None])
    torch.autograd.grad([None, a.sum()], [a], [torch.tensor(1.0), torch.tensor(1.0)])


def a_formula_whose_gradient_nobody_asked_for_is_not_run():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * a
    a.data = torch.ones(3)
    b.sum().backward(inputs=[b])
    print(b.grad)


def the_part_of_a_written_base_that_is_asked_for():
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = torch.tensor([4.0, 5.0], requires_grad=True)
    c = a * 1
    c[:2].mul_(b)
    print(torch.autograd.grad(c.sum(), [b], retain_graph=True), torch.autograd.grad(c.sum(), [a], retain_graph=True))
    d = c.grad_fn(torch.ones(3))
    c.sum().backward(inputs=[b])
    print(a.grad, b.grad, d)


def what_grad_returns_of_a_tensor_with_a_hook():
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    b = a * 1
    h = b.register_hook(lambda grad: grad + 1)
    print(torch.autograd.grad(b.sum(), [a, b]))
    c = a * 1
    h = c.register_hook(lambda grad: grad + 1)
    print(torch.autograd.grad(c.sum(), [c]))


def an_operation_without_a_derivative_says_so_whatever_is_asked():
    a = torch.tensor([0.5, 1.0, 2.0], requires_grad=True)
    b = a // 2
    c = b * 1
    c.sum().backward(inputs=[b])
    torch.autograd.grad((a // 2).sum(), a)


def a_field_that_nothing_was_kept_in_is_none_after_backward_too():
    a = torch.tensor([3.0], requires_grad=True)
    b = a * torch.tensor([2.0])
    b.sum().backward()
    print(b.grad_fn._saved_self)
    b.grad_fn._saved_other


def a_squeeze_of_what_has_by_now_another_shape():
    a = torch.tensor([3.0, 0.0, 0.0], requires_grad=True)
    b = a.squeeze()
    print(b.grad_fn(torch.ones(2, 3)))
    c = a[None].squeeze()
    print(c.grad_fn(torch.ones(3)).shape)


def a_number_of_a_tensor_warns_only_where_gradients_are_on():
    a = torch.tensor([2.0], requires_grad=True)
    print(float(a), complex(a), int(a))
    with torch.no_grad():
        print(float(a), complex(a), int(a))
    with torch.inference_mode():
        with torch.enable_grad():
            print(float(a))
    b = torch.tensor([1.0, 2.0], requires_grad=True)
    float(b)


def tensors_of_one_element_in_a_list_are_numbers():
    a = torch.tensor([[2.5]], requires_grad=True)
    b = torch.tensor([a, 1.0])
    with torch.no_grad():
        c = torch.tensor([[a], [True]])
    torch.tensor([a], dtype=torch.int64)
    d = torch.tensor([torch.tensor([3]), torch.tensor(True)])
    torch.tensor([torch.tensor([3, 4])])
    torch.tensor([torch.tensor([3.0, 4.0])])


def what_is_handed_on_along_a_dimension_of_one_element():
    a = torch.tensor([[2.0], [3.0]], requires_grad=True)
    b = a.cumsum(1)
    c, d = torch.autograd.grad(b.sum(), [a, b])
    print(c is d)
    b = a.cumprod(-1)
    c, d = torch.autograd.grad(b.sum(), [a, b])
    print(c is d)
    b = a.repeat(1, 1)
    c, d = torch.autograd.grad(b.sum(), [a, b])
    print(c is d)
    b = a.repeat(1, 1, 1)
    c, d = torch.autograd.grad(b.sum(), [a, b])
    print(c is d)


def the_gradient_that_was_given_comes_back_as_it_is():
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    b = a * 2
    c = torch.ones(2)
    d, e = torch.autograd.grad(b, [a, b], c)
    print(e is c, d is c)
    d.add_(1)
    e.add_(1)
    print(c, c._version)
    (f,) = torch.autograd.grad(a + 1, a, c)
    print(f is c)


def elementwise_results_lie_like_what_they_are_made_of():
    a = torch.arange(6).view(2, 3).T
    print(a.round().stride(), a.bool().sign().stride(), a.abs().stride())
    b = torch.arange(6.0).view(2, 1, 3).expand(2, 4, 3).permute(2, 1, 0)
    print(b.abs().stride(), b.neg().stride(), b.floor().stride(), b.isnan().stride())
    c = torch.arange(24.0).view(2, 3, 4).permute(2, 0, 1)
    print(c.tril().stride(), c.triu().stride(), c.sign().stride())
    torch.eye(2).bool().trace()


def set_on_a_view_that_was_made_under_no_grad():
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    with torch.no_grad():
        b = a[:1]
        b.mul_(2)
    b.set_(b)
    a.set_(a)


def what_inference_made_cannot_be_saved_whatever_its_shape():
    with torch.inference_mode():
        a = torch.eye(3).square()
    b = torch.ones(2, 3, requires_grad=True)
    b * a
    b / a
    b + a


def a_gradient_is_not_added_into_memory_that_elements_share():
    a = torch.ones(2, 3, requires_grad=True)
    (b,) = torch.autograd.grad(a.sum(), a)
    a.grad = b
    a.sum().backward()
    print(a.grad, b._version)


def a_gradient_of_nothing_lies_like_its_leaf():
    a = torch.tensor([], requires_grad=True)
    a.backward(torch.ones_like(a))
    a.sum().backward()
    b = torch.ones(0, 2, requires_grad=True)
    b.sum().backward()
    (b * 2).sum().backward()
    print(a.grad, b.grad)


def what_is_picked_lies_like_the_tensor_and_its_indices():
    a = torch.arange(4.0).view(2, 2).t().unsqueeze(0)
    print(a[[0, 0]].stride(), a[:, [0, 0, 1]].stride(), a[..., [0, 0]].stride())
    b = torch.arange(24.0).view(2, 3, 4).permute(2, 0, 1)
    print(b[:, [0, 1, 0]].stride(), b[[0], :, [0]].stride(), b[:, [[0, 1], [1, 0]]].stride())
    print(b[:, torch.tensor([True, False])].stride(), b[b > 3].stride())
    i = torch.zeros(2, 3, dtype=torch.int64).t()
    print(torch.ones(4)[i].stride(), b[i].stride(), b[:, i].stride())
    print(torch.ones(1, 3)[None, [0, 0]].stride())
    print(b.gather(0, b.long() * 0).stride())


def what_is_joined_of_pixels_lies_by_pixels():
    a = torch.arange(24.0).view(1, 2, 3, 4).permute(0, 3, 1, 2)
    print(torch.cat([a, a]).stride(), torch.cat([a, a.contiguous()]).stride())
    print(torch.cat([torch.ones(0), a]).stride(), a.roll(1).stride())


def an_einsum_over_a_batch_of_one_lies_in_rows():
    a = torch.arange(12.0).view(2, 1, 3, 2)
    b = torch.arange(12.0).view(2, 1, 2, 3)
    print(torch.einsum("...ij,...jk->...ik", a, b).stride())


def no_greatest_norm_of_nothing():
    a = torch.ones(2, 0)
    a.norm(float("inf"))
    a.norm(-1)
    a.norm(float("inf"), 1)
    print(a.norm(-1, 0), a.norm(1), a.norm(0, 1))


def the_slope_of_a_greatest_element_along_the_dimension_of_a_scalar():
    a = torch.tensor(2.0, requires_grad=True)
    b = a.amax(-1)
    c = a.amax()
    print(b.grad_fn(torch.tensor(1.0)), c.grad_fn(torch.tensor(1.0)))
    print(a.amin(0, keepdim=True).grad_fn(torch.tensor(1.0)))
    b.backward()
    print(a.grad)


def a_function_that_writes_a_tensor_forgets_its_gradient():
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    a = torch.ones(2, requires_grad=True)
    b = a * 1
    b.retain_grad()
    b.sum().backward(retain_graph=True)
    print(b.grad)
    c = Double.apply(b)
    print(c is b, b.grad, b.retains_grad)
    c.sum().backward()
    print(b.grad, a.grad)
    d = a[:1]
    d.retain_grad()
    d.sum().backward(retain_graph=True)
    Double.apply(d)
    print(d.grad)


def a_leaf_of_another_shape_takes_a_gradient_of_nothing():
    a = torch.tensor([], requires_grad=True)
    b = a.reshape(-1)
    a.data = torch.ones(2, 1)
    (b * b).sum().backward()
    print(a.grad)


def a_refused_write_keeps_nothing_alive():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a[None]
    b.sum().backward(retain_graph=True)
    a.unbind()[0].mul_(2)
    a.data = b
    b = None
    a.sum().backward()


def what_is_put_into_integers_is_saved_and_forgotten():
    a = torch.tensor([1, 2])
    b = torch.tensor([2.0], requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: print("pack", t) or t, lambda t: t):
        a.index_put_((torch.tensor([0]),), b)
        a.masked_fill_(a > 1, b[0])
        a.mul_(b)
        a.copy_(b)
    print(a, a.requires_grad)


def what_backward_adds_into_a_gradient_is_a_write_as_any_other():
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    with torch.inference_mode():
        a.backward(torch.ones(2))
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        (a * a).sum().backward()
    a.grad = torch.ones(2)
    b = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        c = b * a.grad
        a.sum().backward()
        c.sum().backward()
    print(a.grad, b.grad)


def where_elements_meet_is_found_before_shapes_and_kernels():
    a = torch.full((2, 3), -1)
    b = a.view(-1)
    a.lerp_(b, 0.5)
    a.lerp_(torch.ones(5, dtype=torch.int64), 0.5)
    a.lerp_(a, 0.5)
    torch.lerp(a, b, 0.5)
    torch.lerp(a, a, 0.5)


def what_inference_made_is_written_there_without_a_count():
    with torch.inference_mode():
        kept = [torch.ones(2)]  # in a list: PyTorch cannot print what it is after the next line
    kept[0].data = torch.zeros(2)
    with torch.inference_mode():
        kept[0].unsqueeze_(0)
        kept[0].add_(2)
        print(kept[0].tolist())
    print(kept[0].is_inference())
    kept[0].mul_(2)


def a_leaf_that_was_set_is_another_leaf():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a.relu()
    with torch.no_grad():
        a.set_(torch.tensor([3.0, 4.0]))
    c = a.add(b, alpha=2)
    c.sum().backward()
    print(a.grad, c.grad_fn.next_functions[0][0] is b.grad_fn.next_functions[0][0])


def a_view_of_nothing_starts_where_it_was_cut():
    a = torch.tensor([1.0])
    b = a[1:]
    print(b.storage_offset(), b.unsqueeze(0).storage_offset(), a[:0].storage_offset())
    print(torch.zeros(2, 3)[:, 5:].storage_offset(), torch.zeros(2, 3).diagonal(3).storage_offset())
    print(b.as_strided((0,), (1,), 9).storage_offset())
    b.as_strided((), ())


def what_relu_returns_is_memory_of_floats():
    a = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).relu()
    b = a.as_strided((1,), (1,), 3)
    b.mul_(2)
    print(a, b)


def a_mask_that_does_not_fit_is_found_first_or_last():
    a = torch.zeros(2, 3)
    a.masked_fill(torch.ones(4) > 0, torch.ones(1))
    a.masked_fill_(torch.ones(4) > 0, torch.ones(1))
    a.masked_fill_(torch.ones(4), torch.ones(1))
    a.masked_fill_(torch.ones(4) > 0, 1)
    a.masked_fill_(torch.ones(5, 1, 1) > 0, 1)


def a_write_at_places_asks_for_the_memory_first_and_for_the_places_last():
    a = torch.arange(3.0)
    five = torch.tensor([5])
    a.index_put_((five,), a)
    a.index_put_((torch.ones(1),), a[:1])
    a.index_put_((torch.ones(3) > 0,), a[0], accumulate=True)
    a.index_put_((five,), torch.ones(4))
    a.index_put_((five,), torch.tensor(2))
    a.index_put_((five,), torch.ones(1))
    a[five]


def a_tensor_stands_for_a_number_where_it_has_no_dimensions_and_no_gradient():
    a = torch.tensor([[-1.5, 2.0]], requires_grad=True)
    half = torch.tensor(0.5)
    b = torch.add(a, a, alpha=half) + a.sub(a, alpha=half) + a.addcmul(a, a, value=half)
    b = b + torch.nn.functional.leaky_relu(a, half) + torch.nn.functional.elu(a, alpha=half)
    b.sum().backward()
    print(torch.full((2,), half), torch.full_like(a, half), torch.arange(torch.tensor(3)))
    a.long().add(a.long(), alpha=half)
    a.add(a, alpha=a[0, 0])
    torch.nn.functional.leaky_relu(a, a[0, 0])
    torch.nn.functional.elu(a, torch.tensor([0.5]))
    torch.nn.functional.softplus(a, 1, torch.tensor([0.5]))
    torch.full((2,), a[0, 0])
    torch.full((2,), torch.tensor([1.0]))
    torch.full(torch.tensor(2), 1)
    torch.full_like(a, torch.tensor([1.0]))
    torch.arange(torch.tensor([3]))
    torch.arange(a[0, 1])


def a_product_with_a_zero_beside_what_is_infinite():
    a = torch.tensor([[0.0, 2.0, float("inf")], [0.0, 0.0, float("nan")]], requires_grad=True)
    for f in (torch.prod, torch.cumprod):
        print(torch.autograd.grad(f(a, 1).sum(), a)[0])
        again = torch.autograd.grad(f(a, 1).sum(), a, create_graph=True)
        print(torch.autograd.grad(again[0].sum(), a)[0])
        del again  # PyTorch's formulas are other nodes
    c = torch.tensor([0.0], requires_grad=True)
    print(torch.autograd.grad(c.prod(), c, create_graph=True)[0].requires_grad)


def bits_of_integers_are_not_written_as_floats():
    a = torch.tensor([1, 2])
    a <<= 1.5
    a >>= torch.tensor(1.5)
    a &= torch.ones(3)
    a.bitwise_xor_(torch.ones(2))
    a << 1.5
    b = torch.tensor([1.0])
    b <<= 2


def what_has_no_derivative_fails_before_a_later_leaf_gets_its_gradient():
    a = torch.tensor([-1.5, 3.0], requires_grad=True)
    b = torch.tensor([1.0, 2.0], requires_grad=True)
    (a // 2).grad_fn._sequence_nr() == (5 % a).grad_fn._sequence_nr() == 2**64 - 1
    (a // 2 + b).sum().backward()
    (b * 2 + 5 % a).sum().backward()
    print(a.grad, b.grad)
    (b + a // 2).sum().backward()


def a_write_through_an_expanded_view_of_itself_fails_in_backward():
    a = torch.tensor([0.5, 3.0], requires_grad=True)
    b = (a * 2).expand(2, 2)
    b[...] = b
    b.sum().backward()
    c = (a * 2).expand(2, 2)
    c.zero_()
    c.sum().backward(create_graph=True)
    d = torch.zeros(2)
    e = d.expand(2, 2)
    e[torch.tensor([0])] = a
    d.sum().backward()


def a_gradient_of_more_dimensions_than_its_leaf_has_by_now():
    a = torch.zeros(2, 3, requires_grad=True)
    b = a.square()
    a.data = torch.tensor(1.0)
    b.sum().backward()


def what_is_saved_is_known_by_its_place_and_version():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        b = a * 2
        c = b * b
        b[1:].zero_()  # begins elsewhere
        c.sum().backward()
        d = a * 2
        e = d * d
        d.data.zero_()
        e.sum().backward()
        f = a * 2
        f.mul_(2)
        g = f * f
        f.data.zero_()  # is at version 0
        g.sum().backward()
    print(a.grad)


def a_leaf_that_is_saved_again_after_an_uncounted_write():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        b = a * a
        a.data.add_(1)
        c = a * a
        a.data = torch.tensor([5.0, 6.0])
        d = a * a
        a.data = torch.tensor([7.0, 8.0])
        print([torch.autograd.grad(each.sum(), a) for each in (b, c, d)])


def turns_of_what_inference_mode_made_where_saved_tensors_may_be_written():
    with torch.inference_mode():
        a = torch.ones(3)
    b = torch.ones(3, requires_grad=True)
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        a.detach_()
        a.unsqueeze_(0)
        a.set_(torch.zeros(2))
        a.resize_(2)
        a.add_(torch.ones(2))
        c = b * 2
        d = c * c
        c.unsqueeze_(0)
        c.zero_()
        d.sum().backward()
    print(b.grad)


def the_greatest_element_was_written_unseen():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        b = a.max()
        a.data.zero_()
        torch.autograd.grad(b, a, create_graph=True)


def sizes_that_nothing_can_be_expanded_to():
    for size in ((-1,), (2, -2), (-1, 2)):
        try:
            torch.tensor(0.5).expand(size)
        except RuntimeError as error:
            print(error)
    torch.ones(1).expand(-2)
    torch.ones(2, 3).expand(-1, 3, 3)
    torch.ones(0).expand(-1, 2)
    torch.ones(2, 3).expand(4, 4, 3)


def what_is_rolled_and_stacked_lies_as_what_it_is_joined_of():
    a = torch.arange(48.0).view(2, 2, 3, 4).permute(0, 3, 1, 2)
    [a.roll(1, dim).stride() for dim in range(4)], a.roll(0, 3).stride(), a.roll(1).stride()
    a.roll((1, 1), (2, 1)).stride(), torch.ones(3, 2).t().roll(1, 0).stride()
    [torch.stack([a, a], dim).stride() for dim in range(5)], torch.stack([a[0], a[0]]).stride()
    b = torch.arange(96.0).view(2, 2, 2, 3, 4).permute(0, 4, 1, 2, 3)
    b.roll(1, 0).stride(), torch.stack([b, b], 1).stride(), torch.stack([a, a.contiguous()]).stride()
    torch.ones(0, 3).roll(1, 5)
    torch.ones(2, 3).roll((), ())
    torch.ones(()).roll(1, 3)


def a_number_to_the_power_of_what_lies_in_columns():
    a = torch.ones(3, 2, requires_grad=True)
    b = 2 ** a.t()
    b.stride(), (1 ** a.t()).stride(), (a.t() ** 2).stride(), torch.pow(2.5, a.t()).stride()
    b.sum().backward()


def views_of_nothing_step_as_if_something_were_there():
    a = torch.ones(0, 3)
    a.t().stride(), a.unsqueeze(0).stride(), a.unsqueeze(1).stride(), a.t().unsqueeze(0).stride()
    a[:, 1].storage_offset(), a[:, 1:].storage_offset(), a[:, ::2].stride(), a[::2].stride()
    a.view(3, 0).stride(), a.t().view(3, 0).stride(), a.t().reshape(0, 3).stride()
    a.expand(2, 0, 3).stride(), a.diagonal(1).stride(), a.split(1, 1)[1].storage_offset()
    a.t().detach().stride(), a.t().clone().stride(), (a.t() * 2).stride(), a.t().is_contiguous()
    b = torch.ones(2, 3)[:, 3:]
    b.stride(), b[1].stride(), b[1].storage_offset(), b.t().stride(), b.unsqueeze(0).stride()
    c = torch.ones(2, 3, 4)[:, 1:1]
    c.stride(), c[1].storage_offset(), c.permute(2, 0, 1).stride(), c.narrow(2, 2, 1).storage_offset()
    d = torch.ones(4)
    d[9::2].stride(), d[9::2].storage_offset(), d[3:1:3].stride()
    e = torch.ones(0)
    e.unsqueeze_(1)
    e.stride(), e.t_().stride()


def triangles_of_what_shares_its_places_in_memory():
    a = torch.ones(3)
    a.expand(2, 3).tril_()
    print(a)
    torch.ones(1).expand(3).triu_()
    torch.ones(1).expand(3).tril_()


def values_are_put_one_after_the_other_into_shared_places():
    a = torch.ones(1)
    b = a.expand(3)
    b.index_put_((torch.tensor([0, 1, 2, 1]),), torch.tensor([1.0, 2.0, 3.0, 4.0]), accumulate=True)
    b.index_put_((torch.tensor([0, 1, 2, 1]),), torch.tensor([1.0, 2.0, 3.0, 4.0]))
    c = torch.ones(2, 1).expand(2, 3)
    c.index_put_((torch.tensor([0, 1]), torch.tensor([0, 0])), torch.tensor([2.0, 3.0]), accumulate=True)
    c.index_put_((torch.tensor([0, 1, 0]),), torch.tensor([[1.0, 2.0, 3.0]]), accumulate=True)
    c.index_put_((torch.tensor([True, False]),), torch.tensor(2.0), accumulate=True)
    c[torch.tensor([True, False, True])] = 1
    c[torch.tensor([0]), torch.tensor([0]), torch.tensor([0])] = 1


def dimensions_that_a_tensor_without_any_does_not_have():
    torch.ones(()).unflatten(1, (1, 1))
    torch.ones(()).mv(torch.ones(1))
    torch.ones(0, 3).amax((0, 5))
    torch.ones(0).amin((-1, 0))
    torch.ones(0).std(1)
    torch.ones(3).logsumexp(None)
    torch.ones(3).cumsum(None)
    torch.ones(3).flip(None)
    torch.cat([torch.ones(0), torch.ones(0)], 5)
    torch.ones(0, dtype=torch.int64).normal_()
    torch.ones(2, dtype=torch.int64).mean(dtype=torch.int32)


def sources_of_other_dimensions_are_scattered():
    a = torch.ones(3, 3)
    a.scatter_add_(0, torch.tensor([[0]]), torch.ones(1, 1, 1))
    a.scatter_(0, torch.tensor([[0]]), torch.ones(1))
    a.scatter_(0, torch.tensor([[0, 0, 0, 0]]), torch.ones(()))
    torch.ones(2, 0).index_add(0, torch.tensor([5]), torch.ones(1, 0))


def floats_that_no_integer_stands_for():
    for dtype in (torch.uint8, torch.int8, torch.int32):
        for number in (-0.5, 127.5, 255.9, 2147483647.5, float("nan")):
            try:
                print(torch.tensor([number], dtype=dtype))
            except RuntimeError as error:
                print(error)
    torch.tensor(torch.tensor([float("nan"), 1.0]), dtype=torch.int64)[1]


def a_post_accumulate_hook_that_returns_something():
    a = torch.tensor([2.0], requires_grad=True)
    handle = a.register_post_accumulate_grad_hook(lambda leaf: leaf.grad * 2)
    other = a.register_post_accumulate_grad_hook(lambda leaf: print("next", leaf.grad))
    (a * a).sum().backward()
    handle.remove()
    last = a.register_post_accumulate_grad_hook(lambda leaf: 3)
    (a * a).sum().backward()


def an_input_is_said_to_be_written_and_not_returned():
    class Unwritten(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad

    a = torch.zeros(2)
    Unwritten.apply(a)


def what_has_no_derivative_is_told_by_its_name_in_place():
    a = torch.ones(2, requires_grad=True)
    b = a.clone()
    b.floor_divide_(2)
    b.sum().backward()
    c = a.clone()
    c.set_()
    c.grad_fn.next_functions
    a.clone().set_(torch.ones(2)).grad_fn.next_functions


def anomaly_mode_says_so_of_whatever_fails():
    a = torch.tensor([-1.0, 1.0], requires_grad=True)
    b = a * a
    c = a.sqrt()
    h = b.register_hook(lambda grad: grad[:1])
    g = c.grad_fn.register_hook(lambda after, before: (torch.ones(2),))
    with torch.autograd.set_detect_anomaly(True):
        c.sum().backward()
        b.sum().backward()
    d = a.exp()
    d.sum().backward()
    with torch.autograd.set_detect_anomaly(True):
        d.sum().backward()


def an_array_begins_where_it_begins():
    a = torch.arange(6.0).view(2, 3)
    b = torch.from_numpy(a.numpy()[1])
    b.storage_offset(), b.untyped_storage().nbytes(), b.data_ptr() == a[1].data_ptr()
    c = torch.from_numpy(a.numpy()[:, 1])
    c.storage_offset(), c.stride(), c.untyped_storage().nbytes()
    b.zero_()
    c.as_strided((5,), (1,))


def places_where_something_is_stand_side_by_side():
    a = torch.where(torch.tensor([[1.0, 0.0], [0.0, 2.0]]))
    [each.stride() for each in a], [each.stride() for each in torch.where(torch.zeros(2, 3))]


def a_tensor_with_hooks_is_pickled():
    a = torch.ones(3, requires_grad=True)
    h = a.register_hook(print)
    b = __import__("pickle").loads(__import__("pickle").dumps(a))
    c = __import__("copy").copy(a)
    d = __import__("copy").deepcopy(a)


def limits_of_bools():
    a = torch.tensor([True, False])
    a.clamp(a, a)
    a.clamp_(True)
    a.clamp(True, False)
    a.clamp(min=a), a.clamp(0, 1)


def a_division_by_zero_is_found_last():
    a = torch.tensor([1, 3, 0])
    a[::2] %= a
    torch.tensor([1, 2]) // a
    torch.tensor([True]).remainder_(torch.tensor([0]))
    torch.ones(1, dtype=torch.int64).remainder_(torch.tensor([[0], [1]]))


def a_product_of_another_size_is_added_in_place():
    a = torch.ones(2, 2)
    torch.ones(1, 2).addmm_(a, a)
    torch.ones(2).addmm_(a, a)
    a.addmm_(torch.ones(0, 0), torch.ones(0, 0))
    a.addmm_(torch.ones(2, 3), torch.ones(2, 3))


def tensors_stand_for_numbers():
    a = torch.tensor([1.26, 3.75])
    a.round(decimals=torch.tensor(1)), a.split(torch.tensor(1)), a.narrow(0, torch.tensor(1), 1)
    a.round(decimals=torch.tensor(1.0))
    a.round(decimals=torch.tensor([1]))
    a.narrow(0, torch.tensor([0]), 1)
    torch.tensor([1, 2]).round(decimals=0)
    torch.linspace(torch.tensor(0.0), 1, 3), torch.linspace(0, torch.tensor(1), torch.tensor(3))
    torch.linspace(torch.tensor(0.0, requires_grad=True), torch.tensor(True), 3)
    torch.linspace(torch.tensor([0.0]), 1, 3)
    torch.linspace(torch.tensor(0.0), torch.tensor([1.0]), 3)
    torch.linspace(0, 1, 3, dtype=torch.bool)
    torch.linspace(-5, 5, 3, dtype=torch.uint8)


def a_gradient_check_meets_infinities():
    a = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(torch.log, a, raise_exception=False)


def places_in_order_come_of_a_sort():
    a = torch.tensor([3.0, 1.0], requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: print("pack", t) or t, lambda t: t):
        b = a.argsort()
        c = torch.argsort(a, dim=0, descending=True, stable=True)
