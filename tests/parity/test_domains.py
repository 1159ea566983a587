"""Every operation does over its domain what PyTorch 2.13.0 does: see `domains`."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest

import autograd_core
from autograd_core import Tensor
from autograd_core.autograd import gradcheck, gradgradcheck
from autograd_core.nn import functional

from . import oracle, recording
from .domains import FAMILIES, recorded
from .domains.compare import differences
from .domains.domain import FLOATING, Case, Domain, Family
from .domains.look import look

CALLS = {(family, text): cases for family in FAMILIES for text, cases in family.by_text().items()}

@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0].name}: {call[1]}")
def test_does_what_pytorch_does(call: tuple[Family, str]) -> None:
    family, found = call[0], []
    for case in CALLS[call]:
        expected = recorded.expected(family.name, case)
        for difference in differences(expected, look(case, autograd_core), case.precision):
            found.append(f"{case}\n    {difference}")
    assert not found, f"{len(found)} differences, such as\n\n" + "\n\n".join(found[:5])


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.skipif(
    oracle.pytorch() is None and not oracle.REQUIRED,
    reason=f"PyTorch {recording.PYTORCH} is not installed; its recorded results stand in for it",
)
def test_the_recorded_results_are_what_pytorch_does(family: Family) -> None:
    stale = [
        f"{case}\n    {difference}"
        for case in family.cases()
        for difference in differences(
            recorded.read(family.name, case), look(case, oracle.pytorch()), case.precision
        )
    ]
    assert not stale, "\n".join([*stale[:5], "Run `python -m tests.parity.domains.recorded`."])


# Steps, ties and what is not defined: there, moving a number a little says nothing of a derivative.
ROUGH = re.compile(
    r"round|remainder|fmod|%|//|floor_divide|rounding_mode|pow|\*\*|half|float\(\)|to\(|\b0\)"
    r"|clamp\(a, (b|m)|correction=[26]|scatter|\bc\b"
)
SMOOTH_REGIONS = {"any", "other", "positive", "unit"}


def as_function(domain: Domain) -> tuple[Callable, tuple[Tensor, ...]] | None:
    """The call as a function of its float64 inputs, and those; None if nothing flows back."""
    operands = {
        name: replace(each, dtype="float64") if each.dtype in FLOATING else each
        for name, each in domain.sets[0].items()
    }
    made = {name: each.make(autograd_core) for name, each in operands.items()}
    moved = [name for name, each in made.items() if each.requires_grad]

    def call(*inputs: Tensor) -> tuple[Tensor, ...]:
        names = {"torch": autograd_core, "F": functional, **made, **dict(zip(moved, inputs))}
        result = eval(domain.text, names)
        results = result if isinstance(result, tuple) else (result,)
        return tuple(each for each in results if isinstance(each, Tensor) and each.requires_grad)

    inputs = tuple(made[name] for name in moved)
    try:
        return (call, inputs) if call(*inputs) else None
    except Exception:  # the first operands are such that are refused
        return None


def smooth() -> dict[str, tuple[Callable, tuple[Tensor, ...]]]:
    """The functions whose derivatives numbers can tell, by their calls."""
    found = {}
    for domain in itertools.chain.from_iterable(family.domains for family in FAMILIES):
        operands = [each for each in domain.sets[0].values() if each.dtype in FLOATING]
        regular = all(each.region in SMOOTH_REGIONS and not each.numbers for each in operands)
        if domain.full and regular and not ROUGH.search(domain.text):
            function = as_function(domain)
            if function is not None:
                found[domain.text] = function
    return found


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    FUNCTIONS = smooth()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", FUNCTIONS)
def test_derivatives_are_those_of_the_numbers(text: str) -> None:
    function, inputs = FUNCTIONS[text]
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", FUNCTIONS)
def test_results_and_gradients_lie_in_memory_of_their_own_type(text: str) -> None:
    """Whatever array a formula has made: `as_strided`, `deepcopy` and `set_` read the memory under it."""
    function, inputs = FUNCTIONS[text]
    results = function(*inputs)
    sum(each.sum() for each in results).backward()
    for each in (*results, *(leaf.grad for leaf in inputs if leaf.grad is not None)):
        assert each.untyped_storage().memory.dtype == each.detach().numpy().dtype
        assert each.untyped_storage().memory.size >= min(each.numel(), 1)


# What is public and no operation: what these do is in `programs`, for it takes more than one call.
NO_OPERATIONS = set(
    """
    annotations Size Tensor Generator device dtype get_default_dtype set_default_dtype set_printoptions
    load_ipython_extension
    enable_grad inference_mode no_grad set_grad_enabled is_grad_enabled is_inference_mode_enabled
    is_anomaly_enabled is_anomaly_check_nan_enabled set_detect_anomaly
    backward retain_grad register_hook register_post_accumulate_grad_hook requires_grad_
    grad grad_fn is_leaf requires_grad retains_grad output_nr is_inference
    """.split()
)
OPERATORS = {
    f"__{reflected}{name}__"
    for reflected in ("", "r", "i")
    for name in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()
} | {f"__{name}__" for name in "neg pos abs invert eq ne lt le gt ge getitem setitem".split()}


def test_every_operation_has_a_domain() -> None:
    named = {name for family in FAMILIES for domain in family.domains for name in domain.names()}
    places = (autograd_core, functional, Tensor)
    public = {
        name: each
        for place in places
        for name, each in vars(place).items()
        if not name.startswith("_") or name in OPERATORS
    }
    operations = {
        name
        for name, each in public.items()
        if not isinstance(each, (ModuleType, autograd_core.dtype))
    }
    missing = operations - named - NO_OPERATIONS
    assert not missing, f"without a domain: {sorted(missing)}"


def test_a_difference_is_seen() -> None:
    """The comparison itself: a case beside the same case with one thing about it changed."""
    (case, *_) = FAMILIES[0].cases()
    seen = look(case, autograd_core)
    assert differences(seen, look(case, autograd_core), case.precision) == []
    for what, other in {"out": ["float32[1] 7"], "nodes": [], "grads": {}, "error": "x"}.items():
        (found,) = differences(seen, {**seen, what: other}, case.precision)
        assert found.startswith(f"{what}: ")


def test_cases_are_told_apart_by_their_names() -> None:
    for family in FAMILIES:
        cases: list[Case] = list(family.cases())
        assert len({str(case) for case in cases}) == len(cases)
