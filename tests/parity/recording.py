"""Runs of PyTorch as JSON files that can be read and diffed: one file a theme.

After a statement only what *changed* is written: after `c.zero_()` one reads that `c` and `out`
hold zeros and are both at version 1, and nothing else. What a statement took away is null.
"""

from __future__ import annotations

import json
from pathlib import Path

from .program import Program
from .run import Step

FOLDER = Path(__file__).parent / "recorded"
PYTORCH = "2.13.0"

_QUIET = {"printed": "", "value": None, "warnings": [], "error": None, "same": [], "storages": []}


class OutOfDate(Exception):
    """There is no recording of a program as it now stands; says how to make one."""


def write(runs: dict[str, dict[Program, list[Step]]], version: str, folder: Path = FOLDER) -> None:
    """Write the runs of each theme; a file whose theme is gone goes with it."""
    folder.mkdir(exist_ok=True)
    for file in folder.glob("*.json"):
        if file.stem not in runs:
            file.unlink()
    for theme, steps in runs.items():
        content = {
            "pytorch": version,
            "programs": {
                program.name: {"source": program.hash, "steps": pack(run)}
                for program, run in steps.items()
            },
        }
        (folder / f"{theme}.json").write_text(_pretty(content) + "\n", encoding="utf-8")


def read(program: Program, folder: Path = FOLDER) -> list[Step]:
    """The recorded run of `program`; OutOfDate if there is none of just these statements."""
    file = folder / f"{program.theme}.json"
    content = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    entry = content.get("programs", {}).get(program.name)
    if entry is None:
        reason = "has no recorded run"
    elif entry["source"] != program.hash:
        reason = "has changed since it was recorded"
    elif content["pytorch"] != PYTORCH:
        reason = f"was recorded with PyTorch {content['pytorch']}, not {PYTORCH}"
    else:
        return unpack(entry["steps"])
    raise OutOfDate(
        f"The program {program.id} {reason}. Where PyTorch {PYTORCH} is installed, "
        "run `python -m tests.parity.record` and commit the file that it writes."
    )


def pack(steps: list[Step]) -> list[dict]:
    """Keep of every step what differs from the one before; `unpack` is the inverse."""
    packed, before = [], {}
    for step in steps:
        tensors = step["tensors"]
        changed: dict[str, object] = {name: None for name in before if name not in tensors}
        for name, seen in tensors.items():
            if fields := _news(before.get(name, {}), seen):
                changed[name] = fields
        entry = _news(_QUIET, {key: told for key, told in step.items() if key != "tensors"})
        packed.append(entry | ({"tensors": changed} if changed else {}))
        before = tensors
    return packed


def _news(before: dict, after: dict) -> dict:
    """The items of `after` that `before` has not (by their text: 0, 0.0 and -0.0 are news)."""
    return {k: v for k, v in after.items() if k not in before or repr(before[k]) != repr(v)}


def unpack(packed: list[dict]) -> list[Step]:
    """The whole state after every step, from the changes."""
    steps, tensors = [], {}
    for entry in packed:
        changed = entry.get("tensors", {})
        tensors = dict(tensors)
        for name, fields in changed.items():
            if fields is None:
                del tensors[name]
            else:
                tensors[name] = tensors.get(name, {}) | fields
        steps.append(_QUIET | entry | {"tensors": tensors})
    return steps


def _pretty(value: object, indent: str = "") -> str:
    """JSON with an object spread over lines and a list of plain values on one."""
    deeper = indent + "  "
    if isinstance(value, dict) and value:
        items = [f"{json.dumps(k)}: {_pretty(v, deeper)}" for k, v in value.items()]
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        items = [_pretty(item, deeper) for item in value]
    else:
        return json.dumps(value, ensure_ascii=False)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(items) + f"\n{indent}{closing}"
