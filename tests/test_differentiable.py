"""Declaring an operation: the parameters of its formulas are what its node saves, and no more."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import autograd_core
from autograd_core import Tensor, eq, exp, no_grad, ops, sigmoid, tensor
from autograd_core.differentiable import differentiable
from autograd_core.modes import modes
from autograd_core.operation import ABOUT, Operation, OperationNode


def leaf(*numbers: float):
    return tensor(list(numbers or (1.0, 2.0)), requires_grad=True)


def saves(node: OperationNode) -> set[str]:
    """The fields that this node holds a tensor for."""
    return set(node.saved())


def looked_at(node: OperationNode) -> set[str]:
    """The fields that can be looked at, as PyTorch names them."""
    return {name.removeprefix("_saved_") for name in dir(type(node)) if name.startswith("_saved_")}


def declared(**formulas):
    """A new operation `self * self * other`, with these formulas."""

    @differentiable
    def muse(self, other, power=2):
        return self**power * other

    muse.gradient(**formulas)
    return muse


SELF = {"self": lambda grad, other, power, self: grad * power * self ** (power - 1) * other}
OTHER = {"other": lambda grad, self, power: grad * self**power}


# ---- what is saved -----------------------------------------------------------------------------


def test_the_parameters_of_the_formulas_are_what_the_node_saves():
    muse = declared(**SELF, **OTHER)
    node = muse(leaf(), leaf()).grad_fn
    assert saves(node) == {"self", "other"}
    assert looked_at(node) == {"self", "other", "power"}
    assert node._saved_power == 2


def test_a_formula_that_names_nothing_saves_nothing():
    node = declared(self=lambda grad: grad, other=lambda grad: grad)(leaf(), leaf()).grad_fn
    assert saves(node) == looked_at(node) == set()


def test_a_formula_that_names_the_result_saves_it_and_not_the_input():
    muse = declared(self=lambda grad, result: grad * result, other=None)
    assert saves(muse(leaf(), leaf()).grad_fn) == {"result"}


def test_a_formula_that_names_a_shape_saves_no_numbers():
    muse = declared(self=lambda grad, self_sym_sizes: grad, other=None)
    node = muse(leaf(), leaf()).grad_fn
    assert saves(node) == set() and node._saved_self_sym_sizes == (2,)


def test_what_is_saved_for_a_gradient_that_nobody_asks_for_is_not_saved():
    muse = declared(**SELF, **OTHER)
    assert saves(muse(tensor([1.0, 2.0]), leaf()).grad_fn) == {"self"}
    result = declared(self=lambda grad, result: grad, other=lambda grad: grad)
    assert saves(result(tensor([1.0, 2.0]), leaf()).grad_fn) == {"result"}  # so does PyTorch
    assert saves(result(leaf(), tensor([1.0, 2.0])).grad_fn) == {"result"}


def test_a_formula_for_a_gradient_that_nobody_asks_for_is_not_run():
    ran = []
    muse = declared(self=lambda grad: ran.append("self") or grad, other=lambda grad: grad)
    muse(tensor([1.0, 2.0]), leaf()).sum().backward()
    assert ran == []
    muse(leaf(), leaf()).sum().backward()
    assert ran == ["self"]


def test_an_input_whose_formula_is_none_has_no_edge():
    muse = declared(self=lambda grad: grad, other=None)
    assert len(muse(leaf(), leaf()).grad_fn.next_functions) == 1
    assert not muse(tensor([1.0, 2.0]), leaf()).requires_grad


def test_without_gradients_no_node_is_made_and_nothing_is_saved():
    muse = declared(**SELF, **OTHER)
    assert muse(tensor([1.0]), tensor([2.0])).grad_fn is None
    with no_grad():
        assert muse(leaf(), leaf()).grad_fn is None


def test_a_number_among_the_inputs_is_saved_as_a_number():
    node = declared(**SELF, **OTHER)(leaf(), 3.0).grad_fn
    assert saves(node) == {"self"} and node._saved_other.item() == 3.0


# ---- how it is called --------------------------------------------------------------------------


def test_arguments_may_be_named_and_defaults_are_filled_in():
    muse = declared(**SELF, **OTHER)
    a, b = leaf(3.0), tensor([2.0])
    assert muse(a, b).tolist() == muse(a, other=b).tolist() == muse(input=a, other=b).tolist()
    assert muse(a, b, power=3).grad_fn._saved_power == 3


def test_a_node_tells_how_its_backward_was_written_out():
    a, b = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0])
    node = (a * b).grad_fn
    node(tensor([1.0, 1.0]))
    assert "    other, self, = kept\n" in node.apply.source
    assert "None if asked_0 is None else formula_0(grad, other)" in node.apply.source


def test_the_gradient_is_that_of_the_formula():
    a, b = leaf(3.0), leaf(2.0)
    declared(**SELF, **OTHER)(a, b).backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([12.0], [9.0])


def test_the_same_formula_runs_on_arrays_and_on_tensors():
    kinds = []
    muse = declared(self=lambda grad, self: kinds.append(type(grad)) or grad * self, other=None)
    a = leaf(3.0)
    out = muse(a, tensor([2.0]))
    out.backward(retain_graph=True)
    first, a.grad = a.grad, None
    with pytest.warns(UserWarning, match="create_graph"):
        out.backward(create_graph=True)
    assert kinds == [np.ndarray, Tensor]
    assert a.grad.tolist() == first.tolist() and a.grad.requires_grad and not first.requires_grad
    a.grad = None


def test_a_broadcast_gradient_comes_back_in_the_shape_of_its_input():
    muse = declared(self=lambda grad, other: grad * other, other=lambda grad, self: grad * self)
    for shape in ((), (1,), (3,), (2, 1), (1, 1, 3)):
        a = tensor(np.ones(shape), requires_grad=True)
        muse(a, tensor(np.ones((2, 3)))).sum().backward()
        assert a.grad.shape == shape and a.grad.sum().item() == 6.0


def test_an_array_is_refused_outside_of_formulas():
    with pytest.raises(TypeError, match=r"argument 'input' \(position 1\) must be Tensor, not"):
        declared(**SELF, **OTHER)(np.ones(2), 1.0)


def test_formulas_may_call_operations_on_arrays_and_only_they():
    seen = []
    sin = ops.elementwise.sin
    muse = declared(self=lambda grad: seen.append(modes.formulas) or sin(grad), other=None)
    muse(leaf(1.0), tensor([1.0])).backward()
    assert seen == [True] and not modes.formulas


# ---- names -------------------------------------------------------------------------------------


def test_a_node_is_called_after_its_operation_as_pytorch_does():
    @differentiable
    def two_words(self):
        return self

    two_words.gradient(self=lambda grad: grad)
    assert two_words(leaf()).grad_fn.name() == "TwoWordsBackward0"


def test_a_node_may_have_a_name_of_its_own():
    @differentiable(name="pow", node="PowBackward7")
    def power(self):
        return self

    power.gradient(self=lambda grad: grad)
    assert power(leaf()).grad_fn.name() == "PowBackward7"
    assert power.operation.name == "pow" and power.__name__ == "power"


def test_an_operation_looks_like_the_function_it_was_made_from():
    @differentiable
    def documented(self, other=3):
        """What it does."""

    assert documented.__doc__ == "What it does." and documented.__module__ == __name__
    assert str(inspect.signature(documented)) == "(self, other=3)"


# ---- the operations that there are -------------------------------------------------------------


def operations() -> dict[str, Operation]:
    found = {}
    for module in pkgutil.iter_modules(ops.__path__):
        names = vars(importlib.import_module(f"{ops.__name__}.{module.name}"))
        for name, each in names.items():
            if isinstance(operation := getattr(each, "operation", None), Operation):
                found[f"{operation.forward.__module__}.{name}"] = operation
    return found


@pytest.mark.parametrize("name", operations())
def test_every_operation_has_its_formulas_and_saves_only_what_it_takes(name):
    operation = operations()[name]
    assert operation.inputs and set(operation.inputs) <= set(operation.parameters)
    assert set(operation.saved_fields) <= {*operation.inputs, "result", *operation.outputs}
    for field in operation.plain_fields:
        owners = {field.removesuffix(ending) for ending in ("", *ABOUT)}
        assert owners & set(operation.parameters)


@pytest.mark.parametrize("name", operations())
def test_every_node_has_a_name_as_pytorch_gives_them(name):
    node = operations()[name].node_class.__name__
    name = node.removesuffix("_copy").rstrip("0123456789")
    assert node[0].isupper() and (name.endswith("Backward") or name == "NotImplemented")


def test_every_kind_of_node_tells_its_operation():
    kinds = OperationNode.__subclasses__()
    assert {kind.operation.name for kind in kinds} >= {"mul", "floor_divide"}


def test_help_tells_of_an_operation_what_its_declaration_says():
    assert sigmoid.__doc__ == (
        "PyTorch's `sigmoid`, element by element; integers become floats. "
        "Its node, SigmoidBackward0, saves `result`."
    )
    assert eq.__doc__.endswith("shapes are broadcast, and types promoted. Nothing flows back.")


def test_help_tells_nothing_of_the_functions_of_numpy_that_do_the_work():
    assert "array_like" in np.exp.__doc__
    assert "ExpBackward0, saves `result`" in exp.__doc__ and "array_like" not in exp.__doc__


def test_whatever_is_public_says_what_it_is():
    places = (autograd_core, Tensor, autograd_core.nn.functional)
    found = {n: getattr(p, n) for p in places for n in dir(p) if not n.startswith("_")}
    silent = {n for n, each in found.items() if callable(each) and not inspect.getdoc(each)}
    short = {n for n in silent if found[n].__name__ == "<lambda>"}  # these can be read at a glance
    assert silent - short == set()
