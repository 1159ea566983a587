"""The state of a tensor: flags, grad, identity, and the sentences for what it refuses."""

from __future__ import annotations

import copy
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from autograd_core import Size, Tensor, errors, tensor, zeros
from autograd_core.tensor import wrap


def test_a_size_is_a_tuple_that_prints_as_pytorchs():
    size = Size((2, 3))
    assert size == (2, 3) and repr(size) == "torch.Size([2, 3])" and size.numel() == 6
    assert Size(()).numel() == 1


def test_a_scalar_of_numpy_becomes_memory_that_can_be_written():
    x = wrap(np.float32(2.0))
    x.zero_()
    assert x.item() == 0.0


def test_a_new_tensor_is_a_leaf_at_version_0_with_no_grad():
    x = tensor([1.0])
    state = x.is_leaf, x.requires_grad, x.grad_fn, x.grad, x.output_nr, x._version, x.retains_grad
    assert state == (True, False, None, None, 0, 0, False)


EDITOR = """
import jedi
def script(line):
    here = jedi.api.environment.InterpreterEnvironment()
    return jedi.Script("from autograd_core.tensor import Tensor\\n" + line, environment=here)
(found,) = script("Tensor().sigmoid").goto(follow_imports=True)
print(found.full_name, *[each.name for each in script("Tensor().").complete()])
"""


def test_an_editor_finds_all_that_a_tensor_can_do_and_where():
    pytest.importorskip("jedi")  # IPython's, and many an editor's
    asked = {"capture_output": True, "text": True, "check": True, "cwd": Path(__file__).parents[1]}
    done = subprocess.run([sys.executable, "-c", EDITOR], **asked)
    sigmoid, *found = done.stdout.split()
    assert sigmoid == "autograd_core.ops.activations.sigmoid"
    can = {name for name in vars(Tensor) if not name.startswith("__")} | {"__add__", "__getitem__"}
    assert can - set(found) == set()


def test_the_state_of_one_tensor_is_not_that_of_another():
    one, other = tensor([1.0]), tensor([1.0])
    one.requires_grad_()
    one.grad = tensor([5.0])
    assert not other.requires_grad and other.grad is None


def test_tensors_are_told_apart_by_identity_where_they_are_keys():
    one, other = tensor([1.0]), tensor([1.0])
    assert {one: "one", other: "other"}[one] == "one"
    assert len({one, other, one}) == 2


def test_a_tensor_with_a_grad_fn_requires_grad():
    a = tensor([1.0], requires_grad=True)
    assert (a * 2).requires_grad and not (a * 2).is_leaf


# ---- requires_grad -------------------------------------------------------------------------------


def test_requires_grad_can_be_switched_on_and_off_on_a_leaf():
    a = tensor([1.0])
    assert a.requires_grad_() is a and a.requires_grad
    a.requires_grad = False
    assert not a.requires_grad


def test_requires_grad_is_refused_where_there_are_no_floats():
    a = tensor([1, 2])
    with pytest.raises(RuntimeError, match="only Tensors of floating point dtype can require"):
        a.requires_grad_()
    assert not a.requires_grad


def test_requires_grad_cannot_be_switched_off_on_a_computed_tensor():
    out = tensor([1.0], requires_grad=True) * 2
    with pytest.raises(RuntimeError, match="use var_no_grad = var.detach()"):
        out.requires_grad_(False)
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf"):
        out.requires_grad = False
    assert out.requires_grad


# ---- grad ----------------------------------------------------------------------------------------


def test_reading_grad_of_a_computed_tensor_warns_at_the_users_line():
    out = tensor([1.0], requires_grad=True) * 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert out.grad is None
    assert [str(each.message) for each in caught] == [errors.NON_LEAF_GRAD]
    assert caught[0].filename == __file__


@pytest.mark.parametrize("retained", [False, True])
def test_reading_grad_of_a_leaf_or_of_a_retained_tensor_warns_of_nothing(retained):
    x = tensor([1.0], requires_grad=True)
    if retained:
        x = x * 2
        x.retain_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert x.grad is None


@pytest.mark.parametrize(
    ("grad", "kind", "sentence"),
    [
        ([1.0], TypeError, "assigned grad expected to be a Tensor or None but got grad of type"),
        (zeros(3), RuntimeError, "attempting to assign a gradient of size '[3]' to a tensor of"),
        (tensor([1]), RuntimeError, "attempting to assign a gradient with dtype 'long int' to"),
    ],
    ids=["list", "shape", "dtype"],
)
def test_a_grad_that_does_not_fit_is_refused_and_the_old_one_stays(grad, kind, sentence):
    a, old = tensor([1.0], requires_grad=True), tensor([5.0])
    a.grad = old
    with pytest.raises(kind) as error:
        a.grad = grad
    assert str(error.value).startswith(sentence)
    assert a.grad is old


def test_a_tensor_is_refused_as_its_own_grad():
    a = tensor([1.0])
    with pytest.raises(RuntimeError, match="can't assign Variable as its own grad"):
        a.grad = a


def test_a_grad_that_was_given_is_added_to():
    a = tensor([1.0], requires_grad=True)
    a.grad = tensor([5.0])
    (a * 2).backward()
    assert a.grad.tolist() == [7.0]


def test_a_grad_is_taken_away_with_none():
    a = tensor([1.0], requires_grad=True)
    (a * 2).backward()
    a.grad = None
    (a * 2).backward()
    assert a.grad.tolist() == [2.0]


# ---- Python --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "kind"),
    [(len, TypeError), (bool, RuntimeError), (float, (RuntimeError, ValueError))],
    ids=["len", "bool", "float"],
)
def test_what_has_no_meaning_for_a_tensor_is_refused(use, kind):
    x = tensor(1.0) if use is len else tensor([1.0, 2.0])
    with pytest.raises(kind):
        use(x)


def test_a_leaf_is_copied_without_its_history():
    a = tensor([1.0], requires_grad=True)
    (a * 2).backward()
    twin = copy.deepcopy(a)
    assert type(twin) is Tensor and twin.requires_grad and twin.grad is not a.grad
    twin.data.zero_()
    assert a.tolist() == [1.0]
