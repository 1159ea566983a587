"""Where two runs of a program differ.

Everything has to be equal, floats included; only after an operation that no standard rounds the
same everywhere (`ROUNDED`) may a value be a few units in the last place away (`ULPS`). What is
printed has to be equal even then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from .run import Step

# + - * / and whole powers of small numbers come out alike to the last bit on every machine; these
# do not, not even PyTorch's own from one processor to the next.
ROUNDED = re.compile(
    r"\b(sigmoid|tanh|erf|gelu|silu|softplus|elu|(log_)?softmax|logsumexp|exp2?|expm1|log(1p|2|10)?"
    r"|sinh?|cosh?|tan|asin|acos|atan2?|hypot|pow|rsqrt|norm|std|var|__r?pow__)_?\b|\*\*"
)

ULPS = {"float16": 1, "float32": 4, "float64": 4}


@dataclass(frozen=True)
class Difference:
    """After which statement, what of it (`out.version`, `error`, ...), and what each side had."""

    step: int
    statement: str
    what: str
    expected: object
    got: object

    def __str__(self) -> str:
        where = f"after statement {self.step + 1}, `{self.statement}`: {self.what}"
        return f"{where}\n    expected {_show(self.expected)}\n    got      {_show(self.got)}"


def rough_differences(
    expected: list[Step], got: list[Step], halves: bool = False
) -> list[Difference]:
    """Like `differences`, for programs that nobody chose the numbers of: those agree to `ROUGHLY`.

    A rounding error grows where a random program subtracts, divides and takes powers, so numbers, also
    those in what is printed, may differ by `ROUGHLY` of the largest of them; where there are `halves`,
    of which each keeps three digits, by 50 times as much. All else has to be equal.
    """
    within = ROUGHLY * (50 if halves else 1)
    return [
        Difference(number, str(one["statement"]), what, left, right)
        for number, (one, other) in enumerate(zip(expected, got, strict=True))
        for what, left, right in _pairs(one, other)
        if not identical(left, right) and not roughly(str(left), str(right), within)
    ]


def roughly(left: str, right: str, within: float = 1e-4) -> bool:
    """Is the text the same but for spaces and the last digits of its decimal numbers?

    >>> roughly("[1.0, -0.0]", "[1.00001, 0.0]"), roughly("[1.0]", "[1.1]"), roughly("v 1", "v 2")
    (True, False, False)
    """
    if len(left) > 100_000:
        return left == right
    between, numbers = zip(*[(_DECIMAL.sub("~", t), _DECIMAL.findall(t)) for t in (left, right)])
    if between[0].split() != between[1].split():
        return False
    one, other = ([float(each) for each in side] for side in numbers)
    finite = [abs(each) for each in one if np.isfinite(each)]
    return bool(np.allclose(one, other, rtol=0, atol=within * max([1.0, *finite]), equal_nan=True))


ROUGHLY = 1e-4
_DECIMAL = re.compile(r" *-?(?:\d+\.\d*(?:e[+-]\d+)?|\d+e[+-]\d+) *")


def differences(expected: list[Step], got: list[Step]) -> list[Difference]:
    """Every difference, first statement first; later ones are often echoes of the first."""
    found: list[Difference] = []
    rounded = False
    for number, (one, other) in enumerate(zip(expected, got, strict=True)):
        rounded = rounded or bool(ROUNDED.search(str(one["statement"])))
        for what, left, right in _pairs(one, other):
            if what.endswith(".values") and rounded:
                equal = near(left, right, _dtype(one, what))
            else:
                equal = identical(left, right)
            if not equal:
                found.append(Difference(number, str(one["statement"]), what, left, right))
    return found


def _pairs(one: Step, other: Step) -> list[tuple[str, object, object]]:
    """All that is to be compared after a statement, as (what, on one side, on the other)."""
    plain = ("statement", "error", "warnings", "printed", "value", "same", "storages")
    pairs = [(what, one[what], other[what]) for what in plain]
    left, right = one["tensors"], other["tensors"]
    for name in dict.fromkeys([*left, *right]):
        if name not in left or name not in right:
            pairs.append((name, *("a tensor" if name in s else "no tensor" for s in (left, right))))
            continue
        for field in left[name]:
            pairs.append((f"{name}.{field}", left[name][field], right[name][field]))
    return pairs


def _dtype(step: Step, what: str) -> str:
    return step["tensors"][what.removesuffix(".values")]["dtype"]


def identical(left: object, right: object) -> bool:
    """Equal, and of equal type: `1`, `1.0` and `True` are three things here, as are 0.0 and -0.0.

    >>> identical([1], [True]), identical([0.0], [-0.0]), identical([0.5], [0.5])
    (False, False, True)
    """
    return repr(left) == repr(right)


def near(left: object, right: object, dtype: str) -> bool:
    """Two lists of values, each pair equal or at most `ULPS[dtype]` units in the last place apart.

    >>> near([1.0, "nan"], [1.0000001, "nan"], "float32"), near([1.0], [1.00001], "float32")
    (True, False)
    """
    if dtype not in ULPS or not isinstance(left, list) or not isinstance(right, list):
        return identical(left, right)
    if len(left) != len(right):
        return False
    for one, other in zip(left, right, strict=True):
        if isinstance(one, float) and isinstance(other, float):
            unit = np.spacing(np.asarray(max(abs(one), abs(other)), dtype))
            if abs(one - other) > ULPS[dtype] * float(unit):
                return False
        elif not identical(one, other):
            return False
    return True


def _show(value: object) -> str:
    return "\n             ".join(value.splitlines()) if isinstance(value, str) else repr(value)
