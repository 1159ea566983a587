"""A program recorded on both sides: the core and PyTorch tell the same events.

`python -m tests.parity.agreement` writes the table of it, `agreement.md` (needs PyTorch).
"""

from __future__ import annotations

import contextlib
import io
import itertools
import sys
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import autograd_core
from autograd_core import record
from autograd_core.recording.events import (
    AliasMade,
    Event,
    NodeDeleted,
    OpRan,
    TensorDeleted,
    VersionBumped,
)

from . import oracle
from .compare import roughly
from .program import Program, programs
from .sentences import sentence


DELETED = (TensorDeleted, NodeDeleted)
TABLE = Path(__file__).parent / "agreement.md"

# Why the events of some programs differ, and of which.
DIFFERENCES: dict[str, tuple[str, ...]] = {
    (
        "What is one operation on one side is made of several on the other, whose steps are told: a "
        "division by a tensor (a reciprocal and a product), a write at an index (a view and a "
        "write), a reshape (a view), a shallow copy (an empty tensor that is given the memory), a question "
        "whether a tensor holds a number, a product with a vector, a copy of what a write is about to "
        "overwrite, a conversion from NumPy. Names and numbers agree where the operations do."
    ): (
        "arguments-which_of_several_operations_is_meant",
        "arithmetic-reflected_gradients",
        "arithmetic-scalar_with_tensor",
        "creation-of_a_list_of_tensors",
        "graph-nodes_of_reflected_operators",
        "inplace-mul_by_itself_in_place",
        "inplace-mul_by_the_leaf_in_place",
        "inplace-where_a_condition_holds",
        "numpy_arrays-an_array_and_a_tensor_between_an_operator",
        "numpy_arrays-an_array_looks_at_the_memory",
        "numpy_arrays-numbers_of_numpy",
        "printing-empties",
        "printing-with_grad_fn",
        "python-members",
        "python-what_a_tensor_contains",
        "python-attributes_that_a_lesson_has_written",
        "python-sizes_that_are_none",
    ),
    (
        "A tensor that is made by its class (`torch.Tensor([1.0])`, `torch.FloatTensor`) is met when it is used "
        "first: the class is C's own (`THPVariable_pynew`), and no function mode hears of it."
    ): ("creation-tensors_by_their_class",),
    (
        "An error of PyTorch's argument parser, or of an argument that is refused before anything is "
        "computed, is told on one side only, or together with what had been done by then."
    ): (
        "arguments-a_dimension_to_keep_has_to_be_named",
        "arguments-arguments_of_another_kind",
        "arguments-what_no_operation_takes",
        "arithmetic-function_of_no_tensor",
        "backward-gradient_that_is_no_tensor",
        "inplace-numbers_that_an_element_cannot_hold",
        "leaves-requires_grad_assigned",
        "hooks-arguments_of_grad",
        "hooks-copies",
        "hooks-requires_grad_is_a_bool",
        "leaves-requires_grad_of_integers",
        "python-letters_in_the_brackets",
        "modes-inference_tensors",
        "numpy_arrays-arrays_that_no_tensor_is_made_of",
        "numpy_arrays-other_functions_of_numpy",
    ),
    (
        "Who lets go first: what a refused hook has returned is gone in PyTorch before its error reaches Python, "
        "and what a pack hook was handed goes with the node (`SavedVariable` keeps a result it has packed)."
    ): (
        "hooks-hooks_on_what_a_node_saved",
        "hooks-hooks_on_what_a_node_saved_that_fail",
        "hooks-what_hooks_on_nodes_return",
        "hooks-what_hooks_on_tensors_return",
    ),
    (
        "Of a Function of the user's, PyTorch does not say which of its outputs came back as views "
        "of its inputs, and its gradients come unnamed."
    ): (
        "functions-forward_without_a_ctx",
        "functions-grad_mode_inside",
        "functions-results_that_are_no_tensors",
        "functions-returns_its_input",
        "functions-saves_inputs_and_what_it_likes",
        "functions-saves_what_cannot_be_saved",
        "functions-second_derivatives",
        "functions-several_results",
        "functions-without_forward_or_backward",
        "functions-writes_a_view",
        "functions-writes_its_input",
    ),
    (
        "The graph of a derivative (`create_graph`) is built in C++: its nodes are told, but not the "
        "operations that made them."
    ): (
        "arguments-what_gradcheck_looks_at",
        "hooks-an_edge_stands_for_a_tensor",
    ),
    (
        "Accidents that the core does not share: whether a gradient is taken as it is, what "
        "inference mode counts, the history of a view at the moment when nobody has asked for it, "
        "nodes that are called by hand."
    ): (
        "leaves-grad_assigned_to_a_non_leaf",
        "backward-a_gradient_that_a_hook_has_made_is_put_into_grad_as_it_is",
    ),
    (
        "Of gradients of non-leaves PyTorch does not say that `backward` retains those of its `inputs`, nor "
        "that one has stayed with a node that its tensor no longer hangs from."
    ): (
        "backward-the_version_of_a_gradient_tells_how_often_others_were_added_to_it",
    ),
}


def events(program: Program, module: ModuleType, backend: str) -> list[Event]:
    """What a recording tells of this program; what it prints, warns and raises is left aside."""
    names: dict[str, object] = {"torch": module}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with record(None, backend=backend, names=names) as trace:
            for statement in program.statements:
                with contextlib.suppress(Exception):
                    statement.run(names)
    return settled(trace.events)


def settled(told: list[Event]) -> list[Event]:
    """What is deleted in one go, in order of its ids: Python promises none, and keeps none from run to run."""
    return [
        each
        for deleted, run in itertools.groupby(told, lambda each: isinstance(each, DELETED))
        for each in (sorted(run, key=repr) if deleted else run)
    ]


def same(one: Event, other: Event) -> bool:
    """Are these events the same, but for the last digits of numbers and PyTorch's names of types?"""
    left, right = (sentence(repr(each)) for each in (one, other))
    return left == right or roughly(left, right)


def first_difference(ours: list[Event], theirs: list[Event]) -> str:
    """Where the two part, in words; empty where they agree to the end."""
    for number, (one, other) in enumerate(zip(ours, theirs)):
        if not same(one, other):
            return f"event {number}:\n    the core tells {one}\n    PyTorch does   {other}"
    if len(ours) != len(theirs):
        more, who = max((ours, "the core"), (theirs, "PyTorch"), key=lambda pair: len(pair[0]))
        return f"{who} tells more: {more[min(len(ours), len(theirs))]}"
    return ""


@dataclass
class Agreement:
    """What recording all programs on both sides has shown."""

    parted: dict[str, str] = field(default_factory=dict)  # by program: where the two part
    themes: Counter = field(default_factory=Counter)
    agreed_themes: Counter = field(default_factory=Counter)
    ops: Counter = field(default_factory=Counter)  # in how many programs an operation is told
    agreed_ops: Counter = field(default_factory=Counter)
    count: int = 0  # of events that agree

    def add(self, program: Program, torch: ModuleType) -> None:
        ours = events(program, autograd_core, "core")
        difference = first_difference(ours, events(program, torch, "torch"))
        told = {
            each.how if isinstance(each, AliasMade) else each.op
            for each in ours
            if isinstance(each, (OpRan, VersionBumped, AliasMade))
        }
        self.themes[program.theme] += 1
        self.ops.update(told)
        if difference:
            self.parted[program.id] = difference
        else:
            self.count += len(ours)
            self.agreed_themes[program.theme] += 1
            self.agreed_ops.update(told)

    def table(self) -> str:
        programs, agreed = sum(self.themes.values()), sum(self.agreed_themes.values())
        lines = [
            "# PyTorch and the core, recorded side by side",
            "",
            f"Of {programs} programs, {agreed} give the same events from PyTorch 2.13 as from `autograd_core`, "
            f"one by one: {self.count} events. Where the others part is listed with the reason. Left out are the "
            "corners that random programs have found, where the two do the same by other steps.",
            "This file is written by `python -m tests.parity.agreement`, and a test keeps it as it is.",
            "",
            "## Example by example",
            "",
            "| programs | agree | of |",
            "|---|---|---|",
            *(f"| {name} | {self.agreed_themes[name]} | {n} |" for name, n in sorted(self.themes.items())),
            "",
            "## Why the others differ",
            "",
        ]
        for reason, names in DIFFERENCES.items():
            lines += [f"- {reason} ({', '.join(names)})"]
        lines += [
            "",
            "## Operation by operation",
            "",
            "In how many of the programs that use it everything agrees, from the first event to the last.",
            "",
            "| operation | agree | of |",
            "|---|---|---|",
            *(f"| `{op}` | {self.agreed_ops[op]} | {n} |" for op, n in sorted(self.ops.items())),
        ]
        return "\n".join(lines) + "\n"


def agreement(torch: ModuleType) -> Agreement:
    """Record the programs on both sides.

    Left out are long chains, which say nothing that short programs do not, and the corners that random
    programs have found: there the two do the same by other steps.
    """
    found = Agreement()
    for program in programs():
        if program.theme != "regressions" and "chain" not in program.name:
            found.add(program, torch)
    return found


def main() -> int:
    torch = oracle.pytorch()
    if torch is None:
        print("The table needs PyTorch 2.13.0 for the CPU.", file=sys.stderr)
        return 1
    found = agreement(torch)
    listed = {each for names in DIFFERENCES.values() for each in names}
    for program, difference in found.parted.items():
        if program not in listed:
            print(f"{program}: {difference}\n")
    print("Listed, and agree by now:", *sorted(listed - set(found.parted)))
    TABLE.write_text(found.table(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
