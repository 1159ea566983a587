"""The sentences: what fills their gaps, and that none of them names a type by its module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograd_core import errors, tensor
from autograd_core.errors import Mismatch, broadcast_mismatch, version_mismatch

SENTENCES = {name: text for name, text in vars(errors).items() if name.isupper()}
PACKAGE = Path(errors.__file__).parent


def test_every_sentence_that_is_said_is_there_and_every_one_that_is_there_is_said():
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    said = set(re.findall(r"\berrors\.([A-Z][A-Z_0-9]+)\b", code))
    assert said <= set(SENTENCES)
    assert {name for name in SENTENCES if len(re.findall(rf"\b{name}\b", code)) < 2} == set()


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_is_one_piece_of_text(name):
    text = SENTENCES[name]
    assert isinstance(text, str) and text == text.strip()
    assert not text.endswith(("\n", " ")) and "Tensor [" not in text


def test_a_mismatch_names_what_was_written_and_both_versions():
    error = version_mismatch("FloatTensor", (2, 3), 1, "Unbind", Mismatch(expected=2, found=5))
    assert "[FloatTensor [2, 3]], which is output 1 of Unbind, is at version 5;" in str(error)
    assert "expected version 2 instead" in str(error)


def test_a_mismatch_of_a_leaf_is_the_output_of_nothing():
    error = version_mismatch("FloatTensor", (), 0, None, Mismatch(0, 1))
    assert "[FloatTensor []] is at version 1; expected version 0" in str(error)


def test_a_mismatch_tells_its_finder_the_node_and_the_field():
    a, b = tensor([2.0], requires_grad=True), tensor([3.0])
    out = a * b
    b.zero_()
    with pytest.raises(RuntimeError) as caught:
        out.backward()
    assert caught.value.mismatch == Mismatch(0, 1, out.grad_fn, "other")


@pytest.mark.parametrize(
    ("a", "b", "sizes"),
    [
        ((2,), (3,), (2, 3, 0)),
        ((4, 2), (3,), (2, 3, 1)),
        ((4, 2), (5, 1), (4, 5, 0)),
        ((2, 3), (4, 5), (3, 5, 1)),
        ((7, 1, 3), (6, 1, 3), (7, 6, 0)),
        ((0,), (3,), (0, 3, 0)),
    ],
)
def test_shapes_that_do_not_meet_are_told_at_the_last_dimension_that_differs(a, b, sizes):
    one, other, axis = sizes
    assert str(broadcast_mismatch(a, b)) == (
        f"The size of tensor a ({one}) must match the size of tensor b ({other}) at non-singleton "
        f"dimension {axis}"
    )
