"""Function: an operation whose gradient the user writes.

    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

The surprising idea: `ctx` *is* the node. What `forward` leaves on it is what `backward` finds there,
and the result's `grad_fn` is that very object.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence

import numpy as np

from . import errors
from .detach import detach, detach_
from .errors import demand
from .frames import warn
from .graph import Asked, Node, gradient_edge, set_history
from .hooks import handed
from .inplace import check_history, rewrite_base
from .modes import modes, no_grad, setting
from .observe import Listener, tell, telling
from .ops.views import same
from .saved import SavedTensor, save
from .tensor import Tensor, wrap


class FunctionCtx(Node):
    """The node of a user's Function, which its `forward` and `backward` know as `ctx`."""

    function: type[Function]
    kept: Sequence[SavedTensor | None] | None = ()
    materialize_grads = True
    to_save: tuple = ()
    dirty: tuple[Tensor, ...] = ()
    non_differentiable: tuple[Tensor, ...] = ()
    positions: tuple[int, ...] = ()  # which of the arguments are tensors
    needs_input_grad: tuple[bool, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs for `backward`, under the watch of the version check."""
        self.to_save = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs `forward` has written in place."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say through which outputs no gradient flows."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Should `backward` get zeros (as by default) or None for an output that nobody used?"""
        self.materialize_grads = value

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What was saved. Raises RuntimeError if it was written meanwhile, or is freed."""
        demand(self.kept is not None, errors.SECOND_BACKWARD)
        return tuple(each if each is None else each.unpack(self) for each in self.kept)

    def saved(self) -> dict[str, object]:
        pairs = enumerate(self.kept or ())
        return {f"saved_tensors[{i}]": each for i, each in pairs if each is not None}

    def apply(self, grads: list, on_tensors: bool, asked: Asked = None) -> list:
        given = handed(grads, self)
        if self.materialize_grads:
            given = [
                wrap(np.zeros(shape, dtype)) if grad is None and dtype is not None else grad
                for grad, (shape, dtype) in zip(given, self.outputs)
            ]
        with setting(enabled=on_tensors, formulas=False):
            results = self.function.backward(self, *given)
        found = self.checked(results if isinstance(results, tuple) else (results,))
        return found if on_tensors else [each if each is None else each._array for each in found]

    def checked(self, results: tuple) -> list[Tensor | None]:
        """The gradients of the tensors among the arguments."""
        count = len(self.needs_input_grad)
        while len(results) > count and results[-1] is None:
            results = results[:-1]
        name = type(self).__name__
        demand(len(results) == count, errors.WRONG_NUMBER_OF_GRADIENTS, name, count, len(results))
        for position, each in enumerate(results):
            asked = position in self.positions or each is None
            demand(asked, errors.GRADIENT_OF_NO_TENSOR, name, position + 1)
            known = isinstance(each, Tensor | None)
            demand(known, "expected Variable or None (got {})", type(each).__name__)
        return [results[position] for position in self.positions]

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{type(self).__name__} object at {id(self):#x}>"

    def release(self) -> None:
        if self.kept:
            tell(Listener.freed, self)
        self.kept = None

    # ---- the outputs of `forward` --------------------------------------------------------------------

    def _joined(self, outputs: tuple, inputs: list, tracked: bool) -> tuple:
        """The outputs as they are returned, each with its history, in the order of PyTorch's checks."""
        joined, flowing = [], 0
        for index, out in enumerate(outputs):
            if isinstance(out, Tensor):
                refused = _among(self.non_differentiable, out)
                flows = tracked and out._array.dtype.kind == "f" and not refused
                out = (self._with_history if flows else self._without_history)(out, index, inputs)
                flowing += flows
            joined.append(out)
        if flowing > 1:
            for out in joined:
                if isinstance(out, Tensor) and out._view is not None:
                    out._view.made = "several"
        return tuple(joined)

    def _with_history(self, out: Tensor, index: int, inputs: list) -> Tensor:
        """An output that this node has made."""
        dirty = _among(self.dirty, out)
        if dirty:
            try:
                if out._grad_fn is None and out.requires_grad:
                    raise RuntimeError(errors.LEAF_WRITTEN_BY_FUNCTION)
                demand(out._base is None or len(self.outputs) <= 1, errors.DIRTY_VIEW_OF_SEVERAL)
                if out._grad is not None:
                    out.grad = None  # PyTorch forgets it here, and nowhere else where a tensor is written
                check_history(out)
            except RuntimeError:
                self._tell((out,), [])  # the refusal comes too late for the numbers
                raise
        if not dirty and _among(inputs, out):
            with no_grad():  # an input that is returned as it is comes back as a view of itself
                out = same(out)
        set_history(out, self, index)
        if dirty and out._base is not None:
            rewrite_base(out, self)
        elif out._view is not None:
            out._view.made, out._view.version = "function", out._counter.value
        return out

    def _without_history(self, out: Tensor, index: int, inputs: list) -> Tensor:
        """An output through which no gradient flows."""
        given, dirty = _among(inputs, out), _among(self.dirty, out)
        if out.requires_grad and given:
            return detach(out)
        if out.requires_grad and out._base is None:
            return detach_(out)
        if given and not dirty:
            out = same(out)
        if out._view is not None and not (given and dirty):
            out._view.made = "function"
        return out

    def _tell(self, args: tuple, outputs: list[Tensor]) -> None:
        """Tell a recorder what the function has made, and what it has written."""
        name, made = self.function.__name__, [e for e in outputs if not _among(self.dirty, e)]
        if made:
            tell(Listener.op_ran, name, args, made)
        for each in self.dirty:
            tell(Listener.written, each, name, each._counter.value - 1, args)


class Function:
    """Subclass it with static methods `forward(ctx, ...)` and `backward(ctx, *grads)`.

    Or with `forward(...)` that takes no ctx, and `setup_context(ctx, inputs, output)` after it. Call it
    by `apply`. Follows `torch.autograd.Function`.

    >>> from autograd_core import tensor
    >>> class Double(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         return grad * 2
    >>> a = tensor(3.0, requires_grad=True)
    >>> Double.apply(a)
    tensor(6., grad_fn=<DoubleBackward>)
    """

    node_class: type[FunctionCtx] = FunctionCtx

    def __init_subclass__(cls) -> None:
        if "vjp" in vars(cls):  # another name for it
            cls.backward = cls.vjp
        cls.node_class = type(cls.__name__ + "Backward", (FunctionCtx,), {"function": cls})

    def __init__(self) -> None:
        warn(errors.FUNCTION_INSTANCE.format(type(self)), DeprecationWarning)

    def __call__(self, *args: object, **kwargs: object) -> object:
        raise RuntimeError(errors.FUNCTION_CALLED)

    @staticmethod
    def forward(*args: object) -> object:
        raise NotImplementedError(errors.FUNCTION_FORWARD)

    @staticmethod
    def setup_context(ctx: FunctionCtx, inputs: tuple, output: object) -> None:
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: FunctionCtx, *grads: Tensor) -> object:
        raise NotImplementedError(errors.FUNCTION_BACKWARD)

    @classmethod
    @telling
    def apply(cls, *args: object, **kwargs: object) -> object:
        """Run `forward` on these arguments and join its outputs to the graph."""
        alone = cls.setup_context is not Function.setup_context  # `forward` does without a ctx
        if alone or kwargs:
            bound = inspect.signature(cls.forward).bind(*([] if alone else [None]), *args, **kwargs)
            if alone:
                bound.apply_defaults()
            args = bound.args if alone else bound.args[1:]
        inputs = [each for each in args if isinstance(each, Tensor)]
        needs_input_grad = tuple(isinstance(e, Tensor) and e.requires_grad for e in args)
        tracked = modes.grad and any(needs_input_grad)
        # A view may be given a new node here, and a node is younger than those that it leads to.
        ctx = cls.node_class(tuple(map(gradient_edge, inputs)) if tracked else ())
        ctx.positions = tuple(i for i, each in enumerate(args) if isinstance(each, Tensor))
        ctx.needs_input_grad = needs_input_grad
        # 1. Run the forward. Its own operations are not recorded: `backward` stands for all of them.
        with no_grad():
            output = cls.forward(*args) if alone else cls.forward(ctx, *args)
            if alone:
                cls.setup_context(ctx, args, output)
        single = not isinstance(output, tuple)
        outputs = (output,) if single else output
        for each in ctx.dirty:
            each._counter.value += 1  # once more than the write itself, as in PyTorch
        if not {id(each) for each in ctx.dirty} <= {id(each) for each in outputs}:
            ctx._tell(args, [])  # the refusal comes too late for the count
            raise RuntimeError(errors.DIRTY_NOT_RETURNED)
        # 2. Join the outputs to the node.
        arrays = [getattr(each, "_array", None) for each in outputs]
        ctx.outputs = tuple(((), None) if a is None else (a.shape, a.dtype) for a in arrays)
        joined = ctx._joined(outputs, inputs, tracked)
        # 3. Save what `forward` asked for, results as results.
        if tracked:
            for index, each in enumerate(ctx.to_save):
                known, kind = isinstance(each, Tensor | None), type(each).__name__
                demand(known, errors.SAVED_WHAT, index, kind, kind=TypeError)
            ctx.kept = [
                each if each is None else save(each, _among(joined, each) and not each.is_leaf)
                for each in ctx.to_save
            ]
        ctx.to_save = ()
        ctx._tell(args, [each for each in joined if isinstance(each, Tensor)])
        return joined[0] if single else joined


def _among(tensors: Sequence[Tensor], tensor: Tensor) -> bool:
    return any(tensor is each for each in tensors)


def once_differentiable(backward: Callable) -> Callable:
    """Say that a `backward` cannot be differentiated itself; a second one through it raises.

    Follows `torch.autograd.function.once_differentiable`.
    """

    @functools.wraps(backward)
    def once(ctx: FunctionCtx, *grads: Tensor) -> object:
        with no_grad():
            results = backward(ctx, *grads)
        tensors = [each for each in grads if isinstance(each, Tensor)]
        if not modes.grad or not any(each.requires_grad for each in tensors):
            return results
        listed = results if isinstance(results, tuple) else (results,)
        stop = _Refusal(tuple(map(gradient_edge, tensors)))
        return tuple(each if each is None else stop.guard(each) for each in listed)

    return once


class _Refusal(Node):
    """The node behind a gradient that was declared to be once differentiable."""

    def guard(self, tensor: Tensor) -> Tensor:
        out = detach(tensor)
        set_history(out, self, len(self.outputs))
        self.outputs = (*self.outputs, (out._array.shape, out._array.dtype))
        return out

    def name(self) -> str:
        return "torch::autograd::Error"

    def apply(self, grads: list, on_tensors: bool, asked: Asked = None) -> list:
        raise RuntimeError(errors.ONCE_DIFFERENTIABLE)
