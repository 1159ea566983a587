"""What an exercise says to an answer: right, or not yet and why. Never a traceback.

    def check(my_half):
        x = torch.tensor([1.0, 3.0])
        if not close(my_half(x), x / 2):
            return "Not yet: half of it is [0.5, 1.5]."
        return "Right!"

    print(verdict(check, my_half, gives=torch.Tensor))

A check is plain code that calls the answer and returns a sentence. The surprising idea: it need not
be careful. An answer that raises, forgets its `return` or gives something else than it should ends
the check, and `verdict` says so. Nothing here asks whose tensors they are: PyTorch's do as well.
"""

from __future__ import annotations

import inspect
import linecache
import warnings
from collections.abc import Callable
from functools import wraps
from textwrap import shorten
from types import TracebackType, UnionType

import numpy as np

SENTENCE = 300  # characters of an error's, more words are not told
HISTORY = ": no gradient flows back from that."


class NotYet(Exception):
    """An answer gave something else than it should. Its sentence says what."""


def verdict(
    check: Callable[..., str],
    answer: Callable[..., object],
    gives: type | UnionType | tuple[type | UnionType, ...],
) -> str:
    """What `check(answer)` says. `gives` is what the answer returns: a type, or a tuple of them.

    >>> def my_sum(a, b): a + b
    >>> verdict(lambda my_sum: "Right!" if my_sum(1, 2) == 3 else "Not yet: 1 and 2.", my_sum, int)
    'Not yet: my_sum returns nothing. Give back what it makes, with `return`.'
    """
    if not callable(answer):
        return "Not yet: keep the first line of the cell. The answer is to be a function."

    @wraps(answer)
    def called(*args: object, **kwargs: object) -> object:
        found = answer(*args, **kwargs)
        _expect(found, gives, getattr(answer, "__name__", "it"))
        return found

    try:
        with warnings.catch_warnings(action="ignore"):  # of a check, which looks where it should not
            return check(called)
    except NotYet as unlike:
        return f"Not yet: {unlike}"
    except Exception as error:
        said = shorten(str(error).partition(" Hint")[0], SENTENCE, placeholder=" …")
        raised = error.__traceback__
        where = _line(raised, answer) or _line(raised, check, whose=" of the check")
        return f"Not yet: it raises{where}. {type(error).__name__}: {said}"


def close(found: object, expected: object) -> bool:
    """Are these the same numbers, up to rounding, in the same shape? Whatever holds them.

    >>> from autograd_core import tensor
    >>> close(tensor([1.0, 2.0], requires_grad=True), np.array([1, 2])), close([1.0], 1.0)
    (True, False)
    >>> close([tensor(1.0), 2.0], [1, 2]), close(None, 0.0), close([[1], [2, 3]], [1.0])
    (True, False, False)
    """
    try:
        found, expected = (np.array(_plain(each), dtype=float) for each in (found, expected))
    except (TypeError, ValueError):
        return False
    return found.shape == expected.shape and np.allclose(found, expected, rtol=1e-4, atol=1e-6)


def _plain(numbers: object) -> object:
    """What holds numbers, as lists of them."""
    if isinstance(numbers, (list, tuple)):
        return [_plain(each) for each in numbers]
    return numbers.tolist() if hasattr(numbers, "tolist") else numbers


def _expect(found: object, gives: object, who: str) -> None:
    """NotYet, if an answer gave something else than `gives`."""
    if found is None:
        raise NotYet(f"{who} returns nothing. Give back what it makes, with `return`.")
    if not isinstance(gives, tuple):
        if not isinstance(found, gives):
            other = f"{who} should return {_kind(gives)}, and returns {_kind(type(found))}"
            tensors = isinstance(found, (tuple, list)) and any(isinstance(t, gives) for t in found)
            lost = hasattr(gives, "backward") and not tensors
            raise NotYet(other + (HISTORY if lost else "."))
        return
    if not isinstance(found, (tuple, list)) or len(found) != len(gives):
        many = len(found) if isinstance(found, (tuple, list)) else _kind(type(found))
        raise NotYet(f"{who} should return {len(gives)} things, and returns {many}.")
    for place, (each, kind) in enumerate(zip(found, gives, strict=True), start=1):
        if not isinstance(each, kind):
            raise NotYet(
                f"thing {place} that {who} returns should be {_kind(kind)}, "
                f"and is {_kind(type(each))}."
            )


def _kind(kind: type | UnionType) -> str:
    """A type, as it is spoken of."""
    if isinstance(kind, UnionType):
        return " or ".join(map(_kind, kind.__args__))
    if kind is type(None):
        return "None"
    article = "an" if kind.__name__[0] in "aeiou" else "a"
    return "a NumPy array" if kind is np.ndarray else f"{article} {kind.__name__}"


def _line(traceback: TracebackType | None, function: Callable[..., object], whose: str = "") -> str:
    """Which line of it raised, " in line 3, `c.zero_()`". Empty where none of them did."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    found = ""
    while traceback is not None and code is not None:
        frame, number = traceback.tb_frame, traceback.tb_lineno
        if frame.f_code is code:
            text = linecache.getline(code.co_filename, number).strip()
            found = f" in line {number}{whose}" + (f", `{text}`" if text else "")
        traceback = traceback.tb_next
    return found
