"""Whatever a reader answers, an exercise says something that helps, and never shows a traceback."""

from __future__ import annotations

import linecache

import numpy as np
import pytest

import autograd_core as torch
from autograd_core.exercises import close, verdict

A = [1.2, 3.4]


def check(answer):
    a = torch.tensor(A, requires_grad=True)
    made = answer(a)
    made.sum().backward()
    return "Right!" if close(a.grad, [2.0, 2.0]) else f"Not yet: it is {a.grad.tolist()}."


def defined(source):
    """The function that a cell defines, its lines known as a notebook's are."""
    linecache.cache["<answer>"] = len(source), None, source.splitlines(keepends=True), "<answer>"
    names = {"torch": torch, "np": np}
    exec(compile(source, "<answer>", "exec"), names)
    return names["mine"]


def said(body, gives=torch.Tensor):
    return verdict(check, defined(f"def mine(a):\n    {body}\n"), gives=gives)


def test_a_right_answer_is_right_and_a_wrong_one_gets_the_checks_own_hint():
    assert said("return a * 2") == "Right!"
    assert said("return a * 3") == "Not yet: it is [3.0, 3.0]."


def test_a_forgotten_return_is_told():
    assert said("a * 2") == (
        "Not yet: mine returns nothing. Give back what it makes, with `return`."
    )


@pytest.mark.parametrize(
    "made, named",
    [
        ("a.detach().numpy()", "a NumPy array"),
        ("a.tolist()", "a list"),
        ("1", "an int"),
        ("()", "a tuple"),
    ],
)
def test_what_is_no_tensor_is_named(made, named):
    sentence = (
        f"mine should return a Tensor, and returns {named}: no gradient flows back from that."
    )
    assert said(f"return {made}") == f"Not yet: {sentence}"


def test_several_tensors_in_place_of_one_are_named_and_nothing_is_said_of_their_history():
    assert said("return a, a") == "Not yet: mine should return a Tensor, and returns a tuple."


def test_an_error_is_told_with_the_line_of_the_answer_that_raised_it():
    assert said("return a.zero_()") == (
        "Not yet: it raises in line 2, `return a.zero_()`. RuntimeError: a leaf Variable that "
        "requires grad is being used in an in-place operation."
    )
    assert said("return b") == (
        "Not yet: it raises in line 2, `return b`. NameError: name 'b' is not defined"
    )


def test_the_line_is_the_answers_own_where_it_calls_and_where_it_is_wrapped():
    inner = "return torch.no_grad()(lambda: a.view(7))()"
    assert f"in line 2, `{inner}`. RuntimeError: " in said(inner)
    wrapped = defined("@torch.no_grad()\ndef mine(a):\n    return a.view(7)\n")
    assert "in line 3, `return a.view(7)`" in verdict(check, wrapped, gives=torch.Tensor)


def test_an_error_that_comes_after_the_answer_is_told_with_the_line_of_the_check_and_without_the_long_hint():
    line = check.__code__.co_firstlineno + 3
    assert said("return a.exp().mul_(2)") == (
        f"Not yet: it raises in line {line} of the check, `made.sum().backward()`. RuntimeError: one of the variables needed for gradient computation "
        "has been modified by an inplace operation: [FloatTensor [2]], which is output 0 of Exp, is "
        "at version 1; expected version 0 instead."
    )


def test_of_a_long_error_only_whole_words_are_told_and_the_rest_is_hinted_at():
    twice = "total = a.exp().sum()\n    total.backward()\n    return total"
    assert said(twice).endswith("if you need to backward through the graph a second time …")


def test_an_answer_that_takes_other_arguments_is_told():
    assert "missing 1 required positional argument" in verdict(
        check, defined("def mine(a, b):\n    return a\n"), gives=torch.Tensor
    )


@pytest.mark.parametrize(
    "made, sentence",
    [
        ("a", "mine should return 2 things, and returns a Tensor."),
        ("(a,)", "mine should return 2 things, and returns 1."),
        ("a, 1", "thing 2 that mine returns should be a list, and is an int."),
        ("a, None", "thing 2 that mine returns should be a list, and is None."),
    ],
)
def test_of_several_things_the_one_that_is_not_as_it_should_be_is_named(made, sentence):
    assert said(f"return {made}", gives=(torch.Tensor, list)) == f"Not yet: {sentence}"


def test_one_kind_of_several_will_do():
    either = torch.Tensor | float
    assert verdict(lambda f: "Right!" if f() else "", lambda: 1.5, gives=either) == "Right!"
    assert verdict(lambda f: f(), lambda: "x", gives=either) == (
        "Not yet: <lambda> should return a Tensor or a float, and returns a str."
    )


def test_what_is_no_function_any_more_is_told():
    assert "is to be a function" in verdict(check, torch.tensor(A), gives=torch.Tensor)


def test_stopping_a_check_by_hand_is_no_wrong_answer():
    def stopped():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verdict(lambda mine: mine(), stopped, gives=torch.Tensor)


def test_numbers_are_compared_whatever_holds_them():
    kinds = [A, tuple(A), np.array(A), torch.tensor(A), torch.tensor(A, requires_grad=True)]
    kinds += [torch.tensor(A, dtype=torch.float64), [torch.tensor(each) for each in A]]
    assert all(close(one, other) for one in kinds for other in kinds)


@pytest.mark.parametrize(
    "other", [[1.2], [[1.2, 3.4]], [1.2, 3.5], [1.2, float("nan")], "1.2", None]
)
def test_other_numbers_another_shape_and_what_are_no_numbers_are_not_the_same(other):
    assert not close(other, A)
    assert not close(A, other)
