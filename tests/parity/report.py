"""`python -m tests.parity.report [FILE]`: a table of what agrees with PyTorch, program by program.

Ends with status 1 if anything differs; `--all` lists every difference, not only the first ones.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import autograd_core

from . import oracle, recording
from .compare import Difference, differences
from .program import Program, programs
from .run import run


def compare_all() -> dict[Program, list[Difference]]:
    """Every program with its differences, none where both sides agree."""
    return {
        program: differences(oracle.expected(program), run(program.statements, autograd_core))
        for program in programs()
    }


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
    results = compare_all()
    text = table(results, arguments.all)
    if arguments.file:
        arguments.file.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return int(any(results.values()))


if __name__ == "__main__":
    sys.exit(main())
