"""Measure, and print the table that the README shows. `--readme` writes it there, too."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import pytest

from .beside import import_times, memory_per_op, peak_of_training
from .works import CORE, HIPS, MICROGRAD, NUMPY, PACKAGES, PYTORCH, WORKS, is_here
from .works import after_a_recording, chain, recorded

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- python -m tests.benchmarks --readme -->\n", "<!-- end of the table -->\n"
SIDES = [CORE, NUMPY, PYTORCH, HIPS, MICROGRAD]
Row = dict[str, float]  # by side
CHAIN, AFTER, RECORDED = (
    next(work.name for work in WORKS if work.make[CORE] is each)
    for each in (chain, after_a_recording, recorded)
)

UNITS = ((1e-6, "µs"), (1e-3, "ms"), (1.0, "s"))


def measured(only: str) -> tuple[dict[str, Row], str]:
    """The least seconds of each work and side, and the name of the machine's processor."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "times.json")
        status = pytest.main([
            str(Path(__file__).with_name("bench_works.py")), "-q", "-o", "addopts=", "-k", only,
            "--benchmark-timer=time.thread_time", "--benchmark-quiet", f"--benchmark-json={report}",
        ])  # fmt: skip
        if status:
            raise SystemExit(status)
        told = json.loads(report.read_text("utf-8"))
    least: dict[str, Row] = {}
    for each in told["benchmarks"]:
        row = least.setdefault(each["extra_info"]["work"], {})
        side = each["extra_info"]["side"]
        row[side] = min(row.get(side, float("inf")), each["stats"]["min"])
    return least, told["machine_info"]["cpu"]["brand_raw"]


def shown(seconds: float) -> str:
    unit, name = next((unit for unit in UNITS if seconds < 1000 * unit[0]), UNITS[-1])
    return f"{seconds / unit:.3g} {name}"


def line(name: str, row: Row, show=shown) -> str:
    cells = [show(row[side]) if side in row else "–" for side in SIDES]
    for other in (NUMPY, PYTORCH):
        cells.append(f"{row[CORE] / row[other]:.2f}" if other in row else "–")
    return f"| {name} | " + " | ".join(cells) + " |"


def table(only: str) -> str:
    least, processor = measured(only)
    sides = [side for side in SIDES if is_here(side)]
    lines = [f"| | {' | '.join(SIDES)} | to NumPy | to PyTorch |", f"|---|{'---:|' * 7}"]
    for work in WORKS:
        if work.name in least:
            per = f"{work.name}, each" if work.ops > 1 else work.name
            lines.append(line(per, {s: t / work.ops for s, t in least[work.name].items()}))
    if not only:
        held = {side: memory_per_op(side, 1_000_000) for side in sides if side in SIDES[:3]}
        lines.append(line("memory of 1,000,000 ops, each", held, lambda size: f"{size:.0f} B"))
        peaks = {side: peak_of_training(side, 64) for side in (CORE, NUMPY, HIPS) if side in sides}
        lines.append(line("peak memory of the step", peaks, lambda size: f"{size / 1e3:.0f} kB"))
        lines.append(line("import", import_times(sides)))
    versions = ", ".join([f"Python {platform.python_version()}", *map(_version, sides[1:])])
    told = f"{processor}, {platform.system()}, {versions}; one thread, CPU time, best of many."
    off, on, never = (least.get(name, {}).get(CORE) for name in (AFTER, RECORDED, CHAIN))
    if off and on and never:
        told += f" After a recording the chain takes {off / never:.2f} of its time, while recorded "
        told += f"{on / never:.1f}."
    return "\n".join(lines) + f"\n\n{told}\n"


def _version(side: str) -> str:
    return f"{side} {version(PACKAGES[side])}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    parser.add_argument("--only", default="", help="the works whose names have this in them")
    given = parser.parse_args()
    found = table(given.only)
    print(found)
    if given.readme:
        text = README.read_text("utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        README.write_text(f"{before}{BEGIN}{found}{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
