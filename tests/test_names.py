"""The user's variables: which names hold which tensor, and from when to when."""

from __future__ import annotations

import pytest

from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

from .lessons import run, told


def named(trace: Trace) -> list[str]:
    return told(trace, e.Named)


def test_unpacking_gives_each_tensor_its_name():
    trace = run("x, (y, z) = tensor([1.0]), [tensor([2.0]), tensor([3.0])]")
    assert named(trace) == ["t0 is x", "t1 is y", "t2 is z"]


def test_a_name_moves_to_the_tensor_it_is_bound_to_next():
    trace = run(
        """
        x = tensor([1.0])
        y = x
        x = x + 1
        """
    )
    assert named(trace) == ["t0 is x = y", "t0 is y", "t1 is x"]


def test_two_names_that_are_swapped_are_told_as_swapped():
    trace = run(
        """
        x, y = tensor([1.0]), tensor([2.0])
        z = x + y
        x, y = y, x
        """
    )
    assert named(trace) == ["t0 is x", "t1 is y", "t0 is y", "t1 is x", "t2 is z"]


def test_a_deleted_name_is_told_where_another_keeps_the_tensor():
    trace = run(
        """
        x = y = tensor([1.0])
        z = x + 1
        del x
        """
    )
    assert named(trace) == ["t0 is x = y", "t0 is y", "t1 is z"]


def test_a_tensor_in_a_list_alone_is_named_by_its_place():
    trace = run("parts = [tensor([1.0]), tensor([2.0])]")
    assert named(trace) == ["t0 is parts[0]", "t1 is parts[1]"]


def test_in_a_loop_the_name_goes_from_one_tensor_to_the_next():
    trace = run(
        """
        x = tensor([1.0])
        for _ in range(3):
            x = x * 2
        """
    )
    assert told(trace, e.Named, e.TensorDeleted) == [
        "t0 is x", "t0 deleted", "t1 is x", "t1 deleted", "t2 is x", "t2 deleted", "t3 is x"
    ]  # fmt: skip


def test_a_functions_names_are_told_while_it_runs_and_the_callers_stay():
    trace = run(
        """
        def double(x):
            y = x * 2
            return y + 0
        a = tensor([1.0])
        b = double(a)
        """
    )
    assert named(trace) == ["t0 is x = a", "t1 is y", "t0 is a", "t2 is b"]


def test_a_name_of_a_callers_caller_is_seen_too():
    trace = run(
        """
        def inner():
            return 1 + tensor([1.0])
        def outer():
            kept = tensor([5.0])
            return kept, inner()
        pair = outer()
        """
    )
    assert "t0 is kept" in named(trace)


def test_in_a_comprehension_the_loops_name_is_seen():
    trace = run("a = tensor([1.0])\nparts = [a * 2 + 1 for n in range(2)]")
    assert named(trace) == ["t0 is a"]
    trace = run("parts = [x * 2 for x in (tensor([1.0]), tensor([2.0]))]")
    assert named(trace)[:1] == ["t0 is x"]


def test_private_names_are_not_told():
    assert named(run("_ = tensor([1.0])\n_hidden = tensor([2.0])")) == []


def test_what_is_no_tensor_has_no_name():
    assert named(run("x = tensor([1.0]).tolist()\ny = x")) == []


# ---- attributes and items ----------------------------------------------------------------------

LAYER = """
class Layer:
    def __init__(self, w):
        self.w = w * 1
    def __call__(self, x):
        return self.w * x
"""


def test_an_attribute_that_is_spelt_out_is_a_name():
    trace = run(LAYER + "layer = Layer(2)\nlayer.w = tensor([1.0])\ny = layer.w + 1")
    assert named(trace) == ["t0 is layer.w", "t1 is y"]


def test_inside_a_method_an_attribute_has_the_name_it_has_there():
    trace = run(LAYER + "layer = Layer(tensor([1.0]))\ny = layer(3)")
    assert "t1 is self.w" in named(trace)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("parts = [tensor([1.0]), 2]\nparts[0] + 1", "parts[0]"),
        ("parts = (2, tensor([1.0]))\nparts[-1] + 1", "parts[-1]"),
        ("held = {'w': tensor([1.0])}\nheld['w'] + 1", "held['w']"),
        ("held = {3: {'b': tensor([1.0])}}\nheld[3]['b'] + 1", "held[3]['b']"),
        ("parts = [tensor([1.0])]\nfor i in range(1):\n    parts[i] + 1", "parts[0]"),
        ("class O: pass\no = O()\no.list = [O()]\no.list[0].w = tensor([1.0])", "o.list[0].w"),
    ],
)
def test_an_item_that_is_spelt_out_is_a_name(source, name):
    assert named(run(source))[0] == f"t0 is {name}"


def test_an_attribute_that_is_assigned_again_names_the_new_tensor():
    trace = run(LAYER + "layer = Layer(tensor([1.0]))\nlayer.w = layer.w * 2\ny = layer.w + 1")
    assert named(trace)[-3:] == ["t1 is nameless", "t2 is layer.w", "t3 is y"] or named(trace)[
        -2:
    ] == ["t2 is layer.w", "t3 is y"]


def test_looking_for_names_runs_no_code_of_the_users():
    trace = run(
        """
        class Strange:
            @property
            def w(self):
                raise AssertionError("asked")
            def __getattr__(self, name):
                raise AssertionError("asked")
            def __getitem__(self, key):
                raise AssertionError("asked")
        class List(list):
            def __getitem__(self, key):
                raise AssertionError("asked")
        strange, items = Strange(), List()
        def never():
            strange.w, strange.v, strange[0], items[0]
        x = tensor([1.0])
        """
    )
    assert named(trace) == ["t0 is x"]


def test_the_parameters_of_a_model_are_named_as_they_are_reached_from_outside():
    trace = run(
        LAYER
        + """
class Model:
    def __init__(self):
        self.layers = [Layer(tensor([2.0], requires_grad=True)) for _ in range(2)]
        self.options = {"bias": tensor([0.5])}
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x + self.options["bias"]
model = Model()
out = model(tensor([1.0]))
out.backward()
"""
    )
    names = {tensor.names for tensor in trace.at(-1).tensors.values()}
    assert names >= {("model.layers[0].w",), ("model.layers[1].w",), ("model.options['bias']",)}


def test_a_tensor_that_moves_to_another_place_is_named_by_that():
    trace = run(
        """
        class Box:
            pass
        one, two = Box(), Box()
        one.held = tensor([1.0])
        x = tensor([2.0])
        two.kept, one.held = one.held, None
        y = x + 1
        z = x + two.kept
        """
    )
    assert [name for name in named(trace) if name.startswith("t0")][0] == "t0 is one.held"
    assert trace.at(-1).tensors["t0"].names == ("two.kept",)
