"""Hooks: what they see, what they may return, in which order they run; hooks on what a node saved."""

import torch


def hooks_in_order():
    log = []
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 2
    b.retain_grad()
    handles = [b.register_hook(lambda g: log.append("b1")), b.register_hook(lambda g: log.append("b2"))]
    _ = b.grad_fn.register_prehook(lambda g: log.append(("pre", g)))
    _ = b.grad_fn.register_hook(lambda i, o: log.append(("post", i, o)))
    _ = a.register_hook(lambda g: log.append("a"))
    _ = a.register_post_accumulate_grad_hook(lambda t: log.append(("accumulated", t.grad)))
    leaf = b.grad_fn.next_functions[0][0]
    _ = leaf.register_prehook(lambda g: log.append("pre of the leaf"))
    _ = leaf.register_hook(lambda i, o: log.append(("post of the leaf", i, o)))
    b.sum().backward()
    log
    handles[0].remove()
    handles[0].remove()


def what_hooks_on_tensors_return():
    a = torch.tensor([1.0, 2.0], requires_grad=True)

    def wrong(g):
        return 3

    h = a.register_hook(wrong)
    a.sum().backward()
    h.remove()
    h = a.register_hook(lambda g: torch.ones(3))
    a.sum().backward()
    h.remove()
    h = a.register_hook(lambda g: g.double())
    a.sum().backward()
    h.remove()
    h = a.register_hook(lambda g: 1 / 0)
    a.sum().backward()
    h.remove()
    h = a.register_hook(lambda: None)
    a.sum().backward()
    h.remove()
    h = a.register_hook(1)
    a.sum().backward()
    h.remove()
    a.sum().backward()
    a.grad


def what_hooks_on_nodes_return():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * 2
    _ = b.grad_fn.register_prehook(lambda g: g), b.grad_fn.register_hook(lambda i, o: i)
    b.sum().backward()
    a.grad
    b = a * 2
    _ = b.grad_fn.register_prehook(lambda g: [g[0]])
    b.sum().backward()
    b = a * 2
    _ = b.grad_fn.register_prehook(lambda g: 5)
    b.sum().backward()
    b = a * 2
    _ = b.grad_fn.register_prehook(lambda g: (g[0], g[0]))
    b.sum().backward()
    b = a * 2
    _ = b.grad_fn.register_hook(lambda i, o: (1, None))
    b.sum().backward()
    b = a * 2
    _ = b.grad_fn.register_hook(lambda i, o: i[0])
    b.sum().backward()
    b = a * 2
    _ = b.grad_fn.register_hook(lambda i, o: (i[0], torch.ones(2)))
    b.sum().backward()
    a.grad = None
    b = a * 2
    _ = b.grad_fn.register_hook(lambda i, o: (None, None))
    b.sum().backward()
    b = a * 2
    _ = b.grad_fn.register_prehook(lambda g: (None,))
    b.sum().backward()
    a.grad


def the_hooks_that_a_tensor_has():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a._backward_hooks, a._post_accumulate_grad_hooks
    h = a.register_hook(lambda g: g)
    type(a._backward_hooks).__name__, len(a._backward_hooks), list(a._backward_hooks) == [h.id]
    h.remove()
    a._backward_hooks
    _ = a.register_post_accumulate_grad_hook(lambda t: None)
    len(a._post_accumulate_grad_hooks)
    b = a * 2
    b._backward_hooks
    _ = b.register_hook(lambda g: g)
    len(b._backward_hooks)
    b.mul_(2)._backward_hooks


def hooks_on_what_a_node_saved():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * a
    s = b.grad_fn._raw_saved_self
    s.data
    s.register_hooks(lambda x: (print("pack", x), x)[1], lambda x: (print("unpack", x), x * 10)[1])
    s.register_hooks(lambda x: x, lambda x: x)
    b.grad_fn._saved_self, s.data
    b.sum().backward()
    a.grad
    c = a.exp()
    c.grad_fn._raw_saved_result.register_hooks(lambda x: 2 * x, lambda x: x / 2)
    c.grad_fn._saved_result
    c.sum().backward()
    a.grad


def hooks_on_what_a_node_saved_that_fail():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * a
    b.grad_fn._raw_saved_self.register_hooks(lambda x: x.add_(1), lambda x: x)
    a
    b = a * a
    b.grad_fn._raw_saved_self.register_hooks(lambda x: "packed", lambda x: "nothing")
    b.sum().backward()
    with torch.autograd.graph.saved_tensors_hooks(lambda x: x.detach().add_(1), lambda x: x):
        b = a * a
    a


def a_copy_is_kept_in_time():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a * a
    b.grad_fn._raw_saved_self.register_hooks(lambda x: x.clone(), lambda x: x)
    b.grad_fn._raw_saved_other.register_hooks(lambda x: x.clone(), lambda x: x)
    with torch.no_grad():
        a.mul_(3)
    b.sum().backward()
    a.grad


def an_edge_stands_for_a_tensor():
    a = torch.tensor([[1.0, 2.0]], requires_grad=True)
    torch.autograd.graph.get_gradient_edge(a)
    edge = torch.autograd.graph.get_gradient_edge(a * 2)
    edge.node.name(), edge.output_nr
    torch.autograd.grad(edge, a, torch.ones(1, 2))


def arguments_of_grad():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    torch.autograd.grad((a * 3), a, (torch.ones(2), torch.ones(2)))
    torch.autograd.grad([a * 3, a], a, (torch.ones(2),))
    torch.autograd.grad(a.sum(), "a")
    torch.autograd.grad(a.sum(), [a, None])
    torch.autograd.grad(a.sum(), None)
    torch.autograd.grad(None, a)
    torch.autograd.grad(3, a)
    torch.autograd.grad(a.sum(), a, only_inputs=False)
    torch.autograd.grad((a * 3).sum(), a, 1.0)
    torch.autograd.grad([], a)
    torch.autograd.grad((a > 1), a)
    torch.autograd.grad(a**3, a, torch.ones(2, dtype=torch.float64))
    torch.autograd.grad(a**3, a, torch.ones(2, dtype=torch.int64))


def requires_grad_is_a_bool():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.requires_grad = 1
    a.requires_grad = "x"
    a.requires_grad_(1)
    a.requires_grad_(None)
    torch.autograd.set_detect_anomaly(1)
    torch.autograd.set_detect_anomaly(True, 1)


def copies():
    import copy
    import pickle

    a = torch.zeros(2).add_(1).requires_grad_()
    b, c, d = copy.deepcopy(a), copy.copy(a), pickle.loads(pickle.dumps(a))
    (a * a).sum().backward()
    e = copy.deepcopy(a)
    e.grad is a.grad, copy.copy(a).grad, pickle.loads(pickle.dumps(a)).grad
    copy.deepcopy(a * 2)
    f, g = copy.copy(a * 2), pickle.loads(pickle.dumps(a * 2))
    v = torch.arange(6.0)[2:4]
    w = pickle.loads(pickle.dumps(v))
    w.storage_offset(), w._is_view(), w.untyped_storage().nbytes()
    x, y = copy.deepcopy([v, v.view(2, 1)])
    p, q = pickle.loads(pickle.dumps([v, v.view(2, 1)]))
    copy.deepcopy(torch.ones(2, 3).t()).stride(), pickle.loads(pickle.dumps(torch.ones(1).expand(3))).stride()
    pickle.loads(pickle.dumps([torch.float32, torch.Size([1, 2]), torch.arange(3)]))
    copy.deepcopy(torch.max(torch.ones(2, 2), 0))


def what_hooks_on_accumulated_gradients_return():
    a = torch.ones(2, requires_grad=True)
    h = a.register_post_accumulate_grad_hook(lambda leaf: leaf.grad)
    a.sum().backward()
    h.remove()
    h = a.register_post_accumulate_grad_hook(lambda leaf: False)
    a.sum().backward()
    h.remove()
    a.sum().backward()
    a.grad
