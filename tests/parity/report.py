"""`python -m tests.parity.report [FILE]`: a table of what agrees with PyTorch, operation by operation and
program by program.

Ends with status 1 if anything differs; `--all` lists every difference, not only the first ones.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import autograd_core

from . import oracle, recording
from .compare import Difference, differences
from .domains import FAMILIES, recorded
from .domains.compare import differences as case_differences
from .domains.domain import names_in, parsed
from .domains.look import look
from .program import Program, programs
from .run import run


def compare_all() -> dict[Program, list[Difference]]:
    """Every program with its differences, none where both sides agree."""
    return {
        program: differences(oracle.expected(program), run(program.statements, autograd_core))
        for program in programs()
    }


def compare_operations() -> dict[str, tuple[int, list[str]]]:
    """Every operation with the number of its cases, and where they differ."""
    found: dict[str, tuple[int, list[str]]] = {}
    for family in FAMILIES:
        for text, cases in family.by_text().items():
            call = None if " = " in text else parsed(text)  # a statement is no call
            name = call[0] if call else next(names_in(text))
            count, differing = found.get(name, (0, []))
            for case in cases:
                expected, got = recorded.expected(family.name, case), look(case, autograd_core)
                some = case_differences(expected, got, case.precision)
                differing += [f"{case}: {each}" for each in some[:1]]
            found[name] = count + len(cases), differing
    return dict(sorted(found.items()))


def operations_table(results: dict[str, tuple[int, list[str]]], every: bool = False) -> str:
    """A line an operation: over how many cases of its domain it does what PyTorch does."""
    cases = sum(count for count, _ in results.values())
    agree = cases - sum(len(differing) for _, differing in results.values())
    lines = [
        "",
        f"{agree} of {cases} cases of {len(results)} operations agree: values, dtypes, versions, what is "
        "saved, first and second derivatives, warnings and errors.",
        "",
        "| operation | cases | agree |",
        "|---|---|---|",
    ]
    for name, (count, differing) in results.items():
        lines.append(f"| {name} | {count} | {count - len(differing)} |")
    for name, (_, differing) in results.items():
        lines += [f"- {name}: {each}" for each in (differing if every else differing[:1])]
    return "\n".join(lines) + "\n"


def table(results: dict[Program, list[Difference]], every: bool = False) -> str:
    """The report in Markdown: a line a program, then the differences in full."""
    how = "live" if oracle.pytorch() else "recorded"
    agree = sum(not found for found in results.values())
    lines = [
        f"# autograd_core beside PyTorch {recording.PYTORCH} ({how})",
        "",
        f"{agree} of {len(results)} programs agree in every statement.",
        "",
        "| program | statements | agrees |",
        "|---|---|---|",
    ]
    for program, found in results.items():
        verdict = f"differs in {found[0].what} ({len(found)} in all)" if found else "yes"
        lines.append(f"| {program.id} | {len(program.statements)} | {verdict} |")
    for program, found in results.items():
        if found:
            lines += ["", f"## {program.id}", ""]
            lines += [f"- {difference}" for difference in (found if every else found[:1])]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.parity.report", description=__doc__.partition("\n\n")[2]
    )
    parser.add_argument("file", nargs="?", type=Path, help="where to write it (default: print)")
    parser.add_argument("--all", action="store_true", help="list every difference")
    arguments = parser.parse_args()
    results, operations = compare_all(), compare_operations()
    text = table(results, arguments.all) + operations_table(operations, arguments.all)
    if arguments.file:
        arguments.file.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return int(any(results.values()) or any(differing for _, differing in operations.values()))


if __name__ == "__main__":
    sys.exit(main())
