"""Element types: their names, the default, and promotion, which is not NumPy's."""

from __future__ import annotations

import copy
import itertools
import pickle

import numpy as np
import pytest

from autograd_core import dtypes, get_default_dtype, set_default_dtype, tensor

ONE = {each.name: np.ones(1, each.numpy) for each in dtypes.ALL}
NUMBER = {each.name: np.ones((), each.numpy) for each in dtypes.ALL}
NAMES = [each.name for each in dtypes.ALL]


@pytest.fixture
def default():
    before = get_default_dtype()
    yield
    set_default_dtype(before)


def promoted(*operands: object) -> str:
    return dtypes.FROM_NUMPY[dtypes.promote(*operands)].name


def test_a_dtype_prints_as_pytorchs():
    assert str(dtypes.float32) == "torch.float32" and repr(dtypes.bool) == "torch.bool"


def test_the_second_names_are_the_same_types():
    assert dtypes.float is dtypes.float32 and dtypes.long is dtypes.int64
    assert dtypes.half is dtypes.float16 and dtypes.double is dtypes.float64


@pytest.mark.parametrize("name", NAMES)
def test_a_copied_dtype_is_the_same_dtype(name):
    each = getattr(dtypes, name)
    assert pickle.loads(pickle.dumps(each)) is copy.deepcopy(each) is each


@pytest.mark.parametrize("name", NAMES)
def test_each_dtype_has_one_numpy_twin(name):
    each = getattr(dtypes, name)
    assert dtypes.FROM_NUMPY[each.numpy] is each
    assert each.itemsize == each.numpy.itemsize
    assert each.is_floating_point == (each.numpy.kind == "f")


# ---- promotion ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), list(itertools.product(NAMES, repeat=2)))
def test_the_order_of_two_tensors_does_not_matter(a, b):
    assert promoted(ONE[a], ONE[b]) == promoted(ONE[b], ONE[a])


@pytest.mark.parametrize("name", NAMES)
def test_a_dtype_with_itself_stays(name):
    assert promoted(ONE[name], ONE[name]) == promoted(ONE[name], NUMBER[name]) == name


def test_an_integer_tensor_does_not_widen_a_float_one_as_numpy_would():
    assert np.promote_types(np.int64, np.float32) == np.float64
    assert promoted(ONE["int64"], ONE["float32"]) == "float32"
    assert promoted(ONE["int64"], ONE["float16"]) == "float16"


def test_a_tensor_without_dimensions_does_not_widen_one_of_its_own_kind():
    assert promoted(ONE["float32"], NUMBER["float64"]) == "float32"
    assert promoted(ONE["int8"], NUMBER["int64"]) == "int8"


def test_a_tensor_without_dimensions_widens_one_of_a_lower_kind():
    assert promoted(ONE["int64"], NUMBER["float16"]) == "float16"
    assert promoted(ONE["bool"], NUMBER["uint8"]) == "uint8"


@pytest.mark.parametrize(
    ("name", "number", "result"),
    [
        ("float16", 2, "float16"),
        ("float16", 2.5, "float16"),
        ("int64", 2, "int64"),
        ("int64", 2.5, "float32"),
        ("int8", True, "int8"),
        ("bool", 2, "int64"),
        ("bool", 2.5, "float32"),
        ("bool", True, "bool"),
    ],
)
def test_a_number_counts_only_where_it_is_of_a_higher_kind(name, number, result):
    assert promoted(ONE[name], number) == promoted(number, ONE[name]) == result


def test_small_integers_of_both_signs_meet_in_a_wider_type():
    assert promoted(ONE["uint8"], ONE["int8"]) == "int16"


# ---- the default -------------------------------------------------------------------------------


def test_the_default_is_what_floats_become(default):
    set_default_dtype(dtypes.float64)
    assert tensor(1.0).dtype is (tensor([1]) * 2.5).dtype is dtypes.float64
    assert tensor([1]).dtype is dtypes.int64


@pytest.mark.parametrize("wrong", [dtypes.int64, np.float64, "float64", None])
def test_a_default_that_is_no_floating_dtype_is_refused(wrong, default):
    with pytest.raises(TypeError, match="only floating-point types are supported as the default"):
        set_default_dtype(wrong)
    assert get_default_dtype() is dtypes.float32
