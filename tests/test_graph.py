"""Nodes and edges: how the graph hangs together, and that its length is no danger."""

from __future__ import annotations

import subprocess
import sys
import weakref

import pytest

from autograd_core import tensor
from autograd_core.autograd import Function
from autograd_core.graph import AccumulateGrad, Node, gradient_edge

LONG = 100_000


def leaf(*numbers: float):
    return tensor(list(numbers or (1.0, 2.0)), requires_grad=True)


def test_a_tensor_hangs_from_the_node_that_made_it():
    a = leaf()
    node = (a * 2).grad_fn
    assert isinstance(node, Node) and node.name() == "MulBackward0"
    assert repr(node).startswith("<MulBackward0 object at 0x")


def test_edges_lead_to_the_nodes_of_the_inputs():
    a, b = leaf(), leaf()
    product = a * b
    out = product + a
    (first, _), (second, _) = out.grad_fn.next_functions
    assert first is product.grad_fn
    assert isinstance(second, AccumulateGrad) and second.variable is a


def test_an_input_without_a_gradient_has_an_empty_edge():
    assert (leaf() * 2).grad_fn.next_functions[1] == (None, 0)
    assert (tensor([1.0]) * leaf(1.0)).grad_fn.next_functions[0] == (None, 0)


def test_a_tensor_without_a_gradient_has_no_edge():
    assert gradient_edge(tensor([1.0])) is None


def test_a_leaf_has_one_node_as_long_as_anyone_uses_it():
    a = leaf()
    one, other = a * 2, a * 3
    assert one.grad_fn.next_functions[0] == other.grad_fn.next_functions[0]


def test_a_leaf_does_not_keep_its_node_alive():
    a = leaf()
    out = a * 2
    node = weakref.ref(out.grad_fn.next_functions[0][0])
    del out
    assert node() is None


def test_a_leaf_whose_node_is_gone_gets_a_new_one():
    a = leaf()
    (a * 2).sum().backward()
    (a * 3).sum().backward()
    assert a.grad.tolist() == [5.0, 5.0]


def test_nodes_are_numbered_in_the_order_in_which_operations_ran():
    a = leaf()
    nodes = [(a * i).grad_fn for i in range(4)]
    numbers = [node.sequence_nr for node in nodes]
    assert numbers == sorted(numbers) and len(set(numbers)) == 4


def test_operations_without_a_gradient_are_not_numbered():
    a = leaf()
    before = (a * 2).grad_fn.sequence_nr
    tensor([1.0]) * 2
    assert (a * 2).grad_fn.sequence_nr == before + 1


def test_a_function_is_younger_than_the_node_that_a_written_view_is_given_for_it():
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    a = tensor([1.0, 2.0], requires_grad=True)
    base = a * 1
    view = base[:1]
    base.mul_(3)
    out = Double.apply(view)
    assert out.grad_fn.sequence_nr > view.grad_fn.sequence_nr
    out.backward()
    assert a.grad.tolist() == [6.0, 0.0]


# ---- long graphs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [lambda x, a: x + 1, lambda x, a: x.sigmoid(), lambda x, a: x * a, lambda x, a: x.mul_(a)],
    ids=["saves nothing", "saves its result", "saves its input", "in place"],
)
def test_a_long_chain_is_walked_and_freed_without_recursion(step):
    a = tensor(1.0, requires_grad=True)
    x = a * 1
    for _ in range(3000):  # three times what Python recurses
        x = step(x, a)
    first = weakref.ref(x.grad_fn)
    x.backward()
    assert a.grad is not None
    del x
    assert first() is None


def test_a_hundred_thousand_operations_run_backward():
    a = tensor(1.0, requires_grad=True)
    x = a
    for _ in range(LONG):
        x = x + 1
    x.backward()
    assert a.grad.item() == 1.0


def test_freeing_a_long_chain_crashes_no_thread():
    code = (
        "import threading\n"
        "from autograd_core import tensor\n"
        "def work():\n"
        "    a = tensor(1.0, requires_grad=True)\n"
        "    x = a\n"
        f"    for _ in range({LONG // 4}):\n"
        "        x = x.sin()\n"
        "    del x\n"
        "    print('alive')\n"
        "thread = threading.Thread(target=work)\n"
        "thread.start()\n"
        "thread.join()\n"
        "work()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "alive\n" * 2), done.stderr


def test_a_diamond_of_many_floors_is_walked_once_a_node():
    a = tensor(1.0, requires_grad=True)
    x = a
    for _ in range(60):  # 2**60 paths
        x = x + x
    x.backward()
    assert a.grad.item() == 2.0**60
