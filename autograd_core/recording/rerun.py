"""Run recorded statements once more, apart from the user's variables, and look at what backward gives.

What cannot be taken back is not run at all: statements that ask for input, open files, or use modules that
may. What takes too long is stopped.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import sys
import time
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field


from ..dtypes import double, get_default_dtype, set_default_dtype
from ..observe import slot
from .before import Before, Left, randomness, set_randomness
from .probe import Probe, Reached

HARMLESS = frozenset(
    "autograd_core numpy math cmath itertools functools operator collections typing dataclasses "
    "warnings contextlib random enum numbers string re abc statistics fractions decimal torch".split()
)
# Of PyTorch, what starts something that goes on, fetches something, or changes settings for all.
UNSAFE = frozenset(
    "hub distributed multiprocessing compile jit onnx set_num_threads set_default_device "
    "use_deterministic_algorithms set_float32_matmul_precision".split()
)
FORBIDDEN_NAMES = frozenset(
    "input open exec eval compile breakpoint exit quit get_ipython globals locals vars".split()
)
FORBIDDEN_METHODS = frozenset("save savez savez_compressed savetxt tofile dump load loadtxt memmap".split())


class CannotRerun(Exception):
    """Why these statements are not run once more; the text is the end of a sentence."""


class TooLong(BaseException):
    """The time is up."""


@dataclass
class Statements:
    """The recorded statements, as a syntax tree, and the functions of the same file that they use."""

    body: list[ast.stmt]
    functions: list[ast.FunctionDef] = field(default_factory=list)
    filename: str = "<rerun>"

    @property
    def tree(self) -> ast.Module:
        return ast.fix_missing_locations(ast.Module([*self.functions, *self.body], []))

    def check(self, names: dict[str, object]) -> None:
        """Raise CannotRerun if they do, or may do, what cannot be taken back."""
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
                raise CannotRerun("they await")
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                modules = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module]
                for module in modules:
                    _check_module(module or ".")
            if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_METHODS:
                raise CannotRerun(f"`{node.attr}` reads or writes files")
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "torch":
                _check_module(f"torch.{node.attr}")
        _check_names(self.needed(), names, set())

    def needed(self) -> set[str]:
        """The names that are read before they are surely assigned."""
        needed, assigned = set(), set()
        for statement in (*self.functions, *self.body):
            names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            needed |= {name.id for name in names if isinstance(name.ctx, ast.Load)} - assigned
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                assigned |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
            elif isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                assigned.add(statement.name)
        return needed


def _check_module(name: str) -> None:
    package, *parts = name.split(".")
    if package not in HARMLESS or (package == "torch" and not UNSAFE.isdisjoint(parts)):
        raise CannotRerun(f"they use the module `{name}`, and what that does may not be undone")


def _check_names(loaded: set[str], names: dict[str, object], seen: set[int]) -> None:
    for name in sorted(loaded):
        if name not in names:
            if name in FORBIDDEN_NAMES:
                raise CannotRerun(f"`{name}` cannot be called a second time unnoticed")
            continue
        _check_value(name, names[name], names, seen)


def _check_value(name: str, value: object, names: dict[str, object], seen: set[int]) -> None:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, types.ModuleType):
        _check_module(value.__name__)
    elif isinstance(value, Left):
        raise CannotRerun(f"`{name}` {value.why}")
    elif isinstance(value, (list, tuple, set)):
        for each in value:
            _check_value(name, each, names, seen)
    elif isinstance(value, dict):
        for each in value.values():
            _check_value(name, each, names, seen)
    elif isinstance(value, types.FunctionType):
        if (value.__module__ or "").split(".")[0] in HARMLESS:
            return
        if value.__closure__:
            raise CannotRerun(f"the function `{name}` has variables of its own")
        _check_names(set(_names_in(value.__code__)), names, seen)
    elif isinstance(value, type):
        for each in vars(value).values():
            code = getattr(getattr(each, "__func__", each), "__code__", None)
            if code is not None and (value.__module__ or "").split(".")[0] not in HARMLESS:
                _check_assigns_no_global(code)
                _check_names(set(_names_in(code)), names, seen)


def _check_assigns_no_global(code: types.CodeType) -> None:
    """A method sees the user's own variables in every rerun; a function is given those of the rerun."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            raise CannotRerun(f"the method `{code.co_name}` assigns to the global `{instruction.argval}`")


def _names_in(code: types.CodeType) -> Iterator[str]:
    """The global names that this code reads, and that of the functions in it."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
        if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and instruction.argval in FORBIDDEN_METHODS:
            raise CannotRerun(f"`{instruction.argval}` reads or writes files")
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)


def run(
    statements: Statements, before: Before, probe: Probe, deadline: float, wide: bool = False
) -> BaseException | None:
    """Run the statements up to the end of the backward that the probe waits for.

    Returns the error that it ends with, or that they raise before it. Raises TooLong when the time is up. The user's
    variables, the random generators and the modes are afterwards as they were.
    """
    names = namespace(before.fresh(wide))
    probe.known(names)
    code = compile(statements.tree, statements.filename, "exec", dont_inherit=True)
    listener, state, dtype = slot.listener, randomness(), get_default_dtype()
    set_randomness(before.randomness)
    try:
        if wide:
            set_default_dtype(double)
        with warnings.catch_warnings(), until(deadline, statements.filename):
            warnings.simplefilter("ignore")
            slot.listener = probe
            exec(code, names)
    except Reached:
        return probe.error
    except TooLong:
        raise
    except BaseException as error:
        return error
    finally:
        slot.listener = listener
        set_default_dtype(dtype)
        set_randomness(state)
        probe.called(names)
    return None


def namespace(names: dict[str, object]) -> dict[str, object]:
    """The variables for one run: printing is silent, and functions see these variables, not the user's."""
    made = names | {"__name__": "__main__"}
    made["__builtins__"] = {**vars(builtins), "print": lambda *args, **kwargs: None}
    for name in FORBIDDEN_NAMES:
        made["__builtins__"].pop(name, None)
    for name, value in names.items():
        if isinstance(value, types.FunctionType) and (value.__module__ or "").split(".")[0] not in HARMLESS:
            bound = types.FunctionType(
                value.__code__, made, value.__name__, value.__defaults__, value.__closure__
            )
            bound.__kwdefaults__ = value.__kwdefaults__
            made[name] = bound
    return made


@contextlib.contextmanager
def until(deadline: float, filename: str) -> Iterator[None]:
    """Stop the code of this file when the time is up, at its next line."""

    def trace(frame: types.FrameType, event: str, argument: object) -> object:
        if time.monotonic() > deadline:
            raise TooLong
        return trace if frame.f_code.co_filename == filename else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def called_from(filename: str) -> dict[str, object]:
    """The variables of the functions of this file that are running, the innermost first."""
    frame, found = sys._getframe(1), {}
    while frame is not None:
        if frame.f_code.co_filename == filename and frame.f_code.co_name != "<module>":
            found = {**frame.f_locals, **found}
        frame = frame.f_back
    return found
