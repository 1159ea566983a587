"""Making tensors: what is taken, and what is refused with which sentence."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_core import bool as bool_
from autograd_core import float as float_
from autograd_core import (
    float16,
    float64,
    int8,
    int64,
    ones,
    ones_like,
    set_default_dtype,
    tensor,
    uint8,
    zeros,
    zeros_like,
)

MIXED = [[tensor(1.0), 2], [np.float32(3.0), True]]


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1.0, float_, ()),
        (1, int64, ()),
        (True, bool_, ()),
        ([], float_, (0,)),
        ([[], []], float_, (2, 0)),
        ([1, 2.5], float_, (2,)),
        ([True, 2], int64, (2,)),
        ((1, (2))[:1], int64, (1,)),
        (range(3), int64, (3,)),
        (np.ones((2, 1)), float64, (2, 1)),
        (np.float16(1), float16, ()),
        (MIXED, float_, (2, 2)),
    ],
    ids=str,
)
def test_data_gives_the_dtype_and_the_shape(data, dtype, shape):
    x = tensor(data)
    assert (x.dtype, x.shape) == (dtype, shape)


def test_numbers_of_all_sorts_may_stand_together():
    assert tensor(MIXED).tolist() == [[1.0, 2.0], [3.0, 1.0]]


def test_a_transposed_array_keeps_its_elements_where_they_were():
    array = np.arange(6.0).reshape(2, 3).T
    assert tensor(array).tolist() == array.tolist()


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        ([[1, 2], [3]], ValueError, "expected sequence of length 2 at dim 1 (got 1)"),
        ([[1], [[2]]], TypeError, "'list' object cannot be interpreted as an integer"),
        ([[1.0], [[2]]], TypeError, "must be real number, not list"),
        ([[1, 2], 3], TypeError, "not a sequence"),
        ("text", TypeError, "new(): invalid data type 'str'"),
        (["text"], ValueError, "too many dimensions 'str'"),
        (None, RuntimeError, "Could not infer dtype of NoneType"),
        ([1, None], RuntimeError, "Could not infer dtype of NoneType"),
        ({"a": 1}, RuntimeError, "Could not infer dtype of dict"),
        ([2**63], ValueError, "Overflow when unpacking long long"),
        (np.array(["a"]), TypeError, "can't convert np.ndarray of type numpy.str_."),
        (np.array([1j]), TypeError, "can't convert np.ndarray of type numpy.complex128."),
    ],
    ids=str,
)
def test_data_that_is_no_regular_block_of_numbers_is_refused(data, kind, sentence):
    with pytest.raises(kind) as error:
        tensor(data)
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ({"dtype": "float"}, TypeError, "tensor(): argument 'dtype' must be torch.dtype, not str"),
        ({"dtype": np.int8}, TypeError, "tensor(): argument 'dtype' must be torch.dtype, not type"),
        ({"requires_grad": 1}, TypeError, "tensor(): argument 'requires_grad' must be bool, not"),
        ({"device": "cuda"}, RuntimeError, "autograd_core computes on the CPU only"),
    ],
    ids=str,
)
def test_an_argument_that_does_not_fit_is_refused(arguments, kind, sentence):
    with pytest.raises(kind) as error:
        tensor([1.0], **arguments)
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize("data", [[1], [True]])
def test_requires_grad_is_refused_without_floats(data):
    with pytest.raises(RuntimeError, match="Only Tensors of floating point and complex dtype can"):
        tensor(data, requires_grad=True)


def test_an_integer_that_does_not_fit_its_dtype_is_refused_and_a_float_becomes_infinite():
    with pytest.raises(RuntimeError, match="value cannot be converted to type int8"):
        tensor([128], dtype=int8)
    assert tensor([1e300]).tolist() == [float("inf")]


def test_bytes_alone_wrap_around():
    assert tensor([-1], dtype=uint8).tolist() == [255]


@pytest.mark.parametrize("full", [zeros, ones])
def test_sizes_may_be_given_one_by_one_or_together(full):
    assert full(2, 3).shape == full((2, 3)).shape == full([2, 3]).shape == (2, 3)
    assert full(()).shape == ()


def test_tensors_of_one_value_follow_the_default_dtype():
    set_default_dtype(float64)
    try:
        assert zeros(1).dtype is ones(1).dtype is float64
    finally:
        set_default_dtype(float_)


@pytest.mark.parametrize("like", [zeros_like, ones_like])
def test_a_tensor_like_another_has_no_history(like):
    a = tensor([1.0], requires_grad=True, dtype=float64)
    assert not like(a * 2).requires_grad and like(a).dtype is float64
