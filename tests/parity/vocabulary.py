"""How the blanks in the phrases of a random program are filled: with names of tensors that are there.

A phrase with a method that `autograd_core` does not have is left out, so the vocabulary grows with the
package. `choose` decides which phrase comes next and what fills it: a plain random generator, or
Hypothesis, which can then shorten the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

import autograd_core
from autograd_core.inplace import is_same_place
from autograd_core.storage import is_dense

from .phrases import FUNCTIONS, INSIDE, KINDS, MODES, PHRASES

Choose = Callable[[Sequence], object]  # picks one of several, the simplest of which come first

TENSORS = "abcdefghkmnpqr"

# What stands for one of many names in a phrase.
WORDS = {
    "unary": "neg abs sign reciprocal square sqrt rsqrt exp exp2 expm1 log log1p log2 log10 sin cos tan asin"
    " acos atan sinh cosh tanh sigmoid relu erf floor ceil trunc round",
    "activation": "relu leaky_relu elu gelu silu softplus sigmoid tanh",
    "binary": "add sub mul div pow maximum minimum atan2 hypot fmod remainder floor_divide eq ne lt le gt ge"
    " logical_and logical_or logical_xor",
    "sign": "+ - * / ** // % == > <= &",
    "change": "+ - * / ** // % &",
    "reduction": "sum mean prod amax amin var std logsumexp norm all any argmax argmin",
    "summing": "sum mean amax amin var std",
    "running": "sum mean prod cumsum cumprod softmax log_softmax",
    "picking": "max min sort",
    "conversion": "float double half long int bool byte",
    "mode": "no_grad enable_grad inference_mode",
}


class Writer:
    """Writes the next statement of a program, knowing the tensors that the program has by now."""

    def __init__(self, namespace: dict[str, object], choose: Choose) -> None:
        self.namespace, self.choose = namespace, choose

    def statement(self) -> str:
        """One statement; the first makes a tensor, and a Function is defined before it is used."""
        if not self.tensors():
            return self.fill(self.choose(KNOWN["create"]))
        kind = self.choose(KINDS)
        if kind == "mode":
            return self.block()
        if kind == "function":
            name = self.choose(tuple(FUNCTIONS))
            if name not in self.namespace:
                return FUNCTIONS[name]
            if "ctx, x, k" in FUNCTIONS[name] and self.choose((True, False)):
                return self.phrase("function of a number", name)
            if "ctx, x, y" in FUNCTIONS[name]:
                return self.phrase("function of two", name)
            return self.phrase("functions" if "one, other" in FUNCTIONS[name] else kind, name)
        return self.phrase(kind)

    def block(self) -> str:
        """One or two statements inside a mode."""
        mode = self.choose(MODES)
        inside = [self.phrase(self.choose(INSIDE), inference="inference" in mode) for _ in range(self.choose((1, 2, 3)))]
        return "\n    ".join([f"with {mode}:", *inside])

    def phrase(self, kind: str, function: str = "", inference: bool = False) -> str:
        """A phrase of this kind; in inference mode none that makes a new tensor require a gradient."""
        phrases = [
            each
            for each in KNOWN[kind]
            if not (inference and ("requires_grad" in each or ".data = " in each))
        ]
        return self.fill(self.choose(phrases), function)

    # ---- filling the blanks ----------------------------------------------------------------------

    def fill(self, phrase: str, function: str = "") -> str:
        blanks: dict[str, str] = {"Function": function}
        for name in dict.fromkeys(re.findall(r"\{(\w+)\}", phrase)):
            if name not in blanks:
                words = WORDS.get(name)
                chosen = self.choose(words.split()) if words else getattr(self, name)(blanks)
                blanks[name] = str(chosen)
        return phrase.format(**blanks)

    def tensors(self) -> list[str]:
        return [name for name, it in self.namespace.items() if isinstance(it, autograd_core.Tensor)]

    def x(self, blanks: dict) -> str:
        return self.choose(self.tensors()[::-1])  # the newest first

    def y(self, blanks: dict) -> str:
        return self.choose(self._readable(blanks)[::-1])

    def like(self, blanks: dict) -> str:
        shape, readable = self._shape(blanks), self._readable(blanks)
        alike = [name for name in readable if self.namespace[name].shape == shape]
        return self.choose([*alike, *alike, *alike, *readable])

    def unlike(self, blanks: dict) -> str:
        """A tensor without equals: which of those `topk` takes PyTorch leaves open."""
        arrays = {name: self.namespace[name]._array for name in self.tensors()[::-1]}
        unlike = [name for name, each in arrays.items() if len(np.unique(each)) == each.size]
        return self.choose(unlike or ["torch.arange(3.)"])

    def made(self, blanks: dict) -> str:
        """A tensor with a node that finishes its gradients itself, if there is one."""
        left_to_the_engine = ("ExpandBackward0", "ToCopyBackward0")
        nodes = {name: self.namespace[name]._grad_fn for name in self.tensors()}
        made = [
            name
            for name, node in nodes.items()
            if node and node.name() not in left_to_the_engine
            and tuple(self.namespace[name].shape) in [shape for shape, _ in node.outputs]
        ]
        return self.choose(made or ["torch.ones(1)"])

    def apart(self, blanks: dict) -> str:
        """A tensor on other memory than `x`, or a new one."""
        own = self.namespace[blanks["x"]].untyped_storage()
        names = [n for n in self.tensors() if self.namespace[n].untyped_storage() is not own]
        return self.choose([*names, f"torch.tensor({self.number(blanks)})"])

    def _readable(self, blanks: dict) -> list[str]:
        """The tensors that may be read while `x` is written.

        Not those that lie partly where `x` is and have gaps, or where it has: PyTorch does not notice
        them, and the result depends on the order in which it happens to go through memory.
        """
        x = self.namespace[blanks["x"]]
        others = {name: self.namespace[name] for name in self.tensors()}
        return [
            name
            for name, each in others.items()
            if each.untyped_storage() is not x.untyped_storage()
            or is_same_place(each, x)
            or (is_dense(each._array) and is_dense(x._array))
            or not np.may_share_memory(each._array, x._array)
        ]

    def new(self, blanks: dict) -> str:
        free = [name for name in TENSORS if name not in self.namespace]
        return self.choose([*free[:1] * 5, *self.tensors()])

    def other(self, blanks: dict) -> str:
        free = [name for name in TENSORS if name not in self.namespace and name != blanks["new"]]
        return self.choose(free[:1] or TENSORS)

    def count(self, blanks: dict) -> str:
        return self.choose(("3", "2", "1"))

    def handle(self, blanks: dict) -> str:
        return self.choose(("h1", "h2"))

    def hooked(self, blanks: dict) -> str:
        return self.choose([name for name in ("h1", "h2") if name in self.namespace] or ["h1"])

    def dtype(self, blanks: dict) -> str:
        kinds = ("float64", "float32", "float16", "int64", "int32", "uint8", "bool")
        return "torch." + self.choose(kinds)

    def rounding(self, blanks: dict) -> str:
        return self.choose(("'floor'", "'trunc'", "None"))

    def limits(self, blanks: dict) -> str:
        like, number = self.like(blanks), self.number(blanks)
        return self.choose(("max=1", "0, 1", f"{number}, 2", f"min={like}", f"{like}, {like}", f"max={like}"))

    def several(self, blanks: dict) -> str:
        return self.choose(("(0, 1)", "(0,)", "()", "(-1, 0)", "None", "(0, 0)"))

    def equation(self, blanks: dict) -> str:
        return repr(self.choose(("...,...->...", "i,i", "ij,ij->ji", "ij,ik->jk", "ij,j->i", "i,j->ij", "ii,ii")))

    def at(self, blanks: dict) -> str:
        return self.choose(("0", "1", "-1", "2"))

    def reshaped(self, blanks: dict) -> str:
        return self.choose(("-1", "1, -1", "-1, 1", "2, -1", "-1, 2", "3, 2", "()", "(2, 1, -1)", "0, -1"))

    def _shape(self, blanks: dict) -> tuple[int, ...]:
        return tuple(self.namespace[blanks["x"]].shape)

    def shape(self, blanks: dict) -> tuple[int, ...]:
        return self.choose(((3,), (2,), (2, 2), (2, 3), (1,), (), (0,), (2, 1)))

    def number(self, blanks: dict) -> str:
        return self.choose(("2", "1", "3.0", "0.5", "-1", "-2.0", "0"))

    def numbers(self, blanks: dict) -> object:
        return self._nested(self.shape(blanks), (1.0, 2.0, 3.0, 0.5, -1.5, 0.0))

    def integers(self, blanks: dict) -> object:
        return self._nested(self.shape(blanks), (1, 2, 3, 0, -1))

    def _nested(self, shape: tuple[int, ...], values: tuple) -> object:
        if not shape:
            return self.choose(values)
        return [self._nested(shape[1:], values) for _ in range(shape[0])]

    def index(self, blanks: dict) -> str:
        if not self._shape(blanks):
            return "..."
        return self.choose(("0", "-1", ":1", "1:", "1", "::2", ":"))

    def dim(self, blanks: dict) -> str:
        return self.choose(("0", "-1", "1", "0", "-1", "1", "-2", "2"))

    def dims(self, blanks: dict) -> tuple[int, ...]:
        return tuple(reversed(range(len(self._shape(blanks)))))

    def sizes(self, blanks: dict) -> str:
        return ", ".join(map(str, self._shape(blanks))) or "2"

    def strided(self, blanks: dict) -> str:
        return self.choose(("(2,), (1,)", "(1,), (1,), 1", "(), ()"))

    def truth(self, blanks: dict) -> str:
        return self.choose(("True", "False"))


def _known(phrase: str) -> bool:
    """Does `autograd_core` have all the methods and functions that this phrase uses?"""
    methods = re.findall(r"\{(?:x|y|like)\}(?:\[[^]]*\])?\.(\w+)", phrase)
    functions = re.findall(r"torch\.([a-z]\w+)", phrase)
    return all(hasattr(autograd_core.Tensor, name) for name in methods) and all(
        hasattr(autograd_core, name) for name in functions
    )


KNOWN = {kind: tuple(filter(_known, phrases)) for kind, phrases in PHRASES.items()}
