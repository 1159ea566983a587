"""Where two looks at one case differ.

Words have to be equal; so do whole numbers, signs of zeros, nan and infinities. Other floats may be a
few units in the last place of the largest number beside them apart: no standard rounds exp, or says
in which order a sum is taken.
"""

from __future__ import annotations

import math
import re

from .look import Look

# In units in the last place, of a number or (the second) of the largest one in its tensor.
UNITS = {"float16": (8, 4), "float32": (16, 8), "float64": (64, 64)}
EPSILON = {"float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}


def differences(expected: Look, got: Look, precision: str) -> list[str]:
    """One line for each thing that differs. `precision`: the least precise floats that took part."""
    found = []
    for what in dict.fromkeys([*expected, *got]):
        one, other = expected.get(what), got.get(what)
        if what == "again" and one is None:  # it goes without saying that this is the gradient again
            one = expected.get("grads")
        if what == "second":  # a zero may be reached from either side
            one, other = (_unsigned(each) for each in (one, other))
        if not same(one, other, precision, scale=float(what == "second")):
            found.append(f"{what}: expected {one}\n{' ' * len(what)}       got {other}")
    return found


def _unsigned(look: object) -> object:
    if not isinstance(look, dict):
        return look
    return {name: re.sub(r" -0(?= |$)", " 0", each) for name, each in look.items()}


def same(one: object, other: object, precision: str, scale: float = 0.0) -> bool:
    """Are two parts of a look equal, but for rounding? Errors are in proportion to `scale`, or larger."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            same(one[key], other[key], precision, scale) for key in one
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            same(left, right, precision, scale) for left, right in zip(one, other)
        )
    if isinstance(one, str) and isinstance(other, str) and one != other:
        return one.startswith("float") and near(one.split(), other.split(), precision, scale)
    return one == other


def near(
    one: list[str], other: list[str], precision: str = "float64", scale: float = 0.0
) -> bool:
    """Are two tensors, as lines of text, equal but for rounding?

    >>> near("float32[2] 1 -0".split(), "float32[2] 1.0000001 -0".split())
    True
    >>> near("float32[2] 1 -0".split(), "float32[2] 1 0".split())
    False
    """
    dtype = one[0].partition("[")[0]
    if len(one) != len(other) or dtype not in UNITS:
        return False
    values = [number for number in map(_number, one[1:]) if number is not None]
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    largest = max(largest, scale)
    coarser = max(dtype, precision, key=EPSILON.get)
    own, common = (units * EPSILON[coarser] for units in UNITS[coarser])
    for left, right in zip(one, other, strict=True):
        if left == right:
            continue
        x, y = _number(left), _number(right)
        if x is None or y is None or not math.isfinite(x) or not math.isfinite(y):
            return False
        if x == y == 0 or abs(x - y) > max(own * max(abs(x), abs(y)), common * largest):
            return False
    return True


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
