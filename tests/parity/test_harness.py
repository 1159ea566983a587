"""The comparison itself is put to the test: it sees every kind of difference, and only differences.

The other side here is `autograd_core` with one thing about it changed on purpose.
"""

from __future__ import annotations

import json
import types
import warnings
from pathlib import Path

import pytest

import autograd_core

from . import recording
from .compare import Difference, differences, identical, near
from .observe import graph, observe
from .program import Program, programs, statements
from .report import operations_table
from .run import Step, run
from .sentences import sentence

E4 = """
a = torch.tensor([1.2, 3.4, 5.6], requires_grad=True)
out = a.sigmoid()
c = out.detach()
c.zero_()
out.sum().backward()
print(a.grad)
"""


def steps_of(source: str, module: types.ModuleType = autograd_core) -> list[Step]:
    return run(statements(source), module)


def with_changed(step: int, *path: str, to: object) -> list[Difference]:
    """The differences that are found when one thing in the record of a run is another."""
    other = json.loads(json.dumps(steps_of(E4)))
    place = other[step]
    for key in path[:-1]:
        place = place[key]
    assert place[path[-1]] != to
    place[path[-1]] = to
    return differences(steps_of(E4), other)


def test_two_runs_of_one_program_do_not_differ() -> None:
    assert differences(steps_of(E4), steps_of(E4)) == []


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("error",), "RuntimeError: something else"),
        (("printed",), "x"),
        (("value",), "x"),
        (("warnings",), ["UserWarning: x"]),
        (("storages",), []),
        (("same",), ["a, out"]),
        (("tensors", "out", "version"), 0),
        (("tensors", "out", "repr"), "tensor([0., 0., 0.])"),
        (("tensors", "out", "values"), [0.0, 0.0, 0.5]),
        (("tensors", "out", "values"), [0.0, 0.0]),
        (("tensors", "out", "dtype"), "float64"),
        (("tensors", "out", "shape"), [1, 3]),
        (("tensors", "out", "requires_grad"), False),
        (("tensors", "out", "is_leaf"), True),
        (("tensors", "out", "retains_grad"), True),
        (("tensors", "out", "output_nr"), 1),
        (("tensors", "out", "grad_fn"), "ExpBackward0"),
        (("tensors", "out", "graph"), []),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else None,
)
def test_a_difference_is_found_and_named(path: tuple[str, ...], to: object) -> None:
    (found,) = with_changed(4, *path, to=to)
    assert (found.what, found.got, found.step) == (".".join(path).removeprefix("tensors."), to, 4)


def test_a_missing_variable_is_a_difference() -> None:
    one, other = steps_of("a = torch.tensor(1.0)"), steps_of("b = torch.tensor(1.0)")
    other[0]["statement"] = one[0]["statement"]
    assert [d.what for d in differences(one, other)] == ["a", "b"]


def test_a_gradient_counts_as_a_tensor() -> None:
    last = steps_of("a = torch.tensor(1.0, requires_grad=True)\n(a * 2).backward()")[-1]
    assert last["tensors"]["a.grad"]["values"] == [2.0]


def test_a_program_goes_on_after_an_error() -> None:
    steps = steps_of("a = torch.tensor([1.0])\na.backward()\na.zero_()\nprint('still here')")
    assert steps[1]["error"].startswith("RuntimeError: ")
    assert steps[2]["tensors"]["a"]["values"] == [0.0]
    assert steps[3]["printed"] == "still here\n"


def test_looking_changes_nothing() -> None:
    steps = steps_of("a = torch.tensor(1.0, requires_grad=True)\nout = a * 2\nout.backward()")
    assert steps[-1]["warnings"] == [] and steps[-1]["tensors"]["out"]["version"] == 0


def test_warnings_are_kept_with_their_category() -> None:
    steps = steps_of("import warnings\nwarnings.warn('careful', FutureWarning)")
    assert steps[1]["warnings"] == ["FutureWarning: careful"]


def test_warnings_outside_go_their_own_way() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        steps_of("a = torch.tensor(1.0, requires_grad=True)\nb = a * 2\nb.grad")


def test_aliases_are_told_apart_from_equals() -> None:
    last = steps_of("a = torch.tensor([1.0])\nb = torch.tensor([1.0])\nc = a.detach()\nd = a")[-1]
    assert (last["same"], last["storages"]) == (["a, d"], ["a, c, d"])


def test_a_diamond_has_its_shared_node_once() -> None:
    x = autograd_core.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    assert [line.split(" -> ")[1:] for line in graph((y * y).grad_fn)] == [
        ["1.0 1.0"],
        ["2.0 -"],
        [],
    ]


def test_a_field_that_cannot_be_read_says_so() -> None:
    assert observe(object())["version"].startswith("raises AttributeError: ")


@pytest.mark.parametrize(
    ("dtype", "other", "expected"),
    [
        ("float32", 1.0 + 4 * 2**-23, True),
        ("float32", 1.0 + 8 * 2**-23, False),
        ("float64", 1.0 + 4 * 2**-52, True),
        ("float64", 1.0 + 2**-40, False),
        ("float16", 1.0 + 2**-10, True),
        ("float16", 1.0 + 2**-8, False),
        ("int64", 1.0 + 2**-52, False),
    ],
)
def test_nearness_is_in_units_of_the_dtype(dtype: str, other: float, expected: bool) -> None:
    assert near([1.0], [other], dtype) is expected


def test_nearness_needs_the_same_kind_of_number() -> None:
    assert not near(["nan"], [1.0], "float32")
    assert not near([1], [1.0], "float32")
    assert near(["nan", "inf"], ["nan", "inf"], "float32")
    assert not identical(True, 1)


def test_plain_arithmetic_has_to_agree_to_the_last_bit() -> None:
    def off_by_one_unit(source: str) -> list[Difference]:
        one, other = steps_of(source), steps_of(source)
        seen = dict(other[-1]["tensors"]["a"], values=[1.0 + 2**-23])
        other[-1]["tensors"]["a"] = seen
        one[-1]["tensors"]["a"] = dict(seen, values=[1.0])
        return differences(one, other)

    assert off_by_one_unit("a = torch.tensor([0.5]) * 2")
    assert not off_by_one_unit("a = torch.tensor([0.0]).exp()")


def test_only_the_prefix_of_types_is_dropped() -> None:
    text = "expected torch.FloatTensor [3] of torch.float32, see torch.autograd.set_detect_anomaly"
    assert sentence(text) == (
        "expected FloatTensor [3] of float32, see torch.autograd.set_detect_anomaly"
    )


def test_a_recording_reads_back_as_it_was() -> None:
    steps = steps_of(E4 + "\ndel c\nc = out.detach()\na.grad = None")
    assert recording.unpack(json.loads(json.dumps(recording.pack(steps)))) == steps


def test_a_recording_holds_only_what_changed() -> None:
    packed = recording.pack(steps_of(E4))
    assert set(packed[3]["tensors"]) == {"out", "c"}
    assert set(packed[3]["tensors"]["c"]) == {"repr", "values", "version"}
    assert "tensors" not in packed[4]


def program_of(source: str, name: str = "example") -> Program:
    return Program("theme", name, statements(source))


def test_a_program_without_a_recording_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(recording.OutOfDate, match="no recorded run.*python -m tests.parity.record"):
        recording.read(program_of("a = 1"), tmp_path)


def test_a_changed_program_says_what_to_do(tmp_path: Path) -> None:
    program = program_of("a = torch.tensor(1.0)")
    steps = run(program.statements, autograd_core)
    recording.write({"theme": {program: steps}}, recording.PYTORCH, tmp_path)
    assert recording.read(program, tmp_path) == steps
    with pytest.raises(recording.OutOfDate, match="has changed.*python -m tests.parity.record"):
        recording.read(program_of("a = torch.tensor(2.0)"), tmp_path)


def test_a_recording_of_another_pytorch_is_refused(tmp_path: Path) -> None:
    program = program_of("a = 1")
    steps = run(program.statements, autograd_core)
    recording.write({"theme": {program: steps}}, "2.12.0", tmp_path)
    with pytest.raises(recording.OutOfDate, match="recorded with PyTorch 2.12.0"):
        recording.read(program, tmp_path)


def test_a_theme_that_is_gone_loses_its_recording(tmp_path: Path) -> None:
    program = program_of("a = 1")
    steps = run(program.statements, autograd_core)
    recording.write({"theme": {program: steps}, "other": {program: steps}}, "2.13.0", tmp_path)
    recording.write({"theme": {program: steps}}, "2.13.0", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["theme.json"]


def test_programs_are_split_into_statements() -> None:
    (program,) = [p for p in programs() if p.id == "sources-e3_backward_through_the_detached"]
    assert [s.text for s in program.statements][-2:] == ["c.sum().backward()", "print(a.grad)"]


def test_a_name_used_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theme.py").write_text("def same():\n    1\n\n\ndef same():\n    2\n")
    with pytest.raises(ValueError, match="two programs are called same"):
        programs(tmp_path)


def test_the_report_names_the_operation_that_differs() -> None:
    text = operations_table({"exp": (3, []), "sin": (5, ["torch.sin(a): out"])})
    assert "7 of 8 cases of 2 operations agree" in text
    assert "| exp | 3 | 3 |" in text and "| sin | 5 | 4 |" in text
    assert text.endswith("- sin: torch.sin(a): out\n")
