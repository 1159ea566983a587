"""What an operation takes, and what is said to whoever gives it something else.

PyTorch's operations know the kind of each argument, and so do these: it follows from the
parameter's name, and where that may be of two kinds, from its hint. The surprising idea: arguments
that are not named are not checked. The call runs, and they are looked at where it has failed; or
where their types have to tell which of several operations is meant, as in `max(x)`, `max(x, 0)` and
`max(x, y)`.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Sequence
from typing import NoReturn

import numpy as np

from . import dtypes, errors
from .modes import modes
from .observe import telling
from .tensor import Tensor

Dims = int | tuple[int, ...]
NUMBERS = (bool, int, float, np.generic)
OPERANDS = (Tensor, *NUMBERS)

# PyTorch's functions call their first argument `input`, and take NumPy's names for some others.
ALIASES = {"input": "self", "axis": "dim", "keepdims": "keepdim"}

# What a parameter takes that is no tensor, by its name.
KINDS = {
    name: kind
    for kind, names in {
        "int": "dim dim0 dim1 dim2 offset diagonal index k split_size decimals",
        "bool": "keepdim descending stable largest sorted accumulate sparse_grad",
        "Number": "other exponent weight value min max alpha beta",
        "tuple of ints": "size stride dims repeats shifts",
        "dtype": "dtype",
        "str": "rounding_mode approximate",
    }.items()
    for name in names.split()
}
BITWISE = tuple(f"bitwise_{name}" for name in "and or xor left_shift right_shift".split())
NUMBERS_FIRST = ("add", "sub", "mul", "div", "floor_divide", *BITWISE)  # a number may stand first, too
LISTS = ("tensors", "indices")  # several tensors each
BY_NAME = ("dtype", "stable", "decimals", "rounding_mode", "generator")  # these are given by name alone

TENSORS = {"Tensor": Tensor, "Operand": OPERANDS}  # PyTorch calls both of them Tensor
TYPES = TENSORS | {
    "Number": NUMBERS,
    "bool": (bool, np.bool_),
    "dtype": (dtypes.dtype, type),
    "str": str,
}


def is_of(kind: str, value: object) -> bool:
    """Is the value of this kind? Whatever can count is an int, but for bools."""
    if kind in TYPES:
        return isinstance(value, TYPES[kind])
    if isinstance(value, Tensor):
        return not value.ndim and value._array.dtype.kind in "iu"
    listed = kind == "tuple of ints" and isinstance(value, (tuple, list))
    return listed or (hasattr(value, "__index__") and not isinstance(value, TYPES["bool"]))


def number_for(op: str, name: str, position: int | None, value: object) -> object:
    """The number that is given, for which a tensor may stand that has no dimensions and no history.

    Raises TypeError for anything else.
    """
    if isinstance(value, Tensor) and not value.ndim and not value.requires_grad:
        return value.item()
    errors.argument(isinstance(value, NUMBERS), op, name, position, "Number", value)
    return value


def _name_of(kind: str) -> str:
    return "Tensor" if kind in TENSORS else kind


def renamed(kwargs: dict[str, object]) -> dict[str, object]:
    """The named arguments by the names that the forwards have for them."""
    return {ALIASES.get(name, name): each for name, each in kwargs.items()} if kwargs else kwargs


def numpy_names(function: Callable) -> Callable:
    """Let the function be called with NumPy's names for its arguments."""

    @functools.wraps(function)
    def called(*args, **kwargs):
        if "input" in kwargs:
            args = (kwargs.pop("input"), *args)
        return function(*args, **renamed(kwargs))

    return called


def names_of(function: Callable) -> tuple[str, ...]:
    code = inspect.unwrap(function).__code__  # an operation's is that of its forward
    return code.co_varnames[: code.co_argcount]


class Signature:
    """The parameters of an operation: their names, defaults and kinds."""

    def __init__(self, op: str, function: Callable) -> None:
        # `inspect.signature` finds the same, and would take a quarter of the import's time.
        function = inspect.unwrap(function)
        self.op, self.names, self.defaults = op, names_of(function), function.__defaults__ or ()
        self.needed = self.names[: len(self.names) - len(self.defaults)]
        self.default_of = dict(zip(self.names[len(self.needed) :], self.defaults))
        self.hints = [str(function.__annotations__.get(name, "")) for name in self.names]
        # The kinds, as far as they follow from the names, or of `dim` from its hint.
        pairs = zip(self.names, self.hints)
        kinds = ("tuple of ints" if "Dims" in hint else KINDS.get(name, "") for name, hint in pairs)
        self.kinds = tuple(kinds)
        self.several_at = tuple(i for i, kind in enumerate(self.kinds) if kind == "tuple of ints")
        self.known_calls: set[tuple] = set()  # the ways to name arguments that have been found right
        self.tensors_at: dict[int, type | tuple[type, ...]] = {}  # and what may stand there

    def declare(self, inputs: Sequence[str], promoted: Sequence[str], mixed: Sequence[str]) -> None:
        """Work out the kinds, once the inputs are known; numbers may stand for those that are `mixed`."""

        def kind_of(position: int, name: str) -> str:
            if name in inputs and name not in LISTS:
                first = position == 0 and self.op not in NUMBERS_FIRST
                return "Operand" if name in mixed and not first else "Tensor"
            return "Number" if name in promoted else self.kinds[position]

        self.kinds = tuple(kind_of(i, name) for i, name in enumerate(self.names))
        self.tensors_at = {i: TENSORS[kind] for i, kind in enumerate(self.kinds) if kind in TENSORS}

    def complete(self, args: tuple, kwargs: dict) -> tuple:
        """All arguments in the order of the parameters, defaults filled in."""
        if self.several_at:
            args = self.gathered(args)
        missing = len(self.names) - len(args)
        if not kwargs and 0 <= missing <= len(self.defaults):
            return (*args, *self.defaults[len(self.defaults) - missing :])
        call = (len(args), *kwargs)
        if call not in self.known_calls:
            self.refuse(args, kwargs, kinds=False)
            self.known_calls.add(call)
        given = renamed(kwargs)
        for position, name in enumerate(self.names[len(args) :], len(args)):
            value = given.get(name, self.default_of.get(name))
            if name in given:
                if isinstance(value, Tensor) and self.kinds[position] == "Number":
                    value = number_for(self.op, name, None, value)
                self.check(position, value, by_name=True)
            args = (*args, value)
        return self.gathered(args) if self.several_at else args

    def gathered(self, args: tuple) -> tuple:
        """The arguments with tuples for numbers that stand alone, or in the last place one by one."""
        for place in self.several_at:
            given = args[place:]
            if given and given[0] is not None:
                numbers, rest = given[0], given[1:]
                if not isinstance(numbers, (tuple, list)):
                    self.check(place, numbers)
                    is_last = place == len(self.names) - 1
                    numbers, rest = (given, ()) if is_last else ((numbers,), rest)
                args = (*args[:place], tuple(map(operator.index, numbers)), *rest)
        return args

    def check_tensors(self, args: Sequence) -> None:
        """Raise TypeError for an argument that is no tensor, where it has to be one."""
        for position, fitting in self.tensors_at.items():
            if not isinstance(args[position], fitting):
                self.check(position, args[position])

    def check_plain(self, args: Sequence) -> None:
        """Raise TypeError for an argument of another kind among those that are no tensors."""
        for position, each in enumerate(args):
            if position not in self.tensors_at:
                self.check(position, each)

    def check(self, position: int, value: object, by_name: bool = False) -> None:
        """Raise TypeError for an argument of another kind."""
        kind, name = self.kinds[position], self.names[position]
        # PyTorch counts `self` in functions, not in methods. Both are the same here: tensors are counted
        # as in functions, and all else as in methods; what writes in place mostly is a method.
        place = None if by_name else position + (kind in TENSORS and not self.op.endswith("_"))
        errors.argument(self.fits(position, value), self.op, name, place, _name_of(kind), value)

    def fits(self, position: int, value: object) -> bool:
        """Is the value of the parameter's kind? None is, where it is the default or the hint says so."""
        kind, default = self.kinds[position], self.default_of.get(self.names[position], "")
        if value is None and (default is None or "None" in self.hints[position]):
            return True
        if modes.formulas and kind in TENSORS and isinstance(value, (np.ndarray, np.generic)):
            return True  # a formula's tensors are arrays
        return not kind or is_of(kind, value)

    def allows(self, args: Sequence, kwargs: dict) -> bool:
        """Are these arguments such as a call may have?"""
        try:
            self.refuse(args, kwargs)
        except TypeError:
            return False
        return True

    def refuse(self, args: Sequence, kwargs: dict, kinds: bool = True) -> None:
        """Raise TypeError for the first thing that is wrong with these arguments, in PyTorch's order.

        Without `kinds`, as many and so named arguments are all that it takes.
        """
        most = len(self.names) - sum(name in BY_NAME for name in self.names)
        if len(args) > most:
            raise errors.many_arguments(self.op, most, len(args))
        given = dict(zip(self.names, args)) | renamed(kwargs)
        for position, name in enumerate(self.names):
            if name in given:
                if kinds:
                    self.check(position, given[name], position >= len(args))
            elif name in self.needed:
                raise errors.missing_arguments(self.op, [n for n in self.needed if n not in given])
        for name in kwargs:
            if ALIASES.get(name, name) not in self.names[len(args) :]:
                raise TypeError(f"{self.op}() got an unexpected keyword argument '{name}'")

    def __str__(self) -> str:
        """What PyTorch lists of it: `(int dim, bool keepdim = False, *, dtype dtype = None)`."""
        told = []
        for name, kind in list(zip(self.names, self.kinds))[1:]:
            star = "*, " if name in BY_NAME and "*" not in "".join(told) else ""
            default = f" = {self.default_of[name]}" if name in self.default_of else ""
            told.append(f"{star}{_name_of(kind)} {name}{default}")
        return f"({', '.join(told)})"


# ---- one name for several operations -----------------------------------------------------------


def overloads(*operations: Callable) -> Callable:
    """Give several operations one name: the first runs whose signature the arguments fit.

    The function that is declared so has a docstring, and no body. Which operation it is depends on the
    types of the arguments alone, so for each combination of them it is worked out once.
    """

    def declare(declared: Callable) -> Callable:
        known: dict[tuple, Callable] = {}  # in formulas another one may fit than outside

        def fitting(args: tuple, kwargs: dict, name: str = declared.__name__) -> Callable:
            types = (modes.formulas, *map(type, args), *kwargs, *map(type, kwargs.values()))
            if types not in known:
                fit = (op for op in operations if op.operation.takes.allows(args, kwargs))
                known[types] = next(fit, None) or _refuse(name, operations, args, kwargs)
            return known[types]

        @functools.wraps(declared)
        def op(*args, **kwargs):
            found = None if kwargs else known.get((modes.formulas, *map(type, args)))
            return (found or fitting(args, kwargs))(*args, **kwargs)

        op.fitting = fitting
        return op

    return declare


@telling
def _refuse(name: str, operations: Sequence, args: tuple, kwargs: dict) -> NoReturn:
    """Raise TypeError for arguments that no operation takes; as in PyTorch it lists all operations.

    Where only one of them takes so many arguments, it says what is wrong with these.
    """
    takes = [op.operation.takes for op in operations if op.operation.takes.kinds[0] == "Tensor"]
    count = len(args) + len(kwargs)
    near = [each for each in takes if 0 <= len(each.names) - count <= len(each.defaults)]
    if len(near) == 1:
        near[0].refuse(args, kwargs)
    listed = "".join(f" * {each}\n{_compared(each, args, kwargs)}" for each in takes)
    raise TypeError(errors.FITS_NONE.format(name, _listed(args, kwargs), listed))


def _compared(signature: Signature, args: tuple, kwargs: dict) -> str:
    """Why the arguments do not fit a signature of as many parameters."""
    if str(signature).count(",") + 2 != len(args) + len(kwargs):
        return ""
    strange = [name for name in kwargs if name not in signature.names]
    if strange:
        return f"      {errors.STRANGE_KEYWORDS}: {', '.join(strange)}\n"
    return f"      {errors.WRONG_KINDS}: ({_listed(args, kwargs, signature)})\n"


def _listed(args: tuple, kwargs: dict, signature: Signature | None = None) -> str:
    """The types of the arguments but the first; those that do not fit the signature are marked."""
    told = []
    for key, value in [*enumerate(args), *kwargs.items()][1:]:
        by_name, kind = isinstance(key, str), errors.kind_of(value)
        label = f"{key}={kind}" if by_name else kind
        if signature is not None:
            place = signature.names.index(key) if by_name else key
            fits = place < len(signature.names) and signature.fits(place, value)
            label = label if fits else f"!{label}!"
        told.append(label)
    return ", ".join(told) + (", " if kwargs and len(args) == 1 else "")  # so does PyTorch
