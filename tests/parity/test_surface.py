"""Name for name: what an operation here is also called in PyTorch, and nothing under a name of our own."""

from __future__ import annotations

from types import ModuleType

import pytest

import autograd_core
from autograd_core import autograd
from autograd_core.nn import functional

from . import oracle

pytestmark = pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED,
    reason="PyTorch is not installed, and it has too many names to write them down",
)

# What draws and records is ours alone.
OURS = {"record", "Trace", "Player", "picture", "load_ipython_extension"}
OURS |= {"GradcheckError", "annotations"}
SIGNS = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()


def places() -> dict[str, tuple[object, object]]:
    """Where names are looked up: PyTorch's place and the one here."""
    torch = oracle.pytorch()
    return {
        "torch": (torch, autograd_core),
        "torch.Tensor": (torch.Tensor, autograd_core.Tensor),
        "torch.Size": (torch.Size, autograd_core.Size),
        "torch.nn.functional": (torch.nn.functional, functional),
        "torch.autograd": (torch.autograd, autograd),
        "torch.autograd.function": (torch.autograd.function, autograd.function),
        "torch.autograd.graph": (torch.autograd.graph, autograd.graph),
    }


def public(place: object) -> set[str]:
    found = {name: getattr(place, name, None) for name in dir(place) if not name.startswith("_")}
    return {name for name, each in found.items() if not isinstance(each, ModuleType)}


@pytest.mark.parametrize("place", ["torch", "torch.Tensor", "torch.nn.functional"])
def test_what_is_here_has_the_twin_that_writes_where_pytorch_has_it(place: str) -> None:
    theirs, ours = places()[place]
    operations = public(autograd_core) | public(autograd_core.Tensor) | public(functional)
    twins = {name for name in public(theirs) if name.endswith("_") and name[:-1] in operations}
    assert len(twins) > (2 if place.endswith("functional") else 30)
    assert twins - public(ours) == set()


@pytest.mark.parametrize(
    "place", ["torch", "torch.Tensor", "torch.nn.functional", "torch.autograd", "torch.Size"]
)
def test_a_name_here_is_a_name_there(place: str) -> None:
    theirs, ours = places()[place]
    assert {name for name in public(ours) if not hasattr(theirs, name)} - OURS == set()


@pytest.mark.parametrize("place", ["torch.autograd.function", "torch.autograd.graph"])
def test_the_submodules_of_autograd_have_pytorchs_names(place: str) -> None:
    theirs, ours = places()[place]
    assert public(ours) <= set(dir(theirs))


def test_the_operators_have_their_reflected_and_writing_forms() -> None:
    theirs, ours = places()["torch.Tensor"]
    for sign in SIGNS:
        reflected = [] if sign == "matmul" else [f"__r{sign}__"]  # a number has no matrix product
        for name in (f"__{sign}__", f"__i{sign}__", *reflected):
            assert hasattr(ours, name) == hasattr(theirs, name), name


def test_a_function_is_a_method_where_pytorch_has_both() -> None:
    (torch, module), (theirs, ours) = places()["torch"], places()["torch.Tensor"]
    both = {name for name in public(module) & public(theirs) if hasattr(torch, name)}
    assert len(both) > 100
    assert {name for name in both if not hasattr(ours, name)} == set()
