"""Run a program against a module and look at everything after every statement.

A statement that raises does not end the program: what stands after a failed `backward()` is part
of PyTorch's behaviour too.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterable
from types import ModuleType

from . import observe
from .program import Statement
from .sentences import sentence, without_address

Step = dict[str, object]
"""What happened in a statement, and the state after it; plain data, as it goes into JSON:
`statement`, `printed`, `value` (of an expression), `warnings`, `error`, `tensors` (name to
observation), `same` (names of one and the same tensor), `storages` (names that share memory)."""


def run(statements: Iterable[Statement], module: ModuleType) -> list[Step]:
    """Run `statements` with `module` under the name `torch`."""
    namespace: dict[str, object] = {"torch": module}
    return [step(statement, namespace, module) for statement in statements]


def step(
    statement: Statement,
    namespace: dict[str, object],
    module: ModuleType,
    fields: observe.Fields = observe.FIELDS,
) -> Step:
    """Run one statement; return what happened, with these fields of every tensor there is then."""
    printed, value, error = io.StringIO(), None, None
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        # That PyTorch still speaks an older NumPy's protocol is PyTorch's own affair.
        warnings.filterwarnings("ignore", "__array", DeprecationWarning)
        try:
            value = statement.run(namespace)
            value = None if value is None else without_address(repr(value))
        except Exception as raised:
            error = f"{type(raised).__name__}: {sentence(str(raised))}"
    tensors = observe.tensors(namespace, module)
    return {
        "statement": statement.text,
        "printed": without_address(printed.getvalue()),
        "value": value,
        "warnings": [f"{w.category.__name__}: {sentence(str(w.message))}" for w in caught],
        "error": error,
        "tensors": {name: observe.observe(tensor, fields) for name, tensor in tensors.items()},
        "same": observe.shared(tensors, id),
        "storages": observe.shared(tensors, observe.storage_of),
    }
