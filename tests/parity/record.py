"""`python -m tests.parity.record`: run all programs on PyTorch and write what it did.

The recordings are committed, so that a machine without PyTorch compares with PyTorch all the same.
"""

from __future__ import annotations

import sys

from . import oracle, random, recording
from .program import Program, programs
from .run import Step


def main() -> int:
    torch = oracle.pytorch()
    if torch is None:
        print(f"Recording needs PyTorch {recording.PYTORCH} for the CPU.", file=sys.stderr)
        return 1
    runs: dict[str, dict[Program, list[Step]]] = {}
    for program in programs():
        runs.setdefault(program.theme, {})[program] = oracle.live(program)
    recording.write(runs, recording.PYTORCH)
    count = random.record(torch)
    print(f"{len(programs())} programs and {count} random ones recorded with PyTorch {torch.__version__}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
