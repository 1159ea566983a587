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
from pathlib import Path
from types import ModuleType

import autograd_core

from . import observe, oracle, recording
from .compare import Difference, rough_differences
from .program import statements
from .run import Step, step
from .vocabulary import Writer

LONGEST = 14  # statements


class Side:
    """A program as it runs against one module, statement by statement."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.namespace: dict[str, object] = {"torch": module}
        module.set_grad_enabled(True)  # a program before may have switched it off

    def run(self, text: str) -> list[Step]:
        return [
            step(each, self.namespace, self.module, observe.LAYOUT) for each in statements(text)
        ]


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
        found = rough_differences(expected, self.got.run(text))
        program = "\n".join(self.lines)
        self.over = self.over or any(ends(each, program) for each in found)
        return [] if self.over else [each for each in found if not is_deliberate(each, program)]


def is_deliberate(found: Difference, program: str) -> bool:
    """Is this one of the differences that this package's docstring gives a reason for?"""
    if found.what.endswith(".stride") and TURNED.search(program):
        return True
    if found.what.endswith((".version", ".is_view", ".base", ".stride")):
        return ".grad" in found.what or bool(GRADIENT_IS_KEPT.search(program))
    if found.what == "error" and "desired output type" in str(found.got):
        same = str(found.expected).lower() == str(found.got).lower()
        return same or "_out_cpu\" not implemented for 'Bool'" in str(found.expected)
    if found.what.endswith((".graph", ".grad_fn", "value", "printed")):
        return bool(SECOND_ORDER.search(program)) and only_nodes_differ(found)
    return False


def ends(found: Difference, program: str) -> bool:
    """Is this a deliberate difference after which there is nothing more to compare?"""
    if found.what in ("error", "warnings") and ENDS.search(f"{found.expected} {found.got}"):
        return True
    if found.what == "error" and "A view was created in no_grad mode" in str(found.expected):
        return bool(GRADIENT_IS_KEPT.search(program))  # a gradient that is a view there, but not here
    return False


ENDS = re.compile(
    "Inplace update to inference|Inference tensors (cannot be saved|do not track)|layout contract"
    "|report a bug to PyTorch|got an unexpected error|no attribute 'next_functions'"
)
TURNED = re.compile(r"\.(m?T|t_?|transpose_?|permute|movedim)\b")
SECOND_ORDER = re.compile(r"create_graph=True|grad_fn\(")
GRADIENT_IS_KEPT = re.compile(r"autograd\.grad\(|= \w+\.grad\b|inference_mode")


def only_nodes_differ(found: Difference) -> bool:
    return found.what.endswith((".graph", ".grad_fn")) or (
        found.what in ("value", "printed")
        and NODE.sub("", str(found.expected)).split() == NODE.sub("", str(found.got)).split()
    )


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
            for each in rough_differences(one, steps)
            if not is_deliberate(each, "\n".join(lines[: number + 1]))
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
