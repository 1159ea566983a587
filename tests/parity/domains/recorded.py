"""What PyTorch did with every case, for machines without PyTorch: one line a case, by file of domains.

`python -m tests.parity.domains.recorded` writes the files anew (needs PyTorch).
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

from .. import oracle, recording
from .compare import same
from .domain import Case, Family
from .look import Look, look

FOLDER = Path(__file__).parent / "recorded"


def expected(family: str, case: Case) -> Look:
    """What PyTorch does with the case, live or recorded."""
    if oracle.REQUIRED or oracle.pytorch() is not None:
        return look(case, oracle.pytorch())
    return read(family, case)


def read(family: str, case: Case) -> Look:
    """What PyTorch was recorded to do with the case; OutOfDate if it was not."""
    found = _looks(family).get(str(case))
    if found is None:
        raise recording.OutOfDate(
            f"The case {case} has no recorded result. Where PyTorch {recording.PYTORCH} is "
            "installed, run `python -m tests.parity.domains.recorded` and commit what it writes."
        )
    return found


@cache
def _looks(family: str) -> dict[str, Look]:
    file = FOLDER / f"{family}.json"
    content = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return content.get("cases", {}) if content.get("pytorch") == recording.PYTORCH else {}


def live(family: Family) -> dict[str, Look]:
    """What PyTorch does with all cases of a family, less what goes without saying."""
    looks = {}
    for case in family.cases():
        seen = look(case, oracle.pytorch())
        if "again" in seen and same(seen["grads"], seen["again"], case.precision):
            del seen["again"]
        looks[str(case)] = seen
    return looks


def write(family: Family, looks: dict[str, Look]) -> None:
    FOLDER.mkdir(exist_ok=True)
    lines = [f"{_json(case)}: {_json(seen)}" for case, seen in looks.items()]
    text = f'{{"pytorch": "{recording.PYTORCH}", "cases": {{\n' + ",\n".join(lines) + "\n}}\n"
    (FOLDER / f"{family.name}.json").write_text(text, encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> int:
    from . import FAMILIES

    if oracle.pytorch() is None:
        print(f"Recording needs PyTorch {recording.PYTORCH} for the CPU.", file=sys.stderr)
        return 1
    for family in FAMILIES:
        looks = live(family)
        write(family, looks)
        print(f"{family.name}: {len(looks)} cases recorded.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
