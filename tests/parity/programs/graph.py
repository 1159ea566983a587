"""The graph as it can be read: nodes, edges, names."""

import torch


def a_leaf_has_no_node():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    a.grad_fn
    print(a.grad_fn)
    torch.tensor([1.0]).grad_fn
    (torch.tensor([1.0]) * 2).grad_fn


def nodes_and_their_names():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    for out in (a + 1, a - 1, a * 2, a / 2, -a, a**2, a.exp(), a.sin(), a.sigmoid(), a.sum()):
        print(out.grad_fn.name(), out.grad_fn)


def nodes_of_reflected_operators():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    for out in (1 + a, 1 - a, 2 * a, 2 / a, 2**a, a**a):
        print(out.grad_fn.name(), [node and node.name() for node, _ in out.grad_fn.next_functions])


def names_and_types_agree():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    repr(out.grad_fn)
    type(out.grad_fn).__name__, out.grad_fn.name()
    out.grad_fn is out.grad_fn


def edges():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 4.0], requires_grad=True)
    c = torch.tensor([5.0, 6.0])
    out = (a * b).sum()
    out.grad_fn.next_functions
    out.grad_fn.next_functions[0][0].next_functions
    (a * c).grad_fn.next_functions
    (c * a).grad_fn.next_functions
    (a + 1).grad_fn.next_functions


def the_leaf_is_at_the_end():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    end = out.grad_fn.next_functions[0][0]
    end.name()
    end.next_functions
    end.variable is a


def one_accumulator_for_one_leaf():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    first = a.sigmoid()
    second = a.exp()
    first.grad_fn.next_functions[0][0] is second.grad_fn.next_functions[0][0]
    product = a * a
    product.grad_fn.next_functions[0][0] is product.grad_fn.next_functions[1][0]


def a_diamond():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = y * y + y


def detach_cuts_the_graph():
    a = torch.tensor([0.5, 1.0], requires_grad=True)
    b = a.exp()
    c = b.detach() * b
    c.grad_fn.next_functions


def the_graph_outlives_the_names():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = a.exp()
    c = (b * 2).sum()
    del b
    c.backward()
    print(a.grad)


def the_graph_stays_after_backward():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid().sum()
    out.backward()
    out.grad_fn
    out.grad_fn.next_functions


def detach_in_place_forgets_the_node():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    later = out * 2
    out.detach_()
    out.grad_fn
    later.grad_fn.next_functions


def in_place_moves_the_node():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    before = out.grad_fn
    out.add_(1)
    out.grad_fn
    out.grad_fn.next_functions[0][0] is before


def what_a_node_saved():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    out.grad_fn._saved_result
    out.sum().backward()
    out.grad_fn._saved_result


def what_a_node_saved_and_was_changed():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    out.detach().zero_()
    out.grad_fn._saved_result


def unknown_attribute_of_a_node():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a.sigmoid()
    out.grad_fn.next_function
