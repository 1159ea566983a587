"""`python -m tests.parity.random [COUNT [FIRST]]`: random programs, on both sides at once.

Prints each kind of difference once, with the shortest program that still shows it, ready to become a
program in `programs/regressions.py`. Ends with status 1 if there was any.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import re
import sys
import time
import weakref
from pathlib import Path
from types import ModuleType

import autograd_core

from . import observe, oracle, recording
from .compare import ROUNDED, Difference, rough_differences
from .program import statements
from .run import Step, step
from .vocabulary import Writer

LONGEST = 14  # statements


class Side:
    """A program as it runs against one module, statement by statement."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.namespace: dict[str, object] = {"torch": module}
        self.accidents: dict[int, weakref.ref] = {}  # what may start at any version, by id
        module.set_grad_enabled(True)  # a program before may have switched it off

    def run(self, text: str) -> list[Step]:
        before = self.tensors()
        steps = [
            step(each, self.namespace, self.module, observe.LAYOUT) for each in statements(text)
        ]
        words = re.findall(r"\w+", text)
        inferred = any(name in words and each.is_inference() for name, each in before.items())
        gradients = re.findall(r"\w+", " ".join(GRADIENTS.findall(text)))
        for name, tensor in self.tensors().items():
            new = inferred and before.get(name) is not tensor
            made = new or name.endswith(".grad") or name in gradients
            if made or self.is_accident(f"{name}."):
                for each in (tensor, tensor.untyped_storage()):
                    self.accidents[id(each)] = weakref.ref(each)
        return steps

    def tensors(self) -> dict[str, object]:
        return observe.tensors(self.namespace, self.module)

    def tensor(self, what: str) -> object:
        """The tensor that a difference is about, if it is about one."""
        return self.tensors().get(what.rpartition(".")[0])

    def is_accident(self, what: str) -> bool:
        """Is this about a gradient, or about what was computed elsewhere of what inference mode made?"""
        tensor = self.tensor(what)
        both = () if tensor is None else (tensor, tensor.untyped_storage())
        return any(each is self.accidents.get(id(each), lambda: None)() for each in both)


GRADIENTS = re.compile(r"([\w, ]+?),? = torch\.autograd\.grad\(")


class Pair:
    """A program as it runs on PyTorch and on `autograd_core`, and where the two first differ."""

    def __init__(self, torch: ModuleType) -> None:
        self.expected, self.got = Side(torch), Side(autograd_core)
        self.lines: list[str] = []
        self.steps: list[Step] = []  # what PyTorch did
        self.over = False  # after a deliberate difference the two may go on as they like

    def run(self, text: str) -> list[Difference]:
        self.lines.append(text)
        expected = self.expected.run(text)
        self.steps += [{k: v for k, v in step.items() if k != "statement"} for step in expected]
        program = "\n".join(self.lines)
        found = rough_differences(expected, self.got.run(text), HALVES.search(program) is not None)
        both = (each.is_inference() and each.requires_grad for each in self.expected.tensors().values())
        partly = any("ZeroDivisionError" in str(each["error"]) for each in expected)
        self.over = self.over or partly or any(both) or any(ends(each, self.got) for each in found)
        self.over = self.over or bool(found) and all(is_rounding(each, program) for each in found)
        return [] if self.over else [each for each in found if not is_deliberate(each, self.got, program)]


def is_deliberate(found: Difference, got: Side, program: str) -> bool:
    """Is this one of the differences that this package's docstring gives a reason for?"""
    if found.what.endswith((".version", ".is_view", ".base", ".stride", ".offset")):
        return got.is_accident(found.what)
    if found.what == "storages":
        groups = {*found.expected} ^ {*found.got}
        return all(got.is_accident(f"{name}.") for group in groups for name in group.split(", "))
    if found.what == "warnings":
        sides = ([w for w in side if not leads_nowhere(w)] for side in (found.expected, found.got))
        left, right = (sorted(OF_EACH_SIDE.sub("", each) for each in side) for side in sides)
        return left == right
    if found.what.endswith((".graph", ".grad_fn", "value", "printed")):
        return bool(SECOND_ORDER.search(program)) and only_nodes_differ(found)
    return found.what == "error" and "unflatten got an unexpected error" in str(found.expected)


def leads_nowhere(warning: str) -> bool:
    """Is this about the layout of a gradient, which differs only by steps that are never taken?"""
    told = STEPS.search(warning)
    sizes, grad, param = map(json.loads, told.groups()) if told else ([], [1], [0])
    return 0 in sizes or (bool(told) and all(n == 1 or s == t for n, s, t in zip(sizes, grad, param)))


# The lines that run the two sides, and the names of functions inside them.
OF_EACH_SIDE = re.compile(r"(?<=that caused the error:\n).*|(?<=^UserWarning: backward hook ).*(?= on tensor)", re.DOTALL)
STEPS = re.compile(
    r"grad\.sizes\(\) = (.*), strides\(\) = (.*)\nparam\.sizes\(\) = .*, strides\(\) = (.*)"
)


def ends(found: Difference, got: Side) -> bool:
    """Is this a deliberate difference after which there is nothing more to compare?"""
    if found.what == "error":
        edge = "get_gradient_edge" in found.statement or "multi_grad_hook" in found.statement
        unmade = edge and "no attribute 'next_functions'" in str(found.expected)
        # Whether a gradient counts as a view is an accident, and so is what that forbids.
        is_view = "view was created in no_grad mode" in str(found.expected)
        names = re.findall(r"[a-z]\w*", found.statement) if is_view else ()
        on_view = any(got.is_accident(f"{name}.is_view") for name in names)
        return unmade or on_view or bool(MISTAKES.search(str(found.expected)))
    if WHOLE.search(str(found.expected)):
        return True
    tensor = got.tensor(found.what)
    whole = tensor is not None and not tensor.dtype.is_floating_point
    return whole and found.what.endswith((".requires_grad", ".is_leaf"))


def is_rounding(found: Difference, program: str) -> bool:
    """Is this about which of two elements is greater that differ by a rounding error, if at all?"""
    indices = found.what.endswith(".values") and isinstance(found.got, list) and ORDERS.search(found.statement)
    return bool(indices) and all(type(each) is int for each in found.got) and bool(ROUNDED.search(program))


HALVES = re.compile("float16|half")
WHOLE = re.compile(r"dtype=torch\.(u?int\d+|bool), (grad_fn|requires_grad)=")  # of no floats
ORDERS = re.compile(r"\b(arg)?(max|sort|topk|median)\(")
MISTAKES = re.compile("report a bug to PyTorch|Autograd not support dtype")
SECOND_ORDER = re.compile(r"create_graph=True|grad_fn\(")


def only_nodes_differ(found: Difference) -> bool:
    sides = [NODE.sub("", PACKED.sub("", str(side))).split() for side in (found.expected, found.got)]
    return found.what.endswith((".graph", ".grad_fn")) or (
        found.what in ("value", "printed") and sides[0] == sides[1]
    )


PACKED = re.compile(r"^(un)?pack tensor\(.*?\)\n", re.DOTALL | re.MULTILINE)  # other nodes keep others
NODE = re.compile(r",\s+(grad_fn=<\w*Backward\d*>|dtype=torch\.\w+)|\w*Backward\d*")


def write(
    seed: int, torch: ModuleType, pair: Pair | None = None
) -> tuple[list[str], list[Difference]]:
    """The program of this seed, up to the first statement after which the two sides differ."""
    chance = random.Random(seed)
    pair = pair or Pair(torch)
    writer = Writer(pair.got.namespace, chance.choice)
    for _ in range(chance.randint(4, LONGEST)):
        if found := pair.run(writer.statement()):
            return pair.lines, found
    return pair.lines, []


def check(lines: list[str], torch: ModuleType) -> list[Difference]:
    pair = Pair(torch)
    for text in lines:
        if found := pair.run(text):
            return found
    return []


# ---- the programs that ship with their results -----------------------------------------------------

RECORDED = Path(__file__).parent / "recorded" / "random" / "programs.jsonl"
HOW_MANY = 360


def record(torch: ModuleType) -> int:
    """Write programs with what PyTorch does, a line each; those that both sides agree on."""
    lines = [json.dumps({"pytorch": recording.PYTORCH})]
    for seed in range(HOW_MANY):
        pair = Pair(torch)
        _, found = write(seed, torch, pair)
        if not found and not pair.over:
            steps = recording.pack(pair.steps)
            lines.append(json.dumps({"program": pair.lines, "steps": steps}, ensure_ascii=False))
    RECORDED.parent.mkdir(parents=True, exist_ok=True)
    RECORDED.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines) - 1


def read() -> list[tuple[list[str], list[Step]]]:
    """The recorded programs, each with what PyTorch did step by step."""
    _, *lines = RECORDED.read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return [(entry["program"], recording.unpack(entry["steps"])) for entry in entries]


def against(lines: list[str], expected: list[Step]) -> list[Difference]:
    """The first differences between what PyTorch did and what `autograd_core` does."""
    got = Side(autograd_core)
    for number, text in enumerate(lines):
        steps = [step | {"statement": text} for step in got.run(text)]
        one = [expected[number] | {"statement": text}]
        if found := [
            each
            for each in rough_differences(one, steps, HALVES.search("\n".join(lines)) is not None)
            if not is_deliberate(each, got, "\n".join(lines[: number + 1]))
        ]:
            return found
    return []


# ---- what differs ----------------------------------------------------------------------------------


def shorten(lines: list[str], kind: str, torch: ModuleType) -> list[str]:
    """Leave out statements while the program still shows a difference of this kind."""
    for position in reversed(range(len(lines))):
        shorter = lines[:position] + lines[position + 1 :]
        found = check(shorter, torch)
        if found and kind_of(found) == kind:
            lines = shorter
    return lines


def kind_of(found: list[Difference]) -> str:
    """What two differences have in common that come from one cause, as a rule."""
    first = found[0]
    texts = [first.what.split(".", 1)[-1] if "." in first.what else first.what]
    if first.what in ("error", "warnings", "value", "printed"):
        texts += [str(side) for side in (first.expected, first.got)]
    return " | ".join(re.sub(r"[-\d.,\[\]() ]+", " ", text)[:70] for text in texts)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.parity.random", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=300)
    parser.add_argument("first", nargs="?", type=int, help="the first seed (default: the time)")
    arguments = parser.parse_args()
    torch = oracle.pytorch()
    if torch is None:
        print("Random programs need PyTorch to run against.", file=sys.stderr)
        return 1
    start = int(time.time()) if arguments.first is None else arguments.first
    kinds: collections.Counter[str] = collections.Counter()
    for seed in range(start, start + arguments.count):
        lines, found = write(seed, torch)
        if found:
            kind = kind_of(found)
            kinds[kind] += 1
            if kinds[kind] == 1:
                lines = shorten(lines, kind, torch)
                print(f"\n---- seed {seed}\n" + "\n".join(lines))
                print(*check(lines, torch)[:1], sep="\n", flush=True)
    print(f"\n{arguments.count} programs from seed {start} on: {kinds.total()} differ")
    for kind, count in kinds.most_common():
        print(f"{count:6} {kind}")
    return int(bool(kinds))


if __name__ == "__main__":
    sys.exit(main())
