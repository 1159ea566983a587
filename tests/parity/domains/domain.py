"""What a domain is: one call of an operation, and the operands that it is tried on.

    calls("torch.index_select(a, 1, i)", a=floats(2, 3), i=longs([2, 0]))

From the text come its other forms: the method `a.index_select(1, i)`, and where PyTorch has one,
the twin `c.index_select_(1, i)` on a copy, as a method and as a function.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

# Numbers without a pattern that an operation could hide behind; each region is what all of its
# operations are defined on, with their edges.
INF, NAN = float("inf"), float("nan")
REGIONS = {
    "any": (0.3, -1.2, 2.5, 0.7, -0.4, 1.9, -2.1, 1.1, 0.2, -0.8, 1.4, -1.7, 3.1, -0.6, 0.9),
    "positive": (0.3, 1.2, 2.5, 0.7, 0.4, 1.9, 2.1, 1.1, 0.2, 0.8, 1.4, 1.7, 3.1, 0.6, 0.9),
    "unit": (0.3, -0.2, 0.5, -0.7, 0.9, -0.4, 0.1, 0.8, -0.6, 0.35, -0.95, 0.65, -0.1, 0.75, -0.5),
    "other": (1.3, 0.6, -0.9, 1.8, -1.4, 0.5, 2.2, -0.3, 1.6, -2.3, 0.4, 1.5, -0.7, 2.8, -1.1),
    "edges": (-INF, -100.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 20.0, 100.0, INF, NAN),
    "finite": (-100.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 20.0, 100.0, NAN),
    "corners": (-INF, -1.0, -0.0, 0.0, 0.5, 2.0, INF, NAN),
    "ties": (1.0, 2.0, 2.0, 0.0, 2.0, 0.0),
    "zeros": (2.0, 0.0, 3.0, 0.5, 0.0, 0.0),
    "nans": (2.0, NAN, 3.0, 0.5, 1.0, INF),
}
INTEGERS = (3, -2, 5, 0, 1, -4, 2, 7, -1, 6)
FLOATING = ("float16", "float32", "float64")
DTYPES = ("float32", "float64", "float16", "int64", "int32", "uint8", "bool")


@dataclass(frozen=True)
class Operand:
    """A tensor to be made on both sides: shape, dtype, numbers, and how it lies in memory.

    `layout` is `""` (contiguous), `"turned"` (as a transpose), `"spread"` (every second element of
    larger memory) or `"stretched"` (expanded along the first dimension).
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    region: str = "any"
    numbers: tuple = ()
    layout: str = ""
    grad: bool = True

    def __str__(self) -> str:
        size = ",".join(map(str, self.shape))
        notes = [self.region] * (self.region != "any") + [self.layout] * bool(self.layout)
        shown = f"{self.dtype}[{size}]" + "".join(f" {note}" for note in notes)
        return shown + (f" {list(self.numbers)}" if self.numbers else "")

    def make(self, module: ModuleType) -> object:
        """The tensor, a leaf; it requires grad if it can and should."""
        shape = (1, *self.shape[1:]) if self.layout == "stretched" else self.shape
        if self.layout == "turned":
            shape = shape[::-1]
        if self.layout == "spread":
            shape = (*shape[:-1], 2 * shape[-1])
        source = self.numbers or (REGIONS[self.region] if self.dtype in FLOATING else INTEGERS)
        if self.dtype == "bool":
            source = [number > 0 for number in source]
        if self.dtype == "uint8":
            source = [abs(number) for number in source]
        numbers = list(itertools.islice(itertools.cycle(source), math.prod(shape)))
        out = module.tensor(numbers, dtype=getattr(module, self.dtype)).reshape(shape)
        if self.layout == "turned":
            out = out.permute(tuple(reversed(range(len(shape)))))
        if self.layout == "spread":
            out = out[..., ::2]
        if self.layout == "stretched":
            out = out.expand(self.shape)
        out = out.detach()
        return out.requires_grad_() if self.grad and self.dtype in FLOATING else out


def floats(*shape: int, dtype: str = "float32", region: str = "any", **more) -> Operand:
    return Operand(shape, dtype, region, **more)


def others(*shape: int, **more) -> Operand:
    """Like `floats`, with other numbers: for a second operand."""
    return floats(*shape, region="other", **more)


def given(numbers: Sequence, dtype: str = "float32", **more) -> Operand:
    """A tensor of just these numbers, one dimension per level of the lists."""
    if not isinstance(numbers, (list, tuple)):
        return Operand((), dtype, numbers=(numbers,), **more)
    shape, flat = [], [numbers]
    while isinstance(flat[0], (list, tuple)):
        shape.append(len(flat[0]))
        flat = [each for part in flat for each in part]
        if not flat:
            return Operand(tuple(shape), dtype, **more)
    return Operand(tuple(shape), dtype, numbers=tuple(flat), **more)


def longs(numbers: Sequence) -> Operand:
    return given(numbers, "int64")


def bools(numbers: Sequence) -> Operand:
    return given(numbers, "bool")


SHAPES = (
    floats(2, 3),
    floats(),
    floats(0),
    floats(2, 0, 3),
    floats(3, 2, layout="turned"),
    floats(2, 3, layout="spread"),
    floats(3, 2, layout="stretched"),
)


def typed(operand: Operand, dtypes: Sequence[str] = DTYPES, **more) -> tuple[Operand, ...]:
    """The operand in each of these dtypes."""
    return tuple(replace(operand, dtype=dtype, **more) for dtype in dtypes)


@dataclass(frozen=True)
class Case:
    """One form of a call on one set of operands. `full`: derivatives are compared, too."""

    text: str
    operands: dict[str, Operand]
    full: bool = True

    @property
    def precision(self) -> str:
        """The least precise type of floats that takes part."""
        return min((o.dtype for o in self.operands.values() if o.dtype in FLOATING), default="float32")

    def __str__(self) -> str:
        return "; ".join([self.text, *(f"{name}: {each}" for name, each in self.operands.items())])


@dataclass(frozen=True)
class Domain:
    """A call and all sets of operands it is tried on. The call's first argument is `a`."""

    text: str
    sets: tuple[dict[str, Operand], ...]
    forms: bool = True
    full: bool = True

    def cases(self) -> Iterator[Case]:
        for operands in self.sets:
            yield Case(self.text, operands, self.full)
        if not self.forms or (call := parsed(self.text)) is None:
            return
        name, others_, arguments = call
        method = f"a.{name}({', '.join(arguments)})"
        yield Case(method, self.sets[0], full=False)
        for operands in self.sets:
            yield Case(f"c.{name}_({', '.join(arguments)})", operands)
        yield Case(f"{others_}.{name}_({', '.join(['c', *arguments])})", self.sets[0], full=False)

    def names(self) -> set[str]:
        """The functions, methods and operators that the call uses."""
        return set(itertools.chain.from_iterable(names_in(case.text) for case in self.cases()))


def parsed(text: str) -> tuple[str, str, list[str]] | None:
    """`torch.f(a, 1, k=2)` in parts: `f`, `torch`, `["1", "k=2"]`. None for another form."""
    tree = ast.parse(text, mode="eval").body
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Attribute):
        return None
    first, *rest = [ast.unparse(each) for each in tree.args] or [""]
    owner = ast.unparse(tree.func.value)
    if first != "a" or owner not in ("torch", "F"):
        return None
    return tree.func.attr, owner, [*rest, *(ast.unparse(each) for each in tree.keywords)]


OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.MatMult: "matmul", ast.BitAnd: "and", ast.BitOr: "or",
    ast.BitXor: "xor", ast.LShift: "lshift", ast.RShift: "rshift", ast.USub: "neg", ast.UAdd: "pos",
    ast.Invert: "invert", ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt",
    ast.GtE: "ge",
}  # fmt: skip


def names_in(text: str) -> Iterator[str]:
    """The functions, methods and operators that a call uses, the outermost first."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Subscript):
            yield "__getitem__" if isinstance(node.ctx, ast.Load) else "__setitem__"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield f"__{node.func.id}__"
        elif isinstance(node, ast.UnaryOp):
            yield f"__{OPERATORS[type(node.op)]}__" if type(node.op) in OPERATORS else "__bool__"
        elif isinstance(node, ast.BinOp):
            reflected = isinstance(node.left, ast.Constant)
            yield f"__{'r' * reflected}{OPERATORS[type(node.op)]}__"
        elif isinstance(node, ast.Compare):
            yield from (f"__{OPERATORS[type(op)]}__" for op in node.ops if type(op) in OPERATORS)


@dataclass(eq=False)
class Family:
    """The domains of a file of operations; `calls` adds one."""

    name: str
    domains: list[Domain] = field(default_factory=list)

    def calls(
        self, *texts: str, forms: bool = True, full: bool = True, **operands: Operand | Sequence
    ) -> None:
        """Each text is tried on every choice of one operand from each of the `operands`."""
        choices = [
            [each] if isinstance(each, Operand) else list(each) for each in operands.values()
        ]
        sets = tuple(dict(zip(operands, chosen)) for chosen in itertools.product(*choices))
        self.domains += [Domain(text, sets, forms, full) for text in texts]

    def cases(self) -> Iterator[Case]:
        """All cases of all domains, each once."""
        found = {str(case): case for domain in self.domains for case in domain.cases()}
        yield from found.values()

    def by_text(self) -> dict[str, list[Case]]:
        """All cases by the call they are cases of."""
        grouped: dict[str, dict[str, Case]] = {}
        for domain in self.domains:
            group = grouped.setdefault(domain.text, {})
            group.update((str(case), case) for case in domain.cases())
        return {text: list(group.values()) for text, group in grouped.items()}
