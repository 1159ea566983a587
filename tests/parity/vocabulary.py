"""What a random program may say: statements as text, filled with names of tensors that are there.

A phrase is a line with blanks. `{x}` is a tensor that the program has made, `{like}` another one,
of the same shape where there is one; a method of `Writer` fills each. A phrase with a method that
`autograd_core` does not have is left out, so the vocabulary grows with the package. `choose` decides
which phrase comes next and what fills it: a plain random generator, or Hypothesis, which can then
shorten the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

import autograd_core
from autograd_core.inplace import is_same_place
from autograd_core.storage import is_dense

Choose = Callable[[Sequence], object]  # picks one of several, the simplest of which come first

TENSORS = "abcdefghkmnpqr"

PHRASES: dict[str, tuple[str, ...]] = {
    "create": (
        "{new} = torch.tensor({numbers}, requires_grad=True)",
        "{new} = torch.tensor({numbers}, requires_grad=True)",
        "{new} = torch.tensor({numbers}, requires_grad=True)",
        "{new} = torch.tensor({numbers})",
        "{new} = torch.zeros({shape})",
        "{new} = torch.ones({shape}, requires_grad=True)",
        "{new} = torch.tensor({numbers}, dtype=torch.float64, requires_grad=True)",
        "{new} = torch.tensor({integers})",
        "{new} = torch.arange({count}.0, requires_grad={truth})",
        "{new} = torch.full({shape}, {number})",
        "{new} = torch.eye({count})",
    ),
    "alike": (
        "{new} = torch.zeros_like({x})",
        "{new} = torch.ones_like({x}, requires_grad=True)",
        "{new} = torch.full_like({x}, 2)",
        "{new} = torch.tensor({x}.tolist(), requires_grad=True)",
        "{new} = torch.tensor({x})",
        "{new} = torch.as_tensor({x})",
        "{new} = torch.from_numpy({x}.detach().clone().numpy())",
        "{new} = __import__('copy').deepcopy({x})",
        "{new} = {x}.to({like})",
        "{new} = {x}.to(torch.float64, copy=True)",
    ),
    "compute": (
        "{new} = {x} * {like}",
        "{new} = {x} + {like}",
        "{new} = {x} * {number}",
        "{new} = {x} - {like}",
        "{new} = {x} + {number}",
        "{new} = {number} - {x}",
        "{new} = {x} / {like}",
        "{new} = -{x}",
        "{new} = {x} ** 2",
        "{new} = {x}.sigmoid()",
        "{new} = {x}.exp()",
        "{new} = {x}.sin()",
        "{new} = {x}.tanh()",
        "{new} = {x}.relu()",
        "{new} = {x}.abs()",
        "{new} = {x}.clone()",
        "{new} = {x}.clone()",
        "{new} = {x}.contiguous()",
        "{new} = {x}.sum()",
        "{new} = {x}.sum(0)",
        "{new} = {x}.sum({dim}, keepdim=True)",
        "{new} = {x}.mean()",
        "{new} = {x}.mean({dim})",
        "{new} = {x}.cumsum({dim})",
        "{new} = {x}.softmax({dim})",
        "{new} = {x}.flip(0)",
        "{new} = torch.matmul({x}, {y})",
        "{new} = {x} > {number}",
        "{new} = torch.where({x} > 0, {x}, {number})",
        "{new} = {x}.float()",
        "{new} = {x}.double()",
        "{new} = torch.cat([{x}, {like}])",
        "{new} = torch.stack([{x}, {like}])",
        "{new} = {x}.gather(0, {x}.argmax(0, keepdim=True))",
        "{new} = {x}.clamp(min=0)",
        "{new} = {x} ** {like}",
        "{new} = {x}.sqrt()",
        "{new} = {x}.square()",
        "{new} = {x}.log1p()",
        "{new} = {x}.cos()",
        "{new} = {x}.reciprocal()",
        "{new} = {number} / {x}",
        "{new} = {x}.round()",
        "{new} = {x} % 2",
        "{new} = {x} // 2",
        "{new} = torch.maximum({x}, {like})",
        "{new} = torch.lerp({x}, {like}, 0.5)",
        "{new} = torch.addcmul({x}, {like}, {x})",
        "{new} = {x}.add({like}, alpha=2)",
        "{new} = torch.where({x} > 0, {x}, {like})",
        "{new} = {x} == {like}",
        "{new} = {x}.amax({dim})",
        "{new}, {other} = {x}.max({dim})",
        "{new}, {other} = {x}.sort({dim})",
        "{new}, {other} = {unlike}.topk(1)",
        "{new} = {x}.max()",
        "{new} = {x}.median()",
        "{new} = {x}.prod()",
        "{new} = {x}.var()",
        "{new} = {x}.norm()",
        "{new} = {x}.logsumexp({dim})",
        "{new} = {x}.log_softmax({dim})",
        "{new} = {x}.cumprod({dim})",
        "{new} = {x}.tril()",
        "{new} = torch.outer({x}, {like})",
        "{new} = torch.einsum('i,i->', {x}, {like})",
        "{new} = torch.einsum('ij,kj->ik', {x}, {like})",
        "{new} = torch.addmm({x}, {like}, {like})",
        "{new} = {x}.roll(1)",
        "{new} = {x}.repeat(2, {sizes})",
        "{new} = {x}.index_select({dim}, torch.tensor([0, 0]))",
        "{new} = {x}.masked_select({x} > 0)",
        "{new} = {x}.masked_fill({x} > 0, {number})",
        "{new} = {x}[{x} > 0]",
        "{new} = {x}[[0, 0]]",
        "{new} = {x}[torch.tensor([[0], [-1]])]",
        "{new} = {x}.scatter(0, {x}.argmax(0, keepdim=True), {number})",
        "{new} = {x}.index_add(0, torch.tensor([0]), {x}[:1])",
    ),
    "view": (
        "{new} = {x}[{index}]",
        "{new} = {x}[{index}]",
        "{new} = {x}[...]",
        "{new} = {x}[None]",
        "{new} = {x}[..., 0]",
        "{new} = {x}[..., :1]",
        "{new} = {x}.view(-1)",
        "{new} = {x}.view({x}.shape)",
        "{new} = {x}.reshape(-1)",
        "{new} = {x}.flatten()",
        "{new} = {x}.t()",
        "{new} = {x}.T",
        "{new} = {x}.transpose(0, -1)",
        "{new} = {x}.permute({dims})",
        "{new} = {x}.unsqueeze(0)",
        "{new} = {x}.squeeze()",
        "{new} = {x}.select(0, 0)",
        "{new} = {x}.narrow(0, 0, 1)",
        "{new} = {x}.expand(2, {sizes})",
        "{new} = {x}.as_strided({strided})",
        "{new} = {x}.diagonal()",
        "{new} = {x}.view_as({like})",
        "{new}, {other} = {x}.chunk(2)",
        "{new}, {other} = {x}.unbind()",
        "{new}, {other} = {x}.split(1)",
        "{new} = {x}.unbind()[0]",
        "{new} = {x}.mT",
        "{new} = {x}.movedim(0, -1)",
        "{new} = {x}.squeeze(0)",
        "{new} = {x}.unflatten(0, (-1, 1))",
        "{new} = {x}.expand_as({like})",
        "{new} = {x}.broadcast_to({like}.shape)",
        "{new} = {x}[:, 0]",
        "{new} = {x}[::2]",
        "{new} = list({x})[-1]",
        "{new}, {other} = {x}",
    ),
    "write": (
        "{x}.zero_()",
        "{x}.mul_({like})",
        "{x}.add_({like})",
        "{x}.mul_(2)",
        "{x}.add_(1)",
        "{x}.sub_({like})",
        "{x}.div_({like})",
        "{x} += {like}",
        "{x} *= {number}",
        "{x}.fill_({number})",
        "{x}.copy_({like})",
        "{x}.sigmoid_()",
        "{x}.exp_()",
        "{x}[{index}] = {number}",
        "{x}[{index}] = {y}",
        "{x}[{index}] += 1",
        "{x}[{index}].mul_({number})",
        "{x}[{index}].zero_()",
        "{x}.view(-1).add_(1)",
        "{x}.detach().zero_()",
        "{x}.detach().mul_(2)",
        "{x}.data.mul_(2)",
        "{x}.data.zero_()",
        "{x}.t().mul_({like})",
        "{x}[None].copy_({like})",
        "{x}.grad.zero_()",
        "{x}.grad.mul_(2)",
        "{x}.masked_fill_({x} > 0, {number})",
        "{x}.relu_()",
        "{x}.clamp_(min=0)",
        "{x}.unsqueeze_(0)",
        "{x}.t_()",
        "{x}.squeeze_()",
        "{x}.transpose_(0, -1)",
        "{x}.as_strided_({strided})",
        "{x}.set_({like})",
        "{x}.fill_({y})",
        "{x}.neg_()",
        "{x}.sin_()",
        "{x}.sqrt_()",
        "{x}.pow_(2)",
        "{x} **= 2",
        "{x} -= {like}",
        "{x} /= 2",
        "{x}.add_({like}, alpha=2)",
        "{x}.lerp_({like}, 0.5)",
        "{x}.addcmul_({like}, {like})",
        "{x}.cumsum_({dim})",
        "{x}.round_()",
        "{x}.copy_({y})",
        "{x}[{x} > 0] = {number}",
        "{x}[{x} > 0] = {apart}",
        "{x}[[0]] = {apart}",
        "{x}[:, 0] = {y}",
        "{x}[...] = {y}",
        "{x}.index_put_((torch.tensor([0]),), {apart})",
        "{x}.index_add_(0, torch.tensor([0]), {apart})",
        "{x}.scatter_(0, {x}.argmax(0, keepdim=True), {number})",
        "{x}.masked_fill_({x} > 0, {y})",
        "{x}.detach().copy_({like})",
        "{x}.detach().numpy().fill(2)",
        "{x}.data[{index}] = {number}",
        "{x}.data.add_({like})",
        "{x}.unbind()[0].mul_(2)",
        "{x}.diagonal().fill_({number})",
        "{x}.expand(2, {sizes}).add_(1)",
    ),
    "cut": (
        "{new} = {x}.detach()",
        "{new} = {x}.detach()",
        "{x}.detach_()",
        "{new} = {x}.data",
        "{x}.data = {like}",
        "{x}.data = {like}.detach()",
        "{x}.data = {x}.data * 2",
        "{new} = {x}.detach().requires_grad_()",
        "{new} = {x}.detach().clone()",
        "{new} = {x}.data.requires_grad_()",
        "{x}.data = {y}",
        "{x}.data = {x}[:1]",
        "{x}.grad.detach_()",
        "{new} = {x}.grad.detach()",
    ),
    "flag": (
        "{x}.requires_grad_()",
        "{x}.requires_grad_(False)",
        "{x}.requires_grad = True",
        "{x}.requires_grad = False",
        "{x}.retain_grad()",
        "{x}.retain_grad()",
        "{x}.grad = None",
        "{x}.grad = {like}",
        "{x}.grad = {like}.detach().clone()",
        "{new} = {x}.grad",
        "{new} = {x}",
        "del {x}",
        "torch.set_grad_enabled({truth})",
        "torch.set_grad_enabled(True)",
    ),
    "look": (
        "{x}.grad_fn.next_functions",
        "{x}.grad_fn._saved_self",
        "{x}.grad_fn._saved_other",
        "{x}.grad_fn._saved_result",
        "{x}._base is {y}",
        "{x}.output_nr, {x}.is_leaf, {x}.requires_grad",
        "{x}._version",
        "{x}.grad",
        "print({x})",
        "torch.is_grad_enabled()",
        "torch.autograd.graph.get_gradient_edge({x}).node",
        "torch.no_grad()(lambda: {made}.grad_fn(torch.ones_like({made})))()",
        "torch.no_grad()(lambda: {made}.grad_fn(torch.ones_like({made})))()",
        "{x}.grad_fn.name(), {x}.grad_fn.metadata",
        "{x}.grad_fn._saved_self, {x}.grad_fn._saved_mat2",
        "{x}.grad_fn._saved_dim, {x}.grad_fn._saved_self_sym_sizes",
        "{x}.grad_fn.next_functions[0][0].next_functions",
        "len({x}), bool({x})",
        "float({x}), int({x})",
        "f'{{{x}}}'",
        "{x}.item()",
        "{x}.numpy()",
        "{x}.is_contiguous(), {x}.is_inference(), {x}.storage_offset()",
        "{x} is {y}, {x}.equal({like})",
    ),
    "hook": (
        "{handle} = {x}.register_hook(lambda grad: print('hook', grad))",
        "{handle} = {x}.register_hook(lambda grad: grad * 2)",
        "{handle} = {x}.register_hook(lambda grad: grad + {y})",
        "{handle} = {x}.grad_fn.register_hook(lambda after, before: print('node', after, before))",
        "{handle} = {x}.grad_fn.register_hook(lambda after, before: before)",
        "{handle} = {x}.grad_fn.register_prehook(lambda grads: print('pre', grads))",
        "{handle} = {x}.grad_fn.register_prehook(lambda grads: (grads[0] * 3,))",
        "{handle} = {x}.register_post_accumulate_grad_hook(lambda leaf: print('leaf', leaf.grad))",
        "{handle} = {x}.register_post_accumulate_grad_hook(lambda a: setattr(a, 'grad', None))",
        "{handle} = torch.autograd.graph.register_multi_grad_hook("
        "[{x}, {y}], lambda grads: print('all', grads))",
        "{handle} = torch.autograd.graph.register_multi_grad_hook("
        "[{x}, {y}], lambda grad: print('any', grad), mode='any')",
        "{handle} = {x}.register_hook(lambda grad: print(grad.shape, grad.requires_grad))",
        "{handle} = {x}.register_hook(lambda grad: ({x}.detach().mul_(2), None)[1])",
        "{handle} = {x}.register_hook(lambda grad: ({y} * {y}).sum().backward())",
        "{hooked}.remove()",
        "{hooked}.remove()",
    ),
    "backward": (
        "{x}.sum().backward()",
        "{x}.sum().backward()",
        "{x}.sum().backward(retain_graph=True)",
        "{x}.backward()",
        "{x}.backward({like}.detach().clone())",
        "{x}.backward(torch.ones_like({x}), retain_graph=True)",
        "({x} * {like}).sum().backward()",
        "({x} * {like}).sum().backward(retain_graph=True)",
        "({x} * {x}).sum().backward(create_graph=True)",
        "{x}.sum().backward(inputs=[{y}])",
        "{x}.sum().backward(inputs=[{y}, {like}], retain_graph=True)",
        "torch.autograd.backward([{x}.sum(), {y}.sum()])",
        "{new}, = torch.autograd.grad({x}.sum(), {y})",
        "{new}, = torch.autograd.grad({x}.sum(), {y}, retain_graph=True)",
        "{new}, = torch.autograd.grad({x}.sum(), {y}, create_graph=True)",
        "{new}, = torch.autograd.grad(({x} ** 2).sum(), {y}, create_graph=True)",
        "{new}, {other} = torch.autograd.grad({x}.sum(), [{y}, {like}], allow_unused=True)",
        "{new}, = torch.autograd.grad({x}.sum(), {y}, materialize_grads=True)",
        "{new}, = torch.autograd.grad({x}, {y}, torch.ones_like({x}), allow_unused=True)",
        "torch.autograd.backward([{x}, {y}], [torch.ones_like({x}), None])",
        "torch.autograd.backward(torch.autograd.graph.get_gradient_edge({x}), torch.ones_like({x}))",
        "{new}, = torch.autograd.grad({x}.sum(), torch.autograd.graph.get_gradient_edge({y}))",
        "{x}.mean().backward(inputs={y}, create_graph=True)",
    ),
    "function": ("{new} = {Function}.apply({x})",),
    "functions": ("{new}, {other} = {Function}.apply({x})",),
    "function of two": ("{new} = {Function}.apply({x}, {like})",),
}

MODES = (
    "torch.no_grad()",
    "torch.no_grad()",
    "torch.enable_grad()",
    "torch.set_grad_enabled(False)",
    "torch.inference_mode()",
    "torch.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t)",
    "torch.autograd.graph.saved_tensors_hooks(lambda t: print('pack', t) or t, lambda t: t)",
    "torch.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), lambda t: torch.tensor(t))",
    "torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach(), lambda t: print('unpack', t) or t)",
    "torch.autograd.graph.disable_saved_tensors_hooks('no hooks here')",
    "torch.autograd.graph.allow_mutation_on_saved_tensors()",
)

# How likely each kind is; what comes first is what Hypothesis shortens towards.
KINDS = (
    *["create"] * 2,
    "alike",
    *["compute"] * 6,
    *["view"] * 4,
    *["write"] * 6,
    *["cut"] * 2,
    *["flag"] * 2,
    "look",
    *["hook"] * 2,
    *["backward"] * 5,
    *["function"] * 2,
    *["mode"] * 3,
)

INSIDE = ("compute", "view", "write", "cut", "backward", "alike", "flag")  # the kinds inside a mode

_FUNCTION = """\
class {name}(torch.autograd.Function):
    @staticmethod
    def forward({parameters}):
        {forward}
    @staticmethod
    def backward(ctx, {grads}):
        {backward}"""


def _function(
    name: str, forward: str, backward: str, grads: str = "grad", parameters: str = "ctx, x"
) -> str:
    forward, backward = (text.replace("; ", "\n        ") for text in (forward, backward))
    return _FUNCTION.format(
        name=name, forward=forward, backward=backward, grads=grads, parameters=parameters
    )


FUNCTIONS = {
    "Double": _function("Double", "return x * 2", "return grad * 2"),
    "Square": _function(
        "Square",
        "ctx.save_for_backward(x); return x * x",
        "x, = ctx.saved_tensors; return grad * 2 * x",
    ),
    "Exp": _function(
        "Exp",
        "out = x.exp(); ctx.save_for_backward(out); return out",
        "out, = ctx.saved_tensors; return grad * out",
    ),
    "Same": _function("Same", "return x", "return grad * 3"),
    "View": _function("View", "return x[0]", "return None"),
    "Fill": _function("Fill", "ctx.mark_dirty(x); return x.fill_(2)", "return grad * 0"),
    "Two": _function(
        "Two",
        "return x * 2, x + 1",
        "print('two', one, other); return one * 2 + other",
        "one, other",
    ),
    "OnlyFirst": _function(
        "OnlyFirst",
        "out = x > 0; ctx.mark_non_differentiable(out); return x * 2, out",
        "return one * 2",
        "one, other",
    ),
    "Lazy": _function(
        "Lazy",
        "ctx.set_materialize_grads(False); return x * 2, x * 3",
        "print('lazy', one, other); return one",
        "one, other",
    ),
    "Nothing": _function("Nothing", "return x * 2", "return None"),
    "Once": _function("Once", "return x.sin()", "return grad * 2").replace(
        "    @staticmethod\n    def backward",
        "    @staticmethod\n    @torch.autograd.function.once_differentiable\n    def backward",
    ),
    "Product": _function(
        "Product",
        "ctx.save_for_backward(x, y); return x * y",
        "x, y = ctx.saved_tensors; print(ctx.needs_input_grad); return grad * y, grad * x",
        parameters="ctx, x, y",
    ),
    "Detached": _function("Detached", "return x.detach()", "return grad * 2"),
    "Cube": _function(
        "Cube",
        "y = x * x; ctx.save_for_backward(x, y); return x * y",
        "x, y = ctx.saved_tensors; return grad * 3 * x * x",
    ),
    "Parts": _function("Parts", "return x[:1], x[1:]", "return torch.cat([one, other])", "one, other"),
    "Both": _function("Both", "return x, x * 2", "return one + other * 2", "one, other"),
    "Flat": _function(
        "Flat", "out = x * 2; ctx.mark_non_differentiable(out); return out", "return grad"
    ),
    "Dirty": _function("Dirty", "ctx.mark_dirty(x); x.mul_(2); return x, x * 2", "return one", "one, other"),
    "WithContext": _function("WithContext", "return x * 2", "return grad * ctx.k", parameters="x")
    + "\n    @staticmethod\n    def setup_context(ctx, inputs, output):\n        ctx.k = 2",
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
            if "ctx, x, y" in FUNCTIONS[name]:
                return self.phrase("function of two", name)
            return self.phrase("functions" if "one, other" in FUNCTIONS[name] else kind, name)
        return self.phrase(kind)

    def block(self) -> str:
        """One or two statements inside a mode."""
        mode = self.choose(MODES)
        inside = [self.phrase(self.choose(INSIDE), inference="inference" in mode) for _ in range(self.choose((1, 2)))]
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
                blanks[name] = str(getattr(self, name)(blanks))
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
        made = [n for n, node in nodes.items() if node and node.name() not in left_to_the_engine]
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
        return self.choose(("0", "-1", "1"))

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
