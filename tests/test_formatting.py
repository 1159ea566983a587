"""Printing: it takes any numbers, prints them in one format, and is quick for large tensors."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograd_core import dtypes, tensor, zeros
from autograd_core.formatting import options

FLOATS = arrays(np.float32, array_shapes(max_dims=3, max_side=5), elements=st.floats(width=32))


@given(FLOATS)
def test_any_floats_print_and_come_back_to_four_decimals(array):
    text = repr(tensor(array))
    assert text.startswith("tensor(") and text.endswith(")")
    said = re.findall(r"-?(?:inf|nan|\d+\.\d*(?:e[+-]\d+)?)", text)
    assert len(said) == array.size
    scientific = "e+" in text or "e-" in text
    for number, was in zip(said, array.ravel().tolist(), strict=True):
        tolerance = {"rtol": 6e-5, "atol": 0} if scientific else {"rtol": 1e-6, "atol": 6e-5}
        assert np.allclose(float(number), was, equal_nan=True, **tolerance)


@given(arrays(np.float32, st.integers(1, 100), elements=st.floats(1, 1e4, width=32)))
def test_a_line_is_no_longer_than_the_page(array):
    assert all(len(line) <= options.linewidth + 2 for line in repr(tensor(array)).splitlines())


@pytest.mark.parametrize("each", dtypes.ALL, ids=str)
def test_the_dtype_is_told_where_it_is_not_what_one_would_expect(each):
    told = f"dtype={each}" in repr(tensor([1], dtype=each))
    assert told == (each not in (dtypes.float32, dtypes.int64, dtypes.bool))


def test_the_dtype_that_is_expected_follows_the_default():
    dtypes.set_default_dtype(dtypes.float64)
    try:
        assert repr(tensor([1.0])) == "tensor([1.])"
        assert repr(tensor([1.0], dtype=dtypes.float32)) == "tensor([1.], dtype=torch.float32)"
    finally:
        dtypes.set_default_dtype(dtypes.float32)


def test_a_long_tensor_is_summarised_at_both_ends():
    assert repr(zeros(options.threshold)).count("0.") == options.threshold
    assert repr(zeros(options.threshold + 1)).count("0.") == 2 * options.edgeitems


def test_a_huge_tensor_prints_at_once():
    huge = zeros(3000, 3000)
    start = time.perf_counter()
    assert repr(huge).count("...") == 7
    assert time.perf_counter() - start < 0.5


def test_a_tensor_of_no_elements_says_its_size():
    assert repr(zeros(0)) == "tensor([])" and repr(zeros(0, 3)) == "tensor([], size=(0, 3))"


def test_printing_changes_nothing():
    out = tensor([1.0], requires_grad=True).exp()
    version, node = out._version, out.grad_fn
    assert repr(out) == str(out) == f"{out}"
    assert out._version == version and out.grad_fn is node


@pytest.mark.parametrize("spec", [".2f", "8.3f", "e", ""])
def test_a_tensor_without_dimensions_takes_the_format_of_its_number(spec):
    assert format(tensor(1.5), spec) == format(1.5, spec)


def test_a_format_for_a_tensor_with_dimensions_is_refused():
    with pytest.raises(TypeError):
        format(tensor([1.5]), ".2f")
